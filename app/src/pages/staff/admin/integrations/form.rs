//! The form by which an integration is added.

use domain::actor::{Grant, RequestsPerMinute};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::super::choices::{Boxes, CheckBox, ScopeChoice};
use super::{ADDRESS, GRANT, GRANTS, IntegrationsReply, NAME, PER_MINUTE, SCOPE};
use crate::language::use_language;
use crate::ui::{FieldKind, TextField};

#[component]
pub(super) fn NewForm(reply: IntegrationsReply) -> impl IntoView {
    let language = use_language();
    let per_minute = Some(reply.text(PER_MINUTE)).filter(|typed| !typed.is_empty());
    let per_minute = per_minute.unwrap_or_else(|| RequestsPerMinute::OFFERED.get().to_string());
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-new" novalidate>
            <h2 id="h-new">{t!(language, "integration.new")}</h2>
            <div class="pairs">
                <TextField name=NAME kind=FieldKind::Text label=t!(language, "integration.name")
                    value=reply.text(NAME) problem=reply.problem(NAME) hint=t!(language, "integration.name_hint")/>
                <TextField name=PER_MINUTE kind=FieldKind::Text label=t!(language, "integration.per_minute")
                    value=per_minute problem=reply.problem(PER_MINUTE)/>
                <ScopeChoice name=SCOPE label=t!(language, "integration.scope") chosen=reply.text(SCOPE)
                    problem=reply.problem(SCOPE)/>
            </div>
            <Boxes id=GRANTS legend=t!(language, "integration.grants") boxes=grants(language, &reply)
                problem=reply.problem(GRANTS)/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "integration.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// What the integration may do: a box for each grant.
fn grants(language: Language, reply: &IntegrationsReply) -> Vec<CheckBox> {
    let grant = |grant: Grant| {
        let name = format!("{GRANT}{}", grant.code());
        let is_checked = reply.text(&name) == "yes";
        CheckBox { name, words: t!(language, grant.name_key()).into_owned(), is_checked }
    };
    Grant::ALL.map(grant).into()
}
