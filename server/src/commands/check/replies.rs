//! Answers to a case mail: the customer's own words, apart from quotation, signature and notice.
//!
//! A folder has `expected.csv`, `NAME.eml`, `NAME.core.txt`, `NAME.body.txt`, and the texts that were answered in
//! `original.*.txt`. The result is right if it begins with the core and the body begins with it.

use std::path::Path;

use desk::inbound::Mail;
use desk::inbound::reply::{Conversation, own_text};
use serde::Deserialize;

use super::mails::{own_addresses, read, text_of};
use super::{Finding, SheetError, rows};

#[derive(Deserialize)]
struct Row {
    file: String,
    layout: String,
}

pub(super) fn check(folder: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    let rows = rows::<Row>(&folder.join("expected.csv"))?;
    let texts = originals(folder)?;
    let mails = rows
        .iter()
        .map(|(_, row)| Ok(Mail::parse(&read(&folder.join(&row.file))?)))
        .collect::<Result<Vec<_>, SheetError>>()?;
    let addresses = own_addresses(&mails);
    let conversation = Conversation { texts: &texts, addresses: &addresses };
    let mut findings = Vec::new();
    for ((_, row), mail) in rows.iter().zip(&mails) {
        let name = row.file.strip_suffix(".eml").unwrap_or(&row.file);
        let core = folded(&text_of(&folder.join(format!("{name}.core.txt")))?);
        let body = folded(&text_of(&folder.join(format!("{name}.body.txt")))?);
        let text = own_text(mail, &conversation).text;
        let got = folded(&if row.layout == "inline" { without_quotation(&text) } else { text });
        if !(got.starts_with(&core) && body.starts_with(&got)) {
            let what = if got.contains(&core) { "history left" } else { "text lost" };
            findings.push(Finding { row: format!("{}, {what}", row.file), expected: core, got });
        }
    }
    Ok((rows.len(), findings))
}

/// The texts that were answered: `original.es.txt` and its like.
fn originals(folder: &Path) -> Result<Vec<String>, SheetError> {
    let failed = |error| SheetError::File { path: folder.to_path_buf(), error };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("original.") && path.extension().is_some_and(|ending| ending == "txt") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| text_of(path)).collect()
}

/// A text with every run of white space as one blank.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines that quote nothing: answers between quoted lines stand with those.
fn without_quotation(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n")
}
