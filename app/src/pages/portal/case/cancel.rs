//! The customer's form to cancel the case, with a confirmation: plain HTML that works without a script.

use domain::t;
use leptos::prelude::*;

use super::api::{Confirmed, cancel_case};
use super::live_case::LiveCase;
use super::posting::{Outcome, PostField, Posting, TrackForm};
use crate::language::use_language;
use crate::pages::Typed;
use crate::ui::{FieldError, Icon, NoSendByEnter};

/// The form, while the case is open.
#[component]
pub(super) fn Cancel(live: LiveCase) -> impl IntoView {
    let is_open = Memo::new(move |_| live.page.with(|page| page.status.is_open()));
    move || is_open.get().then(|| view! { <Form live/> })
}

#[component]
fn Form(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let posting = Posting::new(live, TrackForm::Cancel);
    let is_confirmed = posting.begins_with("confirmed", String::new()) == "yes";
    let unconfirmed = posting.problem("confirmed");
    let send = move |event: leptos::ev::SubmitEvent| {
        let ask = |tracking, mut typed: Typed| {
            let confirmed = typed.contains_key("confirmed").then_some(Confirmed::Yes);
            cancel_case(tracking, confirmed, typed.remove("reason").unwrap_or_default())
        };
        posting.send(&event, ask, |_| ());
    };
    view! {
        <details class="card" open=posting.is_back()>
            <summary><Icon name="chevron"/> " " {t!(language, "track.cancel.title")}</summary>
            <form class="stack" method="post" action=posting.action() on:submit=send
                on:input=move |event| posting.clear_problem(&event)>
                <NoSendByEnter/>
                <p class="note">{t!(language, "track.cancel.lead")}</p>
                <PostField posting name="reason" id="cancel-reason" label="track.cancel.reason" most=400/>
                <div class="field">
                    <label class="check">
                        <input type="checkbox" name="confirmed" value="yes" required=true checked=is_confirmed
                            aria-invalid=move || unconfirmed.get().map(|_| "true")
                            aria-describedby=move || unconfirmed.get().map(|_| "cancel-confirmed-error")/>
                        <span>{t!(language, "track.cancel.confirm")}</span>
                    </label>
                    <FieldError id="cancel-confirmed" error=unconfirmed/>
                </div>
                <Outcome posting/>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || posting.busy()>
                        {t!(language, "track.cancel.act")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
