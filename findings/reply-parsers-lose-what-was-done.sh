#!/usr/bin/env bash
# email-reply-parser 0.5.12 and mail-parser-reply 1.36 (PyPI): steps and facts of an answer are dropped, and Spanish quotations are kept.
#
# email-reply-parser takes a last paragraph whose lines begin with a dash and a letter or digit for a signature: a list of steps is gone.
# mail-parser-reply with the language `es` cuts at two lines such as `De:` and `Para:` that the writer wrote, without any quotation below.
# Neither finds the line that Gmail writes in Spanish above a quotation, though `es` is a language of the second. Both find the English one.
# What it means for a desk: the technician reads less than the customer wrote, or our own mail once more.
# Here: a quotation is what we sent, and no word of the author is lost: `desk/src/inbound/reply/tests.rs`, real mails in `server/tests/oracles/`.
#
# Needs python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
python3 -m venv venv && venv/bin/pip install --quiet email-reply-parser==0.5.12 mail-parser-reply==1.36

cat >read.py <<'PY'
from email_reply_parser import EmailReplyParser as First
from mailparser_reply import EmailReplyParser as Second
ANSWERS = {
    "steps": "Hice esto:\n\n-Apagué el equipo\n-Lo encendí\n",
    "facts": "No enciende.\nDe: Cali\nPara: Bogotá\nEl equipo viajó ayer.\n",
    "Spanish": "Ya funciona.\n\nEl lun, 30 nov 2026 a las 10:15, Mesa <mesa@example.com> escribió:\n> ¿Funciona?\n",
    "English": "It works.\n\nOn Mon, 30 Nov 2026 at 10:15, Desk <desk@example.com> wrote:\n> Does it?\n",
}
for name, text in ANSWERS.items():
    print(name, "email-reply-parser", repr(First.parse_reply(text)))
    print(name, "mail-parser-reply", repr(Second(languages=["es", "en"]).parse_reply(text)))
PY
venv/bin/python read.py | tee said
diff - said <<'SAID'
steps email-reply-parser 'Hice esto:'
steps mail-parser-reply 'Hice esto:\n\n-Apagué el equipo\n-Lo encendí'
facts email-reply-parser 'No enciende.\nDe: Cali\nPara: Bogotá\nEl equipo viajó ayer.'
facts mail-parser-reply 'No enciende.'
Spanish email-reply-parser 'Ya funciona.\n\nEl lun, 30 nov 2026 a las 10:15, Mesa <mesa@example.com> escribió:'
Spanish mail-parser-reply 'Ya funciona.\n\nEl lun, 30 nov 2026 a las 10:15, Mesa <mesa@example.com> escribió:\n> ¿Funciona?'
English email-reply-parser 'It works.'
English mail-parser-reply 'It works.'
SAID
