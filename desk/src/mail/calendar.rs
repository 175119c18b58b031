//! Invitations (RFC 5545), which add a visit to calendars, move it, or remove it.

use domain::calendar::{LocalTime, ZoneView};
use domain::time::{Instant, Span};

use crate::access::tokens::SEAL;

/// The longest line in octets, without its end (RFC 5545, 3.1).
const LINE: usize = 75;
/// How much of the zone's past and future an invitation has, in seconds: more than any repetition of its rules.
const ZONE_S: i64 = 366 * 24 * 3600;
/// The line that gets the sender's address when the mail is sent.
const ORGANIZER: &str = "ORGANIZER\r\n";

/// Method of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Adds or moves the visit.
    Request,
    /// Removes the visit.
    Cancel,
}

impl Method {
    /// The method's name in the invitation and its MIME part.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }

    /// The method of an invitation.
    pub(crate) fn of(calendar: &str) -> Self {
        if calendar.contains("\r\nMETHOD:CANCEL\r\n") { Self::Cancel } else { Self::Request }
    }
}

/// How an invitation states times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moments {
    /// In the site's local time, as agreed.
    Local,
    /// In UTC: the hour occurs twice at the site, and readers disagree on which of the two it is.
    Utc,
}

impl Moments {
    fn of(zone: &ZoneView, window: Span) -> Self {
        let twice = [window.from, window.to].into_iter().any(|at| zone.is_shown_twice(at));
        if twice { Self::Utc } else { Self::Local }
    }
}

/// An invitation to a visit, for calendars of customer and technician.
#[derive(Debug)]
pub(crate) struct Invitation<'a> {
    pub(crate) method: Method,
    /// The same for all invitations of the visit.
    pub(crate) uid: String,
    /// Rises with every invitation of the visit.
    pub(crate) sequence: u32,
    /// Time of writing.
    pub(crate) stamp: Instant,
    pub(crate) window: Span,
    /// The zone of the site.
    pub(crate) zone: &'a ZoneView,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) location: String,
    pub(crate) url: String,
    /// Names and addresses of the attendees.
    pub(crate) attendees: Vec<(String, String)>,
}

impl Invitation<'_> {
    /// The invitation as text, complete except for its organizer.
    pub(crate) fn write(&self) -> String {
        let mut lines = Lines::default();
        lines.plain("BEGIN:VCALENDAR");
        lines.plain("VERSION:2.0");
        lines.plain("PRODID:-//Vigia//Visits//ES");
        lines.plain("CALSCALE:GREGORIAN");
        lines.folded(&format!("METHOD:{}", self.method.name()));
        let moment = Moments::of(self.zone, self.window);
        if moment == Moments::Local {
            self.write_zone(&mut lines);
        }
        lines.plain("BEGIN:VEVENT");
        lines.folded(&format!("UID:{}", escaped(&self.uid)));
        lines.0.push_str(ORGANIZER);
        lines.folded(&format!("SEQUENCE:{}", self.sequence));
        lines.folded(&format!("DTSTAMP:{}Z", written(LocalTime::new(self.stamp, 0))));
        for (name, at) in [("DTSTART", self.window.from), ("DTEND", self.window.to)] {
            lines.folded(&match moment {
                Moments::Local => format!("{name};TZID={}:{}", self.zone.name, written(self.zone.local(at))),
                Moments::Utc => format!("{name}:{}Z", written(LocalTime::new(at, 0))),
            });
        }
        let url = self.url.replace(|c: char| c.is_control() && c != SEAL, "");
        lines.folded(&format!("SUMMARY:{}", escaped(&self.summary)));
        // Most calendars display no separate URL.
        lines.folded(&format!("DESCRIPTION:{}\\n{}", escaped(&self.description), in_text(&url)));
        lines.folded(&format!("LOCATION:{}", escaped(&self.location)));
        lines.folded(&format!("URL:{url}"));
        for (name, address) in &self.attendees {
            let state = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE";
            lines.folded(&format!("ATTENDEE;{state};CN={}:mailto:{}", quoted(name), bare(address)));
        }
        lines.plain(match self.method {
            Method::Request => "STATUS:CONFIRMED",
            Method::Cancel => "STATUS:CANCELLED",
        });
        lines.plain("TRANSP:OPAQUE");
        lines.plain("END:VEVENT");
        lines.plain("END:VCALENDAR");
        lines.0
    }

    /// The zone's offsets around the window, each change separately, so that no rule need be derived.
    fn write_zone(&self, lines: &mut Lines) {
        let around = Span::new(self.window.from.plus(-ZONE_S), self.window.to.plus(ZONE_S));
        let changes: Vec<(Instant, i32)> =
            self.zone.changes.iter().copied().filter(|(at, _)| around.contains(*at)).collect();
        let first = self.zone.offset_s(around.from);
        let lowest = changes.iter().map(|(_, offset_s)| *offset_s).chain([first]).min().unwrap_or(first);
        lines.plain("BEGIN:VTIMEZONE");
        lines.folded(&format!("TZID:{}", self.zone.name));
        let mut before = first;
        observance(lines, lowest, "19700101T000000", first, first);
        for (at, offset_s) in changes {
            // A change is stated in the local time before it (RFC 5545, 3.6.5).
            observance(lines, lowest, &written(LocalTime::new(at, before)), before, offset_s);
            before = offset_s;
        }
        lines.plain("END:VTIMEZONE");
    }
}

fn observance(lines: &mut Lines, lowest: i32, start: &str, from_s: i32, to_s: i32) {
    let kind = if to_s > lowest { "DAYLIGHT" } else { "STANDARD" };
    lines.folded(&format!("BEGIN:{kind}"));
    lines.folded(&format!("DTSTART:{start}"));
    lines.folded(&format!("TZOFFSETFROM:{}", offset(from_s)));
    lines.folded(&format!("TZOFFSETTO:{}", offset(to_s)));
    lines.folded(&format!("END:{kind}"));
}

/// The invitation with the sender as its organizer.
pub(crate) fn organized(calendar: &str, name: &str, address: &str) -> String {
    let mut line = Lines::default();
    line.folded(&format!("ORGANIZER;CN={}:mailto:{}", quoted(name), bare(address)));
    calendar.replacen(ORGANIZER, &line.0, 1)
}

/// The invitation with `change` applied to each of its lines.
pub(crate) fn changed(calendar: &str, change: impl Fn(&str) -> String) -> String {
    let mut lines = Lines::default();
    for line in calendar.replace("\r\n ", "").split_terminator("\r\n") {
        lines.folded(&change(line));
    }
    lines.0
}

/// Lines as sent: ended by CR LF, none longer than [`LINE`].
#[derive(Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// A short line of plain characters.
    pub(crate) fn plain(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push_str("\r\n");
    }

    /// A long line continues after a line break and a space, never within a character.
    pub(crate) fn folded(&mut self, line: &str) {
        let mut room = LINE;
        for character in line.chars() {
            if character.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            room -= character.len_utf8();
            self.0.push(character);
        }
        self.0.push_str("\r\n");
    }

    /// All lines.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

fn written(local: LocalTime) -> String {
    let LocalTime { year, month, day, hour, minute, second, .. } = local;
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let length = seconds.unsigned_abs();
    format!("{sign}{:02}{:02}", length / 3600, length / 60 % 60)
}

/// A text value (RFC 5545, 3.3.11): special characters are escaped, control characters dropped.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => safe.extend(['\\', character]),
            '\n' => safe.push_str("\\n"),
            _ if character.is_control() => {}
            _ => safe.push(character),
        }
    }
    safe
}

/// A link within a text value. A sealed code remains visible as such.
fn in_text(url: &str) -> String {
    url.split(SEAL).map(escaped).collect::<Vec<_>>().join(&SEAL.to_string())
}

/// A parameter's value (RFC 5545, 3.2) in quotes. Inner quotes are dropped.
fn quoted(text: &str) -> String {
    let inner: String = text.chars().filter(|c| !c.is_control() && *c != '"').collect();
    format!("\"{inner}\"")
}

/// An address without characters that could end its line.
fn bare(address: &str) -> String {
    address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use icalendar::parser::{Component, Property, read_calendar, unfold};
    use proptest::prelude::*;

    use super::*;

    fn tijuana() -> ZoneView {
        let changes = vec![(Instant(1_772_964_000), -7 * 3600), (Instant(1_793_523_600), -8 * 3600)];
        ZoneView { name: "America/Tijuana".to_owned(), offset_s: -8 * 3600, changes }
    }

    fn invitation(zone: &ZoneView) -> Invitation<'_> {
        Invitation {
            method: Method::Request,
            uid: "VE2600421392-1@vigia.example".to_owned(),
            sequence: 2,
            stamp: Instant(1_795_442_400),
            // Monday 23 November 2026, 10:00 to 12:00 in Tijuana.
            window: Span::new(Instant(1_795_456_800), Instant(1_795_464_000)),
            zone,
            summary: "Visita técnica · caso VE26-004213-92".to_owned(),
            description: "Línea uno;\ncoma, barra \\ y fin".to_owned(),
            location: "Torre Ávila, piso 12; sala de redes".to_owned(),
            url: "https://vigia.example/visit/abc".to_owned(),
            attendees: vec![("Luis \"el rápido\" Peña".to_owned(), "luis@example.com".to_owned())],
        }
    }

    fn value<'a>(component: &'a Component<'_>, name: &str) -> &'a Property<'a> {
        component
            .properties
            .iter()
            .find(|property| property.name == name)
            .unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn invitation_is_parsed_by_an_independent_reader() {
        let zone = tijuana();
        let text = organized(&invitation(&zone).write(), "Vigía", "casos@vigia.example");
        assert!(text.split("\r\n").all(|line| line.len() <= LINE), "{text}");
        let unfolded = unfold(&text);
        let calendar = read_calendar(&unfolded).unwrap();
        let property = |name: &str| calendar.properties.iter().find(|p| p.name == name).unwrap().val.as_ref();
        assert_eq!((property("METHOD"), property("VERSION")), ("REQUEST", "2.0"));
        let zone = calendar.components.iter().find(|c| c.name == "VTIMEZONE").unwrap();
        assert_eq!(value(zone, "TZID").val.as_ref(), "America/Tijuana");
        let observances: Vec<_> = zone
            .components
            .iter()
            .map(|c| {
                let of = |name| value(c, name).val.as_ref().to_owned();
                (c.name.as_ref().to_owned(), of("DTSTART"), of("TZOFFSETFROM"), of("TZOFFSETTO"))
            })
            .collect();
        let told = |kind: &str, start: &str, from: &str, to: &str| {
            (kind.to_owned(), start.to_owned(), from.to_owned(), to.to_owned())
        };
        assert_eq!(
            observances,
            [
                told("STANDARD", "19700101T000000", "-0800", "-0800"),
                told("DAYLIGHT", "20260308T020000", "-0800", "-0700"),
                told("STANDARD", "20261101T020000", "-0700", "-0800"),
            ]
        );
        let event = calendar.components.iter().find(|c| c.name == "VEVENT").unwrap();
        let of = |name| value(event, name).val.as_ref();
        assert_eq!((of("UID"), of("SEQUENCE")), ("VE2600421392-1@vigia.example", "2"));
        assert_eq!((of("DTSTART"), of("DTEND")), ("20261123T100000", "20261123T120000"));
        assert_eq!(of("ORGANIZER"), "mailto:casos@vigia.example");
        assert_eq!(of("ATTENDEE"), "mailto:luis@example.com");
        assert_eq!(of("LOCATION"), "Torre Ávila, piso 12; sala de redes");
        assert_eq!(
            of("DESCRIPTION"),
            "Línea uno;\ncoma, barra \\ y fin\nhttps://vigia.example/visit/abc",
            "where the visit can be changed stands in what every calendar shows"
        );
    }

    /// Tijuana, Sunday 1 November 2026: clocks go back at 02:00, which is 09:00 in UTC.
    #[test]
    fn invitation_in_a_repeated_hour_is_written_in_utc() {
        let zone = tijuana();
        let of = |from: i64, to: i64| {
            let window = Span::new(Instant(1_793_523_600 + from), Instant(1_793_523_600 + to));
            let text = Invitation { window, ..invitation(&zone) }.write();
            // The zone's lines have the same names.
            let event = text.split_once("BEGIN:VEVENT").unwrap().1;
            let of_event =
                |name: &str| event.split("\r\n").find(|line| line.starts_with(name)).unwrap().to_owned();
            (of_event("DTSTART"), of_event("DTEND"), text.contains("VTIMEZONE"))
        };
        let (start, end, zone_told) = of(-1800, 1800);
        assert_eq!((start.as_str(), end.as_str()), ("DTSTART:20261101T083000Z", "DTEND:20261101T093000Z"));
        assert!(!zone_told, "no line names it");
        let (start, end, _) = of(-3 * 3600, -1800);
        assert_eq!((start.as_str(), end.as_str()), ("DTSTART:20261101T060000Z", "DTEND:20261101T083000Z"));
        let (start, ..) = of(1800, 3 * 3600);
        assert_eq!(start, "DTSTART:20261101T093000Z");
        let (start, end, zone_told) = of(-3 * 3600, -3600 - 1);
        assert_eq!(start, "DTSTART;TZID=America/Tijuana:20261031T230000");
        assert_eq!(end, "DTEND;TZID=America/Tijuana:20261101T005959");
        assert!(zone_told);
        let (start, ..) = of(3600, 3 * 3600);
        assert_eq!(start, "DTSTART;TZID=America/Tijuana:20261101T020000");
    }

    #[test]
    fn cancelled_invitation_is_marked_as_cancelled() {
        let zone = tijuana();
        let text = Invitation { method: Method::Cancel, sequence: 3, ..invitation(&zone) }.write();
        assert_eq!(Method::of(&text), Method::Cancel);
        assert!(text.contains("STATUS:CANCELLED\r\n"));
        assert_eq!(Method::of(&invitation(&zone).write()), Method::Request);
    }

    proptest! {
        #[test]
        fn typed_text_adds_no_line_to_an_invitation(summary in ".{0,200}", place in "[\\x00-\\x7F]{0,200}", name in ".{0,80}") {
            let zone = tijuana();
            let mut hostile = invitation(&zone);
            let clean = organized(&hostile.write(), "Vigía", "casos@vigia.example");
            (hostile.summary, hostile.location) = (summary, place);
            hostile.attendees = vec![(name.clone(), "luis@example.com".to_owned())];
            let text = organized(&hostile.write(), &name, "casos@vigia.example");
            let lines = |text: &str| text.split("\r\n").filter(|line| !line.starts_with(' ')).count();
            prop_assert_eq!(lines(&text), lines(&clean));
            prop_assert!(text.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n'])));
        }
    }
}
