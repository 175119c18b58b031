//! Terms and results of the register: customers, contracts, sites and equipment.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Found;
use super::terms::{code_terms, word_terms};
use crate::case::Contact;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::entitlement::RegisteredView;
use crate::view::Snapshot;

/// The terms of a register entry: its words and its codes. Codes are found by their last characters too.
#[must_use]
pub fn register_terms(words: &[&str], codes: &[&str]) -> BTreeSet<String> {
    let words = words.iter().flat_map(|text| word_terms(text));
    words.chain(codes.iter().flat_map(|code| code_terms(code))).collect()
}

/// A customer on the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCustomer {
    /// Id of the organisation in the register.
    pub id: i64,
    /// Name of the organisation as registered.
    pub name: String,
    /// Country of the organisation.
    pub country: Country,
}

/// A contract on the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundContract {
    /// Number of the contract as registered.
    pub number: String,
    /// The organisation that holds it.
    pub customer: FoundCustomer,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// The name of its plan.
    pub plan: String,
    /// Whether it is in force today.
    pub force: Force,
}

choices! {
    /// Whether a contract is in force on a day.
    pub enum Force: "staff.find" {
        /// Its validity includes the day.
        InForce = "in_force",
        /// Its validity has not begun.
        NotYet = "not_yet",
        /// Its validity is over.
        Over = "over",
    }
}

impl Force {
    /// The state of a contract on a day.
    #[must_use]
    pub fn on(day: NaiveDate, from: NaiveDate, to: NaiveDate) -> Self {
        if day < from {
            Self::NotYet
        } else if day > to {
            Self::Over
        } else {
            Self::InForce
        }
    }
}

/// A site on the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundSite {
    /// Name of the site, unique within its organisation.
    pub name: String,
    /// Address of the site.
    pub address: String,
    /// The organisation whose site it is.
    pub customer: FoundCustomer,
}

/// A piece of equipment on the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEquipment {
    /// Serial of the equipment as registered.
    pub serial: String,
    /// Its entry in the register.
    pub registered: RegisteredView,
}

/// Register entries that match every word of a query; of each kind only the first ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRegister {
    /// Matching organisations.
    pub customers: Vec<FoundCustomer>,
    /// Matching contracts.
    pub contracts: Vec<FoundContract>,
    /// Matching sites.
    pub sites: Vec<FoundSite>,
    /// Matching equipment.
    pub equipment: Vec<FoundEquipment>,
}

impl FoundRegister {
    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.customers.is_empty()
            && self.contracts.is_empty()
            && self.sites.is_empty()
            && self.equipment.is_empty()
    }

    /// Organisations of all results.
    #[must_use]
    pub fn owners(&self) -> BTreeSet<i64> {
        let customers = self.customers.iter().map(|found| found.id);
        let contracts = self.contracts.iter().map(|found| found.customer.id);
        let sites = self.sites.iter().map(|found| found.customer.id);
        let equipment = self.equipment.iter().map(|found| found.registered.organisation_id);
        customers.chain(contracts).chain(sites).chain(equipment).collect()
    }
}

/// Result of a search of cases and register, with the card of the customer when all results belong to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookedUp {
    /// Matching cases.
    pub cases: Found,
    /// Matching register entries.
    pub register: FoundRegister,
    /// The card, when all results belong to one customer.
    pub card: Option<CustomerCard>,
}

/// A contact of a customer's cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownContact {
    /// The contact.
    pub contact: Contact,
    /// The latest of their cases.
    pub case: CaseNumber,
}

/// A customer's card for the agent on the telephone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerCard {
    /// The organisation.
    pub customer: FoundCustomer,
    /// Its contracts, latest end first.
    pub contracts: Vec<FoundContract>,
    /// Its equipment, by site.
    pub equipment: Vec<FoundEquipment>,
    /// Whether there is more equipment than is shown.
    pub more_equipment: bool,
    /// Contacts of its cases, the latest first.
    pub people: Vec<KnownContact>,
    /// Its open cases, first due first.
    pub open: Snapshot,
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;

    fn finds(query: &str, terms: &BTreeSet<String>) -> bool {
        let query = Query::parse(query);
        let has = |word: &super::super::QueryWord| {
            word.terms.iter().any(|sought| terms.iter().any(|term| sought.is(term)))
        };
        !query.words().is_empty() && query.words().iter().all(has)
    }

    #[test]
    fn equipment_is_found_by_part_of_any_field() {
        let terms = register_terms(
            &["Cisco", "Catalyst 9300", "Banco Cumbre del Ávila", "Torre Ávila"],
            &["FOC2614A1B2", "CPS-VE-004213-58"],
        );
        for query in [
            "FOC2614A1B2",
            "foc 2614",
            "foc-2614-a1b2",
            "FOC 2614 A1B2",
            "A1B2",
            "14a1b2",
            "cumbre ávila",
            "TORRE AVILA 9300",
            "004213",
            "4213-58",
            "4213",
            "cps ve 004213 58",
            "0421358",
            "1358",
        ] {
            assert!(finds(query, &terms), "{query}");
        }
        for query in ["A1B3", "614a", "cumbre sur", "213"] {
            assert!(!finds(query, &terms), "{query}");
        }
    }

    #[test]
    fn contract_is_in_force_on_both_ends_of_its_validity() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = |date| Force::on(day(date), day("2026-01-01"), day("2026-12-31"));
        assert_eq!((on("2025-12-31"), on("2026-01-01")), (Force::NotYet, Force::InForce));
        assert_eq!((on("2026-12-31"), on("2027-01-01")), (Force::InForce, Force::Over));
    }
}
