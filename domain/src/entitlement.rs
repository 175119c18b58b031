//! Whether a contract gives the right to service for a piece of equipment today.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::ServiceHours;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::priority::{Matrix, Platform, Priority};
use crate::sla_plan::SlaPlan;
use crate::time::Instant;

/// The outcome of an entitlement check, kept with the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// In force, and the serial is covered.
    Covered,
    /// Taken all the same, and to be validated by an agent.
    #[serde(rename = "to_validate")]
    NeedsValidation(ValidationReason),
}

choices! {
    /// What stands between a report and its right to service.
    pub enum ValidationReason: "coverage" {
        /// No contract's number was given.
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
        /// What it is stays untold to whoever reads: a stranger would learn what the register holds. Never stored.
        Undisclosed = "untold",
    }
}

impl Entitlement {
    /// The key of the outcome's words for the staff in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Covered => "coverage.covered",
            Self::NeedsValidation(reason) => reason.name_key(),
        }
    }

    /// The same for those who may not know what the register holds.
    #[must_use]
    pub const fn for_customer(self) -> Self {
        match self {
            Self::Covered => Self::Covered,
            Self::NeedsValidation(_) => Self::NeedsValidation(ValidationReason::Undisclosed),
        }
    }

    /// The outcome's code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::NeedsValidation(reason) => reason.code(),
        }
    }
}

/// First to last day of a contract, local dates, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// First day on which the contract is in force.
    pub from: NaiveDate,
    /// Last day on which the contract is in force.
    pub to: NaiveDate,
}

/// What the register says about the serial of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// No equipment of that serial.
    Nowhere,
    /// Equipment of that serial, under the contract of the report.
    UnderThisContract,
    /// Equipment of that serial, but not under the contract of the report.
    Elsewhere,
}

/// The rule: the contract is known, today lies in its validity, and the serial is registered under it.
/// `today` is the local date at the site.
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

/// What a look-up tells the one who asks, before a case is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntitlementPreview {
    /// Whether it is covered, as far as the asker may know.
    pub seen: EntitlementView,
    /// What would be promised.
    pub terms: SlaPlanPreview,
    /// The hours in which the promise counts.
    pub hours: ServiceHours,
    /// What the register holds under the serial, for the staff.
    pub registered: Option<RegisteredView>,
    /// The server's time when it answered: the browser's own clock may be wrong.
    pub now: Instant,
}

/// As much of a plan's terms as is told before a case is sent: which priority it will have, and how soon somebody calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaPlanPreview {
    /// What makes a priority of severity and urgency.
    pub matrix: Matrix,
    /// Opening to first contact, in seconds of business time, from P1 to P4.
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

/// Coverage as far as the asker may know. A stranger learns nothing unless contract and serial belong together: who
/// owns what is not guessed from the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementView {
    /// Nothing was asked yet: the standing promise of the desk.
    NotAsked,
    /// Contract and serial belong together and the contract is in force.
    Covered {
        /// Somebody has a case open for this equipment already.
        open_case: OpenCaseView,
        /// What else the staff is shown.
        customer: Option<CustomerView>,
        /// Where the register has the equipment.
        country: Option<Country>,
    },
    /// For a stranger, whatever the reason: the case is taken, and validated by an agent.
    #[serde(rename = "to_validate")]
    NeedsValidation,
    /// For the staff: the reason, and what is known.
    Doubtful {
        /// Why the entitlement needs to be validated.
        doubt: ValidationReason,
        /// What is known of the contract's holder.
        customer: Option<CustomerView>,
        /// Somebody has a case open for this equipment already.
        open_case: OpenCaseView,
    },
}

/// Whether a case is open for the same equipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenCaseView {
    /// No case is open for the equipment.
    No,
    /// There is one; its number is not for the asker.
    Yes,
    /// There is one, and the asker may open it.
    Number(CaseNumber),
}

/// What the register holds under a serial, for the staff: what a form can be filled in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredView {
    /// The organisation that holds its contract.
    pub organisation: String,
    /// Identifies the organisation.
    pub organisation_id: i64,
    /// Number of the contract that covers it, as registered.
    pub contract: String,
    /// Maker and model.
    pub model: String,
    /// What kind of thing it is.
    pub platform: Platform,
    /// The name of its site.
    pub site: String,
    /// Where that is.
    pub address: String,
    /// In which country.
    pub country: Country,
}

impl RegisteredView {
    /// Where it stands, as a form's place: the site and its address.
    #[must_use]
    pub fn place(&self) -> String {
        [self.site.as_str(), self.address.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The holder of a contract and the place of a serial, for the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// The organisation that holds the contract.
    pub organisation: String,
    /// Where the register has the equipment.
    pub site: Option<String>,
    /// What the register has it as.
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
