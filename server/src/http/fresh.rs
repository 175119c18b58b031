//! A fresh sign-in before the administration: an open session of an administrator, long after its sign-in, changes nothing there.

use app::request::RequestContext;
use app::{AppError, sign_in_address};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::access::sign_in::{self, FRESH_S};
use domain::actor::{Action, Subject, may};
use percent_encoding::percent_decode_str;

use super::AppState;
use super::answer::{to, told};
use super::signed_in::{takes_page, way_back};

/// A form is taken for this long after its page could no longer be opened, in seconds: what is being typed is not lost.
const FORM_S: i64 = 1800;

/// Sends an administrator to the sign-in, and back to the page, when the session is not fresh.
pub async fn ask_again(State(site): State<AppState>, request: Request, next: Next) -> Response {
    // Pages are found by their decoded address.
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let administers = (path == "/desk/admin" || path.starts_with("/desk/admin/"))
        && request
            .extensions()
            .get::<RequestContext>()
            .is_some_and(|asked| may(&asked.actor, Action::Administer, Subject::Desk).is_ok());
    let secret = site.cookies.session(request.headers()).filter(|_| administers).map(str::to_owned);
    let Some(secret) = secret else { return next.run(request).await };
    let allowed_s = match *request.method() {
        Method::GET | Method::HEAD => FRESH_S,
        _ => FRESH_S + FORM_S,
    };
    match sign_in::age_s(&site.desk, &secret).await {
        Ok(Some(age_s)) if age_s > allowed_s => {
            let (parts, _) = request.into_parts();
            if takes_page(&parts.headers) {
                return to(&format!("{}&again=yes", sign_in_address(&way_back(&parts))), None);
            }
            let language = parts.extensions.get::<RequestContext>().map(|asked| asked.language);
            told(&AppError::SignInFirst, language.unwrap_or_default())
        }
        Ok(_) => next.run(request).await,
        Err(error) => {
            tracing::error!(%error, "how old a session is could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
