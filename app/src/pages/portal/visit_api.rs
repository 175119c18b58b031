//! What the customer's pages ask the server about visits.

use domain::view::VisitPage;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The visit behind a link, and why the answer was not taken that this page is the reply to. Changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for a link that leads nowhere.
#[server(prefix = "/api", endpoint = "visit_by_link", protocol = Wire)]
pub(super) async fn visit_by_link(link: String) -> Result<(VisitPage, Option<AppError>), AppError> {
    let asked = crate::request::asked()?;
    let page = desk::visit::read_visit(&asked.desk, &link).await?;
    Ok((page, NotTaken::of_page()))
}

#[cfg(feature = "ssr")]
pub use server::{Answerer, NotTaken, VisitForm, answer_visit};

#[cfg(feature = "ssr")]
mod server {
    use desk::visit::{answer_as_customer, answer_visit as answer_by_link, read_visit, typed_note};
    use domain::actor::Actor;
    use domain::calendar::ZoneView;
    use domain::case::Refusal;
    use domain::case::visit::{VisitAnswer, VisitRefusal};
    use domain::t;
    use domain::time::{Instant, Span};
    use domain::words::Language;
    use serde::Deserialize;

    use crate::AppError;
    use crate::request::Asked;
    use crate::ui::{TypedWindow, read_windows};

    /// Why an answer was not taken. The server puts it into the context of the page that it answers with.
    #[derive(Debug, Clone)]
    pub struct NotTaken(pub AppError);

    impl NotTaken {
        /// The reply that this page is drawn with, if it is one.
        pub(in crate::pages::portal) fn of_page() -> Option<AppError> {
            leptos::prelude::use_context::<Self>().map(|reply| reply.0)
        }
    }

    /// What one of the forms of a visit sends.
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    pub struct VisitForm {
        answer: String,
        revision: u32,
        window: String,
        from1: String,
        minutes1: String,
        from2: String,
        minutes2: String,
        from3: String,
        minutes3: String,
        note: String,
    }

    /// By what an answer is given.
    #[derive(Debug, Clone, Copy)]
    pub enum Answerer<'a> {
        /// The link of a visit, which answers for that visit alone.
        Link(&'a str),
        /// The case's own link.
        Tracking(&'a str),
    }

    /// Takes a customer's answer.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a link that leads nowhere, [`AppError::TooOften`] for whoever writes too often,
    /// [`AppError::NotPermitted`] for the staff, [`AppError::Text`] for times that are none, [`AppError::Refused`] for an
    /// answer that comes too late.
    pub async fn answer_visit(asked: &Asked, by: Answerer<'_>, form: &VisitForm) -> Result<(), AppError> {
        asked.unhurried()?;
        // The customer's own word is not theirs to give: they write down who agreed, and how.
        if matches!(asked.actor, Actor::Staff(_)) {
            return Err(AppError::NotPermitted);
        }
        let outcome = match by {
            Answerer::Link(link) => {
                let page = read_visit(&asked.desk, link).await?;
                let answer = form.read(asked, &page.zone)?;
                answer_by_link(&asked.desk, link, asked.browser.as_ref(), answer).await
            }
            Answerer::Tracking(tracking) => {
                let number = asked.desk.tokens().case(tracking).ok_or(AppError::NotFound)?;
                let customer = asked.customer(number);
                let page = desk::read_case::read_case(&asked.desk, &customer, number).await?;
                let answer = form.read(asked, &page.hours.zone)?;
                answer_as_customer(&asked.desk, &customer, number, form.revision, answer).await
            }
        };
        outcome.map_err(|error| match error.into() {
            AppError::Refused(Refusal::Visit(VisitRefusal::InThePast | VisitRefusal::TooFarAhead)) => {
                wrong_windows(asked.language)
            }
            error => error,
        })
    }

    /// What is told of times that are none: at the fields that they were typed into.
    fn wrong_windows(language: Language) -> AppError {
        AppError::Text(t!(language, "visit.ask.wrong_windows").into_owned())
    }

    impl VisitForm {
        fn read(&self, asked: &Asked, zone: &ZoneView) -> Result<VisitAnswer, AppError> {
            let wrong = || wrong_windows(asked.language);
            let note = || typed_note(&self.note).map_err(|_| wrong());
            match self.answer.as_str() {
                "accept" => {
                    let (from, to) = self.window.split_once('-').ok_or_else(wrong)?;
                    let instant = |text: &str| text.parse().map(Instant).map_err(|_| wrong());
                    Ok(VisitAnswer::Accept { window: Span::new(instant(from)?, instant(to)?) })
                }
                "propose" => {
                    let rows = [
                        (&self.from1, &self.minutes1),
                        (&self.from2, &self.minutes2),
                        (&self.from3, &self.minutes3),
                    ];
                    let rows = rows
                        .map(|(from, minutes)| TypedWindow { from: from.clone(), minutes: minutes.clone() });
                    let windows = read_windows(asked.language, zone, &rows).map_err(|_| wrong())?;
                    Ok(VisitAnswer::Propose { windows, note: note()? })
                }
                "decline" => Ok(VisitAnswer::Decline { note: note()? }),
                _ => Err(wrong()),
            }
        }
    }
}
