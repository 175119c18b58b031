//! The promises of a case as pure functions of its history, the hours that count and the time.
//!
//! A [`SlaTimer`] is what the history says about one promise. Folding it over the open spans gives a [`SlaClock`]: business
//! seconds used up to an instant, whether it runs from there, and whether the promise was ever broken. A clock is all
//! that a display needs: with the spans of the coming days it reads the same second everywhere.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::event::PauseReason;
use super::evolve::{Case, Pause};
use super::timer::{Breach, SlaTimer};
use crate::calendar::{Due, Spans, Why};
use crate::sla_plan::{ReopenBudget, SlaMetric};
use crate::time::{Instant, Span};

/// From this share of the target on a running promise shows as at risk (in per cent).
pub const AT_RISK_PERCENT: i64 = 75;

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerState {
    /// It counts whenever the calendar is open.
    Running,
    /// It stands still until then at the latest, and goes on by itself.
    Paused {
        /// The expected end of the wait.
        until: Instant,
    },
    /// The promise was fulfilled, in time or late.
    Stopped,
    /// The case went no further: it was neither fulfilled, nor will it be.
    Void,
}

impl TimerState {
    /// Whether nothing more happens to the promise.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Void)
    }
}

/// A promise, folded up to an instant: enough to read it at any later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaClock {
    /// Which SLA target the clock counts.
    pub kind: SlaMetric,
    /// In which cycle.
    pub cycle: u32,
    /// What is promised now, in business seconds. A broken promise is measured against [`SlaClock::applied_target_s`].
    pub target_s: i64,
    /// Business seconds used up to `as_of`.
    pub used_s: i64,
    /// Up to when the history was folded; when it stopped, if it did.
    pub as_of: Instant,
    /// What happens from `as_of` on.
    pub run: TimerState,
    /// When all of the target was used up, if not a second more has passed since: after closing time the moment of closing,
    /// which `used_s` and `as_of` no longer tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_up: Option<Instant>,
    /// Set once the promise was broken before `as_of`.
    pub breach: Option<Breach>,
}

choices! {
    /// How a promise shows: colour, shape and word follow from this.
    #[derive(PartialOrd, Ord)]
    pub enum ClockState: "clock_state" {
        /// Broken: more was used than promised, whether it has been fulfilled since or not.
        Breached = "breached",
        /// Running, and most of it is used up.
        Warning = "warning",
        /// It runs in time, and less than the share that is at risk is used.
        Running = "running",
        /// Standing still for a reason.
        Paused = "paused",
        /// Fulfilled in time.
        Met = "met",
        /// Unbroken, and no longer due: the case went no further.
        Void = "void",
    }
}

impl ClockState {
    /// The key of the state's word for a promise of that kind: a visit that is agreed for later waits for nobody.
    #[must_use]
    pub const fn name_key_of(self, kind: SlaMetric) -> &'static str {
        match (self, kind) {
            (Self::Paused, SlaMetric::OnSite) => "clock_state.scheduled",
            _ => self.name_key(),
        }
    }
}

/// A clock read at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaStatus {
    /// What it shows.
    pub state: ClockState,
    /// Business seconds used.
    pub used_s: i64,
    /// Business seconds left of what is promised, or was when it was broken; below zero when broken, unless a correction
    /// counts less time since than had been used.
    pub remaining_s: i64,
    /// Whether the seconds are passing right now: it runs, and the calendar is open.
    pub counting: bool,
    /// When the promise is due, or was when it was broken. `None` while an unbroken one is paused (only what remains is
    /// known then), when fulfilled, or when the spans do not reach that far.
    pub due: Option<Instant>,
}

impl SlaStatus {
    /// The share of the promise that is used, in whole per cent, rounded down: 100 only when all of it is.
    #[must_use]
    pub fn used_percent(&self) -> i64 {
        let target_s = self.used_s.saturating_add(self.remaining_s);
        if target_s <= 0 { 100 } else { self.used_s.saturating_mul(100) / target_s }
    }
}

impl SlaClock {
    /// What the promise is measured against, in business seconds: for a broken one what was promised when it broke.
    #[must_use]
    pub const fn applied_target_s(&self) -> i64 {
        match self.breach {
            Some(breach) => breach.target_s,
            None => self.target_s,
        }
    }

    /// Reads the clock at `now`, which must not be earlier than `as_of`; an earlier one reads as `as_of`.
    #[must_use]
    pub fn reading(&self, spans: &Spans, now: Instant) -> SlaStatus {
        let spans = &*that_count(self.kind, spans);
        let since = match self.run {
            TimerState::Running => Some(self.as_of),
            TimerState::Paused { until } if until <= now => Some(until.max(self.as_of)),
            TimerState::Paused { .. } | TimerState::Stopped | TimerState::Void => None,
        };
        let used_s =
            self.used_s + since.map_or(0, |since| elapsed(self.kind, spans, since, now.max(since), &[]));
        let remaining_s = self.applied_target_s() - used_s;
        let broken = self.breach.is_some() || remaining_s < 0;
        let state = match self.run {
            _ if broken => ClockState::Breached,
            TimerState::Stopped => ClockState::Met,
            TimerState::Void => ClockState::Void,
            TimerState::Paused { until } if until > now => ClockState::Paused,
            TimerState::Running | TimerState::Paused { .. }
                if used_s * 100 >= self.target_s * AT_RISK_PERCENT =>
            {
                ClockState::Warning
            }
            TimerState::Running | TimerState::Paused { .. } => ClockState::Running,
        };
        let due = match self.breach {
            _ if self.run.is_over() => None,
            Some(breach) => Some(breach.due()),
            None => since.and_then(|since| self.used_up_from(spans, since)),
        };
        SlaStatus {
            state,
            used_s,
            remaining_s,
            counting: since.is_some() && passes(self.kind, spans, now),
            due,
        }
    }

    /// The same clock folded on to `now`: what a display is sent whose spans begin not long before.
    #[must_use]
    pub fn folded(&self, spans: &Spans, now: Instant) -> Self {
        let spans = &*that_count(self.kind, spans);
        let (since, run) = match self.run {
            _ if now <= self.as_of => return *self,
            TimerState::Stopped | TimerState::Void => return *self,
            TimerState::Paused { until } if until > now => return Self { as_of: now, ..*self },
            TimerState::Paused { until } => (until.max(self.as_of), TimerState::Running),
            TimerState::Running => (self.as_of, TimerState::Running),
        };
        let left_s = self.target_s - self.used_s;
        let broken = || {
            let at = due(self.kind, spans, since, left_s + 1, &[]).filter(|over| *over <= now)?;
            Some(Breach { at, target_s: self.target_s, due: self.used_up_from(spans, since) })
        };
        let breach = self.breach.or_else(broken);
        let used_s = self.reading(spans, now).used_s;
        let used_up = (used_s == self.target_s).then(|| self.used_up_from(spans, since)).flatten();
        Self { used_s, as_of: now, run, used_up, breach, ..*self }
    }

    /// Whether a warning level, in per cent of the target, has been reached. The last one is reached when all of it is used
    /// up: a second before the promise is broken, so that whoever is at work hears of it then. A broken promise has reached
    /// them all, even where a correction counts less time since.
    #[must_use]
    pub fn reached(&self, reading: &SlaStatus, level: u8) -> bool {
        self.breach.is_some() || reading.used_s >= self.share_s(level)
    }

    /// The instants at which the given levels (per cent, rising) will be reached, for those that lie ahead of `as_of`.
    /// A paused clock counts from its expected end on.
    pub fn warnings<'a>(
        &'a self,
        spans: &'a Spans,
        levels: &'a [u8],
    ) -> impl Iterator<Item = (u8, Instant)> + 'a {
        let spans = that_count(self.kind, spans);
        levels.iter().filter_map(move |level| Some((*level, self.when_used(self.share_s(*level), &spans)?)))
    }

    /// The instant ahead of `as_of` at which the promise will be broken. A paused clock counts from its expected end on.
    #[must_use]
    pub fn breaks_at(&self, spans: &Spans) -> Option<Instant> {
        let spans = that_count(self.kind, spans);
        self.breach.is_none().then(|| self.when_used(self.target_s + 1, &spans)).flatten()
    }

    /// The instants ahead of `as_of` at which time alone makes the promise at risk, and breaks it. A paused clock counts from
    /// its expected end on; one that is broken stays so.
    pub(super) fn turns(&self, spans: &Spans) -> impl Iterator<Item = Instant> {
        let at_risk_s = (self.target_s * AT_RISK_PERCENT + 99) / 100;
        let at_risk = self.when_used(at_risk_s, &that_count(self.kind, spans));
        let at_risk = at_risk.filter(|_| self.breach.is_none());
        [at_risk, self.breaks_at(spans)].into_iter().flatten()
    }

    /// When all of the target is used up, counted on from `since`, which is no earlier than `as_of`.
    fn used_up_from(&self, spans: &Spans, since: Instant) -> Option<Instant> {
        match self.target_s - self.used_s {
            0 => Some(self.used_up.unwrap_or(since)),
            left_s => due(self.kind, spans, since, left_s, &[]),
        }
    }

    fn when_used(&self, seconds: i64, spans: &Spans) -> Option<Instant> {
        let since = match self.run {
            TimerState::Running => self.as_of,
            TimerState::Paused { until } => until.max(self.as_of),
            TimerState::Stopped | TimerState::Void => return None,
        };
        let left_s = seconds - self.used_s;
        (left_s > 0).then(|| due(self.kind, spans, since, left_s, &[])).flatten()
    }

    /// Business seconds that must be used for a level.
    const fn share_s(&self, level: u8) -> i64 {
        (self.applied_target_s() * level as i64 + 99) / 100
    }
}

/// Time that passes for a promise. A date that somebody committed to is everyday time.
fn elapsed(kind: SlaMetric, spans: &Spans, from: Instant, to: Instant, pauses: &[Span]) -> i64 {
    match kind {
        SlaMetric::CommittedUpdate => to.since(from).max(0),
        _ => spans.elapsed(from, to, pauses),
    }
}

/// When so much time has passed for a promise.
fn due(kind: SlaMetric, spans: &Spans, from: Instant, budget_s: i64, pauses: &[Span]) -> Option<Instant> {
    match kind {
        SlaMetric::CommittedUpdate => Some(from.plus(budget_s)),
        _ => at(spans.due(from, budget_s, pauses)),
    }
}

/// Whether time passes for a promise at an instant.
fn passes(kind: SlaMetric, spans: &Spans, now: Instant) -> bool {
    kind == SlaMetric::CommittedUpdate || spans.is_open(now)
}

/// The hours that a promise counts in: those of the case, but for a visit, which is agreed by the clock on the wall.
fn that_count(kind: SlaMetric, spans: &Spans) -> Cow<'_, Spans> {
    match kind {
        SlaMetric::OnSite => Cow::Owned(Spans::always()),
        SlaMetric::FirstResponse
        | SlaMetric::NextUpdate
        | SlaMetric::CommittedUpdate
        | SlaMetric::Resolution => Cow::Borrowed(spans),
    }
}

fn at(due: Due) -> Option<Instant> {
    match due {
        Due::At(instant) => Some(instant),
        Due::Never | Due::BeyondHorizon => None,
    }
}

/// Why a stretch of time did or did not count for a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// Time that counted against the target.
    Counted,
    /// Outside the hours of the calendar.
    OutsideHours,
    /// A holiday or a local closure, by its name.
    Closed(String),
    /// Time in which the case was on hold, for this reason.
    Paused(PauseReason),
}

/// One stretch of a promise's time, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// From when to when.
    pub span: Span,
    /// Business seconds of it that counted.
    pub counted_s: i64,
    /// Why it counted or not.
    pub why: WhyNot,
}

impl Case {
    /// The promises of the case at `now`: the whole history folded under the targets that were in force when.
    #[must_use]
    pub fn clocks(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.timers().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// The promises of cycles that a reopening ended.
    #[must_use]
    pub fn past_clocks(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.past_cycles().iter().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// The promises of news that news fulfilled, in order, but for the latest.
    #[must_use]
    pub fn past_updates(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.news.past().iter().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// Business seconds that resolution has used in all cycles, once it is resolved.
    pub(super) fn resolution_used_s(&self, spans: &Spans) -> i64 {
        let cycles = self.past_cycles().iter().chain(self.timers());
        let cycles = cycles.filter(|timer| timer.kind == SlaMetric::Resolution);
        cycles.map(|timer| self.used_s(timer, spans, timer.stopped.unwrap_or(timer.started))).sum()
    }

    /// Business seconds that earlier cycles used of what this one is given: only a plan that gives a new cycle what they
    /// left over counts them. Told from the history each time, so a correction counts them in the right hours too.
    fn spent_s(&self, timer: &SlaTimer, spans: &Spans) -> i64 {
        let keeps_budget = self.opening.terms.closing().reopen_budget == ReopenBudget::Remaining;
        if timer.kind != SlaMetric::Resolution || timer.cycle == 1 || !keeps_budget {
            return 0;
        }
        let before = |past: &&SlaTimer| past.kind == timer.kind && past.cycle < timer.cycle;
        let cycles = self.past_cycles().iter().filter(before);
        cycles.map(|past| self.used_s(past, spans, past.stopped.unwrap_or(past.started))).sum()
    }

    /// Business seconds that a promise has used in its cycle up to an instant.
    fn used_s(&self, timer: &SlaTimer, spans: &Spans, to: Instant) -> i64 {
        elapsed(timer.kind, spans, timer.started, to, &self.waits_of(timer.kind))
    }

    fn clock(&self, timer: &SlaTimer, spans: &Spans, now: Instant) -> SlaClock {
        let (kind, cycle) = (timer.kind, timer.cycle);
        let spent_s = self.spent_s(timer, spans);
        let target_s = what_is_left(timer.target_s(), spent_s);
        if timer.stopped.is_none() && now < timer.started {
            // Agreed for later: it stands still until then.
            let run = TimerState::Paused { until: timer.started };
            return SlaClock {
                kind,
                cycle,
                target_s,
                used_s: 0,
                as_of: now,
                run,
                used_up: None,
                breach: None,
            };
        }
        let spans = &*that_count(kind, spans);
        // A technician may come before the window begins: then nothing of it was used.
        let as_of = timer.stopped.map_or(now, |stopped| stopped.min(now));
        let used_s = self.used_s(timer, spans, as_of);
        let run = match (timer.stopped, self.pauses_of(timer.kind).last()) {
            (Some(_), _) if timer.is_void() => TimerState::Void,
            (Some(_), _) => TimerState::Stopped,
            (None, Some(pause)) if as_of < pause.to() => TimerState::Paused { until: pause.until },
            (None, _) => TimerState::Running,
        };
        let breach = match timer.broken() {
            Some((breach, _)) => Some(*breach),
            None => breach(timer, spent_s, spans, &self.waits_of(kind), as_of),
        };
        let used_up = || used_up(timer, target_s, spans, &self.waits_of(kind));
        let used_up = (used_s == target_s && !run.is_over()).then(used_up).flatten();
        SlaClock { kind, cycle, target_s, used_s, as_of, run, used_up, breach }
    }

    fn waits_of(&self, kind: SlaMetric) -> Vec<Span> {
        self.pauses_of(kind).map(|pause| Span::new(pause.from, pause.to())).collect()
    }

    fn pauses_of(&self, kind: SlaMetric) -> impl Iterator<Item = &Pause> {
        self.pauses().iter().filter(move |pause| pause.reason.stops(kind))
    }

    /// Every stretch of time of a promise up to `now`, in order and without a gap, and why it counted or did not.
    /// Empty when the case has no such promise. The seconds that counted add up to the clock's `used_s`.
    #[must_use]
    pub fn explain(&self, kind: SlaMetric, spans: &Spans, now: Instant) -> Vec<Explained> {
        let Some(timer) = self.timers().find(|timer| timer.kind == kind) else { return Vec::new() };
        let spans = &*that_count(kind, spans);
        let end = timer.stopped.map_or(now, |stopped| stopped.min(now)).max(timer.started);
        if kind == SlaMetric::CommittedUpdate {
            let span = Span::new(timer.started, end);
            return vec![Explained { span, counted_s: span.seconds(), why: WhyNot::Counted }];
        }
        let pauses: Vec<&Pause> = self.pauses_of(kind).collect();
        let waits: Vec<Span> = pauses.iter().map(|pause| Span::new(pause.from, pause.to())).collect();
        let stretches = spans.explain(Span::new(timer.started, end), &waits);
        stretches
            .into_iter()
            .map(|stretch| Explained {
                counted_s: if matches!(stretch.why, Why::Counted) { stretch.span.seconds() } else { 0 },
                span: stretch.span,
                why: match stretch.why {
                    Why::Counted => WhyNot::Counted,
                    Why::OutsideHours => WhyNot::OutsideHours,
                    Why::Closed { name } => WhyNot::Closed(name),
                    Why::Paused(index) => {
                        pauses.get(index).map_or(WhyNot::OutsideHours, |pause| WhyNot::Paused(pause.reason))
                    }
                },
            })
            .collect()
    }
}

/// What a cycle is given of a target of which earlier cycles used some: at least a second.
pub(super) fn what_is_left(target_s: i64, spent_s: i64) -> i64 {
    if spent_s == 0 { target_s } else { (target_s - spent_s).max(1) }
}

/// When the target in force now is used up; one that is found used up already is so when it begins to hold.
fn used_up(timer: &SlaTimer, target_s: i64, spans: &Spans, pauses: &[Span]) -> Option<Instant> {
    let (from, _) = timer.targets().last()?;
    Some(due(timer.kind, spans, timer.started, target_s, pauses)?.max(*from))
}

/// The first breach under any target that was in force: a later, longer target does not take it back.
fn breach(timer: &SlaTimer, spent_s: i64, spans: &Spans, pauses: &[Span], as_of: Instant) -> Option<Breach> {
    let ends = timer.targets().iter().skip(1).map(|(from, _)| from.plus(-1)).chain([as_of]);
    timer.targets().iter().zip(ends).find_map(|(&(from, target_s), end)| {
        let target_s = what_is_left(target_s, spent_s);
        // One that a new target finds used up already is due, and broken, when that begins to hold.
        let when = |budget_s| Some(due(timer.kind, spans, timer.started, budget_s, pauses)?.max(from));
        let at = when(target_s + 1).filter(|over| *over <= end)?;
        Some(Breach { at, target_s, due: when(target_s) })
    })
}
