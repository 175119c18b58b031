//! A page of the queue, and the counts of its filters.

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::case::Status;
use crate::case_number::CaseNumber;
use crate::page::Paging;

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The rows of this page and of the breached band, as of one sequence number.
    pub snapshot: Snapshot,
    /// Position of the page in the list.
    pub paging: Paging,
    /// First words of each case's fault description. For the staff alone, so no wall gets it.
    pub faults: Vec<(CaseNumber, String)>,
    /// The counts of the filters.
    pub counts: QueueCounts,
}

/// The cases that a queue shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// All open cases.
    #[default]
    Open,
    /// Open cases with a breached target.
    Breached,
    /// Cases of one status.
    Only(Status),
    /// Cases that have ended.
    Ended,
}

impl QueueState {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Breached,
        Self::Only(Status::New),
        Self::Only(Status::InProgress),
        Self::Only(Status::OnHold),
        Self::Only(Status::Resolved),
        Self::Ended,
    ];

    /// The code in URLs; `None` for the whole queue.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Breached => Some("breached"),
            Self::Only(status) => Some(status.code()),
            Self::Ended => Some("ended"),
        }
    }

    /// The choice of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == Some(code))
    }

    /// The key of its name in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Open => "queue_state.open",
            Self::Breached => "queue_state.breached",
            Self::Only(status) => status.name_key(),
            Self::Ended => "queue_state.ended",
        }
    }

    /// Whether breached cases have a band of their own in it.
    #[must_use]
    pub const fn has_band(self) -> bool {
        matches!(self, Self::Open | Self::Only(Status::New | Status::InProgress | Status::OnHold))
    }
}

/// Number of cases that each filter would show, together with the other filters in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCounts {
    /// By status, in the order of [`QueueState::ALL`].
    pub states: [i64; QueueState::ALL.len()],
    /// Cases that are assigned to the reader.
    pub mine: i64,
    /// Unassigned cases.
    pub nobodys: i64,
    /// By country, in the order of [`Country::ALL`](crate::country::Country::ALL).
    pub countries: Vec<i64>,
    /// Breached cases among those shown.
    pub breached: i64,
}
