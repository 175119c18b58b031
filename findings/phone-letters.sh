#!/usr/bin/env bash
# phonenumbers 9.0.43 (PyPI) and libphonenumber-js 1.13.16 (npm): letters of a telephone number are read in two ways, or not at all.
#
# phonenumbers dials letters by the keypad (ITU-T E.161): `0800 CPS 0000` of Venezuela is right. In Mexico's `800 CPS MEX 0` the X before
# a digit marks an extension, so the number is two digits short. The Brazilian word `ramal` (extension) is dialled as 72625.
# libphonenumber-js finds no number in any of the three.
# What it means for a desk: the free number that is printed on a contract is refused where it is typed as it is printed.
# Here: letters are dialled before a mark is looked for (`domain/src/phone/`); `domain/tests/oracles/phones.csv` has the rows.
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . libphonenumber-js@1.13.16 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet phonenumbers==9.0.43

cat >read.py <<'PY'
from phonenumbers import PhoneNumberFormat, format_number, is_valid_number, parse
for country, text in [("VE", "0800 CPS 0000"), ("MX", "800 CPS MEX 0"), ("BR", "11 3123-4567 ramal 12"), ("BR", "11 3123-4567 ext 12")]:
    number = parse(text, country)
    print("phonenumbers", text, "->", format_number(number, PhoneNumberFormat.E164), number.extension, is_valid_number(number))
PY
cat >read.cjs <<'JS'
const { parsePhoneNumberFromString } = require("libphonenumber-js/max");
for (const [country, text] of [["VE", "0800 CPS 0000"], ["MX", "800 CPS MEX 0"], ["BR", "11 3123-4567 ramal 12"], ["BR", "11 3123-4567 ext 12"]]) {
  const number = parsePhoneNumberFromString(text, country);
  console.log("libphonenumber-js", text, "->", number ? `${number.number} ${number.ext} ${number.isValid()}` : "none");
}
JS
{ venv/bin/python read.py && node read.cjs; } | tee said
diff - said <<'SAID'
phonenumbers 0800 CPS 0000 -> +588002770000 None True
phonenumbers 800 CPS MEX 0 -> +5280027763 0 False
phonenumbers 11 3123-4567 ramal 12 -> +5511312345677262512 None False
phonenumbers 11 3123-4567 ext 12 -> +551131234567 12 True
libphonenumber-js 0800 CPS 0000 -> none
libphonenumber-js 800 CPS MEX 0 -> none
libphonenumber-js 11 3123-4567 ramal 12 -> none
libphonenumber-js 11 3123-4567 ext 12 -> +551131234567 12 true
SAID
