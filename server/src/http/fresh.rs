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
use desk::store::StoreError;
use domain::actor::{Action, Actor, Subject, may};
use domain::i18n::Language;
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

/// Sends an administrator to the sign-in, and back to the page, when the session is not fresh. Forms that come then, or after the
/// session has ended, are kept.
pub async fn ask_again(State(site): State<AppState>, request: Request, next: Next) -> Response {
    // Pages are found by their decoded address.
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let is_administration = path == "/desk/admin" || path.starts_with("/desk/admin/");
    let asked = request.extensions().get::<RequestContext>().filter(|_| is_administration).cloned();
    let secret = site.cookies.session(request.headers()).map(str::to_owned);
    let (Some(asked), Some(secret)) = (asked, secret) else { return next.run(request).await };
    let standing = match standing(&site, &asked.actor, &secret, request.method()).await {
        Ok(standing) => standing,
        Err(error) => {
            tracing::error!(%error, "how old a session is could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    match standing {
        Standing::Good => {
            let kept_secret = kept_secret(&request);
            let Some(fields) = kept(&site, &asked.actor, kept_secret).await else {
                return next.run(request).await;
            };
            let (path, language) = (request.uri().path().to_owned(), asked.language);
            let more = move || provide_kept(&path, &fields, language);
            pages::with_context(&site, more, request).await
        }
        Standing::Stale(person) => to_sign_in(&site, &person, asked.language, request).await,
        Standing::Unknown => next.run(request).await,
    }
}

/// Whether a request of the administration is served.
enum Standing {
    /// It is, for what its sender may do.
    Good,
    /// This person signs in first.
    Stale(Actor),
    /// It is not known who asks: the handler decides.
    Unknown,
}

async fn standing(
    site: &AppState,
    actor: &Actor,
    secret: &str,
    method: &Method,
) -> Result<Standing, StoreError> {
    if !matches!(actor, Actor::Staff(_)) {
        // A form of a session that has ended. Other requests have nothing to lose.
        let person =
            if *method == Method::POST { sign_in::last_person(&site.desk, secret).await? } else { None };
        return Ok(person.map_or(Standing::Unknown, Standing::Stale));
    }
    if may(actor, Action::Administer, Subject::Desk).is_err() {
        return Ok(Standing::Good);
    }
    let allowed_s = match *method {
        Method::GET | Method::HEAD => FRESH_S,
        _ => FRESH_S + FORM_S,
    };
    let is_stale = sign_in::age_s(&site.desk, secret).await?.is_some_and(|age_s| age_s > allowed_s);
    Ok(if is_stale { Standing::Stale(actor.clone()) } else { Standing::Good })
}

/// The way to the sign-in and back. A form is kept meanwhile for the person who sent it.
async fn to_sign_in(site: &AppState, person: &Actor, language: Language, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !takes_page(&parts.headers) {
        return told(&AppError::SignInFirst, language);
    }
    let back = way_back(&parts);
    let is_form = parts.method == Method::POST;
    let secret = if is_form { keep(site, person, Request::from_parts(parts, body)).await } else { None };
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
