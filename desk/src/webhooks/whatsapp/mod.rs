//! WhatsApp Business as a channel of contact (`docs/decisions/0068`): its numbers, the updates that go out, and the files and reports
//! that come back.
//!
//! An update is a delivery among those to webhooks: the same rows, leases, waits and dead letters. What comes in is taken by
//! `inbound`, which stands above this room.

mod change;
mod hook;
mod media;
mod numbers;
mod queue;
mod send;
mod statuses;

pub use change::{NumberChange, change_number, list_number_changes};
pub use hook::{Hook, hook};
pub(crate) use media::{MediaProblem, fetch};
pub use numbers::{
    DEFAULT_GRAPH_URL, NUMBERS, NewNumber, NumberError, NumberView, Secrets, Tested, add_number,
    is_verify_token, list_numbers, read_number, remove_number, replay_updates, switch_off, switch_on,
    test_number, verify_token,
};
pub(crate) use queue::{Wrote, note_wrote, of_case, queue_updates};
pub(super) use send::{Line, Sending, SentBy, line_of, record_update, send};
pub(crate) use statuses::apply;
