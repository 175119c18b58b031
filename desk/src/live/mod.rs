//! What moves without a reload: the feed of commits, and who has a case open.

pub mod feed;
pub mod presence;
