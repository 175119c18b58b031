//! How the installation stands, for administrators: `/desk/admin/server`.

mod mail;

use domain::actor::{Action, Subject, may};
use http::StatusCode;
use leptos::prelude::*;

use self::mail::MailSection;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::pages::Typed;
use crate::pages::staff::frame::Failed;
use crate::request::{RequestContext, request_context};

pub use mail::TestReply;

const PAGE: &str = "/desk/admin/server";
/// The field that says what is to be done.
const ACT: &str = "act";
/// Its value for a test mail.
const TEST_MAIL: &str = "test_mail";

/// What became of a form of the page.
#[derive(Debug)]
pub enum ServerPosted {
    /// The page again, with what a mail server said.
    Tested(StatusCode, TestReply),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Takes a form of the page.
pub async fn post_server(asked: &RequestContext, typed: &Typed) -> ServerPosted {
    match typed.get(ACT).map(String::as_str) {
        Some(TEST_MAIL) => mail::post_test(asked).await,
        _ => ServerPosted::Failed(AppError::Malformed),
    }
}

/// The page of the server.
#[component]
pub fn ServerPage() -> impl IntoView {
    view! {
        <AdminFrame title="admin.server.title" section=Section::Server>
            {Suspend::new(async move {
                match asked() {
                    Ok(asked) => view! { <MailSection asked/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The request of an administrator.
fn asked() -> Result<RequestContext, AppError> {
    let asked = request_context()?;
    may(&asked.actor, Action::Administer, Subject::Desk).map_err(|_| AppError::NotPermitted)?;
    Ok(asked)
}
