//! The report of a visit while it is being written, kept in the browser's tab: a reload, a look at the queue or a lost session
//! loses nothing of it. The signature is not kept: it is given once, for what stands above it.

use domain::case::visit::VisitId;
use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Key;

/// A line of parts as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptPart {
    quantity: String,
    name: String,
}

/// Everything that is typed, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptTexts {
    report: String,
    parts: Vec<KeptPart>,
    who: String,
    unsigned: String,
}

/// A line of parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartTyped {
    /// How many, as typed.
    pub(super) quantity: RwSignal<String>,
    /// Of what.
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

/// What ends a visit, as it is typed.
#[derive(Clone, Copy)]
pub(super) struct EndTyped {
    /// What was done.
    pub(super) report: RwSignal<String>,
    /// What was used for it.
    pub(super) parts: RwSignal<Vec<PartTyped>>,
    /// Who signs.
    pub(super) who: RwSignal<String>,
    /// Why nobody does.
    pub(super) unsigned: RwSignal<String>,
}

impl EndTyped {
    /// An empty report, signed by `contact`, that the browser fills with what it kept and keeps from then on.
    pub(super) fn of(visit: Key, contact: String) -> Self {
        let typed = Self {
            report: RwSignal::new(String::new()),
            parts: RwSignal::new(vec![PartTyped::new()]),
            who: RwSignal::new(contact),
            unsigned: RwSignal::new(String::new()),
        };
        let (at, key) = (address(visit), address(visit));
        Effect::new(move || {
            let kept = storage().and_then(|storage| storage.get_item(&at).ok().flatten());
            if let Some(texts) = kept.and_then(|kept| serde_json::from_str(&kept).ok()) {
                typed.fill(texts);
            }
        });
        // The first run is before the browser's own texts are back: it keeps nothing.
        let untouched = typed.texts_untracked();
        Effect::new(move || {
            let texts = typed.texts();
            let Some(storage) = storage() else { return };
            // A full or forbidden store keeps nothing; writing goes on.
            let _ = match serde_json::to_string(&texts) {
                Ok(text) if texts != untouched => storage.set_item(&key, &text),
                _ => storage.remove_item(&key),
            };
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
        }
    }

    fn fill(self, texts: KeptTexts) {
        self.report.set(texts.report);
        self.parts.set(texts.parts.into_iter().map(|part| PartTyped::of(part.quantity, part.name)).collect());
        self.who.set(texts.who);
        self.unsigned.set(texts.unsigned);
    }
}

/// Forgets what was kept of a visit that is over.
pub(super) fn forget(visit: Key) {
    Effect::new(move || {
        if let Some(storage) = storage() {
            // What cannot be removed goes with the tab.
            let _ = storage.remove_item(&address(visit));
        }
    });
}

fn address((number, VisitId(visit)): (CaseNumber, VisitId)) -> String {
    format!("vigia.visit.{}.{visit}", number.as_compact())
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
