//! Proofs of cases, and the page that verifies them.

use std::path::PathBuf;
use std::sync::Arc;

use app::AppError;
use app::request::{Assets, RequestContext};
use app::shell::verify_shell;
use app::verify;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use desk::proof::prove;
use domain::actor::Actor;
use domain::attachment::Shown;
use domain::case_number::CaseNumber;
use leptos_axum::render_app_async_with_context;

use super::AppState;
use super::answer::told;
use super::files::{bytes, holder};
use super::pages;
use super::signed_in::SignedIn;

/// The name of the page as one file.
const KEPT_PAGE: &str = "vigia-verify.html";

/// The proof of a case, for the holder of its link. It is made anew each time, which costs more than a page does.
pub async fn proof_of_tracking(
    State(site): State<AppState>,
    Path(tracking): Path<String>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    if let Err(error) = asked.unhurried() {
        return told(&error, asked.language);
    }
    let (number, customer) = match holder(&site, &tracking).await {
        Ok(held) => held,
        Err(error) => return told(&error, asked.language),
    };
    answered(proof(&site, &customer, Some(number)).await, &asked)
}

/// The same for the staff, with every word.
pub async fn proof_of_case(
    State(site): State<AppState>,
    Path(number): Path<String>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let number = CaseNumber::parse(&number).ok();
    answered(proof(&site, &Actor::Staff(staff), number).await, &asked)
}

async fn proof(site: &AppState, actor: &Actor, number: Option<CaseNumber>) -> Result<Response, AppError> {
    let number = number.ok_or(AppError::NotFound)?;
    let file = prove(&site.desk, actor, number).await?;
    Ok(bytes("application/json", Shown::AsDownload, &file_name(number), file.into_bytes()))
}

/// The name of the file of a case.
pub(super) fn file_name(number: CaseNumber) -> String {
    format!("{}-proof.json", number.as_compact())
}

fn answered(answer: Result<Response, AppError>, asked: &RequestContext) -> Response {
    answer.unwrap_or_else(|error| told(&error, asked.language))
}

/// The page, which draws itself and asks nothing of the server.
pub async fn page(State(site): State<AppState>, request: Request) -> Response {
    let assets = Arc::clone(&site.assets);
    let draw = move || verify_shell(Assets::clone(&assets));
    render_app_async_with_context(pages::page_context, draw)(request).await.into_response()
}

/// The page as one file, in the reader's language.
pub async fn kept_page(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    if let Err(error) = asked.unhurried() {
        return told(&error, asked.language);
    }
    let (template, words) =
        (site.assets.kept_page.clone(), site.assets.verify.message(asked.language).to_owned());
    let files = [template, words].map(|address| of_site(&site, &address));
    let read = tokio::task::spawn_blocking(move || {
        let [template, words] = files.map(std::fs::read_to_string);
        Ok::<_, std::io::Error>((template?, words?))
    });
    let (template, words) = match read.await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => return told(&AppError::internal(error), asked.language),
        Err(error) => return told(&AppError::internal(error), asked.language),
    };
    let page = verify::kept_page(&template, &words, &site.desk, asked.language);
    bytes("text/html; charset=utf-8", Shown::AsDownload, KEPT_PAGE, page.into_bytes())
}

/// The file of the site at an address of the build's list.
fn of_site(site: &AppState, address: &str) -> PathBuf {
    PathBuf::from(&*site.leptos.site_root).join(address.trim_start_matches('/'))
}
