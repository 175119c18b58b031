#!/usr/bin/env bash
# date-holidays 3.37.0 (npm): Mexico's change of government is on the day that was abolished, and Easter Sunday is a public holiday.
#
# The Ley Federal del Trabajo, article 74, gives 1 October of every sixth year from 2024 (Diario Oficial of 2024-09-30). The package has
# 1 December of 2024 and 2030. Neither Colombia's Ley 51 of 1983 nor Venezuela's LOTTT names Easter Sunday. The package marks it public.
# holidays 0.109 (PyPI) has 1 October and no Easter Sunday.
# What it means for a desk: a clock runs on a holiday and stands still on a working day; one that is open on Sundays loses a day.
# Here: `SixYearly` in `domain/src/calendar/holidays.rs`, and 494 dates of 2024 to 2035 in `domain/tests/oracles/holidays.csv`.
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . date-holidays@3.37.0 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet holidays==0.109

cat >list.cjs <<'JS'
const Holidays = require("date-holidays");
const days = { MX: ["2024-10-01", "2024-12-01", "2030-10-01", "2030-12-01"], CO: ["2026-04-05", "2026-07-13"], VE: ["2026-04-05"] };
for (const country in days)
  for (const day of days[country]) {
    const found = new Holidays(country).getHolidays(Number(day.slice(0, 4))).some((one) => one.type === "public" && one.date.startsWith(day));
    console.log("date-holidays", country, day, found ? "holiday" : "working day");
  }
JS
cat >list.py <<'PY'
from holidays import country_holidays
for country, days in [("MX", ["2024-10-01", "2024-12-01", "2030-10-01", "2030-12-01"]), ("CO", ["2026-04-05", "2026-07-13"]), ("VE", ["2026-04-05"])]:
    for day in days:
        print("holidays", country, day, "holiday" if day in country_holidays(country) else "working day")
PY
{ node list.cjs && venv/bin/python list.py; } | tee said
diff - said <<'SAID'
date-holidays MX 2024-10-01 working day
date-holidays MX 2024-12-01 holiday
date-holidays MX 2030-10-01 working day
date-holidays MX 2030-12-01 holiday
date-holidays CO 2026-04-05 holiday
date-holidays CO 2026-07-13 holiday
date-holidays VE 2026-04-05 holiday
holidays MX 2024-10-01 holiday
holidays MX 2024-12-01 working day
holidays MX 2030-10-01 holiday
holidays MX 2030-12-01 working day
holidays CO 2026-04-05 working day
holidays CO 2026-07-13 holiday
holidays VE 2026-04-05 working day
SAID
