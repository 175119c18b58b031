//! Venezuela.

use super::holiday_rule::{Rule, When, fixed, from_easter, rule};
use super::numbering::{AREA_AND_LINE, Dialled, NumberingPlan, PhoneKind, prefix_of_ten, split};

pub(super) const NAME_KEY: &str = "country.ve";
pub(super) const OF_KEY: &str = "country.of.ve";
pub(super) const SPELLINGS: &[&str] = &["VENEZUELA"];
pub(super) const HOTLINES: &[(&str, &str)] =
    &[("0800 CPS 0000", "0800 277 0000"), ("0501 CPS 0000", "0501 277 0000")];
pub(super) const ZONES: &[&str] = &["America/Caracas"];
pub(super) const CAPITAL_ZONE: &str = "America/Caracas";
pub(super) const DEFAULT_PLAN: i64 = 1;

pub(super) const NUMBERING: &NumberingPlan = &NumberingPlan {
    calling_code: "58",
    example: "0212 555 1234",
    digits: 10,
    least_digits: 10,
    local_digits: &[7],
    former_mobile_prefix: None,
    carriers_abroad: &[],
    read,
    has_area,
    groups: |_| AREA_AND_LINE,
    within,
};

/// Ten digits after the trunk prefix 0, which some people write after +58 too.
fn read(digits: &str) -> Dialled {
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    let kind = match prefix_of_ten(digits) {
        Some(800) => Some(PhoneKind::TollFree),
        Some(501) => Some(PhoneKind::UniversalAccess),
        Some(900 | 901) => Some(PhoneKind::Premium),
        Some(412 | 414..=418 | 422 | 424 | 426) => Some(PhoneKind::Mobile),
        Some(210..=299 | 400 | 500 | 600) => Some(PhoneKind::Fixed),
        _ => None,
    };
    Dialled::of(digits, kind)
}

const fn has_area(area: u16) -> bool {
    matches!(
        area,
        212 | 234 | 235 | 237..=239 | 240..=249 | 251..=259 | 260..=279 | 281..=289 | 291..=296 | 400 | 500 | 600
    )
}

/// `0212-5551234`.
fn within(digits: &str, _: PhoneKind) -> String {
    let (area, rest) = split(digits, 3);
    format!("0{area}-{rest}")
}

/// LOTTT (2012) art. 184 with the Ley de Fiestas Nacionales (1971); no holiday is moved. Carnival, 24 and 31 December
/// came with the LOTTT of 7 May 2012, after that year's carnival.
pub(super) const HOLIDAYS: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    from_easter(-48, "Lunes de Carnaval").since(2013),
    from_easter(-47, "Martes de Carnaval").since(2013),
    from_easter(-3, "Jueves Santo"),
    from_easter(-2, "Viernes Santo"),
    fixed(4, 19, "Declaración de la Independencia"),
    fixed(5, 1, "Día Mundial del Trabajador"),
    fixed(6, 24, "Batalla de Carabobo"),
    fixed(7, 5, "Día de la Independencia"),
    fixed(7, 24, "Natalicio de Simón Bolívar"),
    fixed(10, 12, "Día de la Resistencia Indígena"),
    fixed(12, 24, "Nochebuena").since(2012),
    fixed(12, 25, "Día de Navidad"),
    fixed(12, 31, "Fiesta de Fin de Año").since(2012),
];

const CANONISATION: &str = "Canonización de José Gregorio Hernández y la Madre Carmen Rendiles";

/// 15 May is uncertain: no gazette number is known. 19 and 20 October 2025: Decree 5.170, Official Gazette
/// extraordinary 6.933.
pub(super) const DECREES: &[Rule] = &[
    rule(When::Decree { month: 5, day: 15 }, "Día de la Familia").since(2024),
    rule(When::Decree { month: 10, day: 19 }, CANONISATION).since(2025).until(2025),
    rule(When::Decree { month: 10, day: 20 }, CANONISATION).since(2025).until(2025),
];
