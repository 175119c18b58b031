//! Mails as text and HTML, composed from the same content. Pure: nothing is sent here.

mod account;
mod amendment;
pub(crate) mod calendar;
mod closing;
mod correction;
mod customer;
mod customer_update;
mod html;
mod links;
mod opening;
mod participant;
mod priority;
mod reopening;
mod resolution;
mod survey;
mod termination;
mod text;
mod visit;
mod warning;

pub(crate) use account::{AccountMail, ChangedBy};
pub(crate) use amendment::amended;
pub(crate) use calendar::{Invitation, Method, changed, organized};
pub(crate) use closing::{account, closing};
pub(crate) use correction::{Corrected, corrected};
pub(crate) use customer::{CompanyLetter, EntryLetter};
pub(crate) use customer_update::{SentWith, news};
pub(crate) use links::{link_renewed, links};
pub(crate) use opening::opening;
pub(crate) use participant::invited;
pub(crate) use priority::{PriorityChange, priority_changed};
pub(crate) use reopening::reopened;
pub(crate) use resolution::{reminder, resolution};
pub(crate) use survey::survey;
pub(crate) use termination::{cancelled, duplicate};
pub(crate) use visit::{VisitMailContext, to_desk, to_technician, whereabouts_in_line};
pub(crate) use warning::{
    AtRiskCase, AtRiskTarget, LatestAnswer, Recipient, RecipientRole, warning, warnings,
};

use std::sync::Arc;

use domain::attachment::ContentHash;
use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::country::Country;
use domain::i18n::Language;
use domain::provider::{Hotlines, Signature};
use domain::t;
use domain::time::Instant;
use domain::wording::{MailPart, MailTextKind, Variable};
use serde::Serialize;

use crate::Desk;
use crate::access::tokens::{TrackingLink, sealed_tracking};
use crate::contracts::labels::Labels;
use crate::provider::{Brand, Logo};
use crate::wording::{MailTexts, Values, matter};

/// The data of every mail about a case.
#[derive(Debug)]
pub(crate) struct CaseMailContext<'a> {
    /// The case.
    pub(crate) case: &'a Case,
    /// Its service hours.
    pub(crate) hours: &'a ServiceHours,
    /// The customer's link to it.
    pub(crate) link: String,
    /// Its labels.
    pub(crate) labels: Labels,
    /// The provider of the desk.
    pub(crate) brand: Arc<Brand>,
    /// The provider's own words.
    pub(crate) texts: MailTexts,
    /// The key that signs proofs, as people compare it.
    pub(crate) proof_key: String,
    /// Where the reader leaves the case; `None` for its contact.
    pub(crate) leave: Option<String>,
}

/// The data of a mail about a case. Its link is sealed until the mail is sent.
pub(crate) fn mail_context<'a>(
    desk: &Desk,
    case: &'a Case,
    hours: &'a ServiceHours,
    labels: Labels,
) -> CaseMailContext<'a> {
    let link = format!("{}/track/{}", desk.public_url(), sealed_tracking(TrackingLink::of(case)));
    let proof_key = desk.proof_key().fingerprint();
    let (brand, texts) = (desk.brand(), desk.mail_texts());
    CaseMailContext { case, hours, link, labels, brand, texts, proof_key, leave: None }
}

impl CaseMailContext<'_> {
    fn language(&self) -> Language {
        self.case.opening.language
    }

    /// The greeting by name. An unverified case has another one without a name, so that no stranger's words go out in
    /// the desk's name.
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

    /// The subject of a key, and the subject matter: equipment and site as registered, else platform and country. It
    /// contains no typed text, and tells a stranger nothing of the register.
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

    /// A mail to the contact with the common parts: number, link, telephone lines, small print. The provider's own words
    /// stand in place of subject and greeting.
    fn content(
        &self,
        kind: MailTextKind,
        (subject, greeting): (String, String),
        promise: MailSection<String>,
    ) -> MailBody {
        let (language, opening) = (self.language(), &self.case.opening);
        MailBody {
            language,
            subject: self.own(kind, MailPart::Subject).unwrap_or(subject),
            greeting: self.own(kind, MailPart::Greeting).unwrap_or(greeting),
            closing: self.own(kind, MailPart::Closing),
            number: opening.number.grouped(),
            about_number: Vec::new(),
            notice: None,
            promise,
            link: self.link.clone(),
            button: t!(language, "letter.track.button").into_owned(),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: Vec::new(),
            lines: lines(language, opening.report.country, &self.brand.provider.hotlines),
            foot: self.foot_of(kind),
        }
    }

    /// The key of a text that says something else to a participant than to the contact.
    const fn said(&self, to_contact: &'static str, to_participant: &'static str) -> &'static str {
        if self.leave.is_some() { to_participant } else { to_contact }
    }

    /// The small print of a kind of mail. One that the contact can do without says where to choose.
    fn foot_of(&self, kind: MailTextKind) -> Foot {
        let mut foot = foot(self);
        let is_optional =
            matches!(kind, MailTextKind::Update | MailTextKind::Reminder | MailTextKind::Survey);
        if is_optional
            && foot.fewer.is_none()
            && let Some((desk, _)) = self.link.split_once("/track/")
        {
            foot.lines.push(t!(self.language(), "letter.choices").into_owned());
            foot.fewer = Some(format!("{desk}/my/profile"));
        }
        foot
    }

    /// The provider's own words of a part. Text of a possible stranger does not go out in the desk's name: then the standard
    /// words do.
    fn own(&self, kind: MailTextKind, part: MailPart) -> Option<String> {
        let language = self.language();
        let template = self.texts.words(kind, language)?.get(part)?;
        if self.case.is_unverified() && template.has(Variable::is_typed) {
            return None;
        }
        let values = Values {
            case: self.case,
            labels: &self.labels,
            language,
            opened: self.moment(self.case.opened_at),
            agent: "",
            provider: self.brand.provider.name.as_str(),
        };
        Some(template.fill(|variable| values.of(variable)))
    }

    /// Date, time and zone.
    fn moment(&self, at: Instant) -> String {
        self.hours.zone.moment(at, self.language())
    }
}

/// A mail, ready to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composed {
    /// Number, fixed words and registered names. It contains no text of a stranger.
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// Content of a mail about a case, in the reader's language and without markup. All of it is untrusted: each form wraps
/// and escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailBody {
    #[serde(skip)]
    language: Language,
    subject: String,
    greeting: String,
    /// The provider's words after the facts, if it has some.
    closing: Option<String>,
    /// The case's number in groups.
    number: String,
    /// Lines below the number.
    about_number: Vec<String>,
    /// A warning to the reader, if there is one.
    notice: Option<String>,
    /// The main point: the target, the question, or the result.
    promise: MailSection<String>,
    link: String,
    /// Label of the link's button.
    button: String,
    /// The next steps; without steps there is no title.
    next: MailSection<Vec<String>>,
    facts: Vec<MailSection<Vec<Fact>>>,
    /// Telephone lines; without lines there is no title.
    lines: MailSection<Vec<String>>,
    foot: Foot,
}

/// The small print at the end of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Foot {
    /// Where to write instead of replying.
    answers: String,
    /// Whether replies are read, as a sentence.
    replies: String,
    lines: Vec<String>,
    /// Where the reader has less mailed: leaves the case as a participant, or chooses what is mailed.
    fewer: Option<String>,
}

/// A section with a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailSection<T> {
    title: String,
    body: T,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Fact {
    label: String,
    value: Value,
}

/// Value of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Value {
    /// May hold line feeds.
    Text(String),
    /// A link, possibly sealed.
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

/// What every mail says about the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Letterhead {
    /// The provider's name.
    name: String,
    /// Name and kind of the desk, the first line of the plain form.
    desk: String,
    /// The logo; `None` for a provider without one.
    logo: Option<MailLogo>,
    /// The accent by day and by night.
    day: String,
    night: String,
}

impl Letterhead {
    fn of(brand: &Brand, language: Language) -> Self {
        let (day, night) = brand.accent();
        Self {
            name: brand.provider.name.as_str().to_owned(),
            desk: text_of_desk(language, brand),
            logo: brand.logo.as_ref().and_then(MailLogo::of),
            day,
            night,
        }
    }
}

/// A logo in a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct MailLogo {
    /// Its address inside the mail.
    address: String,
    /// Its size in pixels. Both sides are said: readers of mail narrow a picture without its height.
    width: u32,
    height: u32,
}

impl MailLogo {
    /// The most pixels of a logo in a mail.
    const WIDTH: u32 = 240;
    const HEIGHT: u32 = 40;

    fn of(logo: &Logo) -> Option<Self> {
        let (width, height) = Self::fitted(logo.size()?);
        Some(Self { address: format!("cid:{}", logo_id(logo.hash.as_str())), width, height })
    }

    /// A size in its own proportion, as large as there is room.
    fn fitted((width, height): (u32, u32)) -> (u32, u32) {
        let (width, height) = (width.max(1), height.max(1));
        let of = |side: u32, room: u32, whole: u32| (side * room).div_ceil(whole).max(1);
        if width * Self::HEIGHT > height * Self::WIDTH {
            (Self::WIDTH, of(height, Self::WIDTH, width))
        } else {
            (of(width, Self::HEIGHT, height), Self::HEIGHT)
        }
    }
}

/// The id of a logo inside a mail (RFC 2392). The picture is put in when the mail is sent.
pub(crate) fn logo_id(hash: &str) -> String {
    format!("{hash}{LOGO_ID}")
}

/// The end of a logo's id.
const LOGO_ID: &str = "@logo";

/// The hash of the logo that a mail shows, if it shows one.
pub(crate) fn logo_of(html: &str) -> Option<ContentHash> {
    // Typed text cannot have this beginning, because it is escaped.
    let (_, after) = html.split_once("<img src=\"cid:")?;
    let (hash, _) = after.split_once(LOGO_ID)?;
    ContentHash::parse(hash).ok()
}

impl MailBody {
    fn compose(mut self, brand: &Brand) -> Composed {
        let head = Letterhead::of(brand, self.language);
        let own = brand.provider.mail.signature.as_ref().map(Signature::as_str);
        let signature: Vec<String> = own.unwrap_or(&head.desk).lines().map(str::to_owned).collect();
        self.foot.lines.splice(0..0, signature);
        self.foot.replies = replies(self.language, brand);
        let text = text::render(&self, &head);
        let html = html::render(&self, &head).unwrap_or_else(|error| {
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

/// Telephone lines, those of the customer's country first.
fn lines(language: Language, home: Country, hotlines: &Hotlines) -> MailSection<Vec<String>> {
    MailSection {
        title: t!(language, "letter.lines.title").into_owned(),
        body: hotlines
            .of_home_first(home)
            .map(|line| format!("{}: {}", t!(language, line.country().name_key()), line.printed()))
            .collect(),
    }
}

/// No lines: the mail is about an account, and its reader is on the desk's page.
const fn no_lines() -> MailSection<Vec<String>> {
    MailSection { title: String::new(), body: Vec::new() }
}

/// The small print of a customer's mail.
fn foot(mail_context: &CaseMailContext<'_>) -> Foot {
    let language = mail_context.language();
    let why = if mail_context.leave.is_some() { "letter.invited.why" } else { "letter.why" };
    let lines = vec![t!(language, "letter.track.private").into_owned(), t!(language, why).into_owned()];
    let fewer = mail_context.leave.clone();
    Foot { answers: mail_context.link.clone(), replies: String::new(), lines, fewer }
}

/// The small print of a mail about no case, or to the staff: the signature alone. `link` leads to its subject.
fn foot_of_staff(link: &str) -> Foot {
    Foot { answers: link.to_owned(), replies: String::new(), lines: Vec::new(), fewer: None }
}

/// A subject with its subject matter and place.
fn about(subject: &str, what: &str, place: &str) -> String {
    let told = matter(what, place);
    if told.is_empty() { subject.to_owned() } else { format!("{subject} · {told}") }
}

/// Whether replies are read: they are where the provider has named an address for them.
fn replies(language: Language, brand: &Brand) -> String {
    let key = if brand.provider.mail.reply_to.is_some() { "letter.answers_read" } else { "letter.answers" };
    t!(language, key).into_owned()
}

/// Name and kind of the desk: its signature, unless the provider has another one.
fn text_of_desk(language: Language, brand: &Brand) -> String {
    domain::t!(language, "letter.desk", name = brand.provider.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::MailLogo;

    #[test]
    fn logo_of_a_mail_keeps_its_proportion() {
        for (kept, shown) in
            [((640, 80), (240, 30)), ((160, 160), (40, 40)), ((640, 1), (240, 1)), ((80, 20), (160, 40))]
        {
            assert_eq!(MailLogo::fitted(kept), shown);
        }
    }
}
