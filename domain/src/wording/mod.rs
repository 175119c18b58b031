//! Texts that a provider writes itself, with variables that the desk fills in: canned replies, and words of mails.
//!
//! A [`Template`] is text with variables in braces: `{number}`. The set of variables is closed: each use names those that
//! it knows ([`Shape`]), and any other is refused when the text is set. Only server programs fill templates in.

mod mail_text;
mod moment;
mod problem;
mod reply;
mod template;
mod variable;

use serde::{Deserialize, Serialize};

pub use mail_text::{MailPart, MailText, MailTextKind, MailTextProblem, MailWords, mail_text};
pub use problem::WordingProblem;
pub use reply::{CannedReply, FilledReply, REPLY, ReplyState};
pub use template::{Lines, Shape, Template};
pub use variable::Variable;

use crate::i18n::Language;

/// A value for some of the languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLanguages<T> {
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    es: Option<T>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    en: Option<T>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pt: Option<T>,
}

const fn none<T>() -> Option<T> {
    None
}

impl<T> Default for InLanguages<T> {
    fn default() -> Self {
        Self { es: None, en: None, pt: None }
    }
}

impl<T> InLanguages<T> {
    /// The value of a language.
    #[must_use]
    pub const fn get(&self, language: Language) -> Option<&T> {
        match language {
            Language::Es => self.es.as_ref(),
            Language::En => self.en.as_ref(),
            Language::Pt => self.pt.as_ref(),
        }
    }

    /// Sets the value of a language; `None` removes it.
    pub fn set(&mut self, language: Language, value: Option<T>) {
        match language {
            Language::Es => self.es = value,
            Language::En => self.en = value,
            Language::Pt => self.pt = value,
        }
    }

    /// Whether no language has a value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.es.is_none() && self.en.is_none() && self.pt.is_none()
    }
}
