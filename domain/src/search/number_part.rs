//! Parts of a case number, as callers remember them: the sequence, with or without country, year and check.

use std::collections::BTreeSet;

use crate::case_number::CaseNumber;
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
    country: Option<Country>,
    /// Year with four digits; `None` when unknown.
    year: Option<i32>,
    sequence: u32,
    check: Option<String>,
}

impl NumberPart {
    /// Every reading of digits, in the groups of their writer. `26-4213` is a year and a sequence, `4213-92` a sequence
    /// and a check. `26004213` and `00421392` are the same with complete sequences.
    pub(super) fn readings(country: Option<Country>, text: &str) -> Vec<Self> {
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
                    country,
                    year: head.parse::<i32>().ok().map(|year| 2000 + year),
                    sequence: body.parse::<u32>().ok().filter(|sequence| *sequence > 0)?,
                    check: (!tail.is_empty()).then(|| tail.to_owned()),
                })
            })
            .collect()
    }

    /// The only number of a country and year that this can be, when `last` is its last sequence; `None` when there is
    /// none.
    #[must_use]
    pub fn in_series(&self, country: Country, year: i32, last: u32) -> Option<CaseNumber> {
        let Self { country: of, year: from, sequence, check } = self;
        let fits = of.is_none_or(|of| of == country) && from.is_none_or(|from| from == year);
        if !fits || *sequence > last {
            return None;
        }
        let number = CaseNumber::new(country, year, *sequence).ok()?;
        let checked = check.as_deref().is_none_or(|check| number.as_compact().ends_with(check));
        checked.then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The readings among cases of two countries and two years.
    fn found(country: Option<Country>, text: &str) -> Vec<String> {
        let series = [(Country::Ve, 2025), (Country::Ve, 2026), (Country::Mx, 2026)];
        let parts = NumberPart::readings(country, text);
        let in_all = |part: &NumberPart| series.map(|(country, year)| part.in_series(country, year, 5000));
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
                    let parts = NumberPart::readings(Some(country), &text);
                    let last = CaseNumber::MAX_SEQUENCE;
                    let is_found = parts.iter().any(|part| part.in_series(country, year, last) == Some(number));
                    prop_assert!(is_found, "{} for {}", text, number);
                }
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}|[0-9 -]{0,16}") {
            for part in NumberPart::readings(None, &text) {
                let _ = part.in_series(Country::Co, 2026, 7);
            }
        }
    }
}
