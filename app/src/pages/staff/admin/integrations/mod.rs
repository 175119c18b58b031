//! Integrations: which there are, what each may do, when each was last used; adding one with a token that is shown once, and
//! revoking. The server alone draws this page: plain forms, no bundle.

mod alerts;
mod form;
mod list;

use std::collections::BTreeSet;

use desk::access::integrations::{
    self, IntegrationView, NewIntegration, add_integration, revoke_integration,
};
use domain::actor::{
    Grant, INTEGRATION_NAME_CHARS_MAX, IntegrationId, IntegrationName, REQUESTS_PER_MINUTE_MAX,
    RequestsPerMinute,
};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use domain::time::Instant;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

pub use self::alerts::{AlertsPage, post_alert_settings};
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
use crate::ui::{Notice, Tone};

const ADDRESS: &str = "/desk/admin/integrations";

/// The names of the fields. A grant's field is [`GRANT`] with its code.
const NAME: &str = "name";
const SCOPE: &str = "scope";
const PER_MINUTE: &str = "per_minute";
const GRANT: &str = "grant_";
/// The name that a problem of all grants has.
const GRANTS: &str = "grants";

/// What comes back to the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrationsReply {
    typed: Typed,
    /// What is wrong, by the field's name.
    problems: Vec<(&'static str, String)>,
    /// Name and token of a new integration: shown once.
    token: Option<(String, String)>,
}

impl IntegrationsReply {
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

/// What became of the posted form.
#[derive(Debug)]
pub enum IntegrationsPosted {
    /// The page again.
    Again(StatusCode, Box<IntegrationsReply>),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Adds an integration.
pub async fn post_integrations(asked: &RequestContext, typed: Typed) -> IntegrationsPosted {
    let new = match parsed(asked.language, &typed) {
        Ok(new) => new,
        Err(problems) => {
            let reply = IntegrationsReply { typed, problems, token: None };
            return IntegrationsPosted::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(reply));
        }
    };
    let name = new.name.as_str().to_owned();
    match add_integration(&asked.desk, &asked.actor, new).await {
        Ok((_, token)) => {
            let reply = IntegrationsReply { token: Some((name, token)), ..IntegrationsReply::default() };
            IntegrationsPosted::Again(StatusCode::OK, Box::new(reply))
        }
        Err(error) => IntegrationsPosted::Failed(error.into()),
    }
}

/// What was typed, or every field that is wrong.
fn parsed(language: Language, typed: &Typed) -> Result<NewIntegration, Vec<(&'static str, String)>> {
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let mut problems = Vec::new();
    let name = IntegrationName::parse(text(NAME));
    if name.is_err() {
        problems.push((NAME, t!(language, "integration.problem.name", most = INTEGRATION_NAME_CHARS_MAX)));
    }
    let scope = scope_of(text(SCOPE));
    if scope.is_none() {
        problems.push((SCOPE, t!(language, "integration.problem.scope").into_owned()));
    }
    let is_granted = |grant: &Grant| text(&format!("{GRANT}{}", grant.code())) == "yes";
    let grants: BTreeSet<Grant> = Grant::ALL.into_iter().filter(is_granted).collect();
    if grants.is_empty() {
        problems.push((GRANTS, t!(language, "integration.problem.grants").into_owned()));
    } else if scope.is_some_and(|scope| scope.country.is_some())
        && !grants.iter().all(|grant| grant.is_of_cases())
    {
        problems.push((GRANTS, t!(language, "integration.problem.whole_desk").into_owned()));
    }
    let per_minute = text(PER_MINUTE).trim().parse().ok().and_then(RequestsPerMinute::new);
    if per_minute.is_none() {
        let words = t!(language, "integration.problem.per_minute", most = REQUESTS_PER_MINUTE_MAX);
        problems.push((PER_MINUTE, words));
    }
    match (name, scope, per_minute) {
        (Ok(name), Some(scope), Some(per_minute)) if problems.is_empty() => {
            Ok(NewIntegration { name, grants, scope, per_minute })
        }
        _ => Err(problems),
    }
}

/// Revokes an integration. Gives where the browser goes on.
///
/// # Errors
/// [`AppError::NotFound`] for one that is not there, or was revoked before.
pub async fn post_revoke_integration(asked: &RequestContext, id: &str) -> Result<String, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    revoke_integration(&asked.desk, &asked.actor, IntegrationId(id)).await?;
    Ok(format!("{ADDRESS}?done=revoke"))
}

/// What the page shows.
struct Listed {
    page: Page<IntegrationView>,
    zone: Zone,
    now: Instant,
}

async fn list(page: u32) -> Result<Listed, AppError> {
    let asked = staff_context()?;
    let page = integrations::list_integrations(&asked.desk, &asked.actor, page).await?;
    Ok(Listed { page, zone: asked.desk.brand().provider.zone, now: asked.desk.now() })
}

/// The page of the integrations: `/desk/admin/integrations`.
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let page = query.with_untracked(|query| query.get("page")?.parse().ok()).unwrap_or(1);
    let is_revoked = query.with_untracked(|query| query.get("done")).as_deref() == Some("revoke");
    let reply: IntegrationsReply = use_context().unwrap_or_default();
    view! {
        <AdminFrame title="admin.integrations.title" section=Section::Integrations>
            {is_revoked.then(|| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, "integration.revoked_done")}</p></Notice>
            })}
            {kept_notice()}
            {Suspend::new(async move {
                match list(page).await {
                    Ok(listed) => view! { <Integrations listed reply/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Integrations(listed: Listed, reply: IntegrationsReply) -> impl IntoView {
    let language = use_language();
    let token = reply.token.clone().map(|(name, token)| {
        view! {
            <Notice tone=Tone::Good icon="check">
                <p>{t!(language, "integration.token", name = name)}</p>
                <p class="number number--any">{token}</p>
            </Notice>
        }
    });
    view! {
        {token}
        <p class="note">
            {t!(language, "integration.lead")} " "
            <a href="/api" rel="external">{t!(language, "integration.documentation")}</a>
        </p>
        <NewForm reply/>
        <Table listed/>
    }
    .into_any()
}
