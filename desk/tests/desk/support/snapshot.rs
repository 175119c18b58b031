//! Snapshots of what people read: the files in `snapshots` show every change of it in a review.
//!
//! `INSTA_UPDATE=always` writes them anew.

use domain::i18n::Language;

/// Holds that `content` is what the snapshot of this name says, on whatever engine.
pub fn holds(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// One text of what is said in each language.
pub fn in_each_language(said: &[(Language, String)]) -> String {
    let part = |(language, text): &(Language, String)| format!("===== {} =====\n{text}\n", language.code());
    said.iter().map(part).collect::<Vec<_>>().join("\n")
}

/// A file with its line ends and its byte order mark to be seen.
pub fn visible(file: &str) -> String {
    file.replace('\u{feff}', "<BOM>").replace('\r', "<CR>")
}
