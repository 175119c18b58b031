//! One SLA target in the history: beginning and end of its time, its values, and its breach before a correction.

use serde::{Deserialize, Serialize};

use super::event::ServiceHoursRef;
use crate::contract_number::ContractNumber;
use crate::i18n::Language;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::time::Instant;

/// One SLA target of a case in one of its cycles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaTimer {
    /// The SLA target.
    pub kind: SlaMetric,
    /// Number of the cycle: 1, and one more for each reopening or agreement.
    pub cycle: u32,
    /// When its time began.
    pub started: Instant,
    /// When it was fulfilled or voided.
    pub stopped: Option<Instant>,
    /// Whether it was voided before it was fulfilled.
    is_void: bool,
    /// The values of the target in business seconds, each in force from its instant on. Never empty.
    targets: Vec<(Instant, i64)>,
    /// The breach before a correction, and the contract in force then.
    broken: Option<(Breach, StoodUnder)>,
}

impl SlaTimer {
    pub(super) fn start(kind: SlaMetric, at: Instant, target_s: i64) -> Self {
        Self::begin(kind, 1, at, target_s)
    }

    pub(super) fn begin(kind: SlaMetric, cycle: u32, at: Instant, target_s: i64) -> Self {
        Self {
            kind,
            cycle,
            started: at,
            stopped: None,
            is_void: false,
            targets: vec![(at, target_s)],
            broken: None,
        }
    }

    /// Recounts the target under other terms, with their values for the priorities in force at each time. `None` leaves
    /// the values unchanged. A breach remains.
    pub(super) fn recount(
        &mut self,
        targets: Option<Vec<(Instant, i64)>>,
        broken: Option<(Breach, StoodUnder)>,
    ) {
        if let Some(targets) = targets.filter(|targets| !targets.is_empty()) {
            self.targets = targets;
        }
        if self.broken.is_none() {
            self.broken = broken;
        }
    }

    /// The cycle after this one.
    pub(super) fn next_cycle(&self, at: Instant, target_s: i64) -> Self {
        Self::begin(self.kind, self.cycle + 1, at, target_s)
    }

    pub(super) fn stop(&mut self, at: Instant) {
        self.stopped.get_or_insert(at);
    }

    /// Undoes the stop.
    pub(super) const fn undo_stop(&mut self) {
        self.stopped = None;
    }

    /// Voids a stopped target. A breach before remains.
    pub(super) const fn void_stopped(&mut self) {
        self.is_void = true;
    }

    /// Undoes the voiding of a stopped target.
    pub(super) const fn undo_void(&mut self) {
        self.is_void = false;
    }

    /// Voids an open target. A fulfilled one does not change.
    pub(super) fn void(&mut self, at: Instant) {
        if self.stopped.is_none() {
            self.stopped = Some(at);
            self.is_void = true;
        }
    }

    pub(super) fn retarget(&mut self, at: Instant, target_s: i64) {
        if self.stopped.is_none() {
            self.targets.push((at, target_s));
        }
    }

    /// Whether the target was voided before it was fulfilled.
    pub(super) const fn is_void(&self) -> bool {
        self.is_void
    }

    /// The values of the target in business seconds, each in force from its instant on.
    pub(super) fn targets(&self) -> &[(Instant, i64)] {
        &self.targets
    }

    /// The breach before a correction, and the contract in force then.
    pub(super) const fn broken(&self) -> Option<&(Breach, StoodUnder)> {
        self.broken.as_ref()
    }

    /// The value in force, in business seconds.
    #[must_use]
    pub fn target_s(&self) -> i64 {
        self.targets.last().map_or(0, |(_, target_s)| *target_s)
    }
}

/// The breach of a target. No later event removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The first whole second at which more was used than the target.
    pub at: Instant,
    /// The target then, in business seconds.
    pub target_s: i64,
    /// When the target was used up; entries of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
}

impl Breach {
    /// When the target was due: its last second. The breach is the second after it.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due.unwrap_or(self.at.plus(-1))
    }
}

/// Contract and hours in force at a breach, before a correction replaced them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodUnder {
    /// The contract; `None` while it was unknown.
    pub contract: Option<ContractNumber>,
    /// The service hours.
    pub hours: ServiceHoursRef,
    /// Name of the calendar; `None` until it was looked up.
    pub calendar: Option<String>,
}

impl StoodUnder {
    /// One line about them for the reader. `at` is the due time as text.
    #[must_use]
    pub fn message(&self, language: Language, at: &str) -> String {
        let contract = match &self.contract {
            Some(number) => number.to_string(),
            None => t!(language, "contract.none").into_owned(),
        };
        let hours = self.calendar.as_ref().map(|name| t!(language, "promise.broke_under_hours", name = name));
        t!(language, "promise.broke_under", at = at, contract = contract, hours = hours.unwrap_or_default())
    }
}
