//! Files and folders that hold what customers wrote: for the account that the desk runs as, and for nobody else.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// What others than the owner may do.
const OTHERS: u32 = 0o077;

/// Makes a folder, with those above it that are missing. One that is there stays as its owner made it.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)
}

/// Opens a file for writing, and makes it when it is missing; what is in it stays.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(FILE).open(path)
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(FILE).open(path)?;
    file.write_all(bytes)
}

/// Takes from others what an earlier version gave them; whether there was anything to take. A missing file has nothing.
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
