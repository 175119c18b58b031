//! The form by which a number is added, and the one by which it is changed.

use desk::webhooks::whatsapp::{DEFAULT_GRAPH_URL, NumberView};
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::super::choices::ScopeChoice;
use super::{
    ACCESS_TOKEN, ADDRESS, APP_SECRET, Deed, GRAPH_URL, NAME, PHONE_NUMBER_ID, REVISION, SCOPE, TEMPLATE,
    TEMPLATE_CODE, WhatsAppReply,
};
use crate::language::use_language;
use crate::pages::Typed;
use crate::ui::{FieldKind, Icon, TextField};

#[component]
pub(super) fn NewForm(reply: WhatsAppReply) -> impl IntoView {
    let language = use_language();
    let mut reply = reply;
    // One that came back has what was typed.
    if reply.problems.is_empty() {
        reply.typed.entry(GRAPH_URL.to_owned()).or_insert_with(|| DEFAULT_GRAPH_URL.to_owned());
    }
    view! {
        <form class="card stack" method="post" action=ADDRESS aria-labelledby="h-new" novalidate>
            <h2 id="h-new">{t!(language, "whatsapp.new")}</h2>
            <Fields reply/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "whatsapp.add")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The form with the settings of a number. It is closed at first, unless it came back.
#[component]
pub(super) fn ChangeForm(number: NumberView, reply: WhatsAppReply) -> impl IntoView {
    let language = use_language();
    let is_back = !reply.problems.is_empty() || reply.typed.contains_key(REVISION);
    // A form that is wrong or comes late still knows what it knew. One that was told of a change knows of it.
    let known = reply.typed.get(REVISION).cloned();
    let revision = known.unwrap_or_else(|| number.revision.to_string());
    let reply = if is_back { reply } else { WhatsAppReply { typed: typed(&number), ..reply } };
    view! {
        <details class="card" open=is_back>
            <summary><Icon name="chevron"/> {t!(language, "whatsapp.edit")}</summary>
            <form class="stack" method="post" action=format!("{ADDRESS}/{}", number.id.0) novalidate>
                <input type="hidden" name=REVISION value=revision/>
                <Fields reply/>
                <div class="row">
                    <button class="button button--main" type="submit" name=Deed::FIELD value=Deed::Edit.code()>
                        {t!(language, "whatsapp.save")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// The settings of a number as a form has them.
fn typed(number: &NumberView) -> Typed {
    let templates =
        Language::ALL.into_iter().filter_map(|language| number.templates.of(language)).flat_map(|template| {
            let code = template.language().code();
            [
                (format!("{TEMPLATE}{code}"), template.name().to_owned()),
                (format!("{TEMPLATE_CODE}{code}"), template.code().to_owned()),
            ]
        });
    let others = [
        (NAME, number.name.as_str()),
        (PHONE_NUMBER_ID, number.phone_number_id.as_str()),
        (GRAPH_URL, number.graph_url.as_str()),
        (SCOPE, number.scope.country.map_or("", Country::code)),
    ];
    let others = others.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    templates.chain(others).collect()
}

/// The settings of a number.
#[component]
fn Fields(reply: WhatsAppReply) -> impl IntoView {
    let language = use_language();
    let templates = Language::ALL.map(|of| {
        let [name, code] = [TEMPLATE, TEMPLATE_CODE].map(|field| format!("{field}{}", of.code()));
        let (typed_name, typed_code) = (reply.text(&name), reply.text(&code));
        let (wrong_name, wrong_code) = (reply.problem(&name), reply.problem(&code));
        let own_name = of.own_name();
        view! {
            <TextField name=name kind=FieldKind::Optional label=t!(language, "whatsapp.template", of = own_name)
                value=typed_name problem=wrong_name hint=t!(language, "whatsapp.template_hint")/>
            <TextField name=code kind=FieldKind::Optional
                label=t!(language, "whatsapp.template_code", of = own_name) value=typed_code problem=wrong_code/>
        }
    });
    view! {
        <div class="pairs">
            <TextField name=NAME kind=FieldKind::Text label=t!(language, "whatsapp.setting.name")
                value=reply.text(NAME) problem=reply.problem(NAME)/>
            <TextField name=PHONE_NUMBER_ID kind=FieldKind::Text label=t!(language, "whatsapp.setting.phone_number_id")
                value=reply.text(PHONE_NUMBER_ID) problem=reply.problem(PHONE_NUMBER_ID)
                hint=t!(language, "whatsapp.phone_number_id_hint")/>
            <TextField name=ACCESS_TOKEN kind=FieldKind::Secret label=t!(language, "whatsapp.setting.access_token")
                problem=reply.problem(ACCESS_TOKEN) hint=t!(language, "whatsapp.secret_hint")/>
            <TextField name=APP_SECRET kind=FieldKind::Secret label=t!(language, "whatsapp.setting.app_secret")
                problem=reply.problem(APP_SECRET) hint=t!(language, "whatsapp.secret_hint")/>
            <TextField name=GRAPH_URL kind=FieldKind::Url label=t!(language, "whatsapp.setting.graph_url")
                value=reply.text(GRAPH_URL) problem=reply.problem(GRAPH_URL)/>
            <ScopeChoice name=SCOPE label=t!(language, "whatsapp.setting.scope") chosen=reply.text(SCOPE)
                problem=reply.problem(SCOPE)/>
            {templates.collect_view()}
        </div>
    }
    .into_any()
}
