//! Identity providers by which the staff signs in: `/desk/admin/sign-in`. The server alone draws these pages: plain forms, no bundle.

mod form;

use desk::oidc::{
    self, IdentityProviderError, IdentityProviderView, NewIdentityProvider, PROVIDERS_MAX, ProviderFault,
    Secret,
};
use domain::actor::{Action, Subject, may};
use domain::i18n::Language;
use domain::identity_provider::{
    DeskSignIn, GROUP_ROLES_MAX, GroupRoles, GroupRolesProblem, IDENTITY_PROVIDER_NAME_CHARS_MAX,
    IDENTITY_PROVIDER_TEXT_CHARS_MAX, IdentityProviderId, IdentityProviderName, Issuer, Strangers,
};
use domain::t;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::form::{Detail, NewForm, table};
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

const PAGE: &str = "/desk/admin/sign-in";
/// The names of the fields.
const NAME: &str = "name";
const ISSUER: &str = "issuer";
const CLIENT: &str = "client";
const SECRET: &str = "secret";
/// A box: the client has no secret.
const NO_SECRET: &str = "public_client";
const SCOPES: &str = "scopes";
const CLAIM: &str = "claim";
const GROUPS: &str = "groups";
const STRANGERS: &str = "strangers";
const DESK_SIGN_IN: &str = "desk_sign_in";
const FACTORS: &str = "factors";
/// The revision that the form saw.
const REVISION: &str = "revision";
/// What the server alone writes into the reply to a form: what the provider answered to a test.
const ANSWERED: &str = "answered";
const REFUSED: &str = "refused";

/// What a form does to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Add,
    Edit,
    Test,
    Pause,
    Resume,
    Remove,
}

impl Deed {
    /// The name of the field, and of the parameter that says what was done.
    const FIELD: &'static str = "deed";
    const ALL: [Self; 6] = [Self::Add, Self::Edit, Self::Test, Self::Pause, Self::Resume, Self::Remove];

    const fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Test => "test",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Remove => "remove",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.code() == code)
    }

    /// What is said when it is done; `None` for what shows itself.
    const fn done_key(self) -> Option<&'static str> {
        match self {
            Self::Add => Some("identity.done.add"),
            Self::Edit => Some("identity.done.edit"),
            Self::Pause => Some("identity.done.pause"),
            Self::Resume => Some("identity.done.resume"),
            Self::Remove => Some("identity.done.remove"),
            Self::Test => None,
        }
    }
}

/// Adds a provider. Its address for answers is on the page that comes next, and what is still missing is written there.
pub async fn post_identity_providers(asked: &RequestContext, typed: Typed) -> Posted {
    match added(asked, &typed).await {
        Ok(id) => Posted::Done(format!("{PAGE}/{}?{}={}", id.0, Deed::FIELD, Deed::Add.code())),
        Err(error) => refused(typed, error, asked.language),
    }
}

/// Others are not told what is wrong with their form.
fn permitted(asked: &RequestContext) -> Result<(), AppError> {
    may(&asked.actor, Action::Administer, Subject::Desk)
        .map_err(|refused| desk::DeskError::from(refused).into())
}

async fn added(asked: &RequestContext, typed: &Typed) -> Result<IdentityProviderId, AppError> {
    permitted(asked)?;
    let new = parsed(asked.language, typed)?;
    oidc::add_provider(&asked.desk, &asked.actor, new).await.map_err(|error| not_saved(asked.language, error))
}

/// Changes, tests, pauses or removes a provider.
pub async fn post_identity_provider(asked: &RequestContext, id: &str, mut typed: Typed) -> Posted {
    let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let (Ok(id), Some(deed)) = (id.parse().map(IdentityProviderId), Deed::from_code(text(Deed::FIELD)))
    else {
        return Posted::Failed(AppError::NotFound);
    };
    let (desk, actor) = (&asked.desk, &asked.actor);
    let outcome = match deed {
        Deed::Add => Err(AppError::Malformed),
        Deed::Edit => changed(asked, id, &mut typed).await,
        Deed::Test => {
            return match oidc::test_provider(desk, actor, id).await {
                Ok(answer) => tested(asked.language, answer.map(|metadata| metadata.issuer)),
                Err(error) => Posted::Failed(error.into()),
            };
        }
        Deed::Pause => oidc::pause_provider(desk, actor, id).await.map_err(AppError::from),
        Deed::Resume => oidc::resume_provider(desk, actor, id).await.map_err(AppError::from),
        Deed::Remove => oidc::remove_provider(desk, actor, id).await.map_err(AppError::from),
    };
    let place = if deed == Deed::Remove { PAGE.to_owned() } else { format!("{PAGE}/{}", id.0) };
    match outcome {
        Ok(()) => Posted::Done(format!("{place}?{}={}", Deed::FIELD, deed.code())),
        Err(error) => refused(typed, error, asked.language),
    }
}

async fn changed(asked: &RequestContext, id: IdentityProviderId, typed: &mut Typed) -> Result<(), AppError> {
    permitted(asked)?;
    let new = parsed(asked.language, typed)?;
    // A form without the field saw no provider.
    let seen = typed.get(REVISION).and_then(|seen| seen.parse().ok()).unwrap_or_default();
    let outcome = oidc::change_provider(&asked.desk, &asked.actor, id, seen, new).await;
    // Who is told of the change may save over it: the form takes the revision of now.
    if matches!(outcome, Err(IdentityProviderError::Changed)) {
        typed.remove(REVISION);
    }
    outcome.map_err(|error| not_saved(asked.language, error))
}

/// The form again. A secret is never written back into a page.
fn refused(mut typed: Typed, error: AppError, language: Language) -> Posted {
    typed.remove(SECRET);
    match error {
        error @ (AppError::NotPermitted | AppError::NotFound | AppError::Malformed) => Posted::Failed(error),
        error => Posted::not_taken(typed, &error, language),
    }
}

/// The page with what the provider answered.
fn tested(language: Language, answer: Result<String, ProviderFault>) -> Posted {
    let (name, words) = match answer {
        Ok(issuer) => (ANSWERED, t!(language, "identity.test.fine", issuer = issuer)),
        Err(fault) => (REFUSED, fault_words(language, &fault)),
    };
    let typed = Typed::from([(name.to_owned(), words)]);
    Posted::Again(StatusCode::OK, PostReply { typed, ..PostReply::default() })
}

/// Why a provider could not be asked, in words for people.
#[must_use]
pub fn fault_words(language: Language, fault: &ProviderFault) -> String {
    match fault {
        ProviderFault::Unanswered(failure) => {
            t!(language, "identity.test.unanswered", reason = t!(language, failure.name_key()))
        }
        ProviderFault::Refused { status, words } => {
            t!(language, "identity.test.refused", status = status, words = words)
        }
        ProviderFault::Unread(words) => t!(language, "identity.test.unread", words = words),
        ProviderFault::OtherIssuer(issuer) => t!(language, "identity.test.other_issuer", issuer = issuer),
        ProviderFault::Address(address) => t!(language, "identity.test.address", address = address),
    }
}

/// Why the desk did not save it, at its field.
fn not_saved(language: Language, error: IdentityProviderError) -> AppError {
    let words = |key: &'static str| t!(language, key).into_owned();
    match error {
        IdentityProviderError::Url(_) => AppError::wrong(ISSUER, words("identity.wrong.address")),
        IdentityProviderError::TooMany => {
            AppError::wrong(NAME, t!(language, "identity.wrong.too_many", most = PROVIDERS_MAX))
        }
        IdentityProviderError::Same => AppError::wrong(NAME, words("identity.wrong.same")),
        IdentityProviderError::Changed => AppError::wrong(NAME, words("identity.wrong.changed")),
        IdentityProviderError::IssuerInUse => AppError::wrong(ISSUER, words("identity.wrong.in_use")),
        IdentityProviderError::NoGroups => AppError::wrong(GROUPS, words("identity.wrong.no_groups")),
        IdentityProviderError::Desk(error) => error.into(),
    }
}

/// What was typed, or every field that is wrong.
fn parsed(language: Language, typed: &Typed) -> Result<NewIdentityProvider, AppError> {
    let text = |name: &str| typed.get(name).map(|text| text.trim()).unwrap_or_default();
    let words = |key: &'static str| t!(language, key).into_owned();
    let mut problems: Vec<(String, String)> = Vec::new();
    let mut wrong = |name: &str, words: String| problems.push((name.to_owned(), words));
    let name = IdentityProviderName::parse(text(NAME));
    if name.is_err() {
        wrong(NAME, t!(language, "identity.wrong.name", most = IDENTITY_PROVIDER_NAME_CHARS_MAX));
    }
    let issuer = Issuer::parse(text(ISSUER));
    if issuer.is_err() {
        wrong(ISSUER, words("identity.wrong.issuer"));
    }
    for field in [CLIENT, SECRET, SCOPES, CLAIM, FACTORS] {
        let fits = text(field).chars().count() <= IDENTITY_PROVIDER_TEXT_CHARS_MAX
            && !text(field).chars().any(char::is_control);
        if !fits {
            wrong(field, t!(language, "identity.wrong.text", most = IDENTITY_PROVIDER_TEXT_CHARS_MAX));
        }
    }
    let group_roles = GroupRoles::parse(text(GROUPS));
    match &group_roles {
        Ok(roles) if !roles.is_empty() && text(CLAIM).is_empty() => {
            wrong(CLAIM, words("identity.wrong.claim"));
        }
        Ok(_) => {}
        Err(GroupRolesProblem::Line(nth)) => {
            wrong(GROUPS, t!(language, "identity.wrong.line", nth = nth));
        }
        Err(GroupRolesProblem::TooMany) => {
            wrong(GROUPS, t!(language, "identity.wrong.groups", most = GROUP_ROLES_MAX));
        }
    }
    let secret = match text(SECRET) {
        _ if text(NO_SECRET) == "yes" => Secret::None,
        "" => Secret::Keep,
        secret => Secret::New(secret.to_owned()),
    };
    // Lists without a choice of their own never send anything else.
    let strangers = Strangers::from_code(text(STRANGERS)).unwrap_or(Strangers::Refused);
    let desk_sign_in = DeskSignIn::from_code(text(DESK_SIGN_IN)).unwrap_or(DeskSignIn::Everyone);
    match (name, issuer, group_roles) {
        (Ok(name), Ok(issuer), Ok(group_roles)) if problems.is_empty() => Ok(NewIdentityProvider {
            name,
            issuer,
            client_id: text(CLIENT).to_owned(),
            secret,
            scopes: text(SCOPES).split_whitespace().collect::<Vec<_>>().join(" "),
            groups_claim: text(CLAIM).to_owned(),
            group_roles,
            strangers,
            desk_sign_in,
            factor_values: text(FACTORS).split_whitespace().map(str::to_owned).collect(),
        }),
        _ => Err(AppError::Wrong(problems)),
    }
}

async fn list() -> Result<Vec<IdentityProviderView>, AppError> {
    let asked = staff_context()?;
    Ok(oidc::list_providers(&asked.desk, &asked.actor).await?)
}

/// A provider, and the addresses that it is to know: where it sends browsers, and where it tells of ended sessions.
struct Shown {
    provider: IdentityProviderView,
    redirect: String,
    signed_out: String,
    back_channel: String,
}

async fn one(id: Option<IdentityProviderId>) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let id = id.ok_or(AppError::NotFound)?;
    let provider = oidc::read_provider(&asked.desk, &asked.actor, id).await?;
    let url = asked.desk.public_url();
    Ok(Shown {
        provider,
        redirect: oidc::redirect_address(url, id),
        signed_out: format!("{url}/desk/sign-in"),
        back_channel: oidc::logout_address(url, id),
    })
}

/// What the address says that was done.
fn said(language: Language) -> Option<AnyView> {
    let done = use_query_map().with_untracked(|query| query.get(Deed::FIELD))?;
    let words = t!(language, Deed::from_code(&done)?.done_key()?);
    Some(view! { <Notice tone=Tone::Good icon="check"><p>{words}</p></Notice> }.into_any())
}

/// The page of the identity providers: `/desk/admin/sign-in`.
#[component]
pub fn IdentityProvidersPage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    view! {
        <AdminFrame title="admin.sign_in.title" section=Section::SignIn>
            {said(language)}
            <p class="note">{t!(language, "identity.lead")}</p>
            {Suspend::new(async move {
                match list().await {
                    Ok(rows) => {
                        let table = table(language, &rows);
                        view! { {table} <NewForm reply/> }.into_any()
                    }
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The page of one identity provider: `/desk/admin/sign-in/ID`.
#[component]
pub fn IdentityProviderPage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let id = use_params_map().with_untracked(|params| params.get("id")?.parse().ok().map(IdentityProviderId));
    let (fine, wrong) = (reply.typed.get(ANSWERED).cloned(), reply.typed.get(REFUSED).cloned());
    view! {
        <AdminFrame title="admin.sign_in.title" section=Section::SignIn>
            {said(language)}
            {fine.map(|words| view! { <Notice tone=Tone::Good icon="check"><p>{words}</p></Notice> })}
            {wrong.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            <p><a href=PAGE rel="external">{t!(language, "identity.back")}</a></p>
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
