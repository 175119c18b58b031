//! Short-lived tokens by the client credentials of OAuth 2 (RFC 6749, 4.4), for systems that know no other way. The client
//! is the integration by its id, and its secret is the token that an administrator made.

use std::collections::BTreeMap;

use axum::extract::{Form, FromRequest, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use desk::access::integrations::{ACCESS_TOKEN_S, AccessToken, access_token};
use desk::access::limits::Quota;
use domain::actor::{Grant, IntegrationId};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::super::{AppState, context};
use super::caller::{MINUTE_S, finished, language};
use super::json::answer;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{closed, codes, object, string};

/// The only kind of grant.
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The operation of tokens.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Post, "/token"),
            post(token),
            ("makeToken", "Token", "Make a short-lived token by client credentials"),
        )
        .open()
        .about(
            "RFC 6749, 4.4. `client_id` is the integration's id (`GET /me` has it), `client_secret` its token; both may come as \
             basic authentication instead. The answer's token is good for an hour, may do the same, and ends when the \
             integration is revoked. Errors are those of RFC 6749, 5.2.",
        )
        .form(
            "TokenRequest",
            json!({ "grant_type": CLIENT_CREDENTIALS, "client_id": "1", "client_secret": "vigia_…" }),
        )
        .answers(200, "The token.", "AccessToken")
        .answers(400, "The request is wrong.", "TokenError")
        .answers(401, "The client is unknown, or its secret is wrong.", "TokenError"),
    ]
}

/// Schemas of tokens.
pub(super) fn schemas() -> Value {
    let errors = ["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"];
    json!({
        "TokenRequest": closed(
            &["grant_type"],
            json!({
                "grant_type": codes(&[CLIENT_CREDENTIALS]),
                "client_id": string(),
                "client_secret": string(),
                "scope": { "type": "string", "description": "Permissions, with spaces. All that were granted are given." },
            }),
        ),
        "AccessToken": object(
            &["access_token", "token_type", "expires_in", "scope"],
            json!({
                "access_token": string(),
                "token_type": codes(&["Bearer"]),
                "expires_in": { "type": "integer", "description": "Seconds." },
                "scope": { "type": "string", "description": "The permissions, with spaces." },
            }),
        ),
        "TokenError": object(
            &["error", "error_description"],
            json!({ "error": codes(&errors), "error_description": string() }),
        ),
    })
}

/// Why no token is made, by RFC 6749, 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Request(&'static str),
    Client,
    GrantType,
    Scope,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, words) = match self {
            Self::Request(words) => (StatusCode::BAD_REQUEST, "invalid_request", words),
            Self::Client => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "The client or its secret is wrong.")
            }
            Self::GrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "Send grant_type=client_credentials.")
            }
            Self::Scope => (StatusCode::BAD_REQUEST, "invalid_scope", "The client has no such permission."),
        };
        let mut response = uncached(answer(status, json!({ "error": error, "error_description": words })));
        if self == Self::Client {
            let challenge = HeaderValue::from_static("Basic realm=\"vigia\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A token is of no cache's business (RFC 6749, 5.1).
fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Makes a token.
async fn token(State(site): State<AppState>, request: Request) -> Response {
    let (source, language) = (context::source(&site, &request), language(request.headers()));
    let headers = request.headers().clone();
    let form = match Form::<Vec<(String, String)>>::from_request(request, &site).await {
        Ok(Form(pairs)) => pairs,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return rejected.into_response();
        }
        Err(_) => return Refused::Request("Send a form in the body.").into_response(),
    };
    let asked = match asked(&headers, form) {
        Ok(asked) => asked,
        Err(refused) => return refused.into_response(),
    };
    let problem =
        |error: ApiError| finished(error.answer(language, &super::documentation(&site)), language, None);
    let made = match access_token(&site.desk, asked.client, &asked.secret).await {
        Ok(made) => made,
        Err(error) => return problem(error.into()),
    };
    let (limits, now) = (site.desk.limits(), site.desk.now());
    let Some(AccessToken { token, integration }) = made else {
        return match limits.wrong_tokens.take(source, now) {
            Ok(()) => Refused::Client.into_response(),
            Err(over) => problem(ApiError::TooOften(over.wait_s)),
        };
    };
    let quota = Quota { burst: integration.per_minute.get(), refill_s: MINUTE_S };
    if let Err(over) = limits.integrations.take_of(&integration.integration.id, quota, now) {
        return problem(ApiError::TooOften(over.wait_s));
    }
    let grants: Vec<&str> = integration.integration.grants.iter().map(|grant| Grant::code(*grant)).collect();
    if asked.scope.split_whitespace().any(|wanted| !grants.contains(&wanted)) {
        return Refused::Scope.into_response();
    }
    let value = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_S,
        "scope": grants.join(" "),
    });
    uncached(answer(StatusCode::OK, value))
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    client: IntegrationId,
    secret: String,
    scope: String,
}

fn asked(headers: &HeaderMap, form: Vec<(String, String)>) -> Result<Asked, Refused> {
    let mut fields = BTreeMap::new();
    for (name, value) in form {
        if fields.insert(name, value).is_some() {
            return Err(Refused::Request("A parameter is repeated."));
        }
    }
    let posted = fields.remove("client_id").zip(fields.remove("client_secret"));
    let client = match (basic(headers)?, posted) {
        (Some(_), Some(_)) => return Err(Refused::Request("The client is named twice.")),
        (Some(client), None) | (None, Some(client)) => client,
        (None, None) => return Err(Refused::Client),
    };
    match fields.remove("grant_type").as_deref() {
        Some(CLIENT_CREDENTIALS) => {}
        Some(_) => return Err(Refused::GrantType),
        None => return Err(Refused::Request("grant_type is missing.")),
    }
    let (id, secret) = client;
    let id = id.parse().map_err(|_| Refused::Client)?;
    Ok(Asked { client: IntegrationId(id), secret, scope: fields.remove("scope").unwrap_or_default() })
}

/// The client of a basic authentication, whose parts are encoded as in a form (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refused> {
    let Some(sent) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let sent = sent.to_str().map_err(|_| Refused::Client)?;
    let Some((scheme, code)) = sent.split_once(' ') else { return Err(Refused::Client) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refused::Client);
    }
    let bytes = STANDARD.decode(code.trim()).map_err(|_| Refused::Client)?;
    let text = String::from_utf8(bytes).map_err(|_| Refused::Client)?;
    let (id, secret) = text.split_once(':').ok_or(Refused::Client)?;
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned);
    decoded(id).ok().zip(decoded(secret).ok()).map(Some).ok_or(Refused::Client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: Option<&'static str>, form: &[(&str, &str)]) -> Result<Asked, Refused> {
        let mut headers = HeaderMap::new();
        if let Some(head) = head {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(head));
        }
        asked(&headers, form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn client_is_named_once_in_the_form_or_by_basic_authentication() {
        let grant = ("grant_type", CLIENT_CREDENTIALS);
        let posted = [("client_id", "7"), ("client_secret", "vigia_1")];
        let whole = [grant, posted[0], posted[1]];
        let wanted =
            || Ok(Asked { client: IntegrationId(7), secret: "vigia_1".into(), scope: String::new() });
        assert_eq!(read(None, &whole), wanted());
        // 7:vigia_1
        let basic = Some("Basic Nzp2aWdpYV8x");
        assert_eq!(read(basic, &[grant]), wanted());
        assert_eq!(read(basic, &whole), Err(Refused::Request("The client is named twice.")));
        assert_eq!(read(None, &[grant]), Err(Refused::Client));
        assert_eq!(read(Some("Bearer vigia_1"), &[grant]), Err(Refused::Client));
        assert_eq!(read(Some("Basic !"), &[grant]), Err(Refused::Client));
        assert_eq!(read(None, &posted), Err(Refused::Request("grant_type is missing.")));
        assert_eq!(read(basic, &[("grant_type", "password")]), Err(Refused::GrantType));
        assert_eq!(read(None, &[grant, grant]), Err(Refused::Request("A parameter is repeated.")));
    }
}
