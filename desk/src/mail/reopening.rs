//! The mail that tells the customer that their case is open again, why, and by when it is to be solved now.

use domain::case::ReopenCause;
use domain::t;
use domain::terms::ClockKind;
use domain::text::Note;
use domain::time::Instant;

use super::correction::{Due, due};
use super::{Composed, Content, Fact, Letter, Titled};

/// Composes the mail of a case that was reopened at `at`.
pub(crate) fn reopened(
    letter: &Letter<'_>,
    cause: ReopenCause,
    said: Option<&Note>,
    at: Instant,
) -> Composed {
    let language = letter.language();
    let report = &letter.case.opening.report;
    let promise = match due(letter.case, letter.hours, ClockKind::Resolution, at) {
        Some(Due::At(due)) => t!(language, "letter.reopened.due", moment = letter.moment(due)),
        Some(Due::Broken(_) | Due::Unknown) | None => t!(language, "letter.reopened.no_due").into_owned(),
    };
    let mut facts = vec![
        Fact::new(language, "letter.reopened.cause", t!(language, cause.name_key())),
        Fact::new(language, "letter.reopened.at", letter.moment(at)),
    ];
    facts.extend(said.map(|said| Fact::new(language, "letter.reopened.said", said.as_str())));
    Content {
        facts: vec![Titled { title: t!(language, "letter.reopened.facts").into_owned(), body: facts }],
        ..letter.content(
            letter.subject("letter.reopened.subject"),
            t!(language, "letter.reopened.greeting", name = report.contact.name),
            Titled { title: t!(language, "letter.reopened.title").into_owned(), body: promise },
        )
    }
    .compose()
}
