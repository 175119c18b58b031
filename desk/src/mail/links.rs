//! The mail with the links of a mailbox's open cases, for a customer who lost theirs, and the one with a new link.

use domain::case_number::CaseNumber;
use domain::t;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection, Value};

/// Composes the mail about the newest case, with the links of `others`. `more` is the number left out. Anybody may have
/// asked for it, so it has numbers, links and fixed words alone.
pub(crate) fn links(
    mail_context: &CaseMailContext<'_>,
    others: &[(CaseNumber, String)],
    more: Option<usize>,
) -> Composed {
    let language = mail_context.language();
    let listed = |(number, link): &(CaseNumber, String)| Fact {
        label: number.to_string(),
        value: Value::Link(link.clone()),
    };
    let others: Vec<Fact> = others.iter().map(listed).collect();
    let title = t!(language, "letter.links.others").into_owned();
    MailBody {
        about_number: vec![t!(
            language,
            "letter.links.opened",
            moment = mail_context.moment(mail_context.case.opened_at)
        )],
        notice: more.map(|count| t!(language, "letter.links.more", count = count)),
        facts: if others.is_empty() { Vec::new() } else { vec![MailSection { title, body: others }] },
        ..mail_context.content(
            MailTextKind::Links,
            (
                t!(language, "letter.links.subject").into_owned(),
                t!(language, "letter.links.greeting").into_owned(),
            ),
            MailSection {
                title: t!(language, "letter.links.title").into_owned(),
                body: t!(language, "letter.links.text").into_owned(),
            },
        )
    }
    .compose(&mail_context.brand)
}

/// Composes the mail with the new link of a case.
pub(crate) fn link_renewed(mail_context: &CaseMailContext<'_>) -> Composed {
    let language = mail_context.language();
    mail_context
        .content(
            MailTextKind::LinkRenewed,
            (
                mail_context.subject("letter.renewed.subject"),
                mail_context.greeting("letter.renewed.greeting", "letter.renewed.greeting_unverified"),
            ),
            MailSection {
                title: t!(language, "letter.links.title").into_owned(),
                body: t!(language, "letter.renewed.text").into_owned(),
            },
        )
        .compose(&mail_context.brand)
}
