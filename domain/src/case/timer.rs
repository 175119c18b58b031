//! What the history says about one promise: when its time began and stopped, its targets, and that it was broken.

use serde::{Deserialize, Serialize};

use super::event::ServiceHoursRef;
use crate::contract_number::ContractNumber;
use crate::i18n::Language;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::time::Instant;

/// What the history says about one promise in one of its cycles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaTimer {
    /// Which SLA target this is about.
    pub kind: SlaMetric,
    /// 1 for the first, one more for each reopening.
    pub cycle: u32,
    /// When its time began.
    pub started: Instant,
    /// When it was fulfilled, or when the case went no further.
    pub stopped: Option<Instant>,
    /// Whether the case went no further before it was fulfilled.
    is_void: bool,
    /// The targets, each in force from its instant on, in business seconds; never empty.
    targets: Vec<(Instant, i64)>,
    /// That it was broken before a correction told the case again, and what the case stood under then.
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

    /// Tells the promise again under other terms: the targets that `terms` give for the priorities that were in force
    /// when. `None` leaves the targets as they are. What was broken stays so.
    pub(super) fn retell(
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

    /// What stopped it never happened.
    pub(super) const fn run_on(&mut self) {
        self.stopped = None;
    }

    /// What stopped it fulfilled nothing. What was broken by then stays broken.
    pub(super) const fn set_aside(&mut self) {
        self.is_void = true;
    }

    /// What stopped it fulfilled it after all.
    pub(super) const fn count_again(&mut self) {
        self.is_void = false;
    }

    /// Ends its time without its being fulfilled; nothing to what was fulfilled before.
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

    /// Whether the case went no further before it was fulfilled.
    pub(super) const fn is_void(&self) -> bool {
        self.is_void
    }

    /// The targets, each in force from its instant on, in business seconds.
    pub(super) fn targets(&self) -> &[(Instant, i64)] {
        &self.targets
    }

    /// That it was broken before a correction told the case again, and what the case stood under then.
    pub(super) const fn broken(&self) -> Option<&(Breach, StoodUnder)> {
        self.broken.as_ref()
    }

    /// The target in force now, in business seconds.
    #[must_use]
    pub fn target_s(&self) -> i64 {
        self.targets.last().map_or(0, |(_, target_s)| *target_s)
    }
}

/// The moment at which a promise was broken. Nothing that comes later takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The first whole second at which more was used than promised.
    pub at: Instant,
    /// What was promised then, in business seconds.
    pub target_s: i64,
    /// When all of it was used up; entries from before this was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
}

impl Breach {
    /// When the promise was due: its last second. What was broken counts from the second after it.
    #[must_use]
    pub fn due(&self) -> Instant {
        self.due.unwrap_or(self.at.plus(-1))
    }
}

/// What a case stood under when a promise was broken, before a correction put it under something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoodUnder {
    /// The contract; `None` while nobody knew it.
    pub contract: Option<ContractNumber>,
    /// The hours that counted.
    pub hours: ServiceHoursRef,
    /// What the desk calls these hours; `None` until it was asked.
    pub calendar: Option<String>,
}

impl StoodUnder {
    /// One line that says so, to the reader; `at` is when the promise was due, as the reader is told moments.
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
