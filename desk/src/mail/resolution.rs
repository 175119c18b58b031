//! The mails that ask whether the solution works (letter, step 7): the first with the solution, further ones as reminders.

use domain::t;
use domain::text::Note;

use super::{Composed, Content, Fact, Letter, Titled};

/// Composes the mail with the solution.
pub(crate) fn resolution(letter: &Letter<'_>, solution: &Note) -> Composed {
    let language = letter.language();
    let resolved = letter.case.resolved_at().unwrap_or(letter.case.opened_at);
    let facts = Titled {
        title: t!(language, "letter.resolution.solution").into_owned(),
        body: vec![
            Fact::new(language, "letter.resolution.done", solution.as_str()),
            Fact::new(language, "letter.resolution.at", letter.moment(resolved)),
        ],
    };
    question(letter, "letter.resolution.subject", "letter.resolution.greeting", vec![facts])
}

/// Composes the mail that asks once more.
pub(crate) fn reminder(letter: &Letter<'_>) -> Composed {
    question(letter, "letter.reminder.subject", "letter.reminder.greeting", Vec::new())
}

fn question(letter: &Letter<'_>, subject: &str, greeting: &str, facts: Vec<Titled<Vec<Fact>>>) -> Composed {
    let language = letter.language();
    let (number, report) = (letter.case.opening.number, &letter.case.opening.report);
    Content {
        about_number: vec![t!(language, "letter.opening.spelled", spoken = number.spoken(language))],
        button: t!(language, "letter.verify.button").into_owned(),
        facts,
        ..letter.content(
            letter.subject(subject),
            t!(language, greeting, name = report.contact.name),
            Titled {
                title: t!(language, "letter.verify.title").into_owned(),
                body: t!(language, "letter.verify.text").into_owned(),
            },
        )
    }
    .compose()
}
