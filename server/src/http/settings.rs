//! The forms of SLA plans and calendars.

use app::pages::staff::{SettingsPosted, post_settings};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use desk::settings::Subject;
use domain::calendar::week::CLOSURES_MAX;

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
