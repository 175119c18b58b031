//! The reply to a plain form that was refused: the values that were typed, and what is wrong with them.

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use domain::i18n::Language;
#[cfg(feature = "ssr")]
use http::StatusCode;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;

/// The values of a form by the names of its fields.
pub type Typed = BTreeMap<String, String>;

/// A refused form. The server puts it into the page's context, and the page is drawn with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostReply {
    /// The values, by the fields' names.
    pub typed: Typed,
    /// The errors: the field's name, and a message in the reader's language.
    pub problems: Vec<(String, String)>,
    /// The reason of the refusal when no field is wrong.
    pub failure: Option<String>,
}

impl PostReply {
    /// The reply of this page; empty for a page that was not posted to.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of_page() -> Self {
        leptos::prelude::use_context().unwrap_or_default()
    }

    /// The value of a field.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_default()
    }

    /// The error of a field.
    #[must_use]
    pub fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|(of, _)| of == name).map(|(_, words)| words.clone())
    }
}

#[cfg(feature = "ssr")]
impl PostReply {
    /// The reply for an error: at its fields, or for the whole form.
    #[must_use]
    pub fn to(typed: Typed, error: &AppError, language: Language) -> Self {
        match error {
            AppError::Wrong(problems) => Self { typed, problems: problems.clone(), failure: None },
            error => Self { typed, problems: Vec::new(), failure: Some(error.message(language)) },
        }
    }
}

/// The outcome of a plain form.
#[cfg(feature = "ssr")]
#[derive(Debug)]
pub enum Posted {
    /// Taken; the browser is redirected there.
    Done(String),
    /// Refused: the page again with this status, and with the values.
    Again(StatusCode, PostReply),
    /// An error without a page to show it on.
    Failed(AppError),
}

#[cfg(feature = "ssr")]
impl Posted {
    /// A refused form.
    #[must_use]
    pub fn not_taken(typed: Typed, error: &AppError, language: Language) -> Self {
        Self::Again(error.status(), PostReply::to(typed, error, language))
    }
}
