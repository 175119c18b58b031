//! Imports of the register in the browser. A file is read, what it would change is shown, then it is confirmed. Each import
//! is on record and can be undone. The server alone draws these pages (`docs/decisions/0041`).

mod file;
mod posts;
mod preview;
mod upload;

use domain::actor::{Action, Subject, may};
use domain::i18n::Language;
use domain::register::ImportKind;
use domain::t;

pub use file::ImportFilePage;
pub use posts::{bad_rows_csv, post_import_file, post_import_step};
pub use upload::ImportPage;

use crate::request::request_context;

/// The field with the day on which contracts end that a file lacks.
const ENDS_ON: &str = "ends_on";

/// The address of the imports.
const IMPORT: &str = "/desk/admin/import";

/// Whether the reader imports, or only reads the record.
fn writes() -> bool {
    request_context().is_ok_and(|asked| may(&asked.actor, Action::Import, Subject::Desk).is_ok())
}

/// What a column of a file is called on screen.
fn column_label(language: Language, column: &str) -> String {
    t!(language, &format!("register.field.{column}")).into_owned()
}

/// The columns of a kind of file, by their names.
fn column_names(kind: ImportKind) -> String {
    desk::import::columns(kind).join(", ")
}
