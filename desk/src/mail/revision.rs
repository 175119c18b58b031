//! The mail that tells the customer that their case weighs more, or less, than they stated, and why.

use domain::case::Weight;
use domain::t;
use domain::terms::ClockKind;
use domain::text::Reason;
use domain::time::Instant;
use domain::weight::Priority;

use super::correction::{Due, due};
use super::{Composed, Content, Fact, Letter, Titled};

/// Another order of work, and what brought it about.
#[derive(Debug)]
pub(crate) struct Reweighed<'a> {
    /// Severity and urgency before and now, when they are what changed.
    pub(crate) weight: Option<(Weight, Weight)>,
    pub(crate) priority: Priority,
    pub(crate) reason: &'a Reason,
    pub(crate) at: Instant,
}

/// Composes the mail.
pub(crate) fn reweighed(letter: &Letter<'_>, changed: &Reweighed<'_>) -> Composed {
    let language = letter.language();
    let report = &letter.case.opening.report;
    let change = |label: &str, from: &str, to: &str| {
        let words = t!(language, "letter.weighed.change", from = t!(language, from), to = t!(language, to));
        Fact::new(language, label, if from == to { t!(language, to).into_owned() } else { words })
    };
    let mut facts = Vec::new();
    if let Some((from, to)) = changed.weight {
        facts.push(change("letter.report.severity", from.severity.name_key(), to.severity.name_key()));
        facts.push(change("letter.report.urgency", from.urgency.name_key(), to.urgency.name_key()));
    }
    facts.push(Fact::new(language, "letter.report.priority", changed.priority.code()));
    facts.push(Fact::new(language, "letter.weighed.reason", changed.reason.as_str()));
    let promise = match due(letter.case, letter.hours, ClockKind::Resolution, changed.at) {
        Some(Due::At(due)) => t!(language, "letter.weighed.due", moment = letter.moment(due)),
        // Another priority gives a broken promise no other date.
        Some(Due::Broken(due)) => t!(language, "letter.weighed.broken", moment = letter.moment(due)),
        Some(Due::Unknown) | None => t!(language, "letter.weighed.paused").into_owned(),
    };
    Content {
        facts: vec![Titled { title: t!(language, "letter.weighed.changed").into_owned(), body: facts }],
        ..letter.content(
            letter.subject("letter.weighed.subject"),
            t!(language, "letter.weighed.greeting", name = report.contact.name),
            Titled {
                title: t!(language, "letter.weighed.title", priority = changed.priority.code()),
                body: promise,
            },
        )
    }
    .compose()
}
