//! Words of a text.

/// The most characters of a stored word. Longer words are cut.
const LONGEST: usize = 32;

/// The words of a folded text, separated by white space. Inner punctuation (`srx-345`, `o'higgins`) remains.
pub(super) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(is_gap).filter(|word| !word.is_empty())
}

fn is_gap(character: char) -> bool {
    character.is_whitespace() || ",;/|#()[]{}<>\"«»“”¿?¡!:=".contains(character)
}

/// The letters and digits of a word: `srx-345` is `srx345`.
pub(super) fn compact(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
}

/// The word from the beginning of each of its parts: `cps-ve-004213` gives `cpsve004213`, `ve004213` and `004213`.
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
        fn parts_are_suffixes_of_the_compact_word(word in "[a-z0-9.'-]{0,20}") {
            let whole = compact(&word);
            for part in from_each_part(&word) {
                prop_assert!(!part.is_empty() && whole.ends_with(&part), "{} in {}", part, whole);
            }
        }
    }
}
