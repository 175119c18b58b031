//! Access: staff, sessions, passwords, links, displays and rate limits.

pub mod browsers;
pub(crate) mod common_passwords;
pub mod demonstration;
pub mod displays;
pub mod limits;
pub mod passwords;
pub mod sign_in;
pub mod staff;
pub mod tokens;
