//! The pages, by who they are for.

pub mod portal;
pub mod staff;
