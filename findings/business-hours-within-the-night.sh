#!/usr/bin/env bash
# businesstimedelta 1.0.1 (PyPI) and moment-business-time 2.0.0 (npm): a case that is opened within a window across midnight has no hours.
#
# businesstimedelta says that an end before the start is a night shift. Its window 22:00 to 06:00 counts 3.5 hours from 21:00 to 01:30, and
# none from 22:30 to 01:30: only a span that begins before the window is counted. moment-business-time takes such a window without a word
# and has no working time in it. business-duration 0.68 (PyPI) counts the 3 hours.
# What it means for a desk: a night desk's promise never falls due for a case of the night.
# Here: a window across midnight is split at midnight (`domain/src/calendar/week.rs`); the rows of the calendar `night` in
# `domain/tests/oracles/sla_vectors.csv` hold the times.
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . moment-business-time@2.0.0 moment@2.30.1 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet businesstimedelta==1.0.1 business-duration==0.68 pandas==3.1.1 pytz==2026.6 holidays==0.109

cat >count.py <<'PY'
from datetime import datetime, time
from business_duration import businessDuration
from businesstimedelta import Rules, WorkDayRule
night = Rules([WorkDayRule(start_time=time(22), end_time=time(6), working_days=[0, 1, 2, 3, 4])])
end = datetime(2026, 12, 1, 1, 30)
for start in (datetime(2026, 11, 30, 21), datetime(2026, 11, 30, 22, 30)):
    other = businessDuration(start, end, time(22), time(6), unit="min")
    print(f"{start:%H:%M} to 01:30: businesstimedelta {night.difference(start, end).timedelta}, business-duration {other:.0f} min")
PY
cat >count.cjs <<'JS'
const moment = require("moment-business-time");
const minutes = (opens, closes, from, to) => {
  const window = [opens, closes];
  moment.updateLocale("en", { workinghours: { 0: null, 1: window, 2: window, 3: window, 4: window, 5: window, 6: null }, holidays: [] });
  return moment(to).workingDiff(moment(from), "minutes");
};
console.log("moment-business-time by day", minutes("08:00:00", "17:00:00", "2026-12-01T08:30:00", "2026-12-01T11:30:00"), "min");
console.log("moment-business-time by night", minutes("22:00:00", "06:00:00", "2026-11-30T22:30:00", "2026-12-01T01:30:00"), "min");
JS
{ venv/bin/python count.py && node count.cjs; } | tee said
diff - said <<'SAID'
21:00 to 01:30: businesstimedelta 3:30:00, business-duration 210 min
22:30 to 01:30: businesstimedelta 0:00:00, business-duration 180 min
moment-business-time by day 180 min
moment-business-time by night 0 min
SAID
