#!/usr/bin/env bash
# zxing-cpp 3.1.1 (PyPI): a Code 39 label with a slash, plus, dollar or percent sign before a letter is read as Code 39 Extended.
#
# Extended Code 39 writes other characters as such pairs, and nothing in the bars tells the two kinds apart. Without a choice of formats the
# reader takes every pair that exists for an extended character. With `Code39Std` alone it gives the label's text.
# What it means for a desk: a serial with a lot, scanned by a telephone, is not the one printed below the bars, and no unit is found.
# Here: scanners write into the field as a keyboard (`app/src/ui/keys.rs`), and an unknown serial never stops a case.
#
# Needs npm (bwip-js 4.11.4 draws the labels) and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . bwip-js@4.11.4 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet zxing-cpp==3.1.1 pillow==13.0.0 numpy==2.4.6

cat >draw.cjs <<'JS'
const { writeFileSync } = require("node:fs");
const { toBuffer } = require("bwip-js");
(async () => {
  for (const [at, text] of ["SN12345", "LOT/A12", "SN+A12", "A/O9"].entries()) {
    const label = { bcid: "code39", text, scale: 3, height: 15, paddingwidth: 20, paddingheight: 20, backgroundcolor: "FFFFFF" };
    writeFileSync(`${at}.png`, await toBuffer(label));
  }
})();
JS
cat >read.py <<'PY'
from PIL import Image
from zxingcpp import BarcodeFormat, read_barcodes
for at, text in enumerate(["SN12345", "LOT/A12", "SN+A12", "A/O9"]):
    image = Image.open(f"{at}.png")
    free, plain = read_barcodes(image), read_barcodes(image, formats=BarcodeFormat.Code39Std)
    print(f"{text}: {free[0].format} {free[0].text}; as Code39Std {plain[0].text}")
PY
node draw.cjs
venv/bin/python read.py | tee said
diff - said <<'SAID'
SN12345: Code 39 SN12345; as Code39Std SN12345
LOT/A12: Code 39 Extended LOT!12; as Code39Std LOT/A12
SN+A12: Code 39 Extended SNa12; as Code39Std SN+A12
A/O9: Code 39 Extended A/9; as Code39Std A/O9
SAID
