//! What a customer reports, and whom the desk speaks with about it.

use serde::{Deserialize, Serialize};

use crate::contract_number::ContractNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::mail_address::MailAddress;
use crate::phone::Phone;
use crate::priority::{Platform, Severity, Urgency};
use crate::serial::Serial;
use crate::t;
use crate::text::{Company, FaultDescription, Location, PersonName};

/// What the letter's steps 2 and 3 ask for: fields A to F, then severity and urgency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// A: full name of the person who reports.
    pub reporter: PersonName,
    /// B: the contract's number; `None` when nobody had it at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractNumber>,
    /// Whose equipment it is, in the words of whoever had no contract's number at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// C: the serial of the affected equipment.
    pub serial: Serial,
    /// What kind of thing it is (the letter's closing note).
    pub platform: Platform,
    /// D: the country of the place.
    pub country: Country,
    /// D: where the equipment stands.
    pub location: Location,
    /// E: who is in charge of the case at the customer's.
    pub contact: Contact,
    /// F: what is wrong.
    pub fault: FaultDescription,
    /// How bad it is.
    pub severity: Severity,
    /// How soon it must be well again.
    pub urgency: Urgency,
}

impl Report {
    /// The contract's number, or whose equipment it is said to be.
    #[must_use]
    pub fn contract_words(&self, language: Language) -> String {
        match (&self.contract, &self.company) {
            (Some(number), _) => number.to_string(),
            (None, Some(company)) => t!(language, "contract.none_of", company = company),
            (None, None) => t!(language, "contract.none").into_owned(),
        }
    }
}

/// The person in charge at the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Full name, as the customer is addressed.
    pub name: PersonName,
    /// First telephone to call.
    pub phone: Phone,
    /// Another telephone, where they are reached when the first stays unanswered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Phone>,
    /// Mail address: the case's mails go there.
    pub mail: MailAddress,
}

impl Contact {
    /// The telephones, the first one first.
    pub fn phones(&self) -> impl Iterator<Item = &Phone> {
        std::iter::once(&self.phone).chain(self.second.as_ref())
    }
}
