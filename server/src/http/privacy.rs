//! The forms of personal data. What is known of a person comes as a file.

use app::pages::staff::{PrivacyPosted, post_privacy};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::AppState;
use super::posted::{read, show};
use super::signed_in::SignedIn;

/// Takes a form of the page.
pub async fn privacy(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_privacy(&asked, typed).await {
        PrivacyPosted::Form(posted) => show(site, parts, posted, asked.language).await,
        PrivacyPosted::File(name, bytes) => {
            let headers = [
                (CONTENT_TYPE, "application/json".to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, bytes).into_response()
        }
    }
}
