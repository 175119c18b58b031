//! The end of personal data: after a time that administrators set, and at once for one person who asks
//! (`docs/decisions/0042`). What reports count stays.

mod bounded;
mod erase;
mod person;
mod run;
mod setting;

pub use erase::erase_case;
pub use person::{Known, KnownCase, export, known_of};
pub use run::{Ran, run, serve};
pub use setting::{KeepDays, KeepDaysProblem, Retention, keep, retention};
