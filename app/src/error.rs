//! What a page is told when the server does not do what was asked.

use crate::wire::JsonText;
use domain::actor::NotPermitted;
use domain::case::{Recorded, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::intake::Field;
use domain::t;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use server_fn::{Bytes, Encodes};
use thiserror::Error;

/// Everything that a server function can answer instead of a result. Holds nothing of the server's insides.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// There is no such thing, or it is not for the asker.
    #[error("not found")]
    NotFound,
    /// Sign in first.
    #[error("sign in first")]
    SignInFirst,
    /// The asker may not do this: sign in as somebody who may.
    #[error("not permitted")]
    NotPermitted,
    /// A rule of the desk would be broken.
    #[error(transparent)]
    Refused(Refusal),
    /// Others have changed the case since it was read.
    #[error("the case has changed")]
    Changed {
        /// What has happened since.
        since: Vec<Recorded>,
    },
    /// Fields are wrong: each with what to do, in the reader's language.
    #[error("fields are wrong")]
    Fields(Vec<(Field, String)>),
    /// Fields of a plain form are wrong: the name of each with what to do, in the reader's language.
    #[error("fields of a plain form are wrong")]
    Wrong(Vec<(String, String)>),
    /// What was sent cannot be taken: why, in the reader's language.
    #[error("what was sent cannot be taken")]
    Text(String),
    /// The form was sent before with other content, and that opened a case. Sent under `key`, this opens another one.
    #[error("the form was sent before with other content")]
    SentBefore {
        /// A key that nothing was sent under.
        key: String,
        /// The case that was opened, for those who may know.
        case: Option<CaseNumber>,
    },
    /// Asked too often: wait a little.
    #[error("asked too often")]
    TooOften,
    /// More cases are opened than the desk takes from there at once: wait some minutes, or call.
    #[error("too many cases at once")]
    Crowded,
    /// What was sent is not what this version of the desk reads: reload the page.
    #[error("the request cannot be read")]
    Malformed,
    /// The desk's store failed and nothing was kept. Try again later.
    #[error("the store failed")]
    Unavailable,
    /// The server failed; it has been written down there. Try again.
    #[error("the server failed")]
    Internal,
    /// The server was not reached, or did not answer in its own words.
    #[error("the server was not reached")]
    Transport,
}

impl AppError {
    /// One field of a plain form is wrong.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn wrong(field: &str, words: String) -> Self {
        Self::Wrong(vec![(field.to_owned(), words)])
    }

    /// The status that goes with it, wherever it is told: the only table of statuses.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub const fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotPermitted => StatusCode::FORBIDDEN,
            Self::Refused(_) | Self::Fields(_) | Self::Wrong(_) | Self::Text(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Changed { .. } | Self::SentBefore { .. } => StatusCode::CONFLICT,
            Self::TooOften | Self::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal | Self::Transport => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A failure that the reader can do nothing about. It is written down here, and the reader is told no more than that.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::Internal
    }

    /// Gives the page that shows this error its status. Who must sign in is led there, which has a status of its own.
    #[cfg(feature = "ssr")]
    pub fn answer_page(&self) {
        if *self != Self::SignInFirst {
            crate::request::answer_with(self.status());
        }
    }

    /// What to tell the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Refused(refusal) => refusal.message(language),
            Self::NotFound => t!(language, "error.not_found").into_owned(),
            Self::SignInFirst => t!(language, "error.sign_in_first").into_owned(),
            Self::NotPermitted => NotPermitted.message(language),
            Self::Changed { .. } => t!(language, "error.changed").into_owned(),
            Self::Fields(_) | Self::Wrong(_) => t!(language, "error.fields").into_owned(),
            Self::Text(words) => words.clone(),
            Self::SentBefore { .. } => t!(language, "form.sent_before.title").into_owned(),
            Self::TooOften => t!(language, "error.too_often").into_owned(),
            Self::Crowded => t!(language, "opening.crowded").into_owned(),
            Self::Malformed => t!(language, "error.malformed").into_owned(),
            Self::Unavailable | Self::Internal => t!(language, "error.internal").into_owned(),
            Self::Transport => t!(language, "error.transport").into_owned(),
        }
    }
}

/// What the desk answers instead of a result, without its insides.
#[cfg(feature = "ssr")]
impl From<desk::DeskError> for AppError {
    fn from(error: desk::DeskError) -> Self {
        use desk::DeskError;
        match error {
            DeskError::NotPermitted(_) => Self::NotPermitted,
            DeskError::NotFound => Self::NotFound,
            DeskError::Refused(refusal) => Self::Refused(refusal),
            DeskError::Conflict { since, .. } => Self::Changed { since },
            DeskError::Store(error) => error.into(),
        }
    }
}

/// A failure of the store is written down here, once.
#[cfg(feature = "ssr")]
impl From<desk::store::StoreError> for AppError {
    fn from(error: desk::store::StoreError) -> Self {
        tracing::error!(%error, "the store failed a request");
        Self::Unavailable
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    /// What a server function answers. Every error would be a 500 otherwise.
    #[cfg(feature = "ssr")]
    fn ser(&self) -> Bytes {
        crate::request::answer_with(self.status());
        JsonText::encode(self).unwrap_or_default()
    }

    /// What the framework itself could not do. On the server that is mostly a request that nobody should have sent: it
    /// is the asker's fault, and says so without the parser's words.
    #[cfg(feature = "ssr")]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Request(_) => Self::Malformed,
            other => Self::internal(other),
        }
    }

    /// In the browser: the server was not reached, or something between it and us answered in its place.
    #[cfg(not(feature = "ssr"))]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Transport,
            _ => Self::Internal,
        }
    }
}
