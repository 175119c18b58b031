//! The mail with an update from the staff, its files by their names, and the time of the next one.

use domain::attachment::{FileName, size_in_words};
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};

/// A file that came with an update. The mail names it and does not carry it: the case's page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentWith {
    /// Its name.
    pub(crate) name: FileName,
    /// Its size in bytes.
    pub(crate) bytes: u32,
}

impl SentWith {
    fn line(&self, language: Language) -> String {
        let size = size_in_words(language, self.bytes);
        t!(language, "letter.news.file", name = self.name.as_str(), size = size)
    }
}

/// Composes the mail of an update sent at `at`.
pub(crate) fn news(
    mail_context: &CaseMailContext<'_>,
    text: &Note,
    files: &[SentWith],
    at: Instant,
) -> Composed {
    let language = mail_context.language();
    let report = &mail_context.case.opening.report;
    let next = match next_news(mail_context, at) {
        Some(due) => t!(language, "letter.news.next", moment = mail_context.moment(due)),
        None => t!(language, "letter.news.later").into_owned(),
    };
    let mut told = vec![Fact::new(language, "letter.news.text", text.as_str())];
    if !files.is_empty() {
        let lines: Vec<String> = files.iter().map(|file| file.line(language)).collect();
        told.push(Fact::new(language, "letter.news.files", lines.join("\n")));
    }
    MailBody {
        button: t!(language, "letter.news.button").into_owned(),
        facts: vec![MailSection { title: t!(language, "letter.news.title").into_owned(), body: told }],
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
