//! The forms by which a display is added: the code of its screen, or a link.

use domain::t;
use leptos::prelude::*;

use super::super::choices::ScopeChoice;
use super::{ACTION, ADDRESS, DisplaysReply, LINK, PAIR};
use crate::language::use_language;
use crate::ui::{FieldKind, Icon, TextField};

/// The form for the code of a waiting screen.
#[component]
pub(super) fn ByCode(reply: DisplaysReply, address: String) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-code" novalidate>
            <h2 id="h-code">{t!(language, "pair.by_code")}</h2>
            <p class="note">{t!(language, "pair.by_code_lead", address = address)}</p>
            <div class="pairs">
                <TextField name="code" kind=FieldKind::OneTimeCode label=t!(language, "pair.code")
                    value=reply.text("code") problem=reply.problem("code")/>
                <TextField name="name" kind=FieldKind::Text label=t!(language, "pair.name")
                    value=reply.text("name") problem=reply.problem("name") hint=t!(language, "pair.name_hint")/>
                <ScopeChoice name="scope" label=t!(language, "pair.scope") chosen=reply.text("scope")
                    problem=reply.problem("scope")/>
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACTION value=PAIR>{t!(language, "pair.pair")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The form for a link. It is closed at first, unless it came back.
#[component]
pub(super) fn ByLink(reply: DisplaysReply) -> impl IntoView {
    let language = use_language();
    let is_wrong = reply.problems.iter().any(|(name, _)| name.starts_with("link_"));
    let is_open = is_wrong || !reply.text("link_name").is_empty();
    view! {
        <details class="card" open=is_open>
            <summary><Icon name="chevron"/> {t!(language, "pair.by_link")}</summary>
            <form class="stack" method="post" action=ADDRESS novalidate>
                <p class="note">{t!(language, "pair.by_link_lead")}</p>
                <div class="pairs">
                    <TextField name="link_name" kind=FieldKind::Text label=t!(language, "pair.name")
                        value=reply.text("link_name") problem=reply.problem("link_name")/>
                    <ScopeChoice name="link_scope" label=t!(language, "pair.scope") chosen=reply.text("link_scope")
                        problem=reply.problem("link_scope")/>
                </div>
                <div class="row">
                    <button class="button" type="submit" name=ACTION value=LINK>{t!(language, "pair.add")}</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
