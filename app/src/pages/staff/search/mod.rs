//! Search results: the page of the search box.

mod api;
mod card;
mod register;

use domain::calendar::MomentStyle;
use domain::case_number::{CaseNumber, CaseNumberProblem};
use domain::i18n::Language;
use domain::search::{Found, FoundCase, LookedUp};
use domain::t;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

pub(super) use self::api::find_cases;
pub(super) use self::card::Card;
pub use self::card::CustomerPage;
use self::register::Register;
use super::frame::{Failed, Here, StaffFrame};
use crate::address::case_address;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{Icon, PriorityTag, machine};

/// The page of results.
#[component]
pub fn SearchPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default());
    let found = Resource::new(
        move || asked.get(),
        |asked| async move {
            let found = find_cases(asked.clone()).await;
            (asked, found)
        },
    );
    view! {
        <StaffFrame title=t!(language, "staff.search.title").into_owned() class="stack" here=Here::Search>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        (asked, Ok(found)) => view! { <Results asked found/> }.into_any(),
                        (_, Err(error)) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// The number of cases, advice when there are too few or too many, and the cases.
#[component]
fn Results(asked: String, found: LookedUp) -> impl IntoView {
    let language = use_language();
    let LookedUp { cases, register, card } = found;
    let only_register = !register.is_empty();
    let (title, hint, rows) = match cases {
        Found::Case(number) => return view! { <Redirect path=case_address(number)/> }.into_any(),
        Found::Nothing => {
            (t!(language, "staff.search.title").into_owned(), Some("staff.search.how"), Vec::new())
        }
        Found::Cases(rows) => {
            let hint = (rows.is_empty() && !only_register).then_some("staff.search.none_hint");
            let title = match rows.len() {
                0 if only_register => t!(language, "staff.find.in_register", text = asked),
                count => counted(language, &asked, count),
            };
            (title, hint, rows)
        }
        Found::Many(rows) => {
            let title = t!(language, "staff.search.many", count = rows.len(), text = asked);
            (title, Some("staff.search.many_hint"), rows)
        }
    };
    let undoable_contact = CaseNumber::parse(&asked)
        .err()
        .filter(|undoable_contact| *undoable_contact == CaseNumberProblem::WrongCheck);
    // The focus moves here: screen readers announce the results, and the first case is one key away.
    let heading = NodeRef::<leptos::html::H1>::new();
    effect(move || {
        let Some(heading) = heading.try_get().flatten() else { return };
        // The heading is not in the document yet, and cannot be focused before.
        request_animation_frame(move || {
            // Not when the focus is in another field already.
            if document().active_element().is_none_or(|at| at.tag_name() == "BODY") {
                let _ = heading.focus();
            }
        });
    });
    view! {
        <h1 tabindex="-1" node_ref=heading>{title}</h1>
        {undoable_contact.map(|undoable_contact| view! { <UnreadableQuery words=undoable_contact.message(language)/> })}
        {hint.map(|hint| view! { <p class="note">{t!(language, hint)}</p> })}
        {(!rows.is_empty()).then(|| view! { <Cases rows/> })}
        <Register register/>
        {card.map(|card| {
            let name = card.customer.name.clone();
            view! { <h2>{name}</h2> <Card card/> }
        })}
    }
    .into_any()
}

/// `2 casos con «peña 0142»`.
fn counted(language: Language, asked: &str, count: usize) -> String {
    match count {
        0 => t!(language, "staff.search.none", text = asked),
        1 => t!(language, "staff.search.one", text = asked),
        _ => t!(language, "staff.search.some", count = count, text = asked),
    }
}

/// The notice about a text that looks like a case number and is none.
#[component]
fn UnreadableQuery(words: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="notice" data-tone="care" role="alert">
            <Icon name="info"/>
            <div><p class="notice__title">{t!(language, "staff.search.slip")}</p><p>{words}</p></div>
        </div>
    }
    .into_any()
}

#[component]
fn Cases(rows: Vec<FoundCase>) -> impl IntoView {
    let language = use_language();
    let rows = rows.into_iter().map(|case| line(language, case)).collect_view();
    view! {
        <div
            class="card tablewrap tablewrap--stacks"
            tabindex="0"
            role="region"
            aria-label=t!(language, "staff.search.caption")
        >
            <table class="table">
                <caption class="sr">{t!(language, "staff.search.caption")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "staff.search.case")}</th>
                        <th scope="col">{t!(language, "staff.search.state")}</th>
                        <th scope="col">{t!(language, "staff.search.customer")}</th>
                        <th scope="col">{t!(language, "staff.search.contact")}</th>
                        <th scope="col">{t!(language, "staff.search.equipment")}</th>
                        <th scope="col">{t!(language, "staff.search.opened")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(language: Language, case: FoundCase) -> impl IntoView {
    let FoundCase { number, status, priority, customer, contact, equipment, opened_at, zone } = case;
    let customer =
        if customer.is_empty() { t!(language, "staff.queue.no_customer").into_owned() } else { customer };
    view! {
        <tr>
            <th scope="row">
                <a class="cover number" href=case_address(number)>{number.grouped()}</a>
                " "
                <PriorityTag priority=Signal::stored(priority)/>
            </th>
            <td data-label=t!(language, "staff.search.state")>{t!(language, status.name_key())}</td>
            <td data-label=t!(language, "staff.search.customer")>{customer}</td>
            <td data-label=t!(language, "staff.search.contact")>
                <div>
                    <span class="two">{contact.name.to_string()}</span>
                    {contact.phones().map(|phone| view! { <span class="two">{phone.international()}</span> }).collect_view()}
                </div>
            </td>
            <td data-label=t!(language, "staff.search.equipment")>{equipment}</td>
            <td data-label=t!(language, "staff.search.opened")>
                <time datetime=machine(&zone, opened_at)>{zone.format(opened_at, language, MomentStyle::Short)}</time>
            </td>
        </tr>
    }
}
