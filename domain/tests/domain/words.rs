//! Every word that the code names is in the files, in all three languages; and nothing else is.

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

/// The keys of the language files, each with the languages it has.
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

/// Every string literal of the code that looks like a key.
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
            // Not the names: a language may need the short form of a weekday where another has the long one.
            assert_eq!(places(language).len(), places(Language::Es).len(), "{key} in {}", language.code());
        }
    }
}

#[test]
fn every_key_that_the_code_names_is_written() {
    let written = written();
    // First parts of keys: a literal such as `mail.subject` is a key, `vigia.db` is not.
    let rooms: BTreeSet<&str> = written.keys().filter_map(|key| key.split('.').next()).collect();
    let missing: Vec<_> = named()
        .into_iter()
        .filter(|literal| {
            let (room, rest) = literal.split_once('.').unwrap_or((literal, ""));
            rooms.contains(room)
                && rest != "js"
                && !rest.is_empty()
                && !literal.ends_with('.')
                && !written.contains_key(literal)
        })
        // Made with concat!: checked by the enums' own test below.
        .filter(|literal| !literal.starts_with('.'))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_choice_has_a_name() {
    use domain::actor::Role;
    use domain::case::visit::Side;
    use domain::case::{
        Answered, AskedBy, AttemptOutcome, Audience, Channel, ClockState, LinkKind, PauseReason, ResumeCause,
        Status,
    };
    use domain::country::Country;
    use domain::intake::Field;
    use domain::priority::{Platform, Severity, Urgency};
    use domain::sla_plan::SlaMetric;

    let mut keys: Vec<&str> = Vec::new();
    keys.extend(Severity::ALL.into_iter().flat_map(|level| [level.name_key(), level.definition_key()]));
    keys.extend(Urgency::ALL.into_iter().flat_map(|level| [level.name_key(), level.definition_key()]));
    keys.extend(Platform::ALL.map(Platform::name_key));
    keys.extend(Country::ALL.into_iter().flat_map(|country| [country.name_key(), country.of_key()]));
    keys.extend(Role::ALL.map(Role::name_key));
    keys.extend(Status::ALL.map(Status::name_key));
    keys.extend(SlaMetric::ALL.map(SlaMetric::name_key));
    keys.extend(ClockState::ALL.map(ClockState::name_key));
    keys.extend(Channel::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(AttemptOutcome::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(Audience::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(PauseReason::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(Answered::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(Side::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(AskedBy::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(LinkKind::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(ResumeCause::ALL.iter().map(|choice| choice.name_key()));
    keys.extend(Field::ALL.into_iter().flat_map(|field| [field.label_key(), field.hint_key()]));
    let written = written();
    let missing: Vec<_> = keys.into_iter().filter(|key| !written.contains_key(*key)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
