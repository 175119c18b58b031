//! What the checks of mails share.

use std::collections::BTreeMap;
use std::path::Path;

use desk::inbound::Mail;

use super::SheetError;

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, SheetError> {
    std::fs::read(path).map_err(|error| SheetError::File { path: path.to_path_buf(), error })
}

/// The text of a file.
pub(super) fn text_of(path: &Path) -> Result<String, SheetError> {
    std::fs::read_to_string(path).map_err(|error| SheetError::File { path: path.to_path_buf(), error })
}

/// The desk's address: the one to which most of the mails are addressed.
pub(super) fn own_addresses(mails: &[Mail]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in mails.iter().flat_map(|mail| mail.headers.mailboxes("to")) {
        *counts.entry(one.address).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(address, _)| address).into_iter().collect()
}
