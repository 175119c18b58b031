//! The forms of SLA plans, calendars and the provider.

use app::pages::staff::{LOGO_FILE, SettingsPosted, post_provider, post_settings};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::settings::Subject;
use domain::calendar::week::CLOSURES_MAX;
use domain::provider::LOGO_BYTES_MAX;

use super::answer::{to, told};
use super::posted::read_pairs_up_to;
use super::signed_in::SignedIn;
use super::{AppState, pages};

/// Most fields of a form: three for each closure of a calendar, and the week.
const MOST_FIELDS: usize = 3 * CLOSURES_MAX + 64;

/// Shows what a plan's form would change, or changes it.
pub async fn plan(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, &asked, Subject::Plans, &id, request).await
}

/// The same of a calendar's form.
pub async fn calendar(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    take(site, &asked, Subject::Calendars, &id, request).await
}

/// Most fields of the provider's form: three for each telephone line, and the others.
const MOST_PARTS: usize = 96;
/// The longest text of a field in bytes; the longest value has some hundred characters. What is longer is cut to this: the
/// rules refuse it at its field.
const TEXT_BYTES: usize = 8 * 1024;

/// The same of the provider's form, which may bring the picture of a logo.
pub async fn provider(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let (pairs, picture) = match read_parts(form).await {
        Ok(read) => read,
        Err(status) => return status.into_response(),
    };
    match post_provider(&asked, pairs, picture).await {
        SettingsPosted::Done(next) => to(&next, None),
        SettingsPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        SettingsPosted::Failed(error) => told(&error, asked.language),
    }
}

/// The fields of a multipart form, and the picture that was chosen in it.
async fn read_parts(request: Request) -> Result<(Vec<(String, String)>, Option<Vec<u8>>), StatusCode> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| error.status())?;
    let (mut pairs, mut picture) = (Vec::new(), None);
    for _ in 0..MOST_PARTS {
        let Some(field) = form.next_field().await.map_err(|error| error.status())? else {
            return Ok((pairs, picture));
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == LOGO_FILE {
            // One byte too many is enough to be refused.
            let bytes = read_up_to(field, LOGO_BYTES_MAX + 1).await?;
            picture = Some(bytes).filter(|bytes| !bytes.is_empty());
        } else {
            let bytes = read_up_to(field, TEXT_BYTES).await?;
            pairs.push((name, text(bytes).ok_or(StatusCode::BAD_REQUEST)?));
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

/// A field's text. Its last letter may be cut in two.
fn text(mut bytes: Vec<u8>) -> Option<String> {
    if bytes.len() == TEXT_BYTES
        && let Err(wrong) = std::str::from_utf8(&bytes)
        && wrong.error_len().is_none()
    {
        bytes.truncate(wrong.valid_up_to());
    }
    String::from_utf8(bytes).ok()
}

/// The first bytes of a part. The rest is read and dropped, so that the next part can be read.
async fn read_up_to(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| error.status())? {
        let room = most.saturating_sub(bytes.len()).min(chunk.len());
        bytes.extend_from_slice(&chunk[..room]);
    }
    Ok(bytes)
}

async fn take(
    site: AppState,
    asked: &RequestContext,
    subject: Subject,
    id: &str,
    request: Request,
) -> Response {
    let (parts, pairs) = match read_pairs_up_to(request, MOST_FIELDS).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_settings(asked, subject, id, pairs).await {
        SettingsPosted::Done(next) => to(&next, None),
        SettingsPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        SettingsPosted::Failed(error) => told(&error, asked.language),
    }
}
