//! The form by which an integration is added.

use domain::actor::{Grant, RequestsPerMinute};
use domain::country::Country;
use domain::t;
use leptos::prelude::*;

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
                <ScopeChoice reply=reply.clone()/>
            </div>
            <Grants reply/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "integration.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// What the integration may do: a box for each grant.
#[component]
fn Grants(reply: IntegrationsReply) -> impl IntoView {
    let language = use_language();
    let boxes = Grant::ALL.map(|grant| {
        let name = format!("{GRANT}{}", grant.code());
        let is_checked = reply.text(&name) == "yes";
        view! {
            <label class="check">
                <input type="checkbox" name=name value="yes" checked=is_checked/>
                <span>{t!(language, grant.name_key())}</span>
            </label>
        }
    });
    let problem = reply.problem(GRANTS);
    let look = problem.is_some().then_some("error");
    let described = problem.is_some().then_some("grants-error");
    view! {
        <fieldset class="field" id=GRANTS data-look=look aria-describedby=described>
            <legend class="field__label">{t!(language, "integration.grants")}</legend>
            {boxes.collect_view()}
            {problem.map(|words| view! { <p class="field__error" role="alert" id="grants-error">{words}</p> })}
        </fieldset>
    }
    .into_any()
}

/// The cases that exist for the integration.
#[component]
fn ScopeChoice(reply: IntegrationsReply) -> impl IntoView {
    let language = use_language();
    let chosen = reply.text(SCOPE);
    let all = (String::new(), t!(language, "pair.all").into_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let options = std::iter::once(all).chain(countries).map(|(value, words)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let problem = reply.problem(SCOPE);
    let is_wrong = problem.is_some();
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=SCOPE>{t!(language, "integration.scope")}</label>
            <div class="field__box">
                <select class="field__input" id=SCOPE name=SCOPE aria-invalid=is_wrong.then_some("true")
                    aria-describedby=is_wrong.then_some("scope-error")>
                    {options.collect_view()}
                </select>
            </div>
            {problem.map(|words| view! { <p class="field__error" id="scope-error">{words}</p> })}
        </div>
    }
    .into_any()
}
