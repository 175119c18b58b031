//! The mail with an update from the staff, and the time of the next one.

use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// Composes the mail of an update sent at `at`.
pub(crate) fn news(mail_context: &CaseMailContext<'_>, text: &Note, at: Instant) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let next = match next_news(mail_context, at) {
        Some(due) => t!(language, "letter.news.next", moment = mail_context.moment(due)),
        None => t!(language, "letter.news.later").into_owned(),
    };
    MailBody {
        button: t!(language, "letter.news.button").into_owned(),
        facts: vec![MailSection {
            title: t!(language, "letter.news.title").into_owned(),
            body: vec![Fact::new(language, "letter.news.text", text.as_str())],
        }],
        ..mail_context.content(
            MailTextKind::Update,
            (
                mail_context.subject("letter.news.subject"),
                t!(language, "letter.news.greeting", name = report.contact.name),
            ),
            MailSection { title: t!(language, "letter.news.next_title").into_owned(), body: next },
        )
    }
    .compose(&mail_context.brand)
}

/// The latest time of the next update, if known.
fn next_news(mail_context: &CaseMailContext<'_>, at: Instant) -> Option<Instant> {
    let spans = &mail_context.hours.spans;
    let clocks = mail_context.case.clocks(spans, at);
    let open = clocks.iter().find(|clock| {
        matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate) && !clock.run.is_over()
    })?;
    open.reading(spans, at).due
}
