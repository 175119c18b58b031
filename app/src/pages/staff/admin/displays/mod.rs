//! Wall displays: which there are and when they were last seen, pairing by a code, links, and revoking. The server alone draws
//! this page: plain forms, no bundle.

mod forms;
mod list;

use desk::access::displays::{self, DisplayView};
use desk::access::pairing::{PairError, pair_by_code};
use domain::actor::{DisplayId, Scope};
use domain::calendar::zone::Zone;
use domain::display::{DISPLAY_NAME_CHARS_MAX, DisplayName, PairingCode};
use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use domain::time::Instant;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::forms::{ByCode, ByLink};
use self::list::Table;
use super::choices::scope_of;
use super::kept::kept_notice;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::Typed;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

const ADDRESS: &str = "/desk/admin/displays";

/// The name of the field that says what is to be done, and its values.
const ACTION: &str = "action";
const PAIR: &str = "pair";
const LINK: &str = "link";

/// What comes back to the forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisplaysReply {
    typed: Typed,
    /// What is wrong, by the field's name.
    problems: Vec<(&'static str, String)>,
    /// The link of a new display with its name: it is shown once.
    link: Option<(String, String)>,
}

impl DisplaysReply {
    /// What was typed before a new sign-in.
    pub(super) fn kept(typed: Typed) -> Self {
        Self { typed, ..Self::default() }
    }

    fn text(&self, name: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_default()
    }

    fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|(of, _)| *of == name).map(|(_, words)| words.clone())
    }
}

/// What became of a posted form.
#[derive(Debug)]
pub enum DisplaysPosted {
    /// Done; the browser goes on there.
    Done(String),
    /// The page again.
    Again(StatusCode, Box<DisplaysReply>),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Adds a display by the code of its screen, or by a link.
pub async fn post_displays(asked: &RequestContext, typed: Typed) -> DisplaysPosted {
    if typed.get(ACTION).is_some_and(|action| action == LINK) {
        return post_link(asked, typed).await;
    }
    let language = asked.language;
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let mut problems = Vec::new();
    let code = PairingCode::parse(text("code"));
    if code.is_err() {
        problems.push(("code", t!(language, "pair.problem.code_form").into_owned()));
    }
    let (name, scope) = (named(language, "name", &typed, &mut problems), scope("scope", &typed));
    if scope.is_none() {
        problems.push(("scope", t!(language, "pair.problem.scope").into_owned()));
    }
    let (Ok(code), Some(name), Some(scope)) = (code, name, scope) else { return again(typed, problems) };
    match pair_by_code(&asked.desk, &asked.actor, &code, &name, scope).await {
        Ok(_) => DisplaysPosted::Done(format!("{ADDRESS}?done={PAIR}")),
        Err(PairError::UnknownCode) => {
            again(typed, vec![("code", t!(language, "pair.problem.code").into_owned())])
        }
        Err(PairError::TooOften) => {
            let problems = vec![("code", t!(language, "pair.problem.too_often").into_owned())];
            let reply = DisplaysReply { typed, problems, link: None };
            DisplaysPosted::Again(StatusCode::TOO_MANY_REQUESTS, Box::new(reply))
        }
        Err(PairError::Desk(error)) => DisplaysPosted::Failed(error.into()),
    }
}

async fn post_link(asked: &RequestContext, typed: Typed) -> DisplaysPosted {
    let mut problems = Vec::new();
    let name = named(asked.language, "link_name", &typed, &mut problems);
    let scope = scope("link_scope", &typed);
    if scope.is_none() {
        problems.push(("link_scope", t!(asked.language, "pair.problem.scope").into_owned()));
    }
    let (Some(name), Some(scope)) = (name, scope) else { return again(typed, problems) };
    match displays::add_display(&asked.desk, &asked.actor, name.as_str(), scope).await {
        Ok((_, secret)) => {
            let link = format!("{}/board/{secret}", asked.desk.public_url());
            let link = Some((name.as_str().to_owned(), link));
            DisplaysPosted::Again(
                StatusCode::OK,
                Box::new(DisplaysReply { link, ..DisplaysReply::default() }),
            )
        }
        Err(error) => DisplaysPosted::Failed(error.into()),
    }
}

fn again(typed: Typed, problems: Vec<(&'static str, String)>) -> DisplaysPosted {
    let reply = DisplaysReply { typed, problems, link: None };
    DisplaysPosted::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(reply))
}

fn named(
    language: Language,
    field: &'static str,
    typed: &Typed,
    problems: &mut Vec<(&'static str, String)>,
) -> Option<DisplayName> {
    let name = DisplayName::parse(typed.get(field).map(String::as_str).unwrap_or_default());
    let problem = || (field, t!(language, "pair.problem.name", most = DISPLAY_NAME_CHARS_MAX));
    name.map_err(|_| problems.push(problem())).ok()
}

/// The chosen part of the desk; `None` for a choice that is not offered.
fn scope(field: &str, typed: &Typed) -> Option<Scope> {
    scope_of(typed.get(field).map(String::as_str).unwrap_or_default())
}

/// Revokes a display. Gives where the browser goes on.
///
/// # Errors
/// [`AppError::NotFound`] for one that is not there, or was revoked before.
pub async fn post_revoke_display(asked: &RequestContext, id: &str) -> Result<String, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    displays::revoke_display(&asked.desk, &asked.actor, DisplayId(id)).await?;
    Ok(format!("{ADDRESS}?done=revoke"))
}

/// What the page shows.
struct Listed {
    page: Page<DisplayView>,
    zone: Zone,
    now: Instant,
    /// Where screens go: the public address of their page.
    address: String,
}

async fn list(page: u32) -> Result<Listed, AppError> {
    let asked = staff_context()?;
    let page = displays::list_displays(&asked.desk, &asked.actor, page).await?;
    let zone = asked.desk.brand().provider.zone;
    Ok(Listed { page, zone, now: asked.desk.now(), address: format!("{}/wall", asked.desk.public_url()) })
}

/// The page of the displays: `/desk/admin/displays`.
#[component]
pub fn DisplaysPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let page = query.with_untracked(|query| query.get("page")?.parse().ok()).unwrap_or(1);
    let done = match query.with_untracked(|query| query.get("done")).as_deref() {
        Some(PAIR) => Some("pair.paired"),
        Some("revoke") => Some("pair.revoked"),
        _ => None,
    };
    let reply: DisplaysReply = use_context().unwrap_or_default();
    view! {
        <AdminFrame title="admin.displays.title" section=Section::Displays>
            {done.map(|key| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> })}
            {kept_notice()}
            {Suspend::new(async move {
                match list(page).await {
                    Ok(listed) => view! { <Displays listed reply/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Displays(listed: Listed, reply: DisplaysReply) -> impl IntoView {
    let language = use_language();
    let link = reply.link.clone().map(|(name, link)| {
        view! {
            <Notice tone=Tone::Good icon="check">
                <p>{t!(language, "pair.link", name = name)}</p>
                <p class="number number--any">{link}</p>
            </Notice>
        }
    });
    view! {
        {link}
        <ByCode reply=reply.clone() address=listed.address.clone()/>
        <ByLink reply/>
        <Table listed/>
    }
    .into_any()
}
