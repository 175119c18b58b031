//! The identity providers of one's own account: `/desk/account/identities`. The server alone draws the page: plain forms. To connect
//! leads to the provider, which is the server's to do.

use desk::oidc::{DisconnectError, OwnIdentity, disconnect, own_identities};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::identity_provider::{IdentityProblem, IdentityProviderId};
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::not_changed;
use super::proof::proof_address;
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone, relative_time};

const PAGE: &str = "/desk/account/identities";
/// The name of the field with the provider.
const PROVIDER: &str = "provider";

/// Disconnects the account from a provider. A second factor comes first, on a page of its own.
pub async fn post_identities(asked: &RequestContext, typed: Typed) -> Posted {
    let Some(provider) = typed.get(PROVIDER).and_then(|id| id.parse().ok()).map(IdentityProviderId) else {
        return Posted::Failed(AppError::Malformed);
    };
    let Some(session) = &asked.session else { return Posted::Failed(AppError::SignInFirst) };
    match disconnect(&asked.desk, &asked.actor, session, provider).await {
        Ok(()) => Posted::Done(format!("{PAGE}?done=disconnect")),
        Err(DisconnectError::FactorWanted) => Posted::Done(proof_address(PAGE)),
        Err(error) => {
            let error = match error {
                DisconnectError::LastWayIn => {
                    AppError::Text(t!(asked.language, "identity.own.last").into_owned())
                }
                DisconnectError::ProviderOnly => {
                    AppError::Text(t!(asked.language, "identity.own.provider_only").into_owned())
                }
                DisconnectError::FactorWanted => AppError::NotPermitted,
                DisconnectError::Shared(error) => not_changed(error.into(), "", asked.language),
                DisconnectError::Desk(error) => error.into(),
            };
            Posted::not_taken(Typed::new(), &error, asked.language)
        }
    }
}

/// What the page shows.
struct Shown {
    identities: Vec<OwnIdentity>,
    zone: Zone,
    now: Instant,
}

async fn read() -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let identities = own_identities(&asked.desk, &asked.actor).await?;
    Ok(Shown { identities, zone: asked.desk.brand().provider.zone, now: asked.desk.now() })
}

/// The page of the identity providers of one's own account.
#[component]
pub fn IdentitiesPage() -> impl IntoView {
    let language = use_language();
    let title = t!(language, "identity.own.title").into_owned();
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name)).unwrap_or_default();
    let done = match asked("done").as_str() {
        "connect" => Some("identity.own.connected_done"),
        "disconnect" => Some("identity.own.disconnected_done"),
        _ => None,
    };
    let problem = IdentityProblem::from_code(&asked("problem"));
    let failure = PostReply::of_page().failure;
    view! {
        <StaffFrame title=title.clone() class="stack stack--wide" here=Here::Account>
            <h1>{title}</h1>
            <p><a href="/desk/account">{t!(language, "workforce.page.account")}</a></p>
            {done.map(|key| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice>
            })}
            {problem.map(|problem| view! {
                <Notice tone=Tone::Bad icon="alert"><p>{t!(language, problem.name_key())}</p></Notice>
            })}
            {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            {Suspend::new(async move {
                match read().await {
                    Ok(shown) => view! { <Content shown/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Content(shown: Shown) -> impl IntoView {
    let language = use_language();
    let Shown { identities, zone, now } = shown;
    let content = if identities.is_empty() {
        view! { <p class="note">{t!(language, "identity.own.none")}</p> }.into_any()
    } else {
        let lines: Vec<AnyView> =
            identities.into_iter().map(|identity| line(language, identity, zone, now)).collect();
        view! { <ul class="lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="h-providers">
            <h2 id="h-providers">{t!(language, "identity.own.heading")}</h2>
            <p class="note">{t!(language, "identity.own.lead")}</p>
            {content}
        </section>
    }
    .into_any()
}

fn line(language: Language, identity: OwnIdentity, zone: Zone, now: Instant) -> AnyView {
    let OwnIdentity { provider, name, linked_at, used_at } = identity;
    let local = |at: Instant| relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now);
    let facts = match (linked_at, used_at) {
        (None, _) => t!(language, "identity.own.not_connected").into_owned(),
        (Some(linked), None) => t!(language, "identity.own.since", when = local(linked)),
        (Some(linked), Some(used)) => format!(
            "{} · {}",
            t!(language, "identity.own.since", when = local(linked)),
            t!(language, "identity.own.used", when = local(used))
        ),
    };
    let (act, key, label) = match linked_at {
        None => ("connect", "identity.own.connect", "identity.own.connect_of"),
        Some(_) => ("disconnect", "identity.own.disconnect", "identity.own.disconnect_of"),
    };
    view! {
        <li class="line">
            <Icon name="link"/>
            <div><b>{name.clone()}</b><p class="note">{facts}</p></div>
            <form method="post" action=PAGE>
                <input type="hidden" name=PROVIDER value=provider.0.to_string()/>
                <button class="button" type="submit" name="act" value=act aria-label=t!(language, label, name = name)>
                    {t!(language, key)}
                </button>
            </form>
        </li>
    }
    .into_any()
}
