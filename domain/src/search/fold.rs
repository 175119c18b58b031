//! One writing for all: how words are told apart, and what of their writing does not matter.

use crate::text::is_invisible;

/// Most characters of a word that are kept: what two longer ones have in common beyond that tells nothing.
const LONGEST: usize = 32;

/// A text in small letters without accents, as people type who are in a hurry: `Peña` and `pena` are the same.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

/// A letter without its accent; `None` for what only changes the letter before it, or shows nothing.
const fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ª' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'ē' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ī' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ō' | 'ø' | 'º' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'ū' => 'u',
        'ý' | 'ÿ' => 'y',
        'ç' => 'c',
        'ñ' => 'n',
        // An accent by itself, as some systems write it after its letter.
        '\u{300}'..='\u{36F}' => return None,
        hidden if is_invisible(hidden) => return None,
        other => other,
    })
}

/// The words of a text that was folded, as their writer set them apart. What stands inside of one (`srx-345`, `o'higgins`)
/// is not looked at yet.
pub(super) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(is_gap).filter(|word| !word.is_empty())
}

fn is_gap(character: char) -> bool {
    character.is_whitespace() || ",;/|#()[]{}<>\"«»“”¿?¡!:=".contains(character)
}

/// A word by its letters and digits alone: `srx-345` is `srx345`.
pub(super) fn compact(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
}

/// A word from the beginning of each of its parts on: `cps-ve-004213` is found as `cpsve004213`, `ve004213` and `004213`.
pub(super) fn from_each_part(word: &str) -> impl Iterator<Item = String> {
    let starts = word.char_indices().scan(false, |inside, (place, character)| {
        let begins = character.is_alphanumeric() && !*inside;
        *inside = character.is_alphanumeric();
        Some(begins.then_some(place))
    });
    starts.flatten().filter_map(move |place| word.get(place..)).map(compact)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_removes_accents_and_capitals() {
        for (text, expected) in [
            ("María Ñáñez", "maria nanez"),
            ("Mari\u{301}a N\u{303}an\u{303}ez", "maria nanez"),
            ("JOÃO CONCEIÇÃO", "joao conceicao"),
            ("Grüße N.º 3\u{200B}", "gruße n.o 3"),
        ] {
            assert_eq!(folded(text), expected);
        }
    }

    #[test]
    fn words_are_split_at_separators() {
        let found: Vec<&str> = words("pérez, luis (tel: 0414) srx-345/a").collect();
        assert_eq!(found, ["pérez", "luis", "tel", "0414", "srx-345", "a"]);
        assert_eq!(words(" ,; ").count(), 0);
    }

    #[test]
    fn compound_word_is_indexed_from_each_part() {
        let found = |word| from_each_part(word).collect::<Vec<_>>();
        assert_eq!(found("cps-ve-004213-58"), ["cpsve00421358", "ve00421358", "00421358", "58"]);
        assert_eq!(found("-o'higgins."), ["ohiggins", "higgins"]);
        assert_eq!(found("perez"), ["perez"]);
        assert_eq!(found("--"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,80}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn parts_are_suffixes_of_the_compact_word(word in "[a-z0-9.'-]{0,20}") {
            let whole = compact(&word);
            for part in from_each_part(&word) {
                prop_assert!(!part.is_empty() && whole.ends_with(&part), "{} in {}", part, whole);
            }
        }
    }
}
