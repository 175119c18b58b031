//! What the desk writes to customers, composed as text and as HTML from the same content. Pure: nothing is sent here.

mod account;
mod amendment;
mod calendar;
mod closing;
mod correction;
mod customer_update;
mod html;
mod links;
mod opening;
mod priority;
mod reopening;
mod resolution;
mod survey;
mod termination;
mod text;
mod visit;
mod warning;

pub(crate) use account::AccountMail;
pub(crate) use amendment::amended;
pub(crate) use calendar::{Invitation, Method, changed, organized};
pub(crate) use closing::{account, closing};
pub(crate) use correction::{Corrected, corrected};
pub(crate) use customer_update::news;
pub(crate) use links::links;
pub(crate) use opening::opening;
pub(crate) use priority::{PriorityChange, priority_changed};
pub(crate) use reopening::reopened;
pub(crate) use resolution::{reminder, resolution};
pub(crate) use survey::survey;
pub(crate) use termination::{cancelled, duplicate};
pub(crate) use visit::{VisitMailContext, to_desk, to_technician, whereabouts_in_line};
pub(crate) use warning::{
    AtRiskCase, AtRiskTarget, LatestAnswer, Recipient, RecipientRole, warning, warnings,
};

use domain::calendar::{MomentStyle, ServiceHours, ZoneView};
use domain::case::Case;
use domain::country::Country;
use domain::hotlines::of_home_first;
use domain::i18n::Language;
use domain::t;
use domain::text::first_words;
use domain::time::Instant;
use serde::Serialize;

use crate::Desk;
use crate::access::tokens::sealed_tracking;
use crate::contracts::labels::Labels;

/// What every mail about a case is made of.
#[derive(Debug)]
pub(crate) struct CaseMailContext<'a> {
    /// The case as its history tells it.
    pub(crate) case: &'a Case,
    /// The hours that count for it.
    pub(crate) hours: &'a ServiceHours,
    /// The customer's own link to it.
    pub(crate) link: String,
    /// What it is called in lists.
    pub(crate) labels: Labels,
}

/// The letter about a case. Its link is without its code, which is put in when it is sent.
pub(crate) fn mail_context<'a>(
    desk: &Desk,
    case: &'a Case,
    hours: &'a ServiceHours,
    labels: Labels,
) -> CaseMailContext<'a> {
    let link = format!("{}/track/{}", desk.public_url(), sealed_tracking(case.opening.number));
    CaseMailContext { case, hours, link, labels }
}

impl CaseMailContext<'_> {
    fn language(&self) -> Language {
        self.case.opening.language
    }

    /// The greeting, by name; by another key and without a name where nobody stands for the case but its sender: their words
    /// stand in no inbox under the desk's name.
    fn greeting(&self, key: &str, unverified: &str) -> String {
        if self.case.is_unverified() {
            t!(self.language(), unverified).into_owned()
        } else {
            t!(self.language(), key, name = self.case.opening.report.contact.name)
        }
    }

    /// The subject of a key.
    fn subject(&self, key: &str) -> String {
        self.subject_in(self.language(), key)
    }

    /// The subject of a key, and what the case is about: equipment and site as registered, else platform and country. What
    /// somebody typed is no part of it, and a stranger is not told what the register holds.
    fn subject_in(&self, language: Language, key: &str) -> String {
        let (number, report) = (self.case.opening.number, &self.case.opening.report);
        let subject = t!(language, key, number = number);
        match &self.labels.site {
            Some(site) if !self.case.is_unverified() => {
                about(&subject, &self.labels.equipment, &site.label())
            }
            _ => {
                let (platform, country) = (report.platform.name_key(), report.country.name_key());
                about(&subject, &t!(language, platform), &t!(language, country))
            }
        }
    }

    /// A mail to the contact with what all of them have: the number, the way to the case, where to call, the small print.
    fn content(&self, subject: String, greeting: String, promise: MailSection<String>) -> MailBody {
        let (language, opening) = (self.language(), &self.case.opening);
        MailBody {
            language,
            subject,
            greeting,
            number: opening.number.grouped(),
            about_number: Vec::new(),
            notice: None,
            promise,
            link: self.link.clone(),
            button: t!(language, "letter.track.button").into_owned(),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: Vec::new(),
            lines: lines(language, opening.report.country),
            foot: foot(self),
        }
    }

    /// Date, time and whose time it is.
    fn moment(&self, at: Instant) -> String {
        moment(&self.hours.zone, at, self.language())
    }
}

/// A mail, ready to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composed {
    /// The number, fixed words and what is registered: nothing that a stranger typed stands in an inbox under the desk's name.
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a mail about a case says, in the reader's language and not yet marked up. Everything in it is untrusted: each
/// form marks up, wraps and escapes for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailBody {
    #[serde(skip)]
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
    promise: MailSection<String>,
    link: String,
    /// What the button of the link says.
    button: String,
    /// What comes next, step by step; no steps, no title.
    next: MailSection<Vec<String>>,
    facts: Vec<MailSection<Vec<Fact>>>,
    /// Where to call; nowhere, no title.
    lines: MailSection<Vec<String>>,
    foot: Foot,
}

/// The small print at the end of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Foot {
    /// Where to write instead of answering: nobody reads answers to mails.
    answers: String,
    lines: Vec<String>,
}

/// Something under a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailSection<T> {
    title: String,
    body: T,
}

/// One thing that was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Fact {
    label: String,
    value: Value,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Value {
    /// May hold line feeds.
    Text(String),
    /// A link, which may be without its code.
    Link(String),
}

impl Value {
    const fn is_empty(&self) -> bool {
        let (Self::Text(text) | Self::Link(text)) = self;
        text.is_empty()
    }

    fn into_text(self) -> String {
        let (Self::Text(text) | Self::Link(text)) = self;
        text
    }
}

impl MailBody {
    fn compose(self) -> Composed {
        let text = text::render(&self);
        let html = html::render(&self).unwrap_or_else(|error| {
            tracing::error!(%error, "a mail goes out without its markup");
            html::plain(&text)
        });
        Composed { text, html, subject: self.subject }
    }
}

impl Fact {
    fn new(language: Language, label: &str, value: impl Into<String>) -> Self {
        Self { label: t!(language, label).into_owned(), value: Value::Text(value.into()) }
    }
}

/// Where to call, the lines of the customer's own country first.
fn lines(language: Language, home: Country) -> MailSection<Vec<String>> {
    MailSection {
        title: t!(language, "letter.lines.title").into_owned(),
        body: of_home_first(home)
            .map(|line| format!("{}: {}", t!(language, line.country.name_key()), line.printed()))
            .collect(),
    }
}

/// No lines: the staff does not call its own desk.
const fn no_lines() -> MailSection<Vec<String>> {
    MailSection { title: String::new(), body: Vec::new() }
}

/// The small print of a customer's mail.
fn foot(mail_context: &CaseMailContext<'_>) -> Foot {
    let language = mail_context.language();
    let lines = vec![
        text_of_desk(language),
        t!(language, "letter.track.private").into_owned(),
        t!(language, "letter.why").into_owned(),
    ];
    Foot { answers: mail_context.link.clone(), lines }
}

/// The small print of a mail to the staff; `link` leads to what it is about.
fn foot_of_staff(language: Language, link: &str) -> Foot {
    Foot { answers: link.to_owned(), lines: vec![text_of_desk(language)] }
}

/// Characters of a subject that what it is about takes, or where that is: lists of mails show no more.
const SUBJECT_PART: usize = 40;

/// A subject with what it is about, and where that is.
fn about(subject: &str, what: &str, place: &str) -> String {
    let parts = [what, place].map(|part| first_words(part, SUBJECT_PART));
    let told: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    if told.is_empty() { subject.to_owned() } else { format!("{subject} · {}", told.join(", ")) }
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

/// That nobody reads answers; where to write instead follows.
fn answers(language: Language) -> String {
    t!(language, "letter.answers").into_owned()
}

/// Name of the desk, as it signs its mails.
fn text_of_desk(language: Language) -> String {
    domain::t!(language, "letter.desk").into_owned()
}
