//! What members of the staff are written about their own account: invitations, and links for a forgotten password.

use domain::i18n::Language;
use domain::t;
use domain::text::PersonName;

use super::{Composed, MailBody, MailSection};
use crate::provider::Brand;

/// Who is written to, and the link that they are sent. It is without its code, which is put in when it is sent.
#[derive(Debug, Clone)]
pub(crate) struct AccountMail<'a> {
    pub(crate) name: &'a PersonName,
    pub(crate) language: Language,
    pub(crate) link: String,
    /// Where the desk is reached.
    pub(crate) desk: &'a str,
    /// The provider of the desk.
    pub(crate) brand: &'a Brand,
}

impl AccountMail<'_> {
    /// The invitation to the desk; `by` invites, for so many hours.
    pub(crate) fn invitation(&self, by: &str, hours: i64) -> Composed {
        let language = self.language;
        let greeting = if by.is_empty() {
            t!(language, "letter.invitation.greeting_desk", name = self.name)
        } else {
            t!(language, "letter.invitation.greeting", name = self.name, by = by)
        };
        self.compose(
            ("letter.invitation.subject", "letter.invitation.headline", "letter.invitation.button"),
            greeting,
            MailSection {
                title: t!(language, "letter.invitation.title").into_owned(),
                body: t!(language, "letter.invitation.text", hours = hours),
            },
        )
    }

    /// The link by which a forgotten password is replaced, for so many minutes.
    pub(crate) fn password_reset(&self, minutes: i64) -> Composed {
        let language = self.language;
        self.compose(
            ("letter.reset.subject", "letter.reset.headline", "letter.reset.button"),
            t!(language, "letter.reset.greeting", name = self.name),
            MailSection {
                title: t!(language, "letter.reset.title").into_owned(),
                body: t!(language, "letter.reset.text", minutes = minutes),
            },
        )
    }

    /// A mail to oneself that shows whether mails arrive.
    pub(crate) fn test(&self) -> Composed {
        let language = self.language;
        self.compose(
            ("letter.test.subject", "letter.test.headline", "letter.test.button"),
            t!(language, "letter.test.greeting", name = self.name),
            MailSection {
                title: t!(language, "letter.test.title").into_owned(),
                body: t!(language, "letter.test.text").into_owned(),
            },
        )
    }

    fn compose(
        &self,
        (subject, headline, button): (&str, &str, &str),
        greeting: String,
        promise: MailSection<String>,
    ) -> Composed {
        let language = self.language;
        MailBody {
            language,
            subject: t!(language, subject).into_owned(),
            greeting,
            closing: None,
            number: t!(language, headline).into_owned(),
            about_number: Vec::new(),
            notice: Some(t!(language, "letter.account.private").into_owned()),
            promise,
            link: self.link.clone(),
            button: t!(language, button).into_owned(),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: Vec::new(),
            lines: super::no_lines(),
            foot: super::foot_of_staff(self.desk),
        }
        .compose(self.brand)
    }
}
