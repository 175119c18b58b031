//! Writes down the words that browsers are given: `words FOLDER` makes `FACE.LANGUAGE.json` in FOLDER for each face and
//! language. A page loads the one of its face and its reader's language (`domain::words::load`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use domain::words::{Language, all};

/// A face of the desk, with the sections of words (what stands before the first point of a key) that it shows.
struct Face {
    name: &'static str,
    shows: fn(&str) -> bool,
}

const FACES: [Face; 3] = [
    Face { name: "portal", shows: |section| !SERVERS.contains(&section) && !STAFFS.contains(&section) },
    Face { name: "workspace", shows: |section| !SERVERS.contains(&section) },
    Face { name: "wall", shows: |section| WALLS.contains(&section) },
];

/// What only the server writes: mails and the command line.
const SERVERS: &[&str] = &["cli", "import", "letter", "people", "plan"];
/// What no customer is shown.
const STAFFS: &[&str] = &["mails", "staff", "wall"];
/// The few words that a wall shows.
const WALLS: &[&str] = &[
    "calendar", "clock", "clock_state", "country", "coverage", "error", "frame", "pause_reason", "platform",
    "priority", "promise", "status", "wall",
];

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
    for Face { name, shows } in FACES {
        for language in Language::ALL {
            let words = words_of(language, shows);
            let file = folder.join(format!("{name}.{}.json", language.code()));
            fs::write(file, serde_json::to_vec(&words)?)?;
        }
    }
    Ok(())
}

fn words_of(
    language: Language,
    shows: fn(&str) -> bool,
) -> BTreeMap<Cow<'static, str>, Cow<'static, str>> {
    let section = |key: &str| key.split('.').next().is_some_and(shows);
    all(language).into_iter().filter(|(key, _)| section(key)).collect()
}
