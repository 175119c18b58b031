//! Errors of the API: problems by RFC 9457, each with a stable code and the words of the forms.

use app::AppError;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::store::StoreError;
use domain::case::Refusal;
use domain::i18n::Language;
use domain::t;
use serde_json::{Value, json};

use super::super::streams::AGAIN_S;

/// The content type of a problem.
pub(super) const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Every code that a problem may have. The document lists them, and none of them changes.
pub(super) const CODES: [&str; 19] = [
    "token_missing",
    "token_wrong",
    "not_permitted",
    "not_found",
    "method_not_allowed",
    "malformed",
    "unsupported_media_type",
    "too_large",
    "fields",
    "refused",
    "idempotency_key_required",
    "idempotency_key_reused",
    "precondition_required",
    "precondition_failed",
    "changed",
    "too_often",
    "unavailable",
    "timed_out",
    "internal",
];

/// An error of the API. The layer around all handlers writes it in the reader's language.
#[derive(Debug, Clone)]
pub(super) enum ApiError {
    /// No token was sent.
    TokenMissing,
    /// The token is unknown or revoked.
    TokenWrong,
    /// The quota is used up: ask again after so many seconds.
    TooOften(i64),
    /// A command that steers a case names no version of it.
    PreconditionRequired,
    /// The case has another version.
    PreconditionFailed,
    /// An opening without a key.
    KeyRequired,
    /// The body cannot be read, with what the parser says.
    Unreadable(String),
    /// A status that the router or a layer gave.
    Bare(StatusCode),
    /// An error of a use-case.
    App(AppError),
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Conflict { .. } => Self::PreconditionFailed,
            error => Self::App(error.into()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl ApiError {
    /// One field that is wrong.
    pub(super) fn field(name: &str, words: String) -> Self {
        Self::App(AppError::wrong(name, words))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::TokenMissing | Self::TokenWrong => StatusCode::UNAUTHORIZED,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::KeyRequired | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Bare(status) => *status,
            Self::App(error) => error.status(),
        }
    }

    /// The stable code; one of [`CODES`].
    const fn code(&self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenWrong => "token_wrong",
            Self::TooOften(_) => "too_often",
            Self::PreconditionRequired => "precondition_required",
            Self::PreconditionFailed => "precondition_failed",
            Self::KeyRequired => "idempotency_key_required",
            Self::Unreadable(_) => "malformed",
            Self::Bare(status) => match status.as_u16() {
                401 => "token_missing",
                403 => "not_permitted",
                404 => "not_found",
                405 => "method_not_allowed",
                408 => "timed_out",
                413 => "too_large",
                415 => "unsupported_media_type",
                429 => "too_often",
                503 => "unavailable",
                500..=599 => "internal",
                _ => "malformed",
            },
            Self::App(error) => match error {
                AppError::NotFound | AppError::LinkExpired => "not_found",
                AppError::SignInFirst => "token_missing",
                AppError::NotPermitted => "not_permitted",
                AppError::Refused(_) | AppError::Text(_) => "refused",
                AppError::Changed { .. } => "changed",
                AppError::Fields(_) | AppError::Wrong(_) => "fields",
                AppError::SentBefore { .. } | AppError::LinkRenewed => "idempotency_key_reused",
                AppError::TooOften | AppError::Crowded => "too_often",
                AppError::Malformed => "malformed",
                AppError::Unavailable => "unavailable",
                AppError::Internal | AppError::Transport => "internal",
            },
        }
    }

    /// What is wrong and what to do, in the reader's language.
    fn detail(&self, language: Language) -> String {
        match self {
            Self::TokenMissing => t!(language, "api.token_missing").into_owned(),
            Self::TokenWrong => t!(language, "api.token_wrong").into_owned(),
            Self::TooOften(_) => AppError::TooOften.message(language),
            Self::PreconditionRequired => t!(language, "api.precondition_required").into_owned(),
            Self::PreconditionFailed => t!(language, "api.precondition_failed").into_owned(),
            Self::KeyRequired => t!(language, "api.key_required").into_owned(),
            Self::Unreadable(what) => t!(language, "api.malformed", what = what),
            Self::Bare(status) => match status.as_u16() {
                403 => AppError::NotPermitted.message(language),
                404 => t!(language, "api.not_found").into_owned(),
                405 => t!(language, "api.method").into_owned(),
                413 => t!(language, "api.too_large").into_owned(),
                415 => t!(language, "api.media_type").into_owned(),
                429 => AppError::TooOften.message(language),
                408 | 500..=599 => AppError::Unavailable.message(language),
                _ => AppError::Malformed.message(language),
            },
            Self::App(AppError::NotFound) => t!(language, "api.not_found").into_owned(),
            Self::App(AppError::SentBefore { .. }) => t!(language, "api.sent_before").into_owned(),
            Self::App(error) => error.message(language),
        }
    }

    /// The problem. `documentation` is the public address of the page that describes the codes.
    fn body(&self, language: Language, documentation: &str) -> Value {
        let (status, code) = (self.status(), self.code());
        let mut problem = json!({
            "type": format!("{documentation}#{code}"),
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": code,
            "detail": self.detail(language),
        });
        let mut add = |key: &str, value: Value| {
            if let Some(members) = problem.as_object_mut() {
                members.insert(key.to_owned(), value);
            }
        };
        let error = |field: &str, words: &str| json!({ "field": field, "detail": words });
        match self {
            Self::App(AppError::Fields(wrong)) => {
                let errors: Vec<_> = wrong.iter().map(|(field, words)| error(field.code(), words)).collect();
                add("errors", errors.into());
            }
            Self::App(AppError::Wrong(wrong)) => {
                let errors: Vec<_> = wrong.iter().map(|(field, words)| error(field, words)).collect();
                add("errors", errors.into());
            }
            Self::App(AppError::Refused(refused)) => {
                if let Some(refusal) = refused.refusal() {
                    add("rule", rule(&refusal).into());
                }
            }
            Self::App(AppError::SentBefore { case: Some(number), .. }) => {
                add("case", number.as_compact().into());
            }
            _ => {}
        }
        problem
    }

    /// The whole answer.
    pub(super) fn answer(&self, language: Language, documentation: &str) -> Response {
        let body = self.body(language, documentation).to_string();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM);
        match self {
            Self::TokenMissing => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"vigia\""));
            }
            Self::TokenWrong => {
                let challenge = HeaderValue::from_static("Bearer realm=\"vigia\", error=\"invalid_token\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Self::Bare(status) if *status == StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from(AGAIN_S));
            }
            Self::TooOften(wait_s) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(wait_s.max(&1).unsigned_abs()));
            }
            _ => {}
        }
        response
    }
}

/// The stable name of the rule that refused a command: the tags of its stored form, joined by dots.
fn rule(refusal: &Refusal) -> String {
    let mut parts = Vec::new();
    let mut value = serde_json::to_value(refusal).unwrap_or_default();
    loop {
        match value {
            Value::String(tag) if parts.is_empty() || is_tag(&tag) => {
                parts.push(tag);
                break;
            }
            Value::Object(members) if members.len() == 1 => {
                let Some((tag, inner)) = members.into_iter().next() else { break };
                if !parts.is_empty() && !is_tag(&tag) {
                    break;
                }
                parts.push(tag);
                value = inner;
            }
            _ => break,
        }
    }
    parts.join(".")
}

fn is_tag(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use domain::case::{AssignmentRefusal, Refusal};

    use super::*;

    #[test]
    fn rule_is_named_by_its_tags_and_not_by_its_values() {
        assert_eq!(rule(&Refusal::AlreadyPaused), "already_paused");
        assert_eq!(rule(&Refusal::Assignment(AssignmentRefusal::SamePerson)), "holding.same_person");
        let held = AssignmentRefusal::AssignedTo("Ana Rivas".to_owned());
        assert_eq!(rule(&Refusal::Assignment(held)), "holding.held_by");
        assert!(rule(&Refusal::WaitedTooLong { days: 5 }).starts_with("waited_too_long"));
    }

    #[test]
    fn every_code_is_listed() {
        let statuses = (400..600).filter_map(|code| StatusCode::from_u16(code).ok());
        for status in statuses {
            assert!(CODES.contains(&ApiError::Bare(status).code()), "{status}");
        }
        for error in [ApiError::TokenMissing, ApiError::KeyRequired, ApiError::App(AppError::Crowded)] {
            assert!(CODES.contains(&error.code()), "{error:?}");
        }
    }
}
