//! The mail that tells the customer that their case weighs more, or less, than they stated, and why.

use domain::case::PriorityInputs;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::Reason;
use domain::time::Instant;

use super::correction::{Due, due};
use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Another order of work, and what brought it about.
#[derive(Debug)]
pub(crate) struct PriorityChange<'a> {
    /// Severity and urgency before and now, when they are what changed.
    pub(crate) inputs: Option<(PriorityInputs, PriorityInputs)>,
    pub(crate) priority: Priority,
    pub(crate) reason: &'a Reason,
    pub(crate) at: Instant,
}

/// Composes the mail.
pub(crate) fn priority_changed(mail_context: &CaseMailContext<'_>, changed: &PriorityChange<'_>) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let change = |label: &str, from: &str, to: &str| {
        let words = t!(language, "letter.weighed.change", from = t!(language, from), to = t!(language, to));
        Fact::new(language, label, if from == to { t!(language, to).into_owned() } else { words })
    };
    let mut facts = Vec::new();
    if let Some((from, to)) = changed.inputs {
        facts.push(change("letter.report.severity", from.severity.name_key(), to.severity.name_key()));
        facts.push(change("letter.report.urgency", from.urgency.name_key(), to.urgency.name_key()));
    }
    facts.push(Fact::new(language, "letter.report.priority", changed.priority.code()));
    facts.push(Fact::new(language, "letter.weighed.reason", changed.reason.as_str()));
    let promise = match due(mail_context.case, mail_context.hours, SlaMetric::Resolution, changed.at) {
        Some(Due::At(due)) => t!(language, "letter.weighed.due", moment = mail_context.moment(due)),
        // Another priority gives a broken promise no other date.
        Some(Due::Broken(due)) => t!(language, "letter.weighed.broken", moment = mail_context.moment(due)),
        Some(Due::Unknown) | None => t!(language, "letter.weighed.paused").into_owned(),
    };
    MailBody {
        facts: vec![MailSection { title: t!(language, "letter.weighed.changed").into_owned(), body: facts }],
        ..mail_context.content(
            mail_context.subject("letter.weighed.subject"),
            t!(language, "letter.weighed.greeting", name = report.contact.name),
            MailSection {
                title: t!(language, "letter.weighed.title", priority = changed.priority.code()),
                body: promise,
            },
        )
    }
    .compose()
}
