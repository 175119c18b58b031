//! The proof of a case: one file with its history, plans and calendars, from which every figure can be computed again without the
//! desk (`docs/decisions/0063`).
//!
//! The desk signs the file. [`verify`] holds it against the desk's key, and walks the chain of the history. It folds the
//! history by the same rules as the desk, and compares each figure with the one that was told.
//!
//! A customer's file has no internal word. An entry that is withheld is there by its digest, so the chain stays whole.

pub mod chain;
mod figure;
mod file;
mod key;
mod verify;

pub use figure::{Counted, Figure, figures};
pub use file::{Entry, EntryText, FORMAT, LogEntry, PROOF_BYTES_MAX, Proof, ProofCalendar, ProofReader};
pub use key::{ProofKey, PublicKey};
pub use verify::{Checked, Finding, Flaw, Verdict, verify};
