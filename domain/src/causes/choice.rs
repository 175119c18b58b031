//! What is chosen of the tree of causes: what is offered, what a resolved case keeps, and why a choice is refused.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CauseCode, CauseLabel};
use crate::i18n::Language;
use crate::questionnaire::Need;
use crate::t;

/// A category and a cause of a resolved case, by the names that they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    /// The category.
    pub category: CauseLabel,
    /// The cause.
    pub cause: CauseLabel,
}

impl Classification {
    /// Category and cause on one line.
    #[must_use]
    pub fn name(&self, language: Language) -> String {
        format!("{} › {}", self.category.names.of(language), self.cause.names.of(language))
    }
}

/// What an agent chooses a cause from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedCauses {
    /// Whether one must be chosen.
    pub choice: Need,
    /// The categories with their causes.
    pub categories: Vec<OfferedCategory>,
}

/// A category with the causes that are offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedCategory {
    /// Its name in the reader's language.
    pub name: String,
    /// Its causes.
    pub causes: Vec<OfferedCause>,
}

/// A cause that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedCause {
    /// Its code.
    pub code: CauseCode,
    /// Its name in the reader's language.
    pub name: String,
}

/// Why a chosen cause is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseRefusal {
    /// The provider asks for one.
    #[error("a cause must be chosen")]
    Required,
    /// The cause is retired or unknown.
    #[error("this cause is not offered")]
    NotOffered,
}

impl CauseRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::Required => "refusal.cause_required",
            Self::NotOffered => "refusal.cause_not_offered",
        };
        t!(language, key).into_owned()
    }
}
