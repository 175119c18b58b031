//! The elements of pages. None of them fetches data or knows a rule of the desk.

mod account;
mod deferred_view;
mod field;
mod files;
mod frame;
mod history;
mod icon;
pub(crate) mod inputs;
mod keys;
mod moment;
mod pager;
#[cfg(feature = "ssr")]
mod passkey;
pub(crate) mod pending;
mod proof_links;
mod questions;
mod requires_script;
mod shared_markup;
mod signature;
pub(crate) mod site_time;
mod sla_chip;
mod sla_clock;
mod text_field;
mod windows;
mod work_done;

pub use account::Account;
pub use deferred_view::{DeferredView, changing, when_read};
pub use field::{FieldError, FieldMark, Finding, Look, Notice, Tone};
pub use files::{FileLine, FileList};
pub use frame::{LanguageSwitch, Logo, NotFound, PortalFrame, Problem};
pub use history::{History, signed, window_in};
pub(crate) use history::{OthersChanged, report_changes};
pub use icon::Icon;
pub use keys::{NoSendByEnter, on_form_key, refocus};
pub use moment::{Day, HERE, MomentIn, around, machine, relative_time};
pub use pager::Pager;
#[cfg(feature = "ssr")]
pub use passkey::{ANSWER, PasskeyButton, PasskeyOf};
pub use proof_links::ProofLinks;
pub use questions::Questions;
pub use requires_script::RequiresScript;
pub use shared_markup::SharedMarkup;
pub use signature::{SignaturePad, SignaturePicture, Strokes};
pub use sla_chip::{PriorityTag, SlaChip};
pub use sla_clock::{
    EarlierBreaches, SlaCard, SlaCardSize, StateWord, as_of, digits, due_line, shown_digits, shown_s,
};
pub use text_field::{FieldKind, TextField};
pub use windows::{TypedWindow, WindowFields, read_windows};
pub use work_done::WorkDone;
