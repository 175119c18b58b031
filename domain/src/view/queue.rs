//! A page of the queue, and what its filters would show.

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::case::Status;
use crate::case_number::CaseNumber;
use crate::page::Paging;

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The rows of this page and of the band of broken promises, and the state of the desk that they were read at.
    pub snapshot: Snapshot,
    /// Where the page lies in the list.
    pub paging: Paging,
    /// What was reported of each row's case, in its first words. For the staff alone, so no wall is sent it.
    pub faults: Vec<(CaseNumber, String)>,
    /// How many cases each filter would show.
    pub counts: QueueCounts,
}

/// Which part of the cases a queue shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// All that are open.
    #[default]
    Open,
    /// Open ones with a promise that is broken.
    Breached,
    /// One state alone.
    Only(Status),
    /// Those that came to their end, in whatever way.
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

    /// Its code in addresses; none for the whole queue.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Breached => Some("breached"),
            Self::Only(status) => Some(status.code()),
            Self::Ended => Some("ended"),
        }
    }

    /// The part of a code.
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

    /// Whether broken promises stand apart in it.
    #[must_use]
    pub const fn has_band(self) -> bool {
        matches!(self, Self::Open | Self::Only(Status::New | Status::InProgress | Status::OnHold))
    }
}

/// How many cases each filter of a queue would show, beside the other filters that are in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCounts {
    /// Those of each part, in the order of [`QueueState::ALL`].
    pub states: [i64; QueueState::ALL.len()],
    /// Cases that are assigned to the reader.
    pub mine: i64,
    /// Those that nobody is on.
    pub nobodys: i64,
    /// Those of each country, in the order of [`Country::ALL`].
    pub countries: Vec<i64>,
    /// Broken promises in what is shown: those of its band.
    pub breached: i64,
}
