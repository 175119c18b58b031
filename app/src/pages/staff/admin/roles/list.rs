//! The list of the composed roles.

use desk::people::composed::RoleView;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::{ADDRESS, permit_words, scope_words};
use crate::language::use_language;
use crate::ui::Icon;

#[component]
pub(super) fn Table(roles: Vec<RoleView>) -> impl IntoView {
    let language = use_language();
    if roles.is_empty() {
        return view! { <p class="note">{t!(language, "composed.none")}</p> }.into_any();
    }
    let rows: Vec<_> = roles.into_iter().map(|role| row(language, role)).collect();
    let heads = ["composed.name", "composed.permits", "composed.scope", "composed.holders", "composed.state"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "composed.list")>
            <table class="table">
                <caption class="sr">{t!(language, "composed.list")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(language: Language, role: RoleView) -> AnyView {
    let RoleView { id, composition, organisations, holders, retired_at, .. } = role;
    let (look, icon, key) = match retired_at {
        None => ("met", "check", "composed.in_force"),
        Some(_) => ("void", "void", "composed.retired"),
    };
    let scope = scope_words(language, &composition.scope, organisations.values());
    view! {
        <tr>
            <th scope="row">
                <a href=format!("{ADDRESS}/{}", id.0) rel="external">{composition.name.as_str().to_owned()}</a>
            </th>
            <td data-label=t!(language, "composed.permits")>{permit_words(language, &composition.permits)}</td>
            <td data-label=t!(language, "composed.scope")>{scope}</td>
            <td data-label=t!(language, "composed.holders")>{holders.len()}</td>
            <td data-label=t!(language, "composed.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, key)}</span>
            </td>
        </tr>
    }
    .into_any()
}
