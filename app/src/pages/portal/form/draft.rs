//! The draft: what was typed is kept in the browser, and comes back after a reload, a lost network or a closed tab.

use domain::intake::IntakeForm;
use domain::time::Instant;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use web_sys::HtmlFormElement;

use super::elements;
use super::latest::Latest;
use super::state::{FormState, write};
use crate::drafts::{Lasts, Slot, are_kept};
use crate::effect::effect;
use crate::live::Time;

/// Kept after a pause in typing this long.
const PAUSE_MS: u32 = 300;
/// A draft older than this is forgotten: it holds names and telephone numbers.
const KEPT_S: i64 = 7 * 24 * 3600;

/// A sending that was not answered: sent again as it was, it must not open a second case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Unanswered {
    key: String,
    form: IntakeForm,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedForm {
    form: IntakeForm,
    /// Until a form is sent, each page has a key of its own, so that two pages with the same draft open two cases.
    #[serde(default)]
    unanswered: Option<Unanswered>,
    at: Instant,
}

/// How far the form of a page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The page is not alive: its form is empty, and the draft would be forgotten.
    Asleep,
    /// It is being filled in.
    Filling,
    /// The case is open: nothing is left to keep.
    Taken,
}

/// The draft of a form, with the key of its submission.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) filling: FormState,
    time: Time,
    /// The key of what is sent from this page.
    key: StoredValue<String>,
    unanswered: StoredValue<Option<Unanswered>>,
    stage: StoredValue<Stage>,
    latest: Latest,
    /// When the draft that was brought back was written.
    pub(super) restored: RwSignal<Option<Instant>>,
}

impl Draft {
    /// The draft of a form whose page made `key`.
    pub(super) fn new(filling: FormState, key: String, time: Time) -> Self {
        Self {
            filling,
            time,
            key: StoredValue::new(key),
            unanswered: StoredValue::new(None),
            stage: StoredValue::new(Stage::Asleep),
            latest: Latest::new(),
            restored: RwSignal::new(None),
        }
    }

    /// Keeps what was typed when the page is left in the middle of it, without waiting for a pause.
    pub(super) fn keep_when_left(self) {
        effect(move |_| {
            let leaving = window_event_listener_untyped("pagehide", move |_| self.keep());
            on_cleanup(move || leaving.remove());
        });
    }

    /// Brings the draft back, once: when the page comes alive.
    pub(super) fn wake(self, form: &HtmlFormElement) {
        if self.stage.get_value() == Stage::Asleep {
            self.stage.set_value(Stage::Filling);
            self.bring_back(typed_here(form));
        }
    }

    /// Keeps what was typed, once typing pauses.
    pub(super) fn keep_soon(self) {
        let turn = self.latest.next();
        spawn_local(async move {
            if turn.wait(PAUSE_MS).await {
                self.keep();
            }
        });
    }

    /// The submission goes out; the key that it is sent with. Until it is answered that key is kept with the draft, and never
    /// goes on to somebody else who finds the draft.
    pub(super) fn sending(self) -> String {
        let form = self.filling.form.get_untracked();
        let earlier = self.unanswered.get_value().filter(|sent| sent.form.is_of_same_sender(&form));
        let key = earlier.map_or_else(|| self.key.get_value(), |sent| sent.key);
        self.unanswered.set_value(Some(Unanswered { key: key.clone(), form }));
        self.keep();
        key
    }

    /// What is sent next is another intent.
    pub(super) fn renew(self, key: String) {
        self.key.set_value(key);
        self.unanswered.set_value(None);
    }

    /// The server answered: the key is nothing that must be kept.
    pub(super) fn answered(self) {
        self.unanswered.set_value(None);
        self.keep();
    }

    /// The case is open: nothing is left to keep.
    pub(super) fn done(self) {
        self.stage.set_value(Stage::Taken);
        self.latest.next();
        slot(self.filling).forget();
    }

    /// Throws the draft away, with its key.
    pub(super) fn start_over(self) {
        self.unanswered.set_value(None);
        self.restored.set(None);
        self.filling.clear();
        self.latest.next();
        slot(self.filling).forget();
    }

    /// What was typed before the page came alive wins over the draft; what the server sent back wins over both.
    fn bring_back(self, typed: Vec<(String, String)>) {
        let mut form = self.filling.form.get_untracked();
        let untouched = self.filling.is_untouched(&form);
        let kept = slot(self.filling)
            .load::<SavedForm>()
            .filter(|kept| self.time.now_untracked().since(kept.at) < KEPT_S);
        if let Some(kept) = kept.filter(|_| untouched) {
            form = kept.form;
            self.restored.set(Some(kept.at));
            self.unanswered.set_value(kept.unanswered);
        }
        let begins_with = |name: &str, value: &str| {
            self.filling.initial.with_value(|initial| initial.typed(name) == Some(value))
        };
        for (name, value) in typed {
            // What the server wrote there was not typed.
            if begins_with(&name, &value) {
                continue;
            }
            if form.typed(&name).is_some_and(|known| known != value) {
                write(&mut form, &name, value);
            }
        }
        if form != self.filling.form.get_untracked() {
            self.filling.form.set(form);
        }
    }

    fn keep(self) {
        if self.stage.get_value() != Stage::Filling {
            return;
        }
        let form = self.filling.form.get_untracked();
        if self.filling.is_untouched(&form) {
            return slot(self.filling).forget();
        }
        let unanswered = self.unanswered.get_value();
        slot(self.filling).keep(&SavedForm { form, unanswered, at: self.time.now_untracked() });
    }
}

/// What was typed before the page came alive. A browser that goes back, or reloads, fills in by itself some of what stood in
/// a form before, and knows neither whether it was sent nor what was thrown away: there the draft knows better.
fn typed_here(form: &HtmlFormElement) -> Vec<(String, String)> {
    if are_kept() && elements::is_shown_again() { Vec::new() } else { elements::typed(form) }
}

/// A form that takes up a case keeps a draft of its own; a member of the staff has their own as well.
pub(super) fn slot(filling: FormState) -> Slot {
    let name = |name: &str| {
        filling.follows.with_value(|follows| match follows.as_str() {
            "" => name.to_owned(),
            // Of a link its number alone: the secret is not kept.
            follows => format!("{name}.{}", follows.split('-').next().unwrap_or_default()),
        })
    };
    match filling.writer {
        Some(person) => Slot::of(person, Lasts::Browser, &name("intake")),
        None => Slot::of_browser(Lasts::Browser, &name("draft")),
    }
}
