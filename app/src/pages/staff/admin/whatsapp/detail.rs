//! One number: what WhatsApp needs, how it stands, what is done to it, and its history.

use desk::webhooks::whatsapp::{NumberChange, NumberView, Tested};
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::webhook::DeliveryFailure;
use domain::whatsapp::WhatsAppSetting;
use leptos::prelude::*;

use super::super::choices::scope_words;
use super::super::moment;
use super::form::ChangeForm;
use super::{ADDRESS, Deed, Shown, WhatsAppReply, queue, state};
use crate::language::use_language;
use crate::ui::Icon;

#[component]
pub(super) fn Detail(shown: Shown, reply: WhatsAppReply) -> impl IntoView {
    let language = use_language();
    let Shown { number, changes, callback, verify_token } = shown;
    let described =
        [number.phone_number_id.clone(), scope_words(language, number.scope), queue(language, &number)];
    view! {
        <p><a href=ADDRESS rel="external">{t!(language, "whatsapp.back")}</a></p>
        <section class="card stack" aria-labelledby="h-number">
            <h2 id="h-number">{number.name.clone()}</h2>
            <p>{state(language, &number)}</p>
            <p>{t!(language, "whatsapp.tested")} ": " {tested(language, number.tested.as_ref())}</p>
            <p class="quiet">{described.join(" · ")}</p>
            <dl class="facts">
                <div>
                    <dt>{t!(language, "whatsapp.callback")}</dt>
                    <dd><span class="number number--any">{callback}</span></dd>
                </div>
                <div>
                    <dt>{t!(language, "whatsapp.verify_token")}</dt>
                    <dd><span class="number number--any">{verify_token}</span></dd>
                </div>
            </dl>
            <p class="note">{t!(language, "whatsapp.callback_hint")}</p>
            {actions(language, &number)}
        </section>
        <ChangeForm number=number.clone() reply/>
        {history(language, changes)}
    }
    .into_any()
}

/// The last test, with what the API said.
fn tested(language: Language, tested: Option<&Tested>) -> AnyView {
    let Some(Tested { at, came }) = tested else {
        return t!(language, "whatsapp.never").into_owned().into_any();
    };
    let (look, icon, words) = match came {
        Ok(words) => ("met", "check", words.clone()),
        Err(words) => {
            let failure = DeliveryFailure::from_code(words);
            let words = failure
                .map_or_else(|| words.clone(), |failure| t!(language, failure.name_key()).into_owned());
            ("warning", "warning", words)
        }
    };
    let words = format!("{words} · {}", moment(language, *at));
    view! { <span class="state" data-state=look><Icon name=icon/> " " {words}</span> }.into_any()
}

fn actions(language: Language, number: &NumberView) -> AnyView {
    let id = number.id.0;
    let is_on = number.paused_at.is_none();
    let switch = if is_on {
        button(id, Deed::Off, t!(language, "whatsapp.switch_off").into_owned())
    } else {
        button(id, Deed::On, t!(language, "whatsapp.switch_on").into_owned())
    };
    let can_test = is_on && number.has_secrets;
    let test = can_test.then(|| button(id, Deed::Test, t!(language, "whatsapp.test").into_owned()));
    let can_replay = can_test && number.dead > 0;
    let replay = can_replay.then(|| button(id, Deed::Replay, t!(language, "whatsapp.replay").into_owned()));
    view! {
        <div class="row">
            {test}
            {switch}
            {replay}
            <details class="revoke">
                <summary class="button button--quiet">{t!(language, "whatsapp.remove")}</summary>
                <form class="stack stack--tight" method="post" action=format!("{ADDRESS}/{id}")>
                    <p class="note">{t!(language, "whatsapp.remove_sure")}</p>
                    <button class="button" type="submit" name=Deed::FIELD value=Deed::Remove.code()>
                        {t!(language, "whatsapp.remove_yes")}
                    </button>
                </form>
            </details>
        </div>
    }
    .into_any()
}

/// A button that does something at once.
fn button(id: i64, deed: Deed, words: String) -> AnyView {
    view! {
        <form method="post" action=format!("{ADDRESS}/{id}")>
            <button class="button" type="submit" name=Deed::FIELD value=deed.code()>{words}</button>
        </form>
    }
    .into_any()
}

/// What was changed, the newest first.
fn history(language: Language, changes: Vec<NumberChange>) -> AnyView {
    let entries: Vec<_> = changes.into_iter().map(|change| entry(language, &change)).collect();
    let body = if entries.is_empty() {
        view! { <p class="note">{t!(language, "whatsapp.no_changes")}</p> }.into_any()
    } else {
        view! { <ul class="stack stack--tight">{entries}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="h-history">
            <h2 id="h-history">{t!(language, "whatsapp.history")}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn entry(language: Language, change: &NumberChange) -> AnyView {
    let NumberChange { at, by, setting, former, current } = change;
    let by = match by {
        Author::Staff { name, .. } | Author::Integration { name, .. } => format!(" · {name}"),
        Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } | Author::System => {
            String::new()
        }
    };
    let value = |stored: &str| match setting {
        WhatsAppSetting::Scope if stored.is_empty() => t!(language, "pair.all").into_owned(),
        WhatsAppSetting::Scope => Country::from_code(stored)
            .map_or_else(|| stored.to_owned(), |country| t!(language, country.name_key()).into_owned()),
        _ if stored.is_empty() => "-".to_owned(),
        _ => stored.to_owned(),
    };
    let what = match setting {
        WhatsAppSetting::AccessToken | WhatsAppSetting::AppSecret => {
            t!(language, "whatsapp.secret_changed").into_owned()
        }
        _ => format!("{} → {}", value(former), value(current)),
    };
    view! {
        <li>
            <strong>{t!(language, setting.name_key())}</strong> ": " {what}
            <br/> <span class="quiet">{moment(language, *at)} {by}</span>
        </li>
    }
    .into_any()
}
