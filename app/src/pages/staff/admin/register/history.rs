//! The history of an entry, in words.

use desk::register::RecordedRegisterChange;
use domain::country::Country;
use domain::i18n::Language;
use domain::page::Page;
use domain::priority::Platform;
use domain::register::{RegisterChange, RegisterField};
use domain::t;
use leptos::prelude::*;

use super::moment;
use crate::language::use_language;
use crate::ui::{Icon, Pager};

/// A page of the history, the newest first.
#[component]
pub(super) fn History(
    page: Page<RecordedRegisterChange>,
    /// The address of the entry's page.
    address: String,
) -> impl IntoView {
    let language = use_language();
    let Page { rows, paging } = page;
    let is_empty = rows.is_empty();
    let lines = rows.into_iter().map(|entry| line(language, entry)).collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-history">
            <h2 id="h-history">{t!(language, "register.history")}</h2>
            {if is_empty {
                view! { <p class="note">{t!(language, "register.history.none")}</p> }.into_any()
            } else {
                view! { <ol class="lines">{lines}</ol> }.into_any()
            }}
            {(paging.pages > 1).then(|| view! {
                <Pager paging to=move |page| format!("{address}?history={page}#h-history")/>
            })}
        </section>
    }
    .into_any()
}

fn line(language: Language, entry: RecordedRegisterChange) -> AnyView {
    let RecordedRegisterChange { at, by, change } = entry;
    let by = by.unwrap_or_else(|| t!(language, "register.history.operator").into_owned());
    let (words, fields) = match change {
        RegisterChange::Added => (t!(language, "register.change.added").into_owned(), Vec::new()),
        RegisterChange::Edited { fields } => (t!(language, "register.change.edited").into_owned(), fields),
        RegisterChange::Removed => (t!(language, "register.change.removed").into_owned(), Vec::new()),
        RegisterChange::MergedFrom { name } => {
            (t!(language, "register.change.merged_from", name = name), Vec::new())
        }
        RegisterChange::MergedInto { name } => {
            (t!(language, "register.change.merged_into", name = name), Vec::new())
        }
    };
    let fields = fields.into_iter().map(|RegisterField { field, from, to }| {
        let label = t!(language, &format!("register.field.{field}")).into_owned();
        let (from, to) = (value(language, &field, &from), value(language, &field, &to));
        view! { <li>{label} ": " {from} " → " <b>{to}</b></li> }
    });
    let fields = fields.collect_view();
    view! {
        <li class="line">
            <Icon name="note"/>
            <div class="stack stack--tight">
                <p><b>{words}</b></p>
                {(!fields.is_empty()).then(|| view! { <ul>{fields}</ul> })}
                <p class="note">{by} " · " {moment(language, at)}</p>
            </div>
        </li>
    }
    .into_any()
}

/// The value of a field as people read it.
pub(super) fn value(language: Language, field: &str, text: &str) -> String {
    let word = match field {
        "country" => Country::from_code(text).map(|country| t!(language, country.name_key()).into_owned()),
        "platform" => {
            Platform::from_code(text).map(|platform| t!(language, platform.name_key()).into_owned())
        }
        _ => None,
    };
    let word = word.unwrap_or_else(|| text.to_owned());
    if word.is_empty() { "–".to_owned() } else { word }
}
