//! The fields of the case form, and their problems.

use thiserror::Error;

use crate::contract_number::ContractNumberProblem;
use crate::country::Country;
use crate::i18n::Language;
use crate::mail_address::MailAddressProblem;
use crate::phone::PhoneProblem;
use crate::serial::SerialProblem;
use crate::t;
use crate::text::TextProblem;

choices! {
    /// A field of the case form. Letters A to F are those of the letter.
    #[derive(PartialOrd, Ord)]
    pub enum Field {
        /// A: full name.
        Reporter = "reporter",
        /// B: contract number.
        Contract = "contract",
        /// The customer's company, in place of a contract number.
        Company = "company",
        /// C: serial of the affected equipment.
        Serial = "serial",
        /// Platform of the equipment.
        Platform = "platform",
        /// D: country of the location.
        Country = "country",
        /// D: physical location.
        Location = "location",
        /// E: name of the contact.
        ContactName = "contact_name",
        /// E: telephone of the contact.
        ContactPhone = "contact_phone",
        /// E: mail address of the contact.
        ContactMail = "contact_mail",
        /// F: description of the fault.
        Fault = "fault",
        /// Severity, by the letter's definitions.
        Severity = "severity",
        /// Urgency, by the letter's definitions.
        Urgency = "urgency",
    }
}

impl Field {
    /// The key of the field's label in the language files.
    #[must_use]
    pub const fn label_key(self) -> &'static str {
        match self {
            Self::Reporter => "field.reporter.label",
            Self::Contract => "field.contract.label",
            Self::Company => "field.company.label",
            Self::Serial => "field.serial.label",
            Self::Platform => "field.platform.label",
            Self::Country => "field.country.label",
            Self::Location => "field.location.label",
            Self::ContactName => "field.contact_name.label",
            Self::ContactPhone => "field.contact_phone.label",
            Self::ContactMail => "field.contact_mail.label",
            Self::Fault => "field.fault.label",
            Self::Severity => "field.severity.label",
            Self::Urgency => "field.urgency.label",
        }
    }

    /// The key of the field's hint in the language files.
    #[must_use]
    pub const fn hint_key(self) -> &'static str {
        match self {
            Self::Reporter => "field.reporter.hint",
            Self::Contract => "field.contract.hint",
            Self::Company => "field.company.hint",
            Self::Serial => "field.serial.hint",
            Self::Platform => "field.platform.hint",
            Self::Country => "field.country.hint",
            Self::Location => "field.location.hint",
            Self::ContactName => "field.contact_name.hint",
            Self::ContactPhone => "field.contact_phone.hint",
            Self::ContactMail => "field.contact_mail.hint",
            Self::Fault => "field.fault.hint",
            Self::Severity => "field.severity.hint",
            Self::Urgency => "field.urgency.hint",
        }
    }
}

/// The location is in another country than the one in the contract's number. The number alone shows it, so strangers
/// may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountryMismatch {
    /// The country that the number names.
    pub contract: Country,
    /// The country chosen for the location.
    pub place: Country,
}

/// A part of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactField {
    /// The contact's full name.
    Name,
    /// The contact's first telephone.
    Phone,
    /// The contact's mail address.
    Mail,
}

/// The problem of a field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FieldProblem {
    /// A choice is missing or unknown: choose one.
    #[error("nothing was chosen")]
    NotChosen,
    /// The contact is not the reporter, and this field of theirs is empty.
    #[error("nothing is told of the contact")]
    ContactMissing(ContactField),
    /// The contract is of another country than the location, and the customer has not confirmed it.
    #[error("the contract is of another country than the place: {0:?}")]
    CountryMismatch(CountryMismatch),
    /// The text is too short, too long or not legible.
    #[error(transparent)]
    Text(#[from] TextProblem),
    /// The contract number is not valid.
    #[error(transparent)]
    Contract(#[from] ContractNumberProblem),
    /// The serial is not valid.
    #[error(transparent)]
    Serial(#[from] SerialProblem),
    /// The telephone number is not valid.
    #[error(transparent)]
    Phone(#[from] PhoneProblem),
    /// The mail address is not valid.
    #[error(transparent)]
    Mail(#[from] MailAddressProblem),
}

impl FieldProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotChosen => t!(language, "problem.not_chosen").into_owned(),
            Self::ContactMissing(ContactField::Name) => {
                t!(language, "fields.contact_name.empty").into_owned()
            }
            Self::ContactMissing(ContactField::Phone) => {
                t!(language, "fields.contact_phone.empty").into_owned()
            }
            Self::ContactMissing(ContactField::Mail) => {
                t!(language, "fields.contact_mail.empty").into_owned()
            }
            Self::CountryMismatch(CountryMismatch { contract, place }) => t!(
                language,
                "fields.country.crossed",
                of = t!(language, contract.of_key()),
                place = t!(language, place.name_key()),
            ),
            Self::Text(problem) => problem.message(language),
            Self::Contract(problem) => problem.message(language),
            Self::Serial(problem) => problem.message(language),
            Self::Phone(problem) => problem.message(language),
            Self::Mail(problem) => problem.message(language),
        }
    }
}
