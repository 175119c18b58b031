//! Mexico.

use super::holiday_rule::{Rule, When, fixed, nth_monday, rule};
use super::numbering::{AREA_AND_LINE, Dialled, NumberingPlan, PhoneKind, in_groups, prefix_of_ten};

pub(super) const NAME_KEY: &str = "country.mx";
pub(super) const OF_KEY: &str = "country.of.mx";
pub(super) const SPELLINGS: &[&str] = &["MEXICO", "MÉXICO"];
/// The 01 before toll-free numbers has not been connected since August 2020, so it is not printed.
pub(super) const HOTLINES: &[(&str, &str)] = &[("800 CPS MEX 0", "800 277 6390")];
pub(super) const ZONES: &[&str] = &[
    "America/Bahia_Banderas",
    "America/Cancun",
    "America/Chihuahua",
    "America/Ciudad_Juarez",
    "America/Hermosillo",
    "America/Matamoros",
    "America/Mazatlan",
    "America/Merida",
    "America/Mexico_City",
    "America/Monterrey",
    "America/Ojinaga",
    "America/Tijuana",
];
pub(super) const CAPITAL_ZONE: &str = "America/Mexico_City";
pub(super) const DEFAULT_PLAN: i64 = 3;

pub(super) const NUMBERING: &NumberingPlan = &NumberingPlan {
    calling_code: "52",
    example: "55 1234 5678",
    digits: 10,
    least_digits: 10,
    // Eight in the largest cities.
    local_digits: &[7, 8],
    // Until 2019; some gateways still send it.
    former_mobile_prefix: Some("1"),
    carriers_abroad: &[],
    read,
    has_area,
    groups,
    // The same digits as from abroad.
    within: |digits, _| in_groups(digits, groups(digits)),
};

/// Ten digits without a prefix since 2019. The prefixes 01, 044 and 045 are obsolete but still written.
fn read(digits: &str) -> Dialled {
    let dead = ["01", "044", "045"];
    let digits = dead.iter().find_map(|prefix| digits.strip_prefix(prefix)).unwrap_or(digits);
    let kind = match prefix_of_ten(digits) {
        Some(800 | 888) => Some(PhoneKind::TollFree),
        Some(900) => Some(PhoneKind::Premium),
        Some(300) => Some(PhoneKind::SharedCost),
        Some(500) => Some(PhoneKind::Personal),
        // No area begins with 52: it is the country code, and digits are missing at the end.
        Some(520..=529) => None,
        Some(200..=999) => Some(PhoneKind::FixedOrMobile),
        _ => None,
    };
    Dialled::of(digits, kind)
}

/// The area codes of the large cities have two digits.
fn groups(digits: &str) -> &'static [usize] {
    let is_large = ["55", "56", "33", "81"].iter().any(|area| digits.starts_with(area));
    if is_large { &[2, 4, 4] } else { AREA_AND_LINE }
}

/// Area codes of landlines and mobiles alike: the number does not distinguish them.
#[rustfmt::skip]
const fn has_area(area: u16) -> bool {
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

pub(super) const DECREES: &[Rule] = &[];

const fn new_president(month: u32, day: u32) -> Rule {
    rule(When::SixYearly { month, day, rest: 2 }, "Transmisión del Poder Ejecutivo Federal")
}

/// Ley Federal del Trabajo art. 74, with the reforms of 2006 (Mondays) and 2024 (1 October).
pub(super) const HOLIDAYS: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    fixed(2, 5, "Día de la Constitución").until(2005),
    nth_monday(1, 2, "Día de la Constitución").since(2006),
    fixed(3, 21, "Natalicio de Benito Juárez").until(2005),
    nth_monday(3, 3, "Natalicio de Benito Juárez").since(2006),
    fixed(5, 1, "Día del Trabajo"),
    fixed(9, 16, "Día de la Independencia"),
    new_president(10, 1).since(2024),
    fixed(11, 20, "Día de la Revolución").until(2005),
    nth_monday(3, 11, "Día de la Revolución").since(2006),
    new_president(12, 1).until(2018),
    fixed(12, 25, "Navidad"),
];
