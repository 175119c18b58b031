//! Notices above the form: a restored draft, a lost network, errors.

use domain::t;
use leptos::ev;
use leptos::prelude::*;

use super::asked::{Asked, Lookup};
use super::draft::Draft;
use super::part::{Piece, WholeForm, drawn};
use super::state::{FormState, id};
use crate::effect::effect;
use crate::language::use_language;
use crate::live::use_time;
use crate::ui::{Icon, Notice, RequiresScript, Tone, relative_time};

/// Says that a draft was restored, and offers to start over.
#[component]
pub(super) fn Restored(form: WholeForm) -> impl IntoView {
    let draft = form.sending.draft();
    move || draft.restored.get().and_then(|_| drawn(Piece::Restored, form))
}

/// The notice of a restored draft.
#[component]
pub(super) fn DraftNotice(draft: Draft, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let now = use_time().now_untracked();
    let written = draft.restored.get_untracked().unwrap_or(now);
    let at = lookup.offer.with_untracked(|offer| relative_time(language, &offer.hours.zone, written, now));
    view! {
        <Notice tone=Tone::Calm icon="undo">
            <div class="notice__acts">
                <span>{t!(language, "form.restored", at = at)}</span>
                <button class="textlink" type="button" on:click=move |_| draft.start_over()>
                    {t!(language, "form.start_over")}
                </button>
            </div>
        </Notice>
    }
    .into_any()
}

/// Says that the draft is stored in this browser, and offers to remove it: other people may use the browser next.
#[component]
pub(super) fn KeptHere(draft: Draft) -> impl IntoView {
    let language = use_language();
    // At the end of the form, so that it comes between no two fields.
    view! {
        <RequiresScript>
            <p class="note kept">
                {t!(language, "form.kept")} " "
                <button class="textlink" type="button" on:click=move |_| draft.start_over()>
                    {t!(language, "form.forget")}
                </button>
            </p>
        </RequiresScript>
    }
    .into_any()
}

/// Says that the network is gone. Once it is back, failed questions are asked again.
#[component]
pub(super) fn Offline(asked: Asked) -> impl IntoView {
    let language = use_language();
    let online = RwSignal::new(true);
    effect(move |_| {
        online.set(window().navigator().on_line());
        let gone = window_event_listener(ev::offline, move |_| online.set(false));
        let back = window_event_listener(ev::online, move |_| {
            online.set(true);
            asked.retry();
        });
        on_cleanup(move || {
            gone.remove();
            back.remove();
        });
    });
    move || {
        (!online.get()).then(|| {
            view! {
                <Notice tone=Tone::Care icon="offline">
                    <p class="notice__title">{t!(language, "form.offline.title")}</p>
                    <p>{t!(language, "form.offline.text")}</p>
                </Notice>
            }
        })
    }
}

/// The errors of the last try to send, with links to their fields. Only new lines are announced: a corrected field is no
/// news.
#[component]
pub(super) fn Wrong(filling: FormState) -> impl IntoView {
    let language = use_language();
    // On a reply of the server this list takes the focus; else the first wrong field does.
    let sent_back = filling.found_wrong.with_untracked(|wrong| !wrong.is_empty());
    move || {
        let wrong = filling.found_wrong.get();
        let title = match wrong.len() {
            0 => return None,
            1 => t!(language, "form.errors.one").into_owned(),
            count => t!(language, "form.errors.many", count = count),
        };
        let lines = wrong.into_iter().map(|(field, problem)| {
            let label = t!(language, field.label_key());
            let line = t!(language, "form.errors.line", label = label, problem = problem);
            view! {
                <li>
                    <a href=format!("#{}", id(field)) rel="external">{line}</a>
                </li>
            }
        });
        Some(view! {
            <div
                class="notice"
                data-tone=Tone::Bad.code()
                role="alert"
                aria-atomic="false"
                aria-relevant="additions"
                tabindex="-1"
                id="errors"
                autofocus=sent_back
            >
                <Icon name="alert"/>
                <div>
                    <p class="notice__title">{title}</p>
                    <ul>{lines.collect_view()}</ul>
                </div>
            </div>
        })
    }
}
