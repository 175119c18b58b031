//! One writing for all: what of a text's writing does not matter when it is looked for.

use super::is_invisible;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neither_accents_nor_capitals_matter() {
        for (text, expected) in [
            ("María Ñáñez", "maria nanez"),
            ("Mari\u{301}a N\u{303}an\u{303}ez", "maria nanez"),
            ("JOÃO CONCEIÇÃO", "joao conceicao"),
            ("Grüße N.º 3\u{200B}", "gruße n.o 3"),
        ] {
            assert_eq!(folded(text), expected);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,80}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
