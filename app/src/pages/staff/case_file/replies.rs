//! Canned replies, read when they are asked for: a choice puts its text into the field, where it stays editable.

use domain::t;
use domain::wording::FilledReply;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};

use super::api::read_replies;
use super::state::{CaseState, focus};
use crate::AppError;
use crate::language::use_language;
use crate::ui::pending::use_pending;

/// The button that asks for the replies; then the choice among them, until one is made. What was typed before stays above
/// the text.
#[component]
pub(super) fn CannedReplies(
    case: CaseState,
    /// The field that gets the text.
    text: RwSignal<String>,
    /// Its error.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let replies = RwSignal::new(None::<Result<Vec<FilledReply>, AppError>>);
    let ask = move |_| {
        spawn_local(async move {
            let read = read_replies(case.number).await;
            let is_found = read.as_ref().is_ok_and(|replies| !replies.is_empty());
            // The page may be gone by now.
            if replies.try_set(Some(read)).is_none() {
                // The button disappears with its focus.
                tick().await;
                focus(if is_found { "news-reply" } else { "news-text" });
            }
        });
    };
    let choose = move |place: &str| {
        let Ok(place) = place.parse::<usize>() else { return };
        let chosen =
            replies.with_untracked(|read| Some(read.as_ref()?.as_ref().ok()?.get(place)?.text.clone()));
        let Some(chosen) = chosen else { return };
        text.update(|text| {
            if !text.trim().is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&chosen);
        });
        problem.set(None);
        // The next use asks again: the case may have changed by then.
        replies.set(None);
        focus("news-text");
    };
    let button = move || {
        view! {
            <button class="textlink" type="button" on:click=ask>{t!(language, "staff.replies.open")}</button>
        }
    };
    move || {
        replies.with(|read| match read {
            None => button().into_any(),
            Some(Err(error)) => {
                let words = error.message(language);
                view! { <p class="field__error" role="alert">{words}</p> {button()} }.into_any()
            }
            Some(Ok(read)) if read.is_empty() => {
                view! { <p class="note" role="status">{t!(language, "staff.replies.none")}</p> }.into_any()
            }
            Some(Ok(read)) => {
                let choices = read.iter().enumerate().map(|(place, reply)| {
                    view! { <option value=place.to_string()>{reply.name.clone()}</option> }
                });
                view! {
                    <div class="field">
                        <label class="field__label" for="news-reply">{t!(language, "staff.replies.choose")}</label>
                        <div class="field__box">
                            <select class="field__input" id="news-reply" disabled=move || pending.get()
                                on:change=move |event| choose(&event_target_value(&event))>
                                <option value="">"–"</option>
                                {choices.collect_view()}
                            </select>
                        </div>
                    </div>
                }
                .into_any()
            }
        })
    }
}
