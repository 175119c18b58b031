//! The customer writes to the desk on the page of their case: plain HTML that works without a script.

use domain::case::{Event, PauseReason, Status};
use domain::t;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::api::write_to_desk;
use super::kept::Kept;
use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, Notice, Tone};

/// How a message fares.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Post {
    Writing,
    Sending,
    Sent,
    Failed(AppError),
}

/// The form, as long as the case is open.
#[component]
pub(super) fn Write(kept: Kept) -> impl IntoView {
    let is_open = Memo::new(move |_| kept.page.with(|page| page.status.is_open()));
    move || is_open.get().then(|| view! { <Form kept/> })
}

#[component]
fn Form(kept: Kept) -> impl IntoView {
    let language = use_language();
    let post = RwSignal::new(Post::Writing);
    let action = kept.tracking.with_value(|tracking| format!("/track/{tracking}/message"));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(area) = written() else { return };
        if post.with_untracked(|post| *post == Post::Sending) {
            return;
        }
        post.set(Post::Sending);
        spawn_local(async move {
            let outcome = write_to_desk(kept.tracking.get_value(), area.value()).await;
            // The page may be gone by now; what was written is written.
            match outcome {
                Ok(()) => {
                    area.set_value("");
                    post.try_set(Post::Sent);
                }
                Err(error) => {
                    post.try_set(Post::Failed(error));
                }
            }
            kept.read_again().await;
        });
    };
    let awaited =
        Memo::new(move |_| kept.page.with(|page| page.status == Status::OnHold && awaits(&page.history)));
    let lead = move || t!(language, if awaited.get() { "track.write.awaited" } else { "track.write.lead" });
    view! {
        <section class="card stack" aria-labelledby="h-write">
            <h2 id="h-write">{t!(language, "track.write.title")}</h2>
            <p class="note" id="message-hint">{lead}</p>
            <form class="stack" method="post" action=action on:submit=send>
                <div class="field">
                    <label class="field__label" for="message">{t!(language, "track.write.text")}</label>
                    <div class="field__box">
                        <textarea class="field__input field__input--short" id="message" name="text" rows="3"
                            maxlength="4000" required=true aria-describedby="message-hint"></textarea>
                    </div>
                </div>
                <div role="status">{move || told(language, &post.get())}</div>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || post.with(|post| *post == Post::Sending).then_some("true")>
                        <Icon name="mail"/> " " {t!(language, "track.write.send")}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// Where the customer writes. The browser alone keeps the text: nothing of the page follows it.
fn written() -> Option<web_sys::HtmlTextAreaElement> {
    document().get_element_by_id("message")?.dyn_into().ok()
}

/// Whether the latest wait is one for the customer.
fn awaits(history: &[domain::case::Recorded]) -> bool {
    let latest = history.iter().rev().find_map(|entry| match &entry.event {
        Event::Paused { reason, .. } => Some(*reason),
        _ => None,
    });
    latest == Some(PauseReason::Customer)
}

fn told(language: domain::words::Language, post: &Post) -> Option<AnyView> {
    match post {
        Post::Writing | Post::Sending => None,
        Post::Sent => Some(
            view! { <p class="note"><Icon name="check"/> " " {t!(language, "track.write.sent")}</p> }
                .into_any(),
        ),
        Post::Failed(error) => {
            let words = error.words(language);
            Some(view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }.into_any())
        }
    }
}
