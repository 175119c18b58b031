//! Use-cases of cases: opening, commands, and data of pages.

pub mod attachments;
pub mod bookings;
pub mod candidates;
pub mod execute;
pub(crate) mod links;
pub mod listing;
pub mod lost_link;
pub mod message_files;
pub mod open;
pub mod queue;
pub mod read;
pub(crate) mod resolve;
pub mod tracking;
pub mod visits;
pub mod wall;
