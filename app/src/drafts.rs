//! What somebody is writing, kept in the browser: a reload, a lost network or a lost session loses nothing of it.
//!
//! What members of the staff write is each person's own, and gone from all tabs once they sign out
//! (docs/decisions/0022). A browser that keeps nothing (private windows, a full disk) has no drafts; all else works.

use std::cell::OnceCell;

use domain::actor::PersonId;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

use crate::effect::effect;

/// What everything begins with that members of the staff write.
const STAFF: &str = "vigia.staff.";
/// What it began with before it was each person's own: nobody's any more.
const NOBODYS: [&str; 3] = ["vigia.intake", "vigia.case.", "vigia.visit."];
/// When somebody last signed out at this browser.
const SIGNED_OUT: &str = "vigia.signed-out";

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// As long as the tab: two tabs do not mix.
    Tab,
    /// Until it is forgotten.
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

/// Where something is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    lasts: Lasts,
    name: String,
}

impl Slot {
    /// What is nobody's in particular: a customer's draft, the place in a list.
    #[must_use]
    pub fn of_browser(lasts: Lasts, name: &str) -> Self {
        Self { lasts, name: format!("vigia.{name}") }
    }

    /// What a member of the staff writes.
    #[must_use]
    pub fn of(person: PersonId, lasts: Lasts, name: &str) -> Self {
        Self { lasts, name: format!("{STAFF}{}.{name}", person.0) }
    }

    /// What is kept there.
    #[must_use]
    pub fn load<T: DeserializeOwned>(&self) -> Option<T> {
        if self.is_closed() {
            return None;
        }
        serde_json::from_str(&self.lasts.storage()?.get_item(&self.name).ok()??).ok()
    }

    /// Keeps it there.
    pub fn keep(&self, what: &impl Serialize) {
        if self.is_closed() {
            return;
        }
        if let (Some(storage), Ok(text)) = (self.lasts.storage(), serde_json::to_string(what)) {
            // A full or forbidden store keeps nothing; writing goes on.
            let _ = storage.set_item(&self.name, &text);
        }
    }

    /// Forgets what is kept there.
    pub fn forget(&self) {
        if let Some(storage) = self.lasts.storage() {
            let _ = storage.remove_item(&self.name);
        }
    }

    /// Whether its person has signed out since this page came: nothing of theirs is read or kept any more.
    fn is_closed(&self) -> bool {
        self.name.starts_with(STAFF) && settle() == Since::SignedOut
    }
}

/// What has happened since a page of the staff came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Nothing,
    SignedOut,
}

/// Whether there is anywhere to keep something until it is forgotten.
#[must_use]
pub fn are_kept() -> bool {
    Lasts::Browser.storage().is_some()
}

/// Forgets, in this tab, what the staff had written before a sign-out in another one.
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

/// Whoever is signed in leaves: what they were writing is forgotten here, and in every other tab as soon as it hears of it.
pub fn sign_out() {
    settle();
    forget_all_in(Lasts::Tab, is_staffs);
    forget_all_in(Lasts::Browser, is_staffs);
    if let Some(storage) = Lasts::Browser.storage() {
        let _ = storage.set_item(SIGNED_OUT, &js_sys::Date::now().to_string());
    }
}

/// Leaves a page of the staff as soon as they sign out in another tab: what stands on it is theirs as well.
pub fn leave_when_signed_out() {
    effect(move |_| {
        for lasts in [Lasts::Tab, Lasts::Browser] {
            forget_all_in(lasts, |name| NOBODYS.iter().any(|begin| name.starts_with(begin)));
        }
        settle();
        let heard = window_event_listener_untyped("storage", |_| {
            if settle() == Since::SignedOut {
                // To read this page again may come before the server has heard of it.
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
