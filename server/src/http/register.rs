//! The forms of the register.

use app::pages::staff::{post_register_entry, post_register_merge};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::response::Response;

use super::AppState;
use super::posted::{read, show};
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
    match read(request).await {
        Ok((parts, typed)) => {
            let posted = post_register_entry(&asked, &kind, &id, organisation, typed).await;
            show(site, parts, posted, asked.language).await
        }
        Err(response) => response,
    }
}

/// Takes the confirmation of a merge.
pub async fn merge(
    State(site): State<AppState>,
    Path((kind, id)): Path<(String, String)>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => {
            let posted = post_register_merge(&asked, &kind, &id, typed).await;
            show(site, parts, posted, asked.language).await
        }
        Err(response) => response,
    }
}
