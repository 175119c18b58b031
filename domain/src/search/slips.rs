//! Slips of the pen: words that are one letter away from another.

use std::collections::BTreeSet;

/// The letters that a slip may have put, or left out: words are folded.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
/// The fewest letters of a word that is read as another one. Of shorter ones too many are one letter apart.
const FEWEST: usize = 4;
/// The most letters of such a word.
const MOST: usize = 20;

/// Every word that is one slip away: a letter wrong, missing, doubled or too many, or two neighbours swapped (Damerau 1964).
///
/// A word with a digit has none: it is a code, and the next code is another thing.
pub(super) fn one_slip_away(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    if !(FEWEST..=MOST).contains(&letters.len()) || !letters.iter().all(|letter| letter.is_alphabetic()) {
        return BTreeSet::new();
    }
    let text = |parts: [&[char]; 3]| parts.concat().into_iter().collect::<String>();
    let mut found = BTreeSet::new();
    for (at, letter) in letters.iter().enumerate() {
        let (before, from) = letters.split_at(at);
        let after = from.get(1..).unwrap_or_default();
        found.insert(text([before, &[], after]));
        if let [next, rest @ ..] = after {
            found.insert(text([before, &[*next, *letter], rest]));
        }
        for other in LETTERS.chars() {
            found.insert(text([before, &[other], after]));
            found.insert(text([before, &[other], from]));
        }
    }
    found.extend(LETTERS.chars().map(|other| text([&letters, &[other], &[]])));
    found.remove(word);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_slip_leads_back_to_the_word() {
        for slip in
            ["conmutadr", "conmutadorr", "conmutedor", "comnutador", "cconmutador", "onmutador", "conmutadoe"]
        {
            assert!(one_slip_away(slip).contains("conmutador"), "{slip}");
        }
        for other in ["conmutador", "conmtadr", "comnutadro"] {
            assert!(!one_slip_away(other).contains("conmutador"), "{other}");
        }
    }

    #[test]
    fn codes_and_short_words_have_no_slips() {
        for word in ["", "luz", "4213", "foc2614", "e47", "abcdefghijklmnopqrstuvw"] {
            assert_eq!(one_slip_away(word), BTreeSet::new(), "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_slip_is_undone_by_a_slip(word in "[a-z]{5,12}") {
            for slip in one_slip_away(&word) {
                prop_assert!(slip.len() < 4 || one_slip_away(&slip).contains(&word), "{} for {}", slip, word);
            }
        }
    }
}
