//! Files and folders with customers' data, readable by the desk's own account alone.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// Permission bits of other accounts.
const OTHERS: u32 = 0o077;

/// Makes a folder and its missing parents. An existing one is unchanged.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Opens a file for writing, and makes it when it is missing. Its content is unchanged.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(FILE).open(path)
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(FILE).open(path)?;
    file.write_all(bytes)
}

/// Removes the permissions that an earlier version gave to others. Tells whether there were any; a missing file has
/// none.
pub(crate) fn close_to_others(path: &Path) -> io::Result<bool> {
    let mode = match std::fs::metadata(path) {
        Ok(known) => known.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let is_open = mode & OTHERS != 0;
    if is_open {
        std::fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS))?;
    }
    Ok(is_open)
}
