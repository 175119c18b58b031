//! Numbering plans of countries.

use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::t;

/// Kind of a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    /// Free for the caller.
    TollFree,
    /// One number for a whole company (0501 in Venezuela), without a set price.
    UniversalAccess,
    /// A landline.
    Fixed,
    /// A mobile telephone.
    Mobile,
    /// Landline or mobile: in Mexico the number does not tell.
    FixedOrMobile,
    /// Premium rate.
    Premium,
    /// Cost shared by both ends.
    SharedCost,
    /// A personal number.
    Personal,
    /// A number of another country, whose plan is not known here.
    Foreign,
}

impl PhoneKind {
    /// The kind's name in data files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TollFree => "toll_free",
            Self::UniversalAccess => "uan",
            Self::Fixed => "fixed",
            Self::Mobile => "mobile",
            Self::FixedOrMobile => "fixed_or_mobile",
            Self::Premium => "premium",
            Self::SharedCost => "shared_cost",
            Self::Personal => "personal",
            Self::Foreign => "foreign",
        }
    }

    /// The kind's name for people.
    #[must_use]
    pub fn label(self, language: Language) -> String {
        match self {
            Self::TollFree => t!(language, "phone.kind.toll_free"),
            Self::UniversalAccess => t!(language, "phone.kind.uan"),
            Self::Fixed => t!(language, "phone.kind.fixed"),
            Self::Mobile => t!(language, "phone.kind.mobile"),
            Self::FixedOrMobile => t!(language, "phone.kind.fixed_or_mobile"),
            Self::Premium => t!(language, "phone.kind.premium"),
            Self::SharedCost => t!(language, "phone.kind.shared_cost"),
            Self::Personal => t!(language, "phone.kind.personal"),
            Self::Foreign => t!(language, "phone.kind.foreign"),
        }
        .into_owned()
    }
}

/// The numbering plan of a country.
pub(crate) struct NumberingPlan {
    /// Digits after the plus.
    pub calling_code: &'static str,
    /// A number shown as an example; 555 is assigned to nobody.
    pub example: &'static str,
    /// Digits of a complete number after the calling code.
    pub digits: usize,
    /// The fewest digits after the calling code for a number without its plus.
    pub least_digits: usize,
    /// Numbers of digits of former local calls.
    pub local_digits: &'static [usize],
    /// Former prefix of mobiles between calling code and number.
    pub former_mobile_prefix: Option<&'static str>,
    /// Carrier codes after 00.
    pub carriers_abroad: &'static [&'static str],
    /// Parses a number as dialled within the country.
    pub read: fn(&str) -> Dialled,
    /// Whether an area has these first three digits: of landlines, or of mobiles where the number does not tell.
    pub has_area: fn(u16) -> bool,
    /// Groups of digits in the international form.
    pub groups: fn(&str) -> &'static [usize],
    /// The number as dialled and printed within the country.
    pub within: fn(&str, PhoneKind) -> String,
}

/// Digits interpreted by a numbering plan.
pub(crate) struct Dialled {
    /// The number without its prefixes, and its kind; `None` when the plan has no such number.
    pub found: Option<(String, PhoneKind)>,
    /// Number of digits without prefixes.
    pub significant: usize,
}

impl Dialled {
    /// The digits with their kind; no number when the kind is `None`.
    pub(super) fn of(digits: &str, kind: Option<PhoneKind>) -> Self {
        Self { found: kind.map(|kind| (digits.to_owned(), kind)), significant: digits.len() }
    }
}

/// Groups of an area of three and a line of seven digits.
pub(super) const AREA_AND_LINE: &[usize] = &[3, 3, 4];

/// The first three digits as a number; `None` unless there are exactly ten digits.
pub(super) fn prefix_of_ten(digits: &str) -> Option<u16> {
    if digits.len() == 10 { digits.get(..3)?.parse().ok() } else { None }
}

/// The digits before and after a position; all of them before it when there are fewer.
pub(super) fn split(digits: &str, at: usize) -> (&str, &str) {
    digits.split_at_checked(at).unwrap_or((digits, ""))
}

/// Digits in groups, separated by spaces.
pub(crate) fn in_groups(digits: &str, groups: &[usize]) -> String {
    let mut text = String::new();
    let mut rest = digits;
    for size in groups {
        let (group, tail) = split(rest, *size);
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(group);
        rest = tail;
    }
    text
}
