//! The pages of a customer's case: the confirmation, the case itself, and the customer's forms.

mod amend;
mod api;
mod cancel;
mod ending;
mod facts;
mod links;
mod live_case;
mod opened;
mod page;
mod participants;
#[cfg(feature = "ssr")]
mod posted;
mod posting;
mod renew;
mod track;
mod write;

pub use opened::OpenedPage;
#[cfg(feature = "ssr")]
pub use posted::{leave_case, post_message, post_on_case, remove_participant};
pub use posting::{TrackForm, TrackReply};
pub use track::TrackPage;
