//! The draft of a visit's report, stored in the browser's tab: a reload, another page or an expired session loses neither
//! text nor signature.

use domain::case::visit::VisitId;
use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Key;
use crate::drafts::{Lasts, Slot};
use crate::effect::effect;
use crate::pages::staff::frame::use_person;
use crate::ui::Strokes;

/// A line of parts, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptPart {
    quantity: String,
    name: String,
}

/// The stored draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptTexts {
    report: String,
    parts: Vec<KeptPart>,
    who: String,
    unsigned: String,
    #[serde(default)]
    strokes: Vec<Vec<(u16, u16)>>,
}

/// A line of parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartTyped {
    /// The quantity, as typed.
    pub(super) quantity: RwSignal<String>,
    /// Name of the part, as typed.
    pub(super) name: RwSignal<String>,
}

impl PartTyped {
    pub(super) fn new() -> Self {
        Self::of("1".to_owned(), String::new())
    }

    fn of(quantity: String, name: String) -> Self {
        Self { quantity: RwSignal::new(quantity), name: RwSignal::new(name) }
    }
}

/// The report of a visit, as typed.
#[derive(Clone, Copy)]
pub(super) struct EndTyped {
    /// The work that was done.
    pub(super) report: RwSignal<String>,
    /// The parts that were used.
    pub(super) parts: RwSignal<Vec<PartTyped>>,
    /// Name of the person who signs, as typed.
    pub(super) who: RwSignal<String>,
    /// The reason why the customer does not sign.
    pub(super) unsigned: RwSignal<String>,
    /// The strokes of the signature.
    pub(super) strokes: Strokes,
}

impl EndTyped {
    /// An empty report, signed by `contact`, that is restored from the browser and stored with every change.
    pub(super) fn of(visit: Key, contact: String) -> Self {
        let typed = Self {
            report: RwSignal::new(String::new()),
            parts: RwSignal::new(vec![PartTyped::new()]),
            who: RwSignal::new(contact),
            unsigned: RwSignal::new(String::new()),
            strokes: RwSignal::new(Vec::new()),
        };
        let slot = use_slot(visit);
        let is_back = RwSignal::new(false);
        // Once, under this owner: the restored lines of parts live as long as the report.
        effect(move || {
            // Unknown until the person is.
            let Some(slot) = slot.get() else { return };
            if let Some(texts) = slot.load() {
                typed.fill(texts);
            }
            is_back.set(true);
        });
        let untouched = typed.texts_untracked();
        effect(move || {
            let (Some(slot), true) = (slot.get(), is_back.get()) else { return };
            let texts = typed.texts();
            if texts == untouched {
                slot.forget();
            } else {
                slot.store(&texts);
            }
        });
        typed
    }

    fn texts_untracked(self) -> KeptTexts {
        untrack(move || self.texts())
    }

    fn texts(self) -> KeptTexts {
        let part = |part: PartTyped| KeptPart { quantity: part.quantity.get(), name: part.name.get() };
        KeptTexts {
            report: self.report.get(),
            parts: self.parts.get().into_iter().map(part).collect(),
            who: self.who.get(),
            unsigned: self.unsigned.get(),
            strokes: self.strokes.get(),
        }
    }

    fn fill(self, texts: KeptTexts) {
        self.report.set(texts.report);
        self.parts.set(texts.parts.into_iter().map(|part| PartTyped::of(part.quantity, part.name)).collect());
        self.who.set(texts.who);
        self.unsigned.set(texts.unsigned);
        self.strokes.set(texts.strokes);
    }
}

/// Removes the draft of a visit that has ended.
pub(super) fn forget(visit: Key) {
    let slot = use_slot(visit);
    effect(move || {
        if let Some(slot) = slot.get() {
            slot.forget();
        }
    });
}

/// The place of the draft: of the person who is signed in, once that is known.
fn use_slot((number, VisitId(visit)): (CaseNumber, VisitId)) -> Memo<Option<Slot>> {
    let writer = use_person();
    Memo::new(move |_| {
        let name = format!("visit.{}.{visit}", number.as_compact());
        writer.get().map(|writer| Slot::of(writer, Lasts::Tab, &name))
    })
}
