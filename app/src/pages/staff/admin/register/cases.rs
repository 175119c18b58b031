//! The cases of an entry, and what was promised about them.

use desk::register::{CaseLine, PromiseCount};
use domain::page::Page;
use domain::t;
use leptos::prelude::*;

use super::moment;
use crate::address::case_address;
use crate::language::use_language;
use crate::ui::Pager;

/// A page of cases.
#[component]
pub(super) fn Cases(
    /// The key of the heading.
    title: &'static str,
    /// The key of what is said when there are none.
    none: &'static str,
    page: Page<CaseLine>,
    /// The address of the entry's page.
    address: String,
    /// The name of the page's number in that address.
    name: &'static str,
) -> impl IntoView {
    let language = use_language();
    let Page { rows, paging } = page;
    let id = format!("h-{name}");
    let lines = rows.into_iter().map(|case| {
        let CaseLine { number, status, priority, opened_at, equipment, place } = case;
        view! {
            <li class="line line--wide">
                <div>
                    <p>
                        <a class="number" href=case_address(number)>{number.grouped()}</a> " "
                        <span class="badge badge--line">{priority.code()}</span> " "
                        <span class="badge">{t!(language, status.name_key())}</span>
                    </p>
                    <p class="note">{equipment} " · " {place} " · " {moment(language, opened_at)}</p>
                </div>
            </li>
        }
    });
    let lines = lines.collect_view();
    let is_empty = lines.is_empty();
    let anchor = id.clone();
    view! {
        <section class="card stack" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{t!(language, title)} " " <span class="quiet">{paging.total}</span></h2>
            {if is_empty {
                view! { <p class="note">{t!(language, none)}</p> }.into_any()
            } else {
                view! { <ul class="lines">{lines}</ul> }.into_any()
            }}
            {(paging.pages > 1).then(|| view! {
                <Pager paging to=move |page| format!("{address}?{name}={page}#{anchor}")/>
            })}
        </section>
    }
    .into_any()
}

/// How many targets were met and breached, by what they measure.
#[component]
pub(super) fn Promises(counts: Vec<PromiseCount>) -> impl IntoView {
    let language = use_language();
    let is_empty = counts.is_empty();
    let figures = counts.into_iter().map(|PromiseCount { metric, met, breached }| {
        let all = met + breached;
        // Cut off, not rounded: 100 % says that none was breached.
        let share = if all == 0 { 0 } else { met * 100 / all };
        view! {
            <div class="figure">
                <dt>{t!(language, metric.name_key())}</dt>
                <dd><b>{share} " %"</b></dd>
                <dd class="note">{t!(language, "register.promises.counts", met = met, breached = breached)}</dd>
            </div>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-promises">
            <h2 id="h-promises">{t!(language, "register.promises")}</h2>
            {if is_empty {
                view! { <p class="note">{t!(language, "register.promises.none")}</p> }.into_any()
            } else {
                view! { <dl class="figures">{figures.collect_view()}</dl> }.into_any()
            }}
        </section>
    }
    .into_any()
}
