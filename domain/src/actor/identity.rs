//! Actors: customers, the staff, wall displays, integrations and the system.

use serde::{Deserialize, Serialize};

use super::composed::ComposedRole;
use super::integration::Integration;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::mail_address::MailAddress;
use crate::text::PersonName;

/// Id of a member of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// Id of a wall display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayId(pub i64);

choices! {
    /// Role of a member of the staff.
    #[derive(PartialOrd, Ord)]
    pub enum Role: "role" {
        /// Takes calls, opens cases and works on them.
        Agent = "agent",
        /// Goes to the sites.
        Technician = "technician",
        /// Watches queues and breaches, and approves exceptions.
        Supervisor = "supervisor",
        /// Manages people, plans and displays.
        Administrator = "administrator",
    }
}

impl Role {
    /// Whether visits are assigned to the role. Such a person reads their own agenda and reports no visit of another.
    #[must_use]
    pub const fn goes_on_visits(self) -> bool {
        match self {
            Self::Technician => true,
            Self::Agent | Self::Supervisor | Self::Administrator => false,
        }
    }

    /// The order of escalation: warnings of the desk's cases go to the first role with active people. `None` for roles
    /// that are warned of their own cases alone.
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
    /// Id of the person.
    pub id: PersonId,
    /// The name that colleagues and customers read.
    pub name: String,
    /// Their standing role. With a composed role it is the one that theirs is like, and permits nothing.
    pub role: Role,
    /// The role that an administrator composed for them; `None` for holders of a standing role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub composed: Option<Box<ComposedRole>>,
}

/// The part of the desk that a reader sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// One country; `None` for all.
    pub country: Option<Country>,
}

impl Scope {
    /// Whether cases of `country` belong to the scope.
    #[must_use]
    pub fn holds(self, country: Country) -> bool {
        self.country.is_none_or(|only| only == country)
    }
}

/// The member of the staff who last signed in in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserOf {
    /// Id of the person.
    pub id: PersonId,
    /// Their name then.
    pub name: String,
}

/// Identifies a participant within a case, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ParticipantId(pub u32);

/// A participant of a case, as an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantOf {
    /// Number of the case.
    pub number: CaseNumber,
    /// Who it is among the participants.
    pub id: ParticipantId,
    /// Their name.
    pub name: PersonName,
}

/// The actor of every command and query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A visitor of the portal who is not signed in.
    Anonymous,
    /// The holder of a case's unguessable link.
    Customer(CaseNumber),
    /// The same, in a browser where a member of the staff has signed in before. The policy is the same; the browser's
    /// owner is recorded with each statement.
    CustomerBeside {
        /// Number of the case.
        number: CaseNumber,
        /// The browser's owner.
        browser: BrowserOf,
    },
    /// The holder of a participant's link to a case.
    Participant(ParticipantOf),
    /// A customer who is signed in: who reads the mails of this address. It reads lists; what it does to a case it does by the
    /// case's link.
    Contact(MailAddress),
    /// A member of the staff who is signed in.
    Staff(Staff),
    /// A wall display with its link. It reads its scope and nothing else.
    Display {
        /// Id of the display.
        id: DisplayId,
        /// The part of the desk that it shows.
        scope: Scope,
    },
    /// Another system with its token.
    Integration(Integration),
    /// The system: the scheduler, and the operator's command line.
    System,
}

impl Actor {
    /// The holder of a case's link, in any browser.
    #[must_use]
    pub fn customer(number: CaseNumber, browser: Option<&BrowserOf>) -> Self {
        match browser {
            Some(browser) => Self::CustomerBeside { number, browser: browser.clone() },
            None => Self::Customer(number),
        }
    }
}
