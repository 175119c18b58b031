//! What a reader's file has of an entry: what their page shows, and no more.

use domain::case::{Author, Event, Recorded};
use domain::proof::ProofReader;

use crate::cases::read::{shown_to_customer, without_others};

/// How much of a history a reader's file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redaction {
    /// All of it.
    Nothing,
    /// All but what names cases that may be out of the reader's reach.
    OtherCases,
    /// What the customer's page shows.
    Internal,
}

impl Redaction {
    /// For whom such a file is.
    pub(super) const fn reader(self) -> ProofReader {
        match self {
            Self::Nothing | Self::OtherCases => ProofReader::Provider,
            Self::Internal => ProofReader::Customer,
        }
    }

    /// An entry as the reader may have it; `None` for one that is withheld as a whole.
    pub(super) fn of(self, mut recorded: Recorded) -> Option<Recorded> {
        match self {
            Self::Nothing => Some(recorded),
            Self::OtherCases => without_others(&mut recorded).then_some(recorded),
            Self::Internal => for_customer(recorded),
        }
    }
}

/// An entry as a customer may read it.
fn for_customer(mut recorded: Recorded) -> Option<Recorded> {
    if !shown_to_customer(&mut recorded) {
        return None;
    }
    // The page names the agent who talked or wrote to the customer, and no other.
    let names_its_author = matches!(recorded.event, Event::Contacted { .. } | Event::Noted { .. });
    recorded.by = match recorded.by {
        Author::CustomerBeside(_) => Author::Customer,
        Author::Staff { .. } | Author::Integration { .. } if !names_its_author => Author::System,
        by => by,
    };
    Some(recorded)
}
