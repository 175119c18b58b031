//! The mail to the customer about a changed priority.

use domain::case::PriorityInputs;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::Reason;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::correction::{Due, due};
use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// A change of the priority and its cause.
#[derive(Debug)]
pub(crate) struct PriorityChange<'a> {
    /// Impact and urgency before and after, if they changed.
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
        // A new priority does not change the due time of a breached target.
        Some(Due::Broken(due)) => t!(language, "letter.weighed.broken", moment = mail_context.moment(due)),
        Some(Due::Unknown) | None => t!(language, "letter.weighed.paused").into_owned(),
    };
    MailBody {
        facts: vec![MailSection { title: t!(language, "letter.weighed.changed").into_owned(), body: facts }],
        ..mail_context.content(
            MailTextKind::PriorityChanged,
            (
                mail_context.subject("letter.weighed.subject"),
                t!(language, "letter.weighed.greeting", name = report.contact.name),
            ),
            MailSection {
                title: t!(language, "letter.weighed.title", priority = changed.priority.code()),
                body: promise,
            },
        )
    }
    .compose(&mail_context.brand)
}
