//! Reports as files.

use app::AppError;
use app::pages::staff::pauses_csv;
use app::request::Asked;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;

use super::forms;

/// Waits that ran on after the customer had answered.
pub async fn pauses(
    Extension(asked): Extension<Asked>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if !matches!(asked.actor, Actor::Staff(_)) {
        return forms::to("/desk/sign-in?next=/desk/reports/pauses", None);
    }
    match pauses_csv(&asked, &query).await {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"vigia-pauses.csv\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, file).into_response()
        }
        Err(AppError::Refused(_)) => StatusCode::FORBIDDEN.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
