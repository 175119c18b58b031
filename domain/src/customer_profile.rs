//! The profile of a customer who signs in: what a new case form begins with, and which mails they do without.

use std::collections::BTreeSet;

use crate::i18n::Language;
use crate::phone::Phone;
use crate::text::PersonName;

choices! {
    /// A mail about a case that a customer can do without. The opening, what has to be answered, and the end are always mailed.
    #[derive(PartialOrd, Ord)]
    pub enum OptionalMail: "my.profile.mail" {
        /// Updates from the staff, which the case's page has as well.
        Updates = "updates",
        /// Reminders of the question whether a solution works.
        Reminders = "reminders",
        /// The survey's invitation.
        Survey = "survey",
    }
}

/// What a customer has said of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerProfile {
    /// Their name.
    pub name: Option<PersonName>,
    /// Their telephone.
    pub phone: Option<Phone>,
    /// Their language; `None` for that of the page.
    pub language: Option<Language>,
    /// The mails that they do without.
    pub declined: BTreeSet<OptionalMail>,
}

/// Mails that are declined, as stored: their codes, divided by commas.
#[must_use]
pub fn written(declined: &BTreeSet<OptionalMail>) -> String {
    declined.iter().map(|mail| mail.code()).collect::<Vec<_>>().join(",")
}

/// Reads what [`written`] wrote. A code that is none is left out.
#[must_use]
pub fn read(text: &str) -> BTreeSet<OptionalMail> {
    text.split(',').filter_map(OptionalMail::from_code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declined_mails_are_read_as_they_are_written() {
        for declined in [BTreeSet::new(), BTreeSet::from(OptionalMail::ALL)] {
            assert_eq!(read(&written(&declined)), declined);
        }
        assert_eq!(read("survey,opening"), BTreeSet::from([OptionalMail::Survey]));
    }
}
