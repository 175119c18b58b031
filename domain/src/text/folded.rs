//! Folding of texts for search.

use super::is_invisible;

/// A text in lower case without accents: `Peña` and `pena` are equal.
#[must_use]
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

/// A letter without its accent; `None` for combining and invisible characters.
const fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ª' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'ĩ' | 'ĭ' | 'į' | 'ı' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ō' | 'ŏ' | 'ő' | 'ø' | 'º' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ũ' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ŕ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ź' | 'ż' | 'ž' => 'z',
        // A combining accent, as some systems write it after its letter.
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
            ("Škoda Łódź Őrség Ștefan", "skoda lodz orseg stefan"),
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
