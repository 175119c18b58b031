//! What comes back to a form that was sent without a script: everything that was typed, and what is wrong with it.

use domain::intake::{Field, IntakeForm};
use serde::{Deserialize, Serialize};

use super::FormError;

/// The id of the element that carries the reply into the browser.
pub(super) const REPLY_ID: &str = "form-reply";

/// A form that could not be taken. The server puts it into the page's context; the page carries it into the browser, so
/// that nothing typed is lost with or without script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormReply {
    /// What was typed.
    pub form: IntakeForm,
    /// The key of this submission: sent again with the next try.
    pub key: String,
    /// What is wrong, field by field, in the reader's language.
    pub problems: Vec<(Field, String)>,
    /// Why it could not be taken when no field is wrong.
    pub failure: Option<FormError>,
}

impl FormReply {
    /// The reply to the form of this page, if it is one.
    #[cfg(feature = "ssr")]
    pub(super) fn of_page() -> Option<Self> {
        leptos::prelude::use_context()
    }

    /// The reply to the form of this page, if it is one.
    #[cfg(not(feature = "ssr"))]
    pub(super) fn of_page() -> Option<Self> {
        super::embed::carried(REPLY_ID)
    }
}
