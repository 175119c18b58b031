#!/usr/bin/env bash
# mailparser 3.14.2 (npm): a comment or a phrase beside a message id becomes part of the id, and an id of its own.
#
# RFC 5322, 3.6.4 and 4.5.4: In-Reply-To and References may have comments, and in their obsolete form phrases, which older programs write.
# `<1@example.com> (Desk's message)` is given back with a `>` at its end, and as three references. A quoted phrase before the id gets a `<`.
# What it means for a desk: an answer is not found by its thread, and opens a second case.
# Here: all that has the form of an id is taken, of both fields: `ids_of_a_thread_are_found_in_any_writing` in `desk/src/inbound/headers.rs`.
#
# Needs npm. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . mailparser@3.14.2 >/dev/null

cat >read.mjs <<'JS'
import { simpleParser } from "mailparser";
for (const ids of ["<1@example.com> <2@example.com>", "<1@example.com> (Desk's message)", "\"Desk's message\" <1@example.com>"]) {
  const mail = await simpleParser(`From: ana@example.com\r\nSubject: Visit\r\nIn-Reply-To: ${ids}\r\nReferences: ${ids}\r\n\r\nText\r\n`);
  console.log(`${ids}: ${JSON.stringify(mail.inReplyTo)} ${JSON.stringify(mail.references)}`);
}
JS
node read.mjs | tee said
diff - said <<'SAID'
<1@example.com> <2@example.com>: "<1@example.com> <2@example.com>" ["<1@example.com>","<2@example.com>"]
<1@example.com> (Desk's message): "<1@example.com> (Desk's message)>" ["<1@example.com>","<(Desk's>","<message)>"]
"Desk's message" <1@example.com>: "<\"Desk's message\" <1@example.com>" ["<\"Desk's>","<message\">","<1@example.com>"]
SAID
