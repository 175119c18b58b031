//! A fresh sign-in before the administration: an open session of an administrator, long after its sign-in, changes nothing there. What
//! was typed by then waits for the new sign-in, and is in its form again.

use app::pages::staff::{KEPT, provide_kept};
use app::request::RequestContext;
use app::{AppError, sign_in_address};
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::access::kept_forms::{KeptFields, keep_form, kept_form};
use desk::access::sign_in::{self, FRESH_S};
use domain::actor::{Action, Actor, Subject, may};
use percent_encoding::percent_decode_str;

use super::answer::{to, told};
use super::multipart::has_parts;
use super::posted::read_pairs_up_to;
use super::signed_in::{takes_page, way_back};
use super::{AppState, pages};

/// A form is taken for this long after its page could no longer be opened, in seconds: what is being typed is not lost.
const FORM_S: i64 = 1800;
/// The most fields of a form that is kept: more than any form of the administration has.
const KEPT_FIELDS: usize = 8192;
/// The most bytes of a form that is kept. A calendar with all its closures has half as many.
const KEPT_BYTES: usize = 1024 * 1024;

/// Sends an administrator to the sign-in, and back to the page, when the session is not fresh.
pub async fn ask_again(State(site): State<AppState>, request: Request, next: Next) -> Response {
    // Pages are found by their decoded address.
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let administers = path == "/desk/admin" || path.starts_with("/desk/admin/");
    let asked = request
        .extensions()
        .get::<RequestContext>()
        .filter(|asked| administers && may(&asked.actor, Action::Administer, Subject::Desk).is_ok());
    let secret = site.cookies.session(request.headers()).map(str::to_owned);
    let (Some(asked), Some(secret)) = (asked.cloned(), secret) else { return next.run(request).await };
    let allowed_s = match *request.method() {
        Method::GET | Method::HEAD => FRESH_S,
        _ => FRESH_S + FORM_S,
    };
    match sign_in::age_s(&site.desk, &secret).await {
        Ok(Some(age_s)) if age_s > allowed_s => to_sign_in(&site, &asked, request).await,
        Ok(_) => match kept(&site, &asked.actor, kept_secret(&request)).await {
            Some(fields) => {
                let (path, language) = (request.uri().path().to_owned(), asked.language);
                let more = move || provide_kept(&path, &fields, language);
                pages::with_context(&site, more, request).await
            }
            None => next.run(request).await,
        },
        Err(error) => {
            tracing::error!(%error, "how old a session is could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The way to the sign-in and back. A form is kept meanwhile.
async fn to_sign_in(site: &AppState, asked: &RequestContext, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !takes_page(&parts.headers) {
        return told(&AppError::SignInFirst, asked.language);
    }
    let back = way_back(&parts);
    let is_form = parts.method == Method::POST;
    let secret =
        if is_form { keep(site, &asked.actor, Request::from_parts(parts, body)).await } else { None };
    let (back, again) = match secret {
        Some(secret) => {
            let mark = if back.contains('?') { '&' } else { '?' };
            (format!("{back}{mark}{KEPT}={secret}"), KEPT)
        }
        None => (back, "yes"),
    };
    to(&format!("{}&again={again}", sign_in_address(&back)), None)
}

/// Keeps the fields of a form; the secret that leads back to them. `None` when there are none, or they could not be kept.
async fn keep(site: &AppState, actor: &Actor, request: Request) -> Option<String> {
    let fields = fields(request).await.filter(|fields| !fields.is_empty())?;
    match keep_form(&site.desk, actor, fields).await {
        Ok(secret) => Some(secret),
        Err(error) => {
            tracing::error!(%error, "a form could not be kept over a sign-in");
            None
        }
    }
}

/// The fields of a form without its files; `None` for what is no form, or has too much in it.
async fn fields(request: Request) -> Option<KeptFields> {
    if !has_parts(request.headers()) {
        let read = read_pairs_up_to(request, KEPT_FIELDS, KEPT_BYTES).await;
        return read.ok().map(|(_, pairs)| pairs);
    }
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let (mut fields, mut bytes) = (KeptFields::new(), 0);
    while let Some(field) = form.next_field().await.ok()? {
        if field.file_name().is_some() {
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.text().await.ok()?;
        bytes += name.len() + value.len();
        fields.push((name, value));
        if fields.len() > KEPT_FIELDS || bytes > KEPT_BYTES {
            return None;
        }
    }
    Some(fields)
}

/// The secret in the address of a page that leads back to a form; `None` for most pages.
fn kept_secret(request: &Request) -> Option<String> {
    let query = request.uri().query().filter(|_| request.method() == Method::GET)?;
    query.split('&').find_map(|pair| Some(pair.strip_prefix(KEPT)?.strip_prefix('=')?.to_owned()))
}

/// The form that a secret leads back to; `None` when it waits no more, or another person typed it.
async fn kept(site: &AppState, actor: &Actor, secret: Option<String>) -> Option<KeptFields> {
    match kept_form(&site.desk, actor, &secret?).await {
        Ok(fields) => fields,
        Err(error) => {
            tracing::error!(%error, "a form that was kept could not be read");
            None
        }
    }
}
