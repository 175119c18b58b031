//! The reply to a form that was sent without a script: the values that were typed, and what is wrong with them.

use domain::intake::{Field, IntakeForm};
use serde::{Deserialize, Serialize};

use super::FormError;

/// The id of the element with the reply.
pub(super) const REPLY_ID: &str = "form-reply";

/// A form that was refused. The server puts it into the page's context, and the page embeds it for its script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormReply {
    /// What was typed.
    pub form: IntakeForm,
    /// The key of this submission, for the next try.
    pub key: String,
    /// The errors by field, in the reader's language.
    pub problems: Vec<(Field, String)>,
    /// The reason of the refusal when no field is wrong.
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
