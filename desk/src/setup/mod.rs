//! The first start of an empty desk: a link makes its first administrator, and a list says what is still to be settled
//! (`docs/decisions/0042`).

mod administrator;
mod checklist;
mod link;
mod staffed;

pub use administrator::{FirstAdministrator, FirstAdministratorError, become_administrator};
pub use checklist::{Checklist, Mark, Progress, Step, checklist, is_unfinished, put_away, settle};
pub use link::{LinkState, link_state, renew_link};
pub use staffed::{Staffed, is_staffed};
