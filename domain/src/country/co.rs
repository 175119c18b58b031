//! Colombia.

use super::holiday_rule::{Rule, When, fixed, from_easter, rule};
use super::numbering::{AREA_AND_LINE, Dialled, NumberingPlan, PhoneKind, prefix_of_ten, split};

pub(super) const NAME_KEY: &str = "country.co";
pub(super) const OF_KEY: &str = "country.of.co";
/// The code as typed with a zero, `C0`, is accepted too.
pub(super) const SPELLINGS: &[&str] = &["COLOMBIA", "COLÔMBIA", "C0"];
pub(super) const HOTLINES: &[(&str, &str)] = &[("01 8000 1 CPS TI", "01 8000 1 27784")];
pub(super) const ZONES: &[&str] = &["America/Bogota"];
pub(super) const CAPITAL_ZONE: &str = "America/Bogota";
pub(super) const DEFAULT_PLAN: i64 = 2;

pub(super) const NUMBERING: &NumberingPlan = &NumberingPlan {
    calling_code: "57",
    example: "601 555 1234",
    digits: 10,
    // Older numbers are shorter.
    least_digits: 8,
    local_digits: &[7],
    former_mobile_prefix: None,
    // 005, 007, 009 and 00444.
    carriers_abroad: &["444", "5", "7", "9"],
    read,
    has_area: |_| true,
    groups: |digits| if digits.len() == 11 { &[1, 3, 3, 4] } else { AREA_AND_LINE },
    within,
};

/// Ten digits since 2021 (CRC, resolution 5826 of 2019), eleven for 1 800 and 1 900. Before that it was a region digit
/// and seven more, after a carrier 03, 05, 07 or 09.
fn read(digits: &str) -> Dialled {
    let service = digits.strip_prefix('0').unwrap_or(digits);
    if service.len() == 11 {
        let kind = match service.get(..4) {
            Some("1800") => Some(PhoneKind::TollFree),
            Some("1900" | "1901" | "1947" | "1948") => Some(PhoneKind::Premium),
            _ => None,
        };
        if kind.is_some() {
            return Dialled::of(service, kind);
        }
    }
    let digits = digits.strip_prefix('0').filter(|rest| rest.len() == 10).unwrap_or(digits);
    let carriers = ["03", "05", "07", "09"];
    let digits = carriers.iter().find_map(|carrier| digits.strip_prefix(carrier)).unwrap_or(digits);
    let found = match (prefix_of_ten(digits), digits.as_bytes()) {
        (Some(300..=399), _) | (Some(940), [_, _, _, b'8', ..]) => {
            Some((digits.to_owned(), PhoneKind::Mobile))
        }
        (Some(901), _) => Some((digits.to_owned(), PhoneKind::Premium)),
        (Some(601 | 602 | 604..=608), _) => Some((digits.to_owned(), PhoneKind::Fixed)),
        (None, [b'1' | b'2' | b'4'..=b'8', b'1'..=b'9', _, _, _, _, _, _]) => {
            Some((format!("60{digits}"), PhoneKind::Fixed))
        }
        _ => None,
    };
    Dialled { found, significant: digits.len() }
}

/// `(601) 5551234`, `01-800-1277840`, `310 5551234`.
fn within(digits: &str, kind: PhoneKind) -> String {
    match kind {
        PhoneKind::TollFree | PhoneKind::Premium if digits.len() == 11 => {
            let (head, rest) = split(digits, 4);
            let (one, code) = split(head, 1);
            format!("0{one}-{code}-{rest}")
        }
        PhoneKind::Fixed | PhoneKind::Premium => {
            let (area, rest) = split(digits, 3);
            format!("({area}) {rest}")
        }
        _ => {
            let (area, rest) = split(digits, 3);
            format!("{area} {rest}")
        }
    }
}

pub(super) const DECREES: &[Rule] = &[];

/// The rules of Ley 51 hold from 1984 (the law is of December 1983).
const fn moved(month: u32, day: u32, name: &'static str) -> Rule {
    rule(When::MondayDate { month, day }, name).since(1984)
}

const fn moved_from_easter(days: i64, name: &'static str) -> Rule {
    rule(When::MondayEaster { days }, name).since(1984)
}

/// Ley 51 de 1983 (in use since 1984) and, for 9 July, Ley 2578 de 2026 art. 6.
pub(super) const HOLIDAYS: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    moved(1, 6, "Día de los Reyes Magos"),
    moved(3, 19, "Día de San José"),
    from_easter(-3, "Jueves Santo"),
    from_easter(-2, "Viernes Santo"),
    fixed(5, 1, "Día del Trabajo"),
    moved_from_easter(39, "Ascensión del Señor"),
    moved_from_easter(60, "Corpus Christi"),
    moved_from_easter(68, "Sagrado Corazón"),
    moved(6, 29, "San Pedro y San Pablo"),
    moved(7, 9, "Día de Nuestra Señora del Rosario de Chiquinquirá").since(2026),
    fixed(7, 20, "Día de la Independencia"),
    fixed(8, 7, "Batalla de Boyacá"),
    moved(8, 15, "La Asunción"),
    moved(10, 12, "Día de la Raza"),
    moved(11, 1, "Día de Todos los Santos"),
    moved(11, 11, "Independencia de Cartagena"),
    fixed(12, 8, "La Inmaculada Concepción"),
    fixed(12, 25, "Navidad"),
];
