//! Errors of the form's server functions.

use domain::i18n::Language;
use domain::intake::Field;
use domain::t;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::wire::JsonText;

/// A case as a page shows it. The form's bundle reads no case numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCase {
    /// The address of its page.
    pub address: String,
    /// Its number, in groups.
    pub number: String,
}

/// Every error of the form's server functions: the part of [`crate::AppError`] that the form handles. So its bundle holds no
/// rules of the desk (docs/decisions/0002).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormError {
    /// Fields are wrong: each with a message in the reader's language.
    Fields(Vec<(Field, String)>),
    /// The form was sent before with other content, which opened a case. Sent under `key`, it opens another one.
    SentBefore {
        /// A fresh submission key.
        key: String,
        /// The case that was opened, for readers who may know.
        case: Option<ShownCase>,
    },
    /// The same form opened a case before, whose link was renewed.
    LinkRenewed,
    /// The previous case has not ended, or can be reopened; a message in the reader's language.
    StillOpen(String),
    /// The rate limit is exceeded: wait a little.
    TooOften,
    /// Files are refused: a line for each, in the reader's language.
    Files(String),
    /// The server was not reached, or another program answered in its place.
    Transport,
    /// Any other error, in the reader's language.
    Told(String),
}

impl FormError {
    /// The message for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Fields(_) => t!(language, "error.fields").into_owned(),
            Self::SentBefore { .. } => t!(language, "form.sent_before.title").into_owned(),
            Self::LinkRenewed => t!(language, "form.renewed.title").into_owned(),
            Self::Files(_) => t!(language, "file.not_taken").into_owned(),
            Self::TooOften => t!(language, "error.too_often").into_owned(),
            Self::Transport => t!(language, "error.transport").into_owned(),
            Self::StillOpen(words) | Self::Told(words) => words.clone(),
        }
    }

    /// The form's error for an error of the app, in the language of the form.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of(error: crate::AppError, language: Language) -> Self {
        use crate::AppError;
        use crate::address::case_address;
        use domain::case::{LinkRefusal, Refusal};
        use domain::case_number::CaseNumber;

        match error {
            AppError::Fields(wrong) => Self::Fields(wrong),
            AppError::SentBefore { key, case } => {
                let shown = |number: CaseNumber| ShownCase {
                    address: case_address(number),
                    number: number.grouped(),
                };
                Self::SentBefore { key, case: case.map(shown) }
            }
            AppError::LinkRenewed => Self::LinkRenewed,
            AppError::TooOften => Self::TooOften,
            AppError::Wrong(mut wrong) if wrong.len() == 1 => {
                Self::Files(wrong.pop().map(|(_, words)| words).unwrap_or_default())
            }
            AppError::Refused(ref refused)
                if refused.refusal() == Some(Refusal::Link(LinkRefusal::StillOpen)) =>
            {
                Self::StillOpen(error.message(language))
            }
            error => Self::Told(error.message(language)),
        }
    }
}

impl FromServerFnError for FormError {
    type Encoder = JsonText;

    /// Errors of the framework: see [`crate::AppError`].
    #[cfg(feature = "ssr")]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        super::api::told(crate::AppError::from_server_fn_error(error))
    }

    /// In the browser: the server was not reached, or another program answered in its place.
    #[cfg(not(feature = "ssr"))]
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Transport
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::case::Refusal;

    use super::*;
    use crate::AppError;
    use crate::later::Refused;

    #[test]
    fn refusal_has_a_message() {
        let refusal = Refusal::DoneAlready;
        let told = FormError::of(AppError::Refused(Refused::of(&refusal)), Language::En);
        assert_eq!(told.message(Language::En), refusal.message(Language::En));
        assert_eq!(FormError::of(AppError::TooOften, Language::Es), FormError::TooOften);
    }
}
