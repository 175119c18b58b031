//! What a visit counts as that did not happen.

use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span};

/// What a visit counts as at which nobody received the technician: a rule of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoShowRule {
    /// Nobody's fault: the promise counts as neither kept nor missed.
    #[default]
    Neutral,
    /// The customer's fault, once the technician has waited for so long within the window: the arrival counts. Before that it
    /// is nobody's.
    CustomersFault {
        /// Seconds of waiting within the window.
        wait_s: i64,
    },
}

impl NoShowRule {
    /// Whether the arrival counts for the promise although nobody received the technician.
    #[must_use]
    pub fn arrival_counts(self, window: Span, arrived_at: Instant, missed_at: Instant) -> bool {
        match self {
            Self::Neutral => false,
            Self::CustomersFault { wait_s } => missed_at.since(arrived_at.max(window.from)) >= wait_s,
        }
    }
}
