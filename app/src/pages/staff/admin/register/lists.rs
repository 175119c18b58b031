//! The lists of the register, with their filters in the address.

use desk::register::{EntryKey, ListQuery, Listed, Resolved, Within, entry, list};
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::register::RegisterKind;
use domain::search::{Force, LONGEST_QUERY};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;

use super::tables::table;
use super::{NEW, RegisterFrame, entry_address, kind_of, list_address, list_key, plural, writes};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::{Icon, NotFound, Pager};

/// The list of organisations: `/desk/admin/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    view! { <ListOf kind=RegisterKind::Organisation/> }.into_any()
}

/// The list of another kind: `/desk/admin/register/KIND`.
#[component]
pub fn RegisterListPage() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("kind").unwrap_or_default());
    match kind_of(&name) {
        Some(kind) => view! { <ListOf kind/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

/// The filters of a list, as its address has them.
#[derive(Debug, Clone)]
pub(super) struct Filters {
    pub(super) query: ListQuery,
}

/// The names of the filters in an address.
const NAMES: [&str; 6] = ["country", "state", "platform", "organisation", "contract", "site"];

impl Filters {
    /// The filters of an address; one that cannot be parsed is an error.
    pub(super) fn parse(kind: RegisterKind, of: &ParamsMap) -> Result<Self, Unknown> {
        let get = |name: &str| of.get(name).filter(|text| !text.is_empty());
        let within = get("organisation").and_then(|id| id.parse().ok()).map(Within::Organisation);
        let within = within.or_else(|| {
            get("contract").filter(|text| !text.chars().any(char::is_control)).map(Within::Contract)
        });
        let within = within.or_else(|| get("site").and_then(|id| id.parse().ok()).map(Within::Site));
        let query = ListQuery {
            kind,
            text: get("q").map(|text| text.chars().take(LONGEST_QUERY).collect()).unwrap_or_default(),
            country: get("country").and_then(|code| Country::from_code(&code)),
            force: get("state").and_then(|code| Force::from_code(&code)),
            platform: get("platform").and_then(|code| Platform::from_code(&code)),
            within,
            page: get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        };
        let found = Self { query };
        let understood = found.pairs().into_iter().map(|(name, value)| format!("{name}={value}"));
        let understood = understood.collect::<Vec<_>>().join("&");
        Unknown::of(|name| of.get(name), &understood, &NAMES).map_or(Ok(found), Err)
    }

    /// The filters as pairs of an address, without the page.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let ListQuery { text, country, force, platform, within, .. } = &self.query;
        let within = within.as_ref().map(|within| match within {
            Within::Organisation(id) => ("organisation", id.to_string()),
            Within::Contract(number) => ("contract", number.clone()),
            Within::Site(id) => ("site", id.to_string()),
        });
        let text = (!text.is_empty()).then(|| ("q", text.clone()));
        let country = country.map(|country| ("country", country.code().to_owned()));
        let force = force.map(|force| ("state", force.code().to_owned()));
        let platform = platform.map(|platform| ("platform", platform.code().to_owned()));
        [text, country, force, platform, within].into_iter().flatten().collect()
    }

    /// The address of a page of this list.
    pub(super) fn address(&self, page: u32) -> String {
        let pairs = self.pairs().into_iter();
        let page = (page > 1).then(|| ("page", page.to_string()));
        let pairs: Vec<String> =
            pairs.chain(page).map(|(name, value)| format!("{name}={}", query_value(&value))).collect();
        let list = list_address(self.query.kind);
        if pairs.is_empty() { list } else { format!("{list}?{}", pairs.join("&")) }
    }
}

/// What a list's page shows.
struct Shown {
    listed: Listed,
    /// What the list is within: its name and the address of its page.
    within: Option<(String, String)>,
    asked: RequestContext,
}

async fn read(filters: &Filters) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let listed = list(&asked.desk, &asked.actor, &filters.query).await?;
    let key = filters.query.within.as_ref().map(|within| match within {
        Within::Organisation(id) => EntryKey::Organisation(*id),
        Within::Contract(number) => EntryKey::Contract(number.clone()),
        Within::Site(id) => EntryKey::Site(*id),
    });
    let mut within = None;
    if let Some(key) = key
        && let Resolved::Entry(found) = entry(&asked.desk, &asked.actor, &key).await?
    {
        within = Some((found.title, entry_address(&key)));
    }
    Ok(Shown { listed, within, asked })
}

#[component]
fn ListOf(kind: RegisterKind) -> impl IntoView {
    let language = use_language();
    let filters = use_query_map().with_untracked(|query| Filters::parse(kind, query));
    let title = t!(language, list_key(kind)).into_owned();
    let body = match filters {
        Err(unknown) => view! { <NothingShown unknown all=super::REGISTER/> }.into_any(),
        Ok(filters) => Suspend::new(async move {
            match read(&filters).await {
                Ok(shown) => view! { <List filters shown/> }.into_any(),
                Err(error) => view! { <Failed error/> }.into_any(),
            }
        })
        .into_any(),
    };
    view! {
        <RegisterFrame title=title.clone() kind=kind>
            <h1>{t!(language, "register.title")} <span class="quiet">" · " {title}</span></h1>
            {body}
        </RegisterFrame>
    }
    .into_any()
}

#[component]
fn List(filters: Filters, shown: Shown) -> impl IntoView {
    let language = use_language();
    let Shown { listed, within, asked } = shown;
    let kind = filters.query.kind;
    let paging = listed.paging();
    let adds = matches!(kind, RegisterKind::Organisation | RegisterKind::Equipment) && writes(&asked);
    let all = list_address(kind);
    let pager = filters.clone();
    let is_all = filters.pairs().is_empty();
    view! {
        <div class="row row--apart">
            <p class="quiet" role="status">{t!(language, "register.count", count = paging.total)}</p>
            {adds.then(|| view! {
                <a class="button button--main" href=format!("{}/{}/{NEW}", super::REGISTER, plural(kind))>
                    <Icon name="plus"/> " " {t!(language, add_key(kind))}
                </a>
            })}
        </div>
        {within.map(|(name, address)| view! {
            <p class="row">
                <span class="badge badge--line">{t!(language, "register.within")} " " <a href=address>{name}</a></span>
                <a href=all>{t!(language, "register.show_all")}</a>
            </p>
        })}
        <FilterForm filters=filters.clone()/>
        {if paging.total == 0 && is_all {
            view! { <NothingYet hint=writes(&asked).then_some(first_hint(kind))/> }.into_any()
        } else if paging.total == 0 {
            view! {
                <div class="empty card">
                    <Icon name="search"/>
                    <h2>{t!(language, "register.none")}</h2>
                    <p>{t!(language, "register.none_hint")}</p>
                </div>
            }
            .into_any()
        } else {
            table(language, listed, filters.pairs())
        }}
        {(paging.pages > 1).then(|| view! { <Pager paging to=move |page| pager.address(page)/> })}
    }
    .into_any()
}

/// The key of where the first entry of a list comes from.
const fn first_hint(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation | RegisterKind::Equipment => "register.empty.first",
        RegisterKind::Contract | RegisterKind::Site => "register.empty.of_customer",
    }
}

/// A list that has no entry at all: where its first comes from.
#[component]
fn NothingYet(
    /// The key of what one does now. Readers alone do nothing.
    hint: Option<&'static str>,
) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty card">
            <Icon name="info"/>
            <h2>{t!(language, "register.empty")}</h2>
            {hint.map(|hint| view! {
                <p>{t!(language, hint)}</p>
                <p class="row">
                    <a class="button" href=super::REGISTER>{t!(language, list_key(RegisterKind::Organisation))}</a>
                    <a class="button" href="/desk/admin/import">{t!(language, "admin.import.title")}</a>
                </p>
            })}
        </div>
    }
    .into_any()
}

/// The key of the words for adding an entry.
pub(super) const fn add_key(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "register.add.organisation",
        RegisterKind::Contract => "register.add.contract",
        RegisterKind::Site => "register.add.site",
        RegisterKind::Equipment => "register.add.equipment",
    }
}

/// The search and the filters of a list.
#[component]
fn FilterForm(filters: Filters) -> impl IntoView {
    let language = use_language();
    let ListQuery { kind, text, country, force, platform, within, .. } = filters.query;
    let hidden = within.map(|within| match within {
        Within::Organisation(id) => ("organisation", id.to_string()),
        Within::Contract(number) => ("contract", number),
        Within::Site(id) => ("site", id.to_string()),
    });
    let countries = Country::ALL.map(|of| (of.code(), t!(language, of.name_key()).into_owned()));
    let forces = Force::ALL.map(|of| (of.code(), t!(language, of.name_key()).into_owned()));
    let platforms = Platform::ALL.map(|of| (of.code(), t!(language, of.name_key()).into_owned()));
    view! {
        <form class="card finder" method="get" action=list_address(kind) role="search" aria-label=t!(language, list_key(kind))>
            {hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> })}
            <div class="field finder__text">
                <label class="field__label" for="q">{t!(language, "register.search")}</label>
                <div class="field__box">
                    <input class="field__input" id="q" name="q" type="search" value=text maxlength="100" autocomplete="off"/>
                </div>
            </div>
            {select(language, ("country", "register.field.country"), country.map(Country::code), &countries)}
            {(kind == RegisterKind::Contract)
                .then(|| select(language, ("state", "register.state"), force.map(Force::code), &forces))}
            {(kind == RegisterKind::Equipment).then(|| {
                select(language, ("platform", "register.field.platform"), platform.map(Platform::code), &platforms)
            })}
            <button class="button" type="submit"><Icon name="search"/> " " {t!(language, "register.find")}</button>
        </form>
    }
    .into_any()
}

/// A filter of few choices, the first of which is all.
fn select(
    language: Language,
    (name, label): (&'static str, &'static str),
    chosen: Option<&'static str>,
    choices: &[(&'static str, String)],
) -> AnyView {
    let options = choices.iter().map(|(value, words)| {
        view! { <option value=*value selected=chosen == Some(*value)>{words.clone()}</option> }
    });
    view! {
        <div class="field">
            <label class="field__label" for=name>{t!(language, label)}</label>
            <div class="field__box">
                <select class="field__input" id=name name=name>
                    <option value="" selected=chosen.is_none()>{t!(language, "register.any")}</option>
                    {options.collect_view()}
                </select>
            </div>
        </div>
    }
    .into_any()
}
