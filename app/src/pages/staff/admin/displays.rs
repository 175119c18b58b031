//! Wall displays: which there are and when they were last seen, pairing by a code, links, and revoking. The server alone draws
//! this page: plain forms, no bundle.

use desk::access::displays::{self, DisplayView, SEEN_EVERY_S};
use desk::access::pairing::{PairError, pair_by_code};
use domain::actor::{DisplayId, Scope};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::display::{DISPLAY_NAME_CHARS_MAX, DisplayName, PairingCode};
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::t;
use domain::time::{Instant, Span};
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::Typed;
use crate::pages::staff::frame::Failed;
use crate::request::{RequestContext, request_context};
use crate::ui::{FieldKind, Icon, Notice, Pager, TextField, Tone, relative_time};

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
            DisplaysPosted::Again(StatusCode::OK, Box::new(DisplaysReply { link, ..DisplaysReply::default() }))
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
    match typed.get(field).map(String::as_str).unwrap_or_default() {
        "" => Some(Scope { country: None }),
        code => Country::from_code(code).map(|country| Scope { country: Some(country) }),
    }
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
    let asked = request_context()?;
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

/// The form for the code of a waiting screen.
#[component]
fn ByCode(reply: DisplaysReply, address: String) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-code" novalidate>
            <h2 id="h-code">{t!(language, "pair.by_code")}</h2>
            <p class="note">{t!(language, "pair.by_code_lead", address = address)}</p>
            <div class="pairs">
                <TextField name="code" kind=FieldKind::OneTimeCode label=t!(language, "pair.code")
                    value=reply.text("code") problem=reply.problem("code")/>
                <TextField name="name" kind=FieldKind::Text label=t!(language, "pair.name")
                    value=reply.text("name") problem=reply.problem("name") hint=t!(language, "pair.name_hint")/>
                <ScopeChoice name="scope" chosen=reply.text("scope") problem=reply.problem("scope")/>
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACTION value=PAIR>{t!(language, "pair.pair")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The form for a link, closed until somebody wants it.
#[component]
fn ByLink(reply: DisplaysReply) -> impl IntoView {
    let language = use_language();
    let is_open = reply.problems.iter().any(|(name, _)| name.starts_with("link_"));
    view! {
        <details class="card" open=is_open>
            <summary><Icon name="chevron"/> {t!(language, "pair.by_link")}</summary>
            <form class="stack" method="post" action=ADDRESS novalidate>
                <p class="note">{t!(language, "pair.by_link_lead")}</p>
                <div class="pairs">
                    <TextField name="link_name" kind=FieldKind::Text label=t!(language, "pair.name")
                        value=reply.text("link_name") problem=reply.problem("link_name")/>
                    <ScopeChoice name="link_scope" chosen=reply.text("link_scope") problem=reply.problem("link_scope")/>
                </div>
                <div class="row">
                    <button class="button" type="submit" name=ACTION value=LINK>{t!(language, "pair.add")}</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// The part of the desk that a display shows.
#[component]
fn ScopeChoice(
    /// Name and id.
    name: &'static str,
    /// The chosen country's code; empty for all.
    chosen: String,
    /// What is wrong with that.
    problem: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let all = (String::new(), t!(language, "pair.all").into_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let options = std::iter::once(all).chain(countries).map(|(value, words)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let error = format!("{name}-error");
    let is_wrong = problem.is_some();
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{t!(language, "pair.scope")}</label>
            <div class="field__box">
                <select class="field__input" id=name name=name aria-invalid=is_wrong.then_some("true")
                    aria-describedby=is_wrong.then(|| error.clone())>
                    {options.collect_view()}
                </select>
            </div>
            {problem.map(|words| view! { <p class="field__error" id=error>{words}</p> })}
        </div>
    }
    .into_any()
}

#[component]
fn Table(listed: Listed) -> impl IntoView {
    let language = use_language();
    let Listed { page: Page { rows, paging }, zone, now, .. } = listed;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "pair.none")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|display| row(language, display, zone, now)).collect();
    let heads = ["pair.name", "pair.scope", "pair.state", "pair.seen", "pair.added"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let Paging { pages, .. } = paging;
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "pair.list")>
            <table class="table">
                <caption class="sr">{t!(language, "pair.list")}</caption>
                <thead>
                    <tr>{heads.collect_view()} <th scope="col"><span class="sr">{t!(language, "pair.revoke")}</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(pages > 1).then(|| view! { <Pager paging to=|page| format!("{ADDRESS}?page={page}")/> })}
    }
    .into_any()
}

/// How a display stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It showed the wall a moment ago.
    Online,
    /// It does not show the wall now.
    Silent,
    /// Its link was not opened yet, or its screen has not gone on to the wall.
    Waiting,
    /// It was revoked.
    Revoked,
}

impl State {
    /// How long a display counts as online after it was seen, in seconds: twice the interval of that.
    const ONLINE_S: i64 = 2 * SEEN_EVERY_S;

    fn of(display: &DisplayView, now: Instant) -> Self {
        match (display.revoked_at, display.paired_at, display.seen_at) {
            (Some(_), _, _) => Self::Revoked,
            (None, None, _) => Self::Waiting,
            (None, Some(_), Some(seen)) if now.since(seen) <= Self::ONLINE_S => Self::Online,
            (None, Some(_), _) => Self::Silent,
        }
    }

    /// Look, icon and the key of the word.
    const fn shown(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Online => ("met", "check", "pair.state.online"),
            Self::Silent => ("warning", "warning", "pair.state.silent"),
            Self::Waiting => ("running", "running", "pair.state.waiting"),
            Self::Revoked => ("void", "void", "pair.state.revoked"),
        }
    }
}

fn row(language: Language, display: DisplayView, zone: Zone, now: Instant) -> AnyView {
    let state = State::of(&display, now);
    let (look, icon, word) = state.shown();
    let local = |at: Instant| relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now);
    let scope = match display.scope.country {
        Some(country) => t!(language, country.name_key()),
        None => t!(language, "pair.all"),
    };
    let seen = display.seen_at.map_or_else(|| t!(language, "pair.never").into_owned(), local);
    let id = display.id.0;
    let name = display.name.clone();
    let revoke = (state != State::Revoked).then(|| {
        view! {
            <details class="revoke">
                <summary class="button button--quiet" aria-label=format!("{} · {name}", t!(language, "pair.revoke"))>
                    {t!(language, "pair.revoke")}
                </summary>
                <form class="stack stack--tight" method="post" action=format!("{ADDRESS}/{id}/revoke")>
                    <p class="note">{t!(language, "pair.revoke_sure")}</p>
                    <button class="button" type="submit">{t!(language, "pair.revoke_yes")}</button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row">{display.name}</th>
            <td data-label=t!(language, "pair.scope")>{scope}</td>
            <td data-label=t!(language, "pair.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, word)}</span>
            </td>
            <td data-label=t!(language, "pair.seen")>{seen}</td>
            <td data-label=t!(language, "pair.added")>{local(display.created_at)}</td>
            <td>{revoke}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_online_for_two_minutes_after_it_was_seen() {
        let seen = |at: Option<i64>| DisplayView {
            id: DisplayId(1),
            name: "Sala".to_owned(),
            scope: Scope { country: None },
            created_at: Instant(0),
            paired_at: Some(Instant(0)),
            seen_at: at.map(Instant),
            revoked_at: None,
        };
        assert_eq!(State::of(&seen(Some(100)), Instant(220)), State::Online);
        assert_eq!(State::of(&seen(Some(100)), Instant(221)), State::Silent);
        assert_eq!(State::of(&seen(None), Instant(10)), State::Silent);
        let unopened = DisplayView { paired_at: None, ..seen(None) };
        assert_eq!(State::of(&unopened, Instant(10)), State::Waiting);
        let revoked = DisplayView { revoked_at: Some(Instant(5)), ..seen(Some(100)) };
        assert_eq!(State::of(&revoked, Instant(100)), State::Revoked);
    }
}
