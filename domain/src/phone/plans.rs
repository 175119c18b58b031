//! Numbers checked against the plans of the countries ([`Country::numbering`]) and of Brazil, with former forms.

use std::cmp::Ordering;

use super::{PhoneKind, PhoneProblem};
use crate::country::Country;
use crate::country::numbering::Dialled;

/// A number that fits a plan.
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
        if let Some(rest) = digits.strip_prefix(country.numbering().calling_code) {
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

/// A number that a former version accepted and today's plan refuses: Mexican ones of ten digits that begin with 52, and
/// any with Brazil's code. Stored histories have them.
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

/// The calling code of Brazil. The desk has no site there, but callers from there.
pub(super) const BRAZIL: &str = "55";

/// Two digits of the area (DDD), then nine of a mobile or eight of a landline; or 0800 and seven more. The source is
/// ANATEL's numbering plan as published by the ITU. A trunk 0 and a carrier code of two digits may come before the
/// area.
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

/// A number after 00, as dialled in `home`. A carrier code is removed, unless the digits fit a known plan with it: some
/// people write 00 for the plus.
pub(super) fn way_abroad(home: Country, digits: &str) -> Result<Found, PhoneProblem> {
    let plain = international(digits);
    let own = home.numbering();
    let is_home = digits.starts_with(own.calling_code);
    let is_known = plain.as_ref().is_ok_and(|found| found.kind != PhoneKind::Foreign);
    if is_home || is_known {
        return plain;
    }
    let mut carriers = own.carriers_abroad.iter().filter_map(|carrier| digits.strip_prefix(carrier));
    carriers.find_map(|rest| international(rest).ok()).map_or(plain, Ok)
}

/// A complete number with the country's own code, copied without its plus.
pub(super) fn without_plus(home: Country, digits: &str) -> Result<Found, PhoneProblem> {
    let plan = home.numbering();
    match digits.strip_prefix(plan.calling_code) {
        Some(rest) if rest.len() >= plan.least_digits => abroad(home, rest),
        Some(rest) if rest.len() >= 7 => Err(PhoneProblem::TooShort(home)),
        _ => Err(PhoneProblem::NotInternational),
    }
}

/// A number after its country code and a former mobile prefix.
pub(super) fn abroad(country: Country, digits: &str) -> Result<Found, PhoneProblem> {
    let plan = country.numbering();
    match plan.former_mobile_prefix.and_then(|prefix| digits.strip_prefix(prefix)) {
        Some(rest) if rest.len() == plan.digits => national(country, rest),
        _ => national(country, digits),
    }
}

pub(super) fn national(country: Country, digits: &str) -> Result<Found, PhoneProblem> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PhoneProblem::NotInternational);
    }
    let plan = country.numbering();
    let Dialled { found, significant } = (plan.read)(digits);
    if let Some((digits, kind)) = found {
        return Ok(Found::new(country, digits, kind));
    }
    // After a trunk prefix an area code has begun, so the area is not what is missing.
    let is_local = significant == digits.len() && plan.local_digits.contains(&significant);
    Err(match significant.cmp(&plan.digits) {
        _ if is_local => PhoneProblem::NoAreaCode(country),
        Ordering::Less => PhoneProblem::TooShort(country),
        Ordering::Equal => PhoneProblem::NotInUse(country),
        Ordering::Greater => PhoneProblem::TooLong(country),
    })
}
