//! The sign-in in its one step or two, and the way out: plain forms, which work without a script.

use app::AppError;
use app::pages::staff::{CodeReply, CodesReply, SignInProblem, SignInReply, TRUST_ON};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Form, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::access::device::Device;
use desk::access::second_factor::CodeError;
use desk::access::second_step::{Entered, enter, second_step};
use desk::access::sign_in::{self, Attempt, Began, SignInError, SignedIn, Use};
use desk::access::trusted_devices;
use desk::setup;
use desk::store::StoreError;
use domain::t;
use serde::Deserialize;

use super::answer::to;
use super::context::{Cookie, own_path};
use super::{AppState, pages};

/// Where the staff begins.
pub(super) const START: &str = "/desk";
/// What is missing before a new desk serves customers.
const SETUP: &str = "/desk/admin/setup";

/// What the sign-in page sends.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    mail: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs a member of the staff in, or asks for a code. A session that the browser already carries is not kept.
pub async fn sign_in(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    parts: Parts,
    Form(form): Form<SignIn>,
) -> Response {
    let next = own_path(&form.next).unwrap_or(START);
    sign_in_as(site, &asked, parts, (&form.mail, &form.password), next).await
}

/// The same with what another form had typed.
pub(super) async fn sign_in_as(
    site: AppState,
    asked: &RequestContext,
    parts: Parts,
    (mail, password): (&str, &str),
    next: &str,
) -> Response {
    let Began { source, browser, device } = began(&site, asked, &parts.headers);
    let attempt = Attempt { mail, password, source, browser, device };
    let problem = match sign_in::sign_in(&site.desk, attempt).await {
        Ok(signed_in) => {
            end_old(&site, &parts.headers).await;
            return let_on(&site, &signed_in, next).await;
        }
        Err(SignInError::CodeWanted(step)) => {
            let reply = CodeReply { step: *step, next: next.to_owned(), problem: None };
            return pages::again(site, at_code(parts), reply, StatusCode::OK).await;
        }
        Err(SignInError::Wrong) => SignInProblem::Wrong,
        Err(SignInError::TooManyTries) => SignInProblem::TooMany,
        Err(SignInError::ProviderOnly) => SignInProblem::ProviderOnly,
        Err(SignInError::Store(error)) => {
            tracing::error!(%error, "nobody can sign in");
            SignInProblem::Failed
        }
    };
    let reply = SignInReply { problem, mail: mail.to_owned(), next: next.to_owned() };
    pages::again(site, parts, reply, problem.status()).await
}

/// Goes on, with the session.
pub(super) async fn let_on(site: &AppState, signed_in: &SignedIn, next: &str) -> Response {
    let next = goes_on(site, signed_in, next).await;
    with_cookies(to(next, None), site, signed_in)
}

/// Where a member of the staff goes on after the sign-in. An administrator who asked for no page, and whose desk is not set
/// up yet, goes to what is missing.
async fn goes_on<'a>(site: &AppState, signed_in: &SignedIn, next: &'a str) -> &'a str {
    if next != START {
        return next;
    }
    let is_unfinished = async {
        let Some(actor) = sign_in::session(&site.desk, &signed_in.session, Use::Asks).await? else {
            return Ok::<_, StoreError>(false);
        };
        setup::is_unfinished(&site.desk, &actor).await
    };
    match is_unfinished.await {
        Ok(true) => SETUP,
        Ok(false) => next,
        Err(error) => {
            tracing::warn!(%error, "whether the desk is set up could not be read");
            next
        }
    }
}

/// What the form of the second step sends.
#[derive(Deserialize)]
pub struct SecondStepForm {
    step: String,
    code: String,
    #[serde(default)]
    next: String,
    /// Whether this browser is asked for no code for a while.
    #[serde(default)]
    trust: String,
}

/// Signs somebody in whose password was right, by a code.
pub async fn code(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    parts: Parts,
    Form(form): Form<SecondStepForm>,
) -> Response {
    let next = own_path(&form.next).unwrap_or(START).to_owned();
    let how = began(&site, &asked, &parts.headers);
    let entered = enter(&site.desk, &form.step, &form.code, how).await;
    let (status, words) = match entered {
        Ok(mut entered) => {
            if form.trust == TRUST_ON {
                trust(&site, &mut entered, how).await;
            }
            return let_in(site, parts, entered, next).await;
        }
        Err(CodeError::Wrong) => {
            (StatusCode::UNAUTHORIZED, t!(asked.language, "entry.code.wrong").into_owned())
        }
        Err(CodeError::TooManyTries) => {
            (AppError::TooOften.status(), t!(asked.language, "staff.sign_in.too_many_hint").into_owned())
        }
        Err(CodeError::Required | CodeError::FactorWanted | CodeError::Shared(_)) => {
            let error = AppError::NotPermitted;
            (error.status(), error.message(asked.language))
        }
        Err(CodeError::Desk(error)) => {
            let error = AppError::from(error);
            (error.status(), error.message(asked.language))
        }
    };
    match second_step(&site.desk, &form.step).await {
        Ok(Some(step)) => {
            let reply = CodeReply { step, next, problem: Some(words) };
            pages::again(site, parts, reply, status).await
        }
        // It waits no more: the password is asked for once more.
        Ok(None) => to(&app::sign_in_address(&next), None),
        Err(error) => {
            tracing::error!(%error, "nobody can sign in");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Trusts the browser of a sign-in, which gets a fresh token. Where that fails, it is asked for a code the next time.
pub(super) async fn trust(site: &AppState, entered: &mut Entered, how: Began<'_>) {
    if let Err(error) = trusted_devices::trust(&site.desk, entered, how).await {
        tracing::warn!(%error, "a browser could not be trusted");
    }
}

/// Goes on; recovery codes are shown before that, to whoever was just given some.
pub(super) async fn let_in(site: AppState, parts: Parts, entered: Entered, next: String) -> Response {
    end_old(&site, &parts.headers).await;
    let Entered { signed_in, recovery_codes } = entered;
    let next = goes_on(&site, &signed_in, &next).await.to_owned();
    let response = if recovery_codes.is_empty() {
        to(&next, None)
    } else {
        let reply = CodesReply { codes: recovery_codes, next };
        pages::again(site.clone(), parts, reply, StatusCode::OK).await
    };
    with_cookies(response, &site, &signed_in)
}

/// The request as one for the page of the second step.
pub(super) fn at_code(mut parts: Parts) -> Parts {
    parts.uri = axum::http::Uri::from_static("/desk/sign-in/code");
    parts
}

/// Where and how a session begins.
pub(super) fn began<'a>(site: &AppState, asked: &RequestContext, headers: &'a HeaderMap) -> Began<'a> {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Began {
        source: asked.source,
        browser: site.cookies.read(headers, Cookie::Browser),
        device: Device::parse(agent.unwrap_or_default()),
    }
}

/// Ends the session that the browser carried before.
pub(super) async fn end_old(site: &AppState, headers: &HeaderMap) {
    if let Some(old) = site.cookies.session(headers)
        && let Err(error) = sign_in::sign_out(&site.desk, old).await
    {
        tracing::error!(%error, "an old session could not be ended");
    }
}

fn with_cookies(mut response: Response, site: &AppState, signed_in: &SignedIn) -> Response {
    let cookies = [(Cookie::Session, &signed_in.session), (Cookie::Browser, &signed_in.browser)];
    for cookie in cookies.into_iter().filter_map(|(cookie, value)| site.cookies.set(cookie, value)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
