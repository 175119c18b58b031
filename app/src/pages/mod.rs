//! The pages, by their readers.

mod reply;

pub mod portal;
pub mod staff;

#[cfg(feature = "ssr")]
pub use reply::Posted;
pub use reply::{PostReply, Typed};
