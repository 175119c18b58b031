//! The mails that ask for verification (letter, step 7): one with the solution, then reminders.

use domain::t;
use domain::text::Note;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the mail with the solution.
pub(crate) fn resolution(mail_context: &CaseMailContext<'_>, solution: &Note) -> Composed {
    let language = mail_context.language();
    let resolved = mail_context.case.resolved_at().unwrap_or(mail_context.case.opened_at);
    let facts = MailSection {
        title: t!(language, "letter.resolution.solution").into_owned(),
        body: vec![
            Fact::new(language, "letter.resolution.done", solution.as_str()),
            Fact::new(language, "letter.resolution.at", mail_context.moment(resolved)),
        ],
    };
    let keys = ("letter.resolution.subject", "letter.resolution.greeting");
    question(mail_context, MailTextKind::Resolution, keys, vec![facts])
}

/// Composes a reminder.
pub(crate) fn reminder(mail_context: &CaseMailContext<'_>) -> Composed {
    let keys = ("letter.reminder.subject", "letter.reminder.greeting");
    question(mail_context, MailTextKind::Reminder, keys, Vec::new())
}

fn question(
    mail_context: &CaseMailContext<'_>,
    kind: MailTextKind,
    (subject, greeting): (&str, &str),
    facts: Vec<MailSection<Vec<Fact>>>,
) -> Composed {
    let language = mail_context.language();
    let (number, report) = (mail_context.case.opening.number, &mail_context.case.opening.report);
    MailBody {
        about_number: vec![t!(language, "letter.opening.spelled", spoken = number.spoken(language))],
        button: t!(language, "letter.verify.button").into_owned(),
        facts,
        ..mail_context.content(
            kind,
            (mail_context.subject(subject), t!(language, greeting, name = report.contact.name)),
            MailSection {
                title: t!(language, "letter.verify.title").into_owned(),
                body: t!(language, "letter.verify.text").into_owned(),
            },
        )
    }
    .compose(&mail_context.brand)
}
