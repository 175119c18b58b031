//! The form by which a webhook is added.

use domain::country::Country;
use domain::t;
use domain::webhook::WebhookEvent;
use leptos::prelude::*;

use super::{ADDRESS, EVENT, EVENTS, NAME, SCOPE, URL, WebhooksReply};
use crate::language::use_language;
use crate::ui::{FieldKind, TextField};

#[component]
pub(super) fn NewForm(reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-new" novalidate>
            <h2 id="h-new">{t!(language, "webhook.new")}</h2>
            <div class="pairs">
                <TextField name=NAME kind=FieldKind::Text label=t!(language, "webhook.name")
                    value=reply.text(NAME) problem=reply.problem(NAME)/>
                <TextField name=URL kind=FieldKind::Url label=t!(language, "webhook.url")
                    value=reply.text(URL) problem=reply.problem(URL) hint=t!(language, "webhook.url_hint")/>
                <ScopeChoice reply=reply.clone()/>
            </div>
            <Events reply/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "webhook.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// What the webhook hears of: a box for each event.
#[component]
fn Events(reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    let boxes = WebhookEvent::ALL.map(|event| {
        let name = format!("{EVENT}{}", event.code());
        let is_checked = reply.text(&name) == "yes";
        view! {
            <label class="check">
                <input type="checkbox" name=name value="yes" checked=is_checked/>
                <span>{t!(language, event.name_key())}</span>
            </label>
        }
    });
    let problem = reply.problem(EVENTS);
    let look = problem.is_some().then_some("error");
    let described = problem.is_some().then_some("events-error");
    view! {
        <fieldset class="field" id=EVENTS data-look=look aria-describedby=described>
            <legend class="field__label">{t!(language, "webhook.events")}</legend>
            {boxes.collect_view()}
            {problem.map(|words| view! { <p class="field__error" role="alert" id="events-error">{words}</p> })}
        </fieldset>
    }
    .into_any()
}

/// The cases that the webhook hears of.
#[component]
fn ScopeChoice(reply: WebhooksReply) -> impl IntoView {
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
            <label class="field__label" for=SCOPE>{t!(language, "webhook.scope")}</label>
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
