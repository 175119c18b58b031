//! Live data: the feed of commits, and presence on cases.

pub mod feed;
pub mod presence;
