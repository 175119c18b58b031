//! The mails to the customer about a cancelled case or a duplicate.

use domain::calendar::beside;
use domain::case::{AskedBy, ClosingReport, SlaResult};
use domain::case_number::CaseNumber;
use domain::t;
use domain::text::Reason;
use domain::wording::MailTextKind;

use super::closing::broke_under;
use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the mail of a cancelled case.
pub(crate) fn cancelled(
    mail_context: &CaseMailContext<'_>,
    account: &ClosingReport,
    asked_by: AskedBy,
    reason: Option<&Reason>,
) -> Composed {
    let language = mail_context.language();
    let mut facts = vec![Fact::new(language, "letter.cancelled.at", mail_context.moment(account.end.at()))];
    facts.push(Fact::new(language, "letter.cancelled.asked_by", t!(language, asked_by.name_key())));
    // Words of an unknown sender do not go out in the desk's name.
    let reason = reason.filter(|_| !mail_context.case.is_unverified());
    facts.extend(reason.map(|reason| Fact::new(language, "letter.weighed.reason", reason.as_str())));
    let words = TerminationTexts {
        kind: MailTextKind::Cancelled,
        subject: mail_context.subject("letter.cancelled.subject"),
        greeting: "letter.cancelled.greeting",
        title: t!(language, "letter.cancelled.title").into_owned(),
        body: t!(language, mail_context.said("letter.cancelled.body", "letter.invited.cancelled"))
            .into_owned(),
        button: "letter.track.button",
        facts,
    };
    compose(mail_context, account, words, mail_context.link.clone())
}

/// Composes the mail of a duplicate. `link` leads to the other case, if its mails go to the same address.
pub(crate) fn duplicate(
    mail_context: &CaseMailContext<'_>,
    account: &ClosingReport,
    of: CaseNumber,
    link: Option<String>,
) -> Composed {
    let language = mail_context.language();
    let facts = vec![
        Fact::new(language, "letter.duplicate.goes_on", of.to_string()),
        Fact::new(language, "letter.cancelled.at", mail_context.moment(account.end.at())),
    ];
    let words = TerminationTexts {
        kind: MailTextKind::Duplicate,
        subject: mail_context.subject("letter.duplicate.subject"),
        greeting: "letter.duplicate.greeting",
        title: t!(language, "letter.duplicate.title", number = of),
        body: t!(
            language,
            mail_context.said("letter.duplicate.body", "letter.invited.duplicate"),
            number = of
        ),
        button: if link.is_some() { "letter.duplicate.button" } else { "letter.track.button" },
        facts,
    };
    compose(mail_context, account, words, link.unwrap_or_else(|| mail_context.link.clone()))
}

/// The texts that differ between the two mails.
struct TerminationTexts {
    kind: MailTextKind,
    subject: String,
    greeting: &'static str,
    title: String,
    body: String,
    button: &'static str,
    facts: Vec<Fact>,
}

fn compose(
    mail_context: &CaseMailContext<'_>,
    account: &ClosingReport,
    words: TerminationTexts,
    link: String,
) -> Composed {
    let language = mail_context.language();
    let end = MailSection { title: t!(language, "letter.cancelled.facts").into_owned(), body: words.facts };
    MailBody {
        link,
        button: t!(language, words.button).into_owned(),
        facts: [end].into_iter().chain(target_results(mail_context, account)).collect(),
        ..mail_context.content(
            words.kind,
            (words.subject, mail_context.greeting(words.greeting, "letter.cancelled.greeting_unverified")),
            MailSection { title: words.title, body: words.body },
        )
    }
    .compose(&mail_context.brand)
}

/// The result of each target, breaches included.
fn target_results(
    mail_context: &CaseMailContext<'_>,
    account: &ClosingReport,
) -> Option<MailSection<Vec<Fact>>> {
    let language = mail_context.language();
    let broken = account.measured.iter().filter(|measured| measured.result == SlaResult::Breached);
    let facts: Vec<Fact> = broken
        .map(|measured| {
            let (used, target) = beside(language, measured.business_s, measured.target_s);
            let value = t!(language, "letter.cancelled.broken", used = used, target = target);
            let under = broke_under(mail_context, measured).into_iter();
            let value = std::iter::once(value).chain(under).collect::<Vec<_>>().join(". ");
            Fact::new(language, measured.kind.name_key(), value)
        })
        .collect();
    let title = t!(language, "letter.cancelled.promises").into_owned();
    (!facts.is_empty()).then_some(MailSection { title, body: facts })
}
