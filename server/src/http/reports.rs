//! Reports as files.

use app::AppError;
use app::pages::staff::{missed_csv, pauses_csv, promises_csv};
use app::request::Asked;
use axum::Extension;
use axum::extract::Query;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::reports::{Separators, SheetFile};
use domain::actor::Actor;

use super::forms;
use super::forms::status_of;

/// The filter that an address names.
type Filter = Query<Vec<(String, String)>>;

/// Waits that ran on after the customer had answered.
pub async fn pauses(
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/pauses", None);
    }
    file(pauses_csv(&asked, &query, separators(&asked, &headers)).await)
}

/// How many of the promises were kept.
pub async fn promises(
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/promises", None);
    }
    file(promises_csv(&asked, &query, separators(&asked, &headers)).await)
}

/// Promises of one kind that were missed.
pub async fn missed(
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/promises", None);
    }
    file(missed_csv(&asked, &query, separators(&asked, &headers)).await)
}

const fn is_staff(asked: &Asked) -> bool {
    matches!(asked.actor, Actor::Staff(_))
}

/// How the reader's spreadsheet takes a file apart.
fn separators(asked: &Asked, headers: &HeaderMap) -> Separators {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Separators::of(asked.language, accepted)
}

fn file(content: Result<SheetFile, AppError>) -> Response {
    match content {
        Ok(SheetFile { name, text }) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
                (CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, text).into_response()
        }
        Err(AppError::Text(words)) => (StatusCode::UNPROCESSABLE_ENTITY, words).into_response(),
        Err(error) => status_of(&error).into_response(),
    }
}
