//! Roles that administrators compose: `/desk/admin/roles`, and a page of each.

mod form;
mod list;
mod one;

use std::collections::{BTreeMap, BTreeSet};

use desk::access::staff::{PersonView, Service, people};
use desk::people::composed::{
    ComposeError, RoleVersion, RoleView, compose, composed_role, composed_roles, give, organisations,
    recompose, retire, take_away,
};
use domain::actor::{
    CaseReach, Composition, CompositionProblem, OrganisationReach, Permit, PersonId, ROLE_NAME_CHARS_MAX,
    Role, RoleId, RoleName, RoleScope, RoleTemplate,
};
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::list::Table;
use self::one::{Detail, Shown};
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

const ADDRESS: &str = "/desk/admin/roles";
/// The last part of the address of a role that is being composed.
const NEW: &str = "new";

/// Names of fields. Those of boxes end in the code or id of what they stand for.
const NAME: &str = "name";
const LIKE: &str = "like";
const PERMITS: &str = "permits";
const PERMIT: &str = "permit-";
const COUNTRY: &str = "country-";
const ORGANISATIONS: &str = "organisations";
const ORGANISATION: &str = "organisation-";
const FIND: &str = "customer";
const REACH: &str = "reach";
const VERSION: &str = "version";
const PERSON: &str = "person";

domain::choices! {
    /// What a form of a role asks for.
    enum Deed {
        /// Look for organisations.
        Find = "find",
        /// Show what would change.
        Preview = "preview",
        /// Keep the role.
        Save = "save",
        /// Give it to a person.
        Give = "give",
        /// Take it from a person.
        Take = "take",
        /// Retire it.
        Retire = "retire",
    }
}

impl Deed {
    const FIELD: &'static str = "act";

    /// What the page says once it is done.
    const fn done(self) -> Option<&'static str> {
        match self {
            Self::Find | Self::Preview => None,
            Self::Save => Some("composed.done.save"),
            Self::Give => Some("composed.done.give"),
            Self::Take => Some("composed.done.take"),
            Self::Retire => Some("composed.done.retire"),
        }
    }
}

/// A role as a form has it: its name may be none yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    name: String,
    like: Role,
    permits: BTreeSet<Permit>,
    scope: RoleScope,
    organisations: BTreeSet<i64>,
}

impl Draft {
    /// A role that begins with a template, or with nothing.
    fn of_template(template: Option<RoleTemplate>) -> Self {
        Self {
            name: String::new(),
            like: template.map_or(Role::Agent, RoleTemplate::like),
            permits: template.map_or_else(BTreeSet::new, RoleTemplate::permits),
            scope: template.map_or_else(RoleScope::default, RoleTemplate::scope),
            organisations: BTreeSet::new(),
        }
    }

    fn of(composition: &Composition) -> Self {
        Self {
            name: composition.name.as_str().to_owned(),
            like: composition.like,
            permits: composition.permits.clone(),
            scope: composition.scope.clone(),
            organisations: composition.organisations.clone(),
        }
    }

    /// What was typed.
    fn of_typed(typed: &Typed) -> Self {
        let text = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
        let is_checked = |name: String| text(&name) == "yes";
        let listed = typed.iter().filter(|(_, value)| *value == "yes");
        let listed = listed.filter_map(|(name, _)| name.strip_prefix(ORGANISATION)?.parse::<i64>().ok());
        Self {
            name: text(NAME).to_owned(),
            like: Role::from_code(text(LIKE)).unwrap_or(Role::Agent),
            permits: Permit::ALL
                .into_iter()
                .filter(|permit| is_checked(format!("{PERMIT}{}", permit.code())))
                .collect(),
            scope: RoleScope {
                countries: Country::ALL
                    .into_iter()
                    .filter(|country| is_checked(format!("{COUNTRY}{}", country.code())))
                    .collect(),
                organisations: OrganisationReach::from_code(text(ORGANISATIONS)).unwrap_or_default(),
                cases: CaseReach::from_code(text(REACH)).unwrap_or_default(),
            },
            organisations: listed.collect(),
        }
    }

    /// The composition, if the name is one.
    fn composition(self, language: Language) -> Result<Composition, AppError> {
        let Ok(name) = RoleName::parse(&self.name) else {
            let words = t!(language, "composed.problem.name", most = ROLE_NAME_CHARS_MAX);
            return Err(AppError::Wrong(vec![(NAME.to_owned(), words)]));
        };
        let Self { like, permits, scope, organisations, .. } = self;
        Ok(Composition { name, like, permits, scope, organisations })
    }
}

/// Permits in words, in the order in which they are offered.
fn permit_words<'p>(language: Language, permits: impl IntoIterator<Item = &'p Permit>) -> String {
    let words = permits.into_iter().map(|permit| t!(language, permit.name_key()).into_owned());
    words.collect::<Vec<_>>().join(" · ")
}

/// A scope in words.
fn scope_words<'n>(
    language: Language,
    scope: &RoleScope,
    names: impl IntoIterator<Item = &'n String>,
) -> String {
    let mut words = Vec::new();
    if scope.countries.is_empty() {
        words.push(t!(language, "pair.all").into_owned());
    }
    words.extend(scope.countries.iter().map(|country| t!(language, country.name_key()).into_owned()));
    if scope.organisations == OrganisationReach::Listed {
        let names = names.into_iter().cloned().collect::<Vec<_>>().join(", ");
        words.push(if names.is_empty() {
            t!(language, "composed.no_organisation").into_owned()
        } else {
            names
        });
    }
    if scope.cases == CaseReach::Own {
        words.push(t!(language, CaseReach::Own.name_key()).into_owned());
    }
    words.join(" · ")
}

/// Why a role was left as it is, for its form.
fn refused(error: ComposeError, language: Language) -> AppError {
    let word = |key: &'static str| t!(language, key).into_owned();
    let at = |field: &str, words: String| AppError::Wrong(vec![(field.to_owned(), words)]);
    match error {
        ComposeError::Composition(CompositionProblem::Like) => at(LIKE, word("composed.problem.like")),
        ComposeError::Composition(CompositionProblem::KnowNoScope(permits)) => {
            let names = permit_words(language, &permits);
            at(PERMITS, t!(language, "composed.problem.scope", permits = names))
        }
        ComposeError::Composition(CompositionProblem::NoOrganisation) => {
            at(ORGANISATIONS, word("composed.problem.organisations"))
        }
        ComposeError::UnknownOrganisation => at(ORGANISATIONS, word("composed.problem.unknown")),
        ComposeError::NameTaken => at(NAME, word("composed.problem.taken")),
        ComposeError::ChangedMeanwhile => AppError::Text(word("composed.problem.changed")),
        ComposeError::HasHolders => AppError::Text(word("composed.problem.holders")),
        ComposeError::Retired => AppError::Text(word("composed.problem.retired")),
        ComposeError::Administrator => AppError::Text(word("composed.problem.administrator")),
        ComposeError::Desk(error) => error.into(),
    }
}

/// The id in an address; `None` for a role that is being composed.
fn id_of(part: &str) -> Result<Option<RoleId>, AppError> {
    if part == NEW {
        return Ok(None);
    }
    part.parse().map(|id| Some(RoleId(id))).map_err(|_| AppError::NotFound)
}

/// Takes a form of a role.
pub async fn post_composed_role(asked: &RequestContext, part: &str, typed: Typed) -> Posted {
    let id = match id_of(part) {
        Ok(id) => id,
        Err(error) => return Posted::Failed(error),
    };
    let Some(deed) = typed.get(Deed::FIELD).and_then(|code| Deed::from_code(code)) else {
        return Posted::Failed(AppError::Malformed);
    };
    match act(asked, id, deed, &typed).await {
        Ok(Some(id)) => Posted::Done(format!("{ADDRESS}/{}?done={}", id.0, deed.code())),
        Ok(None) => Posted::Again(StatusCode::OK, PostReply { typed, ..PostReply::default() }),
        Err(error @ (AppError::NotPermitted | AppError::NotFound | AppError::Malformed)) => {
            Posted::Failed(error)
        }
        Err(error) => Posted::not_taken(typed, &error, asked.language),
    }
}

/// Does what a form asks for. Gives the role whose page follows; `None` for the same page with what was typed.
async fn act(
    asked: &RequestContext,
    id: Option<RoleId>,
    deed: Deed,
    typed: &Typed,
) -> Result<Option<RoleId>, AppError> {
    let (desk, actor, language) = (&asked.desk, &asked.actor, asked.language);
    let no = |error: ComposeError| refused(error, language);
    let number = |name: &str| typed.get(name).and_then(|text| text.parse::<i64>().ok());
    match (deed, id) {
        (Deed::Find, _) => Ok(None),
        (Deed::Preview, _) => {
            let composition = Draft::of_typed(typed).composition(language)?;
            composition.checked().map_err(|problem| no(problem.into()))?;
            Ok(None)
        }
        (Deed::Save, None) => {
            let composition = Draft::of_typed(typed).composition(language)?;
            compose(desk, actor, composition).await.map(Some).map_err(no)
        }
        (Deed::Save, Some(id)) => {
            let shown = typed.get(VERSION).and_then(|text| text.parse().ok()).ok_or(AppError::Malformed)?;
            let composition = Draft::of_typed(typed).composition(language)?;
            recompose(desk, actor, id, shown, composition).await.map_err(no)?;
            Ok(Some(id))
        }
        (Deed::Give, Some(id)) => {
            let person = PersonId(number(PERSON).ok_or(AppError::Malformed)?);
            give(desk, actor, id, person).await.map_err(no)?;
            Ok(Some(id))
        }
        (Deed::Take, Some(id)) => {
            let person = PersonId(number(PERSON).ok_or(AppError::Malformed)?);
            take_away(desk, actor, id, person).await.map_err(no)?;
            Ok(Some(id))
        }
        (Deed::Retire, Some(id)) => {
            retire(desk, actor, id).await.map_err(no)?;
            Ok(Some(id))
        }
        (Deed::Give | Deed::Take | Deed::Retire, None) => Err(AppError::NotFound),
    }
}

async fn listed() -> Result<Vec<RoleView>, AppError> {
    let asked = staff_context()?;
    Ok(composed_roles(&asked.desk, &asked.actor).await?)
}

/// What the page of a role shows: what was typed, else what is stored, else the template.
async fn shown(part: String, template: Option<RoleTemplate>, reply: PostReply) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let (role, versions): (Option<RoleView>, Vec<RoleVersion>) = match id_of(&part)? {
        Some(id) => {
            let (role, versions) = composed_role(&asked.desk, &asked.actor, id).await?;
            (Some(role), versions)
        }
        None => (None, Vec::new()),
    };
    // The forms of holders bring back no draft.
    let is_back = reply.typed.contains_key(NAME);
    let mut draft = match &role {
        _ if is_back => Draft::of_typed(&reply.typed),
        Some(role) => Draft::of(&role.composition),
        None => Draft::of_template(template),
    };
    if let Some(role) = &role {
        draft.like = role.composition.like;
    }
    let offered = organisations(&asked.desk, &asked.actor, &draft.organisations, &reply.text(FIND)).await?;
    let zone = asked.desk.brand().provider.zone;
    let staff = match &role {
        Some(role) if role.retired_at.is_none() => can_have(role, people(&asked.desk, &asked.actor).await?),
        _ => Vec::new(),
    };
    let is_preview = reply.text(Deed::FIELD) == Deed::Preview.code()
        && reply.problems.is_empty()
        && reply.failure.is_none();
    Ok(Shown { role, versions, draft, offered, staff, is_preview, zone, now: asked.desk.now(), reply })
}

/// The people to whom a role can be given.
fn can_have(role: &RoleView, staff: Vec<PersonView>) -> Vec<(PersonId, String)> {
    let held: BTreeSet<PersonId> = role.holders.iter().map(|(id, _)| *id).collect();
    let mut found: Vec<(PersonId, String)> = staff
        .into_iter()
        .filter(|person| {
            person.role != Role::Administrator
                && person.service != Service::Ended
                && !held.contains(&person.id)
        })
        .map(|person| (person.id, format!("{} · {}", person.name, person.mail)))
        .collect();
    found.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    found
}

/// What the address says that was done.
fn said(language: Language) -> Option<AnyView> {
    let done = use_query_map().with_untracked(|query| query.get("done"))?;
    let words = t!(language, Deed::from_code(&done)?.done()?);
    Some(view! { <Notice tone=Tone::Good icon="check"><p>{words}</p></Notice> }.into_any())
}

/// The page of the composed roles.
#[component]
pub fn ComposedRolesPage() -> impl IntoView {
    let language = use_language();
    let templates = RoleTemplate::ALL.map(|template| {
        let address = format!("{ADDRESS}/{NEW}?template={}", template.code());
        view! { <a class="button" href=address rel="external">{t!(language, template.name_key())}</a> }
    });
    view! {
        <AdminFrame title="admin.roles.title" section=Section::Roles>
            {said(language)}
            <p class="note">{t!(language, "composed.lead")}</p>
            <section class="card stack" aria-labelledby="h-new">
                <h2 id="h-new">{t!(language, "composed.new")}</h2>
                <p class="note">{t!(language, "composed.templates")}</p>
                <div class="row">
                    {templates.collect_view()}
                    <a class="button" href=format!("{ADDRESS}/{NEW}") rel="external">{t!(language, "composed.blank")}</a>
                </div>
            </section>
            {Suspend::new(async move {
                match listed().await {
                    Ok(roles) => view! { <Table roles/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The page of one role, or of one that is being composed.
#[component]
pub fn ComposedRolePage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let part = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let template = use_query_map().with_untracked(|query| RoleTemplate::from_code(&query.get("template")?));
    view! {
        <AdminFrame title="admin.roles.title" section=Section::Roles>
            {said(language)}
            {Suspend::new(async move {
                match shown(part, template, reply).await {
                    Ok(shown) => view! { <Detail shown/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// Organisations by their ids.
type Organisations = BTreeMap<i64, String>;
