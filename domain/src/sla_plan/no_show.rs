//! How no-shows count.

use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span};

/// How a visit counts at which the technician was not received: a rule of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoShowRule {
    /// The on-site target is void: neither met nor breached.
    #[default]
    Neutral,
    /// The arrival counts once the technician has waited for `wait_s` within the window. Before that the target is
    /// void.
    CustomersFault {
        /// Waiting time within the window, in seconds.
        wait_s: i64,
    },
}

impl NoShowRule {
    /// Whether the arrival meets the target although the technician was not received.
    #[must_use]
    pub fn arrival_counts(self, window: Span, arrived_at: Instant, missed_at: Instant) -> bool {
        match self {
            Self::Neutral => false,
            Self::CustomersFault { wait_s } => missed_at.since(arrived_at.max(window.from)) >= wait_s,
        }
    }
}
