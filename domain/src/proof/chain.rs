//! The digests of a history's chain (`docs/decisions/0060`). The desk writes entries by them, and a proof is verified by them.
//!
//! Every field goes into a digest behind its length, so that no two entries have the same bytes.

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// What stands for the digest before the first entry of a chain.
pub const FIRST: &str = "";

/// Names what is digested, so that a digest of one kind is none of another.
const CONTENT: &str = "vigia content 1";
const LINK: &str = "vigia case event 1";

/// Gives fields to `add` one after the other, each behind its length.
pub fn fields(mut add: impl FnMut(&[u8]), all: &[&str]) {
    for field in all {
        add(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        add(field.as_bytes());
    }
}

/// The digest of a list of fields, as lower-case hexadecimal digits. The first field names what is digested.
#[must_use]
pub fn digest(all: &[&str]) -> String {
    let mut state = Sha256::new();
    fields(|bytes| state.update(bytes), all);
    hex(&state.finalize())
}

/// The digest of an entry's text. Without its salt it does not tell what the text was.
#[must_use]
pub fn content(salt: &str, document: &str) -> String {
    digest(&[CONTENT, salt, document])
}

/// An entry of a history, as its digest covers it.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Its number among the entries of all histories.
    pub seq: i64,
    /// The case's number, compact.
    pub case: &'a str,
    /// The case's version after the entry.
    pub version: i64,
    /// Time of the entry, in seconds since 1970.
    pub at_utc_s: i64,
    /// The event's kind ([`crate::case::Event::kind`]).
    pub kind: &'a str,
    /// The digest of its text ([`content`]).
    pub content: &'a str,
}

impl Link<'_> {
    /// Its digest. `before` is that of the entry before in the same history, or [`FIRST`].
    #[must_use]
    pub fn digest(&self, before: &str) -> String {
        let Self { seq, case, version, at_utc_s, kind, content } = self;
        let (seq, version, at) = (seq.to_string(), version.to_string(), at_utc_s.to_string());
        digest(&[LINK, before, &seq, case, &version, &at, kind, content])
    }
}
