//! The register of customers: its kinds of entries, the history of an entry, and serials that differ by spelling alone.

use serde::{Deserialize, Serialize};

use crate::serial::Serial;

choices! {
    /// A kind of entry of the register.
    pub enum RegisterKind: "register.kind" {
        /// A customer.
        Organisation = "organisation",
        /// A service contract.
        Contract = "contract",
        /// A place with equipment.
        Site = "site",
        /// A piece of equipment.
        Equipment = "equipment",
    }
}

choices! {
    /// A kind of file with rows for the register.
    pub enum ImportKind: "import.kind" {
        /// Contracts with their organisations.
        Contracts = "contracts",
        /// Equipment with its sites.
        Equipment = "equipment",
        /// Travel times between sites.
        Travel = "travel",
    }
}

choices! {
    /// What became of an import.
    pub enum ImportState: "import.state" {
        /// What it would change was shown; it waits for its confirmation.
        Shown = "shown",
        /// It was written.
        Written = "written",
        /// It was written, and undone later.
        Undone = "undone",
    }
}

/// A change of an entry of the register. Stored as JSON: names of variants and fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterChange {
    /// The entry is new.
    Added,
    /// Fields have other values.
    Edited {
        /// The fields, in the order of the form; never empty.
        fields: Vec<RegisterField>,
    },
    /// The entry was removed: the import that added it was undone.
    Removed,
    /// Another entry was merged into this one.
    MergedFrom {
        /// What the other entry was called: a name, or a serial.
        name: String,
    },
    /// This entry was merged into another one, to which it points since then.
    MergedInto {
        /// What the other entry is called: a name, or a serial.
        name: String,
    },
}

/// A field of an entry with another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterField {
    /// The field's name in forms and files, such as `valid_to`.
    pub field: String,
    /// The value before, as text.
    pub from: String,
    /// The value since then, as text.
    pub to: String,
}

/// Whether two serials are one serial in two spellings. They differ by leading zeros, or by characters that people mistake
/// for each other. These are O and 0, I or L and 1, Z and 2, S and 5, B and 8.
///
/// ```
/// use domain::register::differ_by_spelling;
/// use domain::serial::Serial;
///
/// let serial = |text: &str| Serial::parse(text).unwrap();
/// assert!(differ_by_spelling(&serial("FOC2614A1B2"), &serial("F0C2614AIB2")));
/// assert!(!differ_by_spelling(&serial("FOC2614A1B2"), &serial("FOC2614A1B3")));
/// ```
#[must_use]
pub fn differ_by_spelling(one: &Serial, other: &Serial) -> bool {
    one != other && plain(one) == plain(other)
}

/// A serial without leading zeros, each character replaced by the digit that it is mistaken for.
fn plain(serial: &Serial) -> String {
    let digits = serial.as_str().chars().map(|character| match character {
        'O' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'B' => '8',
        other => other,
    });
    digits.skip_while(|character| *character == '0').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        differ_by_spelling(&Serial::parse(one).unwrap(), &Serial::parse(other).unwrap())
    }

    #[test]
    fn look_alikes_and_leading_zeros_are_spelling() {
        assert!(alike("0012345", "12345"));
        assert!(alike("MXQ3410ABC", "MXQ34I0A8C"));
        assert!(alike("5RFDP01", "SRFDPO1"));
    }

    #[test]
    fn other_characters_and_equal_serials_are_not_spelling() {
        assert!(!alike("12345", "12345"));
        assert!(!alike("12345", "123450"));
        assert!(!alike("FOC2614A1B2", "FOC2614A1B3"));
    }
}
