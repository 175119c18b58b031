//! Who asks: customers, the staff, wall displays and the system.

use serde::{Deserialize, Serialize};

use crate::case_number::CaseNumber;
use crate::country::Country;

/// Identifies a member of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// Identifies a wall display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayId(pub i64);

choices! {
    /// What a member of the staff is there for.
    #[derive(PartialOrd, Ord)]
    pub enum Role: "role" {
        /// Takes calls, registers and works cases.
        Agent = "agent",
        /// Goes to where the equipment stands.
        Technician = "technician",
        /// Watches queues and breaches, approves exceptions.
        Supervisor = "supervisor",
        /// Keeps people, plans and displays.
        Administrator = "administrator",
    }
}

impl Role {
    /// Whether visits are assigned to it: then it reads its own agenda, and does no visit of another.
    #[must_use]
    pub const fn goes_on_visits(self) -> bool {
        match self {
            Self::Technician => true,
            Self::Agent | Self::Supervisor | Self::Administrator => false,
        }
    }

    /// Its place among those who are warned of the desk's cases: the first role that has people in service. `None` for those
    /// who are warned of their own cases alone.
    #[must_use]
    pub const fn escalation(self) -> Option<u8> {
        match self {
            Self::Supervisor => Some(1),
            Self::Administrator => Some(2),
            Self::Agent | Self::Technician => None,
        }
    }
}

/// A member of the staff who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Who.
    pub id: PersonId,
    /// As colleagues and customers read it.
    pub name: String,
    /// What they are there for.
    pub role: Role,
}

/// The part of the desk that someone sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// One country alone; `None` for all.
    pub country: Option<Country>,
}

impl Scope {
    /// Whether a case of `country` lies inside.
    #[must_use]
    pub fn holds(self, country: Country) -> bool {
        self.country.is_none_or(|only| only == country)
    }
}

/// The member of the staff who last signed in in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserOf {
    /// Who.
    pub id: PersonId,
    /// Their name then.
    pub name: String,
}

/// Who asks. Nothing is done without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Anybody, in the portal, not signed in.
    Anonymous,
    /// The holder of a case's unguessable link.
    Customer(CaseNumber),
    /// The same, in a browser where a member of the staff has signed in before. They may do the same; whose browser it was
    /// is kept beside their word.
    CustomerBeside {
        /// The case.
        number: CaseNumber,
        /// Whose browser it is.
        browser: BrowserOf,
    },
    /// A member of the staff who is signed in.
    Staff(Staff),
    /// A wall display with its link: reads its scope, nothing else.
    Display {
        /// Which display.
        id: DisplayId,
        /// What it may see.
        scope: Scope,
    },
    /// The desk itself: alarms, pauses that end, the command line of its operator.
    System,
}

impl Actor {
    /// The holder of a case's link, in whoever's browser they hold it.
    #[must_use]
    pub fn customer(number: CaseNumber, browser: Option<&BrowserOf>) -> Self {
        match browser {
            Some(browser) => Self::CustomerBeside { number, browser: browser.clone() },
            None => Self::Customer(number),
        }
    }
}
