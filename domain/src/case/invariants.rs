//! Invariants of every case, after any entries in any order.
//!
//! Rules can be wrong together with their tests. The invariants know no rule: they check a history from outside, entry
//! by entry. Tests over random histories, the simulation and the integrity check share them.

use std::collections::BTreeMap;

use thiserror::Error;

use super::event::{Event, Recorded, ServiceHoursRef};
use super::evolve::{Case, HistoryProblem};
use super::links::{Link, LinkKind};
use super::revision::RevisionEvent;
use super::sla_clock::{SlaClock, TimerState};
use super::timer::Breach;
use super::visit::VisitEvent;
use crate::calendar::ServiceHours;
use crate::case_number::CaseNumber;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

/// A violated invariant: the case, the entry and the invariant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{case}, entry {version}: {what}")]
pub struct Violation {
    /// The case that violates it.
    pub case: CaseNumber,
    /// Version of the case after the entry that shows it.
    pub version: u32,
    /// The invariant, with the figures that show it.
    pub what: Broken,
}

/// An SLA target in one of its cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(pub SlaMetric, pub u32);

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (cycle {})", self.0.code(), self.1)
    }
}

/// A violated invariant, with its figures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Broken {
    /// The entries are no history of a case.
    #[error("the entries make no case: {0}")]
    History(HistoryProblem),
    /// An entry is older than the one before it.
    #[error("the entry is older than the one before it, by {0} s")]
    BackInTime(i64),
    /// Two clocks count the same target.
    #[error("two clocks count {0}")]
    Twice(Target),
    /// Used and remaining time do not add up to the target.
    #[error("{target}: {used_s} s used and {remaining_s} s remaining do not make the target of {target_s} s")]
    Sum {
        /// The target whose figures do not add up.
        target: Target,
        /// Business seconds used.
        used_s: i64,
        /// Business seconds left.
        remaining_s: i64,
        /// The target in business seconds.
        target_s: i64,
    },
    /// A clock shows negative time.
    #[error("{target}: {used_s} s are used")]
    Negative {
        /// The target whose clock shows it.
        target: Target,
        /// Business seconds used.
        used_s: i64,
    },
    /// More was used than the target without a breach, or less with one.
    #[error("{target}: {remaining_s} s remain, and it is called {}", if *broken { "broken" } else { "kept" })]
    Verdict {
        /// The target whose clock shows it.
        target: Target,
        /// Business seconds left.
        remaining_s: i64,
        /// Whether the clock says that it is breached.
        broken: bool,
    },
    /// The explanation of the counted time does not add up to the clock.
    #[error("{target}: {used_s} s are used, and {explained_s} s are explained")]
    Unexplained {
        /// The target whose clock shows it.
        target: Target,
        /// Business seconds used.
        used_s: i64,
        /// Business seconds by the explanation.
        explained_s: i64,
    },
    /// A breach disappeared or changed.
    #[error("{target}: broken at {} with {} s promised, and now {now:?}", was.at.0, was.target_s)]
    Erased {
        /// The target whose clock shows it.
        target: Target,
        /// The breach as it was.
        was: Breach,
        /// The breach as it is now.
        now: Option<Breach>,
    },
    /// The used time changed at one instant, without a correction or an undo.
    #[error("{target}: {before_s} s were used, and {after_s} s at the same instant")]
    Jumped {
        /// The target whose clock shows it.
        target: Target,
        /// Business seconds used before the entry.
        before_s: i64,
        /// Business seconds used after the entry.
        after_s: i64,
    },
    /// A visit is measured against another window than the agreed one.
    #[error("{target}: {target_s} s are promised, and {agreed_s} s were agreed")]
    Window {
        /// The target whose clock shows it.
        target: Target,
        /// The target in business seconds.
        target_s: i64,
        /// Length of the agreed window in seconds.
        agreed_s: i64,
    },
    /// The closing report differs from the clock.
    #[error("{target}: {clock_s} s of {target_s} s, and the closing report says {reported_s:?}")]
    Report {
        /// The target whose clock shows it.
        target: Target,
        /// Business seconds used.
        clock_s: i64,
        /// The target in business seconds.
        target_s: i64,
        /// Used time and target by the report; `None` when the report lacks the target.
        reported_s: Option<(i64, i64)>,
    },
    /// The case is closed, and a target still runs.
    #[error("{0} still counts though the case is closed")]
    RunsOn(Target),
    /// An amendment replaces a value that the report did not have.
    #[error("a correction stands in for something that the report did not say")]
    Amended,
    /// The case was terminated, and something is still under way.
    #[error("the case goes no further, and {0} is still under way")]
    Lingers(&'static str),
    /// The other case of a link lacks it.
    #[error("the link {} with {other} does not stand in the other's history", kind.code())]
    OneSided {
        /// The other case's relation to the case.
        kind: LinkKind,
        /// The case whose history lacks the link.
        other: CaseNumber,
    },
}

/// All violations of `history`, checked after each entry and once more at `until`. `hours_of` gives the service hours;
/// where it gives `None`, the check ends before that entry.
#[must_use]
pub fn violations<'h>(
    history: &[Recorded],
    until: Instant,
    hours_of: impl Fn(&ServiceHoursRef) -> Option<&'h ServiceHours>,
) -> Vec<Violation> {
    let Some((first, rest)) = history.split_first() else { return Vec::new() };
    let Event::Opened(opening) = &first.event else { return Vec::new() };
    let mut watch = Watch::new(opening.number);
    let mut case = match Case::open(first) {
        Ok(case) => case,
        Err(problem) => return watch.stop(1, problem),
    };
    let mut at = first.at;
    for entry in rest {
        watch.version = entry.version;
        let Some(hours) = hours_of(&case.opening.hours) else { return watch.found };
        if entry.at < at {
            watch.say(Broken::BackInTime(at.since(entry.at)));
        }
        at = at.max(entry.at);
        if let Event::Revision(RevisionEvent::Amended { what, .. }) = &entry.event
            && !what.rests_on(&case.opening.report)
        {
            watch.say(Broken::Amended);
        }
        let before = clocks(&case, hours, at);
        watch.remember(&before);
        if let Err(problem) = case.evolve(entry) {
            return watch.stop(entry.version, problem);
        }
        let Some(hours) = hours_of(&case.opening.hours) else { return watch.found };
        let after = clocks(&case, hours, at);
        let is_told_anew = matches!(
            entry.event,
            Event::Revision(RevisionEvent::Corrected(_) | RevisionEvent::ContactUndone { .. })
                | Event::Visit { what: VisitEvent::ArrivalUndone | VisitEvent::MissUndone, .. }
        );
        if !is_told_anew {
            watch.steady(&before, &after);
        }
        watch.agreed(&entry.event);
        watch.look(&case, &after, hours, at);
    }
    let Some(hours) = hours_of(&case.opening.hours) else { return watch.found };
    let end = at.max(until);
    watch.look(&case, &clocks(&case, hours, end), hours, end);
    watch.found
}

/// Every link that only one of its two cases has, among `cases` with all their links.
#[must_use]
pub fn one_sided(cases: &BTreeMap<CaseNumber, Vec<Link>>) -> Vec<Violation> {
    let knows = |case: CaseNumber, kind, other| {
        let mut links = cases.get(&case).into_iter().flatten();
        links.any(|link| (link.kind, link.other) == (kind, other))
    };
    let links = cases.iter().flat_map(|(case, links)| links.iter().map(|link| (*case, *link)));
    let alone = links.filter(|(case, link)| !knows(link.other, link.kind.seen_from_there(), *case));
    let violation = |(case, Link { kind, other, .. })| {
        // The violation is a missing entry, so no version shows it.
        Violation { case, version: 0, what: Broken::OneSided { kind, other } }
    };
    alone.map(violation).collect()
}

/// Every SLA clock of a case, in every cycle.
#[must_use]
pub fn clocks(case: &Case, hours: &ServiceHours, at: Instant) -> Vec<SlaClock> {
    let mut all = case.past_clocks(&hours.spans, at);
    all.extend(case.past_updates(&hours.spans, at));
    all.extend(case.clocks(&hours.spans, at));
    all
}

const fn target(clock: &SlaClock) -> Target {
    Target(clock.kind, clock.cycle)
}

/// The case as the check has seen it so far.
struct Watch {
    case: CaseNumber,
    version: u32,
    breaches: BTreeMap<Target, Breach>,
    /// Lengths of the agreed windows in order: the cycles of the on-site target.
    windows_s: Vec<i64>,
    found: Vec<Violation>,
}

impl Watch {
    const fn new(case: CaseNumber) -> Self {
        Self { case, version: 1, breaches: BTreeMap::new(), windows_s: Vec::new(), found: Vec::new() }
    }

    fn say(&mut self, what: Broken) {
        self.found.push(Violation { case: self.case, version: self.version, what });
    }

    fn stop(mut self, version: u32, problem: HistoryProblem) -> Vec<Violation> {
        self.version = version;
        self.say(Broken::History(problem));
        self.found
    }

    fn remember(&mut self, clocks: &[SlaClock]) {
        for clock in clocks {
            if let Some(breach) = clock.breach {
                self.breaches.entry(target(clock)).or_insert(breach);
            }
        }
    }

    fn agreed(&mut self, event: &Event) {
        if let Event::Visit { what: VisitEvent::Agreed { meeting, .. }, .. } = event {
            self.windows_s.push(meeting.window.seconds());
        }
    }

    /// An entry does not change the time that was used before it.
    fn steady(&mut self, before: &[SlaClock], after: &[SlaClock]) {
        for (was, is) in before.iter().filter_map(|was| {
            let is = after.iter().find(|is| target(is) == target(was))?;
            Some((was, is))
        }) {
            if was.used_s != is.used_s {
                let (before_s, after_s) = (was.used_s, is.used_s);
                self.say(Broken::Jumped { target: target(is), before_s, after_s });
            }
        }
    }

    fn look(&mut self, case: &Case, clocks: &[SlaClock], hours: &ServiceHours, at: Instant) {
        for (place, clock) in clocks.iter().enumerate() {
            if clocks[..place].iter().any(|other| target(other) == target(clock)) {
                self.say(Broken::Twice(target(clock)));
            }
            self.reading(clock, hours, at);
            self.window(clock);
        }
        for clock in case.clocks(&hours.spans, at) {
            let explained = case.explain(clock.kind, &hours.spans, at);
            let explained_s = explained.iter().map(|stretch| stretch.counted_s).sum::<i64>();
            if explained_s != clock.used_s {
                let used_s = clock.used_s;
                self.say(Broken::Unexplained { target: target(&clock), used_s, explained_s });
            }
        }
        for (target, was) in self.breaches.clone() {
            let now = clocks.iter().find(|clock| Target(clock.kind, clock.cycle) == target);
            let now = now.and_then(|clock| clock.breach);
            if now != Some(was) {
                self.say(Broken::Erased { target, was, now });
            }
        }
        self.remember(clocks);
        self.terminated(case, hours, at);
        self.end(case, clocks, hours);
    }

    fn reading(&mut self, clock: &SlaClock, hours: &ServiceHours, at: Instant) {
        let target = target(clock);
        let reading = clock.reading(&hours.spans, at);
        let (used_s, remaining_s, target_s) = (reading.used_s, reading.remaining_s, clock.applied_target_s());
        if used_s.checked_add(remaining_s) != Some(target_s) {
            self.say(Broken::Sum { target, used_s, remaining_s, target_s });
        }
        if used_s < 0 || clock.used_s < 0 {
            self.say(Broken::Negative { target, used_s: used_s.min(clock.used_s) });
        }
        if remaining_s < 0 && clock.breach.is_none() {
            self.say(Broken::Verdict { target, remaining_s, broken: false });
        }
        if let Some(breach) = clock.breach
            && (breach.at > at || breach.due() > breach.at || (remaining_s >= 0 && !self.retold(target)))
        {
            self.say(Broken::Verdict { target, remaining_s, broken: true });
        }
    }

    /// Whether the target was breached before a correction. Its figures may differ since.
    fn retold(&self, target: Target) -> bool {
        self.breaches.contains_key(&target)
    }

    fn window(&mut self, clock: &SlaClock) {
        if clock.kind != SlaMetric::OnSite {
            return;
        }
        let place = usize::try_from(clock.cycle).unwrap_or_default().checked_sub(1);
        let agreed_s = place.and_then(|place| self.windows_s.get(place)).copied().unwrap_or_default();
        if agreed_s != clock.target_s {
            self.say(Broken::Window { target: target(clock), target_s: clock.target_s, agreed_s });
        }
    }

    /// A terminated case has nothing under way.
    fn terminated(&mut self, case: &Case, hours: &ServiceHours, at: Instant) {
        if case.terminated().is_none() {
            return;
        }
        for (is_left, what) in [
            (case.pause().is_some(), "a wait"),
            (case.visits().live().is_some(), "a visit"),
            (case.survey().asked().is_some_and(|asked| asked.ended.is_none()), "a survey"),
            (case.next_run(hours, at).is_some(), "an alarm"),
        ] {
            if is_left {
                self.say(Broken::Lingers(what));
            }
        }
    }

    fn end(&mut self, case: &Case, clocks: &[SlaClock], hours: &ServiceHours) {
        let Some(report) = case.closing_report(&hours.spans) else { return };
        for clock in clocks {
            if !matches!(clock.run, TimerState::Stopped | TimerState::Void) {
                self.say(Broken::RunsOn(target(clock)));
            }
            if matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate) {
                continue;
            }
            let told = report
                .measured
                .iter()
                .find(|measured| (measured.kind, measured.cycle) == (clock.kind, clock.cycle));
            let same = told.is_some_and(|told| {
                (told.business_s, told.target_s, told.breach)
                    == (clock.used_s, clock.applied_target_s(), clock.breach)
            });
            if !same {
                self.say(Broken::Report {
                    target: target(clock),
                    clock_s: clock.used_s,
                    target_s: clock.applied_target_s(),
                    reported_s: told.map(|told| (told.business_s, told.target_s)),
                });
            }
        }
    }
}
