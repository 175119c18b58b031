//! The customer cancels their case: asked first whether they mean it, with plain HTML that works without a script.

use domain::t;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::{Confirmed, cancel_case};
use super::kept::Kept;
use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, NoSendByEnter, Notice, Tone};

/// The way to cancel, as long as the case is open.
#[component]
pub(super) fn Cancel(kept: Kept) -> impl IntoView {
    let is_open = Memo::new(move |_| kept.page.with(|page| page.status.is_open()));
    move || is_open.get().then(|| view! { <Form kept/> })
}

#[component]
fn Form(kept: Kept) -> impl IntoView {
    let language = use_language();
    let confirmed = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let sending = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let action = kept.tracking.with_value(|tracking| format!("/track/{tracking}/cancel"));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        failed.set(None);
        let meant = confirmed.get_untracked().then_some(Confirmed::Yes);
        spawn_local(async move {
            let outcome = cancel_case(kept.tracking.get_value(), meant, reason.get_untracked()).await;
            // The page may be gone by now; what was cancelled is cancelled.
            if sending.try_set(false).is_none() {
                failed.set(outcome.err());
                kept.read_again().await;
            }
        });
    };
    view! {
        <details class="card">
            <summary><Icon name="chevron"/> " " {t!(language, "track.cancel.title")}</summary>
            <form class="stack" method="post" action=action on:submit=send>
                <NoSendByEnter/>
                <p class="note">{t!(language, "track.cancel.lead")}</p>
                <div class="field">
                    <label class="field__label" for="cancel-reason">{t!(language, "track.cancel.reason")}</label>
                    <div class="field__box">
                        <input class="field__input" id="cancel-reason" name="reason" autocomplete="off"
                            maxlength="400" bind:value=reason/>
                    </div>
                </div>
                <label class="check">
                    <input type="checkbox" name="confirmed" value="yes" required=true bind:checked=confirmed/>
                    <span>{t!(language, "track.cancel.confirm")}</span>
                </label>
                <div role="alert">
                    {move || {
                        failed
                            .get()
                            .map(|error| {
                                view! { <Notice tone=Tone::Bad icon="alert"><p>{error.words(language)}</p></Notice> }
                            })
                    }}
                </div>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || sending.get().then_some("true")>
                        {t!(language, "track.cancel.act")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
