//! What a label's code fills into the customer's form: serial and contract, as the address has them.
//!
//! The values are parsed and never looked up here. The form says of them what it says of typed ones, so that an address
//! tells a stranger nothing about the register.

use domain::contract_number::ContractFormats;
use domain::country::Country;
use domain::intake::IntakeForm;
use domain::serial::Serial;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::FormStart;
use crate::formats::use_formats;

/// The longest value that is read.
const LONGEST: usize = 64;

/// Serial and contract of an address. What is no serial or no contract number is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Label {
    serial: String,
    contract: String,
    /// The code of the country that the contract's number names; empty when it names none.
    country: String,
}

impl Label {
    /// Those of the page's address.
    pub(super) fn of_page() -> Self {
        let get = |name: &str| use_query_map().with_untracked(|query| query.get(name).unwrap_or_default());
        Self::parse(&get("serial"), &get("contract"), &use_formats())
    }

    fn parse(serial: &str, contract: &str, formats: &ContractFormats) -> Self {
        let short = |text: &str| text.len() <= LONGEST;
        let serial = Some(serial).filter(|text| short(text)).and_then(|text| Serial::parse(text).ok());
        let contract = Some(contract).filter(|text| short(text));
        let contract = contract.and_then(|text| formats.parse(text).ok());
        let country = contract.as_ref().and_then(|number| formats.country_of(number));
        Self {
            country: country.map_or("", Country::code).to_owned(),
            serial: serial.map(|serial| serial.as_str().to_owned()).unwrap_or_default(),
            contract: contract.map(|contract| contract.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

impl FormStart {
    /// The start data with a label's serial and contract. A case that is followed has its own.
    pub(super) fn with_label(self, label: &Label) -> Self {
        if self.earlier.is_some() || *label == Label::default() {
            return self;
        }
        let mut form = IntakeForm { serial: label.serial.clone(), ..IntakeForm::default() };
        form.contract.clone_from(&label.contract);
        // As the page does it for a contract that is typed: so the form is as it began until something is typed.
        form.country.clone_from(&label.country);
        Self { label: Some(form), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(serial: &str, contract: &str) -> (String, String) {
        let Label { serial, contract, .. } = Label::parse(serial, contract, &ContractFormats::default());
        (serial, contract)
    }

    #[test]
    fn serial_and_contract_are_read_and_anything_else_is_left_out() {
        let text = |serial: &str, contract: &str| (serial.to_owned(), contract.to_owned());
        assert_eq!(label("foc2614a1b2", "CPS-VE-004213-58"), text("FOC2614A1B2", "CPS-VE-004213-58"));
        assert_eq!(label("<script>", "\"><img>"), text("", ""));
        assert_eq!(label(&"A".repeat(65), &"C".repeat(4096)), text("", ""));
        assert_eq!(label("", "CPS-VE-004213-59"), text("", ""));
    }
}
