//! Drafts in the browser's storage: a reload, a lost network or an expired session loses no typed text.
//!
//! Drafts of the staff belong to one person, and disappear from all tabs at sign-out (docs/decisions/0022). A browser without
//! storage (private windows, a full disk) has no drafts; all else works.

use std::cell::OnceCell;

use domain::actor::PersonId;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

use crate::effect::effect;

/// Prefix of the staff's drafts.
const STAFF: &str = "vigia.staff.";
/// Prefixes of the staff's drafts before they belonged to one person: removed.
const NOBODYS: [&str; 3] = ["vigia.intake", "vigia.case.", "vigia.visit."];
/// The key of the last sign-out in this browser.
const SIGNED_OUT: &str = "vigia.signed-out";

/// How long an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// As long as the tab: two tabs do not mix.
    Tab,
    /// Until it is removed.
    Browser,
}

impl Lasts {
    fn storage(self) -> Option<Storage> {
        match self {
            Self::Tab => window().session_storage(),
            Self::Browser => window().local_storage(),
        }
        .ok()
        .flatten()
    }
}

/// The place of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    lasts: Lasts,
    name: String,
}

impl Slot {
    /// A place that belongs to no person: a customer's draft, the position in a list.
    #[must_use]
    pub fn of_browser(lasts: Lasts, name: &str) -> Self {
        Self { lasts, name: format!("vigia.{name}") }
    }

    /// A place for a draft of a member of the staff.
    #[must_use]
    pub fn of(person: PersonId, lasts: Lasts, name: &str) -> Self {
        Self { lasts, name: format!("{STAFF}{}.{name}", person.0) }
    }

    /// Its key in the browser's storage.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entry, if there is one that reads.
    #[must_use]
    pub fn load<T: DeserializeOwned>(&self) -> Option<T> {
        if self.is_closed() {
            return None;
        }
        serde_json::from_str(&self.lasts.storage()?.get_item(&self.name).ok()??).ok()
    }

    /// Stores an entry.
    pub fn store(&self, what: &impl Serialize) {
        if self.is_closed() {
            return;
        }
        if let (Some(storage), Ok(text)) = (self.lasts.storage(), serde_json::to_string(what)) {
            // A full or forbidden storage stores nothing; typing goes on.
            let _ = storage.set_item(&self.name, &text);
        }
    }

    /// Removes the entry.
    pub fn forget(&self) {
        if let Some(storage) = self.lasts.storage() {
            let _ = storage.remove_item(&self.name);
        }
    }

    /// Whether its person has signed out since this page was loaded: nothing of theirs is read or stored any more.
    fn is_closed(&self) -> bool {
        self.name.starts_with(STAFF) && settle() == Since::SignedOut
    }
}

/// Sign-outs since a page of the staff was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Nothing,
    SignedOut,
}

/// Whether the browser has a storage that outlives the tab.
#[must_use]
pub fn are_stored() -> bool {
    Lasts::Browser.storage().is_some()
}

/// Removes from this tab what the staff had written before a sign-out in another one.
fn settle() -> Since {
    thread_local! {
        static AT_FIRST: OnceCell<Option<String>> = const { OnceCell::new() };
    }
    let signed_out = read(Lasts::Browser);
    if signed_out != read(Lasts::Tab) {
        forget_all_in(Lasts::Tab, is_staffs);
        if let (Some(storage), Some(at)) = (Lasts::Tab.storage(), &signed_out) {
            let _ = storage.set_item(SIGNED_OUT, at);
        }
    }
    let same = AT_FIRST.with(|first| *first.get_or_init(|| signed_out.clone()) == signed_out);
    if same { Since::Nothing } else { Since::SignedOut }
}

fn read(lasts: Lasts) -> Option<String> {
    lasts.storage()?.get_item(SIGNED_OUT).ok().flatten()
}

/// Signs the person out: their drafts are removed here, and in every other tab as soon as it hears of it.
pub fn sign_out() {
    settle();
    forget_all_in(Lasts::Tab, is_staffs);
    forget_all_in(Lasts::Browser, is_staffs);
    if let Some(storage) = Lasts::Browser.storage() {
        let _ = storage.set_item(SIGNED_OUT, &js_sys::Date::now().to_string());
    }
}

/// Leaves a page of the staff as soon as its person signs out in another tab: its content is theirs as well.
pub fn leave_when_signed_out() {
    effect(move |_| {
        for lasts in [Lasts::Tab, Lasts::Browser] {
            forget_all_in(lasts, |name| NOBODYS.iter().any(|begin| name.starts_with(begin)));
        }
        settle();
        let heard = window_event_listener_untyped("storage", |_| {
            if settle() == Since::SignedOut {
                // A reload of this page may come before the server knows of the sign-out.
                let _ = window().location().assign("/desk/sign-in");
            }
        });
        on_cleanup(move || heard.remove());
    });
}

fn is_staffs(name: &str) -> bool {
    name.starts_with(STAFF)
}

fn forget_all_in(lasts: Lasts, which: impl Fn(&str) -> bool) {
    let Some(storage) = lasts.storage() else { return };
    let count = storage.length().unwrap_or(0);
    let names: Vec<String> = (0..count).filter_map(|at| storage.key(at).ok().flatten()).collect();
    for name in names.iter().filter(|name| which(name)) {
        let _ = storage.remove_item(name);
    }
}
