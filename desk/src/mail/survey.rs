//! The mail that asks how it went (letter, step 8), with the link for answering alone.

use domain::t;
use domain::time::Instant;

use super::{Composed, Content, Letter, Titled};

/// Composes the invitation; `link` leads to the questions, which can be answered before `until`.
pub(crate) fn survey(letter: &Letter<'_>, link: String, until: Instant) -> Composed {
    let language = letter.language();
    let report = &letter.case.opening.report;
    Content {
        link,
        button: t!(language, "letter.survey.button").into_owned(),
        next: Titled {
            title: t!(language, "letter.next.title").into_owned(),
            body: vec![t!(language, "letter.survey.next").into_owned()],
        },
        ..letter.content(
            letter.subject("letter.survey.subject"),
            t!(language, "letter.survey.greeting", name = report.contact.name),
            Titled {
                title: t!(language, "letter.survey.title").into_owned(),
                body: t!(language, "letter.survey.text", moment = letter.moment(until.plus(-1))),
            },
        )
    }
    .compose()
}
