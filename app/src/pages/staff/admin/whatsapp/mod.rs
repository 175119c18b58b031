//! Numbers of WhatsApp Business: which there are, and how each stands. One number: its address for WhatsApp, a test, on and off, its
//! settings with their history, removal. The server alone draws these pages: plain forms, no bundle. Secrets are never shown.

mod detail;
mod form;

use desk::webhooks::whatsapp::{
    NewNumber, NumberChange, NumberError, NumberView, Secrets, add_number, change_number,
    list_number_changes, list_numbers, read_number, remove_number, replay_updates, switch_off, switch_on,
    test_number, verify_token,
};
use desk::webhooks::{ReceiverUrl, UrlProblem};
use domain::actor::{Action, Subject, may};
use domain::i18n::Language;
use domain::t;
use domain::webhook::{WEBHOOK_NAME_CHARS_MAX, WebhookId, WebhookName};
use domain::whatsapp::{ApiSecret, GraphId, NUMBERS_MAX, Template, TemplateProblem, Templates};
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::detail::Detail;
use self::form::NewForm;
use super::choices::{scope_of, scope_words};
use super::kept::kept_notice;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::Typed;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone};

const ADDRESS: &str = "/desk/admin/whatsapp";

/// The names of the fields. A template's field is [`TEMPLATE`] or [`TEMPLATE_CODE`] with the code of its language.
const NAME: &str = "name";
const PHONE_NUMBER_ID: &str = "phone_number_id";
const GRAPH_URL: &str = "graph_url";
const SCOPE: &str = "scope";
const ACCESS_TOKEN: &str = "access_token";
const APP_SECRET: &str = "app_secret";
const TEMPLATE: &str = "template_";
const TEMPLATE_CODE: &str = "code_";
/// The field with the number of changes that the form saw.
const REVISION: &str = "revision";

/// What is done to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// It is added.
    Add,
    Test,
    /// Other settings.
    Edit,
    Off,
    On,
    /// What was not delivered once more.
    Replay,
    Remove,
}

impl Deed {
    /// The name of the field, and of the parameter that says what was done.
    const FIELD: &'static str = "deed";
    const ALL: [Self; 7] =
        [Self::Add, Self::Test, Self::Edit, Self::Off, Self::On, Self::Replay, Self::Remove];

    const fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Test => "test",
            Self::Edit => "edit",
            Self::Off => "off",
            Self::On => "on",
            Self::Replay => "replay",
            Self::Remove => "remove",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.code() == code)
    }

    /// What is said when it is done.
    const fn done(self) -> &'static str {
        match self {
            Self::Add => "whatsapp.done.add",
            Self::Test => "whatsapp.done.test",
            Self::Edit => "whatsapp.done.edit",
            Self::Off => "whatsapp.done.off",
            Self::On => "whatsapp.done.on",
            Self::Replay => "whatsapp.done.replay",
            Self::Remove => "whatsapp.done.remove",
        }
    }
}

/// What comes back to a form. Secrets do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatsAppReply {
    typed: Typed,
    /// What is wrong, by the field's name.
    problems: Vec<(String, String)>,
}

impl WhatsAppReply {
    /// What was typed before a new sign-in.
    pub(super) fn kept(typed: Typed) -> Self {
        Self { typed, ..Self::default() }
    }

    fn text(&self, name: &str) -> String {
        self.typed.get(name).cloned().unwrap_or_default()
    }

    fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|(of, _)| of == name).map(|(_, words)| words.clone())
    }

    fn refused(mut typed: Typed, problems: Vec<(String, String)>) -> WhatsAppPosted {
        typed.remove(ACCESS_TOKEN);
        typed.remove(APP_SECRET);
        WhatsAppPosted::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(Self { typed, problems }))
    }
}

/// What became of a posted form.
#[derive(Debug)]
pub enum WhatsAppPosted {
    /// Done; the browser goes on there.
    Done(String),
    /// The page again.
    Again(StatusCode, Box<WhatsAppReply>),
    /// There is no page to show it on.
    Failed(AppError),
}

fn done(id: WebhookId, deed: Deed) -> WhatsAppPosted {
    WhatsAppPosted::Done(format!("{ADDRESS}/{}?{}={}", id.0, Deed::FIELD, deed.code()))
}

/// Adds a number.
pub async fn post_whatsapp(asked: &RequestContext, typed: Typed) -> WhatsAppPosted {
    // Others are not told what is wrong with their form.
    if let Err(refused) = may(&asked.actor, Action::ManageWebhooks, Subject::Desk) {
        return WhatsAppPosted::Failed(desk::DeskError::from(refused).into());
    }
    let (new, secrets) = match parsed(asked.language, &typed) {
        Ok(parsed) => parsed,
        Err(problems) => return WhatsAppReply::refused(typed, problems),
    };
    match add_number(&asked.desk, &asked.actor, new, secrets).await {
        Ok(id) => done(id, Deed::Add),
        Err(error) => not_saved(asked.language, typed, error),
    }
}

async fn changed(asked: &RequestContext, id: WebhookId, typed: &Typed) -> WhatsAppPosted {
    if let Err(refused) = may(&asked.actor, Action::ManageWebhooks, Subject::Desk) {
        return WhatsAppPosted::Failed(desk::DeskError::from(refused).into());
    }
    let (new, secrets) = match parsed(asked.language, typed) {
        Ok(parsed) => parsed,
        Err(problems) => return WhatsAppReply::refused(typed.clone(), problems),
    };
    // A form without the field saw no change.
    let seen = typed.get(REVISION).and_then(|seen| seen.parse().ok()).unwrap_or_default();
    match change_number(&asked.desk, &asked.actor, id, seen, new, secrets).await {
        Ok(()) => done(id, Deed::Edit),
        Err(error) => not_saved(asked.language, typed.clone(), error),
    }
}

/// The form again, with why the desk did not save it.
fn not_saved(language: Language, mut typed: Typed, error: NumberError) -> WhatsAppPosted {
    if matches!(error, NumberError::Changed) {
        typed.remove(REVISION);
    }
    let (field, words) = match error {
        NumberError::Url(problem) => (GRAPH_URL, url_words(language, problem)),
        NumberError::TooMany => (NAME, t!(language, "whatsapp.problem.too_many", most = NUMBERS_MAX)),
        NumberError::Same => (PHONE_NUMBER_ID, t!(language, "whatsapp.problem.same").into_owned()),
        NumberError::NoSecrets => (ACCESS_TOKEN, t!(language, "whatsapp.problem.no_secrets").into_owned()),
        NumberError::Changed => (NAME, t!(language, "whatsapp.problem.changed").into_owned()),
        NumberError::Desk(error) => return WhatsAppPosted::Failed(error.into()),
    };
    WhatsAppReply::refused(typed, vec![(field.to_owned(), words)])
}

/// The address is judged as a webhook's.
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
fn parsed(language: Language, typed: &Typed) -> Result<(NewNumber, Secrets), Vec<(String, String)>> {
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let mut problems: Vec<(String, String)> = Vec::new();
    let mut wrong = |field: &str, words: String| problems.push((field.to_owned(), words));
    let name = WebhookName::parse(text(NAME));
    if name.is_err() {
        wrong(NAME, t!(language, "webhook.problem.name", most = WEBHOOK_NAME_CHARS_MAX));
    }
    let phone_number_id = GraphId::parse(text(PHONE_NUMBER_ID));
    if phone_number_id.is_err() {
        wrong(PHONE_NUMBER_ID, t!(language, "whatsapp.problem.phone_number_id").into_owned());
    }
    // Paths are added to it.
    let graph_url = match ReceiverUrl::parse(text(GRAPH_URL)) {
        Ok(url) if url.as_str().contains('?') => Err(UrlProblem::Malformed),
        parsed => parsed,
    };
    if let Err(problem) = &graph_url {
        wrong(GRAPH_URL, url_words(language, *problem));
    }
    let scope = scope_of(text(SCOPE));
    if scope.is_none() {
        wrong(SCOPE, t!(language, "webhook.problem.scope").into_owned());
    }
    let mut secret = |field: &'static str| match text(field) {
        "" => None,
        given => {
            let parsed = ApiSecret::parse(given).ok();
            if parsed.is_none() {
                wrong(field, t!(language, "whatsapp.problem.secret").into_owned());
            }
            parsed
        }
    };
    let secrets = Secrets { access_token: secret(ACCESS_TOKEN), app_secret: secret(APP_SECRET) };
    let mut templates = Vec::new();
    for of in Language::ALL {
        let [name, code] = [TEMPLATE, TEMPLATE_CODE].map(|field| format!("{field}{}", of.code()));
        match Template::parse(of, text(&name), text(&code)) {
            Ok(template) => templates.extend(template),
            Err(TemplateProblem::Name) => {
                problems.push((name, t!(language, "whatsapp.problem.template").into_owned()));
            }
            Err(TemplateProblem::Code) => {
                problems.push((code, t!(language, "whatsapp.problem.template_code").into_owned()));
            }
        }
    }
    match (name, phone_number_id, graph_url, scope) {
        (Ok(name), Ok(phone_number_id), Ok(graph_url), Some(scope)) if problems.is_empty() => {
            let templates = Templates::new(templates);
            Ok((NewNumber { name, phone_number_id, graph_url, scope, templates }, secrets))
        }
        _ => Err(problems),
    }
}

/// Does something to one number.
pub async fn post_whatsapp_number(asked: &RequestContext, id: &str, typed: &Typed) -> WhatsAppPosted {
    let deed = typed.get(Deed::FIELD).and_then(|code| Deed::from_code(code));
    let (Ok(id), Some(deed)) = (id.parse().map(WebhookId), deed) else {
        return WhatsAppPosted::Failed(AppError::NotFound);
    };
    let (desk, actor) = (&asked.desk, &asked.actor);
    let ended = match deed {
        Deed::Edit => return changed(asked, id, typed).await,
        Deed::Add => return WhatsAppPosted::Failed(AppError::NotFound),
        Deed::Test => test_number(desk, actor, id).await,
        Deed::Off => switch_off(desk, actor, id).await,
        Deed::On => switch_on(desk, actor, id).await,
        Deed::Replay => replay_updates(desk, actor, id).await.map(drop),
        Deed::Remove => remove_number(desk, actor, id).await,
    };
    match ended {
        Ok(()) if deed == Deed::Remove => {
            WhatsAppPosted::Done(format!("{ADDRESS}?{}={}", Deed::FIELD, deed.code()))
        }
        Ok(()) => done(id, deed),
        Err(error) => WhatsAppPosted::Failed(error.into()),
    }
}

async fn list() -> Result<Vec<NumberView>, AppError> {
    let asked = staff_context()?;
    Ok(list_numbers(&asked.desk, &asked.actor).await?)
}

/// What the page of one number shows.
struct Shown {
    number: NumberView,
    changes: Vec<NumberChange>,
    /// What an administrator gives to WhatsApp.
    callback: String,
    verify_token: String,
}

async fn one(id: Option<WebhookId>) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let id = id.ok_or(AppError::NotFound)?;
    let number = read_number(&asked.desk, &asked.actor, id).await?;
    let changes = list_number_changes(&asked.desk, &asked.actor, id).await?;
    let callback = format!("{}/hooks/whatsapp/{}", asked.desk.public_url(), id.0);
    Ok(Shown { number, changes, callback, verify_token: verify_token(&asked.desk, id) })
}

/// What the address says that was done.
fn said(language: Language) -> Option<AnyView> {
    let done = use_query_map().with_untracked(|query| query.get(Deed::FIELD))?;
    let words = t!(language, Deed::from_code(&done)?.done());
    Some(view! { <Notice tone=Tone::Good icon="check"><p>{words}</p></Notice> }.into_any())
}

/// Whether a number is on.
fn state(language: Language, number: &NumberView) -> AnyView {
    let (look, icon, key) = match (number.paused_at, number.has_secrets) {
        (Some(_), _) => ("paused", "paused", "whatsapp.off"),
        (None, false) => ("warning", "warning", "whatsapp.no_secrets"),
        (None, true) => ("met", "check", "whatsapp.on"),
    };
    view! { <span class="state" data-state=look><Icon name=icon/> " " {t!(language, key)}</span> }.into_any()
}

/// What waits, and what was given up.
fn queue(language: Language, number: &NumberView) -> String {
    let queued = t!(language, "webhook.queued", count = number.queued);
    let dead = t!(language, "webhook.dead", count = number.dead);
    format!("{queued} · {dead}")
}

fn table(language: Language, rows: Vec<NumberView>) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "whatsapp.none")}</p> }.into_any();
    }
    let rows = rows.into_iter().map(|number| {
        view! {
            <tr>
                <th scope="row"><a href=format!("{ADDRESS}/{}", number.id.0) rel="external">{number.name.clone()}</a></th>
                <td data-label=t!(language, "whatsapp.setting.phone_number_id")>
                    <span class="number number--any">{number.phone_number_id.clone()}</span>
                </td>
                <td data-label=t!(language, "whatsapp.setting.scope")>{scope_words(language, number.scope)}</td>
                <td data-label=t!(language, "whatsapp.state")>{state(language, &number)}</td>
                <td data-label=t!(language, "whatsapp.updates")>{queue(language, &number)}</td>
            </tr>
        }
    });
    let heads = [
        "whatsapp.setting.name",
        "whatsapp.setting.phone_number_id",
        "whatsapp.setting.scope",
        "whatsapp.state",
        "whatsapp.updates",
    ]
    .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "whatsapp.list")>
            <table class="table">
                <caption class="sr">{t!(language, "whatsapp.list")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The page of the numbers: `/desk/admin/whatsapp`.
#[component]
pub fn WhatsAppPage() -> impl IntoView {
    let language = use_language();
    let reply: WhatsAppReply = use_context().unwrap_or_default();
    view! {
        <AdminFrame title="admin.whatsapp.title" section=Section::WhatsApp>
            {said(language)}
            {kept_notice()}
            <p class="note">{t!(language, "whatsapp.lead")}</p>
            {Suspend::new(async move {
                match list().await {
                    Ok(rows) => view! { <NewForm reply/> {table(language, rows)} }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The page of one number: `/desk/admin/whatsapp/ID`.
#[component]
pub fn WhatsAppNumberPage() -> impl IntoView {
    let language = use_language();
    let reply: WhatsAppReply = use_context().unwrap_or_default();
    let id = use_params_map().with_untracked(|params| params.get("id")?.parse().ok().map(WebhookId));
    view! {
        <AdminFrame title="admin.whatsapp.title" section=Section::WhatsApp>
            {said(language)}
            {kept_notice()}
            {Suspend::new(async move {
                match one(id).await {
                    Ok(shown) => view! { <Detail shown reply/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}
