//! A file of closures, event by event, with the lines of what cannot be a closure.

use domain::calendar::week::{CLOSURES_MAX, Closure, NAME_CHARS_MAX};
use domain::i18n::Language;
use domain::t;

use super::events::{self, EventLine};

/// The most problems that are told of one file.
const PROBLEMS_MAX: usize = 200;

/// What a file has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosuresRead {
    /// The closures, in the order of the file.
    pub closures: Vec<Closure>,
    /// Events that cannot be closures, and lines that cannot be read.
    pub problems: Vec<IcsProblem>,
}

/// Why an event is no closure, or a file is none of closures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcsProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: IcsReason,
}

/// What is wrong with a line or an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcsReason {
    /// The file is no iCalendar file.
    NotACalendar,
    /// The file is no text in UTF-8.
    NotText,
    /// The file is larger than [`super::ICS_BYTES_MAX`].
    TooLarge,
    /// The file ends within a calendar or an event.
    Incomplete,
    /// The line cannot be read.
    Unreadable,
    /// A task or a journal entry, no event.
    NotAnEvent,
    /// The event has no day.
    NoDay,
    /// The event has times of a zone: closures are in the wall time of each site.
    Times,
    /// The end is before the beginning, or the event is longer than a year; with times, longer than its day.
    Length,
    /// The event is repeated otherwise than once a year on its day.
    Recurrence,
    /// The event is an exception of a series.
    Exception,
    /// The event was cancelled.
    Cancelled,
    /// The event has no title to be the note, or one that is too long.
    Note,
    /// More closures than a calendar can have.
    TooMany,
}

impl IcsProblem {
    /// Line and reason in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        t!(language, "settings.ics.line", line = self.line, reason = self.reason.message(language))
    }
}

impl IcsReason {
    fn message(self, language: Language) -> String {
        let key = match self {
            Self::NotACalendar => "settings.ics.not_a_calendar",
            Self::NotText => "settings.ics.not_text",
            Self::TooLarge => "settings.ics.too_large",
            Self::Incomplete => "settings.ics.incomplete",
            Self::Unreadable => "settings.ics.unreadable",
            Self::NotAnEvent => "settings.ics.not_an_event",
            Self::NoDay => "settings.ics.no_day",
            Self::Times => "settings.ics.times",
            Self::Length => "settings.ics.length",
            Self::Recurrence => "settings.ics.recurrence",
            Self::Exception => "settings.ics.exception",
            Self::Cancelled => "settings.ics.cancelled",
            Self::Note => return t!(language, "settings.ics.note", most = NAME_CHARS_MAX),
            Self::TooMany => return t!(language, "settings.ics.too_many", most = CLOSURES_MAX),
        };
        t!(language, key).into_owned()
    }
}

/// The closures of a file. `this_year` is that of the reader: a yearly event becomes a closure of this year and of each of
/// the ten after it.
#[must_use]
pub fn read_closures(file: &[u8], this_year: i32) -> ClosuresRead {
    let mut found = ClosuresRead::default();
    if file.len() > super::ICS_BYTES_MAX {
        found.problems.push(IcsProblem { line: 1, reason: IcsReason::TooLarge });
        return found;
    }
    match std::str::from_utf8(file) {
        Ok(text) => found.read(text, this_year),
        Err(wrong) => {
            let before = &file[..wrong.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            found.problems.push(IcsProblem { line, reason: IcsReason::NotText });
        }
    }
    found
}

impl ClosuresRead {
    fn read(&mut self, text: &str, this_year: i32) {
        let lines = unfolded(text);
        let opens = lines.iter().find(|(_, line)| !line.trim().is_empty());
        if !opens.is_some_and(|(_, line)| line.trim().eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
            self.refuse(opens.map_or(1, |(number, _)| *number), IcsReason::NotACalendar);
            return;
        }
        // Components around the line, outermost first.
        let mut open: Vec<String> = Vec::new();
        let mut event: (usize, Vec<EventLine>) = (0, Vec::new());
        for (number, line) in &lines {
            match boundary(line) {
                Some((Boundary::Begin, name)) => {
                    match (open.len(), name.as_str()) {
                        (1, "VEVENT") => event = (*number, Vec::new()),
                        (1, "VTODO" | "VJOURNAL") => self.refuse(*number, IcsReason::NotAnEvent),
                        _ => {}
                    }
                    open.push(name);
                }
                Some((Boundary::End, name)) => {
                    if open.pop().as_ref() != Some(&name) {
                        self.refuse(*number, IcsReason::Unreadable);
                        return;
                    }
                    if open.len() == 1 && name == "VEVENT" {
                        self.take(event.0, &event.1, this_year);
                    }
                }
                None if open.len() == 2 && open[1] == "VEVENT" => match EventLine::parse(*number, line) {
                    Some(line) => event.1.push(line),
                    None => self.refuse(*number, IcsReason::Unreadable),
                },
                None => {}
            }
        }
        if !open.is_empty() {
            self.refuse(lines.last().map_or(1, |(number, _)| *number), IcsReason::Incomplete);
        }
    }

    /// Takes one event; `line` is its first.
    fn take(&mut self, line: usize, event: &[EventLine], this_year: i32) {
        match events::closures(line, event, this_year) {
            Ok(closures) if self.closures.len() + closures.len() > CLOSURES_MAX => {
                self.refuse(line, IcsReason::TooMany);
            }
            Ok(closures) => self.closures.extend(closures),
            Err((line, reason)) => self.refuse(line, reason),
        }
    }

    fn refuse(&mut self, line: usize, reason: IcsReason) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(IcsProblem { line, reason });
        }
    }
}

/// Logical lines with the number of the first line of each (RFC 5545, 3.1).
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ if line.is_empty() => {}
            _ => lines.push((at + 1, line.to_owned())),
        }
    }
    lines
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boundary {
    Begin,
    End,
}

/// The component that begins or ends with a line.
fn boundary(line: &str) -> Option<(Boundary, String)> {
    let (name, value) = line.split_once(':')?;
    let which = match name.to_ascii_uppercase().as_str() {
        "BEGIN" => Boundary::Begin,
        "END" => Boundary::End,
        _ => return None,
    };
    Some((which, value.trim().to_ascii_uppercase()))
}
