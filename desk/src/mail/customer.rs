//! The mail by which a customer signs in, and the one that says that a company's cases are open to them.

use domain::i18n::Language;
use domain::t;

use super::{Composed, MailBody, MailSection};
use crate::provider::Brand;

/// A code and a link to sign in. The outbox has neither: both are put in when the mail is sent.
#[derive(Debug, Clone)]
pub(crate) struct EntryLetter<'a> {
    pub(crate) language: Language,
    /// The six digits, or what stands for them in the outbox.
    pub(crate) code: String,
    pub(crate) link: String,
    /// How long both are good.
    pub(crate) minutes: i64,
    /// Where the desk is reached.
    pub(crate) desk: &'a str,
    /// The provider of the desk.
    pub(crate) brand: &'a Brand,
}

impl EntryLetter<'_> {
    /// Composes it. Anybody may have asked for it, so it has fixed words alone.
    pub(crate) fn compose(&self) -> Composed {
        let language = self.language;
        let text = |key: &str| t!(language, key).into_owned();
        MailBody {
            language,
            subject: text("letter.enter.subject"),
            greeting: text("letter.enter.greeting"),
            closing: None,
            number: self.code.clone(),
            about_number: vec![t!(language, "letter.enter.good", minutes = self.minutes)],
            notice: Some(text("letter.enter.private")),
            promise: MailSection { title: text("letter.enter.title"), body: text("letter.enter.text") },
            link: self.link.clone(),
            button: text("letter.enter.button"),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: Vec::new(),
            lines: super::no_lines(),
            foot: super::foot_of_staff(self.desk),
        }
        .compose(self.brand)
    }
}

/// That a company's cases are open to its reader.
#[derive(Debug, Clone)]
pub(crate) struct CompanyLetter<'a> {
    pub(crate) language: Language,
    /// Name of the company.
    pub(crate) company: &'a str,
    /// Address of the colleague, or name of the provider.
    pub(crate) by: &'a str,
    /// Where customers sign in.
    pub(crate) link: String,
    /// Where the desk is reached.
    pub(crate) desk: &'a str,
    /// The provider of the desk.
    pub(crate) brand: &'a Brand,
}

impl CompanyLetter<'_> {
    /// Composes it, with fixed words, the company's name in the register and an address.
    pub(crate) fn compose(&self) -> Composed {
        let language = self.language;
        let text = |key: &str| t!(language, key).into_owned();
        MailBody {
            language,
            subject: t!(language, "letter.company.subject", company = self.company),
            greeting: t!(language, "letter.company.greeting", by = self.by, company = self.company),
            closing: None,
            number: self.company.to_owned(),
            about_number: vec![text("letter.company.what")],
            notice: None,
            promise: MailSection { title: text("letter.company.title"), body: text("letter.company.text") },
            link: self.link.clone(),
            button: text("letter.enter.button"),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: Vec::new(),
            lines: super::no_lines(),
            foot: super::foot_of_staff(self.desk),
        }
        .compose(self.brand)
    }
}
