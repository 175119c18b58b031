//! What members of the staff are written about their own account. That is invitations, links for a forgotten password, and
//! what was changed of how they sign in.

use domain::i18n::Language;
use domain::person_change::PersonChange;
use domain::t;
use domain::text::PersonName;
use domain::time::{Instant, Span};

use super::{Composed, Fact, MailBody, MailSection, Value};
use crate::provider::Brand;

/// Who did what a mail tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangedBy<'a> {
    /// Its reader, or who is signed in as they are.
    Themself,
    /// A colleague who administers the desk, by name.
    Colleague(&'a str),
    /// The operator of the server.
    Operator,
}

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

    /// That it was changed how its reader signs in: another person who did it cannot keep it from them.
    pub(crate) fn changed(&self, change: &PersonChange, by: ChangedBy<'_>, at: Instant) -> Composed {
        let language = self.language;
        let text = |key: &str| t!(language, key).into_owned();
        let what = what(change, language);
        let by = match by {
            ChangedBy::Themself => text("letter.changed.by.account"),
            ChangedBy::Colleague(name) => name.to_owned(),
            ChangedBy::Operator => text("letter.changed.by.operator"),
        };
        let moment = self.brand.provider.zone.view(Span::new(at, at.plus(1))).moment(at, language);
        let fact = |key: &str, value: String| Fact { label: text(key), value: Value::Text(value) };
        let facts = vec![
            fact("letter.changed.what", what.clone()),
            fact("letter.changed.when", moment),
            fact("letter.changed.who", by),
        ];
        MailBody {
            language,
            subject: t!(language, "letter.changed.subject", what = what),
            greeting: t!(language, "letter.changed.greeting", name = self.name),
            closing: None,
            number: text("letter.changed.headline"),
            about_number: Vec::new(),
            notice: None,
            promise: MailSection { title: text("letter.changed.title"), body: text("letter.changed.text") },
            link: self.link.clone(),
            button: text("letter.changed.button"),
            next: MailSection { title: String::new(), body: Vec::new() },
            facts: vec![MailSection { title: text("letter.changed.facts"), body: facts }],
            lines: super::no_lines(),
            foot: super::foot_of_staff(self.desk),
        }
        .compose(self.brand)
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

/// What was changed, in a few words. What no mail tells of is a change of the account.
fn what(change: &PersonChange, language: Language) -> String {
    let plain = |key: &str| t!(language, key).into_owned();
    match change {
        PersonChange::PasswordChanged | PersonChange::PasswordReset => plain("letter.changed.password"),
        PersonChange::SecondFactorSet => plain("letter.changed.factor_set"),
        PersonChange::SecondFactorRemoved => plain("letter.changed.factor_removed"),
        PersonChange::RecoveryCodesMade => plain("letter.changed.codes"),
        PersonChange::PasskeyAdded { name } => t!(language, "letter.changed.passkey_added", name = name),
        PersonChange::PasskeyRemoved { name } => t!(language, "letter.changed.passkey_removed", name = name),
        PersonChange::PasskeysRemoved { count } => {
            t!(language, "letter.changed.passkeys_removed", count = count)
        }
        PersonChange::IdentityLinked { provider } => {
            t!(language, "letter.changed.identity_linked", provider = provider)
        }
        PersonChange::IdentityUnlinked { provider } => {
            t!(language, "letter.changed.identity_unlinked", provider = provider)
        }
        _ => plain("letter.changed.headline"),
    }
}
