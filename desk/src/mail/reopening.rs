//! The mail to the customer about a reopened case, with the new resolution target.

use domain::case::ReopenCause;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::correction::{Due, due};
use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the mail of a case that was reopened at `at`.
pub(crate) fn reopened(
    mail_context: &CaseMailContext<'_>,
    cause: ReopenCause,
    said: Option<&Note>,
    at: Instant,
) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let promise = match due(mail_context.case, mail_context.hours, SlaMetric::Resolution, at) {
        Some(Due::At(due)) => t!(language, "letter.reopened.due", moment = mail_context.moment(due)),
        Some(Due::Broken(_) | Due::Unknown) | None => t!(language, "letter.reopened.no_due").into_owned(),
    };
    let mut facts = vec![
        Fact::new(language, "letter.reopened.cause", t!(language, cause.name_key())),
        Fact::new(language, "letter.reopened.at", mail_context.moment(at)),
    ];
    facts.extend(said.map(|said| Fact::new(language, "letter.reopened.said", said.as_str())));
    MailBody {
        facts: vec![MailSection { title: t!(language, "letter.reopened.facts").into_owned(), body: facts }],
        ..mail_context.content(
            MailTextKind::Reopened,
            (
                mail_context.subject("letter.reopened.subject"),
                t!(language, "letter.reopened.greeting", name = report.contact.name),
            ),
            MailSection { title: t!(language, "letter.reopened.title").into_owned(), body: promise },
        )
    }
    .compose(&mail_context.brand)
}
