//! What somebody is writing about a case, kept in the browser's tab: a reload or a lost session loses nothing.

use domain::actor::PersonId;
use domain::case::AmendForm;
use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::drafts::{Lasts, Slot};
use crate::effect::effect;

/// The texts of all sheets as they are kept.
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

/// What an agent changed in the dialog that corrects a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AmendDraft {
    /// The version of the case that they saw when they began.
    pub seen: u32,
    /// All fields as they stand.
    pub form: AmendForm,
}

/// The texts of all sheets.
#[derive(Clone, Copy)]
pub(super) struct Drafts {
    /// Beside a contact or an attempt.
    pub contact: RwSignal<String>,
    /// Text of a note that is not yet saved.
    pub note: RwSignal<String>,
    /// Why the case waits.
    pub pause: RwSignal<String>,
    /// Why the priority changes.
    pub priority: RwSignal<String>,
    /// What was wrong.
    pub cause: RwSignal<String>,
    /// What was done.
    pub solution: RwSignal<String>,
    /// What the customer says of it.
    pub verify: RwSignal<String>,
    /// Why the case is closed without their word.
    pub close: RwSignal<String>,
    /// What fails again.
    pub reopen: RwSignal<String>,
    /// Why the case changes hands.
    pub give: RwSignal<String>,
    /// Why the case is cancelled.
    pub cancel: RwSignal<String>,
    /// What the customer is told.
    pub news: RwSignal<String>,
    /// Why it weighs more or less.
    pub reprioritize: RwSignal<String>,
    /// What was wrong with contract or serial.
    pub correct: RwSignal<String>,
    /// Contact, place and fault as they are to be put right.
    pub amend: RwSignal<Option<AmendDraft>>,
}

impl Drafts {
    /// Empty texts that the browser fills with what it kept, and keeps from then on.
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
            if texts == Texts::default() { slot.forget() } else { slot.keep(&texts) }
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
