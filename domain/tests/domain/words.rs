//! Every key in the code is in the language files, in all three languages, and no other is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::i18n::{Language, text};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|kind| kind == ending) {
            found.push(path);
        }
    }
}

/// The keys of the language files, each with its languages.
fn written() -> BTreeMap<String, String> {
    let mut found = Vec::new();
    files(&workspace().join("domain/locales"), "yml", &mut found);
    let mut keys = BTreeMap::new();
    for path in found {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((key, _)) = line.split_once(':') else { continue };
            let plain = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c));
            if plain && key.contains('.') {
                let file = path.file_name().unwrap().to_string_lossy().into_owned();
                assert_eq!(keys.insert(key.to_owned(), file), None, "{key} is written twice");
            }
        }
    }
    assert!(keys.len() > 100, "the files were read");
    keys
}

/// String literals of the code that look like keys.
fn named() -> BTreeSet<String> {
    let mut sources = Vec::new();
    for part in ["domain/src", "desk/src", "app/src", "server/src"] {
        files(&workspace().join(part), "rs", &mut sources);
    }
    let mut literals = BTreeSet::new();
    for path in sources {
        let source = fs::read_to_string(path).unwrap();
        for literal in source.split('"').skip(1) {
            let fits =
                literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c));
            if fits && !literal.is_empty() {
                literals.insert(literal.to_owned());
            }
        }
    }
    literals
}

#[test]
fn every_key_has_all_languages() {
    for key in written().keys() {
        for language in Language::ALL {
            let words = text(language, key);
            assert!(!words.is_empty() && words != *key, "{key} has no {}", language.code());
        }
        let places = |language| {
            let words = text(language, key).into_owned();
            let names = words.split("%{").skip(1).filter_map(|rest| rest.split('}').next());
            names.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        for language in Language::ALL {
            // Placeholders are compared by number, not by name: a language may need the short form of a weekday where
            // another has the long one.
            assert_eq!(places(language).len(), places(Language::Es).len(), "{key} in {}", language.code());
        }
    }
}

#[test]
fn every_key_in_the_code_is_translated() {
    let written = written();
    // Known prefixes: a literal such as `mail.subject` is a key, `vigia.db` is not.
    let rooms: BTreeSet<&str> = written.keys().filter_map(|key| key.split('.').next()).collect();
    let begins_a_key = |literal: &str| {
        let rest = |key: &String| key.strip_prefix(literal).is_some_and(|rest| rest.starts_with('.'));
        written.keys().any(rest)
    };
    let missing: Vec<_> = named()
        .into_iter()
        .filter(|literal| {
            let (room, rest) = literal.split_once('.').unwrap_or((literal, ""));
            rooms.contains(room)
                && !["js", "css"].contains(&rest)
                && !rest.is_empty()
                && !literal.ends_with('.')
                && !written.contains_key(literal)
        })
        // Prefixes that a code completes. The test of `choices!` below checks the whole keys.
        .filter(|literal| !literal.starts_with('.') && !begins_a_key(literal))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// The keys of all enums that `choices!` declares with names: `enum Channel: "channel" {` with lines such as `Phone =
/// "phone",`.
fn keys_of_choices(source: &str) -> Vec<String> {
    let declared = source.split("enum ").skip(1).filter_map(|rest| rest.split_once(" {\n"));
    let named =
        declared.filter_map(|(name, rest)| Some((name.split_once(": \"")?.1.strip_suffix('"')?, rest)));
    let keys = named.flat_map(|(key, rest)| {
        let variants = rest.lines().take_while(|line| line.trim() != "}");
        let codes = variants.filter_map(|line| line.trim().strip_suffix("\",")?.split_once(" = \""));
        codes.map(move |(_, code)| format!("{key}.{code}"))
    });
    keys.collect()
}

#[test]
fn every_choice_has_a_name() {
    use domain::country::Country;
    use domain::intake::Field;
    use domain::priority::{Severity, Urgency};

    let mut sources = Vec::new();
    for part in ["domain/src", "desk/src", "app/src", "server/src"] {
        files(&workspace().join(part), "rs", &mut sources);
    }
    let mut keys: Vec<String> =
        sources.iter().flat_map(|path| keys_of_choices(&fs::read_to_string(path).unwrap())).collect();
    assert!(keys.len() > 100, "the declarations were read");
    let by_hand = [
        Severity::ALL.map(Severity::name_key).to_vec(),
        Severity::ALL.map(Severity::definition_key).to_vec(),
        Urgency::ALL.map(Urgency::name_key).to_vec(),
        Urgency::ALL.map(Urgency::definition_key).to_vec(),
        Country::ALL.map(Country::name_key).to_vec(),
        Country::ALL.map(Country::of_key).to_vec(),
        Field::ALL.map(Field::label_key).to_vec(),
        Field::ALL.map(Field::hint_key).to_vec(),
    ];
    keys.extend(by_hand.concat().into_iter().map(str::to_owned));
    let written = written();
    let missing: Vec<_> = keys.into_iter().filter(|key| !written.contains_key(key)).collect();
    assert_eq!(missing, Vec::<String>::new());
}
