//! Bytes as hexadecimal digits.

pub(crate) use domain::hex::{hex, unhex};
