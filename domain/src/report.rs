//! The customer's report of a fault, and the contact.

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

/// The report by the letter's steps 2 and 3: fields A to F, then severity and urgency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// A: full name of the person who reports.
    pub reporter: PersonName,
    /// B: the contract's number; `None` when the customer did not have it at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractNumber>,
    /// The customer's company, as typed in place of a contract number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// C: the serial of the affected equipment.
    pub serial: Serial,
    /// Platform of the equipment (the letter's closing note).
    pub platform: Platform,
    /// D: the country of the location.
    pub country: Country,
    /// D: location of the equipment.
    pub location: Location,
    /// E: the customer's contact.
    pub contact: Contact,
    /// F: description of the fault.
    pub fault: FaultDescription,
    /// Severity of the fault.
    pub severity: Severity,
    /// Urgency of the restoration.
    pub urgency: Urgency,
}

impl Report {
    /// The contract's number, or the company as typed.
    #[must_use]
    pub fn contract_words(&self, language: Language) -> String {
        match (&self.contract, &self.company) {
            (Some(number), _) => number.to_string(),
            (None, Some(company)) => t!(language, "contract.none_of", company = company),
            (None, None) => t!(language, "contract.none").into_owned(),
        }
    }
}

/// The customer's contact for a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Full name, as the customer is addressed.
    pub name: PersonName,
    /// The first telephone.
    pub phone: Phone,
    /// The second telephone, for when the first is not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Phone>,
    /// The mail address to which the case's mails go.
    pub mail: MailAddress,
}

impl Contact {
    /// The telephones, the first one first.
    pub fn phones(&self) -> impl Iterator<Item = &Phone> {
        std::iter::once(&self.phone).chain(self.second.as_ref())
    }

    /// Takes telephones and address away, for readers who may know the name alone.
    pub fn hide_addresses(&mut self) {
        self.phone = Phone::erased(1);
        self.second = None;
        self.mail = MailAddress::erased(1);
    }
}
