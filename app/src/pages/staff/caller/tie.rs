//! An unknown number is tied to a contact: by the number of one of their cases, or by what is found of them.

use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::search::{Found, FoundCase, LONGEST_QUERY};
use domain::t;
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Doing;
use super::api::tie_number;
use crate::language::use_language;
use crate::pages::staff::search::find_cases;

/// The most contacts that are offered.
const OFFERED: usize = 6;

/// The search for the contact who calls.
#[component]
pub(super) fn Tie(doing: Doing) -> impl IntoView {
    let language = use_language();
    let input = NodeRef::<Input>::new();
    let found = RwSignal::new(None::<Vec<FoundCase>>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get_untracked() else { return };
        let text = input.value();
        spawn_local(async move {
            match find_cases(text).await.map(|found| found.cases) {
                Ok(Found::Case(number)) => doing.run(tie_number(doing.call, number)),
                Ok(Found::Cases(rows) | Found::Many(rows)) => {
                    found.try_set(Some(rows.into_iter().take(OFFERED).collect()));
                }
                Ok(Found::Nothing) => {
                    found.try_set(Some(Vec::new()));
                }
                Err(error) => {
                    doing.failed.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <form class="row" on:submit=submit>
            <div class="field">
                <label class="field__label" for="caller-find">{t!(language, "telephone.who")}</label>
                <div class="field__box">
                    <input
                        class="field__input"
                        id="caller-find"
                        node_ref=input
                        autocomplete="off"
                        maxlength=LONGEST_QUERY.to_string()
                    />
                </div>
            </div>
            <button class="button" type="submit">{t!(language, "telephone.find")}</button>
        </form>
        <div role="status">
            {move || found.get().map(|rows| {
                if rows.is_empty() {
                    view! { <p class="note">{t!(language, "telephone.nobody")}</p> }.into_any()
                } else {
                    let lines = rows.into_iter().map(|row| line(language, doing, row)).collect_view();
                    view! { <ul class="stack stack--tight">{lines}</ul> }.into_any()
                }
            })}
        </div>
    }
    .into_any()
}

/// A contact with the customer, and the tap that ties the number to them.
fn line(language: Language, doing: Doing, row: FoundCase) -> AnyView {
    let number: CaseNumber = row.number;
    let name = row.contact.name.to_string();
    view! {
        <li class="row">
            <div>{name.clone()} <span class="two note">{row.customer} " · " {number.grouped()}</span></div>
            <button class="button" type="button" on:click=move |_| doing.run(tie_number(doing.call, number))>
                {t!(language, "telephone.tie")} <span class="sr">" " {name} " " {number.grouped()}</span>
            </button>
        </li>
    }
    .into_any()
}
