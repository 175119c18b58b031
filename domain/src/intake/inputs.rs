//! The inputs of the case form by name, as browsers post them.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{Field, IntakeForm};

/// Name of the input with the submission's key.
pub const KEY: &str = "key";
/// Name of the checkbox "the contact is me".
pub const CONTACT_SAME: &str = "contact_same";
/// Name of the checkbox "the number is printed like this".
pub const CONTRACT_MEANT: &str = "contract_meant";
/// Name of the checkbox "I do not have the number at hand".
pub const NO_CONTRACT: &str = "no_contract";
/// Name of the checkbox "the equipment is in another country than its contract".
pub const COUNTRY_MISMATCH_CONFIRMED: &str = "abroad";

/// Read by the names of its inputs; those that are missing are empty. Browsers have the code for such a map already, and load
/// no code for each input.
impl<'de> Deserialize<'de> for IntakeForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut form = Self::default();
        for (name, value) in BTreeMap::<String, String>::deserialize(deserializer)? {
            if form.typed(&name).is_none() {
                return Err(D::Error::custom("no input has such a name"));
            }
            form.put(&name, value);
        }
        Ok(form)
    }
}

impl IntakeForm {
    /// The value that a field stands for.
    #[must_use]
    pub fn value(&self, field: Field) -> &str {
        match field {
            Field::Reporter => &self.reporter,
            Field::Contract => &self.contract,
            Field::Company => &self.company,
            Field::Serial => &self.serial,
            Field::Platform => &self.platform,
            Field::Country => &self.country,
            Field::Location => &self.location,
            Field::ContactName if self.contact_same == "yes" => &self.reporter,
            Field::ContactName => &self.contact_name,
            Field::ContactPhone => &self.contact_phone,
            Field::ContactMail => &self.contact_mail,
            Field::Fault => &self.fault,
            Field::Severity => &self.severity,
            Field::Urgency => &self.urgency,
        }
    }

    /// The form of posted inputs, as pairs of name and value. Unknown names are ignored.
    ///
    /// ```
    /// use domain::intake::{Field, IntakeForm};
    /// use domain::priority::Severity;
    ///
    /// let posted = [
    ///     ("reporter", "María Fernanda Rojas"),
    ///     ("contract", "cps-ve-004213-58"),
    ///     ("serial", "FOC0913A1B2"),
    ///     ("platform", "network"),
    ///     ("country", "VE"),
    ///     ("location", "Torre Humboldt, piso 7"),
    ///     ("contact_same", "yes"),
    ///     ("contact_phone", "0412 555 0142"),
    ///     ("contact_mail", "m.rojas@example.com"),
    ///     ("fault", "No hay red en todo el piso desde las 13:05."),
    ///     ("severity", "high"),
    ///     ("urgency", "high"),
    /// ];
    /// let form = IntakeForm::from_pairs(posted.map(|(name, value)| (name, value.to_owned())));
    /// let report = form.report().unwrap();
    /// assert_eq!(report.contract.unwrap().to_string(), "CPS-VE-004213-58");
    /// assert_eq!((report.severity, report.contact.name), (Severity::High, report.reporter));
    ///
    /// let problems = IntakeForm { serial: String::new(), ..form }.report().unwrap_err();
    /// assert!(matches!(problems.as_slice(), [(Field::Serial, _)]));
    /// ```
    #[must_use]
    pub fn from_pairs<N: AsRef<str>>(pairs: impl IntoIterator<Item = (N, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            form.put(name.as_ref(), value);
        }
        form
    }

    /// The value of an input as typed; `None` for unknown names.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<&str> {
        match name {
            CONTACT_SAME => Some(&self.contact_same),
            CONTRACT_MEANT => Some(&self.contract_meant),
            NO_CONTRACT => Some(&self.no_contract),
            COUNTRY_MISMATCH_CONFIRMED => Some(&self.abroad),
            name => match Field::from_code(name)? {
                // As typed, whereas `value` gives the reporter's name in its place.
                Field::ContactName => Some(&self.contact_name),
                field => Some(self.value(field)),
            },
        }
    }

    /// Sets the value of an input. Unknown names are ignored.
    pub fn put(&mut self, name: &str, value: String) {
        match name {
            CONTACT_SAME => self.contact_same = value,
            CONTRACT_MEANT => self.contract_meant = value,
            NO_CONTRACT => self.no_contract = value,
            COUNTRY_MISMATCH_CONFIRMED => self.abroad = value,
            name => {
                if let Some(field) = Field::from_code(name) {
                    self.write(field, value);
                }
            }
        }
    }

    /// Sets the value of a field.
    pub fn write(&mut self, field: Field, value: String) {
        let slot = match field {
            Field::Reporter => &mut self.reporter,
            Field::Contract => &mut self.contract,
            Field::Company => &mut self.company,
            Field::Serial => &mut self.serial,
            Field::Platform => &mut self.platform,
            Field::Country => &mut self.country,
            Field::Location => &mut self.location,
            Field::ContactName => &mut self.contact_name,
            Field::ContactPhone => &mut self.contact_phone,
            Field::ContactMail => &mut self.contact_mail,
            Field::Fault => &mut self.fault,
            Field::Severity => &mut self.severity,
            Field::Urgency => &mut self.urgency,
        };
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_form_is_read_by_the_names_of_its_inputs() {
        let boxes = [CONTACT_SAME, CONTRACT_MEANT, NO_CONTRACT, COUNTRY_MISMATCH_CONFIRMED];
        let names: Vec<&str> = boxes.into_iter().chain(Field::ALL.map(Field::code)).collect();
        let pairs = names.iter().map(|name| (*name, format!("what stands in {name}")));
        let form = IntakeForm::from_pairs(pairs.chain([(KEY, "0123".into()), ("else", "x".into())]));
        for name in &names {
            assert_eq!(form.typed(name), Some(&*format!("what stands in {name}")));
        }
        assert_eq!((form.typed(KEY), form.typed("else")), (None, None), "none of the form's");
        let json = serde_json::to_value(&form).unwrap();
        assert_eq!(json.as_object().unwrap().len(), names.len(), "every input is read");
        for name in &names {
            assert_eq!(json[name], format!("what stands in {name}"), "scripts send the same names");
        }
    }

    #[test]
    fn contact_name_is_preserved_while_the_reporter_is_the_contact() {
        let pairs = [("reporter", "Ana Rojas"), ("contact_name", "Luis"), (CONTACT_SAME, "yes")];
        let form = IntakeForm::from_pairs(pairs.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(form.typed("contact_name"), Some("Luis"));
        assert_eq!(form.value(Field::ContactName), "Ana Rojas");
    }
}
