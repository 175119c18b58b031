//! What the desk writes to customers, composed as text and as HTML from the same content. Pure: nothing is sent here.

mod amendment;
mod calendar;
mod closing;
mod correction;
mod html;
mod news;
mod opening;
mod reopening;
mod resolution;
mod revision;
mod survey;
mod text;
mod visit;
mod warning;
mod withdrawal;

pub(crate) use amendment::amended;
pub(crate) use calendar::{Invitation, Method, organized};
pub(crate) use closing::{account, closing};
pub(crate) use correction::{Corrected, corrected};
pub(crate) use news::news;
pub(crate) use opening::opening;
pub(crate) use reopening::reopened;
pub(crate) use resolution::{reminder, resolution};
pub(crate) use revision::{Reweighed, reweighed};
pub(crate) use survey::survey;
pub(crate) use visit::{Told, to_technician};
pub(crate) use warning::{OnIt, Pressing, Reader, Stake, warning, warnings};
pub(crate) use withdrawal::{cancelled, duplicate};

use domain::calendar::{MomentStyle, ZoneView};
use domain::case::Case;
use domain::country::Country;
use domain::entitlement::Hours;
use domain::lines::of_home_first;
use domain::t;
use domain::time::Instant;
use domain::words::Language;

/// What every mail about a case is made of.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    /// The case.
    pub(crate) case: &'a Case,
    /// The hours that count for it.
    pub(crate) hours: &'a Hours,
    /// The customer's own link to it.
    pub(crate) link: String,
}

impl Letter<'_> {
    fn language(&self) -> Language {
        self.case.opening.language
    }

    /// Date, time and whose time it is.
    fn moment(&self, at: Instant) -> String {
        moment(&self.hours.zone, at, self.language())
    }
}

/// A mail, ready to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composed {
    /// Fixed words and the number alone: nothing that a stranger typed stands in an inbox under the desk's name.
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a mail about a case says, in the reader's language and not yet marked up. Everything in it is untrusted: each
/// form marks up, wraps and escapes for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Content {
    language: Language,
    subject: String,
    greeting: String,
    /// The case's number in groups.
    number: String,
    /// What stands below the number.
    about_number: Vec<String>,
    /// A word of caution, if one is due.
    notice: Option<String>,
    /// What matters most: what is promised now, what is asked, what came of it.
    promise: Titled<String>,
    link: String,
    /// What the button of the link says.
    button: String,
    /// What comes next, step by step; no steps, no title.
    next: Titled<Vec<String>>,
    facts: Vec<Titled<Vec<Fact>>>,
    /// Where to call; nowhere, no title.
    lines: Titled<Vec<String>>,
    /// Small print.
    foot: Vec<String>,
}

/// Something under a title.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Titled<T> {
    title: String,
    body: T,
}

/// One thing that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    label: String,
    /// May hold line feeds.
    value: String,
}

impl Content {
    fn compose(self) -> Composed {
        Composed { text: text::render(&self), html: html::render(&self), subject: self.subject }
    }
}

impl Fact {
    fn new(language: Language, label: &str, value: impl Into<String>) -> Self {
        Self { label: t!(language, label).into_owned(), value: value.into() }
    }
}

/// Where to call, the lines of the customer's own country first.
fn lines(language: Language, home: Country) -> Titled<Vec<String>> {
    Titled {
        title: t!(language, "letter.lines.title").into_owned(),
        body: of_home_first(home)
            .map(|line| format!("{}: {}", t!(language, line.country.name_key()), line.printed()))
            .collect(),
    }
}

/// No lines: the staff does not call its own desk.
const fn no_lines() -> Titled<Vec<String>> {
    Titled { title: String::new(), body: Vec::new() }
}

/// The small print.
fn foot(language: Language) -> Vec<String> {
    vec![
        text_of_desk(language),
        t!(language, "letter.track.private").into_owned(),
        t!(language, "letter.why").into_owned(),
    ]
}

/// Date, time and whose time it is.
fn moment(zone: &ZoneView, at: Instant, language: Language) -> String {
    let local = zone.local(at);
    let (hours, minutes) = (local.offset_s.unsigned_abs() / 3600, local.offset_s.unsigned_abs() / 60 % 60);
    let sign = if local.offset_s < 0 { '-' } else { '+' };
    t!(
        language,
        "letter.moment",
        moment = local.format(language, MomentStyle::Long),
        place = place(zone, language),
        offset = format!("UTC{sign}{hours:02}:{minutes:02}"),
    )
}

/// What people call a zone: its city.
fn place(zone: &ZoneView, language: Language) -> String {
    match zone.name.as_str() {
        "America/Mexico_City" => t!(language, "letter.place.mexico_city").into_owned(),
        "America/Bogota" => t!(language, "letter.place.bogota").into_owned(),
        "America/Cancun" => t!(language, "letter.place.cancun").into_owned(),
        name => name.rsplit('/').next().unwrap_or(name).replace('_', " "),
    }
}

/// Who writes.
fn text_of_desk(language: Language) -> String {
    domain::t!(language, "letter.desk").into_owned()
}
