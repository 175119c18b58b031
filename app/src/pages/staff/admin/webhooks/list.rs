//! The list of the webhooks: what each hears of, and how its deliveries fare.

use desk::webhooks::{LastAttempt, ReceiverUrl, WebhookView};
use domain::i18n::Language;
use domain::t;
use domain::webhook::DeliveryFailure;
use leptos::prelude::*;

use super::super::choices::scope_words;
use super::{ADDRESS, Clock, Listed};
use crate::language::use_language;
use crate::ui::Icon;

#[component]
pub(super) fn Table(listed: Listed) -> impl IntoView {
    let language = use_language();
    let Listed { rows, clock } = listed;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "webhook.none")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|webhook| row(language, webhook, &clock)).collect();
    let heads = [
        "webhook.name",
        "webhook.url",
        "webhook.format_label",
        "webhook.events",
        "webhook.scope",
        "webhook.state",
        "webhook.last",
        "webhook.queue",
    ]
    .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "webhook.list")>
            <table class="table">
                <caption class="sr">{t!(language, "webhook.list")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(language: Language, webhook: WebhookView, clock: &Clock) -> AnyView {
    let events = webhook.events.iter().map(|event| t!(language, event.name_key()).into_owned());
    let events = events.collect::<Vec<_>>().join(" · ");
    view! {
        <tr>
            <th scope="row"><a href=format!("{ADDRESS}/{}", webhook.id.0) rel="external">{webhook.name.clone()}</a></th>
            <td data-label=t!(language, "webhook.url")><span class="number number--any">{url_words(&webhook)}</span></td>
            <td data-label=t!(language, "webhook.format_label")>{t!(language, webhook.format.name_key())}</td>
            <td data-label=t!(language, "webhook.events")>{events}</td>
            <td data-label=t!(language, "webhook.scope")>{scope_words(language, webhook.scope)}</td>
            <td data-label=t!(language, "webhook.state")>{state(language, &webhook, clock)}</td>
            <td data-label=t!(language, "webhook.last")>{last(language, webhook.last, clock)}</td>
            <td data-label=t!(language, "webhook.queue")>{queue(language, &webhook)}</td>
        </tr>
    }
    .into_any()
}

/// A receiver's address as it is shown. That of a chat program is a secret, of which the host is shown.
pub(super) fn url_words(webhook: &WebhookView) -> String {
    if webhook.format.is_chat() {
        ReceiverUrl::parse(&webhook.url).map(|url| format!("{}/…", url.origin())).unwrap_or_default()
    } else {
        webhook.url.clone()
    }
}

/// Whether a webhook is paused.
pub(super) fn state(language: Language, webhook: &WebhookView, clock: &Clock) -> AnyView {
    let (look, icon, words) = match webhook.paused_at {
        None => ("met", "check", t!(language, "webhook.active").into_owned()),
        Some(at) => {
            ("paused", "paused", format!("{} {}", t!(language, "webhook.paused"), clock.local(language, at)))
        }
    };
    view! { <span class="state" data-state=look><Icon name=icon/> " " {words}</span> }.into_any()
}

/// The last attempt of a webhook.
pub(super) fn last(language: Language, last: Option<LastAttempt>, clock: &Clock) -> AnyView {
    let Some(LastAttempt { at, status, failure }) = last else {
        return t!(language, "webhook.never").into_owned().into_any();
    };
    let (look, icon) = if failure.is_some() { ("warning", "warning") } else { ("met", "check") };
    let words = format!("{} · {}", attempt_words(language, status, failure), clock.local(language, at));
    view! { <span class="state" data-state=look><Icon name=icon/> " " {words}</span> }.into_any()
}

/// What came of an attempt.
pub(super) fn attempt_words(
    language: Language,
    status: Option<u16>,
    failure: Option<DeliveryFailure>,
) -> String {
    let status = status.map(|status| format!("HTTP {status}"));
    let failure = failure.map(|failure| t!(language, failure.name_key()).into_owned());
    status.into_iter().chain(failure).collect::<Vec<_>>().join(" · ")
}

/// What waits, and what was given up.
pub(super) fn queue(language: Language, webhook: &WebhookView) -> String {
    let queued = t!(language, "webhook.queued", count = webhook.queued);
    let dead = t!(language, "webhook.dead", count = webhook.dead);
    format!("{queued} · {dead}")
}
