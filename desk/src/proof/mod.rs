//! The proof of a case: a signed file with its history, calendars and figures (`docs/decisions/0063`).
//!
//! | part | content |
//! |---|---|
//! | `key` | the desk's key, which signs |
//! | `redaction` | what a customer's file has of an entry |
//! | `file` | the use-case: the file of a case |

mod file;
mod key;
mod redaction;

pub use file::prove;
pub(crate) use key::load;
pub use key::public_key_at;
