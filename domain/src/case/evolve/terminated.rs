//! The fold of a termination.

use super::super::links::Links;
use super::super::termination::TerminationRecord;
use super::{Case, Status};

impl Status {
    /// Whether work is left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InProgress | Self::OnHold)
    }

    /// Whether the case has ended: closed, cancelled or a duplicate.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled | Self::Duplicate)
    }
}

impl Case {
    /// Voids every open target.
    pub(super) fn terminate(&mut self, terminated: TerminationRecord) {
        let at = terminated.at;
        self.end_pause(at);
        let timers = [&mut self.attention, &mut self.resolution].into_iter();
        for timer in timers.chain(self.updates.current_mut()) {
            timer.void(at);
        }
        // A mail tells of the end, so no message waits for a reply.
        self.updates.sent(at, None);
        self.terminated = Some(terminated);
    }

    /// The termination, if there is one.
    #[must_use]
    pub const fn terminated(&self) -> Option<&TerminationRecord> {
        self.terminated.as_ref()
    }

    pub(in crate::case) const fn recorded_links(&self) -> &Links {
        &self.links
    }
}
