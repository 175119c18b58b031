#!/usr/bin/env bash
# icalendar 7.3.2 and vobject 0.9.9 (PyPI): the rules of a VTIMEZONE are kept by their name for the whole process; node-ical 0.26.1 (npm)
# does not read them.
#
# RFC 5545, 3.6.5: a VTIMEZONE defines its TZID for its own file. Two files call their zone `Oficina`, at -06:00 and at -07:00. 10:00 of the
# second file is 17:00 UTC. Both Python packages read 16:00, and right if it is the first file they read. ical.js 2.2.1 reads 17:00 with the zone
# registered. node-ical takes the zone of the machine.
# What it means for a desk: the time of a visit depends on which mail was read before, or on the server.
# Here: no time of an answer is taken but a counter-proposal's, which is shown with its zone and confirmed (`desk/src/inbound/calendar.rs`).
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . ical.js@2.2.1 node-ical@0.26.1 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet icalendar==7.3.2 vobject==0.9.9

for offset in -0600 -0700; do
  sed 's/$/\r/' >"visit$offset.ics" <<ICS
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//probe//EN
BEGIN:VTIMEZONE
TZID:Oficina
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:$offset
TZOFFSETTO:$offset
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20261001T000000Z
DTSTART;TZID=Oficina:20261201T100000
DTEND;TZID=Oficina:20261201T110000
SUMMARY:Visit
END:VEVENT
END:VCALENDAR
ICS
done
cat >read.py <<'PY'
import sys
from datetime import timezone
import icalendar, vobject
for offset in sys.argv[1:]:
    text = open(f"visit{offset}.ics", newline="").read()
    moments = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["dtstart"].dt, vobject.readOne(text).vevent.dtstart.value
    print(offset, *(f"{name} {moment.astimezone(timezone.utc):%H:%M}" for name, moment in zip(("icalendar", "vobject"), moments)))
PY
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const text = readFileSync("visit-0700.ics", "utf8");
const calendar = new ICAL.Component(ICAL.parse(text));
ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
const told = (moment) => moment.toISOString().slice(11, 16);
const other = Object.values(ical.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
console.log(`-0700 on a machine in ${process.env.TZ}: ical.js ${told(event.startDate.toJSDate())} node-ical ${told(other.start)}`);
JS
{
  venv/bin/python read.py -0600 -0700
  venv/bin/python read.py -0700
  for zone in UTC America/Bogota; do TZ=$zone node read.mjs; done
} | tee said
diff - said <<'SAID'
-0600 icalendar 16:00 vobject 16:00
-0700 icalendar 16:00 vobject 16:00
-0700 icalendar 17:00 vobject 17:00
-0700 on a machine in UTC: ical.js 17:00 node-ical 10:00
-0700 on a machine in America/Bogota: ical.js 17:00 node-ical 15:00
SAID
