//! The list of the integrations: what each may do, and when its token was last used.

use desk::access::integrations::IntegrationView;
use domain::actor::Grant;
use domain::calendar::zone::Zone;
use domain::case::Author;
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;

use super::super::choices::scope_words;
use super::{ADDRESS, Listed};
use crate::language::use_language;
use crate::ui::{Icon, Pager, relative_time};

#[component]
pub(super) fn Table(listed: Listed) -> impl IntoView {
    let language = use_language();
    let Listed { page: Page { rows, paging }, zone, now } = listed;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "integration.none")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|view| row(language, view, zone, now)).collect();
    let heads = [
        "integration.name",
        "integration.grants",
        "integration.scope",
        "integration.state",
        "integration.seen",
        "integration.added",
    ]
    .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let Paging { pages, .. } = paging;
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "integration.list")>
            <table class="table">
                <caption class="sr">{t!(language, "integration.list")}</caption>
                <thead>
                    <tr>
                        {heads.collect_view()}
                        <th scope="col"><span class="sr">{t!(language, "integration.revoke")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(pages > 1).then(|| view! { <Pager paging to=|page| format!("{ADDRESS}?page={page}")/> })}
    }
    .into_any()
}

fn row(language: Language, view: IntegrationView, zone: Zone, now: Instant) -> AnyView {
    let IntegrationView { integration, per_minute, created_at, added_by, seen_at, revoked_at, revoked_by } =
        view;
    let local = |at: Instant| relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now);
    let grants = integration.grants.iter().map(|grant| t!(language, grant.name_key()).into_owned());
    let grants = grants.collect::<Vec<_>>().join(" · ");
    let scope = scope_words(language, integration.scope);
    let by = |author: Option<&Author>| match author {
        Some(Author::Staff { name, .. }) => format!(" · {name}"),
        _ => String::new(),
    };
    let (look, icon, state) = match revoked_at {
        None => ("met", "check", t!(language, "integration.active").into_owned()),
        Some(at) => {
            let words =
                format!("{} {}{}", t!(language, "integration.revoked"), local(at), by(revoked_by.as_ref()));
            ("void", "void", words)
        }
    };
    let pace = t!(language, "integration.pace", count = per_minute.get());
    let seen = seen_at.map_or_else(|| t!(language, "integration.never").into_owned(), local);
    let added = format!("{}{}", local(created_at), by(added_by.as_ref()));
    let revoke = revoked_at.is_none().then(|| revoke(language, integration.id.0, &integration.name));
    // What alerts became is told where they are set.
    let name = if integration.grants.contains(&Grant::ReportAlerts) {
        let address = format!("{ADDRESS}/{}", integration.id.0);
        view! { <a href=address rel="external">{integration.name}</a> }.into_any()
    } else {
        integration.name.into_any()
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label=t!(language, "integration.grants")>{grants}</td>
            <td data-label=t!(language, "integration.scope")>{scope} " · " {pace}</td>
            <td data-label=t!(language, "integration.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {state}</span>
            </td>
            <td data-label=t!(language, "integration.seen")>{seen}</td>
            <td data-label=t!(language, "integration.added")>{added}</td>
            <td>{revoke}</td>
        </tr>
    }
    .into_any()
}

/// The button that revokes one, closed at first.
fn revoke(language: Language, id: i64, name: &str) -> AnyView {
    view! {
        <details class="revoke">
            <summary class="button button--quiet" aria-label=format!("{} · {name}", t!(language, "integration.revoke"))>
                {t!(language, "integration.revoke")}
            </summary>
            <form class="stack stack--tight" method="post" action=format!("{ADDRESS}/{id}/revoke")>
                <p class="note">{t!(language, "integration.revoke_sure")}</p>
                <button class="button" type="submit">{t!(language, "integration.revoke_yes")}</button>
            </form>
        </details>
    }
    .into_any()
}
