//! The draft: what was typed is kept in the browser, and comes back after a reload, a lost network or a closed tab.

use domain::intake::IntakeForm;
use domain::time::Instant;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use web_sys::HtmlFormElement;

use super::elements;
use super::filling::{Filling, read, write};
use super::latest::Latest;
use crate::live::Time;

/// Kept after a pause in typing this long.
const PAUSE_MS: u32 = 300;
/// A draft older than this is forgotten: it holds names and telephone numbers.
const KEPT_S: i64 = 7 * 24 * 3600;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    form: IntakeForm,
    /// The submission's key once it was sent without an answer: the next try must not open a second case. Until then
    /// each page has a key of its own, so that two pages with the same draft open two cases.
    key: Option<String>,
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
    filling: Filling,
    time: Time,
    key: StoredValue<String>,
    fresh_key: StoredValue<String>,
    sent: StoredValue<bool>,
    stage: StoredValue<Stage>,
    latest: Latest,
    /// When the draft that was brought back was written.
    pub(super) restored: RwSignal<Option<Instant>>,
}

impl Draft {
    /// The draft of a form whose page made `key`.
    pub(super) fn new(filling: Filling, key: String, time: Time) -> Self {
        Self {
            filling,
            time,
            key: StoredValue::new(key.clone()),
            fresh_key: StoredValue::new(key),
            sent: StoredValue::new(false),
            stage: StoredValue::new(Stage::Asleep),
            latest: Latest::new(),
            restored: RwSignal::new(None),
        }
    }

    /// Keeps what was typed when the page is left in the middle of it, without waiting for a pause.
    pub(super) fn keep_when_left(self) {
        Effect::new(move |_| {
            let leaving = window_event_listener_untyped("pagehide", move |_| self.keep());
            on_cleanup(move || leaving.remove());
        });
    }

    /// Brings the draft back, once: when the page comes alive.
    pub(super) fn wake(self, form: &HtmlFormElement) {
        if self.stage.get_value() == Stage::Asleep {
            self.stage.set_value(Stage::Filling);
            self.bring_back(elements::typed(form));
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

    /// The key that this submission is sent with.
    pub(super) fn key(self) -> String {
        self.key.get_value()
    }

    /// The submission goes out: from now on its key is kept with the draft.
    pub(super) fn sending(self) {
        self.sent.set_value(true);
        self.keep();
    }

    /// The case is open: nothing is left to keep.
    pub(super) fn done(self) {
        self.stage.set_value(Stage::Taken);
        self.latest.next();
        forget(self.filling);
    }

    /// Throws the draft away, with its key.
    pub(super) fn start_over(self) {
        self.key.set_value(self.fresh_key.get_value());
        self.sent.set_value(false);
        self.restored.set(None);
        self.filling.clear();
        self.latest.next();
        forget(self.filling);
    }

    /// What was typed before the page came alive wins over the draft; what the server sent back wins over both.
    fn bring_back(self, typed: Vec<(String, String)>) {
        let mut form = self.filling.form.get_untracked();
        let untouched = self.filling.is_untouched(&form);
        let kept = load(self.filling).filter(|kept| self.time.now_untracked().since(kept.at) < KEPT_S);
        if let Some(kept) = kept.filter(|_| untouched) {
            form = kept.form;
            self.restored.set(Some(kept.at));
            if let Some(key) = kept.key {
                self.key.set_value(key);
                self.sent.set_value(true);
            }
        }
        let begins_with = |name: &str, value: &str| {
            self.filling.initial.with_value(|initial| read(initial, name) == Some(value))
        };
        for (name, value) in typed {
            // What the server wrote there was not typed.
            if begins_with(&name, &value) {
                continue;
            }
            if read(&form, &name).is_some_and(|known| known != value) {
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
            return forget(self.filling);
        }
        let key = self.sent.get_value().then(|| self.key.get_value());
        store(self.filling, &Kept { form, key, at: self.time.now_untracked() });
    }
}

/// A form that takes up a case keeps a draft of its own.
fn slot(filling: Filling) -> String {
    let slot = filling.who.pick("vigia.draft", "vigia.intake");
    filling.follows.with_value(|follows| match follows.as_str() {
        "" => slot.to_owned(),
        // Of a link its number alone: the secret is not kept.
        follows => format!("{slot}.{}", follows.split('-').next().unwrap_or_default()),
    })
}

/// A browser that keeps nothing (private windows, a full disk) has no drafts; the form works all the same.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn load(filling: Filling) -> Option<Kept> {
    serde_json::from_str(&storage()?.get_item(&slot(filling)).ok()??).ok()
}

fn store(filling: Filling, kept: &Kept) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(kept)) {
        let _ = storage.set_item(&slot(filling), &text);
    }
}

fn forget(filling: Filling) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&slot(filling));
    }
}
