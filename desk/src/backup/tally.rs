//! How many rows a table has, and a digest of them that does not depend on their order.

use sha2::{Digest, Sha256};

use crate::access::tokens::hex;

/// Rows of one table, counted and summed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTally {
    /// Name of the table.
    pub table: String,
    /// How many rows, and their digest.
    pub tally: Tally,
}

/// The count of rows, and the sum of their SHA-256 in four lanes of 64 bits. Engines give rows in different orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many rows were counted.
    pub rows: u64,
    sum: [u64; 4],
}

impl Tally {
    /// Counts a row, as it stands in the file without its line's end.
    pub(super) fn add(&mut self, row: &[u8]) {
        self.rows += 1;
        let digest = Sha256::digest(row);
        for (lane, bytes) in self.sum.iter_mut().zip(digest.as_chunks::<8>().0) {
            *lane = lane.wrapping_add(u64::from_le_bytes(*bytes));
        }
    }

    /// The digest of all rows, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        self.sum.iter().map(|lane| hex(&lane.to_le_bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            tally.add(row.as_bytes());
        }
        tally
    }

    #[test]
    fn digest_follows_from_the_rows_and_not_from_their_order() {
        assert_eq!(tally(&["a", "b", "c"]), tally(&["c", "a", "b"]));
        assert_ne!(tally(&["a", "b"]).digest(), tally(&["a", "c"]).digest());
        assert_ne!(tally(&["a"]).digest(), tally(&["a", "a"]).digest());
        assert_eq!((tally(&[]).rows, tally(&["a"]).digest().len()), (0, 64));
    }
}
