//! Writes the words for browsers: `words FOLDER` makes `FACE.LANGUAGE.json` in FOLDER for each face and language, of the
//! bundles that are in `FOLDER/FACE`. A page loads the one of its face and its reader's language (`domain::i18n::load`).
//!
//! A bundle's words are those whose keys are in its code. Keys are whole texts in the sources of pages that browsers run, so
//! that the code holds each of them in one piece.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use domain::i18n::{Language, all};

/// The faces whose words are those of all code in their folder.
const FACES: [&str; 5] = ["form", "track", "admin", "wall", "verify"];
/// The face that loads words with its first page, and others with the first of its parts (`app/src/parts.rs`).
const WORKSPACE: &str = "workspace";
/// The words of those parts.
const PARTS: &str = "parts";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("usage: words FOLDER");
        return ExitCode::from(2);
    };
    match write_all(Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("words: {folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(folder: &Path) -> io::Result<()> {
    let keys: Vec<_> = all(Language::Es).into_keys().collect();
    for face in FACES {
        write(folder, face, &named(&keys, &code_of(&folder.join(face))?))?;
    }
    let workspace = folder.join(WORKSPACE);
    let first = named(&keys, &texts_of(&fs::read(workspace.join("workspace_bg.wasm"))?));
    let whole = named(&keys, &code_of(&workspace)?);
    write(folder, WORKSPACE, &first)?;
    write(folder, PARTS, &whole.difference(&first).copied().collect())
}

fn write(folder: &Path, name: &str, keys: &BTreeSet<&str>) -> io::Result<()> {
    for language in Language::ALL {
        let words: BTreeMap<Cow<'static, str>, Cow<'static, str>> =
            all(language).into_iter().filter(|(key, _)| keys.contains(key.as_ref())).collect();
        fs::write(folder.join(format!("{name}.{}.json", language.code())), serde_json::to_vec(&words)?)?;
    }
    Ok(())
}

/// The texts of all code in a folder.
fn code_of(folder: &Path) -> io::Result<String> {
    let mut texts = String::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "wasm") {
            texts.push_str(&texts_of(&fs::read(path)?));
        }
    }
    Ok(texts)
}

/// What may be keys in some code, a line each. Texts stand side by side in it, with nothing between them.
fn texts_of(code: &[u8]) -> String {
    let is_of_key = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.');
    let mut texts = String::new();
    for text in code.split(|byte| !is_of_key(byte)).filter(|text| text.contains(&b'.')) {
        texts.extend(text.iter().map(|byte| char::from(*byte)));
        texts.push('\n');
    }
    texts
}

/// The keys that some texts hold.
fn named<'a>(keys: &'a [Cow<'static, str>], texts: &str) -> BTreeSet<&'a str> {
    keys.iter().map(AsRef::as_ref).filter(|key| texts.contains(key)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Words of the server alone, whose keys it puts together.
    const COMPOSED: [&str; 5] =
        ["calendar.weekday.", "cause.", "register.field.", "settings.", "wording.part."];

    #[test]
    fn key_is_found_among_the_texts_of_code() {
        let keys = ["form.title", "form.send", "error.fields"].map(Cow::Borrowed);
        let texts = texts_of(b"\0asm\x01form.titlefield\x00\xffError.fields \x07form.sending");
        assert_eq!(named(&keys, &texts), BTreeSet::from(["form.title", "form.send"]));
    }

    #[test]
    fn browsers_put_no_keys_together() {
        let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut left = vec![sources.join("app/src"), sources.join("domain/src")];
        while let Some(path) = left.pop() {
            if path.is_dir() {
                left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            for (_, key) in
                source.match_indices(", &format!(\"").map(|(at, begin)| source.split_at(at + begin.len()))
            {
                let is_key =
                    all(Language::Es).keys().any(|known| known.starts_with(key.split('{').next().unwrap()));
                let is_servers = COMPOSED.iter().any(|begin| key.starts_with(begin));
                assert!(
                    !is_key || is_servers || key.starts_with('{'),
                    "{}: {}",
                    path.display(),
                    key.chars().take(20).collect::<String>()
                );
            }
        }
    }
}
