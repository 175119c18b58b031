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
    if let Some(rest) = digits.strip_prefix(BRAZIL) {
        return brazilian(rest);
    }
    let lengths = if digits.starts_with('1') { 11..=11 } else { 8..=15 };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if plain && lengths.contains(&digits.len()) {
        return Ok(Found { country: None, digits: digits.to_owned(), kind: PhoneKind::Foreign });
    }
    Err(PhoneProblem::NotInternational)
}

/// A number that a plan of before took and today's refuses: Mexico's of ten digits that begin with 52, and whatever began with
/// Brazil's code. Stored histories hold them.
pub(super) fn taken_before(digits: &str) -> Result<Found, PhoneProblem> {
    let is_plain = (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.strip_prefix("52") {
        Some(rest) if is_plain && rest.len() == 10 && rest.starts_with("52") => {
            Ok(Found::new(Country::Mx, rest, PhoneKind::FixedOrMobile))
        }
        _ if is_plain && digits.starts_with(BRAZIL) => {
            Ok(Found { country: None, digits: digits.to_owned(), kind: PhoneKind::Foreign })
        }
        _ => Err(PhoneProblem::NotInternational),
    }
}

/// The calling code of Brazil: the desk has no site there, but people who call, and who write in Portuguese.
pub(super) const BRAZIL: &str = "55";

/// Two digits of the area (DDD), then nine of a mobile or eight of a landline; 0800 and seven more (ANATEL, numbering plan
/// as published by the ITU). A trunk 0 and a carrier's two digits may stand before the area.
fn brazilian(digits: &str) -> Result<Found, PhoneProblem> {
    let trunk = digits.strip_prefix('0');
    let digits = trunk.unwrap_or(digits);
    let digits = match digits.len() {
        12 | 13 if trunk.is_some() => digits.get(2..).unwrap_or_default(),
        _ => digits,
    };
    let area = digits.get(..2).and_then(|area| area.parse().ok());
    let kind = match (area, digits.as_bytes()) {
        _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => None,
        (_, [b'8', b'0', b'0', rest @ ..]) if rest.len() == 7 => Some(PhoneKind::TollFree),
        (Some(area), [_, _, b'9', rest @ ..]) if rest.len() == 8 && has_brazilian_area(area) => {
            Some(PhoneKind::Mobile)
        }
        (Some(area), [_, _, b'2'..=b'5', rest @ ..]) if rest.len() == 7 && has_brazilian_area(area) => {
            Some(PhoneKind::Fixed)
        }
        _ => None,
    };
    let found = |kind| Found { country: None, digits: format!("{BRAZIL}{digits}"), kind };
    kind.map(found).ok_or(PhoneProblem::NotBrazilian)
}

const fn has_brazilian_area(area: u8) -> bool {
    matches!(
        area,
        11..=19 | 21 | 22 | 24 | 27 | 28 | 31..=35 | 37 | 38 | 41..=49 | 51 | 53..=55 | 61..=69 | 71 | 73..=75 | 77 | 79
        | 81..=89 | 91..=99
    )
}

/// Digits of the carrier that one chooses behind 00 in Colombia: 005, 007, 009 and 00444.
const CARRIERS_ABROAD: [&str; 4] = ["444", "5", "7", "9"];

/// A number after 00, as dialled in `home`. Where a carrier is chosen by its digits they are taken off, unless what stands
/// there is a number of a plan that is known here: people write 00 for the plus as well.
pub(super) fn way_abroad(home: Country, digits: &str) -> Result<Found, PhoneProblem> {
    let plain = international(digits);
    let is_home = digits.starts_with(calling_code(home));
    let is_known = plain.as_ref().is_ok_and(|found| found.kind != PhoneKind::Foreign);
    if home != Country::Co || is_home || is_known {
        return plain;
    }
    let mut carriers = CARRIERS_ABROAD.iter().filter_map(|carrier| digits.strip_prefix(carrier));
    carriers.find_map(|rest| international(rest).ok()).map_or(plain, Ok)
}

/// Ten digits or more that begin with the country's own code: copied without its plus. Colombia's old numbers are shorter.
pub(super) fn without_plus(home: Country, digits: &str) -> Result<Found, PhoneProblem> {
    let whole = if home == Country::Co { 8 } else { 10 };
    match digits.strip_prefix(calling_code(home)) {
        Some(rest) if rest.len() >= whole => abroad(home, rest),
        Some(rest) if rest.len() >= 7 => Err(PhoneProblem::TooShort(home)),
        _ => Err(PhoneProblem::NotInternational),
    }
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
    let digits = digits.strip_prefix('0').filter(|rest| rest.len() == 10).unwrap_or(digits);
    let carriers = ["03", "05", "07", "09"];
    let digits = carriers.iter().find_map(|carrier| digits.strip_prefix(carrier)).unwrap_or(digits);
    let found = match (prefix_of_ten(digits), digits.as_bytes()) {
        (Some(300..=399), _) | (Some(940), [_, _, _, b'8', ..]) => {
            Some(Found::new(Country::Co, digits, PhoneKind::Mobile))
        }
        (Some(901), _) => Some(Found::new(Country::Co, digits, PhoneKind::Premium)),
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
        // No area begins so: it is the country code, and digits are missing at the end.
        Some(520..=529) => None,
        Some(200..=999) => Some(PhoneKind::FixedOrMobile),
        _ => None,
    };
    (kind.map(|kind| Found::new(Country::Mx, digits, kind)), digits.len())
}

/// Whether a country's plan has an area of these first three digits: of landlines, and in Mexico of mobiles too.
pub(super) const fn has_area(country: Country, area: u16) -> bool {
    match country {
        Country::Ve => matches!(
            area,
            212 | 234 | 235 | 237..=239 | 240..=249 | 251..=259 | 260..=279 | 281..=289 | 291..=296 | 400 | 500 | 600
        ),
        Country::Co => true,
        Country::Mx => has_mexican_area(area),
    }
}

#[rustfmt::skip]
const fn has_mexican_area(area: u16) -> bool {
    matches!(
        area,
        200 | 201 | 220..=229 | 231..=233 | 235..=238 | 241 | 243..=249 | 271..=276 | 278 | 279 | 281..=285 | 287 | 288
        | 294 | 296 | 297
        | 311..=317 | 319 | 321..=339 | 341..=349 | 351..=359 | 371..=378 | 381..=389 | 391..=395
        | 411..=415 | 417..=419 | 421..=429 | 431..=438 | 440..=459 | 461..=469 | 471..=479 | 481..=483 | 485..=489
        | 492..=496 | 498 | 499
        | 550..=569 | 588 | 591..=597 | 599
        | 612..=616 | 618 | 621..=629 | 631..=639 | 641..=649 | 651..=653 | 656..=659 | 660..=665 | 667..=669
        | 671..=677 | 686 | 687 | 694..=698
        | 711..=719 | 720..=729 | 731..=739 | 741..=749 | 751 | 753..=759 | 761..=779 | 781..=786 | 789 | 791 | 797
        | 810..=819 | 821 | 823..=826 | 828 | 829 | 831..=836 | 841 | 842 | 844..=846 | 861 | 862 | 864 | 866..=869
        | 870..=873 | 877 | 878 | 891 | 892 | 894 | 897 | 899
        | 913 | 914 | 916..=919 | 921..=924 | 932..=934 | 936..=938 | 951 | 953 | 954 | 958 | 960..=969 | 971 | 972
        | 981..=988 | 990..=999
    )
}
