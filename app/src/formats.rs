//! The formats of contract numbers and serials in force. The server writes them into the head of the page, outside of what
//! is hydrated. The browser reads them there, so that both judge a number alike. A desk that has set none writes nothing.

use std::sync::Arc;

use domain::contract_number::ContractFormats;
use domain::serial::SerialFormats;

/// The name of the element in the head with the formats, as [`ContractFormats::written`].
#[cfg(feature = "ssr")]
pub(crate) const META: &str = "formats";

/// The name of the element with the formats of serials, as [`SerialFormats::written`].
#[cfg(feature = "ssr")]
pub(crate) const SERIALS_META: &str = "serial-formats";

/// The formats of the page.
#[cfg(feature = "ssr")]
#[must_use]
pub fn use_formats() -> Arc<ContractFormats> {
    crate::request::formats()
}

/// The formats of the page.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn use_formats() -> Arc<ContractFormats> {
    let written = content("meta[name=formats]");
    Arc::new(written.map_or_else(ContractFormats::default, |written| ContractFormats::read(&written)))
}

/// The formats of serials of the page.
#[cfg(feature = "ssr")]
#[must_use]
pub fn use_serial_formats() -> Arc<SerialFormats> {
    crate::request::serial_formats()
}

/// The formats of serials of the page.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn use_serial_formats() -> Arc<SerialFormats> {
    Arc::new(
        content("meta[name=serial-formats]")
            .map_or_else(SerialFormats::default, |it| SerialFormats::read(&it)),
    )
}

/// The content of an element in the head.
#[cfg(not(feature = "ssr"))]
fn content(selector: &str) -> Option<String> {
    leptos::prelude::document().query_selector(selector).ok().flatten()?.get_attribute("content")
}
