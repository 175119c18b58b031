//! Entitlement: whether a contract covers a piece of equipment today.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::ServiceHours;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::priority::{Matrix, Platform, Priority};
use crate::sla_plan::SlaPlan;
use crate::time::Instant;

/// The result of an entitlement check, stored with the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// The contract is in force and covers the serial.
    Covered,
    /// The case is opened all the same, and an agent validates it.
    #[serde(rename = "to_validate")]
    NeedsValidation(ValidationReason),
}

choices! {
    /// Why the entitlement needs validation.
    pub enum ValidationReason: "coverage" {
        /// No contract number was given.
        NoContract = "no_contract",
        /// No contract of that number is registered.
        UnknownContract = "unknown_contract",
        /// The contract's validity has not begun.
        NotYetInForce = "not_yet_in_force",
        /// The contract's validity is over.
        Expired = "expired",
        /// No equipment of that serial is registered.
        UnknownSerial = "unknown_serial",
        /// The serial is registered under another contract, or under none.
        SerialNotCovered = "serial_not_covered",
        /// The reason is hidden from a reader who may not know the register. Never stored.
        Undisclosed = "untold",
    }
}

impl Entitlement {
    /// The key of the result's words for the staff.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Covered => "coverage.covered",
            Self::NeedsValidation(reason) => reason.name_key(),
        }
    }

    /// The result without a reason, for readers who may not know the register.
    #[must_use]
    pub const fn for_customer(self) -> Self {
        match self {
            Self::Covered => Self::Covered,
            Self::NeedsValidation(_) => Self::NeedsValidation(ValidationReason::Undisclosed),
        }
    }

    /// The result's code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::NeedsValidation(reason) => reason.code(),
        }
    }
}

/// Validity of a contract: local dates, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// First day in force.
    pub from: NaiveDate,
    /// Last day in force.
    pub to: NaiveDate,
}

/// The register's answer for the serial of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// No equipment has that serial.
    Nowhere,
    /// The equipment is under the contract of the report.
    UnderThisContract,
    /// The equipment is not under the contract of the report.
    Elsewhere,
}

/// The rule: the contract is known, today lies in its validity, and the serial is registered under it. `today` is the
/// local date at the site.
///
/// ```
/// use domain::entitlement::{Entitlement, Registered, Validity, ValidationReason, assess};
///
/// let year = Validity { from: "2026-01-01".parse().unwrap(), to: "2026-12-31".parse().unwrap() };
/// let on = |day: &str| assess(Some(year), Registered::UnderThisContract, day.parse().unwrap());
///
/// assert_eq!(on("2026-12-31"), Entitlement::Covered);
/// assert_eq!(on("2027-01-01"), Entitlement::NeedsValidation(ValidationReason::Expired));
/// ```
#[must_use]
pub fn assess(contract: Option<Validity>, serial: Registered, today: NaiveDate) -> Entitlement {
    let Some(validity) = contract else {
        return Entitlement::NeedsValidation(ValidationReason::UnknownContract);
    };
    if today < validity.from {
        return Entitlement::NeedsValidation(ValidationReason::NotYetInForce);
    }
    if today > validity.to {
        return Entitlement::NeedsValidation(ValidationReason::Expired);
    }
    match serial {
        Registered::UnderThisContract => Entitlement::Covered,
        Registered::Nowhere => Entitlement::NeedsValidation(ValidationReason::UnknownSerial),
        Registered::Elsewhere => Entitlement::NeedsValidation(ValidationReason::SerialNotCovered),
    }
}

/// The entitlement and plan shown before a case is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntitlementPreview {
    /// The entitlement, as far as the reader may know it.
    pub seen: EntitlementView,
    /// The targets.
    pub terms: SlaPlanPreview,
    /// The service hours in which the targets count.
    pub hours: ServiceHours,
    /// The register's entry for the serial, for the staff.
    pub registered: Option<RegisteredView>,
    /// The server's time of the answer. A browser's clock may be wrong.
    pub now: Instant,
}

/// The part of a plan that is shown before a case is sent: the matrix and the first response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaPlanPreview {
    /// The matrix of severity and urgency.
    pub matrix: Matrix,
    /// First-response targets from P1 to P4, in seconds of business time.
    #[serde(rename = "attention_s")]
    pub first_response_s: [i64; 4],
}

impl From<&SlaPlan> for SlaPlanPreview {
    fn from(terms: &SlaPlan) -> Self {
        Self {
            matrix: terms.matrix().clone(),
            first_response_s: Priority::ALL.map(|priority| terms.targets(priority).first_response_s),
        }
    }
}

/// Entitlement as far as the reader may know it. A stranger learns of a match alone, so that answers reveal no owner of
/// equipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementView {
    /// No check yet: the default plan applies.
    NotAsked,
    /// The contract is in force and covers the serial.
    Covered {
        /// An open case for the same equipment.
        open_case: OpenCaseView,
        /// Details for the staff.
        customer: Option<CustomerView>,
        /// Country of the equipment in the register.
        country: Option<Country>,
    },
    /// For strangers, whatever the reason: the case is opened, and an agent validates it.
    #[serde(rename = "to_validate")]
    NeedsValidation,
    /// For the staff: the reason, and what is known.
    Doubtful {
        /// The reason.
        doubt: ValidationReason,
        /// The contract's holder, if known.
        customer: Option<CustomerView>,
        /// An open case for the same equipment.
        open_case: OpenCaseView,
    },
}

/// An open case for the same equipment, as far as the reader may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenCaseView {
    /// There is none.
    No,
    /// There is one; its number is hidden from the reader.
    Yes,
    /// There is one that the reader may open.
    Number(CaseNumber),
}

/// The register's entry for a serial, for the staff. It fills in the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredView {
    /// The organisation that holds the contract.
    pub organisation: String,
    /// Id of the organisation.
    pub organisation_id: i64,
    /// Number of the contract, as registered.
    pub contract: String,
    /// Maker and model.
    pub model: String,
    /// Platform of the equipment.
    pub platform: Platform,
    /// Name of the site.
    pub site: String,
    /// Address of the site.
    pub address: String,
    /// Country of the site.
    pub country: Country,
}

impl RegisteredView {
    /// Site and address, as the location of a form.
    #[must_use]
    pub fn place(&self) -> String {
        [self.site.as_str(), self.address.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The holder of a contract and the site of a serial, for the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// The organisation that holds the contract.
    pub organisation: String,
    /// Site of the equipment in the register.
    pub site: Option<String>,
    /// Model of the equipment in the register.
    pub model: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn entitlement_includes_both_ends_of_the_validity() {
        let validity = Some(Validity { from: day("2026-01-01"), to: day("2026-12-31") });
        let on = |date| assess(validity, Registered::UnderThisContract, day(date));
        assert_eq!(on("2025-12-31"), Entitlement::NeedsValidation(ValidationReason::NotYetInForce));
        assert_eq!(on("2026-01-01"), Entitlement::Covered);
        assert_eq!(on("2026-12-31"), Entitlement::Covered);
        assert_eq!(on("2027-01-01"), Entitlement::NeedsValidation(ValidationReason::Expired));
    }

    #[test]
    fn entitlement_checks_the_contract_before_the_serial() {
        let today = day("2026-11-22");
        assert_eq!(
            assess(None, Registered::Elsewhere, today),
            Entitlement::NeedsValidation(ValidationReason::UnknownContract)
        );
        let validity = Some(Validity { from: today, to: today });
        for (serial, doubt) in [
            (Registered::Nowhere, ValidationReason::UnknownSerial),
            (Registered::Elsewhere, ValidationReason::SerialNotCovered),
        ] {
            assert_eq!(assess(validity, serial, today), Entitlement::NeedsValidation(doubt));
        }
    }
}
