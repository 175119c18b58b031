//! The digests of both chains: pure. Those of histories are rules, because a proof is verified by them without the desk.

pub(crate) use domain::proof::chain::{FIRST, Link, content};
use domain::proof::chain::{digest, fields};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Ports;
use crate::hex::hex;
use crate::store::StoreError;

/// Names what is digested, so that a digest of one kind is none of another.
const ROW: &str = "vigia audit entry 1";
const NETWORK: &str = "vigia network 1";
const LIST: &str = "vigia list 1";

/// A salt: without it a digest does not tell what was digested.
pub(crate) fn salt(ports: &Ports) -> String {
    hex(&ports.random::<16>())
}

/// The digest of a network.
pub(crate) fn network(salt: &str, network: &str) -> String {
    digest(&[NETWORK, salt, network])
}

/// A row of the audit log, as its digest covers it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) at_utc_s: i64,
    pub(crate) kind: String,
    pub(crate) country: String,
    pub(crate) words: String,
    pub(crate) network_digest: String,
    pub(crate) document: String,
}

impl Row {
    /// Its digest under the installation's key. `before` is that of the row before, or [`FIRST`].
    pub(crate) fn digest(&self, key: &Key, before: &str) -> String {
        let Self { id, at_utc_s, kind, country, words, network_digest, document } = self;
        let (id, at) = (id.to_string(), at_utc_s.to_string());
        let mut mac = key.0.clone();
        fields(
            |bytes| mac.update(bytes),
            &[ROW, before, &id, &at, kind, country, words, network_digest, document],
        );
        hex(&mac.finalize().into_bytes())
    }
}

/// The installation's key of the audit log.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// The key of a stored text.
    pub(crate) fn of(stored: &str) -> Result<Self, StoreError> {
        let key = Hmac::new_from_slice(stored.as_bytes());
        Ok(Self(key.map_err(|error| StoreError::inconsistent("secrets", error))?))
    }
}

/// The digest of a list, made one line at a time: texts after an erasure, or entries that a seal covers.
pub(crate) struct List {
    state: Sha256,
    lines: u64,
}

impl List {
    pub(crate) fn new() -> Self {
        let mut state = Sha256::new();
        fields(|bytes| state.update(bytes), &[LIST]);
        Self { state, lines: 0 }
    }

    /// Adds an entry of a history.
    pub(crate) fn entry(&mut self, seq: i64, case: &str, version: i64, digest: &str) {
        let (seq, version) = (seq.to_string(), version.to_string());
        fields(|bytes| self.state.update(bytes), &[&seq, case, &version, digest]);
        self.lines += 1;
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) {
        fields(|bytes| self.state.update(bytes), &[text]);
        self.lines += 1;
    }

    /// Lines so far.
    pub(crate) const fn lines(&self) -> u64 {
        self.lines
    }

    /// The digest of those so far.
    pub(crate) fn digest(&self) -> String {
        hex(&self.state.clone().finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            id: 7,
            at_utc_s: 1_795_442_400,
            kind: "signed_in".into(),
            country: String::new(),
            words: "marta".into(),
            network_digest: "ab".into(),
            document: "{}".into(),
        }
    }

    #[test]
    fn bytes_that_move_to_the_next_field_change_the_digest() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab", ""]), digest(&["ab"]));
        assert_ne!(content("s", "t"), network("s", "t"), "a digest of one kind is none of another");
        let (key, moved) =
            (Key::of("k").unwrap(), Row { kind: "signed_i".into(), country: "n".into(), ..row() });
        assert_ne!(row().digest(&key, FIRST), moved.digest(&key, FIRST));
    }

    #[test]
    fn digest_of_a_row_needs_key_and_row_before() {
        let key = Key::of("one").unwrap();
        let own = row().digest(&key, "before");
        assert_eq!(own, row().digest(&key, "before"));
        assert_ne!(own, row().digest(&Key::of("other").unwrap(), "before"));
        assert_ne!(own, row().digest(&key, FIRST));
    }

    #[test]
    fn list_tells_its_lines_apart() {
        let of = |texts: &[&str]| {
            let mut list = List::new();
            for text in texts {
                list.text(text);
            }
            (list.lines(), list.digest())
        };
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["ab"]), of(&["a", "b"]));
        assert_eq!(of(&["a"]).0, 1);
    }
}
