//! What the customer's pages ask the server about visits.

use domain::view::VisitPage;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The visit behind a link. Changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for a link that leads nowhere.
#[server(prefix = "/api", endpoint = "visit_by_link", protocol = Wire)]
pub(super) async fn visit_by_link(link: String) -> Result<VisitPage, AppError> {
    use crate::request::{asked, internal, refuse};
    use desk::visit::{VisitError, read_visit};

    let asked = asked()?;
    read_visit(&asked.desk, &link).await.map_err(|error| match error {
        VisitError::NotFound | VisitError::NotPermitted(_) => refuse(AppError::NotFound),
        VisitError::Store(error) => internal(error),
    })
}

#[cfg(feature = "ssr")]
pub use server::{Answerer, VisitForm, answer_visit};

#[cfg(feature = "ssr")]
mod server {
    use desk::visit::{answer_as_customer, answer_visit as answer_by_link, read_visit, typed_note};
    use desk::work_case::WorkCaseError;
    use domain::actor::Actor;
    use domain::calendar::ZoneView;
    use domain::case::visit::VisitAnswer;
    use domain::time::{Instant, Span};
    use serde::Deserialize;

    use crate::request::Asked;
    use crate::ui::{TypedWindow, read_windows};

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

    /// Takes a customer's answer; what to tell them when it is not taken, as the `problem` of the page's address.
    ///
    /// # Errors
    /// `not_found` for a link that leads nowhere, `windows` for times that are none, `late` for an answer that comes too
    /// late, `too_often` for whoever writes too often, `failed` when nothing was kept, `staff` for whoever is signed in as
    /// such.
    pub async fn answer_visit(asked: &Asked, by: Answerer<'_>, form: &VisitForm) -> Result<(), &'static str> {
        if asked.unhurried().is_err() {
            return Err("too_often");
        }
        // The customer's own word is not theirs to give: they write down who agreed, and how.
        if matches!(asked.actor, Actor::Staff(_)) {
            return Err("staff");
        }
        let outcome = match by {
            Answerer::Link(link) => {
                let page = read_visit(&asked.desk, link).await.map_err(|_| "not_found")?;
                let answer = form.read(asked, &page.zone)?;
                answer_by_link(&asked.desk, link, asked.browser.as_ref(), answer).await
            }
            Answerer::Tracking(tracking) => {
                let number = asked.desk.tokens().case(tracking).ok_or("not_found")?;
                let customer = asked.customer(number);
                let page = desk::read_case::read_case(&asked.desk, &customer, number).await;
                let page = page.map_err(|_| "not_found")?;
                let answer = form.read(asked, &page.hours.zone)?;
                answer_as_customer(&asked.desk, &customer, number, form.revision, answer).await
            }
        };
        outcome.map_err(|error| match error {
            WorkCaseError::NotFound => "not_found",
            WorkCaseError::Refused(domain::case::Refusal::Visit(
                domain::case::visit::VisitRefusal::InThePast | domain::case::visit::VisitRefusal::TooFarAhead,
            )) => "windows",
            WorkCaseError::Refused(_) | WorkCaseError::Changed { .. } => "late",
            WorkCaseError::Store(error) => {
                tracing::error!(%error, "an answer to a visit was not kept");
                "failed"
            }
        })
    }

    impl VisitForm {
        fn read(&self, asked: &Asked, zone: &ZoneView) -> Result<VisitAnswer, &'static str> {
            let note = || typed_note(&self.note).map_err(|_| "windows");
            match self.answer.as_str() {
                "accept" => {
                    let (from, to) = self.window.split_once('-').ok_or("windows")?;
                    let instant = |text: &str| text.parse().map(Instant).map_err(|_| "windows");
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
                    let windows = read_windows(asked.language, zone, &rows).map_err(|_| "windows")?;
                    Ok(VisitAnswer::Propose { windows, note: note()? })
                }
                "decline" => Ok(VisitAnswer::Decline { note: note()? }),
                _ => Err("windows"),
            }
        }
    }
}
