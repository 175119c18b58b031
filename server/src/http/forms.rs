//! Plain forms, which work before a script runs and without one.

use app::AppError;
use app::pages::PostReply;
use app::pages::portal::{
    Answerer, FormError, FormFor, FormReply, PreviousCase, TrackForm, TrackReply,
    answer_visit as give_answer, post_on_case, submit,
};
use app::pages::staff::post_resolve;
use app::request::RequestContext;
use axum::body::HttpBody;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use desk::access::displays::{self, Pairing};
use desk::cases::message_files::SentFile;
use domain::intake::{IntakeForm, KEY};
use domain::t;

use super::answer::{to, told};
use super::context::Cookie;
use super::files::wants_page;
use super::multipart::{FILES, Form, Turn, has_parts, read_opening};
use super::posted::{read, read_pairs, show};
use super::signed_in::SignedIn;
use super::table::{Listed, post};
use super::{AppState, BODY_BYTES, pages};

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

/// Resolves a case by the form that needs no script.
pub async fn resolve(
    State(site): State<AppState>,
    Path(number): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => {
            let posted = post_resolve(&asked, &number, typed).await;
            show(site, parts, posted, asked.language).await
        }
        Err(response) => response,
    }
}

/// Opens the case. A wrong form comes back on its page with everything that was typed.
async fn take(
    site: AppState,
    asked: RequestContext,
    request: Request,
    who: FormFor,
    follows: &str,
) -> Response {
    let follow = match PreviousCase::read(&asked, who, follows).await {
        Ok(follow) => follow,
        // The case that the form follows does not exist.
        Err(error) => return told(&error, asked.language),
    };
    // Its turn lasts until its files are written.
    let FilledIn { parts, pairs, files, turn: _turn } = match filled_in(&asked, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let is_page = !has_parts(&parts.headers) || wants_page(&parts.headers);
    let mut key = pairs.iter().rfind(|(name, _)| name == KEY).map(|(_, key)| key.clone()).unwrap_or_default();
    let form = IntakeForm::from_pairs(pairs);
    let opened = match files {
        Ok(files) => submit(&asked, &key, &form, who, follow, files).await,
        Err(words) => Err(AppError::Wrong(vec![(FILES.to_owned(), words)])),
    };
    let error = match opened {
        Ok(opened) if is_page => return to(&who.opened(&opened), None),
        Ok(opened) => return (StatusCode::CREATED, opened).into_response(),
        // The case that the form follows does not exist.
        Err(error @ AppError::NotFound) => return told(&error, asked.language),
        Err(error) => error,
    };
    let status = error.status();
    if !is_page {
        // The script reads the error as it reads those of server functions.
        return (status, Json(FormError::of(error, asked.language))).into_response();
    }
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

/// The fields of the case form, and its files or what is wrong with them.
async fn filled_in(asked: &RequestContext, request: Request) -> Result<FilledIn, Response> {
    if !has_parts(request.headers()) {
        // Without files it has no more room than any other form, and an announced excess is not waited for.
        if request.body().size_hint().lower() > BODY_BYTES as u64 {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        }
        let (parts, pairs) = read_pairs(request).await?;
        return Ok(FilledIn { parts, pairs, files: Ok(Vec::new()), turn: None });
    }
    let (parts, body) = request.into_parts();
    let read = read_opening(asked, Request::from_parts(parts.clone(), body)).await;
    let Form { typed, files, turn } = read.map_err(|error| told(&error, asked.language))?;
    Ok(FilledIn { parts, pairs: typed.into_iter().collect(), files, turn })
}

/// A form as it was filled in.
struct FilledIn {
    /// The request's head.
    parts: Parts,
    /// The fields.
    pairs: Vec<(String, String)>,
    /// The files, or what is wrong with them.
    files: Result<Vec<SentFile>, String>,
    /// The turn of a form with files.
    turn: Option<Turn>,
}

/// Takes a form on a case's page, and shows the case as it is then. A refused form comes back on its page, with everything
/// that was typed and why.
pub fn on_case(form: TrackForm) -> Listed {
    post(
        async move |State(site): State<AppState>,
                    Path(tracking): Path<String>,
                    Extension(asked): Extension<RequestContext>,
                    request: Request| { take_on_case(site, &tracking, asked, form, request).await },
    )
}

/// The same for one request.
pub(super) async fn take_on_case(
    site: AppState,
    tracking: &str,
    asked: RequestContext,
    form: TrackForm,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_on_case(&asked, tracking, form, &typed).await {
        Ok(()) => to(&format!("/track/{tracking}"), None),
        Err(error) => {
            let reply = TrackReply { form, reply: PostReply::to(typed, &error, asked.language) };
            pages::again(site, parts, reply, error.status()).await
        }
    }
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

/// A display opens its link once: its browser is given a secret of its own, and the link leads nowhere any more. To look
/// at a link (HEAD, as previews of messages do) does not use it.
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
