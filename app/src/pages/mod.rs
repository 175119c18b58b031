//! The pages, by who they are for.

mod reply;

pub mod portal;
pub mod staff;

#[cfg(feature = "ssr")]
pub use reply::Posted;
pub use reply::{PostReply, Typed};
