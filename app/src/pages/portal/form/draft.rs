//! The form's draft: stored in the browser, and restored after a reload, a lost network or a closed tab.

use domain::intake::IntakeForm;
use domain::time::Instant;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use web_sys::HtmlFormElement;

use super::elements;
use super::files::FormFiles;
use super::latest::Latest;
use super::part::settle_files;
use super::state::{FormState, write};
use crate::drafts::{Lasts, Slot, are_stored};
use crate::effect::effect;
use crate::live::Time;
use crate::upload::waiting::WaitingFile;

/// A draft is stored after a pause in typing this long.
const PAUSE_MS: u32 = 300;
/// Age at which a draft is removed: it holds names and telephone numbers.
const KEPT_S: i64 = 7 * 24 * 3600;

/// A submission without an answer. Repeated as it was, it must not open a second case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Unanswered {
    key: String,
    form: IntakeForm,
}

/// The stored draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedForm {
    form: IntakeForm,
    /// Until a form is sent, each page has a key of its own: two pages with the same draft open two cases.
    #[serde(default)]
    unanswered: Option<Unanswered>,
    /// The files that were chosen. Their contents are in a store of their own.
    #[serde(default)]
    files: Vec<WaitingFile>,
    at: Instant,
}

/// The stage of a page's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before hydration: the form is empty, and storing it would remove the draft.
    Asleep,
    /// The form is being filled in.
    Filling,
    /// The case is open: nothing is left to store.
    Taken,
}

/// The draft of a form, with the key of its submission.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) filling: FormState,
    pub(super) files: FormFiles,
    time: Time,
    /// The submission key of this page.
    key: StoredValue<String>,
    unanswered: StoredValue<Option<Unanswered>>,
    stage: StoredValue<Stage>,
    latest: Latest,
    /// When the restored draft was written.
    pub(super) restored: RwSignal<Option<Instant>>,
}

impl Draft {
    /// The draft of a form whose page made `key`.
    pub(super) fn new(filling: FormState, key: String, time: Time) -> Self {
        let store = filling.writer.is_none().then(|| slot(filling).name().to_owned());
        Self {
            filling,
            files: FormFiles::new(store, filling.language),
            time,
            key: StoredValue::new(key),
            unanswered: StoredValue::new(None),
            stage: StoredValue::new(Stage::Asleep),
            latest: Latest::new(),
            restored: RwSignal::new(None),
        }
    }

    /// Stores what was typed when the page is left, without waiting for a pause.
    pub(super) fn keep_when_left(self) {
        effect(move |_| {
            let leaving = window_event_listener_untyped("pagehide", move |_| self.keep());
            on_cleanup(move || leaving.remove());
        });
    }

    /// Restores the draft, once, after hydration.
    pub(super) fn wake(self, form: &HtmlFormElement) {
        if self.stage.get_value() == Stage::Asleep {
            self.stage.set_value(Stage::Filling);
            self.bring_back(typed_here(form));
            // Files that were chosen before hydration.
            settle_files(self.files);
        }
    }

    /// Stores what was typed, once typing pauses.
    pub(super) fn keep_soon(self) {
        let turn = self.latest.next();
        spawn_local(async move {
            if turn.wait(PAUSE_MS).await {
                self.keep();
            }
        });
    }

    /// The submission begins; returns its key. Until the answer comes, the key is stored with the draft, for this browser's
    /// repetition alone.
    pub(super) fn sending(self) -> String {
        let form = self.filling.form.get_untracked();
        let earlier = self.unanswered.get_value().filter(|sent| sent.form.is_of_same_sender(&form));
        let key = earlier.map_or_else(|| self.key.get_value(), |sent| sent.key);
        self.unanswered.set_value(Some(Unanswered { key: key.clone(), form }));
        self.keep();
        key
    }

    /// The next submission gets another key.
    pub(super) fn renew(self, key: String) {
        self.key.set_value(key);
        self.unanswered.set_value(None);
    }

    /// The server answered: the key need not be stored.
    pub(super) fn answered(self) {
        self.unanswered.set_value(None);
        self.keep();
    }

    /// The case is open: nothing is left to store.
    pub(super) fn done(self) {
        self.stage.set_value(Stage::Taken);
        self.latest.next();
        slot(self.filling).forget();
        self.files.clear();
    }

    /// Removes the draft, with its key.
    pub(super) fn start_over(self) {
        self.unanswered.set_value(None);
        self.restored.set(None);
        self.filling.clear();
        self.files.clear();
        self.latest.next();
        slot(self.filling).forget();
    }

    /// What was typed before hydration overrules the draft; the server's reply overrules both.
    fn bring_back(self, typed: Vec<(String, String)>) {
        let mut form = self.filling.form.get_untracked();
        let untouched = self.filling.is_untouched(&form);
        let kept = slot(self.filling)
            .load::<SavedForm>()
            .filter(|kept| self.time.now_untracked().since(kept.at) < KEPT_S);
        if kept.is_none() {
            // Files of a draft that is too old go with it.
            self.files.clear();
        }
        if let Some(kept) = kept.filter(|_| untouched) {
            form = kept.form;
            self.files.bring_back(kept.files);
            self.restored.set(Some(kept.at));
            self.unanswered.set_value(kept.unanswered);
        }
        let begins_with = |name: &str, value: &str| {
            self.filling.initial.with_value(|initial| initial.typed(name) == Some(value))
        };
        for (name, value) in typed {
            // A value of the server, not typed.
            if begins_with(&name, &value) {
                continue;
            }
            if form.typed(&name).is_some_and(|known| known != value) {
                write(&mut form, &name, value, &self.filling.formats());
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
        let files = self.files.chosen.get_untracked();
        if self.filling.is_untouched(&form) && files.is_empty() {
            return slot(self.filling).forget();
        }
        let unanswered = self.unanswered.get_value();
        slot(self.filling).store(&SavedForm { form, unanswered, files, at: self.time.now_untracked() });
    }
}

/// What was typed before hydration. A browser that goes back or reloads fills in values by itself. It does not know whether
/// they were sent or discarded: then the draft decides.
fn typed_here(form: &HtmlFormElement) -> Vec<(String, String)> {
    if are_stored() && elements::is_shown_again() { Vec::new() } else { elements::typed(form) }
}

/// The place of the draft. A form that follows a case has its own, so has the form of a label's equipment, and so has each
/// member of the staff.
pub(super) fn slot(filling: FormState) -> Slot {
    let name = |name: &str| {
        filling.follows.with_value(|follows| match follows.as_str() {
            "" => filling.labelled.with_value(|label| match label.as_str() {
                "" => name.to_owned(),
                label => format!("{name}.label.{label}"),
            }),
            // Of a link its number alone: the secret is not stored.
            follows => format!("{name}.{}", follows.split('-').next().unwrap_or_default()),
        })
    };
    match filling.writer {
        Some(person) => Slot::of(person, Lasts::Browser, &name("intake")),
        None => Slot::of_browser(Lasts::Browser, &name("draft")),
    }
}
