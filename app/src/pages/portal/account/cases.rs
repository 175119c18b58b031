//! The lists of a customer's cases, and their file.

use std::collections::BTreeSet;

use desk::customers::cases::{Cursor, Filter, OwnCase, OwnCases, Standing, Whose, own_cases, own_cases_csv};
use desk::customers::companies::OwnCompany;
use desk::reports::{Separators, SheetFile, SheetFor};
use domain::actor::Actor;
use domain::case::ClockState;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{AccountFrame, CASES, CASES_FILE, NotRead, signed_in};
use crate::AppError;
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Icon, due_line, relative_time};

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Query {
    filter: Filter,
    from: Option<Cursor>,
}

/// The names of the parameters.
const OF: &str = "of";
const STATE: &str = "state";
const COUNTRY: &str = "country";
const SITE: &str = "site";
const FIND: &str = "find";
const FROM: &str = "from";

impl Query {
    fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, value: &str| get(name).as_deref() == Some(value);
        let text = |name: &str, most| get(name).unwrap_or_default().chars().take(most).collect::<String>();
        Self {
            filter: Filter {
                whose: if is(OF, "company") { Whose::Company } else { Whose::Mine },
                standing: if is(STATE, "ended") { Standing::Ended } else { Standing::Open },
                country: get(COUNTRY).and_then(|code| Country::from_code(&code)),
                site: text(SITE, 200),
                find: text(FIND, 64),
            },
            from: get(FROM).and_then(|from| Cursor::parse(&from)),
        }
    }

    fn of_page() -> Self {
        use_query_map().with_untracked(|query| Self::read(|name| query.get(name)))
    }

    /// The address of a list under `path`, from a cursor on.
    fn address(path: &str, filter: &Filter, from: Option<&Cursor>) -> String {
        let mut parts = Vec::new();
        match filter.whose {
            Whose::Mine => {}
            Whose::Company => parts.push(format!("{OF}=company")),
        }
        match filter.standing {
            Standing::Open => {}
            Standing::Ended => parts.push(format!("{STATE}=ended")),
        }
        if let Some(country) = filter.country {
            parts.push(format!("{COUNTRY}={}", country.code()));
        }
        for (name, text) in [(SITE, filter.site.as_str()), (FIND, filter.find.trim())] {
            if !text.is_empty() {
                parts.push(format!("{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC)));
            }
        }
        if let Some(from) = from {
            parts.push(format!("{FROM}={from}"));
        }
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }
}

/// The list of an address as a CSV file.
///
/// # Errors
/// When nobody is signed in, beyond the limit of such files, or when the database does not answer.
pub async fn own_cases_file(
    asked: &RequestContext,
    query: &[(String, String)],
    separators: Separators,
) -> Result<SheetFile, AppError> {
    if !matches!(asked.actor, Actor::Contact(_)) {
        return Err(AppError::SignInFirst);
    }
    asked.may_read_much()?;
    let get = |name: &str| query.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    let reading = SheetFor { language: asked.language, separators };
    Ok(own_cases_csv(&asked.desk, &asked.actor, &Query::read(get).filter, reading).await?)
}

/// The page of a customer's cases.
#[component]
pub fn OwnCasesPage() -> impl IntoView {
    let query = Query::of_page();
    view! {
        {Suspend::new(async move {
            match read(&query).await {
                Ok(listed) => view! { <Cases query listed/> }.into_any(),
                Err(error) => view! { <NotRead error/> }.into_any(),
            }
        })}
    }
    .into_any()
}

async fn read(query: &Query) -> Result<OwnCases, AppError> {
    let asked = signed_in()?;
    // A search reads all that is theirs.
    if !query.filter.find.trim().is_empty() {
        asked.may_read_much()?;
    }
    Ok(own_cases(&asked.desk, &asked.actor, &query.filter, query.from.as_ref()).await?)
}

#[component]
fn Cases(query: Query, listed: OwnCases) -> impl IntoView {
    let language = use_language();
    let OwnCases { cases, next, counts, places, companies, now } = listed;
    let Query { filter, from } = query;
    let is_searched = !filter.find.trim().is_empty();
    let none = match (is_searched, next.is_some()) {
        (true, true) => "my.none_found_yet",
        (true, false) => "my.none_found",
        (false, _) => "my.none",
    };
    let is_empty = cases.is_empty();
    let rows = cases.into_iter().map(|case| row(language, case, now)).collect::<Vec<_>>();
    let tabs = tabs(language, &filter, counts, &companies);
    let first = from.is_some().then(|| Query::address(CASES, &filter, None));
    let older = next.map(|next| Query::address(CASES, &filter, Some(&next)));
    let file = (!is_empty).then(|| Query::address(CASES_FILE, &filter, None));
    view! {
        <AccountFrame title="my.cases" here=CASES companies>
            <div class="stack">
                {tabs}
                <Find filter places/>
            </div>
            {if is_empty {
                view! { <div class="empty card"><Icon name="info"/><h2>{t!(language, none)}</h2></div> }.into_any()
            } else {
                view! { <Table rows/> }.into_any()
            }}
            <div class="row">
                {first.map(|to| view! { <a class="button" href=to>{t!(language, "my.newest")}</a> })}
                {older.map(|to| view! { <a class="button" href=to rel="next">{t!(language, "my.older")}</a> })}
                {file.map(|to| view! {
                    <a class="button button--quiet" href=to rel="external" download="">{t!(language, "my.csv")}</a>
                })}
            </div>
        </AccountFrame>
    }
    .into_any()
}

/// The two lists, and the states of their cases. Each is a link; a search is of all states.
fn tabs(language: Language, filter: &Filter, counts: (i64, i64), companies: &[OwnCompany]) -> AnyView {
    let is_searched = !filter.find.trim().is_empty();
    let link = |to: Filter, is_here: bool, words: String, count: Option<i64>| {
        let current = is_here.then_some("page");
        let to = Query::address(CASES, &to, None);
        view! { <a href=to aria-current=current>{words} {count.map(|count| view! { " " <b>{count}</b> })}</a> }
            .into_any()
    };
    let states = [(Standing::Open, "my.open", counts.0), (Standing::Ended, "my.ended", counts.1)];
    let states = states.map(|(standing, key, count)| {
        let to = Filter { standing, find: String::new(), ..filter.clone() };
        let is_here = standing == filter.standing && !is_searched;
        link(to, is_here, t!(language, key).into_owned(), Some(count))
    });
    let names = companies.iter().map(|company| company.name.as_str()).collect::<Vec<_>>().join(", ");
    let sides = [
        (Whose::Mine, t!(language, "my.of_mine").into_owned()),
        (Whose::Company, t!(language, "my.of_company", names = names)),
    ];
    let sides = sides.map(|(whose, words)| {
        // The other list has other places.
        let to = Filter { whose, standing: filter.standing, ..Filter::default() };
        link(to, whose == filter.whose && !is_searched, words, None)
    });
    let sides = (!companies.is_empty()).then(|| {
        view! { <nav class="filters" aria-label=t!(language, "my.whose")>{sides.into_iter().collect_view()}</nav> }
    });
    view! {
        {sides}
        <nav class="filters" aria-label=t!(language, "my.states")>{states.into_iter().collect_view()}</nav>
    }
    .into_any()
}

/// Finds cases by number, serial or words, in a country and at a site.
#[component]
fn Find(filter: Filter, places: Vec<(Country, String)>) -> impl IntoView {
    let language = use_language();
    let Filter { whose, standing, country, site, find } = filter;
    let company = (whose == Whose::Company).then(|| view! { <input type="hidden" name=OF value="company"/> });
    let ended =
        (standing == Standing::Ended).then(|| view! { <input type="hidden" name=STATE value="ended"/> });
    let mut countries: Vec<Country> = places.iter().map(|(country, _)| *country).collect();
    countries.dedup();
    let sites = places.into_iter().map(|(_, site)| site).filter(|site| !site.is_empty());
    let sites: BTreeSet<String> = sites.collect();
    let countries = countries.into_iter().map(|one| {
        let words = t!(language, one.name_key()).into_owned();
        Choice { value: one.code().to_owned(), words, is_chosen: Some(one) == country }
    });
    let countries = choices(language, (COUNTRY, "my.country", "my.every_country"), countries.collect());
    let sites = sites.into_iter().map(|one| {
        let is_chosen = one == site;
        Choice { value: one.clone(), words: one, is_chosen }
    });
    let sites = choices(language, (SITE, "my.site", "my.every_site"), sites.collect());
    view! {
        <form class="row" method="get" action=CASES role="search">
            {company} {ended}
            <label class="field__label" for=FIND>{t!(language, "my.find")}</label>
            <div class="field__box">
                <input class="field__input" id=FIND name=FIND type="search" maxlength="64" autocomplete="off" value=find/>
            </div>
            {countries} {sites}
            <button class="button" type="submit">{t!(language, "my.find_send")}</button>
        </form>
    }
    .into_any()
}

/// An option of a list.
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// A list to choose from, with what stands for all; nothing where there is no choice.
fn choices(
    language: Language,
    (name, label, all): (&'static str, &'static str, &'static str),
    options: Vec<Choice>,
) -> Option<AnyView> {
    if options.len() < 2 {
        return None;
    }
    let options = options.into_iter().map(|Choice { value, words, is_chosen }| {
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let options = options.collect_view();
    let list = view! {
        <label class="field__label" for=name>{t!(language, label)}</label>
        <div class="field__box">
            <select class="field__input" id=name name=name>
                <option value="">{t!(language, all)}</option>
                {options}
            </select>
        </div>
    };
    Some(list.into_any())
}

#[component]
fn Table(rows: Vec<AnyView>) -> impl IntoView {
    let language = use_language();
    let head = ["my.number", "my.fault", "my.status", "my.next", "my.opened"];
    let head = head.into_iter().map(|key| view! { <th scope="col">{t!(language, key)}</th> }).collect_view();
    view! {
        <div data-drawn-anew class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "my.cases")>
            <table class="table">
                <caption class="sr">{t!(language, "my.cases")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(language: Language, case: OwnCase, now: Instant) -> AnyView {
    let OwnCase { row, hours, fault, tracking } = case;
    let rank = row.rank(&hours, now);
    let next = rank.decided_by.map(|(clock, reading)| {
        let due = due_line(language, &clock, &reading, &hours, now);
        let state = reading.state;
        let icon = (state == ClockState::Breached).then(|| view! { <Icon name="alert"/> " " });
        view! {
            <span class="state" data-state=state.code()>{icon} {t!(language, clock.kind.name_key())}</span>
            <span class="two note">{due}</span>
        }
    });
    let opened = relative_time(language, &hours.zone, row.opened_at, now);
    let equipment = [row.equipment.as_str(), &row.place(language)].join(" · ");
    view! {
        <tr>
            <th scope="row"><a class="number" href=format!("/track/{tracking}") rel="external">{row.number.grouped()}</a></th>
            <td data-label=t!(language, "my.fault")>
                <span>{fault} <span class="two note">{equipment}</span></span>
            </td>
            <td data-label=t!(language, "my.status")><span class="badge">{t!(language, row.status.name_key())}</span></td>
            <td data-label=t!(language, "my.next")><span>{next}</span></td>
            <td data-label=t!(language, "my.opened") class="nowrap">{opened}</td>
        </tr>
    }
    .into_any()
}
