//! One webhook: what it hears of, its deliveries, and what is done to it.

use desk::webhooks::{About, DeliveryView, WebhookView};
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::t;
use domain::webhook::{DeliveryState, WebhookEvent};
use leptos::prelude::*;

use super::super::choices::scope_words;
use super::form::ChangeForm;
use super::history::history;
use super::list::{attempt_words, last, queue, state, url_words};
use super::{ADDRESS, Clock, Deed, ROTATED, Shown, WebhooksReply};
use crate::language::use_language;
use crate::ui::{Icon, Pager};

#[component]
pub(super) fn Detail(shown: Shown, reply: WebhooksReply) -> impl IntoView {
    let language = use_language();
    let Shown { webhook, deliveries, changes, clock } = shown;
    let id = webhook.id.0;
    let has_dead = webhook.dead > 0;
    view! {
        <p><a href=ADDRESS rel="external">{t!(language, "webhook.back")}</a></p>
        <section class="card stack" aria-labelledby="h-webhook">
            <h2 id="h-webhook">{webhook.name.clone()}</h2>
            <p class="number number--any">{url_words(&webhook)}</p>
            <p>{state(language, &webhook, &clock)}</p>
            <p>{t!(language, "webhook.last")} ": " {last(language, webhook.last, &clock)}</p>
            <p class="quiet">{described(language, &webhook)}</p>
            {actions(language, &webhook)}
        </section>
        <ChangeForm webhook=webhook.clone() reply/>
        <section class="stack" aria-labelledby="h-deliveries">
            <div class="row row--apart">
                <h2 id="h-deliveries">{t!(language, "webhook.deliveries")}</h2>
                {has_dead.then(|| button(id, Deed::ReplayAll, t!(language, "webhook.replay_all").into_owned()))}
            </div>
            {table(language, id, deliveries, &clock)}
        </section>
        {history(language, changes, &clock)}
    }
    .into_any()
}

/// Format, events, scope and queue in one line.
fn described(language: Language, webhook: &WebhookView) -> String {
    let events = webhook.events.iter().map(|event| t!(language, event.name_key()).into_owned());
    let events = events.collect::<Vec<_>>().join(", ");
    let format = t!(language, webhook.format.name_key()).into_owned();
    let spoken = webhook.format.is_chat().then(|| webhook.language.own_name().to_owned());
    let rest = [events, scope_words(language, webhook.scope), queue(language, webhook)];
    std::iter::once(format).chain(spoken).chain(rest).collect::<Vec<_>>().join(" · ")
}

fn actions(language: Language, webhook: &WebhookView) -> AnyView {
    let id = webhook.id.0;
    let is_paused = webhook.paused_at.is_some();
    let pause = if is_paused {
        button(id, Deed::Resume, t!(language, "webhook.resume").into_owned())
    } else {
        button(id, Deed::Pause, t!(language, "webhook.pause").into_owned())
    };
    let seen = webhook.rotated_at.map_or(0, |at| at.0).to_string();
    // Chat programs verify no signature.
    let rotate = (!webhook.format.is_chat()).then(|| {
        confirmed(
            language,
            id,
            Deed::Rotate,
            ("webhook.rotate", "webhook.rotate_sure", "webhook.rotate_yes"),
            Some(view! { <input type="hidden" name=ROTATED value=seen/> }.into_any()),
        )
    });
    let test = (!is_paused).then(|| button(id, Deed::Test, t!(language, "webhook.test").into_owned()));
    view! {
        <div class="row">
            {test}
            {pause}
            {rotate}
            {confirmed(
                language,
                id,
                Deed::Remove,
                ("webhook.remove", "webhook.remove_sure", "webhook.remove_yes"),
                None,
            )}
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

/// A button that asks first: its own words, the question, and the words of the answer. `hidden` goes with the answer.
fn confirmed(
    language: Language,
    id: i64,
    deed: Deed,
    (name, sure, yes): (&'static str, &'static str, &'static str),
    hidden: Option<AnyView>,
) -> AnyView {
    view! {
        <details class="revoke">
            <summary class="button button--quiet">{t!(language, name)}</summary>
            <form class="stack stack--tight" method="post" action=format!("{ADDRESS}/{id}")>
                <p class="note">{t!(language, sure)}</p>
                {hidden}
                <button class="button" type="submit" name=Deed::FIELD value=deed.code()>{t!(language, yes)}</button>
            </form>
        </details>
    }
    .into_any()
}

fn table(language: Language, id: i64, page: Page<DeliveryView>, clock: &Clock) -> AnyView {
    let Page { rows, paging } = page;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "webhook.no_deliveries")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|delivery| row(language, id, delivery, clock)).collect();
    let heads = ["webhook.what", "webhook.state", "webhook.attempts", "webhook.answer", "webhook.delivery"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let Paging { pages, .. } = paging;
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "webhook.deliveries")>
            <table class="table">
                <caption class="sr">{t!(language, "webhook.deliveries")}</caption>
                <thead>
                    <tr>
                        {heads.collect_view()}
                        <th scope="col"><span class="sr">{t!(language, "webhook.replay")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(pages > 1).then(|| view! { <Pager paging to=move |page| format!("{ADDRESS}/{id}?page={page}")/> })}
    }
    .into_any()
}

fn row(language: Language, id: i64, delivery: DeliveryView, clock: &Clock) -> AnyView {
    let what = match delivery.about {
        About::Test => t!(language, "webhook.test_sent").into_owned().into_any(),
        About::Call => t!(language, WebhookEvent::CallRequested.name_key()).into_owned().into_any(),
        About::Case(number, event) => {
            let compact = number.as_compact();
            view! {
                {t!(language, event.name_key())} " · "
                <a class="number" href=format!("/desk/cases/{compact}") rel="external">{number.to_string()}</a>
            }
            .into_any()
        }
    };
    let (look, icon) = match delivery.state {
        DeliveryState::Queued => ("running", "running"),
        DeliveryState::Delivered => ("met", "check"),
        DeliveryState::Dead => ("breached", "breached"),
    };
    let at = delivery.ended_at.unwrap_or(delivery.created_at);
    let next = delivery.next_attempt_at.filter(|_| delivery.attempts > 0);
    let next = next.map(|at| format!(" · {} {}", t!(language, "webhook.next"), clock.local(language, at)));
    let state = format!("{} · {}", t!(language, delivery.state.name_key()), clock.local(language, at));
    let came = attempt_words(language, delivery.status, delivery.failure);
    let replay = (delivery.state == DeliveryState::Dead).then(|| {
        let label = format!("{} · {}", t!(language, "webhook.replay"), delivery.id);
        view! {
            <form method="post" action=format!("{ADDRESS}/{id}")>
                <input type="hidden" name=Deed::DELIVERY value=delivery.id.clone()/>
                <button class="button button--quiet" type="submit" name=Deed::FIELD value=Deed::Replay.code()
                    aria-label=label>
                    {t!(language, "webhook.replay")}
                </button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{what}</th>
            <td data-label=t!(language, "webhook.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {state}</span>
                {next}
            </td>
            <td data-label=t!(language, "webhook.attempts")>{delivery.attempts}</td>
            <td data-label=t!(language, "webhook.answer")>
                {came}
                {delivery.answer.map(|answer| view! { <br/> <span class="quiet">{answer}</span> })}
            </td>
            <td data-label=t!(language, "webhook.delivery")><span class="number number--any">{delivery.id}</span></td>
            <td>{replay}</td>
        </tr>
    }
    .into_any()
}
