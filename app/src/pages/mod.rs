//! The pages, by who they are for.

mod reply;

pub mod portal;
pub mod staff;

pub use reply::PostReply;
#[cfg(feature = "ssr")]
pub use reply::Posted;
