//! Calls at the reader's extension: their stream, the place of the pop-up, and numbers that the exchange dials.
//!
//! The code of the pop-up is in a part of the bundle (`app/src/parts.rs`). The stream is open while the page is visible, so
//! that tabs in the background hold no connection (docs/decisions/0057).

use domain::call::{CallDirection, CallNotice};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
#[cfg(not(feature = "ssr"))]
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::api::{Dialled, FrameState, Telephony, dial};
use crate::AppError;
use crate::effect::effect;
use crate::language::use_language;
use crate::live::{Message, follow};
use crate::ui::DeferredView;
use crate::wire::PageResource;

/// The stream of the reader's calls.
const STREAM: &str = "/events/calls";
/// The scheme of links that dial.
const TEL: &str = "tel:";

/// The call that is shown to the reader, for its pop-up.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages::staff) struct Ring(RwSignal<Option<CallNotice>>);

impl Ring {
    /// The call; `None` when there is none, or the page is gone.
    pub(in crate::pages::staff) fn notice(self) -> Option<CallNotice> {
        self.0.try_get().flatten()
    }

    /// Takes the call off the page.
    pub(in crate::pages::staff) fn close(self) {
        self.0.try_set(None);
    }
}

/// The reader's calls, and what is dialled for them. The server draws no call: they come by the stream.
#[component]
pub(super) fn Calls(
    /// What the frame has read.
    state: PageResource<Result<FrameState, AppError>>,
) -> impl IntoView {
    let language = use_language();
    let have = RwSignal::new(Telephony::default());
    effect(move || {
        if let Some(Ok(state)) = state.get() {
            have.set(state.telephony);
        }
    });
    let ring = Ring(RwSignal::new(None));
    provide_context(ring);
    let visible = RwSignal::new(false);
    effect(move || {
        visible.set(!document().hidden());
        let listening = window_event_listener_untyped("visibilitychange", move |_| {
            visible.try_set(!document().hidden());
        });
        on_cleanup(move || listening.remove());
    });
    let dialled = dial_by_exchange(have);
    let follows = Memo::new(move |_| have.get().is_reported && visible.get());
    let is_called = Memo::new(move |_| ring.0.with(Option::is_some));
    // The words are there before the pop-up, whose code may still be on its way.
    let news = Memo::new(move |_| match ring.0.get() {
        Some(call) => announced(language, call),
        None => dialled.get(),
    });
    view! {
        {move || follows.get().then(|| DeferredView::new(move || view! { <Follow ring/> }.into_any()))}
        <p class="sr" aria-live="polite">{move || news.get()}</p>
        {move || is_called.get().then(|| DeferredView::new(pop_up))}
    }
    .into_any()
}

/// What is told of a call, to readers who do not see its pop-up come.
fn announced(language: Language, CallNotice { direction, number, .. }: CallNotice) -> String {
    if number.is_empty() {
        return t!(language, "telephone.withheld").into_owned();
    }
    match direction {
        CallDirection::Incoming => t!(language, "telephone.call_of", number = number),
        CallDirection::Outgoing => t!(language, "telephone.call_to", number = number),
    }
}

/// Follows the reader's calls while it is drawn.
#[component]
fn Follow(ring: Ring) -> impl IntoView {
    let heard = move |Message { kind, data }: Message| {
        if kind == "call"
            && let Ok(call) = serde_json::from_str::<Option<CallNotice>>(&data)
        {
            ring.0.try_set(call);
        }
    };
    follow(STREAM.to_owned(), heard);
}

/// The pop-up, once its part is loaded.
#[cfg(not(feature = "ssr"))]
fn pop_up() -> AnyView {
    Suspend::new(SendWrapper::new(crate::parts::caller())).into_any()
}

/// The server draws no call.
#[cfg(feature = "ssr")]
fn pop_up() -> AnyView {
    ().into_any()
}

/// Lets the exchange dial the telephone links that the reader presses, where it can; what is told of the last one.
fn dial_by_exchange(have: RwSignal<Telephony>) -> ReadSignal<String> {
    let language = use_language();
    let path = use_location().pathname;
    let (dialled, tell) = signal(String::new());
    effect(move || {
        if !have.get().calls_out {
            return;
        }
        let listening = window_event_listener(ev::click, move |event| {
            let is_plain =
                !event.ctrl_key() && !event.meta_key() && !event.shift_key() && event.button() == 0;
            let Some(link) = link_of(&event).filter(|_| is_plain && !event.default_prevented()) else {
                return;
            };
            event.prevent_default();
            let case = path.try_with_untracked(|path| case_in(path)).flatten();
            spawn_local(async move {
                let number = link.trim_start_matches(TEL).to_owned();
                match dial(number.clone(), case).await {
                    Ok(Dialled::ByExchange) => {
                        tell.try_set(t!(language, "telephone.dialling", number = number));
                    }
                    // The exchange does not: the browser's own telephone does.
                    Ok(Dialled::ByHand) | Err(_) => drop(window().location().assign(&link)),
                }
            });
        });
        on_cleanup(move || listening.remove());
    });
    dialled
}

/// The address of the telephone link that was pressed.
fn link_of(event: &web_sys::MouseEvent) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let link = target.closest("a[href^='tel:']").ok()??;
    link.get_attribute("href")
}

/// The case whose page has this address.
fn case_in(path: &str) -> Option<CaseNumber> {
    let number = path.strip_prefix("/desk/cases/")?.trim_end_matches('/');
    CaseNumber::parse(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_from_the_page_of_a_case_is_about_it() {
        let number = CaseNumber::new(domain::country::Country::Ve, 2026, 4213).unwrap();
        assert_eq!(case_in("/desk/cases/VE2600421392"), Some(number));
        assert_eq!(case_in("/desk/cases/VE2600421392/"), Some(number));
        assert_eq!(case_in("/desk/agenda"), None);
    }
}
