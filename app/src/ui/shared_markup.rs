//! Markup that is the same for every reader, made once on the server.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use std::sync::Arc;
#[cfg(feature = "ssr")]
use std::sync::{Mutex, PoisonError};

#[cfg(feature = "ssr")]
use leptos::tachys::html::InertElement;

/// Most entries of a generation. An entry of the queue takes about 2 kB.
#[cfg(feature = "ssr")]
const GENERATION: usize = 1024;

/// Markup of elements by what they show. Nothing is shared in the browser: each element is reactive there.
///
/// The key holds every value that the markup is made of. So an entry is never stale, and never somebody else's.
pub struct SharedMarkup<K> {
    #[cfg(feature = "ssr")]
    kept: Mutex<Generations<K>>,
    #[cfg(not(feature = "ssr"))]
    kept: std::marker::PhantomData<K>,
}

impl<K: std::hash::Hash + Eq> SharedMarkup<K> {
    /// The element that `make` builds. On the server its markup is taken from an earlier element of the same key.
    #[cfg(feature = "ssr")]
    pub fn element(&self, key: impl FnOnce() -> K, make: impl FnOnce() -> AnyView) -> AnyView {
        let key = key();
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Bound before the view is made, so that the lock is not held meanwhile.
        let found = kept().get(&key);
        let html = found.unwrap_or_else(|| {
            let html: Arc<str> = make().to_html().into();
            kept().keep(key, Arc::clone(&html));
            html
        });
        InertElement::new(html.to_string()).into_any()
    }

    /// The element that `make` builds.
    #[cfg(not(feature = "ssr"))]
    pub fn element(&self, _key: impl FnOnce() -> K, make: impl FnOnce() -> AnyView) -> AnyView {
        make()
    }
}

impl<K> Default for SharedMarkup<K> {
    fn default() -> Self {
        Self { kept: Default::default() }
    }
}

/// Entries in two generations. When the younger one is full, the older one is dropped: what is read again lives on.
#[cfg(feature = "ssr")]
struct Generations<K> {
    young: std::collections::HashMap<K, Arc<str>>,
    old: std::collections::HashMap<K, Arc<str>>,
}

#[cfg(feature = "ssr")]
impl<K> Default for Generations<K> {
    fn default() -> Self {
        Self { young: Default::default(), old: Default::default() }
    }
}

#[cfg(feature = "ssr")]
impl<K: std::hash::Hash + Eq> Generations<K> {
    fn get(&mut self, key: &K) -> Option<Arc<str>> {
        if let Some(html) = self.young.get(key) {
            return Some(Arc::clone(html));
        }
        let (key, html) = self.old.remove_entry(key)?;
        self.keep(key, Arc::clone(&html));
        Some(html)
    }

    fn keep(&mut self, key: K, html: Arc<str>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, html);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_entries_outlive_those_that_nobody_reads() {
        let mut kept = Generations::default();
        kept.keep(0, "read".into());
        for key in 1..3 * GENERATION {
            kept.keep(key, "unread".into());
            assert_eq!(kept.get(&0).as_deref(), Some("read"), "after {key}");
        }
        assert_eq!(kept.get(&1), None);
        assert!(kept.young.len() + kept.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn element_is_made_once_for_equal_keys() {
        let shared = SharedMarkup::default();
        let drawn = |key: u8, words: &'static str| {
            let alone = move || view! { <p>{words} " & more"</p> }.into_any();
            (shared.element(|| key, alone).to_html(), alone().to_html())
        };
        let (first, alone) = drawn(1, "one");
        assert_eq!(first, alone);
        assert_eq!(drawn(1, "another").0, first);
        let (other, alone) = drawn(2, "another");
        assert_eq!(other, alone);
        assert_ne!(other, first);
    }
}
