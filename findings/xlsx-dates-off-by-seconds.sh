#!/usr/bin/env bash
# xlsx 0.18.5 (SheetJS on npm): a date is written some seconds before its midnight, so on the day before, and read as many seconds late.
#
# A workbook's date is a count of days without a zone. SheetJS counts from 1899 in local time, when cities had offsets with seconds:
# 16 s in Bogotá, 40 s in Caracas, 36 s in Mexico City. `new Date(2026, 11, 1)` becomes 46356.9998, which openpyxl 3.1.5 (PyPI) reads as
# 30 November, 23:59. The cell 46357, read with `cellDates`, is seconds after midnight. In UTC both are exact.
# What it means for a desk: a contract that a customer's program exports starts and ends a day early.
# Here: a cell in the last minute of a day is the next day, unless it is 23:59:00 or 23:59:59 (`desk/src/import/spreadsheet.rs`).
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . xlsx@0.18.5 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet openpyxl==3.1.5

cat >write.cjs <<'JS'
const { utils, read, write, writeFile } = require("xlsx");
const book = (sheet) => ({ SheetNames: ["contracts"], Sheets: { contracts: sheet } });
writeFile(book(utils.aoa_to_sheet([[new Date(2026, 11, 1)]])), "written.xlsx");
const exact = write(book({ "!ref": "A1", A1: { t: "n", v: 46357, z: "dd/mm/yyyy" } }), { type: "buffer", bookType: "xlsx" });
const day = read(exact, { cellDates: true }).Sheets.contracts.A1.v;
process.stdout.write(`${process.env.TZ}: 46357 read as ${day.toString().slice(4, 24)}; `);
JS
cat >read.py <<'PY'
import openpyxl
print("1 December written as", openpyxl.load_workbook("written.xlsx").active["A1"].value.replace(microsecond=0))
PY
for zone in UTC America/Bogota America/Caracas America/Mexico_City; do
  TZ=$zone node write.cjs && venv/bin/python read.py
done | tee said
diff - said <<'SAID'
UTC: 46357 read as Dec 01 2026 00:00:00; 1 December written as 2026-12-01 00:00:00
America/Bogota: 46357 read as Dec 01 2026 00:00:16; 1 December written as 2026-11-30 23:59:44
America/Caracas: 46357 read as Dec 01 2026 00:00:40; 1 December written as 2026-11-30 23:59:20
America/Mexico_City: 46357 read as Dec 01 2026 00:00:36; 1 December written as 2026-11-30 23:59:24
SAID
