//! News of a case: what the staff writes to the customer, and when they hear from us again.

use domain::t;
use domain::terms::ClockKind;
use domain::text::Note;
use domain::time::Instant;

use super::{Composed, Content, Fact, Letter, Titled};

/// Composes the mail with the news that were given at `at`.
pub(crate) fn news(letter: &Letter<'_>, text: &Note, at: Instant) -> Composed {
    let language = letter.language();
    let report = &letter.case.opening.report;
    let next = match next_news(letter, at) {
        Some(due) => t!(language, "letter.news.next", moment = letter.moment(due)),
        None => t!(language, "letter.news.later").into_owned(),
    };
    Content {
        button: t!(language, "letter.news.button").into_owned(),
        facts: vec![Titled {
            title: t!(language, "letter.news.title").into_owned(),
            body: vec![Fact::new(language, "letter.news.text", text.as_str())],
        }],
        ..letter.content(
            letter.subject("letter.news.subject"),
            t!(language, "letter.news.greeting", name = report.contact.name),
            Titled { title: t!(language, "letter.news.next_title").into_owned(), body: next },
        )
    }
    .compose()
}

/// When the customer hears from us again at the latest, if that is known.
fn next_news(letter: &Letter<'_>, at: Instant) -> Option<Instant> {
    let spans = &letter.hours.spans;
    let clocks = letter.case.clocks(spans, at);
    let open = clocks.iter().find(|clock| {
        matches!(clock.kind, ClockKind::Update | ClockKind::Committed) && !clock.run.is_over()
    })?;
    open.reading(spans, at).due
}
