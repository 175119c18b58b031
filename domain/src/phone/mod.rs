//! Telephone numbers of Venezuela, Colombia and Mexico in any written form, stored in E.164. Numbers of other countries
//! need their country code; of these Brazil's alone are checked against a plan.
//!
//! The plans are those of 2026, checked against libphonenumber on `tests/oracles/phones*.csv`. They are a little wider
//! than its tables (any 3xx is a Colombian mobile), because tables grow old. An unknown area is flagged, see
//! [`Phone::unknown_area`].

mod extension;
mod keys;
mod plans;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::extension::Extension;
use self::{
    keys::{Dialled, context, dialled, has_words},
    plans::{BRAZIL, Found, international, national, taken_before, way_abroad, without_plus},
};
use crate::country::Country;
pub use crate::country::numbering::PhoneKind;
use crate::country::numbering::in_groups;
use crate::i18n::Language;
use crate::t;
use crate::text::legible;

/// A telephone number: the input and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Phone {
    /// `None` for a number of another country, Brazil's included.
    country: Option<Country>,
    /// The number without the country code; for another country, with it.
    national: String,
    kind: PhoneKind,
    raw: String,
    /// The digits dialled after the number has answered.
    extension: Option<Extension>,
}

/// The keys that somebody presses who dials a number as it is written; `None` for a text that cannot be dialled.
pub(crate) fn pressed(written: &str) -> Option<String> {
    dialled(written).ok().map(Dialled::pressed)
}

/// A telephone as serialised. It is parsed again when deserialised.
#[derive(Serialize, Deserialize)]
struct Wire {
    e164: String,
    raw: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extension: Option<Extension>,
}

/// Why a telephone number is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhoneProblem {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// A single letter among digits: a typing error, not a word to dial.
    #[error("a lone letter {0:?} among the digits")]
    LoneLetter(char),
    /// A character that occurs in no number.
    #[error("character {0:?} cannot stand in a number")]
    BadCharacter(char),
    /// There is an extension after the number.
    #[error("a number with an extension")]
    Extension,
    /// The words dialled on the keypad give no number: some were written out (`cero414`).
    #[error("words that dial no number of {0:?}")]
    Letters(Country),
    /// A local number without an area code, which no longer connects in these countries.
    #[error("the area code of {0:?} is missing")]
    NoAreaCode(Country),
    /// The number has too few digits for the country.
    #[error("too few digits for {0:?}")]
    TooShort(Country),
    /// The number has too many digits for the country.
    #[error("too many digits for {0:?}")]
    TooLong(Country),
    /// The length is right, but no number of the country begins like this.
    #[error("no number of {0:?} begins like this")]
    NotInUse(Country),
    /// The number has Brazil's code but does not fit its plan.
    #[error("not a number of Brazil")]
    NotBrazilian,
    /// The number has another country's code, but not the 8 to 15 digits of E.164.
    #[error("not a number of any country")]
    NotInternational,
}

impl PhoneProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let of = |key, country: &Country| {
            let (name, example) = (t!(language, country.of_key()), country.numbering().example);
            let digits = example.chars().filter(char::is_ascii_digit).count();
            t!(language, key, of_country = name, digits = digits, example = example)
        };
        match self {
            Self::Empty => t!(language, "phone.empty").into_owned(),
            Self::LoneLetter(letter @ ('O' | 'o' | 'Q' | 'q')) => {
                t!(language, "phone.lone_letter_like", letter = letter, digit = '0')
            }
            Self::LoneLetter(letter @ ('I' | 'i' | 'L' | 'l')) => {
                t!(language, "phone.lone_letter_like", letter = letter, digit = '1')
            }
            Self::LoneLetter(letter) => t!(language, "phone.lone_letter", letter = letter),
            Self::BadCharacter(c) => t!(language, "phone.bad_character", character = c),
            Self::Extension => t!(language, "phone.extension").into_owned(),
            Self::Letters(country) => of("phone.letters", country),
            Self::NoAreaCode(country) => of("phone.no_area_code", country),
            Self::TooShort(country) => of("phone.too_short", country),
            Self::TooLong(country) => of("phone.too_long", country),
            Self::NotInUse(country) => of("phone.not_in_use", country),
            Self::NotBrazilian => t!(language, "phone.not_brazilian").into_owned(),
            Self::NotInternational => t!(language, "phone.not_international").into_owned(),
        }
    }
}

impl Phone {
    /// Parses a number as people in `home` write it: with or without trunk prefix or country code. It accepts the
    /// former Colombian and Mexican forms, and words on the keypad (`0800 CPS 0000`).
    ///
    /// # Errors
    /// When it cannot be a valid number.
    ///
    /// ```
    /// use domain::country::Country;
    /// use domain::phone::{Phone, PhoneProblem};
    ///
    /// let phone = Phone::parse(Country::Ve, "0414-555.01.42").unwrap();
    /// assert_eq!(phone.e164(), "+584145550142");
    /// assert_eq!(Phone::parse(Country::Ve, "555 1234"), Err(PhoneProblem::NoAreaCode(Country::Ve)));
    /// ```
    pub fn parse(home: Country, input: &str) -> Result<Self, PhoneProblem> {
        let raw = legible(input).trim().to_owned();
        let found = match (dialled(&raw)?, context(&raw)) {
            (Dialled::International(digits), _) => international(&digits),
            (Dialled::WayAbroad(digits), _) => way_abroad(home, &digits),
            // A link with a `phone-context`: the number is as dialled in that country.
            (Dialled::National(digits), Some(code)) => international(&format!("{code}{digits}")),
            (Dialled::National(digits), None) => national(home, &digits).or_else(|problem| {
                // Numbers are often copied with the country code but without the plus.
                without_plus(home, &digits).map_err(|cut_short| match cut_short {
                    PhoneProblem::TooShort(_) => cut_short,
                    _ => problem,
                })
            }),
        };
        // For dialled words the number of digits means nothing to their writer.
        let found =
            found.map_err(|problem| if has_words(&raw) { PhoneProblem::Letters(home) } else { problem })?;
        Ok(Self { country: found.country, national: found.digits, kind: found.kind, raw, extension: None })
    }

    /// The same, with an optional extension after the number: `0212-5551234 ext. 12`.
    ///
    /// # Errors
    /// When the number before the extension cannot be valid.
    pub fn parse_with_extension(home: Country, input: &str) -> Result<Self, PhoneProblem> {
        match extension::split(legible(input).trim()) {
            Some((number, extension)) => {
                let phone = Self::parse(home, number)?;
                let raw = format!("{} ext. {}", phone.raw, extension.as_str());
                Ok(Self { raw, extension: Some(extension), ..phone })
            }
            None => Self::parse(home, input),
        }
    }

    /// The number of a stored E.164 form, with its original text.
    ///
    /// # Errors
    /// When `e164` is not in the form that [`Self::e164`] gives.
    pub fn recall(e164: &str, raw: &str) -> Result<Self, PhoneProblem> {
        let digits = e164.strip_prefix('+').ok_or(PhoneProblem::NotInternational)?;
        // Plans change, so a number that was accepted once is still read.
        let is_same = |found: &Found| e164_of(found.country, &found.digits) == e164;
        let found = match international(digits).ok().filter(is_same) {
            Some(found) => found,
            None => taken_before(digits)?,
        };
        let phone = Self {
            country: found.country,
            national: found.digits,
            kind: found.kind,
            raw: raw.to_owned(),
            extension: None,
        };
        if phone.e164() == e164 { Ok(phone) } else { Err(PhoneProblem::NotInternational) }
    }

    /// What stands for an erased number: the `nth` distinct one of a case, from 1. No country has the code 999 (ITU-T E.164, list
    /// of assigned codes).
    pub(crate) fn erased(nth: usize) -> Self {
        let national = format!("999{:08}", nth.min(99_999_999));
        Self { country: None, national, kind: PhoneKind::Foreign, raw: "[…]".to_owned(), extension: None }
    }

    /// E.164 with its plus, for storage and comparison: `+582125551234`.
    #[must_use]
    pub fn e164(&self) -> String {
        e164_of(self.country, &self.national)
    }

    /// The international form with its extension, grouped by spaces (ITU-T E.123): `+58 212 555 1234 ext. 12`.
    #[must_use]
    pub fn international(&self) -> String {
        self.extended(self.grouped())
    }

    /// The extension, if there is one.
    #[must_use]
    pub const fn extension(&self) -> Option<&Extension> {
        self.extension.as_ref()
    }

    fn extended(&self, number: String) -> String {
        match &self.extension {
            Some(extension) => format!("{number} ext. {}", extension.as_str()),
            None => number,
        }
    }

    fn grouped(&self) -> String {
        let Some(country) = self.country else { return self.foreign() };
        let plan = country.numbering();
        format!("+{} {}", plan.calling_code, in_groups(&self.national, (plan.groups)(&self.national)))
    }

    /// The international form of another country's number, grouped where its plan is known.
    fn foreign(&self) -> String {
        let national = self.national.strip_prefix(BRAZIL).filter(|_| self.kind != PhoneKind::Foreign);
        let area = if self.kind == PhoneKind::TollFree { 3 } else { 2 };
        let groups = national.and_then(|national| {
            let (area, line) = national.split_at_checked(area)?;
            let (first, last) = line.split_at_checked(line.len().checked_sub(4)?)?;
            Some(format!("+{BRAZIL} {area} {first} {last}"))
        });
        groups.unwrap_or_else(|| self.e164())
    }

    /// As dialled and printed within its country, with its extension: `0212-5551234`, `(601) 5551234`, `55 1234 5678`.
    #[must_use]
    pub fn national(&self) -> String {
        self.extended(self.within())
    }

    fn within(&self) -> String {
        let Some(country) = self.country else { return self.e164() };
        (country.numbering().within)(&self.national, self.kind)
    }

    /// A link that dials (RFC 3966): `tel:+582125551234`.
    #[must_use]
    pub fn tel_uri(&self) -> String {
        format!("tel:{}", self.e164())
    }

    /// Kind of the line.
    #[must_use]
    pub const fn kind(&self) -> PhoneKind {
        self.kind
    }

    /// The country, if the desk serves it.
    #[must_use]
    pub const fn country(&self) -> Option<Country> {
        self.country
    }

    /// The first three digits when no area of the country has them. They are flagged, never refused, since plans
    /// change.
    #[must_use]
    pub fn unknown_area(&self) -> Option<&str> {
        let country = self.country?;
        let is_of_a_place = matches!(self.kind, PhoneKind::Fixed | PhoneKind::FixedOrMobile);
        let area = self.national.get(..3).filter(|_| is_of_a_place)?;
        (!(country.numbering().has_area)(area.parse().ok()?)).then_some(area)
    }

    /// The input.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        &self.raw
    }
}

/// A number in E.164, with the calling code of its country unless the digits include one.
fn e164_of(country: Option<Country>, digits: &str) -> String {
    format!("+{}{digits}", country.map_or("", |country| country.numbering().calling_code))
}

impl std::fmt::Display for Phone {
    /// The international form.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.international())
    }
}

impl From<Phone> for Wire {
    fn from(phone: Phone) -> Self {
        Self { e164: phone.e164(), raw: phone.raw, extension: phone.extension }
    }
}

impl TryFrom<Wire> for Phone {
    type Error = PhoneProblem;

    fn try_from(wire: Wire) -> Result<Self, PhoneProblem> {
        Ok(Self { extension: wire.extension, ..Self::recall(&wire.e164, &wire.raw)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &str) -> Result<String, PhoneProblem> {
        Phone::parse(Country::Ve, input).map(|phone| phone.e164())
    }

    #[test]
    fn phone_is_formatted_for_home_and_abroad() {
        let phone = Phone::parse(Country::Mx, " 01800 CPS MEX 0").unwrap();
        assert_eq!(phone.international(), "+52 800 277 6390");
        assert_eq!(phone.tel_uri(), "tel:+528002776390");
        assert_eq!(phone.as_typed(), "01800 CPS MEX 0");
        let phone = Phone::parse(Country::Co, "0180001 CPS TI").unwrap();
        assert_eq!(phone.international(), "+57 1 800 012 7784");
        assert_eq!(Phone::parse(Country::Mx, "5512345678").unwrap().to_string(), "+52 55 1234 5678");
    }

    #[test]
    fn phone_is_parsed_from_copied_text() {
        assert_eq!(parse("\u{202A}+58 414-1234567\u{202C}").as_deref(), Ok("+584141234567"));
        assert_eq!(parse("584141234567").as_deref(), Ok("+584141234567"));
        assert_eq!(parse("0212\n555\t1234\u{8}").as_deref(), Ok("+582125551234"));
        assert_eq!(parse("tel:+584141234567").as_deref(), Ok("+584141234567"));
        assert_eq!(parse("+1 (212) 555-0123").as_deref(), Ok("+12125550123"));
        assert_eq!(Phone::parse(Country::Co, "+58 0212 5551234").unwrap().country(), Some(Country::Ve));
    }

    #[test]
    fn invalid_phone_names_its_problem() {
        let ve = Country::Ve;
        for (input, problem) in [
            ("", PhoneProblem::Empty),
            ("0212 555 12E4", PhoneProblem::LoneLetter('E')),
            ("0800 CPS 000O", PhoneProblem::LoneLetter('O')),
            ("0212 555 1234 ext. 12", PhoneProblem::Extension),
            ("0212 555 1234 #12", PhoneProblem::Extension),
            ("0212 555 1234; 1235", PhoneProblem::BadCharacter(';')),
            ("ñañ", PhoneProblem::BadCharacter('ñ')),
            ("555 1234", PhoneProblem::NoAreaCode(ve)),
            ("0414-12345", PhoneProblem::TooShort(ve)),
            ("0414-1234", PhoneProblem::TooShort(ve)),
            ("414-12345", PhoneProblem::TooShort(ve)),
            ("cero414", PhoneProblem::Letters(ve)),
            ("0800 CPS 000", PhoneProblem::Letters(ve)),
            ("tel:0212 555", PhoneProblem::TooShort(ve)),
            ("0212 555", PhoneProblem::TooShort(ve)),
            ("0212 555 12345", PhoneProblem::TooLong(ve)),
            ("0413 1234567", PhoneProblem::NotInUse(ve)),
            ("+0212 5551234", PhoneProblem::NotInternational),
            ("+1 212 555", PhoneProblem::NotInternational),
        ] {
            assert_eq!(parse(input), Err(problem.clone()), "{input}");
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
    }

    #[test]
    fn phone_without_area_code_differs_from_a_short_one() {
        let (co, mx) = (Country::Co, Country::Mx);
        for (home, input, problem) in [
            (co, "555 1234", PhoneProblem::NoAreaCode(co)),
            (co, "310 12345", PhoneProblem::TooShort(co)),
            (mx, "1234 5678", PhoneProblem::NoAreaCode(mx)),
            (mx, "123 4567", PhoneProblem::NoAreaCode(mx)),
            (mx, "01 55 1234 56", PhoneProblem::TooShort(mx)),
        ] {
            assert_eq!(Phone::parse(home, input), Err(problem), "{input}");
        }
    }

    #[test]
    fn short_phone_message_states_the_expected_digits() {
        let words = |country, language| PhoneProblem::TooShort(country).message(language);
        assert!(
            words(Country::Ve, Language::Es).starts_with("Faltan cifras. Un número de Venezuela tiene 11 y")
        );
        assert!(words(Country::Mx, Language::Pt).contains("Um número do México tem 10"));
        assert!(words(Country::Ve, Language::Pt).contains("Um número da Venezuela"));
    }

    #[test]
    fn phone_extension_is_stored_beside_its_number() {
        let phone = Phone::parse_with_extension(Country::Ve, "0212-555.12.34 ext. 045").unwrap();
        assert_eq!((phone.e164().as_str(), phone.tel_uri().as_str()), ("+582125551234", "tel:+582125551234"));
        assert_eq!(phone.international(), "+58 212 555 1234 ext. 045");
        assert_eq!(phone.national(), "0212-5551234 ext. 045");
        let text = serde_json::to_string(&phone).unwrap();
        assert_eq!(serde_json::from_str::<Phone>(&text).unwrap(), phone);
        for shown in [phone.international(), phone.national(), phone.as_typed().to_owned()] {
            let again = Phone::parse_with_extension(Country::Ve, &shown).unwrap();
            assert_eq!((again.e164(), again.extension()), (phone.e164(), phone.extension()), "{shown}");
        }
        let stored = r#"{"e164":"+582125551234","raw":"0212 555 1234"}"#;
        assert_eq!(serde_json::from_str::<Phone>(stored).unwrap().extension(), None);
        let mexican = Phone::parse_with_extension(Country::Mx, "5512345678 x9").unwrap();
        assert_eq!(mexican.national(), "55 1234 5678 ext. 9");
    }

    #[test]
    fn phone_is_validated_when_deserialised() {
        let phone = Phone::parse(Country::Ve, "0212 555 1234").unwrap();
        let text = serde_json::to_string(&phone).unwrap();
        assert_eq!(serde_json::from_str::<Phone>(&text).unwrap(), phone);
        for bad in ["+580212 5551234", "02125551234", "+5802125551234", "+58212ñ", "+5215512345678"] {
            assert!(Phone::recall(bad, "").is_err(), "{bad}");
        }
    }
}
