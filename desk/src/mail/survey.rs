//! The survey's invitation (letter, step 8), with a link that serves for answering alone.

use domain::t;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, MailBody, MailSection};

/// Composes the invitation. `link` leads to the questions, which can be answered before `until`.
pub(crate) fn survey(mail_context: &CaseMailContext<'_>, link: String, until: Instant) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    MailBody {
        link,
        button: t!(language, "letter.survey.button").into_owned(),
        next: MailSection {
            title: t!(language, "letter.next.title").into_owned(),
            body: vec![t!(language, "letter.survey.next").into_owned()],
        },
        ..mail_context.content(
            MailTextKind::Survey,
            (
                mail_context.subject("letter.survey.subject"),
                t!(language, "letter.survey.greeting", name = report.contact.name),
            ),
            MailSection {
                title: t!(language, "letter.survey.title").into_owned(),
                body: t!(language, "letter.survey.text", moment = mail_context.moment(until.plus(-1))),
            },
        )
    }
    .compose(&mail_context.brand)
}
