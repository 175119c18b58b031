#!/usr/bin/env bash
# business-duration 0.68 (PyPI): moments with a zone are counted by the wall clock, so a night in which clocks change is an hour off.
#
# In Tijuana 00:30 to 03:30 lasts four hours on 2026-11-01 and two hours on 2026-03-08. For a desk that is always open the package counts
# three hours in both nights. businesstimedelta 1.0.1 (PyPI) counts four and two.
# What it means for a desk: a promise in hours is an hour late or early for sites at Mexico's northern border.
# Here: spans of open time are in UTC; `dst-fall` and `dst-spring` in `domain/tests/oracles/sla_vectors.csv` hold them to the second.
#
# Needs python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
python3 -m venv venv && venv/bin/pip install --quiet business-duration==0.68 businesstimedelta==1.0.1 pandas==3.1.1 pytz==2026.6 holidays==0.109

cat >count.py <<'PY'
from datetime import datetime, time
import pandas
from business_duration import businessDuration
from businesstimedelta import Rules, WorkDayRule
import pytz
ZONE = pytz.timezone("America/Tijuana")
always = Rules([WorkDayRule(start_time=time(0), end_time=time(23, 59, 59), working_days=range(7), tz=ZONE)])
for day in ("2026-11-01", "2026-03-08"):
    start, end = (pandas.Timestamp(f"{day} {at}", tz="America/Tijuana") for at in ("00:30", "03:30"))
    counted = businessDuration(start, end, time(0), time(23, 59, 59), weekendlist=[], unit="min")
    other = always.difference(*(ZONE.localize(datetime.fromisoformat(f"{day} {at}")) for at in ("00:30", "03:30"))).timedelta
    print(day, "elapsed", (end - start).to_pytimedelta(), "business-duration", f"{counted:.0f} min", "businesstimedelta", other)
PY
venv/bin/python count.py | tee said
diff - said <<'SAID'
2026-11-01 elapsed 4:00:00 business-duration 180 min businesstimedelta 4:00:00
2026-03-08 elapsed 2:00:00 business-duration 180 min businesstimedelta 2:00:00
SAID
