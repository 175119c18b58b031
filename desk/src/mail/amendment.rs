//! The mail to the contact about an amended report.

use domain::case::{Amendment, Author, Contact};
use domain::phone::Phone;
use domain::t;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the mail. It omits text of a possible stranger: a customer's own amendment is mentioned without its
/// content.
pub(crate) fn amended(mail_context: &CaseMailContext<'_>, what: &Amendment, by: &Author) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let (name, body, facts) = match by {
        Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } => {
            (None, "letter.amended.by_customer", Vec::new())
        }
        Author::Staff { .. } | Author::Integration { .. } | Author::System => {
            let changes = MailSection {
                title: t!(language, "letter.corrected.what").into_owned(),
                body: changes(mail_context, what),
            };
            (Some(&report.contact.name), "letter.amended.by_us", vec![changes])
        }
    };
    MailBody {
        facts,
        ..mail_context.content(
            MailTextKind::Amended,
            (
                mail_context.subject("letter.amended.subject"),
                match name {
                    Some(name) => t!(language, "letter.amended.greeting", name = name),
                    None => t!(language, "letter.amended.greeting_plain").into_owned(),
                },
            ),
            MailSection {
                title: t!(language, "letter.amended.title").into_owned(),
                body: t!(language, body).into_owned(),
            },
        )
    }
    .compose(&mail_context.brand)
}

/// The amended values and the reason.
fn changes(mail_context: &CaseMailContext<'_>, what: &Amendment) -> Vec<Fact> {
    let language = mail_context.language();
    let mut facts = Vec::new();
    if let Some(change) = &what.contact {
        facts.push(Fact::new(language, "letter.report.contact", reached(&change.to)));
    }
    if let Some(change) = &what.location {
        facts.push(Fact::new(language, "letter.report.location", change.to.as_str()));
    }
    if let Some(change) = &what.fault {
        facts.push(Fact::new(language, "letter.report.fault", change.to.as_str()));
    }
    facts.push(Fact::new(language, "letter.weighed.reason", what.reason.as_str()));
    facts
}

/// A contact on several lines: name, telephones and mail address.
pub(super) fn reached(contact: &Contact) -> String {
    format!("{}\n{}", called(contact), contact.mail)
}

/// The same without the address.
pub(super) fn called(contact: &Contact) -> String {
    let phones = contact.phones().map(Phone::international).collect::<Vec<_>>().join("\n");
    format!("{}\n{phones}", contact.name)
}
