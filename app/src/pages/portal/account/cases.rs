//! The list of a customer's cases.

use desk::customers::cases::{Filter, OwnCase, OwnCases, Standing, Whose, own_cases};
use domain::case::ClockState;
use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{AccountFrame, CASES, NotRead, signed_in};
use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, Pager, due_line, relative_time};

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Query {
    filter: Filter,
    page: u32,
}

impl Query {
    fn of_page() -> Self {
        use_query_map().with_untracked(|query| {
            let is = |name: &str, value: &str| query.get(name).as_deref() == Some(value);
            Self {
                filter: Filter {
                    whose: if is("of", "company") { Whose::Company } else { Whose::Mine },
                    standing: if is("state", "ended") { Standing::Ended } else { Standing::Open },
                    find: query.get("find").unwrap_or_default().chars().take(64).collect(),
                },
                page: query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
            }
        })
    }

    /// The address of a list.
    fn address(whose: Whose, standing: Standing, page: u32) -> String {
        let mut parts = Vec::new();
        match whose {
            Whose::Mine => {}
            Whose::Company => parts.push("of=company".to_owned()),
        }
        match standing {
            Standing::Open => {}
            Standing::Ended => parts.push("state=ended".to_owned()),
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        if parts.is_empty() { CASES.to_owned() } else { format!("{CASES}?{}", parts.join("&")) }
    }
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
    Ok(own_cases(&asked.desk, &asked.actor, &query.filter, query.page).await?)
}

#[component]
fn Cases(query: Query, listed: OwnCases) -> impl IntoView {
    let language = use_language();
    let OwnCases { page: Page { rows, paging }, counts, companies, now } = listed;
    let Query { filter, .. } = query;
    let is_searched = !filter.find.trim().is_empty();
    let (whose, standing) = (filter.whose, filter.standing);
    let link = move |to: String, is_here: bool, words: String, count: Option<i64>| {
        let current = (is_here && !is_searched).then_some("page");
        view! { <a href=to aria-current=current>{words} {count.map(|count| view! { " " <b>{count}</b> })}</a> }
    };
    let word = |key: &str| t!(language, key).into_owned();
    let states = [(Standing::Open, "my.open", counts.0), (Standing::Ended, "my.ended", counts.1)];
    let states = states
        .into_iter()
        .map(|(of, key, count)| link(Query::address(whose, of, 1), of == standing, word(key), Some(count)))
        .collect_view();
    let sides = (!companies.is_empty()).then(|| {
        let names = companies.iter().map(|company| company.name.as_str()).collect::<Vec<_>>().join(", ");
        let names = t!(language, "my.of_company", names = names);
        view! {
            <nav class="filters" aria-label=t!(language, "my.whose")>
                {link(Query::address(Whose::Mine, standing, 1), whose == Whose::Mine, word("my.of_mine"), None)}
                {link(Query::address(Whose::Company, standing, 1), whose == Whose::Company, names, None)}
            </nav>
        }
    });
    let found = filter.find.trim().to_owned();
    let to = move |page: u32| {
        let to = Query::address(whose, standing, page);
        if found.is_empty() {
            return to;
        }
        let find = utf8_percent_encode(&found, NON_ALPHANUMERIC);
        format!("{to}{}find={find}", if to.contains('?') { '&' } else { '?' })
    };
    let none = if is_searched { "my.none_found" } else { "my.none" };
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().map(|case| row(language, case, now)).collect_view();
    view! {
        <AccountFrame title="my.cases" here=CASES companies>
            <div class="stack">
                {sides}
                <nav class="filters" aria-label=t!(language, "my.states")>{states}</nav>
                <Find find=filter.find whose/>
            </div>
            {if is_empty {
                view! { <div class="empty card"><Icon name="info"/><h2>{t!(language, none)}</h2></div> }.into_any()
            } else {
                view! { <Table rows/> {(paging.pages > 1).then(|| view! { <Pager paging to/> })} }.into_any()
            }}
        </AccountFrame>
    }
    .into_any()
}

/// Finds a case by its number, or by the serial of its equipment.
#[component]
fn Find(find: String, whose: Whose) -> impl IntoView {
    let language = use_language();
    let company =
        (whose == Whose::Company).then(|| view! { <input type="hidden" name="of" value="company"/> });
    view! {
        <form class="row" method="get" action=CASES role="search">
            {company}
            <label class="field__label" for="find">{t!(language, "my.find")}</label>
            <div class="field__box">
                <input class="field__input" id="find" name="find" type="search" maxlength="64" autocomplete="off" value=find/>
            </div>
            <button class="button" type="submit">{t!(language, "my.find_send")}</button>
        </form>
    }
    .into_any()
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
