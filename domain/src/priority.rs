//! How much a case weighs: severity and urgency as the customer states them, and the priority that follows.

use serde::{Deserialize, Serialize};

/// Declares a four-level scale with its rank (1 is the heaviest) and its keys in the language files.
macro_rules! scale {
    ($(#[$doc:meta])* $name:ident, $keys:literal) => {
        choices! {
            $(#[$doc])*
            #[derive(PartialOrd, Ord)]
            pub enum $name {
                /// The heaviest level.
                Critical = "critical",
                /// The second level.
                High = "high",
                /// The third level.
                Medium = "medium",
                /// The lightest level.
                Low = "low",
            }
        }

        impl $name {
            /// 1 for the heaviest level to 4 for the lightest.
            #[must_use]
            pub const fn rank(self) -> u8 {
                match self {
                    Self::Critical => 1,
                    Self::High => 2,
                    Self::Medium => 3,
                    Self::Low => 4,
                }
            }

            /// The key of the level's name in the language files.
            #[must_use]
            pub const fn name_key(self) -> &'static str {
                match self {
                    Self::Critical => concat!($keys, ".critical.name"),
                    Self::High => concat!($keys, ".high.name"),
                    Self::Medium => concat!($keys, ".medium.name"),
                    Self::Low => concat!($keys, ".low.name"),
                }
            }

            /// The key of the level's definition in the language files: what the letter says, in plain words.
            #[must_use]
            pub const fn definition_key(self) -> &'static str {
                match self {
                    Self::Critical => concat!($keys, ".critical.definition"),
                    Self::High => concat!($keys, ".high.definition"),
                    Self::Medium => concat!($keys, ".medium.definition"),
                    Self::Low => concat!($keys, ".low.definition"),
                }
            }
        }
    };
}

scale!(
    /// How bad the fault is for the platform and the business (letter, step 3).
    Severity,
    "severity"
);
scale!(
    /// How soon the customer needs the service back (letter, step 3).
    Urgency,
    "urgency"
);

choices! {
    /// The order of work, and the key to the promised times. P1 presses most.
    #[derive(PartialOrd, Ord)]
    pub enum Priority {
        /// First of all.
        P1 = "P1",
        /// Second in the order of work.
        P2 = "P2",
        /// Third in the order of work.
        P3 = "P3",
        /// Last in the order of work.
        P4 = "P4",
    }
}

impl Priority {
    /// 0 for P1 to 3 for P4: the place in tables that hold one value per priority.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::P1 => 0,
            Self::P2 => 1,
            Self::P3 => 2,
            Self::P4 => 3,
        }
    }
}

/// The table that makes a priority of severity and urgency. A case keeps the version it was opened under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// Counts up with every change of the table.
    pub version: u32,
    /// Rows by severity, columns by urgency, heaviest first.
    pub rows: [[Priority; 4]; 4],
}

impl Matrix {
    /// The priority of a case of this severity and urgency.
    ///
    /// ```
    /// use domain::priority::{Matrix, Priority, Severity, Urgency};
    ///
    /// let matrix = Matrix::default();
    /// assert_eq!(matrix.priority(Severity::Critical, Urgency::High), Priority::P1);
    /// assert_eq!(matrix.priority(Severity::Low, Urgency::Low), Priority::P4);
    /// ```
    #[must_use]
    pub const fn priority(&self, severity: Severity, urgency: Urgency) -> Priority {
        self.rows[severity.rank() as usize - 1][urgency.rank() as usize - 1]
    }
}

impl Default for Matrix {
    /// The symmetric rule, explained in one sentence: severity rank plus urgency rank; up to 3 is P1, 4 is P2, 5 and 6
    /// are P3, from 7 on P4. A table in wide use puts a total outage of low urgency at P4; this one does not.
    fn default() -> Self {
        use Priority::{P1, P2, P3, P4};
        Self { version: 1, rows: [[P1, P1, P2, P3], [P1, P2, P3, P3], [P2, P3, P3, P4], [P3, P3, P4, P4]] }
    }
}

choices! {
    /// What the letter's closing note calls the technological platform.
    #[derive(PartialOrd, Ord)]
    pub enum Platform: "platform" {
        /// Networks and what connects them.
        Network = "network",
        /// Servers, whatever runs on them.
        Servers = "servers",
        /// Software and applications.
        Software = "software",
        /// Data centres as a whole.
        DataCentre = "data_centre",
        /// Computing: desktops, laptops and their kin.
        Computing = "computing",
        /// Equipment that prints.
        Printing = "printing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_matrix_is_the_rule_of_the_sum() {
        let matrix = Matrix::default();
        for severity in Severity::ALL {
            for urgency in Urgency::ALL {
                let expected = match severity.rank() + urgency.rank() {
                    ..=3 => Priority::P1,
                    4 => Priority::P2,
                    5 | 6 => Priority::P3,
                    _ => Priority::P4,
                };
                assert_eq!(matrix.priority(severity, urgency), expected, "{severity:?} {urgency:?}");
            }
        }
    }

    #[test]
    fn codes_lead_back_to_their_levels() {
        for severity in Severity::ALL {
            assert_eq!(Severity::from_code(severity.code()), Some(severity));
        }
        for platform in Platform::ALL {
            assert_eq!(Platform::from_code(platform.code()), Some(platform));
        }
        assert_eq!(Urgency::from_code("Critical"), None);
    }
}
