//! Words and rules of the desk: pure functions and values, the same on the server and in the browser.
//!
//! Nothing here does I/O, reads a clock, draws a random number or waits. Times, ids and chance are passed in.

// A browser is given the words of its reader's language beside the program (`i18n::load`).
#[cfg(not(target_arch = "wasm32"))]
rust_i18n::i18n!("locales", fallback = "es");

#[macro_use]
mod choices;

pub mod actor;
pub mod attachment;
pub mod calendar;
pub mod case;
pub mod case_number;
pub mod check_digits;
pub mod contract_number;
pub mod country;
pub mod entitlement;
pub mod hotlines;
pub mod i18n;
pub mod intake;
pub mod mail_address;
pub mod mail_allowance;
pub mod page;
pub mod phone;
pub mod priority;
pub mod reports;
pub mod search;
pub mod serial;
pub mod site;
pub mod sla_plan;
pub mod survey;
pub mod text;
pub mod time;
pub mod view;
