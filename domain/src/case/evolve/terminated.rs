//! What the fold says of an end without a solution.

use super::super::links::Links;
use super::super::termination::TerminationRecord;
use super::{Case, Status};

impl Status {
    /// Whether work is left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InProgress | Self::OnHold)
    }

    /// Whether the case has come to its end: with the customer's word on the solution, or without any.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled | Self::Duplicate)
    }
}

impl Case {
    /// Ends every open promise without counting it as kept.
    pub(super) fn terminate(&mut self, terminated: TerminationRecord) {
        let at = terminated.at;
        self.end_pause(at);
        let timers = [&mut self.attention, &mut self.resolution].into_iter();
        for timer in timers.chain(self.news.current_mut()) {
            timer.void(at);
        }
        // The end is told by mail: nobody waits for an answer any more.
        self.news.sent(at, None);
        self.terminated = Some(terminated);
    }

    /// How it ended without a solution, if it has.
    #[must_use]
    pub const fn terminated(&self) -> Option<&TerminationRecord> {
        self.terminated.as_ref()
    }

    pub(in crate::case) const fn recorded_links(&self) -> &Links {
        &self.links
    }
}
