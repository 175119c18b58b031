//! The reader's language: chosen by the server for the whole page, read from the page in the browser.

use domain::i18n::Language;
use leptos::prelude::*;

/// Provides the reader's language to all components below.
pub fn provide_language() {
    provide_context(of_page());
}

/// The reader's language.
#[must_use]
pub fn use_language() -> Language {
    use_context().unwrap_or_default()
}

#[cfg(feature = "ssr")]
fn of_page() -> Language {
    crate::request::language()
}

#[cfg(not(feature = "ssr"))]
fn of_page() -> Language {
    let root = document().document_element();
    root.and_then(|root| root.get_attribute("lang"))
        .and_then(|code| Language::from_tag(&code))
        .unwrap_or_default()
}
