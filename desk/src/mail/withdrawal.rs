//! The mails that tell the customer that their case goes no further: it was cancelled, or another goes on in its place.

use domain::calendar::beside;
use domain::case::{AskedBy, ClosingReport, Kept};
use domain::case_number::CaseNumber;
use domain::t;
use domain::text::Reason;

use super::closing::broke_under;
use super::{Composed, Content, Fact, Letter, Titled};

/// Composes the mail of a cancelled case.
pub(crate) fn cancelled(
    letter: &Letter<'_>,
    account: &ClosingReport,
    asked_by: AskedBy,
    reason: Option<&Reason>,
) -> Composed {
    let language = letter.language();
    let mut facts = vec![Fact::new(language, "letter.cancelled.at", letter.moment(account.end.at()))];
    facts.push(Fact::new(language, "letter.cancelled.asked_by", t!(language, asked_by.name_key())));
    // What somebody wrote whom nobody knows stands in no inbox under the desk's name.
    let reason = reason.filter(|_| !letter.case.is_unverified());
    facts.extend(reason.map(|reason| Fact::new(language, "letter.weighed.reason", reason.as_str())));
    let words = Words {
        subject: letter.subject("letter.cancelled.subject"),
        greeting: "letter.cancelled.greeting",
        title: t!(language, "letter.cancelled.title").into_owned(),
        body: t!(language, "letter.cancelled.body").into_owned(),
        button: "letter.track.button",
        facts,
    };
    compose(letter, account, words, letter.link.clone())
}

/// Composes the mail of a duplicate; `link` leads to the case that goes on, if its mails go to the same address.
pub(crate) fn duplicate(
    letter: &Letter<'_>,
    account: &ClosingReport,
    of: CaseNumber,
    link: Option<String>,
) -> Composed {
    let language = letter.language();
    let facts = vec![
        Fact::new(language, "letter.duplicate.goes_on", of.to_string()),
        Fact::new(language, "letter.cancelled.at", letter.moment(account.end.at())),
    ];
    let words = Words {
        subject: letter.subject("letter.duplicate.subject"),
        greeting: "letter.duplicate.greeting",
        title: t!(language, "letter.duplicate.title", number = of),
        body: t!(language, "letter.duplicate.body", number = of),
        button: if link.is_some() { "letter.duplicate.button" } else { "letter.track.button" },
        facts,
    };
    compose(letter, account, words, link.unwrap_or_else(|| letter.link.clone()))
}

/// What the two mails say differently.
struct Words {
    subject: String,
    greeting: &'static str,
    title: String,
    body: String,
    button: &'static str,
    facts: Vec<Fact>,
}

fn compose(letter: &Letter<'_>, account: &ClosingReport, words: Words, link: String) -> Composed {
    let language = letter.language();
    let end = Titled { title: t!(language, "letter.cancelled.facts").into_owned(), body: words.facts };
    Content {
        link,
        button: t!(language, words.button).into_owned(),
        facts: [end].into_iter().chain(promises(letter, account)).collect(),
        ..letter.content(
            words.subject,
            letter.greeting(words.greeting, "letter.cancelled.greeting_unverified"),
            Titled { title: words.title, body: words.body },
        )
    }
    .compose()
}

/// What became of each promise: a broken one is not forgotten with the case.
fn promises(letter: &Letter<'_>, account: &ClosingReport) -> Option<Titled<Vec<Fact>>> {
    let language = letter.language();
    let broken = account.measured.iter().filter(|measured| measured.kept == Kept::Missed);
    let facts: Vec<Fact> = broken
        .map(|measured| {
            let (used, target) = beside(language, measured.business_s, measured.target_s);
            let value = t!(language, "letter.cancelled.broken", used = used, target = target);
            let under = broke_under(letter, measured).into_iter();
            let value = std::iter::once(value).chain(under).collect::<Vec<_>>().join(". ");
            Fact::new(language, measured.kind.name_key(), value)
        })
        .collect();
    let title = t!(language, "letter.cancelled.promises").into_owned();
    (!facts.is_empty()).then_some(Titled { title, body: facts })
}
