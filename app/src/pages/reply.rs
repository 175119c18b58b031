//! What comes back to a plain form that could not be taken: everything that was typed, and what is wrong with it.

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use domain::i18n::Language;
#[cfg(feature = "ssr")]
use http::StatusCode;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;

/// What stands in a form, by the names of its fields.
pub type Typed = BTreeMap<String, String>;

/// A form that could not be taken. The server puts it into the page's context, and the page is drawn with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostReply {
    /// What was typed, by the fields' names.
    pub typed: Typed,
    /// What is wrong: the field's name, and what to do in the reader's language.
    pub problems: Vec<(String, String)>,
    /// Why it could not be taken when no field is wrong.
    pub failure: Option<String>,
}

impl PostReply {
    /// The reply that this page is drawn with; an empty one for a page that nobody posted to.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of_page() -> Self {
        leptos::prelude::use_context().unwrap_or_default()
    }

    /// What was typed into a field.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_default()
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|(of, _)| of == name).map(|(_, words)| words.clone())
    }
}

#[cfg(feature = "ssr")]
impl PostReply {
    /// What an error says of what was typed: at its fields, or of the whole.
    #[must_use]
    pub fn to(typed: Typed, error: &AppError, language: Language) -> Self {
        match error {
            AppError::Wrong(problems) => Self { typed, problems: problems.clone(), failure: None },
            error => Self { typed, problems: Vec::new(), failure: Some(error.message(language)) },
        }
    }
}

/// What became of a plain form.
#[cfg(feature = "ssr")]
#[derive(Debug)]
pub enum Posted {
    /// It was taken; the browser goes on there.
    Done(String),
    /// It was not: the page again with this status, and with what was typed.
    Again(StatusCode, PostReply),
    /// There is nothing to show it on.
    Failed(AppError),
}

#[cfg(feature = "ssr")]
impl Posted {
    /// It was not taken.
    #[must_use]
    pub fn not_taken(typed: Typed, error: &AppError, language: Language) -> Self {
        Self::Again(error.status(), PostReply::to(typed, error, language))
    }
}
