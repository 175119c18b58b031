//! The customer's message to the desk, on the case's page: plain HTML that works without a script.

use domain::case::Status;
use domain::t;
use leptos::prelude::*;

use super::api::write_to_desk;
use super::live_case::LiveCase;
use super::posting::{Outcome, PostField, Posting, TrackForm};
use crate::language::use_language;
use crate::pages::Typed;
use crate::ui::{Icon, inputs};

/// The form, while the case is open.
#[component]
pub(super) fn Write(live: LiveCase) -> impl IntoView {
    let is_open = Memo::new(move |_| live.page.with(|page| page.status.is_open()));
    move || is_open.get().then(|| view! { <Form live/> })
}

#[component]
fn Form(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let posting = Posting::new(live, TrackForm::Message);
    let send = move |event: leptos::ev::SubmitEvent| {
        let ask =
            |tracking, mut typed: Typed| write_to_desk(tracking, typed.remove("text").unwrap_or_default());
        posting.send(&event, ask, |form| inputs::show(form, |name| (name == "text").then_some("")));
    };
    let awaited =
        Memo::new(move |_| live.page.with(|page| page.status == Status::OnHold && page.waits_for_customer));
    let lead = move || t!(language, if awaited.get() { "track.write.awaited" } else { "track.write.lead" });
    view! {
        <section class="card stack" aria-labelledby="h-write">
            <h2 id="h-write">{t!(language, "track.write.title")}</h2>
            <p class="note" id="message-hint">{lead}</p>
            <form class="stack" method="post" action=posting.action() on:submit=send
                on:input=move |event| posting.clear_problem(&event)>
                <PostField posting name="text" id="message" label="track.write.text" most=4000 rows=3 required=true hint="message-hint"/>
                <Outcome posting done="track.write.sent"/>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || posting.busy()>
                        <Icon name="mail"/> " " {t!(language, "track.write.send")}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
