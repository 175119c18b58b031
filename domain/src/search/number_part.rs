//! Parts of a case number, as callers remember them: the sequence, with or without country, year and check.

use std::collections::BTreeSet;

use crate::case_number::{CaseNumber, CasePrefix};
use crate::country::Country;

/// Digits of a complete sequence.
const SEQUENCE: usize = 6;
/// Digits of the longest sequence.
const LONGEST: usize = 8;
/// Digits of the year, and of the check.
const PAIR: usize = 2;

/// The known parts of a case number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPart {
    /// Letters before the country; `None` when unknown.
    prefix: Option<CasePrefix>,
    country: Option<Country>,
    /// Year with four digits; `None` when unknown.
    year: Option<i32>,
    sequence: u32,
    check: Option<String>,
}

impl NumberPart {
    /// Every reading of digits, in the groups of their writer. `26-4213` is a year and a sequence, `4213-92` a sequence
    /// and a check. `26004213` and `00421392` are the same with complete sequences.
    pub(super) fn readings(prefix: Option<CasePrefix>, country: Option<Country>, text: &str) -> Vec<Self> {
        let (mut digits, mut ends) = (String::new(), BTreeSet::new());
        for character in text.chars() {
            if character.is_ascii_digit() {
                digits.push(character);
            } else {
                ends.insert(digits.len());
            }
        }
        let with = [(0, 0), (0, PAIR), (PAIR, 0), (PAIR, PAIR)];
        with.into_iter()
            .filter_map(|(year, check)| {
                let length = digits.len().checked_sub(year + check)?;
                let apart = |at: usize| length >= SEQUENCE || ends.contains(&at);
                let is_apart = (year == 0 || apart(year)) && (check == 0 || apart(digits.len() - check));
                if length > LONGEST || !is_apart {
                    return None;
                }
                let (head, rest) = digits.split_at_checked(year)?;
                let (body, tail) = rest.split_at_checked(length)?;
                Some(Self {
                    prefix,
                    country,
                    year: head.parse::<i32>().ok().map(|year| 2000 + year),
                    sequence: body.parse::<u32>().ok().filter(|sequence| *sequence > 0)?,
                    check: (!tail.is_empty()).then(|| tail.to_owned()),
                })
            })
            .collect()
    }

    /// The readings of a word that begins with letters: a country (`ve26-4213`), letters before it (`an-ve26-4213`), or
    /// these alone (`an-4213`).
    pub(super) fn of_word(folded: &str) -> Vec<Self> {
        let digits_at = folded.find(|character: char| character.is_ascii_digit()).unwrap_or(folded.len());
        let (letters, digits) = folded.split_at(digits_at);
        let letters: String = letters.chars().filter(|letter| !is_dash(*letter)).collect();
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || is_dash(c));
        let Some(letters) = Some(letters.to_ascii_uppercase()).filter(|_| is_number) else {
            return Vec::new();
        };
        let with_country = Country::ALL.into_iter().filter_map(|country| {
            let prefix = letters.strip_suffix(country.code())?;
            let before =
                (!prefix.is_empty()).then(|| CasePrefix::of(prefix)).map_or(Some(None), |of| of.map(Some));
            Some(Self::readings(before?, Some(country), digits))
        });
        let alone = CasePrefix::parse(&letters).map(|prefix| Self::readings(Some(prefix), None, digits));
        with_country.chain(alone).flatten().collect()
    }

    /// The only number of a country, year and prefix that this can be. `last` is the last sequence of country and year.
    /// `None` when there is no such number.
    #[must_use]
    pub fn in_series(
        &self,
        (country, year, last): (Country, i32, u32),
        prefix: CasePrefix,
    ) -> Option<CaseNumber> {
        let Self { prefix: before, country: of, year: from, sequence, check } = self;
        let fits = of.is_none_or(|of| of == country)
            && from.is_none_or(|from| from == year)
            && before.is_none_or(|before| before == prefix);
        if !fits || *sequence > last {
            return None;
        }
        let number = CaseNumber::new(country, year, *sequence).ok()?.with_prefix(prefix);
        let checked = check.as_deref().is_none_or(|check| number.as_compact().ends_with(check));
        checked.then_some(number)
    }
}

fn is_dash(character: char) -> bool {
    matches!(character, '-' | '.' | '\u{2010}'..='\u{2015}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The readings among cases of two countries and two years.
    fn found(country: Option<Country>, text: &str) -> Vec<String> {
        let series = [(Country::Ve, 2025), (Country::Ve, 2026), (Country::Mx, 2026)];
        let parts = NumberPart::readings(None, country, text);
        let in_all = |part: &NumberPart| {
            series.map(|(country, year)| part.in_series((country, year, 5000), CasePrefix::NONE))
        };
        parts.iter().flat_map(in_all).flatten().map(|number| number.to_string()).collect()
    }

    #[test]
    fn number_part_matches_every_country_and_year() {
        let written = |country, year| CaseNumber::new(country, year, 4213).unwrap().to_string();
        assert_eq!(
            found(None, "4213"),
            [written(Country::Ve, 2025), written(Country::Ve, 2026), written(Country::Mx, 2026)]
        );
        assert_eq!(found(None, "004213").len(), 3);
        assert_eq!(found(Some(Country::Mx), "4213"), [written(Country::Mx, 2026)]);
        for text in ["26-4213-92", "26 004213 92", "2600421392", "00421392", "004213-92", "4213 92"] {
            assert_eq!(found(None, text), ["VE26-004213-92"], "{text}");
        }
        for text in ["26-4213", "26004213"] {
            assert_eq!(found(Some(Country::Ve), text), ["VE26-004213-92"], "{text}");
        }
    }

    #[test]
    fn letters_before_a_part_of_a_number_are_its_prefix_or_its_country() {
        let found = |word: &str, prefix: &str| {
            let prefix = CasePrefix::of(prefix).unwrap();
            let parts = NumberPart::of_word(word);
            let numbers = parts.iter().filter_map(|part| part.in_series((Country::Ve, 2026, 5000), prefix));
            numbers.map(|number| number.sequence()).collect::<Vec<_>>()
        };
        for word in ["an-4213", "an4213", "an-004213", "an-26-4213", "an-ve26-4213", "anve-4213"] {
            assert_eq!(found(word, "AN"), [4213], "{word}");
            assert_eq!(found(word, "BX"), Vec::<u32>::new(), "{word}");
            assert_eq!(found(word, ""), Vec::<u32>::new(), "{word}");
        }
        assert_eq!(found("ve26-4213", "AN"), [4213], "a number with an unnamed prefix");
        for word in ["an", "an-", "e47x", "foc2614a1b2", "caso4213", "abcde-4213"] {
            assert_eq!(found(word, "AN"), Vec::<u32>::new(), "{word}");
        }
    }

    #[test]
    fn impossible_number_part_matches_nothing() {
        for text in ["", "0", "000000", "00421393", "26-4213-93", "5001", "27-4213", "123456789012"] {
            assert_eq!(found(None, text), Vec::<String>::new(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_abbreviation_of_a_case_number_finds_it(
            sequence in prop_oneof![1_u32..1_000_000, 1..=CaseNumber::MAX_SEQUENCE],
            year in 2000..=2099,
        ) {
            for country in Country::ALL {
                let number = CaseNumber::new(country, year, sequence).unwrap();
                let digits = &number.as_compact()[2..];
                for text in [
                    sequence.to_string(),
                    digits.to_owned(),
                    digits[2..].to_owned(),
                    digits[..digits.len() - 2].to_owned(),
                    format!("{}-{sequence}", &digits[..2]),
                    format!("{sequence}-{}", &digits[digits.len() - 2..]),
                ] {
                    let parts = NumberPart::readings(None, Some(country), &text);
                    let last = CaseNumber::MAX_SEQUENCE;
                    let is_found = parts.iter().any(|part| part.in_series((country, year, last), CasePrefix::NONE) == Some(number));
                    prop_assert!(is_found, "{} for {}", text, number);
                }
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}|[0-9 -]{0,16}") {
            for part in NumberPart::readings(None, None, &text) {
                let _ = part.in_series((Country::Co, 2026, 7), CasePrefix::NONE);
            }
        }
    }
}
