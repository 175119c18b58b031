//! The provider that the desk belongs to: what it is called, how it looks, how it is reached.
//!
//! [`Provider`] is the setting, on the server alone. [`ProviderView`] is the part that pages show; the server hands it to
//! the browser as one value of the page.

mod accent;
mod hotlines;
mod problem;
#[cfg(feature = "zones")]
mod settings;
mod view;

pub use accent::{Accent, Colour};
pub use hotlines::{HOTLINES_MAX, Hotline, Hotlines};
pub use problem::{LOGO_BYTES_MAX, LogoProblem, ProviderProblem};
#[cfg(feature = "zones")]
pub use settings::{
    LinkDays, MailSettings, NAME_CHARS_MAX, Provider, ProviderName, SIGNATURE_LINES_MAX, Signature,
};
pub use view::ProviderView;

/// What a desk is called until its provider has a name of its own: the name of this software.
pub const STANDING_NAME: &str = "Vigía";
