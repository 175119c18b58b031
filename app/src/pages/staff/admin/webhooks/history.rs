//! What was changed of a webhook, when and by whom.

use desk::webhooks::WebhookChange;
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::webhook::{WebhookEvent, WebhookFormat, WebhookSetting};
use leptos::prelude::*;

use super::Clock;

/// The entries, the newest first.
pub(super) fn history(language: Language, changes: Vec<WebhookChange>, clock: &Clock) -> AnyView {
    let entries: Vec<_> = changes.into_iter().map(|change| entry(language, &change, clock)).collect();
    let body = if entries.is_empty() {
        view! { <p class="note">{t!(language, "webhook.no_changes")}</p> }.into_any()
    } else {
        view! { <ul class="stack stack--tight">{entries}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="h-history">
            <h2 id="h-history">{t!(language, "webhook.history")}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn entry(language: Language, change: &WebhookChange, clock: &Clock) -> AnyView {
    let WebhookChange { at, by, setting, former, current } = change;
    let by = match by {
        Author::Staff { name, .. } | Author::Integration { name, .. } => format!(" · {name}"),
        Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } | Author::System => {
            String::new()
        }
    };
    let name = t!(language, setting.name_key());
    let (former, current) = (value(language, *setting, former), value(language, *setting, current));
    view! {
        <li>
            <strong>{name}</strong> ": " {former} " → " {current}
            <br/> <span class="quiet">{clock.local(language, *at)} {by}</span>
        </li>
    }
    .into_any()
}

/// A value of a setting in words.
fn value(language: Language, setting: WebhookSetting, stored: &str) -> String {
    let words = |key: Option<&'static str>| {
        key.map_or_else(|| stored.to_owned(), |key| t!(language, key).into_owned())
    };
    match setting {
        WebhookSetting::Name => stored.to_owned(),
        WebhookSetting::Url => format!("{stored}/…"),
        WebhookSetting::Events => {
            let event = |code: &str| match WebhookEvent::from_code(code) {
                Some(event) => t!(language, event.name_key()).into_owned(),
                None => code.to_owned(),
            };
            stored.split_whitespace().map(event).collect::<Vec<_>>().join(", ")
        }
        WebhookSetting::Scope if stored.is_empty() => t!(language, "pair.all").into_owned(),
        WebhookSetting::Scope => words(Country::from_code(stored).map(Country::name_key)),
        WebhookSetting::Format => words(WebhookFormat::from_code(stored).map(WebhookFormat::name_key)),
        WebhookSetting::Language => {
            Language::from_code(stored).map_or_else(|| stored.to_owned(), |of| of.own_name().to_owned())
        }
    }
}
