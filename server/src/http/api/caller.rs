//! Callers of the API: the integration of a bearer token, its permissions and its pace. Cookies count for nothing here.

use std::sync::Arc;

use app::AppError;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE,
    TRANSFER_ENCODING,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::access::integrations::{IntegrationView, integration, note_wrong_token};
use desk::access::limits::{Allowance, Quota, Source};
use domain::actor::{Action, Actor, Integration, RequestsPerMinute, Subject, may};
use domain::i18n::Language;

use super::super::{AppState, context};
use super::problem::{ApiError, PROBLEM};

/// Seconds over which a quota counts.
pub(super) const MINUTE_S: u32 = 60;

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
    let documentation = super::documentation(&site);
    let (token, source) = (bearer(request.headers()).map(str::to_owned), context::source(&site, &request));
    let (caller, pace) = match caller(&site, token.as_deref(), source, language).await {
        Ok(found) => found,
        Err((error, pace)) => {
            return finished(error.answer(language, &documentation), language, pace);
        }
    };
    let (actor, asked) = (caller.actor.clone(), context::pattern(&request));
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN {
        site.desk.note_refused(&actor, asked);
    }
    let error = bare_error(&response);
    if let Some(error) = response.extensions_mut().remove::<ApiError>().or(error) {
        let allow = response.headers().get(axum::http::header::ALLOW).cloned();
        response = error.answer(language, &documentation);
        if let Some(allow) = allow {
            response.headers_mut().insert(axum::http::header::ALLOW, allow);
        }
    }
    finished(response, language, Some(pace))
}

/// Writes what layers around the API answered as problems: limits of size and time, requests of other sites, panics. Other
/// answers pass unchanged.
pub(super) async fn problems_of_layers(
    State(documentation): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path != super::BASE && !path.strip_prefix(super::BASE).is_some_and(|rest| rest.starts_with('/')) {
        return next.run(request).await;
    }
    let language = language(request.headers());
    let response = next.run(request).await;
    let Some(error) = bare_error(&response) else { return response };
    let (mut parts, _) = response.into_parts();
    let (problem, body) = error.answer(language, &documentation).into_parts();
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
        parts.headers.remove(name);
    }
    parts.headers.extend(problem.headers);
    finished(Response::from_parts(parts, body), language, None)
}

/// The error of an answer that is none of the API's own: problems, and the errors of OAuth, which are JSON.
fn bare_error(response: &Response) -> Option<ApiError> {
    let is_own = |kind: &HeaderValue| *kind == PROBLEM || kind == "application/json";
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_own = response.headers().get(CONTENT_TYPE).is_some_and(is_own);
    (is_error && !is_own).then_some(ApiError::Bare(status))
}

/// What a request has left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
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
            match counted {
                Ok(()) => {
                    note_wrong_token(&site.desk, source);
                    ApiError::TokenWrong
                }
                Err(over) => ApiError::TooOften(over.wait_s),
            },
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

/// The language that a request asks for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.map_or_else(Language::default, Language::from_accept_language)
}

/// The answer with its language and the caller's pace.
pub(super) fn finished(mut response: Response, language: Language, pace: Option<Pace>) -> Response {
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
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn errors_of_layers_are_problems_under_the_api_alone() {
        for (status, code) in [
            (StatusCode::REQUEST_TIMEOUT, "timed_out"),
            (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ] {
            let plain = move || get(async move || (status, [("x-request-id", "7")], "plain"));
            let documentation: Arc<str> = "https://desk.example/api".into();
            let site: Router = Router::new()
                .route("/api/v1/cases", plain())
                .route("/api/v1x", plain())
                .layer(from_fn_with_state(documentation, problems_of_layers));
            let ask = async |path: &str| {
                let request = Request::get(path).header(ACCEPT_LANGUAGE, "en").body(Body::empty()).unwrap();
                let (parts, body) = site.clone().oneshot(request).await.unwrap().into_parts();
                (parts, to_bytes(body, usize::MAX).await.unwrap())
            };
            let (parts, body) = ask("/api/v1/cases").await;
            let problem: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((parts.status, &problem["code"]), (status, &Value::from(code)));
            assert_eq!(problem["type"], format!("https://desk.example/api#{code}"));
            assert_eq!(parts.headers.get_all(CONTENT_TYPE).iter().count(), 1);
            let wait = parts.headers.get("retry-after").map(HeaderValue::as_bytes);
            assert_eq!(wait, (status == StatusCode::SERVICE_UNAVAILABLE).then_some(&b"10"[..]), "{status}");
            assert_eq!(
                (&parts.headers[CONTENT_TYPE], &parts.headers["x-request-id"]),
                (&PROBLEM, &HeaderValue::from_static("7"))
            );
            assert!(
                parts
                    .headers
                    .get(CONTENT_LENGTH)
                    .is_none_or(|length| *length == body.len().to_string().as_str())
            );
            let (_, body) = ask("/api/v1x").await;
            assert_eq!(body, "plain");
        }
    }

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
