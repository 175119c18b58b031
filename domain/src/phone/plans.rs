//! The numbering plans of the three countries, and the forms that they left behind.

use super::{PhoneKind, PhoneProblem};
use crate::country::Country;

/// A number to show as a pattern; 555 is nobody's.
pub(super) const fn example(country: Country) -> &'static str {
    match country {
        Country::Ve => "0212 555 1234",
        Country::Co => "601 555 1234",
        Country::Mx => "55 1234 5678",
    }
}

pub(super) const fn calling_code(country: Country) -> &'static str {
    match country {
        Country::Ve => "58",
        Country::Co => "57",
        Country::Mx => "52",
    }
}

/// A number whose plan was found.
pub(super) struct Found {
    pub(super) country: Option<Country>,
    pub(super) digits: String,
    pub(super) kind: PhoneKind,
}

impl Found {
    fn new(country: Country, digits: impl Into<String>, kind: PhoneKind) -> Self {
        Self { country: Some(country), digits: digits.into(), kind }
    }
}

/// A number after its plus.
pub(super) fn international(digits: &str) -> Result<Found, PhoneProblem> {
    for country in Country::ALL {
        if let Some(rest) = digits.strip_prefix(calling_code(country)) {
            return abroad(country, rest);
        }
    }
    let lengths = if digits.starts_with('1') { 11..=11 } else { 8..=15 };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if plain && lengths.contains(&digits.len()) {
        return Ok(Found { country: None, digits: digits.to_owned(), kind: PhoneKind::Foreign });
    }
    Err(PhoneProblem::NotInternational)
}

/// A number after its country code. Mexico's mobiles had a 1 there until 2019, and some gateways still send it.
pub(super) fn abroad(country: Country, digits: &str) -> Result<Found, PhoneProblem> {
    match digits.strip_prefix('1') {
        Some(rest) if country == Country::Mx && rest.len() == 10 => national(country, rest),
        _ => national(country, digits),
    }
}

pub(super) fn national(country: Country, digits: &str) -> Result<Found, PhoneProblem> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PhoneProblem::NotInternational);
    }
    let (found, significant) = match country {
        Country::Ve => venezuelan(digits),
        Country::Co => colombian(digits),
        Country::Mx => mexican(digits),
    };
    // Behind a trunk prefix an area code has begun, so it is not what is missing.
    let is_local = significant == digits.len() && local_lengths(country).contains(&significant);
    found.ok_or(match significant {
        _ if is_local => PhoneProblem::NoAreaCode(country),
        0..10 => PhoneProblem::TooShort(country),
        10 => PhoneProblem::NotInUse(country),
        _ => PhoneProblem::TooLong(country),
    })
}

/// How many digits were dialled within a town.
const fn local_lengths(country: Country) -> &'static [usize] {
    match country {
        Country::Ve | Country::Co => &[7],
        // Eight in the largest cities.
        Country::Mx => &[7, 8],
    }
}

/// The first three digits as a number; `None` unless there are exactly ten digits.
fn prefix_of_ten(digits: &str) -> Option<u16> {
    if digits.len() == 10 { digits.get(..3)?.parse().ok() } else { None }
}

/// Ten digits after the trunk prefix 0, which some keep after +58 too.
fn venezuelan(digits: &str) -> (Option<Found>, usize) {
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    let kind = match prefix_of_ten(digits) {
        Some(800) => Some(PhoneKind::TollFree),
        Some(501) => Some(PhoneKind::UniversalAccess),
        Some(900 | 901) => Some(PhoneKind::Premium),
        Some(412 | 414..=418 | 422 | 424 | 426) => Some(PhoneKind::Mobile),
        Some(210..=299 | 400 | 500 | 600) => Some(PhoneKind::Fixed),
        _ => None,
    };
    (kind.map(|kind| Found::new(Country::Ve, digits, kind)), digits.len())
}

/// Ten digits since 2021 (CRC, resolution 5826 of 2019), eleven for 1 800 and 1 900. Before that a region digit and seven
/// more, over a carrier 03, 05, 07 or 09.
fn colombian(digits: &str) -> (Option<Found>, usize) {
    let service = digits.strip_prefix('0').unwrap_or(digits);
    if service.len() == 11 {
        let kind = match service.get(..4) {
            Some("1800") => Some(PhoneKind::TollFree),
            Some("1900" | "1901" | "1947" | "1948") => Some(PhoneKind::Premium),
            _ => None,
        };
        if let Some(kind) = kind {
            return (Some(Found::new(Country::Co, service, kind)), 10);
        }
    }
    let carriers = ["03", "05", "07", "09"];
    let digits = carriers.iter().find_map(|carrier| digits.strip_prefix(carrier)).unwrap_or(digits);
    let found = match (prefix_of_ten(digits), digits.as_bytes()) {
        (Some(300..=399), _) => Some(Found::new(Country::Co, digits, PhoneKind::Mobile)),
        (Some(601 | 602 | 604..=608), _) => Some(Found::new(Country::Co, digits, PhoneKind::Fixed)),
        (None, [b'1' | b'2' | b'4'..=b'8', b'1'..=b'9', _, _, _, _, _, _]) => {
            Some(Found::new(Country::Co, format!("60{digits}"), PhoneKind::Fixed))
        }
        _ => None,
    };
    (found, digits.len())
}

/// Ten digits and nothing before them since 2019; 01, 044 and 045 are dead but still written.
fn mexican(digits: &str) -> (Option<Found>, usize) {
    let dead = ["01", "044", "045"];
    let digits = dead.iter().find_map(|prefix| digits.strip_prefix(prefix)).unwrap_or(digits);
    let kind = match prefix_of_ten(digits) {
        Some(800 | 888) => Some(PhoneKind::TollFree),
        Some(900) => Some(PhoneKind::Premium),
        Some(300) => Some(PhoneKind::SharedCost),
        Some(500) => Some(PhoneKind::Personal),
        Some(200..=999) => Some(PhoneKind::FixedOrMobile),
        _ => None,
    };
    (kind.map(|kind| Found::new(Country::Mx, digits, kind)), digits.len())
}
