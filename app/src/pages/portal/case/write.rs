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
use crate::upload::{FILES, FilesField, chosen, send as send_files};

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
    let share = RwSignal::new(None::<u8>);
    let send = move |event: leptos::ev::SubmitEvent| {
        let files = inputs::form_of(&event).map(|form| chosen(&form, FILES)).unwrap_or_default();
        let ask = move |tracking: String, mut typed: Typed| async move {
            let text = typed.remove("text").unwrap_or_default();
            if files.is_empty() {
                return write_to_desk(tracking, text).await;
            }
            let address = TrackForm::Message.action(&tracking);
            send_files(language, address, vec![("text", text)], files, share).await
        };
        posting.send(&event, ask, |form| {
            form.reset();
            inputs::show(form, |name| (name == "text").then_some(""));
        });
    };
    let awaited =
        Memo::new(move |_| live.page.with(|page| page.status == Status::OnHold && page.waits_for_customer));
    let lead = move || t!(language, if awaited.get() { "track.write.awaited" } else { "track.write.lead" });
    view! {
        <section class="card stack" aria-labelledby="h-write">
            <h2 id="h-write">{t!(language, "track.write.title")}</h2>
            <p class="note" id="message-hint">{lead}</p>
            <form class="stack" method="post" enctype="multipart/form-data" action=posting.action() on:submit=send
                on:input=move |event| posting.clear_problem(&event)>
                <PostField posting name="text" id="message" label="track.write.text" most=4000 rows=3 required=true hint="message-hint"/>
                <FilesField id="message-files" problem=posting.problem(FILES) share/>
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
