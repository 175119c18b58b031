#!/usr/bin/env bash
# postal-mime 4.0.0 (npm): the marks of a quotation that is `format=flowed` stand in the midst of its joined lines.
#
# RFC 3676, 4.5: quoted lines of one depth, all but the last with a space at the end, are one paragraph; the mark is taken off before they are
# joined. `> the fan ` and `> has stopped` are `> the fan has stopped`. postal-mime gives `> the fan > has stopped`. mailparser 3.14.2 (npm)
# joins them right.
# What it means for a desk: a text that quotes us differs from what was sent, so the quotation is not found and stays in the case.
# Here: lines are read as they were sent, and known text is found across line ends (`desk/src/inbound/reply/`).
#
# Needs npm. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . postal-mime@4.0.0 mailparser@3.14.2 >/dev/null

cat >read.mjs <<'JS'
import { simpleParser } from "mailparser";
import PostalMime from "postal-mime";
const mail = [
  "From: ana@example.com", "Subject: Visit", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8; format=flowed", "",
  "> the fan ", "> has stopped", "It turns ", "again.", "",
].join("\r\n");
console.log("postal-mime", JSON.stringify((await new PostalMime().parse(mail)).text.trim()));
console.log("mailparser", JSON.stringify((await simpleParser(mail)).text.trim()));
JS
node read.mjs | tee said
diff - said <<'SAID'
postal-mime "> the fan > has stopped\nIt turns again."
mailparser "> the fan has stopped\nIt turns again."
SAID
