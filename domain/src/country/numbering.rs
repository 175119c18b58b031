//! How telephones of a country are numbered.

use serde::{Deserialize, Serialize};

use crate::i18n::Language;
use crate::t;

/// What kind of line a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    /// Free for the caller.
    TollFree,
    /// One number for a whole company (0501 in Venezuela); what the caller pays is not said.
    UniversalAccess,
    /// A line in a place.
    Fixed,
    /// A mobile telephone.
    Mobile,
    /// Either: in Mexico the number does not tell.
    FixedOrMobile,
    /// Dearer than a call.
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
    /// What stands after the plus.
    pub calling_code: &'static str,
    /// A number to show as a pattern; 555 is nobody's.
    pub example: &'static str,
    /// Digits of a whole number behind the calling code.
    pub digits: usize,
    /// The least digits that a number behind the calling code has when its plus is left out.
    pub least_digits: usize,
    /// How many digits were dialled within a town.
    pub local_digits: &'static [usize],
    /// What mobiles once had between calling code and number.
    pub former_mobile_prefix: Option<&'static str>,
    /// Digits of the carrier that one chooses behind 00.
    pub carriers_abroad: &'static [&'static str],
    /// Reads a number as it is dialled within the country.
    pub read: fn(&str) -> Dialled,
    /// Whether an area has these first three digits: of landlines, or of mobiles where the number does not tell.
    pub has_area: fn(u16) -> bool,
    /// How many digits stand together, as a number is shown from abroad.
    pub groups: fn(&str) -> &'static [usize],
    /// A number as it is dialled and printed within the country.
    pub within: fn(&str, PhoneKind) -> String,
}

/// What a numbering plan makes of digits.
pub(crate) struct Dialled {
    /// The number without its prefixes, and its kind; `None` when the plan has no such number.
    pub found: Option<(String, PhoneKind)>,
    /// How many digits were left without prefixes.
    pub significant: usize,
}

impl Dialled {
    /// Digits whose kind says whether the plan has them.
    pub(super) fn of(digits: &str, kind: Option<PhoneKind>) -> Self {
        Self { found: kind.map(|kind| (digits.to_owned(), kind)), significant: digits.len() }
    }
}

/// Three and seven digits: an area and a line, as most numbers of ten are shown.
pub(super) const AREA_AND_LINE: &[usize] = &[3, 3, 4];

/// The first three digits as a number; `None` unless there are exactly ten digits.
pub(super) fn prefix_of_ten(digits: &str) -> Option<u16> {
    if digits.len() == 10 { digits.get(..3)?.parse().ok() } else { None }
}

/// Digits before and after a place; all of them before it when there are fewer.
pub(super) fn split(digits: &str, at: usize) -> (&str, &str) {
    digits.split_at_checked(at).unwrap_or((digits, ""))
}

/// Digits in groups, parted by spaces.
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
