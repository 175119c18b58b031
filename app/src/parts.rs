//! Parts of the workspace's bundle: code that a browser loads when one of its pages is opened (docs/decisions/0050).
//!
//! The queue is in the bundle itself. `app/faces/workspace` declares the parts, since what they export would be in the
//! bundle of every face otherwise.

#[cfg(not(feature = "ssr"))]
use std::cell::Cell;
#[cfg(not(feature = "ssr"))]
use std::future::Future;
#[cfg(not(feature = "ssr"))]
use std::pin::Pin;

use leptos::prelude::*;
use leptos_router::ChooseView;
#[cfg(not(feature = "ssr"))]
use wasm_bindgen::{JsCast, JsValue};
#[cfg(not(feature = "ssr"))]
use wasm_bindgen_futures::JsFuture;
#[cfg(not(feature = "ssr"))]
use web_sys::Response;

#[cfg(not(feature = "ssr"))]
use crate::pages::portal::{FormPart, provide_form_part};
use crate::pages::staff::{
    AgendaPage, BreachesReportPage, CallerPopUp, CaseFilePage, CustomerPage, FollowIntakePage, FollowUpsPage,
    IntakePage, MailKindsPage, MailPage, MailsPage, PausesReportPage, SearchPage, SlaReportPage,
    SurveyCallPage, SurveyQueuePage, SurveyResultsPage,
};

/// A part of the workspace's bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The page of a case.
    CaseFile,
    /// Opening a case by telephone.
    Intake,
    /// The agenda, search, customers, mails, reports, the survey, and the pop-up of a call, which shows a customer's card.
    Office,
}

impl Part {
    /// Every part, in the order in which an idle browser loads them.
    pub const ALL: [Self; 3] = [Self::CaseFile, Self::Intake, Self::Office];

    /// The part of an address of the workspace; the bundle itself has the rest.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let mut steps = path.trim_end_matches('/').split('/').skip(1);
        match (steps.next()?, steps.next()?, steps.next(), steps.next()) {
            ("desk", "cases", Some(_), None) => Some(Self::CaseFile),
            ("desk", "intake", None, _) | ("desk", "cases", Some(_), Some("follow")) => Some(Self::Intake),
            ("desk", "agenda" | "search" | "customers" | "mails" | "reports" | "survey", ..) => {
                Some(Self::Office)
            }
            _ => None,
        }
    }

    /// Its name in the build (`app/faces/workspace`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaseFile => "case_file",
            Self::Intake => "intake",
            Self::Office => "office",
        }
    }
}

/// A page of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// [`Part::CaseFile`].
    CaseFile,
    /// [`Part::Intake`].
    Intake(IntakeOf),
    /// [`Part::Office`].
    Office(Office),
}

/// A page of [`Part::Intake`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeOf {
    /// A new case.
    New,
    /// A case that follows another one.
    FollowUp,
}

/// A page of [`Part::Office`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// The visits of a day.
    Agenda,
    /// Found cases and entries of the register.
    Search,
    /// A customer's card.
    Customer,
    /// The pop-up of a call. No address leads to it.
    Caller,
    /// Mails to customers.
    Mails,
    /// The kinds of mails.
    MailKinds,
    /// One mail.
    Mail,
    /// Time that cases waited.
    Pauses,
    /// Targets kept.
    Sla,
    /// Targets missed.
    Breaches,
    /// Calls to make.
    SurveyQueue,
    /// One call.
    SurveyCall,
    /// Dissatisfied customers.
    FollowUps,
    /// Answers of the survey.
    SurveyResults,
}

impl Page {
    /// The part that holds it.
    #[must_use]
    pub const fn part(self) -> Part {
        match self {
            Self::CaseFile => Part::CaseFile,
            Self::Intake(_) => Part::Intake,
            Self::Office(_) => Part::Office,
        }
    }
}

/// The page of a case.
#[must_use]
pub fn case_file() -> AnyView {
    view! { <CaseFilePage/> }.into_any()
}

/// A page of the intake.
#[must_use]
pub fn intake(page: IntakeOf) -> AnyView {
    #[cfg(not(feature = "ssr"))]
    provide_form_part(FormPart::whole());
    match page {
        IntakeOf::New => view! { <IntakePage/> }.into_any(),
        IntakeOf::FollowUp => view! { <FollowIntakePage/> }.into_any(),
    }
}

/// A page of [`Part::Office`].
#[must_use]
pub fn office(page: Office) -> AnyView {
    match page {
        Office::Agenda => view! { <AgendaPage/> }.into_any(),
        Office::Search => view! { <SearchPage/> }.into_any(),
        Office::Customer => view! { <CustomerPage/> }.into_any(),
        Office::Caller => view! { <CallerPopUp/> }.into_any(),
        Office::Mails => view! { <MailsPage/> }.into_any(),
        Office::MailKinds => view! { <MailKindsPage/> }.into_any(),
        Office::Mail => view! { <MailPage/> }.into_any(),
        Office::Pauses => view! { <PausesReportPage/> }.into_any(),
        Office::Sla => view! { <SlaReportPage/> }.into_any(),
        Office::Breaches => view! { <BreachesReportPage/> }.into_any(),
        Office::SurveyQueue => view! { <SurveyQueuePage/> }.into_any(),
        Office::SurveyCall => view! { <SurveyCallPage/> }.into_any(),
        Office::FollowUps => view! { <FollowUpsPage/> }.into_any(),
        Office::SurveyResults => view! { <SurveyResultsPage/> }.into_any(),
    }
}

#[cfg(feature = "ssr")]
impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        match self {
            Self::CaseFile => case_file(),
            Self::Intake(page) => intake(page),
            Self::Office(page) => office(page),
        }
    }

    async fn preload(&self) {}
}

/// The reason that a part is not there: the browser did not get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotLoaded;

/// What is awaited of a part.
#[cfg(not(feature = "ssr"))]
pub type Awaited<T> = Pin<Box<dyn Future<Output = Result<T, NotLoaded>>>>;

/// How the bundle gets its parts (`app/faces/workspace`).
#[cfg(not(feature = "ssr"))]
#[derive(Debug, Clone, Copy)]
pub struct Loader {
    /// Loads a part.
    pub load: fn(Part) -> Awaited<()>,
    /// Draws a page, and loads its part before if it is not there.
    pub draw: fn(Page) -> Awaited<AnyView>,
}

#[cfg(not(feature = "ssr"))]
thread_local! {
    static LOADER: Cell<Option<Loader>> = const { Cell::new(None) };
    static HAS_WORDS: Cell<bool> = const { Cell::new(false) };
}

/// Sets how parts are loaded. No page of a part is drawn before.
#[cfg(not(feature = "ssr"))]
pub fn provide_loader(loader: Loader) {
    LOADER.set(Some(loader));
}

/// Loads a part, and the words of all parts.
///
/// # Errors
/// [`NotLoaded`] where the browser did not get it; it may be tried again.
#[cfg(not(feature = "ssr"))]
pub async fn load(part: Part) -> Result<(), NotLoaded> {
    let loader = LOADER.get().ok_or(NotLoaded)?;
    (loader.load)(part).await?;
    if HAS_WORDS.get() {
        return Ok(());
    }
    let words = words().await.map_err(|_| NotLoaded)?;
    #[cfg(target_arch = "wasm32")]
    domain::i18n::load_more(&words).map_err(|_| NotLoaded)?;
    #[cfg(not(target_arch = "wasm32"))]
    drop(words);
    HAS_WORDS.set(true);
    Ok(())
}

/// The pop-up of a call, once its part is loaded; `None` where the browser did not get it, and the next call tries again.
#[cfg(not(feature = "ssr"))]
pub async fn caller() -> Option<AnyView> {
    load(Part::Office).await.ok()?;
    let loader = LOADER.get()?;
    (loader.draw)(Page::Office(Office::Caller)).await.ok()
}

/// The words of all parts; the page tells their address (`shell.rs`).
#[cfg(not(feature = "ssr"))]
async fn words() -> Result<String, JsValue> {
    let address = js_sys::Reflect::get(&window(), &JsValue::from_str("vigiaWords"))?;
    let address = address.as_string().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window().fetch_with_str(&address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(response.text()?).await?.as_string().ok_or(JsValue::NULL)
}

#[cfg(not(feature = "ssr"))]
impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        let drawn = match (load(self.part()).await, LOADER.get()) {
            (Ok(()), Some(loader)) => (loader.draw)(self).await,
            _ => Err(NotLoaded),
        };
        drawn.unwrap_or_else(|NotLoaded| view! { <crate::pages::staff::PageNotLoaded/> }.into_any())
    }

    async fn preload(&self) {
        // What fails here is told where the page is drawn.
        let _ = load(self.part()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_selects_its_part() {
        for (path, part) in [
            ("/desk", None),
            ("/desk/", None),
            ("/desk/nowhere", None),
            ("/desk/cases/VE1", Some(Part::CaseFile)),
            ("/desk/cases/VE1/", Some(Part::CaseFile)),
            ("/desk/cases/VE1/follow", Some(Part::Intake)),
            ("/desk/cases", None),
            ("/desk/intake", Some(Part::Intake)),
            ("/desk/agenda", Some(Part::Office)),
            ("/desk/mails/7", Some(Part::Office)),
            ("/desk/customers/7", Some(Part::Office)),
            ("/desk/reports/promises/missed", Some(Part::Office)),
            ("/desk/survey", Some(Part::Office)),
        ] {
            assert_eq!(Part::of(path), part, "{path}");
        }
    }
}
