//! What a calendar answers to an invitation (RFC 5546): the attendee's status, and the time of a counter-proposal.
//!
//! UID, SEQUENCE and PARTSTAT are read, and no other time than that of a counter. Calendars rewrite the time of an
//! invitation in zones of their own.

use super::mail::Mail;

/// Most lines of a calendar that are read.
const MAX_LINES: usize = 5_000;

/// A calendar's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarAnswer {
    /// The UID of the invitation.
    pub uid: String,
    /// The revision of the invitation that is answered.
    pub sequence: u32,
    /// The address of the attendee who answers, in lower case.
    pub attendee: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// The attendee's remark; empty if there is none.
    pub comment: String,
}

/// What an attendee answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The attendee comes.
    Accepted,
    /// The attendee does not come.
    Declined,
    /// The attendee does not know yet, or the status is unknown.
    Tentative,
    /// The attendee proposes another time, which needs a confirmation.
    Counter {
        /// Its beginning.
        start: CalendarTime,
        /// Its end.
        end: CalendarTime,
    },
}

/// A time as a calendar writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarTime {
    /// The digits of the wall clock: `20260303T090000`.
    pub local: String,
    /// The zone: `UTC`, the name of the file, or nothing where the file names none.
    pub zone: Option<String>,
}

/// The answer that a mail contains; `None` if it contains no calendar that answers.
pub(super) fn answer(mail: &Mail) -> Option<CalendarAnswer> {
    mail.parts.iter().filter(|part| part.content_type == "text/calendar").find_map(|part| read(&part.text))
}

/// A property of a calendar: name in upper case, parameters, value.
struct Property<'a> {
    name: String,
    parameters: &'a str,
    value: &'a str,
}

impl Property<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.split(';').find_map(|one| {
            let (own, value) = one.split_once('=')?;
            own.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }
}

fn read(text: &str) -> Option<CalendarAnswer> {
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut method = String::new();
    let mut in_event = false;
    let (mut uid, mut sequence, mut comment) = (None, 0, String::new());
    let (mut status, mut attendee, mut start, mut end) = (None, None, None, None);
    for property in unfolded.lines().take(MAX_LINES).filter_map(property) {
        match property.name.as_str() {
            "METHOD" => method = property.value.trim().to_ascii_uppercase(),
            "BEGIN" if property.value.trim().eq_ignore_ascii_case("VEVENT") => in_event = true,
            // The first event is the answer: others are single days of a series.
            "END" if property.value.trim().eq_ignore_ascii_case("VEVENT") => break,
            _ if !in_event => {}
            "UID" => uid = Some(property.value.trim().to_owned()),
            "SEQUENCE" => sequence = property.value.trim().parse().unwrap_or(0),
            "COMMENT" => comment = unescaped(property.value),
            "ATTENDEE" if status.is_none() => {
                status = property.parameter("PARTSTAT").map(str::to_ascii_uppercase);
                let address = property.value.trim().to_lowercase();
                attendee = address.strip_prefix("mailto:").map(str::to_owned).filter(|one| one.contains('@'));
            }
            "DTSTART" => start = time(&property),
            "DTEND" => end = time(&property),
            _ => {}
        }
    }
    let answer = match (method.as_str(), status.as_deref()) {
        ("COUNTER", _) => match (start, end) {
            (Some(start), Some(end)) => Answer::Counter { start, end },
            _ => Answer::Tentative,
        },
        ("REPLY", Some("ACCEPTED")) => Answer::Accepted,
        ("REPLY", Some("DECLINED")) => Answer::Declined,
        ("REPLY", _) => Answer::Tentative,
        _ => return None,
    };
    Some(CalendarAnswer { uid: uid.unwrap_or_default(), sequence, attendee, answer, comment })
}

/// A line as a property. The colon that ends the parameters stands outside of quotes.
fn property(line: &str) -> Option<Property<'_>> {
    let mut quoted = false;
    let colon = line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == ':' && !quoted).then_some(at)
    })?;
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some(Property { name: name.trim().to_ascii_uppercase(), parameters, value })
}

fn time(property: &Property<'_>) -> Option<CalendarTime> {
    let value = property.value.trim();
    let (local, zone) = match value.strip_suffix(['Z', 'z']) {
        Some(local) => (local, Some("UTC".to_owned())),
        None => (value, property.parameter("TZID").map(str::to_owned)),
    };
    let is_time = local.len() == 15
        && local
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 8 { byte == b'T' } else { byte.is_ascii_digit() });
    is_time.then(|| CalendarTime { local: local.to_owned(), zone })
}

fn unescaped(value: &str) -> String {
    value
        .replace("\\n", "\n")
        .replace("\\N", "\n")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(method: &str, lines: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:a\r\n b@v\r\nSEQUENCE:3\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    }

    #[test]
    fn status_of_the_attendee_is_the_answer() {
        for (status, answer) in
            [("ACCEPTED", Answer::Accepted), ("declined", Answer::Declined), ("TENTATIVE", Answer::Tentative)]
        {
            let text = calendar(
                "REPLY",
                &format!("ATTENDEE;CN=\"Pardo: Ana; x\";PARTSTAT={status}:MAILTO:Ana@X.example"),
            );
            let read = read(&text).unwrap();
            assert_eq!((read.uid.as_str(), read.sequence, read.answer), ("ab@v", 3, answer));
            assert_eq!(read.attendee.as_deref(), Some("ana@x.example"));
        }
    }

    #[test]
    fn counter_has_its_own_time() {
        let text = calendar(
            "COUNTER",
            "DTSTART;TZID=\"America/Bogota\":20260304T140000\r\nDTEND:20260304T210000Z\r\nCOMMENT:Mejor\\, por la tarde",
        );
        let read = read(&text).unwrap();
        let time =
            |local: &str, zone: &str| CalendarTime { local: local.to_owned(), zone: Some(zone.to_owned()) };
        assert_eq!(
            read.answer,
            Answer::Counter {
                start: time("20260304T140000", "America/Bogota"),
                end: time("20260304T210000", "UTC")
            }
        );
        assert_eq!(read.comment, "Mejor, por la tarde");
    }

    #[test]
    fn invitation_is_no_answer() {
        assert_eq!(read(&calendar("REQUEST", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b")), None);
        assert_eq!(read("no calendar"), None);
    }
}
