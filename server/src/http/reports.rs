//! Reports as files.

use app::AppError;
use app::pages::staff::{missed_csv, pauses_csv, promises_csv};
use app::request::Asked;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;

use super::forms;
use super::forms::status_of;

/// The filter that an address names.
type Filter = Query<Vec<(String, String)>>;

/// Waits that ran on after the customer had answered.
pub async fn pauses(Extension(asked): Extension<Asked>, Query(query): Filter) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/pauses", None);
    }
    file("attachment; filename=\"vigia-pauses.csv\"", pauses_csv(&asked, &query).await)
}

/// How many of the promises were kept.
pub async fn promises(Extension(asked): Extension<Asked>, Query(query): Filter) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/promises", None);
    }
    file("attachment; filename=\"vigia-promises.csv\"", promises_csv(&asked, &query).await)
}

/// Promises of one kind that were missed.
pub async fn missed(Extension(asked): Extension<Asked>, Query(query): Filter) -> Response {
    if !is_staff(&asked) {
        return forms::to("/desk/sign-in?next=/desk/reports/promises", None);
    }
    file("attachment; filename=\"vigia-missed.csv\"", missed_csv(&asked, &query).await)
}

const fn is_staff(asked: &Asked) -> bool {
    matches!(asked.actor, Actor::Staff(_))
}

fn file(disposition: &'static str, content: Result<String, AppError>) -> Response {
    match content {
        Ok(content) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, disposition),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, content).into_response()
        }
        Err(AppError::Text(words)) => (StatusCode::UNPROCESSABLE_ENTITY, words).into_response(),
        Err(error) => status_of(&error).into_response(),
    }
}
