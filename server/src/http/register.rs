//! The forms of the register.

use app::AppError;
use app::pages::staff::{labels_pdf, post_company, post_register_entry, post_register_merge};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::i18n::Language;

use super::AppState;
use super::answer::told;
use super::posted::taken;
use super::signed_in::SignedIn;

/// Takes the form of an entry, or of a new one.
pub async fn entry(
    State(site): State<AppState>,
    Path((kind, id)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let organisation = query.iter().find(|(name, _)| name == "organisation");
    let organisation = organisation.and_then(|(_, id)| id.parse().ok());
    taken(site, &asked, request, |typed| post_register_entry(&asked, &kind, &id, organisation, typed)).await
}

/// Takes the confirmation of a merge.
pub async fn merge(
    State(site): State<AppState>,
    Path((kind, id)): Path<(String, String)>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_register_merge(&asked, &kind, &id, typed)).await
}

/// Takes what is changed of who acts for a company at the portal.
pub async fn people(
    State(site): State<AppState>,
    Path((kind, id)): Path<(String, String)>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_company(&asked, &kind, &id, typed)).await
}

/// Labels of equipment, as a PDF file.
pub async fn labels(
    Query(query): Query<Vec<(String, String)>>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    labels_file(labels_pdf(&asked, &query).await, asked.language)
}

/// The answer with labels as a PDF file, or an error in words.
pub(super) fn labels_file(content: Result<Vec<u8>, AppError>, language: Language) -> Response {
    match content {
        Ok(pdf) => {
            let headers = [
                (CONTENT_TYPE, "application/pdf"),
                (CONTENT_DISPOSITION, "inline; filename=\"labels.pdf\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, pdf).into_response()
        }
        Err(error) => told(&error, language),
    }
}
