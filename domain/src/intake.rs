//! The case form: its fields as typed, and the report that they become once each is valid.
//!
//! The browser checks every keystroke by these rules, and the server checks again by the same ones.

mod field;
mod inputs;

use serde::Serialize;

use crate::contract_number::{ContractFormats, ContractNumber, ContractNumberProblem};
use crate::country::Country;
use crate::entitlement::RegisteredView;
use crate::mail_address::MailAddress;
use crate::phone::Phone;
use crate::priority::{Platform, Severity, Urgency};
use crate::report::{Contact, Report};
use crate::serial::Serial;
use crate::text::{Company, FaultDescription, Location, PersonName, TextProblem, lowered};

pub use field::{ContactField, CountryMismatch, Field, FieldProblem};
pub use inputs::{CONTACT_SAME, CONTRACT_MEANT, COUNTRY_MISMATCH_CONFIRMED, KEY, NO_CONTRACT};

/// The form as typed: stored in the browser as a draft, sent unchanged, and shown again when a field is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IntakeForm {
    /// A: full name.
    pub reporter: String,
    /// B: contract number.
    pub contract: String,
    /// `yes` when the customer confirms that the number is printed like this, although it looks wrong.
    pub contract_meant: String,
    /// `yes` when the customer does not have the number at hand. An agent validates the case by serial, company and
    /// contact.
    pub no_contract: String,
    /// The customer's company, in place of a contract number.
    pub company: String,
    /// C: serial of the affected equipment, as typed.
    pub serial: String,
    /// Code of a [`Platform`].
    pub platform: String,
    /// D: code of a [`Country`].
    pub country: String,
    /// `yes` when the customer confirms that the equipment is in another country than its contract.
    pub abroad: String,
    /// D: physical location.
    pub location: String,
    /// `yes` when the reporter is the contact, so that one name serves for both.
    pub contact_same: String,
    /// E: name of the contact.
    pub contact_name: String,
    /// E: telephone of the contact.
    pub contact_phone: String,
    /// E: mail address of the contact.
    pub contact_mail: String,
    /// F: description of the fault.
    pub fault: String,
    /// Code of a [`Severity`].
    pub severity: String,
    /// Code of an [`Urgency`].
    pub urgency: String,
}

/// Every problem of a form, in the order of its fields; never empty.
pub type Problems = Vec<(Field, FieldProblem)>;

impl IntakeForm {
    /// The form of a case that follows an earlier one: its report without fault, severity and urgency. Of an erased case
    /// only contract, equipment and country are left: what stands in the place of its contact reaches nobody.
    #[must_use]
    pub fn following(earlier: &Report, formats: &ContractFormats) -> Self {
        let contact = &earlier.contact;
        let is_same = earlier.reporter == contact.name;
        let number = earlier.contract.as_ref();
        let named = number.and_then(|number| formats.country_of(number));
        let is_abroad = named.is_some_and(|named| named != earlier.country);
        let is_meant = number.is_some_and(|number| !formats.fit(number));
        let form = Self {
            reporter: earlier.reporter.to_string(),
            contract: earlier.contract.as_ref().map(ToString::to_string).unwrap_or_default(),
            contract_meant: if is_meant { "yes".to_owned() } else { String::new() },
            no_contract: if earlier.contract.is_none() { "yes".to_owned() } else { String::new() },
            company: earlier.company.as_ref().map(ToString::to_string).unwrap_or_default(),
            serial: earlier.serial.to_string(),
            platform: earlier.platform.code().to_owned(),
            country: earlier.country.code().to_owned(),
            abroad: if is_abroad { "yes".to_owned() } else { String::new() },
            location: earlier.location.to_string(),
            contact_same: if is_same { "yes".to_owned() } else { String::new() },
            contact_name: if is_same { String::new() } else { contact.name.to_string() },
            contact_phone: contact.phone.as_typed().to_owned(),
            contact_mail: contact.mail.to_string(),
            ..Self::default()
        };
        if contact.mail.is_erased() { form.without_people() } else { form }
    }

    /// The form without what somebody typed about themselves or their place.
    fn without_people(self) -> Self {
        let Self { contract, contract_meant, no_contract, serial, platform, country, abroad, .. } = self;
        Self { contract, contract_meant, no_contract, serial, platform, country, abroad, ..Self::default() }
    }

    /// Fills in contract, platform and location of registered equipment.
    pub fn fill_with(&mut self, serial: &Serial, registered: &RegisteredView, formats: &ContractFormats) {
        serial.as_str().clone_into(&mut self.serial);
        self.contract.clone_from(&registered.contract);
        (self.contract_meant, self.no_contract, self.company) = Default::default();
        registered.platform.code().clone_into(&mut self.platform);
        registered.country.code().clone_into(&mut self.country);
        self.location = registered.place();
        self.abroad = if self.crossing(formats).is_some() { "yes".to_owned() } else { String::new() };
    }

    /// Whether two forms have the same reporter and mail address.
    #[must_use]
    pub fn is_of_same_sender(&self, other: &Self) -> bool {
        let sender = |form: &Self| [&form.reporter, &form.contact_mail].map(|text| lowered(text.trim()));
        sender(self) == sender(other)
    }

    /// The country of the location: the chosen one, else the one that the contract's number names.
    #[must_use]
    pub fn home(&self, formats: &ContractFormats) -> Option<Country> {
        Country::from_typed(&self.country).or_else(|| self.contract_country(formats))
    }

    fn contract_country(&self, formats: &ContractFormats) -> Option<Country> {
        self.contract_number(formats).ok().flatten().and_then(|number| formats.country_of(&number))
    }

    /// The contract's number; `None` when the customer does not have it at hand.
    ///
    /// # Errors
    /// The problem of the number, unless the customer confirmed it.
    pub fn contract_number(
        &self,
        formats: &ContractFormats,
    ) -> Result<Option<ContractNumber>, ContractNumberProblem> {
        if self.lacks_contract() {
            return Ok(None);
        }
        match formats.parse(&self.contract) {
            Err(problem) if problem.can_be_meant() && self.contract_meant == "yes" => {
                ContractNumber::as_printed(&self.contract).map(Some)
            }
            read => read.map(Some),
        }
    }

    /// Whether the customer does not have the contract's number at hand.
    #[must_use]
    pub fn lacks_contract(&self) -> bool {
        self.no_contract == "yes"
    }

    /// Whether the number looks wrong but is accepted once the customer confirms it.
    #[must_use]
    pub fn asks_about_contract(&self, formats: &ContractFormats) -> bool {
        let read = || formats.parse(&self.contract);
        !self.lacks_contract() && read().is_err_and(|problem| problem.can_be_meant())
    }

    fn company(&self) -> Result<Option<Company>, TextProblem> {
        if self.lacks_contract() { Company::parse(&self.company).map(Some) } else { Ok(None) }
    }

    /// A mismatch between the chosen country and the contract's, confirmed or not.
    #[must_use]
    pub fn crossing(&self, formats: &ContractFormats) -> Option<CountryMismatch> {
        let (contract, place) = (self.contract_country(formats)?, Country::from_typed(&self.country)?);
        (contract != place).then_some(CountryMismatch { contract, place })
    }

    /// The country of the location, once it is chosen and any mismatch is confirmed.
    fn place(&self, formats: &ContractFormats) -> Result<Country, FieldProblem> {
        let country = chosen(Country::from_typed(&self.country))?;
        match self.crossing(formats) {
            Some(crossing) if self.abroad != "yes" => Err(FieldProblem::CountryMismatch(crossing)),
            _ => Ok(country),
        }
    }

    /// Checks one field, as while typing.
    ///
    /// # Errors
    /// The problem of the field.
    pub fn check(&self, field: Field, formats: &ContractFormats) -> Result<(), FieldProblem> {
        let value = self.value(field);
        if let Some(missing) = self.contact_field(field).filter(|_| value.trim().is_empty()) {
            return Err(FieldProblem::ContactMissing(missing));
        }
        match field {
            Field::Reporter | Field::ContactName => PersonName::full(value).map(drop).map_err(Into::into),
            Field::Contract => self.contract_number(formats).map(drop).map_err(Into::into),
            Field::Company => self.company().map(drop).map_err(Into::into),
            Field::Serial => Serial::parse(value).map(drop).map_err(Into::into),
            Field::Platform => chosen(Platform::from_code(value)).map(drop),
            Field::Country => self.place(formats).map(drop),
            Field::Location => Location::parse(value).map(drop).map_err(Into::into),
            Field::ContactPhone => {
                let home = self.home(formats).unwrap_or(Country::HOME);
                Phone::parse_with_extension(home, value).map(drop).map_err(Into::into)
            }
            Field::ContactMail => MailAddress::parse(value).map(drop).map_err(Into::into),
            Field::Fault => FaultDescription::parse(value).map(drop).map_err(Into::into),
            Field::Severity => chosen(Severity::from_code(value)).map(drop),
            Field::Urgency => chosen(Urgency::from_code(value)).map(drop),
        }
    }

    /// The part of a contact that the field has, when the contact is not the reporter.
    fn contact_field(&self, field: Field) -> Option<ContactField> {
        let of_contact = match field {
            Field::ContactName => ContactField::Name,
            Field::ContactPhone => ContactField::Phone,
            Field::ContactMail => ContactField::Mail,
            _ => return None,
        };
        (self.contact_same != "yes").then_some(of_contact)
    }

    /// Checks every field.
    #[must_use]
    pub fn problems(&self, formats: &ContractFormats) -> Problems {
        let wrong = |field: Field| self.check(field, formats).err().map(|problem| (field, problem));
        Field::ALL.into_iter().filter_map(wrong).collect()
    }

    /// The report by the formats of a desk that has set none, as demonstrations have them.
    ///
    /// # Errors
    /// All problems of the form.
    pub fn report(&self) -> Result<Report, Problems> {
        self.report_by(&ContractFormats::default())
    }

    /// The report, once every field is valid.
    ///
    /// # Errors
    /// All problems of the form.
    pub fn report_by(&self, formats: &ContractFormats) -> Result<Report, Problems> {
        self.assemble(formats).map_err(|problem| {
            let all = self.problems(formats);
            if all.is_empty() { vec![problem] } else { all }
        })
    }

    fn assemble(&self, formats: &ContractFormats) -> Result<Report, (Field, FieldProblem)> {
        fn at<T, E: Into<FieldProblem>>(
            field: Field,
            parsed: Result<T, E>,
        ) -> Result<T, (Field, FieldProblem)> {
            parsed.map_err(|problem| (field, problem.into()))
        }
        let country = at(Field::Country, self.place(formats))?;
        Ok(Report {
            reporter: at(Field::Reporter, PersonName::full(&self.reporter))?,
            contract: at(Field::Contract, self.contract_number(formats))?,
            company: at(Field::Company, self.company())?,
            serial: at(Field::Serial, Serial::parse(&self.serial))?,
            platform: at(Field::Platform, chosen(Platform::from_code(&self.platform)))?,
            country,
            location: at(Field::Location, Location::parse(&self.location))?,
            contact: Contact {
                name: at(Field::ContactName, PersonName::full(self.value(Field::ContactName)))?,
                phone: at(Field::ContactPhone, Phone::parse_with_extension(country, &self.contact_phone))?,
                second: None,
                mail: at(Field::ContactMail, MailAddress::parse(&self.contact_mail))?,
            },
            fault: at(Field::Fault, FaultDescription::parse(&self.fault))?,
            severity: at(Field::Severity, chosen(Severity::from_code(&self.severity)))?,
            urgency: at(Field::Urgency, chosen(Urgency::from_code(&self.urgency)))?,
        })
    }
}

fn chosen<T>(choice: Option<T>) -> Result<T, FieldProblem> {
    choice.ok_or(FieldProblem::NotChosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn empty_field_names_the_person_it_belongs_to() {
        let words = |contact_same: &str, field| {
            let form = IntakeForm { contact_same: contact_same.to_owned(), ..IntakeForm::default() };
            form.check(field, &ContractFormats::default()).unwrap_err().message(Language::Es)
        };
        assert!(words("yes", Field::ContactMail).starts_with("Escriba su correo"));
        for field in [Field::ContactName, Field::ContactMail, Field::ContactPhone] {
            assert!(words("", field).contains("la persona de contacto"), "{field:?}");
        }
        assert!(words("", Field::Reporter).starts_with("Escriba su nombre"));
    }

    #[test]
    fn form_that_follows_an_erased_case_names_nobody() {
        let typed = IntakeForm {
            reporter: "Ana Rivas".to_owned(),
            no_contract: "yes".to_owned(),
            company: "Banco Cumbre".to_owned(),
            serial: "SN-12345".to_owned(),
            platform: "network".to_owned(),
            country: "VE".to_owned(),
            location: "Piso 3".to_owned(),
            contact_same: "yes".to_owned(),
            contact_phone: "+58 212 555 0142".to_owned(),
            contact_mail: "ana@example.com".to_owned(),
            fault: "No enciende desde las 9:40.".to_owned(),
            severity: "critical".to_owned(),
            urgency: "critical".to_owned(),
            ..IntakeForm::default()
        };
        let mut report = typed.report().unwrap();
        assert_eq!(
            IntakeForm::following(&report, &ContractFormats::default()).contact_mail,
            "ana@example.com"
        );
        report.contact.mail = MailAddress::erased(1);
        let form = IntakeForm::following(&report, &ContractFormats::default());
        assert_eq!((form.serial.as_str(), form.country.as_str()), ("SN12345", "VE"));
        let IntakeForm {
            reporter,
            company,
            location,
            contact_same,
            contact_name,
            contact_phone,
            contact_mail,
            ..
        } = form;
        assert_eq!(
            [reporter, company, location, contact_same, contact_name, contact_phone, contact_mail].concat(),
            ""
        );
    }

    #[test]
    fn form_accepts_a_company_or_a_confirmed_number_instead_of_a_contract() {
        let form = IntakeForm { no_contract: "yes".to_owned(), ..IntakeForm::default() };
        assert_eq!(form.check(Field::Contract, &ContractFormats::default()), Ok(()));
        assert_eq!(
            form.check(Field::Company, &ContractFormats::default()),
            Err(TextProblem::Empty(crate::text::TextField::Company).into())
        );
        let form = IntakeForm { company: "Banco Cumbre".to_owned(), ..form };
        assert_eq!(
            (
                form.check(Field::Company, &ContractFormats::default()),
                form.contract_number(&ContractFormats::default())
            ),
            (Ok(()), Ok(None))
        );

        let wrong = IntakeForm { contract: "CPS-VE-004213-61".to_owned(), ..IntakeForm::default() };
        assert_eq!(
            wrong.check(Field::Contract, &ContractFormats::default()),
            Err(ContractNumberProblem::WrongCheck.into())
        );
        assert!(
            wrong.asks_about_contract(&ContractFormats::default())
                && wrong.check(Field::Company, &ContractFormats::default()).is_ok()
        );
        let meant = IntakeForm { contract_meant: "yes".to_owned(), ..wrong };
        let number = meant.contract_number(&ContractFormats::default()).unwrap().unwrap();
        assert_eq!(
            (number.as_str(), ContractFormats::default().country_of(&number)),
            ("CPS-VE-004213-61", None)
        );
        // A valid number needs no confirmation, and an impossible one accepts none.
        let right = IntakeForm { contract: "CPS-VE-004213-58".to_owned(), ..IntakeForm::default() };
        assert!(!right.asks_about_contract(&ContractFormats::default()));
        let never = IntakeForm { contract: "CPS*VE".to_owned(), ..meant };
        assert!(
            never.check(Field::Contract, &ContractFormats::default()).is_err()
                && !never.asks_about_contract(&ContractFormats::default())
        );
    }

    #[test]
    fn form_belongs_to_its_reporter_by_name_and_mail_address() {
        let form = |reporter: &str, mail: &str| IntakeForm {
            reporter: reporter.to_owned(),
            contact_mail: mail.to_owned(),
            ..IntakeForm::default()
        };
        let ana = form("Ana Rivas", "ana@cumbre.example");
        assert!(ana.is_of_same_sender(&IntakeForm {
            fault: "Otra".into(),
            ..form("ana rivas ", "Ana@Cumbre.example")
        }));
        assert!(!ana.is_of_same_sender(&form("Pedro Mora", "ana@cumbre.example")));
        assert!(!ana.is_of_same_sender(&form("Ana Rivas", "pedro@cumbre.example")));
    }

    #[test]
    fn location_abroad_is_accepted_once_confirmed() {
        let form = |country: &str, contract: &str| IntakeForm {
            country: country.to_owned(),
            contract: contract.to_owned(),
            ..IntakeForm::default()
        };
        let crossed = form("VE", "CPS-CO-002107-95");
        let crossing = CountryMismatch { contract: Country::Co, place: Country::Ve };
        assert_eq!(
            crossed.check(Field::Country, &ContractFormats::default()),
            Err(FieldProblem::CountryMismatch(crossing))
        );
        assert!(
            crossed
                .problems(&ContractFormats::default())
                .contains(&(Field::Country, FieldProblem::CountryMismatch(crossing)))
        );
        let words =
            crossed.check(Field::Country, &ContractFormats::default()).unwrap_err().message(Language::Es);
        assert!(words.contains("de Colombia") && words.contains("Venezuela"), "{words}");
        let meant = IntakeForm { abroad: "yes".to_owned(), ..crossed };
        assert_eq!(
            (
                meant.check(Field::Country, &ContractFormats::default()),
                meant.crossing(&ContractFormats::default())
            ),
            (Ok(()), Some(crossing))
        );
        for (country, contract) in [
            ("CO", "CPS-CO-002107-95"),
            // A number without a country, an incomplete one, and none.
            ("VE", "CT-2024-0187"),
            ("VE", "CPS-CO-002107"),
            ("VE", ""),
        ] {
            let form = form(country, contract);
            assert_eq!(
                (
                    form.check(Field::Country, &ContractFormats::default()),
                    form.crossing(&ContractFormats::default())
                ),
                (Ok(()), None),
                "{country} {contract}"
            );
        }
        assert_eq!(
            form("", "CPS-CO-002107-95").check(Field::Country, &ContractFormats::default()),
            Err(FieldProblem::NotChosen)
        );
    }
}
