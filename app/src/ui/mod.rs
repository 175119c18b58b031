//! The elements that pages are made of. None of them fetches anything or knows a rule of the desk.

mod account;
mod field;
mod files;
mod frame;
mod history;
mod icon;
pub(crate) mod inputs;
mod keys;
mod mini;
mod moment;
mod pager;
mod promise;
mod questions;
mod scripted;
mod signature;
mod whole;
mod windows;
mod work_done;

pub use account::Account;
pub use field::{FieldError, FieldMark, Finding, Look, Notice, Tone};
pub use files::{FileLine, FileList};
pub use frame::{LanguageSwitch, Logo, NotFound, PortalFrame, Problem};
pub use history::{History, signed, window_in};
pub use icon::Icon;
pub use keys::{NoSendByEnter, on_form_key, refocus};
pub use mini::{Mini, PriorityTag};
pub use moment::{Day, HERE, MomentIn, around, machine, said};
pub use pager::Pager;
pub use promise::{
    MissedBefore, Promise, PromiseSize, StateWord, as_of, digits, due_line, place, shown_digits, shown_s,
};
pub use questions::Questions;
pub use scripted::Scripted;
pub use signature::{SignaturePad, SignaturePicture, Strokes};
pub use whole::{Whole, changing, when_read};
pub use windows::{TypedWindow, WindowFields, read_windows};
pub use work_done::WorkDone;
