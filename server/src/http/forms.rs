//! Plain forms, which work before a script runs and without one.

use app::AppError;
use app::pages::PostReply;
use app::pages::portal::{
    Answerer, FormError, FormFor, FormReply, PreviousCase, TrackForm, TrackReply,
    answer_visit as give_answer, post_on_case, submit,
};
use app::pages::staff::{SignInProblem, SignInReply};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Form, Path, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use desk::access::displays::{self, Pairing};
use desk::access::sign_in::{self, Attempt, SignInError};
use domain::intake::{IntakeForm, KEY};
use domain::t;
use serde::Deserialize;

use super::answer::{to, told};
use super::context::{Cookie, own_path};
use super::posted::{read, read_pairs};
use super::signed_in::SignedIn;
use super::{AppState, pages};

/// Opens a case from the customer's form, as the browser posts it.
pub async fn open_case(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Customer, "").await
}

/// The same for a case that follows the one whose link is posted to.
pub async fn follow_case(
    State(site): State<AppState>,
    Path(tracking): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Customer, &tracking).await
}

/// Opens a case from the form that an agent fills in during a call.
pub async fn take_call(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Staff, "").await
}

/// The same for a case that follows another.
pub async fn follow_call(
    State(site): State<AppState>,
    Path(number): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Staff, &number).await
}

/// Opens the case. A wrong form comes back on its page with everything that was typed.
async fn take(
    site: AppState,
    asked: RequestContext,
    request: Request,
    who: FormFor,
    follows: &str,
) -> Response {
    let (parts, pairs) = match read_pairs(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let mut key = pairs.iter().rfind(|(name, _)| name == KEY).map(|(_, key)| key.clone()).unwrap_or_default();
    let form = IntakeForm::from_pairs(pairs);
    let opened = match PreviousCase::read(&asked, who, follows) {
        Ok(follow) => submit(&asked, &key, &form, who, follow).await,
        Err(error) => Err(error),
    };
    let error = match opened {
        Ok(opened) => return to(&who.opened(&opened), None),
        // The case that the form follows does not exist.
        Err(error @ AppError::NotFound) => return told(&error, asked.language),
        Err(error) => error,
    };
    let status = error.status();
    let (problems, failure) = match FormError::of(error, asked.language) {
        FormError::Fields(problems) => (problems, None),
        failure => (Vec::new(), Some(failure)),
    };
    // The new key says that the same form, sent again, means another case.
    if let Some(FormError::SentBefore { key: fresh, .. }) = &failure {
        key.clone_from(fresh);
    }
    pages::again(site, parts, FormReply { form, key, problems, failure }, status).await
}

/// Takes a form on a case's page, and shows the case as it is then. A refused form comes back on its page, with everything
/// that was typed and why.
pub fn on_case(form: TrackForm) -> MethodRouter<AppState> {
    post(
        async move |State(site): State<AppState>,
                    Path(tracking): Path<String>,
                    Extension(asked): Extension<RequestContext>,
                    request: Request| {
            let (parts, typed) = match read(request).await {
                Ok(read) => read,
                Err(response) => return response,
            };
            match post_on_case(&asked, &tracking, form, &typed).await {
                Ok(()) => to(&format!("/track/{tracking}"), None),
                Err(error) => {
                    let reply = TrackReply { form, reply: PostReply::to(typed, &error, asked.language) };
                    pages::again(site, parts, reply, error.status()).await
                }
            }
        },
    )
}

/// Takes an answer by a visit's link. Only the post acts; reading the page changes nothing.
pub async fn answer_visit(
    State(site): State<AppState>,
    Path(link): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match give_answer(&asked, Answerer::Link(&link), &typed).await {
        Ok(()) => to(&format!("/visit/{link}"), None),
        Err(error) => {
            let mut reply = PostReply::to(typed, &error, asked.language);
            // The page does not say that only the customer may answer: the staff gets the reason as text.
            if error == AppError::NotPermitted {
                reply.failure = Some(t!(asked.language, "track.seen_by_staff").into_owned());
            }
            pages::again(site, parts, reply, error.status()).await
        }
    }
}

/// The fields of the sign-in.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    mail: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs a member of the staff in. An earlier session of the browser ends.
pub async fn sign_in(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    parts: Parts,
    Form(form): Form<SignIn>,
) -> Response {
    let next = own_path(&form.next).unwrap_or("/desk");
    let attempt = Attempt {
        mail: &form.mail,
        password: &form.password,
        source: asked.source,
        browser: site.cookies.read(&parts.headers, Cookie::Browser),
    };
    let problem = match sign_in::sign_in(&site.desk, attempt).await {
        Ok(signed_in) => {
            if let Some(old) = site.cookies.session(&parts.headers)
                && let Err(error) = sign_in::sign_out(&site.desk, old).await
            {
                tracing::error!(%error, "an old session could not be ended");
            }
            let mut response = to(next, site.cookies.set(Cookie::Session, &signed_in.session));
            if let Some(cookie) = site.cookies.set(Cookie::Browser, &signed_in.browser) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            return response;
        }
        Err(SignInError::Wrong) => SignInProblem::Wrong,
        Err(SignInError::TooManyTries) => SignInProblem::TooMany,
        Err(SignInError::Store(error)) => {
            tracing::error!(%error, "nobody can sign in");
            SignInProblem::Failed
        }
    };
    let reply = SignInReply { problem, mail: form.mail.clone(), next: next.to_owned() };
    pages::again(site, parts, reply, problem.status()).await
}

/// Ends the browser's session.
pub async fn sign_out(State(site): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(secret) = site.cookies.session(&headers)
        && let Err(error) = sign_in::sign_out(&site.desk, secret).await
    {
        tracing::error!(%error, "a session could not be ended");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    to("/desk/sign-in", site.cookies.forget(Cookie::Session))
}

/// Pairs a display: its link works once, and its browser gets a secret of its own. A HEAD request, as previews of messages
/// make, does not use the link.
pub async fn pair_display(
    State(site): State<AppState>,
    Path(link): Path<String>,
    Extension(asked): Extension<RequestContext>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    if method == Method::HEAD {
        return StatusCode::OK.into_response();
    }
    match displays::pair(&site.desk, &link, site.cookies.display(&headers)).await {
        Ok(Pairing::Paired(secret)) => to("/board", site.cookies.set(Cookie::Display, &secret)),
        Ok(Pairing::Here) => to("/board", None),
        Ok(Pairing::Elsewhere) => {
            (StatusCode::GONE, t!(asked.language, "wall.link_used").into_owned()).into_response()
        }
        Ok(Pairing::Unknown) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a display could not be paired");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
