//! Webhooks: which there are, what each hears of and how its deliveries fare; adding one with a secret that is shown once. One
//! webhook: a test, pause, rotation, removal, and dead letters once more. The server alone draws these pages: plain forms, no
//! bundle.

mod detail;
mod form;
mod history;
mod list;

use std::collections::BTreeSet;

use desk::webhooks::{
    DeliveryView, NewWebhook, ReceiverUrl, Replay, UrlProblem, WebhookChange, WebhookError, WebhookView,
    add_webhook, change_webhook, list_changes, list_deliveries, list_webhooks, pause_webhook, read_webhook,
    remove_webhook, replay, resume_webhook, rotate_secret, send_test,
};
use domain::actor::{Action, Subject, may};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use domain::time::{Instant, Span};
use domain::webhook::{
    WEBHOOK_NAME_CHARS_MAX, WEBHOOKS_MAX, WebhookEvent, WebhookFormat, WebhookId, WebhookName,
};
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::detail::Detail;
use self::form::NewForm;
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
use crate::ui::{Notice, Tone, relative_time};

const ADDRESS: &str = "/desk/admin/webhooks";

/// The names of the fields. An event's field is [`EVENT`] with its code.
const NAME: &str = "name";
const URL: &str = "url";
const SCOPE: &str = "scope";
const FORMAT: &str = "format";
const LANGUAGE: &str = "language";
/// The field with the number of changes that the form saw.
const REVISION: &str = "revision";
const EVENT: &str = "event_";
/// The field with the last rotation that the form saw, in seconds; 0 before the first.
const ROTATED: &str = "rotated";
/// The name that a problem of all events has.
const EVENTS: &str = "events";

/// What the address says of a webhook that was added without a secret to show.
const ADDED: &str = "add";

/// What is done to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Test,
    /// Other settings.
    Edit,
    Pause,
    Resume,
    Rotate,
    Remove,
    /// One dead letter once more.
    Replay,
    /// All of them.
    ReplayAll,
}

impl Deed {
    /// The name of the field, and of the parameter that says what was done.
    const FIELD: &'static str = "deed";
    /// The field with the id of a delivery.
    const DELIVERY: &'static str = "delivery";
    const ALL: [Self; 8] = [
        Self::Test,
        Self::Edit,
        Self::Pause,
        Self::Resume,
        Self::Rotate,
        Self::Remove,
        Self::Replay,
        Self::ReplayAll,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Edit => "edit",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Rotate => "rotate",
            Self::Remove => "remove",
            Self::Replay => "replay",
            Self::ReplayAll => "replay_all",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.code() == code)
    }

    /// What is said when it is done; `None` for what shows itself.
    const fn done(self) -> Option<&'static str> {
        match self {
            Self::Test => Some("webhook.done.test"),
            Self::Edit => Some("webhook.done.edit"),
            Self::Pause => Some("webhook.done.pause"),
            Self::Resume => Some("webhook.done.resume"),
            Self::Remove => Some("webhook.done.remove"),
            Self::Replay | Self::ReplayAll => Some("webhook.done.replay"),
            Self::Rotate => None,
        }
    }
}

/// What comes back to a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhooksReply {
    typed: Typed,
    /// What is wrong, by the field's name.
    problems: Vec<(&'static str, String)>,
    /// The new secret of a webhook, with its name: shown once.
    secret: Option<(String, String)>,
}

impl WebhooksReply {
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

    fn refused(typed: Typed, problems: Vec<(&'static str, String)>) -> WebhooksPosted {
        let reply = Self { typed, problems, secret: None };
        WebhooksPosted::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(reply))
    }

    fn with_secret(name: String, secret: String) -> WebhooksPosted {
        let reply = Self { secret: Some((name, secret)), ..Self::default() };
        WebhooksPosted::Again(StatusCode::OK, Box::new(reply))
    }
}

/// What became of a posted form.
#[derive(Debug)]
pub enum WebhooksPosted {
    /// Done; the browser goes on there.
    Done(String),
    /// The page again.
    Again(StatusCode, Box<WebhooksReply>),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Adds a webhook. A chat program verifies no signature, so that no secret is shown for one.
pub async fn post_webhooks(asked: &RequestContext, typed: Typed) -> WebhooksPosted {
    // Others are not told what is wrong with their form.
    if let Err(refused) = may(&asked.actor, Action::ManageWebhooks, Subject::Desk) {
        return WebhooksPosted::Failed(desk::DeskError::from(refused).into());
    }
    let language = asked.language;
    let new = match parsed(language, &typed) {
        Ok(new) => new,
        Err(problems) => return WebhooksReply::refused(typed, problems),
    };
    let (name, format) = (new.name.as_str().to_owned(), new.format);
    match add_webhook(&asked.desk, &asked.actor, new).await {
        Ok((id, _)) if format.is_chat() => {
            WebhooksPosted::Done(format!("{ADDRESS}/{}?{}={ADDED}", id.0, Deed::FIELD))
        }
        Ok((_, secret)) => WebhooksReply::with_secret(name, secret),
        Err(error) => not_saved(language, typed, error),
    }
}

/// Changes the settings of a webhook.
async fn changed(asked: &RequestContext, id: WebhookId, typed: &Typed) -> WebhooksPosted {
    if let Err(refused) = may(&asked.actor, Action::ManageWebhooks, Subject::Desk) {
        return WebhooksPosted::Failed(desk::DeskError::from(refused).into());
    }
    let language = asked.language;
    let new = match parsed(language, typed) {
        Ok(new) => new,
        Err(problems) => return WebhooksReply::refused(typed.clone(), problems),
    };
    // A form without the field saw no change.
    let seen = typed.get(REVISION).and_then(|seen| seen.parse().ok()).unwrap_or_default();
    match change_webhook(&asked.desk, &asked.actor, id, seen, new).await {
        Ok(()) => WebhooksPosted::Done(format!("{ADDRESS}/{}?{}={}", id.0, Deed::FIELD, Deed::Edit.code())),
        Err(error) => not_saved(language, typed.clone(), error),
    }
}

/// The form again, with why the desk did not save it.
fn not_saved(language: Language, mut typed: Typed, error: WebhookError) -> WebhooksPosted {
    if matches!(error, WebhookError::Changed) {
        typed.remove(REVISION);
    }
    let problem = match error {
        WebhookError::Url(problem) => (URL, url_words(language, problem)),
        WebhookError::TooMany => (NAME, t!(language, "webhook.problem.too_many", most = WEBHOOKS_MAX)),
        WebhookError::Same => (NAME, t!(language, "webhook.problem.same").into_owned()),
        WebhookError::Unheard(event) => {
            (EVENTS, t!(language, "webhook.problem.unheard", event = t!(language, event.name_key())))
        }
        WebhookError::Changed => (NAME, t!(language, "webhook.problem.changed").into_owned()),
        WebhookError::Desk(error) => return WebhooksPosted::Failed(error.into()),
    };
    WebhooksReply::refused(typed, vec![problem])
}

fn url_words(language: Language, problem: UrlProblem) -> String {
    match problem {
        UrlProblem::Malformed => t!(language, "webhook.problem.url"),
        UrlProblem::Credentials => t!(language, "webhook.problem.credentials"),
        UrlProblem::Plain => t!(language, "webhook.problem.plain"),
        UrlProblem::NameUnknown => t!(language, "webhook.problem.name_unknown"),
        UrlProblem::AddressRefused => t!(language, "webhook.problem.address"),
    }
    .into_owned()
}

/// What was typed, or every field that is wrong.
fn parsed(language: Language, typed: &Typed) -> Result<NewWebhook, Vec<(&'static str, String)>> {
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let mut problems = Vec::new();
    let name = WebhookName::parse(text(NAME));
    if name.is_err() {
        problems.push((NAME, t!(language, "webhook.problem.name", most = WEBHOOK_NAME_CHARS_MAX)));
    }
    let url = ReceiverUrl::parse(text(URL));
    if let Err(problem) = &url {
        problems.push((URL, url_words(language, *problem)));
    }
    let scope = scope_of(text(SCOPE));
    if scope.is_none() {
        problems.push((SCOPE, t!(language, "webhook.problem.scope").into_owned()));
    }
    let is_chosen = |event: &WebhookEvent| text(&format!("{EVENT}{}", event.code())) == "yes";
    let events: BTreeSet<WebhookEvent> = WebhookEvent::ALL.into_iter().filter(is_chosen).collect();
    if events.is_empty() {
        problems.push((EVENTS, t!(language, "webhook.problem.events").into_owned()));
    }
    // Forms of before have neither field.
    let format = match text(FORMAT) {
        "" => Some(WebhookFormat::default()),
        code => WebhookFormat::from_code(code),
    };
    if format.is_none() {
        problems.push((FORMAT, t!(language, "webhook.problem.format").into_owned()));
    }
    let spoken = match text(LANGUAGE) {
        "" => Some(language),
        code => Language::from_code(code),
    };
    if spoken.is_none() {
        problems.push((LANGUAGE, t!(language, "webhook.problem.language").into_owned()));
    }
    match (name, url, scope, format, spoken) {
        (Ok(name), Ok(url), Some(scope), Some(format), Some(language)) if problems.is_empty() => {
            Ok(NewWebhook { name, url, events, scope, format, language })
        }
        _ => Err(problems),
    }
}

/// Does something to one webhook.
pub async fn post_webhook(asked: &RequestContext, id: &str, typed: &Typed) -> WebhooksPosted {
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let (Ok(id), Some(deed)) = (id.parse().map(WebhookId), Deed::from_code(text(Deed::FIELD))) else {
        return WebhooksPosted::Failed(AppError::NotFound);
    };
    let (desk, actor) = (&asked.desk, &asked.actor);
    let done = match deed {
        Deed::Rotate => match rotated(asked, id, text(ROTATED)).await {
            Ok(Some((name, secret))) => return WebhooksReply::with_secret(name, secret),
            // The form was sent once more.
            Ok(None) => return WebhooksPosted::Done(format!("{ADDRESS}/{}", id.0)),
            Err(error) => Err(error),
        },
        Deed::Edit => return changed(asked, id, typed).await,
        Deed::Test => send_test(desk, actor, id).await.map(drop),
        Deed::Pause => pause_webhook(desk, actor, id).await,
        Deed::Resume => resume_webhook(desk, actor, id).await,
        Deed::Remove => remove_webhook(desk, actor, id).await,
        Deed::Replay => {
            let which = Replay::One(text(Deed::DELIVERY).to_owned());
            replay(desk, actor, id, which).await.map(drop)
        }
        Deed::ReplayAll => replay(desk, actor, id, Replay::All).await.map(drop),
    };
    match done {
        Ok(()) if deed == Deed::Remove => {
            WebhooksPosted::Done(format!("{ADDRESS}?{}={}", Deed::FIELD, deed.code()))
        }
        Ok(()) => WebhooksPosted::Done(format!("{ADDRESS}/{}?{}={}", id.0, Deed::FIELD, deed.code())),
        Err(error) => WebhooksPosted::Failed(error.into()),
    }
}

/// The name of a webhook with its new secret; `None` if it was rotated after what the form saw.
async fn rotated(
    asked: &RequestContext,
    id: WebhookId,
    seen: &str,
) -> Result<Option<(String, String)>, desk::DeskError> {
    let seen = seen.parse::<i64>().ok().filter(|at| *at != 0).map(Instant);
    let Some(secret) = rotate_secret(&asked.desk, &asked.actor, id, seen).await? else { return Ok(None) };
    Ok(Some((read_webhook(&asked.desk, &asked.actor, id).await?.name, secret)))
}

/// In which zone and at what time a page is read.
#[derive(Debug, Clone)]
struct Clock {
    zone: Zone,
    now: Instant,
}

impl Clock {
    fn of(asked: &RequestContext) -> Self {
        Self { zone: asked.desk.brand().provider.zone, now: asked.desk.now() }
    }

    /// A time as people say it.
    fn local(&self, language: Language, at: Instant) -> String {
        relative_time(language, &self.zone.view(Span::new(at, at.plus(1))), at, self.now)
    }
}

/// What the list shows.
struct Listed {
    rows: Vec<WebhookView>,
    clock: Clock,
}

async fn list() -> Result<Listed, AppError> {
    let asked = staff_context()?;
    let rows = list_webhooks(&asked.desk, &asked.actor).await?;
    Ok(Listed { rows, clock: Clock::of(&asked) })
}

/// What the page of one webhook shows.
struct Shown {
    webhook: WebhookView,
    deliveries: Page<DeliveryView>,
    changes: Vec<WebhookChange>,
    clock: Clock,
}

async fn one(id: Option<WebhookId>, page: u32) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let id = id.ok_or(AppError::NotFound)?;
    let webhook = read_webhook(&asked.desk, &asked.actor, id).await?;
    let deliveries = list_deliveries(&asked.desk, &asked.actor, id, page).await?;
    let changes = list_changes(&asked.desk, &asked.actor, id).await?;
    Ok(Shown { webhook, deliveries, changes, clock: Clock::of(&asked) })
}

/// What the address says that was done.
fn said(language: Language) -> Option<AnyView> {
    let done = use_query_map().with_untracked(|query| query.get(Deed::FIELD))?;
    let key = if done == ADDED { "webhook.done.add" } else { Deed::from_code(&done)?.done()? };
    let words = t!(language, key);
    Some(view! { <Notice tone=Tone::Good icon="check"><p>{words}</p></Notice> }.into_any())
}

/// A secret that is shown this once.
fn secret(language: Language, reply: &WebhooksReply) -> Option<AnyView> {
    let (name, secret) = reply.secret.clone()?;
    let shown = view! {
        <Notice tone=Tone::Good icon="check">
            <p>{t!(language, "webhook.secret", name = name)}</p>
            <p class="number number--any">{secret}</p>
        </Notice>
    };
    Some(shown.into_any())
}

/// The page of the webhooks: `/desk/admin/webhooks`.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let language = use_language();
    let reply: WebhooksReply = use_context().unwrap_or_default();
    view! {
        <AdminFrame title="admin.webhooks.title" section=Section::Webhooks>
            {said(language)}
            {kept_notice()}
            {secret(language, &reply)}
            <p class="note">
                {t!(language, "webhook.lead")} " "
                <a href="/api" rel="external">{t!(language, "webhook.documentation")}</a>
            </p>
            {Suspend::new(async move {
                match list().await {
                    Ok(listed) => view! { <NewForm reply/> <Table listed/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The page of one webhook: `/desk/admin/webhooks/ID`.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let language = use_language();
    let reply: WebhooksReply = use_context().unwrap_or_default();
    let id = use_params_map().with_untracked(|params| params.get("id")?.parse().ok().map(WebhookId));
    let page = use_query_map().with_untracked(|query| query.get("page")?.parse().ok()).unwrap_or(1);
    view! {
        <AdminFrame title="admin.webhooks.title" section=Section::Webhooks>
            {said(language)}
            {kept_notice()}
            {secret(language, &reply)}
            {Suspend::new(async move {
                match one(id, page).await {
                    Ok(shown) => view! { <Detail shown reply/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}
