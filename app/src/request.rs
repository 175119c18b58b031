//! The context of a request: the desk, the actor, the language.
//!
//! The server's middleware attaches a [`RequestContext`] to every request; pages and server functions read it here.

use std::collections::BTreeMap;
use std::sync::Arc;

use desk::Desk;
use desk::access::limits::Source;
use desk::access::own_account::SessionName;
use desk::cases::tracking;
use domain::actor::{Actor, BrowserOf};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractFormats;
use domain::i18n::Language;
use domain::provider::ProviderView;
use domain::serial::SerialFormats;
use http::StatusCode;
use leptos::prelude::use_context;
use leptos::reactive::owner::with_context;
use leptos_axum::ResponseOptions;

use crate::AppError;
use crate::operations::Operations;
use crate::parts::Part;
use crate::provider::{AccentSheet, view_of};

/// The context of a request, determined before any page or server function runs.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The desk.
    pub desk: Desk,
    /// The sender of the request: nothing is done without an actor.
    pub actor: Actor,
    /// The language of the answer.
    pub language: Language,
    /// The network of the sender.
    pub source: Source,
    /// Whether the sender is within the rate limit.
    pub rate_limit: RateLimit,
    /// The session of a member of the staff, by the name that its owner knows it by.
    pub session: Option<SessionName>,
    /// The owner of the browser, where a member of the staff has signed in before: recorded with a customer's writes.
    pub browser: Option<BrowserOf>,
    /// The process that serves.
    pub operations: Arc<dyn Operations>,
}

impl RequestContext {
    /// Checks the rate limit.
    ///
    /// # Errors
    /// [`AppError::TooOften`].
    pub fn unhurried(&self) -> Result<(), AppError> {
        match self.rate_limit {
            RateLimit::Within => Ok(()),
            RateLimit::Exceeded => Err(AppError::TooOften),
        }
    }

    /// The actor of a write by a case's link: the customer, but for members of the staff, who stay themselves. Only the
    /// customer may write as the customer (`domain::actor::may`).
    ///
    /// # Errors
    /// [`AppError::TooOften`] above the rate limit, [`AppError::NotFound`] for a link of no case, [`AppError::LinkExpired`].
    pub async fn by_link(&self, link: &str) -> Result<(CaseNumber, Actor), AppError> {
        self.unhurried()?;
        let held = tracking::held(&self.desk, link).await?;
        let holder = held.actor(self.browser.as_ref());
        Ok((held.number, if self.is_staff() { self.actor.clone() } else { holder }))
    }

    /// Whether the actor is a member of the staff.
    #[must_use]
    pub const fn is_staff(&self) -> bool {
        matches!(self.actor, Actor::Staff(_))
    }

    /// Checks the limit of openings by strangers from one network. The staff has none.
    ///
    /// # Errors
    /// [`AppError::Crowded`].
    pub fn may_open(&self) -> Result<(), AppError> {
        if self.is_staff() {
            return Ok(());
        }
        let taken = self.desk.limits().openings.take(self.source, self.desk.now());
        taken.map_err(|_| AppError::Crowded)
    }

    /// Checks the limit of what a customer who is signed in reads at a cost: reports, files, searches. Others have none.
    ///
    /// # Errors
    /// [`AppError::TooOften`].
    pub fn may_read_much(&self) -> Result<(), AppError> {
        let Actor::Contact(mail) = &self.actor else { return Ok(()) };
        let taken = self.desk.limits().own_reads.take(&mail.mailbox(), self.desk.now());
        taken.map_err(|_| AppError::TooOften)
    }

    /// Checks the limit of strangers' openings with files from one network. The staff has none.
    ///
    /// # Errors
    /// [`AppError::TooOften`].
    pub fn may_send_files(&self) -> Result<(), AppError> {
        if self.is_staff() {
            return Ok(());
        }
        let taken = self.desk.limits().opening_files.take(self.source, self.desk.now());
        taken.map_err(|_| AppError::TooOften)
    }
}

/// The state of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// The address is within its limit.
    Within,
    /// Too many in a short time.
    Exceeded,
}

/// The request's [`RequestContext`].
///
/// # Errors
/// [`AppError::Internal`] when the middleware did not run: a fault of the wiring.
pub fn request_context() -> Result<RequestContext, AppError> {
    of_request(Clone::clone).ok_or_else(|| AppError::internal("a request came in past the middleware"))
}

/// The reader's language; Spanish while routes are listed at start-up, when there is no request.
#[must_use]
pub fn language() -> Language {
    of_request(|context| context.language).unwrap_or_default()
}

/// The provider as pages show it; the standing name while routes are listed at start-up.
pub(crate) fn provider() -> ProviderView {
    of_request(|context| view_of(&context.desk.brand())).unwrap_or_default()
}

/// The key that signs the desk's proofs, and the desk's public address; empty while routes are listed at start-up.
pub(crate) fn proof_key() -> (String, String) {
    let of =
        |context: &RequestContext| (context.desk.proof_key().written(), context.desk.public_url().to_owned());
    of_request(of).unwrap_or_default()
}

/// The formats of contract numbers in force; the standing ones while routes are listed at start-up.
pub(crate) fn formats() -> Arc<ContractFormats> {
    of_request(|context| context.desk.formats()).unwrap_or_default()
}

/// The formats of serials in force; the standing ones while routes are listed at start-up.
pub(crate) fn serial_formats() -> Arc<SerialFormats> {
    of_request(|context| context.desk.serial_formats()).unwrap_or_default()
}

/// The style sheet of the provider's accent, if it has one.
pub(crate) fn accent_sheet() -> Option<AccentSheet> {
    of_request(|context| context.desk.brand().provider.accent).flatten().map(AccentSheet::of)
}

/// Reads the request's [`RequestContext`] in place: a copy would take the headers along.
fn of_request<T>(look: impl FnOnce(&RequestContext) -> T) -> Option<T> {
    with_context(|parts: &http::request::Parts| parts.extensions.get().map(look)).flatten()
}

/// Sets the status of the page or of the server function's answer.
pub fn answer_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// The files of one bundle, under their hashed names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Address of the script.
    pub js: String,
    /// Address of the WebAssembly.
    pub wasm: String,
    /// Addresses of its words in each language.
    pub words: BTreeMap<Language, String>,
    /// The parts of the workspace's bundle, which its pages load by themselves.
    pub parts: Option<Parts>,
}

impl Bundle {
    /// The address of its words in a language.
    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        self.words.get(&language).map_or("", String::as_str)
    }
}

/// The files that a page of a [`Part`] needs beside the bundle, under their hashed names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Addresses of the files of each part.
    pub files: BTreeMap<Part, Vec<String>>,
    /// Addresses of their common words in each language.
    pub words: BTreeMap<Language, String>,
}

impl Parts {
    /// The address of the common words in a language.
    pub(crate) fn message(&self, language: Language) -> &str {
        self.words.get(&language).map_or("", String::as_str)
    }

    /// The addresses of the code of a page.
    pub(crate) fn of_page(&self, path: &str) -> &[String] {
        Part::of(path).and_then(|part| self.files.get(&part)).map_or(&[], Vec::as_slice)
    }
}

/// The files that the pages of this build load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet of portal and workspace.
    pub css: String,
    /// The style sheet of the administration and of the ways in.
    pub admin_css: String,
    /// The style sheet of wall displays.
    pub wall_css: String,
    /// The bundle of the case form.
    pub form: Bundle,
    /// The bundle of the customers' case pages.
    pub track: Bundle,
    /// The bundle of the staff's workspace.
    pub workspace: Bundle,
    /// The bundle of the administration and of the own account.
    pub admin: Bundle,
    /// The bundle of wall displays.
    pub wall: Bundle,
    /// The style sheet of the page that verifies proofs.
    pub verify_css: String,
    /// The bundle of the page that verifies proofs.
    pub verify: Bundle,
    /// The template of that page as one file.
    pub kept_page: String,
}
