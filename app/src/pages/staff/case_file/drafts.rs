//! Drafts of a case file, stored in the browser's tab: a reload or an expired session loses no typed text.

use domain::actor::PersonId;
use domain::case::AmendForm;
use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::drafts::{Lasts, Slot};
use crate::effect::effect;

/// The texts of all dialogs, as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Texts {
    contact: String,
    note: String,
    pause: String,
    priority: String,
    cause: String,
    solution: String,
    verify: String,
    close: String,
    reopen: String,
    give: String,
    cancel: String,
    news: String,
    #[serde(rename = "weigh")]
    reprioritize: String,
    correct: String,
    amending: Option<AmendDraft>,
}

/// The agent's changes in the dialog that amends a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AmendDraft {
    /// The version of the case that the fields rest on.
    pub seen: u32,
    /// All fields as they stand.
    pub form: AmendForm,
}

/// The texts of all dialogs.
#[derive(Clone, Copy)]
pub(super) struct Drafts {
    /// The note of a contact or an attempt.
    pub contact: RwSignal<String>,
    /// The text of a note.
    pub note: RwSignal<String>,
    /// The detail of a pause.
    pub pause: RwSignal<String>,
    /// The reason of another priority.
    pub priority: RwSignal<String>,
    /// The cause of a resolution.
    pub cause: RwSignal<String>,
    /// The solution.
    pub solution: RwSignal<String>,
    /// The customer's words in a verification.
    pub verify: RwSignal<String>,
    /// The reason of closing without verification.
    pub close: RwSignal<String>,
    /// The fault of a reopened case.
    pub reopen: RwSignal<String>,
    /// The reason of a reassignment.
    pub give: RwSignal<String>,
    /// The reason of a cancellation.
    pub cancel: RwSignal<String>,
    /// The text of an update.
    pub news: RwSignal<String>,
    /// The reason of another severity or urgency.
    pub reprioritize: RwSignal<String>,
    /// The reason of another contract or serial.
    pub correct: RwSignal<String>,
    /// The changes of an amendment.
    pub amend: RwSignal<Option<AmendDraft>>,
}

impl Drafts {
    /// Empty texts that are restored from the browser and stored with every change.
    pub(super) fn of(number: CaseNumber, writer: PersonId) -> Self {
        let empty = || RwSignal::new(String::new());
        let drafts = Self {
            contact: empty(),
            note: empty(),
            pause: empty(),
            priority: empty(),
            cause: empty(),
            solution: empty(),
            verify: empty(),
            close: empty(),
            reopen: empty(),
            give: empty(),
            cancel: empty(),
            news: empty(),
            reprioritize: empty(),
            correct: empty(),
            amend: RwSignal::new(None),
        };
        let slot = Slot::of(writer, Lasts::Tab, &format!("case.{}", number.as_compact()));
        let kept = slot.clone();
        effect(move || {
            if let Some(texts) = kept.load() {
                drafts.fill(texts);
            }
        });
        effect(move || {
            let texts = drafts.texts();
            if texts == Texts::default() { slot.forget() } else { slot.store(&texts) }
        });
        drafts
    }

    fn texts(self) -> Texts {
        Texts {
            contact: self.contact.get(),
            note: self.note.get(),
            pause: self.pause.get(),
            priority: self.priority.get(),
            cause: self.cause.get(),
            solution: self.solution.get(),
            verify: self.verify.get(),
            close: self.close.get(),
            reopen: self.reopen.get(),
            give: self.give.get(),
            cancel: self.cancel.get(),
            news: self.news.get(),
            reprioritize: self.reprioritize.get(),
            correct: self.correct.get(),
            amending: self.amend.get(),
        }
    }

    fn fill(self, texts: Texts) {
        self.contact.set(texts.contact);
        self.note.set(texts.note);
        self.pause.set(texts.pause);
        self.priority.set(texts.priority);
        self.cause.set(texts.cause);
        self.solution.set(texts.solution);
        self.verify.set(texts.verify);
        self.close.set(texts.close);
        self.reopen.set(texts.reopen);
        self.give.set(texts.give);
        self.cancel.set(texts.cancel);
        self.news.set(texts.news);
        self.reprioritize.set(texts.reprioritize);
        self.correct.set(texts.correct);
        self.amend.set(texts.amending);
    }
}
