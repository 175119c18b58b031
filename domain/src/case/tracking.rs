//! The link to a case's page: how often it was renewed, and since when its time to expire runs.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::event::Event;
use super::evolve::Case;
use crate::actor::Action;
use crate::i18n::Language;
use crate::t;
use crate::text::Reason;
use crate::time::Instant;

/// The renewals of a case's link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Renewals {
    count: u32,
    last: Option<Instant>,
}

impl Renewals {
    pub(super) const fn evolve(&mut self, at: Instant) {
        self.count += 1;
        self.last = Some(at);
    }
}

/// What decides whether a link still leads to the page of its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracking {
    /// How often the link was renewed. Links of earlier generations lead nowhere.
    pub generation: u32,
    /// When the time after which the link expires began to run; `None` while the case has not ended.
    pub runs_from: Option<Instant>,
}

impl Case {
    /// The link to the case's page as it counts now. Its time runs from the end of the case, or from a later renewal.
    #[must_use]
    pub fn tracking(&self) -> Tracking {
        let ended = self.closed().map(|closed| closed.at).or_else(|| self.terminated().map(|end| end.at));
        let Renewals { count, last } = self.renewals;
        Tracking {
            generation: count,
            runs_from: ended.map(|ended| last.map_or(ended, |last| last.max(ended))),
        }
    }
}

/// Commands to renew the link to a case's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingCommand {
    /// Renew it for the customer, as a member of the staff.
    Renew {
        /// Why it is renewed; the customer does not read it.
        reason: Reason,
        /// Number of mails that did not reach the contact. The desk looks it up; it never comes from outside.
        #[serde(skip)]
        undelivered: u32,
    },
    /// Renew one's own, as its holder.
    RenewOwn {
        /// The same.
        #[serde(skip)]
        undelivered: u32,
    },
}

impl TrackingCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Renew { .. } => Action::RenewTracking,
            Self::RenewOwn { .. } => Action::RenewOwnTracking,
        }
    }
}

/// Why a link is not renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingRefusal {
    /// Mails do not reach the contact, and the new link goes by mail: amend the address first.
    #[error("mails do not reach the contact")]
    Unreachable,
    /// Only the sender vouches for the case, so that its mails may be held: the contact centre has to see it first.
    #[error("the case is not verified")]
    Unverified,
}

impl TrackingRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::Unreachable => "tracking.refusal.unreachable",
            Self::Unverified => "tracking.refusal.unverified",
        };
        t!(language, key).into_owned()
    }
}

/// The old link ends with the event, so the mail with the new one must be sure to go.
pub(super) fn decide(case: &Case, command: TrackingCommand) -> Result<Event, Refusal> {
    let (reason, undelivered) = match command {
        TrackingCommand::Renew { reason, undelivered } => (Some(reason), undelivered),
        // A word of the staff makes a case verified, a word of its holder does not.
        TrackingCommand::RenewOwn { .. } if case.is_unverified() => {
            return Err(TrackingRefusal::Unverified.into());
        }
        TrackingCommand::RenewOwn { undelivered } => (None, undelivered),
    };
    if undelivered > 0 {
        return Err(TrackingRefusal::Unreachable.into());
    }
    Ok(Event::TrackingRenewed { reason })
}
