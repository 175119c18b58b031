//! A whole desk as one file, taken while the desk runs, and put back into an empty place on either engine.
//!
//! `docs/backup.md` describes the file. [`write()`] reads one moment of the database. [`restore`] fills an empty database in
//! one transaction. It commits only when the file, the rows and the integrity check agree. [`transfer`] is both at once: it
//! carries a desk from one engine to the other.

mod format;
mod noted;
mod restore;
mod tally;
mod transfer;
mod write;

use std::io;
use std::sync::Arc;

use domain::i18n::Language;
use domain::t;
use thiserror::Error;

pub use format::Header;
pub use noted::{Whole, note};
pub use restore::{Checked, Restored, restore, verify};
pub use tally::{TableTally, Tally};
pub use transfer::transfer;
pub use write::write;

use crate::store::StoreError;

/// Tables that no backup holds. A session, link, trusted browser or waiting sign-in that has ended after the backup would be good
/// again. A form that waits for a sign-in waits for an hour. Secrets of WhatsApp are the provider's at another company: they are
/// given once more.
const LEFT_OUT: [&str; 13] = [
    "sessions",
    "kept_forms",
    "account_links",
    "sign_in_steps",
    "passkey_challenges",
    "identity_requests",
    "logout_tokens",
    "trusted_devices",
    "waiting_screens",
    "setup_links",
    "customer_sessions",
    "customer_entries",
    "whatsapp_secrets",
];

/// Why a backup was not written, or nothing was restored from it.
#[derive(Debug, Clone, Error)]
pub enum BackupError {
    /// The database failed, holds no desk, or is not empty.
    #[error(transparent)]
    Store(StoreError),
    /// The file cannot be read.
    #[error("the backup cannot be read: {0}")]
    Input(Arc<io::Error>),
    /// The file cannot be written.
    #[error("the backup cannot be written: {0}")]
    Output(Arc<io::Error>),
    /// The file is no backup of this program.
    #[error("the file is no backup")]
    NotABackup,
    /// The file is of a later version: install that version first.
    #[error("the backup was written by version {program}, which is newer")]
    Newer {
        /// Version of the program that wrote it.
        program: String,
    },
    /// The file is not what was written: take another one.
    #[error("line {line} of the backup is damaged")]
    Damaged {
        /// Number of the line, from 1.
        line: u64,
    },
    /// The file ends before its end was written: take another one.
    #[error("the backup ends in line {line}, before its end")]
    Incomplete {
        /// Number of the last line, from 1.
        line: u64,
    },
    /// The tables of the file are not those of the schema that it names.
    #[error("the backup does not have the tables and columns of its version: {table}")]
    Tables {
        /// Name of the first table that is missing, unknown or has other columns.
        table: String,
    },
    /// The database gave back something else than it was given.
    #[error("the rows of {table} are not those of the backup")]
    Differs {
        /// Name of the table.
        table: String,
    },
    /// The integrity check found contradictions.
    #[error("the integrity check found {count} contradictions, the first: {first}")]
    Inconsistent {
        /// How many were found.
        count: usize,
        /// The first of them.
        first: String,
    },
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl BackupError {
    fn output(error: io::Error) -> Self {
        Self::Output(Arc::new(error))
    }

    fn input(error: io::Error) -> Self {
        Self::Input(Arc::new(error))
    }

    /// What an operator reads.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Store(StoreError::NotEmpty) => t!(language, "backup.not_empty").into_owned(),
            Self::Store(StoreError::NoDesk(_)) => t!(language, "backup.no_desk").into_owned(),
            Self::Store(error) => error.to_string(),
            Self::Input(error) => t!(language, "backup.input", error = error),
            Self::Output(error) => t!(language, "backup.output", error = error),
            Self::NotABackup => t!(language, "backup.not_a_backup").into_owned(),
            Self::Newer { program } => t!(language, "backup.newer", program = program),
            Self::Damaged { line } => t!(language, "backup.damaged", line = line),
            Self::Incomplete { line } => t!(language, "backup.incomplete", line = line),
            Self::Tables { table } => t!(language, "backup.tables", table = table),
            Self::Differs { table } => t!(language, "backup.differs", table = table),
            Self::Inconsistent { count, first } => {
                t!(language, "backup.inconsistent", count = count, first = first)
            }
        }
    }
}
