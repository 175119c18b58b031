//! Callers of the API: the integration of a bearer token, its permissions and its pace. Cookies count for nothing here.

use std::sync::Arc;

use app::AppError;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::access::integrations::{IntegrationView, integration};
use desk::access::limits::{Allowance, Quota, Source};
use domain::actor::{Action, Actor, Integration, RequestsPerMinute, Subject, may};
use domain::i18n::Language;

use super::super::{AppState, context};
use super::problem::ApiError;

/// Seconds over which a quota counts.
const MINUTE_S: u32 = 60;

/// Headers of `draft-ietf-httpapi-ratelimit-headers-10`.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The caller of a request.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) desk: Desk,
    pub(super) actor: Actor,
    pub(super) integration: Arc<Integration>,
    pub(super) per_minute: RequestsPerMinute,
    pub(super) language: Language,
}

/// Finds the caller by the token, counts the request, and writes errors in the caller's language.
pub(super) async fn authenticate(State(site): State<AppState>, mut request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let documentation = format!("{}/api", site.desk.public_url());
    let (token, source) = (bearer(request.headers()).map(str::to_owned), context::source(&site, &request));
    let (caller, pace) = match caller(&site, token.as_deref(), source, language).await {
        Ok(found) => found,
        Err((error, pace)) => {
            return finished(error.answer(language, &documentation), language, pace);
        }
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    let bare = || {
        let is_problem =
            response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        (is_error && !is_problem).then_some(ApiError::Bare(status))
    };
    let error = bare();
    if let Some(error) = response.extensions_mut().remove::<ApiError>().or(error) {
        let allow = response.headers().get(axum::http::header::ALLOW).cloned();
        response = error.answer(language, &documentation);
        if let Some(allow) = allow {
            response.headers_mut().insert(axum::http::header::ALLOW, allow);
        }
    }
    finished(response, language, Some(pace))
}

/// What a request has left.
#[derive(Debug, Clone, Copy)]
struct Pace {
    per_minute: RequestsPerMinute,
    allowance: Allowance,
}

async fn caller(
    site: &AppState,
    token: Option<&str>,
    source: Source,
    language: Language,
) -> Result<(Caller, Pace), (ApiError, Option<Pace>)> {
    let token = token.ok_or((ApiError::TokenMissing, None))?;
    let found = integration(&site.desk, token).await.map_err(|error| (error.into(), None))?;
    let (limits, now) = (site.desk.limits(), site.desk.now());
    let Some(IntegrationView { integration, per_minute, .. }) = found else {
        let counted = limits.wrong_tokens.take(source, now);
        return Err((
            counted.map_or_else(|over| ApiError::TooOften(over.wait_s), |()| ApiError::TokenWrong),
            None,
        ));
    };
    let quota = Quota { burst: per_minute.get(), refill_s: MINUTE_S };
    let allowance = limits.integrations.take_of(&integration.id, quota, now).map_err(|over| {
        let allowance = Allowance { left: 0, whole_in_s: over.wait_s };
        (ApiError::TooOften(over.wait_s), Some(Pace { per_minute, allowance }))
    })?;
    let caller = Caller {
        desk: site.desk.clone(),
        actor: Actor::Integration(integration.clone()),
        integration: Arc::new(integration),
        per_minute,
        language,
    };
    Ok((caller, Pace { per_minute, allowance }))
}

/// The token of a request. The scheme's name is read in any case of letters (RFC 9110, 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.map_or_else(Language::default, Language::from_accept_language)
}

/// The answer with its language and the caller's pace.
fn finished(mut response: Response, language: Language, pace: Option<Pace>) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    if let Some(Pace { per_minute, allowance }) = pace {
        let policy = format!("\"minute\";q={};w={MINUTE_S}", per_minute.get());
        let left = format!("\"minute\";r={};t={}", allowance.left, allowance.whole_in_s);
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
    response
}

/// Refuses callers whose token does not grant the route's action.
pub(super) async fn permit(State(action): State<Action>, request: Request, next: Next) -> Response {
    let permitted = request
        .extensions()
        .get::<Caller>()
        .is_some_and(|caller| may(&caller.actor, action, Subject::Desk).is_ok());
    if permitted { next.run(request).await } else { ApiError::App(AppError::NotPermitted).into_response() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_read_from_the_bearer_scheme_alone() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of("bearer  abc ").as_deref(), Some("abc"));
        for value in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(of(value), None, "{value:?}");
        }
    }
}
