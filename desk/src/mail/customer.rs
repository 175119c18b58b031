//! The mail by which a customer signs in.

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
