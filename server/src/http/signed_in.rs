//! The extractor of signed-in staff. Without a session it redirects to the sign-in, and from there back.

use app::pages::staff::KEPT;
use app::request::RequestContext;
use app::{AppError, sign_in_address};
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, HOST, REFERER};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::actor::{Actor, Staff};

use super::answer::{to, told};
use super::context::own_path;

/// The member of the staff who is signed in. A session may end while a form is being filled in.
#[derive(Debug)]
pub struct SignedIn(pub Staff);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let Some(asked) = parts.extensions.get::<RequestContext>() else {
            tracing::error!("a request came in past the middleware");
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        match &asked.actor {
            Actor::Staff(staff) => Ok(Self(staff.clone())),
            _ if takes_page(&parts.headers) => Err(to(&sign_in_address(&way_back(parts)), None)),
            _ => Err(told(&AppError::SignInFirst, asked.language)),
        }
    }
}

/// Whether the caller can show a page. A script accepts none, and a frame would show none.
pub(super) fn takes_page(headers: &HeaderMap) -> bool {
    if headers.get("sec-fetch-dest").is_some_and(|place| place == "iframe") {
        return false;
    }
    let accepted = headers.get(ACCEPT).and_then(|kinds| kinds.to_str().ok());
    accepted.is_none_or(|kinds| kinds.contains("text/html"))
}

/// The page after the sign-in: the requested one, or the one that a form was posted from.
pub(super) fn way_back(parts: &Parts) -> String {
    let path = parts.uri.path();
    let page = match parts.method {
        Method::GET | Method::HEAD => parts.uri.path_and_query().map(PathAndQuery::as_str),
        _ => own_referer(&parts.headers),
    };
    without_outcome(page.and_then(own_path).unwrap_or_else(|| page_of(path)))
}

/// Parameters of an address that tell of an earlier form. They do not hold for a form that was not taken.
const OUTCOMES: [&str; 4] = ["done", "problem", "of", KEPT];

/// An address without the outcome of an earlier form.
fn without_outcome(page: &str) -> String {
    let Some((path, query)) = page.split_once('?') else { return page.to_owned() };
    let is_kept = |pair: &&str| !OUTCOMES.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Path and query of the referring page, if it is one of this site.
fn own_referer(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (referer, host) = (text(REFERER)?, text(HOST)?);
    let page = referer.parse::<Uri>().ok()?;
    if page.authority()?.as_str() != host {
        return None;
    }
    let (_, rest) = referer.split_once("://")?;
    rest.strip_prefix(host)
}

/// The page of the form that is posted to a path; for most forms the same path.
fn page_of(path: &str) -> &str {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["desk", "cases", _, "files", ..] => "/desk/agenda",
        ["desk", "cases", _, "messages"] => path.trim_end_matches("/messages"),
        ["desk", "mails", "again"] => "/desk/mails",
        _ => own_path(path).unwrap_or("/desk"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn back(method: Method, path: &str, referer: &str) -> String {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(HOST, "desk.example").header(REFERER, referer);
        way_back(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn return_path_is_the_requested_page() {
        let asked = "/desk/reports/pauses.csv?reason=parts&page=2";
        assert_eq!(back(Method::GET, asked, "https://desk.example/desk"), asked);
    }

    #[test]
    fn return_path_of_a_form_is_its_page() {
        let again = "/desk/mails/again";
        assert_eq!(back(Method::POST, again, "https://desk.example/desk/mails?page=2"), "/desk/mails?page=2");
        let told = "https://desk.example/desk/mails?done=retried&page=2&of=12";
        assert_eq!(back(Method::POST, again, told), "/desk/mails?page=2", "nothing was done this time");
        let only = "https://desk.example/desk/survey/follow-ups?done=followed_up";
        assert_eq!(back(Method::POST, "/desk/survey/follow-ups", only), "/desk/survey/follow-ups");
        for foreign in [
            "https://evil.example/desk",
            "https://desk.example//evil.example",
            "desk",
            "https://desk.example.evil/",
        ] {
            assert_eq!(back(Method::POST, again, foreign), "/desk/mails", "{foreign}");
        }
        assert_eq!(back(Method::POST, "/desk/cases/VE2600421392/files", "-"), "/desk/agenda");
        assert_eq!(back(Method::POST, "/desk/intake", "-"), "/desk/intake");
    }
}
