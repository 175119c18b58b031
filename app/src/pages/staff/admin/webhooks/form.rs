//! The form by which a webhook is added, and the one by which it is changed.

use desk::webhooks::WebhookView;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::webhook::{WebhookEvent, WebhookFormat};
use leptos::prelude::*;

use super::super::choices::{Boxes, CheckBox, ScopeChoice, SelectField};
use super::{ADDRESS, Deed, EVENT, EVENTS, FORMAT, LANGUAGE, NAME, REVISION, SCOPE, URL, WebhooksReply};
use crate::language::use_language;
use crate::pages::Typed;
use crate::ui::{FieldKind, Icon, TextField};

#[component]
pub(super) fn NewForm(reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-new" novalidate>
            <h2 id="h-new">{t!(language, "webhook.new")}</h2>
            <Fields reply/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "webhook.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The form with the settings of a webhook. It is closed at first, unless it came back.
#[component]
pub(super) fn ChangeForm(webhook: WebhookView, reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    let is_back = !reply.problems.is_empty() || reply.typed.contains_key(REVISION);
    // A form that is wrong or comes late still knows what it knew. One that was told of a change knows of it.
    let known = reply.typed.get(REVISION).cloned();
    let revision = known.unwrap_or_else(|| webhook.revision.to_string());
    let reply = if is_back { reply } else { WebhooksReply { typed: typed(&webhook), ..reply } };
    view! {
        <details class="card" open=is_back>
            <summary><Icon name="chevron"/> {t!(language, "webhook.edit")}</summary>
            <form class="stack" method="post" action=format!("{ADDRESS}/{}", webhook.id.0) novalidate>
                <input type="hidden" name=REVISION value=revision/>
                <Fields reply/>
                <div class="row">
                    <button class="button button--main" type="submit" name=Deed::FIELD value=Deed::Edit.code()>
                        {t!(language, "webhook.save")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// The settings of a webhook as a form has them.
fn typed(webhook: &WebhookView) -> Typed {
    let events = webhook.events.iter().map(|event| (format!("{EVENT}{}", event.code()), "yes".to_owned()));
    let others = [
        (NAME, webhook.name.as_str()),
        (URL, webhook.url.as_str()),
        (SCOPE, webhook.scope.country.map_or("", Country::code)),
        (FORMAT, webhook.format.code()),
        (LANGUAGE, webhook.language.code()),
    ];
    let others = others.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    events.chain(others).collect()
}

/// The settings of a webhook.
#[component]
fn Fields(reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    let formats = WebhookFormat::ALL
        .map(|format| (format.code().to_owned(), t!(language, format.name_key()).into_owned()));
    let languages = Language::ALL.map(|of| (of.code().to_owned(), of.own_name().to_owned()));
    let spoken = Some(reply.text(LANGUAGE)).filter(|code| !code.is_empty());
    let spoken = spoken.unwrap_or_else(|| language.code().to_owned());
    view! {
        <div class="pairs">
            <TextField name=NAME kind=FieldKind::Text label=t!(language, "webhook.name")
                value=reply.text(NAME) problem=reply.problem(NAME)/>
            <TextField name=URL kind=FieldKind::Url label=t!(language, "webhook.url")
                value=reply.text(URL) problem=reply.problem(URL) hint=t!(language, "webhook.url_hint")/>
            <SelectField name=FORMAT label=t!(language, "webhook.format_label") options=formats.into()
                chosen=reply.text(FORMAT) problem=reply.problem(FORMAT) hint=t!(language, "webhook.format_hint")/>
            <SelectField name=LANGUAGE label=t!(language, "webhook.language") options=languages.into()
                chosen=spoken problem=reply.problem(LANGUAGE)/>
            <ScopeChoice name=SCOPE label=t!(language, "webhook.scope") chosen=reply.text(SCOPE)
                problem=reply.problem(SCOPE)/>
        </div>
        <Boxes id=EVENTS legend=t!(language, "webhook.events") boxes=events(language, &reply)
            problem=reply.problem(EVENTS)/>
    }
    .into_any()
}

/// What the webhook hears of: a box for each event.
fn events(language: Language, reply: &WebhooksReply) -> Vec<CheckBox> {
    let event = |event: WebhookEvent| {
        let name = format!("{EVENT}{}", event.code());
        let is_checked = reply.text(&name) == "yes";
        CheckBox { name, words: t!(language, event.name_key()).into_owned(), is_checked }
    };
    WebhookEvent::ALL.map(event).into()
}
