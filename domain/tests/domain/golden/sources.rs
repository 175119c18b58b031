//! The serialised types of `domain`, by its sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Shape of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Struct,
    Enum,
}

/// Every public type that derives `Serialize` or implements it, by its path.
///
/// Private types are serialised in place of public ones, whose goldens show them.
pub(super) fn serialised_types() -> BTreeMap<String, Shape> {
    let files = sources();
    let declared: Vec<_> = files.iter().flat_map(|(module, text)| declared(module, text)).collect();
    let mut types = BTreeMap::new();
    for Declared { module, name, shape, by_macro } in declared {
        let Some(by_macro) = by_macro else {
            types.insert(format!("{module}::{name}"), shape);
            continue;
        };
        for (module, text) in &files {
            types.extend(
                invoked(text, &by_macro).into_iter().map(|name| (format!("{module}::{name}"), shape)),
            );
        }
    }
    types
}

/// Each file's text up to its tests, with its module path.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let module = |file: &Path| {
        let inside = file.strip_prefix(&root).unwrap().with_extension("");
        let parts =
            inside.iter().map(|part| part.to_str().unwrap()).filter(|part| !["mod", "lib"].contains(part));
        std::iter::once("domain").chain(parts).collect::<Vec<_>>().join("::")
    };
    let text = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned()
    };
    rust_files(&root).iter().map(|file| (module(file), text(file))).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// A type as declared; `name` is empty when a macro declares it.
struct Declared {
    module: String,
    name: String,
    shape: Shape,
    by_macro: Option<String>,
}

fn declared(module: &str, text: &str) -> Vec<Declared> {
    assert!(!text.contains("Serialize for "), "{module} serialises by hand: teach this test to see it");
    let derives = text.match_indices("derive(").filter(|(at, _)| {
        let list = text[*at..].split(')').next().unwrap();
        list.split(|c: char| !c.is_alphanumeric()).any(|word| word == "Serialize")
    });
    // `choices!` derives it for every enum.
    derives
        .chain(text.match_indices("choices! {"))
        .filter_map(|(at, _)| {
            let line = text[at..].lines().map(str::trim).find_map(|line| {
                let (before, shape) = [("struct ", Shape::Struct), ("enum ", Shape::Enum)]
                    .into_iter()
                    .find_map(|(word, shape)| line.split_once(word).map(|(before, _)| (before, shape)))?;
                let is_declaration =
                    before.is_empty() || before.starts_with("pub") || before.starts_with("$vis");
                is_declaration.then_some((line, shape))
            });
            let (line, shape) = line.unwrap();
            if !line.starts_with("pub ") {
                return None;
            }
            let name = word_after(line, if shape == Shape::Enum { "enum " } else { "struct " });
            let by_macro = name.is_empty().then(|| {
                let (_, rules) = text[..at].rsplit_once("macro_rules! ").unwrap();
                word_after(rules, "")
            });
            Some(Declared { module: module.to_owned(), name, shape, by_macro })
        })
        .collect()
}

/// The identifier after `before`; empty for a macro's `$name`.
fn word_after(text: &str, before: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap();
    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The names passed to a macro that declares a type.
fn invoked(text: &str, by_macro: &str) -> Vec<String> {
    let call = format!("\n{by_macro}!(");
    let name = |inside: &str| {
        let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with('#');
        word_after(inside.lines().map(str::trim).find(is_code).unwrap(), "")
    };
    text.split(&call).skip(1).map(name).collect()
}
