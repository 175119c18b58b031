//! Presence: colleagues who have the case open, and who of them is writing. It blocks nothing.

use domain::t;
use domain::view::{Company, Doing, Present};
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::api::tell_presence;
use super::state::CaseState;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::Icon;

/// Interval of the heartbeat; the server forgets a page after thirty seconds without one.
const SIGN_MS: u32 = 10_000;

/// The colleagues on the case, and the reader's own activity.
#[derive(Clone, Copy)]
pub(super) struct Presence {
    others: RwSignal<Vec<Present>>,
    /// The id that the server gave to this page.
    tab: RwSignal<String>,
    /// Whether something was typed since the last heartbeat.
    typed: StoredValue<bool>,
    doing: StoredValue<Doing>,
}

impl Presence {
    pub(super) fn new() -> Self {
        Self {
            others: RwSignal::new(Vec::new()),
            tab: RwSignal::new(String::new()),
            typed: StoredValue::new(false),
            doing: StoredValue::new(Doing::Reading),
        }
    }

    /// Applies a message of the server. An unknown message is ignored.
    pub(super) fn apply(self, data: &str) {
        let Ok(Company { tab, others }) = serde_json::from_str(data) else { return };
        self.others.try_set(others);
        self.tab.try_update(|known| *known = tab);
    }

    /// Sends heartbeats while the page is open, and one at once when the reader begins to type in a dialog.
    pub(super) fn send_heartbeats(self) {
        effect(move |_| {
            let typing = window_event_listener(ev::input, move |event| {
                if is_in_sheet(&event) {
                    self.typed.try_set_value(true);
                    if self.doing.try_get_value() == Some(Doing::Reading) {
                        self.say(Doing::Writing);
                    }
                }
            });
            on_cleanup(move || typing.remove());
            spawn_local(async move {
                loop {
                    TimeoutFuture::new(SIGN_MS).await;
                    // The page may be gone by now.
                    let Some(typed) = self.typed.try_get_value() else { return };
                    self.typed.set_value(false);
                    self.say(if typed { Doing::Writing } else { Doing::Reading });
                }
            });
        });
    }

    fn say(self, doing: Doing) {
        let Some(tab) = self.tab.try_get_untracked().filter(|tab| !tab.is_empty()) else { return };
        self.doing.try_set_value(doing);
        // A lost heartbeat is repaired by the next one; other parts of the page show that the server is not reached.
        spawn_local(async move { drop(tell_presence(tab, doing).await) });
    }
}

/// Whether an event comes from a field of a dialog.
fn is_in_sheet(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest("dialog.sheet").ok().flatten().is_some())
}

/// The colleagues who have the case open.
#[component]
pub(super) fn Others(case: CaseState) -> impl IntoView {
    let language = use_language();
    let line = move |present: Present| {
        let (icon, key) = match present.doing {
            Doing::Reading => ("person", "staff.presence.here"),
            Doing::Writing => ("note", "staff.presence.writing"),
        };
        view! { <li class="badge badge--line"><Icon name=icon/> " " {t!(language, key, name = present.name)}</li> }
    };
    view! {
        <div role="status" aria-label=t!(language, "staff.presence.label")>
            {move || {
                let others = case.company.others.get();
                (!others.is_empty())
                    .then(|| view! { <ul class="row">{others.into_iter().map(line).collect_view()}</ul> })
            }}
        </div>
    }
    .into_any()
}
