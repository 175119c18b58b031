#!/usr/bin/env bash
# ical.js 2.2.1 and node-ical 0.26.1 (npm): a local time in the hour that happens twice is read as the second one, an hour late.
#
# RFC 5545, 3.3.5: a local time that occurs twice means the first. In Tijuana clocks go back on 2026-11-01 from 02:00 PDT to 01:00 PST,
# so `DTSTART;TZID=America/Tijuana:20261101T013000` is 08:30 UTC. icalendar 7.3.2 and ics 0.7.2 (PyPI) read that; ical.js and node-ical
# read 09:30 UTC, and the event lasts half an hour and not an hour and a half.
# What it means for a desk: customer and technician see a visit an hour apart.
# Here: DTSTART and DTEND are written in UTC in that hour (`desk/src/mail/calendar.rs`).
#
# Needs npm and python3 with venv. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . ical.js@2.2.1 node-ical@0.26.1 >/dev/null
python3 -m venv venv && venv/bin/pip install --quiet icalendar==7.3.2 ics==0.7.2

sed 's/$/\r/' >visit.ics <<'ICS'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//probe//EN
BEGIN:VTIMEZONE
TZID:America/Tijuana
BEGIN:DAYLIGHT
DTSTART:20260308T020000
TZOFFSETFROM:-0800
TZOFFSETTO:-0700
TZNAME:PDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261101T020000
TZOFFSETFROM:-0700
TZOFFSETTO:-0800
TZNAME:PST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20261001T000000Z
DTSTART;TZID=America/Tijuana:20261101T013000
DTEND;TZID=America/Tijuana:20261101T020000
SUMMARY:Visit
END:VEVENT
END:VCALENDAR
ICS
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const text = readFileSync("visit.ics", "utf8");
const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
const told = (name, start, end) => console.log(name, start.toISOString().slice(11, 16), end.toISOString().slice(11, 16));
told("ical.js", event.startDate.toJSDate(), event.endDate.toJSDate());
const other = Object.values(ical.sync.parseICS(text)).find((part) => part.type === "VEVENT");
told("node-ical", other.start, other.end);
JS
cat >read.py <<'PY'
from datetime import timezone
import icalendar, ics
text = open("visit.ics", newline="").read()
event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
utc = lambda name: event[name].dt.astimezone(timezone.utc).strftime("%H:%M")
print("icalendar", utc("dtstart"), utc("dtend"))
event = next(iter(ics.Calendar(text).events))
print("ics", event.begin.to("utc").strftime("%H:%M"), event.end.to("utc").strftime("%H:%M"))
PY
seen=$(node read.mjs && venv/bin/python read.py)
echo "$seen"
[ "$seen" = $'ical.js 09:30 10:00\nnode-ical 09:30 10:00\nicalendar 08:30 10:00\nics 08:30 10:00' ] ||
  { echo "the behaviour has changed" >&2 && exit 1; }
