//! Errors of server functions and pages.

use crate::later::{Later, Refused};
use crate::wire::JsonText;
use domain::actor::NotPermitted;
#[cfg(feature = "ssr")]
use domain::attachment::{FileProblem, told_name};
use domain::case::{Recorded, Refusal, RevisionRefusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::intake::Field;
use domain::t;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use server_fn::{Bytes, Encodes};
use thiserror::Error;

/// Refused files by their sender's names, a line each. A name is empty where the reason is about all of them.
#[cfg(feature = "ssr")]
#[must_use]
pub fn refused_files(language: Language, refused: &[(String, FileProblem)]) -> String {
    let line = |(name, problem): &(String, FileProblem)| {
        let (name, problem) = (told_name(name), problem.message(language));
        if name.is_empty() { problem } else { t!(language, "file.wrong", name = name, problem = problem) }
    };
    refused.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Every error of a server function. It holds no internals of the server.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// The subject does not exist, or the actor may not know of it.
    #[error("not found")]
    NotFound,
    /// The link once led to a case, which has ended: its holder can have a new one mailed to the contact.
    #[error("the link has expired")]
    LinkExpired,
    /// The request needs a session.
    #[error("sign in first")]
    SignInFirst,
    /// The actor may not do this.
    #[error("not permitted")]
    NotPermitted,
    /// A rule of the desk refuses the command.
    #[error("a rule of the desk refuses it")]
    Refused(Refused),
    /// Others have changed the case since it was read.
    #[error("the case has changed")]
    Changed {
        /// The entries since then.
        since: Later<Vec<Recorded>>,
    },
    /// Fields are wrong: each with a message in the reader's language.
    #[error("fields are wrong")]
    Fields(Vec<(Field, String)>),
    /// Fields of a plain form are wrong: their names, each with a message in the reader's language.
    #[error("fields of a plain form are wrong")]
    Wrong(Vec<(String, String)>),
    /// The input is refused, with a message in the reader's language.
    #[error("what was sent cannot be taken")]
    Text(String),
    /// The form was sent before with other content, which opened a case. Sent under `key`, it opens another one.
    #[error("the form was sent before with other content")]
    SentBefore {
        /// A fresh submission key.
        key: String,
        /// The case that was opened, for readers who may know.
        case: Option<CaseNumber>,
    },
    /// The same form opened a case before, whose link was renewed: the new one went to the contact by mail.
    #[error("the form opened a case before, and its link was renewed")]
    LinkRenewed,
    /// The rate limit is exceeded: wait a little.
    #[error("asked too often")]
    TooOften,
    /// The limit of openings is exceeded: wait some minutes, or call.
    #[error("too many cases at once")]
    Crowded,
    /// The request does not match this version of the desk: reload the page.
    #[error("the request cannot be read")]
    Malformed,
    /// The store failed and nothing was written. Try again later.
    #[error("the store failed")]
    Unavailable,
    /// The server failed and has logged it. Try again.
    #[error("the server failed")]
    Internal,
    /// The server was not reached, or another program answered in its place.
    #[error("the server was not reached")]
    Transport,
}

impl AppError {
    /// An error of one field of a plain form.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn wrong(field: &str, words: String) -> Self {
        Self::Wrong(vec![(field.to_owned(), words)])
    }

    /// The error of a message with files: a line for each file at their field, or what the desk says.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of_message(error: desk::cases::message_files::MessageError, language: Language) -> Self {
        use desk::cases::message_files::MessageError;
        match error {
            MessageError::Files(refused) => {
                Self::wrong(crate::upload::FILES, refused_files(language, &refused))
            }
            MessageError::Desk(error) => error.into(),
        }
    }

    /// The HTTP status of the error: the only table of statuses.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub const fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LinkExpired => StatusCode::GONE,
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::NotPermitted => StatusCode::FORBIDDEN,
            Self::Refused(_) | Self::Fields(_) | Self::Wrong(_) | Self::Text(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Changed { .. } | Self::SentBefore { .. } | Self::LinkRenewed => StatusCode::CONFLICT,
            Self::TooOften | Self::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal | Self::Transport => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether an amendment was refused for another one of the same data.
    #[must_use]
    pub fn is_conflicting_amendment(&self) -> bool {
        let Self::Refused(refused) = self else { return false };
        matches!(refused.refusal(), Some(Refusal::Revision(RevisionRefusal::ReportChanged)))
    }

    /// An error that the reader cannot correct. It is logged here; the reader is told no more.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::Internal
    }

    /// Gives the page that shows this error its status. The redirect to the sign-in has a status of its own.
    #[cfg(feature = "ssr")]
    pub fn answer_page(&self) {
        if *self != Self::SignInFirst {
            crate::request::answer_with(self.status());
        }
    }

    /// The message for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Refused(refused) => refused.message(language),
            Self::NotFound => t!(language, "error.not_found").into_owned(),
            Self::LinkExpired => t!(language, "error.link_expired").into_owned(),
            Self::SignInFirst => t!(language, "error.sign_in_first").into_owned(),
            Self::NotPermitted => NotPermitted.message(language),
            Self::Changed { .. } => t!(language, "error.changed").into_owned(),
            Self::Fields(_) | Self::Wrong(_) => t!(language, "error.fields").into_owned(),
            Self::Text(words) => words.clone(),
            Self::SentBefore { .. } => t!(language, "form.sent_before.title").into_owned(),
            Self::LinkRenewed => t!(language, "form.renewed.title").into_owned(),
            Self::TooOften => t!(language, "error.too_often").into_owned(),
            Self::Crowded => t!(language, "opening.crowded").into_owned(),
            Self::Malformed => t!(language, "error.malformed").into_owned(),
            Self::Unavailable | Self::Internal => t!(language, "error.internal").into_owned(),
            Self::Transport => t!(language, "error.transport").into_owned(),
        }
    }
}

/// An error of the desk, without its internals.
#[cfg(feature = "ssr")]
impl From<desk::DeskError> for AppError {
    fn from(error: desk::DeskError) -> Self {
        use desk::DeskError;
        match error {
            DeskError::NotPermitted(_) => Self::NotPermitted,
            DeskError::NotFound => Self::NotFound,
            DeskError::Refused(refusal) => Self::Refused(Refused::of(&refusal)),
            DeskError::Conflict { since, .. } => Self::Changed { since: Later::of(&since) },
            DeskError::Store(error) => error.into(),
        }
    }
}

/// Why a customer's link leads to no case.
#[cfg(feature = "ssr")]
impl From<desk::cases::tracking::LinkError> for AppError {
    fn from(error: desk::cases::tracking::LinkError) -> Self {
        use desk::cases::tracking::LinkError;
        match error {
            LinkError::Expired => Self::LinkExpired,
            LinkError::Desk(error) => error.into(),
        }
    }
}

/// An error of the store, logged here once.
#[cfg(feature = "ssr")]
impl From<desk::store::StoreError> for AppError {
    fn from(error: desk::store::StoreError) -> Self {
        tracing::error!(%error, "the store failed a request");
        Self::Unavailable
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    /// The answer of a server function. Without it, every error would have status 500.
    #[cfg(feature = "ssr")]
    fn ser(&self) -> Bytes {
        crate::request::answer_with(self.status());
        JsonText::encode(self).unwrap_or_default()
    }

    /// Errors of the framework. On the server most are malformed requests: the sender's fault, answered without the parser's
    /// words.
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

    /// In the browser: the server was not reached, or another program answered in its place.
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
