//! What is wrong with a text that a provider wrote.

use thiserror::Error;

use super::Variable;
use crate::i18n::Language;
use crate::t;

/// Why a text with variables is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WordingProblem {
    /// There is no text in any language.
    #[error("no language has a text")]
    NoText,
    /// The text is too long.
    #[error("{length} characters where at most {most} are taken")]
    TooLong {
        /// The most characters.
        most: usize,
        /// Number of characters typed.
        length: usize,
    },
    /// A brace opens or closes no variable.
    #[error("a brace that belongs to no variable")]
    Brace,
    /// No variable of this text has the name.
    #[error("no variable {{{name}}}")]
    UnknownVariable {
        /// The name as typed.
        name: String,
        /// The variables that the text may have.
        known: &'static [Variable],
    },
    /// The text lacks a variable that it needs.
    #[error("the text lacks {{{}}}", .0.code())]
    MissingVariable(Variable),
}

impl WordingProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NoText => t!(language, "wording.problem.no_text").into_owned(),
            Self::TooLong { most, length } => {
                t!(language, "wording.problem.too_long", most = most, surplus = length.saturating_sub(*most))
            }
            Self::Brace => t!(language, "wording.problem.brace").into_owned(),
            Self::UnknownVariable { name, known } => {
                let known: Vec<String> = known.iter().map(|variable| variable.in_braces()).collect();
                t!(language, "wording.problem.unknown", name = name, known = known.join(" "))
            }
            Self::MissingVariable(variable) => {
                t!(language, "wording.problem.missing", variable = variable.in_braces())
            }
        }
    }
}
