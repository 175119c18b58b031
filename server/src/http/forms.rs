//! Plain form posts: what works before, and without, any script.

use app::AppError;
use app::pages::PostReply;
use app::pages::portal::{
    Answerer, Follow, FormError, FormFor, FormReply, TrackForm, TrackReply, answer_visit as answer_visits,
    post_on_case, submit,
};
use app::request::Asked;
use axum::Extension;
use axum::extract::{Form, Path, Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use desk::displays::{self, Pairing};
use desk::sign_in::{self, Attempt, SignInError};
use domain::intake::{Field, IntakeForm};
use domain::t;
use serde::Deserialize;

use super::asking::{Cookie, own_path};
use super::survey::{read as read_plain, stranger};
use super::{Site, pages};

/// Opens a case from the customer's form as the browser itself sends it.
pub async fn open_case(
    State(site): State<Site>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Customer, "").await
}

/// The same for a case that takes up the one whose link is posted to.
pub async fn follow_case(
    State(site): State<Site>,
    Path(tracking): Path<String>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    take(site, asked, request, FormFor::Customer, &tracking).await
}

/// Opens a case from the form that an agent fills in during a call.
pub async fn take_call(
    State(site): State<Site>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    match stranger(&asked, "/desk/intake") {
        Some(response) => response,
        None => take(site, asked, request, FormFor::Staff, "").await,
    }
}

/// The same for a case that takes up another.
pub async fn follow_call(
    State(site): State<Site>,
    Path(number): Path<String>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    match stranger(&asked, &format!("/desk/cases/{number}/follow")) {
        Some(response) => response,
        None => take(site, asked, request, FormFor::Staff, &number).await,
    }
}

/// When something is wrong the same page comes back with everything that was typed.
async fn take(site: Site, asked: Asked, request: Request, who: FormFor, follows: &str) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, super::BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form_post = Request::from_parts(parts.clone(), body.into());
    let Ok(Form(pairs)) = axum::RequestExt::extract::<Form<Vec<(String, String)>>, _>(form_post).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (mut key, form) = read(pairs);
    let Ok(follow) = Follow::read(&asked, who, follows) else { return StatusCode::NOT_FOUND.into_response() };
    let (status, problems, failure) = match submit(&asked, &key, &form, who.origin(), follow).await {
        Ok(tracking) => return Redirect::to(&who.opened(&tracking)).into_response(),
        Err(AppError::Fields(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, None),
        Err(error @ AppError::SentBefore { .. }) => {
            let failure = FormError::of(error, asked.language);
            // Whoever was told and sends it again means another case.
            if let FormError::SentBefore { key: fresh, .. } = &failure {
                key.clone_from(fresh);
            }
            (StatusCode::CONFLICT, Vec::new(), Some(failure))
        }
        Err(error) => {
            let status = status_of(&error);
            (status, Vec::new(), Some(FormError::of(error, asked.language)))
        }
    };
    pages::case_form_again(site, parts, FormReply { form, key, problems, failure }, status).await
}

/// Takes a form on the page of a case and shows the case as it is then. What is not taken comes back on the same page, with
/// everything that was typed and why.
pub fn on_case(form: TrackForm) -> MethodRouter<Site> {
    post(
        async move |State(site): State<Site>,
                    Path(tracking): Path<String>,
                    Extension(asked): Extension<Asked>,
                    request: Request| {
            let (parts, typed) = match read_plain(request).await {
                Ok(read) => read,
                Err(response) => return response,
            };
            match post_on_case(&asked, &tracking, form, &typed).await {
                Ok(()) => to(&format!("/track/{tracking}"), None),
                Err(error) => {
                    let reply = TrackReply { form, reply: PostReply::to(typed, &error, asked.language) };
                    pages::again(site, parts, reply, not_taken(&error)).await
                }
            }
        },
    )
}

/// Takes an answer by the link of a visit. Only this acts: to look at the page changes nothing.
pub async fn answer_visit(
    State(site): State<Site>,
    Path(link): Path<String>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    let (parts, typed) = match read_plain(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match answer_visits(&asked, Answerer::Link(&link), &typed).await {
        Ok(()) => to(&format!("/visit/{link}"), None),
        Err(error) => {
            let reply = PostReply::to(typed, &error, asked.language);
            pages::again(site, parts, reply, not_taken(&error)).await
        }
    }
}

/// The status of a page that a form comes back on.
fn not_taken(error: &AppError) -> StatusCode {
    match error {
        AppError::Refused(_) => error.status(),
        error => status_of(error),
    }
}

/// The fields of the form as they came; fields that the form does not have are ignored.
fn read(pairs: Vec<(String, String)>) -> (String, IntakeForm) {
    let (mut key, mut form) = (String::new(), IntakeForm::default());
    for (name, value) in pairs {
        match (name.as_str(), Field::from_name(&name)) {
            ("key", _) => key = value,
            ("contact_same", _) => form.contact_same = value,
            ("abroad", _) => form.abroad = value,
            ("contract_meant", _) => form.contract_meant = value,
            ("no_contract", _) => form.no_contract = value,
            (_, Some(field)) => form.write(field, value),
            _ => {}
        }
    }
    (key, form)
}

/// What the sign-in page sends.
#[derive(Debug, Deserialize)]
pub struct SignIn {
    mail: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs a member of the staff in. A session that the browser already carries is not kept.
pub async fn sign_in(
    State(site): State<Site>,
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let next = own_path(&form.next).unwrap_or("/desk");
    let attempt = Attempt {
        mail: &form.mail,
        password: &form.password,
        source: asked.source,
        browser: site.cookies.read(&headers, Cookie::Browser),
    };
    let problem = match sign_in::sign_in(&site.desk, attempt).await {
        Ok(signed_in) => {
            if let Some(old) = site.cookies.session(&headers)
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
        Err(SignInError::Wrong) => "wrong",
        Err(SignInError::TooManyTries) => "too_many",
        Err(SignInError::Store(error)) => {
            tracing::error!(%error, "nobody can sign in");
            "failed"
        }
    };
    to(&format!("/desk/sign-in?problem={problem}&next={}", percent(next)), None)
}

/// Ends the session that the browser carries.
pub async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Response {
    if let Some(secret) = site.cookies.session(&headers)
        && let Err(error) = sign_in::sign_out(&site.desk, secret).await
    {
        tracing::error!(%error, "a session could not be ended");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    to("/desk/sign-in", site.cookies.forget(Cookie::Session))
}

/// A display opens its link once: its browser is given a secret of its own, and the link leads nowhere any more. To look
/// at a link (HEAD, as previews of messages do) does not use it.
pub async fn pair_display(
    State(site): State<Site>,
    Path(link): Path<String>,
    Extension(asked): Extension<Asked>,
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

/// The status of an answer without a page of its own. What failed here may be tried again.
pub(super) fn status_of(error: &AppError) -> StatusCode {
    match error {
        AppError::Refused(_) => StatusCode::FORBIDDEN,
        AppError::Internal | AppError::Transport => StatusCode::SERVICE_UNAVAILABLE,
        error => error.status(),
    }
}

pub(super) fn to(path: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::try_from(path) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// A path as the value of a query.
pub(super) fn percent(path: &str) -> String {
    path.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
