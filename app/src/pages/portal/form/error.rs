//! What the form is told when the server does not do what was asked.

use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::intake::Field;
use domain::t;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::wire::JsonText;

/// Everything that the form's server functions can answer instead of a result: as little of [`crate::AppError`] as the
/// form acts on, so that its browser need not know every rule of the desk (docs/decisions/0002).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormError {
    /// Fields are wrong: each with what to do, in the reader's language.
    Fields(Vec<(Field, String)>),
    /// The form was sent before with other content, and that opened a case. Sent under `key`, this opens another one.
    SentBefore {
        /// A key that nothing was sent under.
        key: String,
        /// The case that was opened, for those who may know.
        case: Option<CaseNumber>,
    },
    /// The case to be taken up has not ended, or can be reopened: in the reader's language.
    StillOpen(String),
    /// Asked too often: wait a little.
    TooOften,
    /// The server was not reached, or did not answer in its own words.
    Transport,
    /// Anything else, in the reader's language.
    Told(String),
}

impl FormError {
    /// What to tell the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Fields(_) => t!(language, "error.fields").into_owned(),
            Self::SentBefore { .. } => t!(language, "form.sent_before.title").into_owned(),
            Self::TooOften => t!(language, "error.too_often").into_owned(),
            Self::Transport => t!(language, "error.transport").into_owned(),
            Self::StillOpen(words) | Self::Told(words) => words.clone(),
        }
    }

    /// What the form is told of an error, in the language of whoever fills it in.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of(error: crate::AppError, language: Language) -> Self {
        use crate::AppError;
        use domain::case::{LinkRefusal, Refusal};

        match error {
            AppError::Fields(wrong) => Self::Fields(wrong),
            AppError::SentBefore { key, case } => Self::SentBefore { key, case },
            AppError::TooOften => Self::TooOften,
            AppError::Refused(Refusal::Link(LinkRefusal::StillOpen)) => {
                Self::StillOpen(error.message(language))
            }
            error => Self::Told(error.message(language)),
        }
    }
}

impl FromServerFnError for FormError {
    type Encoder = JsonText;

    /// What the framework itself could not do: see [`crate::AppError`].
    #[cfg(feature = "ssr")]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        super::api::told(crate::AppError::from_server_fn_error(error))
    }

    /// In the browser: the server was not reached, or something between it and us answered in its place.
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

    #[test]
    fn refusal_has_a_message() {
        let refusal = Refusal::DoneAlready;
        let told = FormError::of(AppError::Refused(refusal.clone()), Language::En);
        assert_eq!(told.message(Language::En), refusal.message(Language::En));
        assert_eq!(FormError::of(AppError::TooOften, Language::Es), FormError::TooOften);
    }
}
