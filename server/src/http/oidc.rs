//! The sign-in by identity providers: the way there, the answer, and the sign-out here and there. Also the pages on which providers and
//! one's own identities are kept. All of it works without a script.

use app::AppError;
use app::pages::staff::{
    CodeReply, LeaveReply, SignInProblem, SignInReply, post_identities, post_identity_provider,
    post_identity_providers, proof_address,
};
use app::request::RequestContext;
use app::sign_in_address;
use axum::extract::{Form, FromRequest, Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use desk::access::sign_in::{self, FRESH_S};
use desk::oidc::{
    self, Answer, AnswerError, Came, Departure, DepartureError, For, LogoutError, answer, sign_out_address,
};
use domain::identity_provider::{IdentityProblem, IdentityProviderId};
use serde::Deserialize;
use serde_json::json;

use super::answer::{to, told};
use super::context::{self, Cookie, own_path};
use super::posted::{read, show, taken};
use super::sign_in::{START, at_code, began, end_old, let_on};
use super::signed_in::SignedIn;
use super::{AppState, pages};

/// The page of one's own identities.
const OWN: &str = "/desk/account/identities";
/// The page of the sign-in.
const SIGN_IN: &str = "/desk/sign-in";
/// Sends the browser on. Unlike a redirect, it is not held to the addresses to which a page's forms may go.
const REFRESH: HeaderName = HeaderName::from_static("refresh");
/// No cache keeps what a provider is told.
const UNCACHED: &str = "no-store";
/// The longest way to a page that waits for a sign-in, in bytes: it is stored until the provider has answered.
const NEXT_BYTES: usize = 2048;

/// What the button of a provider sends.
#[derive(Debug, Deserialize)]
pub struct Leave {
    provider: i64,
    #[serde(default)]
    next: String,
    /// Whether the provider is to ask for a proof anew.
    #[serde(default)]
    again: String,
    /// The link of an invitation that is taken.
    #[serde(default)]
    invitation: String,
}

/// Sends a browser to a provider.
pub async fn leave(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    parts: Parts,
    Form(form): Form<Leave>,
) -> Response {
    let next = own_path(&form.next).filter(|next| next.len() <= NEXT_BYTES).unwrap_or(START).to_owned();
    // As for passkeys: a whole contact centre stands behind one address.
    if asked.browser.is_none() && asked.unhurried().is_err() {
        return not_in(site, parts, SignInProblem::TooMany, next).await;
    }
    let what = match (form.invitation.as_str(), form.again.as_str()) {
        ("", "") => For::SignIn,
        ("", _) => For::FreshSignIn,
        (link, _) => For::Invitation(link),
    };
    match depart(&site, &parts.headers, IdentityProviderId(form.provider), what, &next).await {
        Ok(departure) => departed(site, parts, departure).await,
        Err(error) => not_in(site, parts, SignInProblem::Provider(problem_of(error)), next).await,
    }
}

async fn depart(
    site: &AppState,
    headers: &HeaderMap,
    id: IdentityProviderId,
    what: For<'_>,
    next: &str,
) -> Result<Departure, DepartureError> {
    let browser = site.cookies.read(headers, Cookie::Provider);
    oidc::depart(&site.desk, id, what, next, browser).await
}

/// Why a browser was not sent to a provider, for its page.
fn problem_of(error: DepartureError) -> IdentityProblem {
    match error {
        DepartureError::Closed => IdentityProblem::Closed,
        DepartureError::NoLink | DepartureError::FactorWanted => IdentityProblem::Over,
        DepartureError::NotOwn => IdentityProblem::Shared,
        DepartureError::Provider(_) => IdentityProblem::Unreachable,
        DepartureError::Store(error) => {
            tracing::error!(%error, "the sign-in by identity providers fails");
            IdentityProblem::Failed
        }
    }
}

async fn departed(site: AppState, parts: Parts, departure: Departure) -> Response {
    let cookie = site.cookies.set(Cookie::Provider, &departure.browser);
    left(site, parts, departure.address, cookie).await
}

/// The page that the browser leaves at once.
async fn left(site: AppState, parts: Parts, address: String, cookie: Option<HeaderValue>) -> Response {
    let host = address.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    let refresh = HeaderValue::try_from(format!("0; url={address}"));
    let reply = LeaveReply { address, host };
    let mut response = pages::again(site, at_code(parts), reply, StatusCode::OK).await;
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(REFRESH, refresh);
    }
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The page of the sign-in, with why it failed.
async fn not_in(site: AppState, mut parts: Parts, problem: SignInProblem, next: String) -> Response {
    parts.uri = Uri::from_static(SIGN_IN);
    let reply = SignInReply { problem, mail: String::new(), next };
    pages::again(site, parts, reply, problem.status()).await
}

/// What a provider sends back. Unknown fields are left alone.
#[derive(Deserialize)]
pub struct Returned {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the answer of a provider.
pub async fn callback(
    State(site): State<AppState>,
    Path(id): Path<String>,
    Extension(asked): Extension<RequestContext>,
    Query(returned): Query<Returned>,
    parts: Parts,
) -> Response {
    // An answer counts once, and a HEAD is none.
    if parts.method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Ok(id) = id.parse().map(IdentityProviderId) else {
        return to(&problem_address(IdentityProblem::Closed, None), None);
    };
    let browser = site.cookies.read(&parts.headers, Cookie::Provider).unwrap_or_default();
    let answered = Answer {
        state: &returned.state,
        code: returned.code.as_deref(),
        issuer: returned.iss.as_deref(),
        error: returned.error.as_deref(),
        session: site.cookies.session(&parts.headers),
    };
    let how = began(&site, &asked, &parts.headers);
    match answer(&site.desk, id, answered, browser, how, asked.language).await {
        Ok(Came::In { signed_in, next }) => {
            end_old(&site, &parts.headers).await;
            let next = own_path(&next).unwrap_or(START);
            let_on(&site, &signed_in, next).await
        }
        Ok(Came::CodeWanted { step, next }) => {
            let reply = CodeReply { step: *step, next, problem: None };
            pages::again(site, at_code(parts), reply, StatusCode::OK).await
        }
        Ok(Came::Connected) => to(&format!("{OWN}?done=connect"), None),
        Err(AnswerError::NotConnected(problem)) => to(&format!("{OWN}?problem={}", problem.code()), None),
        Err(AnswerError::NotIn { problem, next }) => to(&problem_address(problem, next.as_deref()), None),
    }
}

/// The sign-in with a problem. The address of the answer is left behind: it holds a code.
fn problem_address(problem: IdentityProblem, next: Option<&str>) -> String {
    let again = if problem == IdentityProblem::NotFresh { "&again=yes" } else { "" };
    let next = next.and_then(own_path).unwrap_or(START);
    format!("{}&problem={}{again}", sign_in_address(next), problem.code())
}

/// Ends the session that the browser carries; then the one at the identity provider that began it.
pub async fn sign_out(State(site): State<AppState>, parts: Parts) -> Response {
    let forget = site.cookies.forget(Cookie::Session);
    let Some(secret) = site.cookies.session(&parts.headers) else { return to(SIGN_IN, forget) };
    let told = match sign_in::sign_out(&site.desk, secret).await {
        Ok(told) => told,
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let Some(address) = told.and_then(|told| sign_out_address(site.desk.public_url(), &told)) else {
        return to(SIGN_IN, forget);
    };
    left(site, parts, address, forget).await
}

/// What a provider posts that has ended sessions.
#[derive(Deserialize)]
struct Told {
    logout_token: String,
}

/// Ends the sessions that a provider's logout token names. Every failure is a 400, also one of the desk (`OpenID` Connect Back-Channel
/// Logout 1.0, 2.8): a provider may send another token.
pub async fn end_sessions(
    State(site): State<AppState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let source = context::source(&site, &request);
    // As at every door of strangers. A provider that proves itself has no bound: a whole shift may end at once.
    if let Err(often) = site.desk.limits().requests.take(source, site.desk.now()) {
        let wait = HeaderValue::from(often.wait_s);
        return ([(RETRY_AFTER, wait)], logout_failed(StatusCode::TOO_MANY_REQUESTS, "slow_down"))
            .into_response();
    }
    let invalid = || logout_failed(StatusCode::BAD_REQUEST, "invalid_request");
    let (Ok(id), Ok(Form(Told { logout_token }))) =
        (id.parse().map(IdentityProviderId), Form::<Told>::from_request(request, &site).await)
    else {
        return invalid();
    };
    match oidc::end_sessions(&site.desk, id, &logout_token).await {
        Ok(_) => {
            site.desk.limits().requests.give_back(source);
            ([(CACHE_CONTROL, UNCACHED)], StatusCode::OK).into_response()
        }
        Err(error @ (LogoutError::NoProvider | LogoutError::Refused(_) | LogoutError::Again)) => {
            tracing::warn!(%error, provider = id.0, "no session was ended for an identity provider");
            invalid()
        }
        Err(error @ (LogoutError::Provider(_) | LogoutError::Store(_))) => {
            tracing::error!(%error, provider = id.0, "no session could be ended for an identity provider");
            logout_failed(StatusCode::BAD_REQUEST, "temporarily_unavailable")
        }
    }
}

/// What a provider is told when no session was ended.
fn logout_failed(status: StatusCode, error: &str) -> Response {
    (status, [(CACHE_CONTROL, UNCACHED)], Json(json!({ "error": error }))).into_response()
}

/// Takes a form of one's own identities. To connect needs a fresh sign-in: an open session that was left alone gives no way in. A second
/// factor comes first, if they have one.
pub async fn own(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    if typed.get("act").map(String::as_str) != Some("connect") {
        return show(site, parts, post_identities(&asked, typed).await, asked.language).await;
    }
    let provider = typed.get("provider").and_then(|id| id.parse().ok()).map(IdentityProviderId);
    let (Some(id), Some(session)) = (provider, site.cookies.session(&parts.headers).map(str::to_owned))
    else {
        return told(&AppError::Malformed, asked.language);
    };
    match sign_in::age_s(&site.desk, &session).await {
        Ok(Some(age_s)) if age_s <= FRESH_S => {}
        Ok(_) => return to(&format!("{}&again=yes", sign_in_address(OWN)), None),
        Err(error) => {
            tracing::error!(%error, "how old a session is could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let what = For::Connection { actor: &asked.actor, session: &session };
    match depart(&site, &parts.headers, id, what, OWN).await {
        Ok(departure) => departed(site, parts, departure).await,
        Err(DepartureError::FactorWanted) => to(&proof_address(OWN), None),
        Err(error) => to(&format!("{OWN}?problem={}", problem_of(error).code()), None),
    }
}

/// Adds an identity provider.
pub async fn add(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_identity_providers(&asked, typed)).await
}

/// Changes, tests, pauses or removes an identity provider.
pub async fn one(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_identity_provider(&asked, &id, typed)).await
}
