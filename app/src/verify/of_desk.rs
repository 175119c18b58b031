//! What the page has of its desk. It stands in the head, in the page that is served and in the one that is kept.

use domain::proof::PublicKey;
use leptos::prelude::*;

/// The name of the element in the head with the desk's key.
pub(crate) const KEY_META: &str = "proof-key";
/// The name of the element in the head with the desk's address.
pub(crate) const DESK_META: &str = "proof-desk";
/// The attribute of the root of the page that is kept.
pub(crate) const KEPT: &str = "data-kept";

/// What the page has of its desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OfDesk {
    /// The keys that it believes.
    pub(super) keys: Vec<PublicKey>,
    /// Public address of the desk.
    pub(super) address: String,
    /// Whether it is the page that is kept, which has no server.
    pub(super) is_kept: bool,
}

impl OfDesk {
    /// Reads it from the page.
    pub(super) fn read() -> Self {
        let page = document();
        let written = |name: &str| {
            let meta = page.query_selector(&format!("meta[name={name}]")).ok().flatten();
            meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
        };
        Self {
            keys: written(KEY_META).split_whitespace().filter_map(PublicKey::parse).collect(),
            address: written(DESK_META),
            is_kept: page.document_element().is_some_and(|root| root.has_attribute(KEPT)),
        }
    }
}
