//! Passkeys of the staff: the sign-in by one, and the page on which their owner keeps them. The challenge is asked for by a script; the
//! answer comes in a plain form.

use app::AppError;
use app::pages::staff::{CodeReply, SignInProblem, SignInReply, TRUST_ON, post_passkeys, post_proof};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Form, Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use desk::access::passkeys::{self, PasskeyError};
use desk::access::second_step::second_step;
use serde::Deserialize;

use super::answer::told;
use super::context::{Cookie, own_path};
use super::posted::{read, show, taken};
use super::sign_in::{START, at_code, began, let_in, trust};
use super::signed_in::SignedIn;
use super::{AppState, pages};

/// Whom a challenge is for.
#[derive(Deserialize)]
pub struct Asked {
    /// The token of the second step; empty for a sign-in by the passkey alone.
    #[serde(default)]
    step: String,
}

/// The token of a second step, unless it is empty.
fn step_of(step: &str) -> Option<&str> {
    (!step.is_empty()).then_some(step)
}

/// Checks the rate limit of strangers. A browser in which a member of the staff signed in before has none: a whole contact centre
/// stands behind one address.
fn unhurried(asked: &RequestContext) -> Result<(), AppError> {
    if asked.browser.is_some() { Ok(()) } else { asked.unhurried() }
}

/// Gives a browser a challenge for its passkeys, and the cookie by which it is known again.
pub async fn ask(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    Form(form): Form<Asked>,
) -> Response {
    if let Err(error) = unhurried(&asked) {
        return told(&error, asked.language);
    }
    match passkeys::ask(&site.desk, step_of(&form.step)).await {
        Ok(challenge) => {
            let mut response = ([(CONTENT_TYPE, "application/json")], challenge.options).into_response();
            if let Some(cookie) = site.cookies.set(Cookie::Passkey, &challenge.secret) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(PasskeyError::Desk(error)) => told(&error.into(), asked.language),
        Err(error) => {
            let words = SignInProblem::of_passkey(&error).words(asked.language);
            told(&AppError::Text(words), asked.language)
        }
    }
}

/// What a form sends once the browser has answered.
#[derive(Deserialize)]
pub struct Answered {
    /// The answer, as JSON.
    #[serde(default)]
    answer: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    mail: String,
    #[serde(default)]
    trust: String,
}

/// Signs a member of the staff in by a passkey.
pub async fn enter(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    parts: Parts,
    Form(form): Form<Answered>,
) -> Response {
    let next = own_path(&form.next).unwrap_or(START).to_owned();
    let secret = site.cookies.read(&parts.headers, Cookie::Passkey).unwrap_or_default().to_owned();
    let how = began(&site, &asked, &parts.headers);
    let outcome = match unhurried(&asked) {
        Ok(()) => passkeys::enter(&site.desk, &secret, &form.answer, how).await,
        Err(_) => return again(site, parts, form, next, SignInProblem::TooMany, &asked).await,
    };
    match outcome {
        Ok(mut entered) => {
            if form.trust == TRUST_ON {
                trust(&site, &mut entered, how).await;
            }
            let mut response = let_in(site.clone(), parts, entered, next).await;
            if let Some(cookie) = site.cookies.forget(Cookie::Passkey) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => {
            if let PasskeyError::Desk(error) = &error {
                tracing::error!(%error, "nobody can sign in by a passkey");
            }
            again(site, parts, form, next, SignInProblem::of_passkey(&error), &asked).await
        }
    }
}

/// The page that the answer came from: the second step while it waits, else the sign-in.
async fn again(
    site: AppState,
    mut parts: Parts,
    form: Answered,
    next: String,
    problem: SignInProblem,
    asked: &RequestContext,
) -> Response {
    let waiting = match step_of(&form.step) {
        Some(step) => second_step(&site.desk, step).await,
        None => Ok(None),
    };
    match waiting {
        Ok(Some(step)) => {
            let reply = CodeReply { step, next, problem: Some(problem.words(asked.language)) };
            pages::again(site, at_code(parts), reply, problem.status()).await
        }
        Ok(None) => {
            parts.uri = Uri::from_static("/desk/sign-in");
            pages::again(site, parts, SignInReply { problem, mail: form.mail, next }, problem.status()).await
        }
        Err(error) => {
            tracing::error!(%error, "nobody can sign in");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Takes the second factor that comes before a change of how one signs in.
pub async fn prove(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let secret = site.cookies.read(&parts.headers, Cookie::Passkey).unwrap_or_default().to_owned();
    let posted = post_proof(&asked, &typed, &secret).await;
    show(site, parts, posted, asked.language).await
}

/// Takes a form of one's own passkeys and trusted devices.
pub async fn own(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_passkeys(&asked, typed)).await
}
