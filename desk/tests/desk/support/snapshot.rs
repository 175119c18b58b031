//! Snapshots of texts that people read: files in `snapshots` show every change in a review.
//!
//! `INSTA_UPDATE=always` writes them anew.

use domain::i18n::Language;

/// Asserts that `content` equals the snapshot of this name, on any engine.
pub fn holds(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// The texts of all languages as one.
pub fn in_each_language(said: &[(Language, String)]) -> String {
    let part = |(language, text): &(Language, String)| format!("===== {} =====\n{text}\n", language.code());
    said.iter().map(part).collect::<Vec<_>>().join("\n")
}

/// A file with visible line ends and byte order mark.
pub fn visible(file: &str) -> String {
    file.replace('\u{feff}', "<BOM>").replace('\r', "<CR>")
}
