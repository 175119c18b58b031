//! The forms of customers who sign in, and their way out: plain forms, which work without a script.

use app::AppError;
use app::pages::Posted;
use app::pages::portal::{
    CASES, CODE, PostedEntry, SIGN_IN, own_cases_file, own_form, own_label_file, post_address,
    post_colleague, post_profile, refused_code,
};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use desk::customers::entry::{EntryError, enter_by_code, enter_by_link};
use desk::customers::profile::own_profile;
use desk::customers::session::{session as signed_in, sign_out, sign_out_everywhere};
use domain::actor::Actor;
use domain::i18n::Language;

use super::answer::{to, told};
use super::context::Cookie;
use super::posted::{read, show, taken};
use super::register::labels_file;
use super::reports::{file, separators};
use super::{AppState, pages};

/// Leads to the cases, or to the sign-in.
pub async fn start(Extension(asked): Extension<RequestContext>) -> Response {
    to(if matches!(asked.actor, Actor::Contact(_)) { CASES } else { SIGN_IN }, None)
}

/// Takes the address. The answer is the same for every address.
pub async fn address(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_address(&asked, typed) {
        PostedEntry::Asked(secret) => to(CODE, site.cookies.set(Cookie::Entry, secret.as_str())),
        PostedEntry::Again(posted) => show(site, parts, posted, asked.language).await,
    }
}

/// Takes the code.
pub async fn code(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    if let Err(error) = asked.unhurried() {
        return show(site, parts, Posted::not_taken(typed, &error, asked.language), asked.language).await;
    }
    let secret = site.cookies.read(&parts.headers, Cookie::Entry).unwrap_or_default();
    let code = typed.get("code").map_or("", String::as_str);
    match enter_by_code(&site.desk, secret, code).await {
        Ok(session) => let_in(&site, &session).await,
        Err(EntryError::NotGood) => show(site, parts, refused_code(&asked), asked.language).await,
        Err(EntryError::Store(error)) => failed(&error),
    }
}

/// Takes the button of a mail's link.
pub async fn link(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    Path(link): Path<String>,
) -> Response {
    if let Err(error) = asked.unhurried() {
        return told(&error, asked.language);
    }
    match enter_by_link(&site.desk, &link).await {
        Ok(session) => let_in(&site, &session).await,
        // The page of the link says that it is over.
        Err(EntryError::NotGood) => to(&format!("/my/enter/{}", encoded(&link)), None),
        Err(EntryError::Store(error)) => failed(&error),
    }
}

/// A part of a path as browsers send it.
fn encoded(part: &str) -> String {
    percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string()
}

async fn let_in(site: &AppState, session: &str) -> Response {
    let mut response = to(CASES, site.cookies.set(Cookie::Customer, session));
    let language = match chosen_language(site, session).await {
        Some(language) => site.cookies.set(Cookie::Language, language.code()),
        None => None,
    };
    for cookie in [site.cookies.forget(Cookie::Entry), language].into_iter().flatten() {
        response.headers_mut().append(axum::http::header::SET_COOKIE, cookie);
    }
    response
}

/// The language of the profile, in which this browser shows the pages from now on. Without it the sign-in is as good.
async fn chosen_language(site: &AppState, session: &str) -> Option<Language> {
    let customer = signed_in(&site.desk, session).await.ok()??;
    own_profile(&site.desk, &customer).await.ok()?.language
}

fn failed(error: &desk::store::StoreError) -> Response {
    tracing::error!(%error, "customers cannot sign in");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// The list of cases as a CSV file. Who is not signed in is led to the sign-in.
pub async fn cases(
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    match own_cases_file(&asked, &query, separators(&asked, &headers)).await {
        Err(AppError::SignInFirst) => to(SIGN_IN, None),
        content => file(content, asked.language),
    }
}

/// A label of one's own equipment, as a PDF file. Who is not signed in is led to the sign-in.
pub async fn label(
    Extension(asked): Extension<RequestContext>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    match own_label_file(&asked, &query).await {
        Err(AppError::SignInFirst) => to(SIGN_IN, None),
        content => labels_file(content, asked.language),
    }
}

/// Takes what a company's administrator does with a colleague.
pub async fn colleagues(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_colleague(&asked, typed)).await
}

/// Takes what a customer says of themselves.
pub async fn profile(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_profile(&asked, typed)).await
}

/// A case form that begins with the customer's profile. Who is not signed in is led to the sign-in.
pub async fn new_case(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match own_form(&asked).await {
        Ok(form) => {
            let (mut parts, _) = request.into_parts();
            // The page of the form, wherever it is drawn.
            parts.uri = Uri::from_static("/");
            pages::again(site, parts, form, StatusCode::OK).await
        }
        Err(AppError::SignInFirst) => to(SIGN_IN, None),
        Err(error) => told(&error, asked.language),
    }
}

/// Ends the session that the browser carries, or all sessions of the customer.
pub async fn leave(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let typed = match read(request).await {
        Ok((_, typed)) => typed,
        Err(response) => return response,
    };
    let is_everywhere = typed.get("where").is_some_and(|place| place == "everywhere");
    let ended = match (site.cookies.read(&headers, Cookie::Customer), is_everywhere) {
        (Some(_), true) if matches!(asked.actor, Actor::Contact(_)) => {
            sign_out_everywhere(&site.desk, &asked.actor).await.map_err(AppError::from)
        }
        (Some(secret), _) => {
            sign_out(&site.desk, secret).await.map_err(|error| AppError::from(desk::DeskError::from(error)))
        }
        (None, _) => Ok(()),
    };
    match ended {
        Ok(()) => to(SIGN_IN, site.cookies.forget(Cookie::Customer)),
        Err(error) => told(&error, asked.language),
    }
}
