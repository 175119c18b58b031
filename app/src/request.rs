//! What the server knows about a request: the desk, who asks, in which language.
//!
//! The server's middleware puts an [`RequestContext`] into every request; pages and server functions read it here.

use std::collections::BTreeMap;

use desk::Desk;
use desk::access::limits::Source;
use desk::access::own_account::SessionName;
use domain::actor::{Actor, BrowserOf};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use http::StatusCode;
use leptos::prelude::use_context;
use leptos::reactive::owner::with_context;
use leptos_axum::ResponseOptions;

use crate::AppError;

/// Who asks, settled before any page or server function runs.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The desk that is asked.
    pub desk: Desk,
    /// Who sends the request: nothing is done without an actor.
    pub actor: Actor,
    /// In which language the answer is read.
    pub language: Language,
    /// The network from which the request comes.
    pub source: Source,
    /// Whether this address may ask more now.
    pub rate_limit: RateLimit,
    /// The session of a member of the staff, by the name that its owner knows it by.
    pub session: Option<SessionName>,
    /// Whose browser it is, where a member of the staff has signed in before: read for whoever writes.
    pub browser: Option<BrowserOf>,
}

impl RequestContext {
    /// Lets whoever asks go on, unless they ask too often.
    ///
    /// # Errors
    /// [`AppError::TooOften`].
    pub fn unhurried(&self) -> Result<(), AppError> {
        match self.rate_limit {
            RateLimit::Within => Ok(()),
            RateLimit::Exceeded => Err(AppError::TooOften),
        }
    }

    /// Who writes by the link of a case: its customer, but for members of the staff, who stay themselves. The customer's own
    /// word is not theirs to give (`domain::actor::may`), by whatever link they got to the page.
    ///
    /// # Errors
    /// [`AppError::TooOften`] for whoever writes too often, [`AppError::NotFound`] for a link that leads nowhere.
    pub fn by_link(&self, tracking: &str) -> Result<(CaseNumber, Actor), AppError> {
        self.unhurried()?;
        let number = self.desk.tokens().case(tracking).ok_or(AppError::NotFound)?;
        Ok((number, if self.is_staff() { self.actor.clone() } else { self.customer(number) }))
    }

    /// Whoever holds the link of a case.
    #[must_use]
    pub fn customer(&self, number: CaseNumber) -> Actor {
        Actor::customer(number, self.browser.as_ref())
    }

    /// Whether a member of the staff asks.
    #[must_use]
    pub const fn is_staff(&self) -> bool {
        matches!(self.actor, Actor::Staff(_))
    }

    /// Lets a case be opened, unless strangers open too many from there. Staff is never paced.
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
}

/// Whether look-ups from one address go too fast.
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
    of_request(|asked| asked.language).unwrap_or_default()
}

/// Looks at the request's [`RequestContext`] where it is: asking for the request would copy it, headers and all.
fn of_request<T>(look: impl FnOnce(&RequestContext) -> T) -> Option<T> {
    with_context(|parts: &http::request::Parts| parts.extensions.get().map(look)).flatten()
}

/// Sets the status of the page or of the server function's answer that is being made.
pub fn answer_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Where one of the bundles of this build is, under its hashed names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Address of the script under its hashed name.
    pub js: String,
    /// Address of the WebAssembly under its hashed name.
    pub wasm: String,
    /// Addresses of its words in each language.
    pub words: BTreeMap<Language, String>,
}

impl Bundle {
    /// Where its words in a language are.
    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        self.words.get(&language).map_or("", String::as_str)
    }
}

/// What the pages of this build load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet of all.
    pub css: String,
    /// The bundle of the case form.
    pub form: Bundle,
    /// The bundle of what follows a case.
    pub track: Bundle,
    /// The bundle of the staff's workspace.
    pub workspace: Bundle,
    /// The bundle of the administration and of the own account.
    pub admin: Bundle,
    /// The bundle of wall displays.
    pub wall: Bundle,
}
