//! Server functions of the customer's pages about visits.

use domain::view::VisitPage;
use leptos::prelude::*;

use crate::AppError;
use crate::pages::PostReply;
use crate::wire::Wire;

/// The visit behind a link, and the reply to its forms. Changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no visit.
#[server(prefix = "/api", endpoint = "visit_by_link", protocol = Wire)]
pub(super) async fn visit_by_link(link: String) -> Result<(VisitPage, PostReply), AppError> {
    let context = crate::request::request_context()?;
    let page = desk::cases::visits::read_visit(&context.desk, &link).await?;
    Ok((page, PostReply::of_page()))
}

#[cfg(feature = "ssr")]
pub use server::{Answerer, answer_visit};

#[cfg(feature = "ssr")]
mod server {
    use desk::cases::visits::{answer_as_customer, answer_visit as answer_by_link, read_visit};
    use domain::calendar::ZoneView;
    use domain::case::Refusal;
    use domain::case::visit::{VisitAnswer, VisitRefusal, Windows};
    use domain::i18n::Language;
    use domain::t;
    use domain::text::{Note, optional};
    use domain::time::{Instant, Span};

    use crate::AppError;
    use crate::pages::Typed;
    use crate::request::RequestContext;
    use crate::ui::{TypedWindow, read_windows};

    /// The link by which an answer is given.
    #[derive(Debug, Clone, Copy)]
    pub enum Answerer<'a> {
        /// A visit's link, which answers for that visit alone.
        Link(&'a str),
        /// The case's link.
        Tracking(&'a str),
    }

    /// Executes a customer's answer from one of the forms of a visit.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a link of no visit; [`AppError::Wrong`] for wrong windows or a wrong note.
    /// [`AppError::Text`] for an answer that comes too late; [`AppError::NotPermitted`] for the staff.
    /// [`AppError::TooOften`] above the rate limit.
    pub async fn answer_visit(
        context: &RequestContext,
        by: Answerer<'_>,
        typed: &Typed,
    ) -> Result<(), AppError> {
        context.unhurried()?;
        let language = context.language;
        // Only the customer may answer; the staff writes down who agreed, and how.
        if context.is_staff() {
            return Err(AppError::NotPermitted);
        }
        let outcome = match by {
            Answerer::Link(link) => {
                let page = read_visit(&context.desk, link).await?;
                let answer = read(language, &page.zone, typed)?;
                answer_by_link(&context.desk, link, context.browser.as_ref(), answer).await
            }
            Answerer::Tracking(tracking) => {
                let held = desk::cases::tracking::held(&context.desk, tracking).await?;
                let (customer, number) = (held.actor(context.browser.as_ref()), held.number);
                let page = desk::cases::read::read_case(&context.desk, &customer, number).await?;
                let answer = read(language, &page.hours.zone, typed)?;
                let revision = text(typed, "revision").parse().unwrap_or_default();
                answer_as_customer(&context.desk, &customer, number, revision, answer).await
            }
        };
        outcome.map_err(|error| match error.into() {
            AppError::Refused(refused) => match refused.refusal() {
                Some(Refusal::Visit(VisitRefusal::InThePast | VisitRefusal::TooFarAhead)) => {
                    wrong_windows(language, typed)
                }
                _ => AppError::Text(t!(language, "visit.ask.late").into_owned()),
            },
            error => error,
        })
    }

    fn text<'a>(typed: &'a Typed, name: &str) -> &'a str {
        typed.get(name).map_or("", String::as_str)
    }

    /// The error of impossible windows, at their fields.
    fn wrong_windows(language: Language, typed: &Typed) -> AppError {
        let words = t!(language, "visit.ask.wrong_windows").into_owned();
        match text(typed, "answer") {
            "propose" => AppError::wrong("windows", words),
            _ => AppError::Text(words),
        }
    }

    fn read(language: Language, zone: &ZoneView, typed: &Typed) -> Result<VisitAnswer, AppError> {
        let text = |name: &str| text(typed, name);
        let note = || {
            let note = optional(text("note"), Note::parse);
            note.map_err(|problem| AppError::wrong("note", problem.message(language)))
        };
        match text("answer") {
            "accept" => {
                let span = text("window").split_once('-').and_then(|(from, to)| {
                    Some(Span::new(Instant(from.parse().ok()?), Instant(to.parse().ok()?)))
                });
                let window = span.ok_or_else(|| wrong_windows(language, typed))?;
                Ok(VisitAnswer::Accept { window })
            }
            "propose" => {
                let rows: [_; Windows::MOST] = std::array::from_fn(|place| TypedWindow::typed(typed, place));
                let windows =
                    read_windows(language, zone, &rows).map_err(|words| AppError::wrong("windows", words))?;
                Ok(VisitAnswer::Propose { windows, note: note()? })
            }
            "decline" => Ok(VisitAnswer::Decline { note: note()? }),
            _ => Err(AppError::Malformed),
        }
    }
}
