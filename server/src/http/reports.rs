//! Reports as CSV files.

use app::AppError;
use app::pages::staff::{audit_csv, breaches_csv, causes_csv, pauses_csv, sla_report_csv};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use desk::reports::{Separators, SheetFile};
use domain::i18n::Language;

use super::answer::told;
use super::signed_in::SignedIn;

/// The filter in an address.
type Filter = Query<Vec<(String, String)>>;

/// Waits that ran on after the customer had answered.
pub async fn pauses(
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    file(pauses_csv(&asked, &query, separators(&asked, &headers)).await, asked.language)
}

/// Resolutions by category and cause.
pub async fn causes(
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    file(causes_csv(&asked, &query, separators(&asked, &headers)).await, asked.language)
}

/// SLA compliance.
pub async fn sla_report(
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    file(sla_report_csv(&asked, &query, separators(&asked, &headers)).await, asked.language)
}

/// Breaches of one SLA target.
pub async fn breaches(
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    file(breaches_csv(&asked, &query, separators(&asked, &headers)).await, asked.language)
}

/// The audit log.
pub async fn audit(
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    Query(query): Filter,
) -> Response {
    file(audit_csv(&asked, &query, separators(&asked, &headers)).await, asked.language)
}

/// The separators of the reader's spreadsheet.
pub(super) fn separators(asked: &RequestContext, headers: &HeaderMap) -> Separators {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Separators::of(asked.language, accepted)
}

/// The answer with a CSV file, or an error in words.
pub(super) fn file(content: Result<SheetFile, AppError>, language: Language) -> Response {
    match content {
        Ok(SheetFile { name, text }) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
                (CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, text).into_response()
        }
        Err(error) => told(&error, language),
    }
}
