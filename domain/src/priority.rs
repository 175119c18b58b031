//! Severity and urgency as the customer states them, and the priority that follows.

use serde::{Deserialize, Serialize};

/// Declares a four-level scale with its rank (1 is the highest) and its keys in the language files.
macro_rules! scale {
    ($(#[$doc:meta])* $name:ident, $keys:literal) => {
        choices! {
            $(#[$doc])*
            #[derive(PartialOrd, Ord)]
            pub enum $name {
                /// The highest level.
                Critical = "critical",
                /// The second level.
                High = "high",
                /// The third level.
                Medium = "medium",
                /// The lowest level.
                Low = "low",
            }
        }

        impl $name {
            /// 1 for the highest level to 4 for the lowest.
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

            /// The key of the level's definition in the language files: the letter's, in plain words.
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
    /// Severity of the fault for platform and business (letter, step 3).
    Severity,
    "severity"
);
scale!(
    /// Urgency of restoring the service (letter, step 3).
    Urgency,
    "urgency"
);

choices! {
    /// The order of work, which selects the SLA targets. P1 is the highest.
    #[derive(PartialOrd, Ord)]
    pub enum Priority {
        /// First in the order of work.
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
    /// 0 for P1 to 3 for P4: the index in tables with one value per priority.
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

/// The table that gives the priority of severity and urgency. A case keeps the version of its opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// Counts up with every change.
    pub version: u32,
    /// Rows by severity, columns by urgency, highest first.
    pub rows: [[Priority; 4]; 4],
}

impl Matrix {
    /// The priority of a severity and an urgency.
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
    /// The symmetric rule: severity rank plus urgency rank. Up to 3 is P1, 4 is P2, 5 and 6 are P3, from 7 on P4. A
    /// table in wide use puts a total outage of low urgency at P4; this one does not.
    fn default() -> Self {
        use Priority::{P1, P2, P3, P4};
        Self { version: 1, rows: [[P1, P1, P2, P3], [P1, P2, P3, P3], [P2, P3, P3, P4], [P3, P3, P4, P4]] }
    }
}

choices! {
    /// The technological platform of the letter's closing note.
    #[derive(PartialOrd, Ord)]
    pub enum Platform: "platform" {
        /// Networks.
        Network = "network",
        /// Servers, with any software.
        Servers = "servers",
        /// Software and applications.
        Software = "software",
        /// Data centres.
        DataCentre = "data_centre",
        /// Desktops, laptops and similar computers.
        Computing = "computing",
        /// Printers.
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
