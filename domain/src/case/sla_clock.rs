//! The SLA clocks of a case: pure functions of its history, its service hours and the time.
//!
//! An [`SlaTimer`] is what the history says about one target. Folded over the open spans it gives an [`SlaClock`]:
//! business seconds used up to an instant, whether it runs on, and its breach. A display needs no more: with the spans
//! of the coming days it reads the same second everywhere.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::event::PauseReason;
use super::evolve::{Case, Pause};
use super::timer::{Breach, SlaTimer};
use crate::calendar::{Due, Spans, Why};
use crate::sla_plan::{ReopenBudget, SlaMetric};
use crate::time::{Instant, Span};

/// A running target is at risk from this share on, in per cent.
pub const AT_RISK_PERCENT: i64 = 75;

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerState {
    /// It counts while the calendar is open.
    Running,
    /// It is paused, at the latest until then, and resumes by itself.
    Paused {
        /// The expected end of the pause.
        until: Instant,
    },
    /// The target was fulfilled, in time or late.
    Stopped,
    /// The case or the visit ended first: the target counts as neither met nor breached.
    Void,
}

impl TimerState {
    /// Whether the target has ended.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Void)
    }
}

/// An SLA target, folded up to an instant, from which any later one can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaClock {
    /// Which SLA target the clock counts.
    pub kind: SlaMetric,
    /// Number of the cycle.
    pub cycle: u32,
    /// The target in force, in business seconds. A breached one is measured against [`SlaClock::applied_target_s`].
    pub target_s: i64,
    /// Business seconds used up to `as_of`.
    pub used_s: i64,
    /// The instant up to which the history was folded: the stop, if there was one.
    pub as_of: Instant,
    /// The state from `as_of` on.
    pub run: TimerState,
    /// When the target was used up, while not one second more has passed. After closing time this is the moment of
    /// closing, which `used_s` and `as_of` do not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_up: Option<Instant>,
    /// The breach, if there was one before `as_of`.
    pub breach: Option<Breach>,
}

choices! {
    /// The state of a clock as displayed: colour, shape and word follow from it.
    #[derive(PartialOrd, Ord)]
    pub enum ClockState: "clock_state" {
        /// Breached: more was used than the target, whether it has been fulfilled since or not.
        Breached = "breached",
        /// Running, and at risk by [`AT_RISK_PERCENT`].
        Warning = "warning",
        /// Running in time, below the share at risk.
        Running = "running",
        /// Paused.
        Paused = "paused",
        /// Met.
        Met = "met",
        /// Void: the target ended without being met or breached.
        Void = "void",
    }
}

impl ClockState {
    /// The key of the state's word for a target of that kind. A visit agreed for later has a word of its own, because
    /// it is not on hold.
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
    /// The displayed state.
    pub state: ClockState,
    /// Business seconds used.
    pub used_s: i64,
    /// Business seconds left of the applied target. Negative when breached, unless a correction since counts less time.
    pub remaining_s: i64,
    /// Whether seconds are passing now: the clock runs, and the calendar is open.
    pub counting: bool,
    /// When the target is due, or was at its breach. `None` while paused and not breached, once met, and beyond the
    /// spans.
    pub due: Option<Instant>,
}

impl SlaStatus {
    /// The used share of the target in whole per cent, rounded down: 100 only when all of it is used.
    #[must_use]
    pub fn used_percent(&self) -> i64 {
        let target_s = self.used_s.saturating_add(self.remaining_s);
        if target_s <= 0 { 100 } else { self.used_s.saturating_mul(100) / target_s }
    }
}

impl SlaClock {
    /// The target that applies, in business seconds: at a breach the one in force then.
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
        let spans = &*counting_spans(self.kind, spans);
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
            counting: since.is_some() && is_counting(self.kind, spans, now),
            due,
        }
    }

    /// The clock folded up to `now`, for a display whose spans begin shortly before.
    #[must_use]
    pub fn folded(&self, spans: &Spans, now: Instant) -> Self {
        let spans = &*counting_spans(self.kind, spans);
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

    /// Whether a warning level, in per cent of the target, is reached. The last level is reached when the target is
    /// used up, a second before the breach. A breached target has reached all levels, even where a correction counts
    /// less time since.
    #[must_use]
    pub fn reached(&self, reading: &SlaStatus, level: u8) -> bool {
        self.breach.is_some() || reading.used_s >= self.share_s(level)
    }

    /// The instants after `as_of` at which the levels (in per cent, rising) are reached. A paused clock counts from its
    /// expected end.
    pub fn warnings<'a>(
        &'a self,
        spans: &'a Spans,
        levels: &'a [u8],
    ) -> impl Iterator<Item = (u8, Instant)> + 'a {
        let spans = counting_spans(self.kind, spans);
        levels.iter().filter_map(move |level| Some((*level, self.when_used(self.share_s(*level), &spans)?)))
    }

    /// The instant after `as_of` of the breach. A paused clock counts from its expected end.
    #[must_use]
    pub fn breaks_at(&self, spans: &Spans) -> Option<Instant> {
        let spans = counting_spans(self.kind, spans);
        self.breach.is_none().then(|| self.when_used(self.target_s + 1, &spans)).flatten()
    }

    /// The instants after `as_of` at which time alone puts the target at risk and breaches it. A paused clock counts
    /// from its expected end. A breached target has none.
    pub(super) fn turns(&self, spans: &Spans) -> impl Iterator<Item = Instant> {
        let at_risk_s = (self.target_s * AT_RISK_PERCENT + 99) / 100;
        let at_risk = self.when_used(at_risk_s, &counting_spans(self.kind, spans));
        let at_risk = at_risk.filter(|_| self.breach.is_none());
        [at_risk, self.breaks_at(spans)].into_iter().flatten()
    }

    /// When the target is used up, counted from `since`, which is not before `as_of`.
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

    /// Business seconds of a warning level.
    const fn share_s(&self, level: u8) -> i64 {
        (self.applied_target_s() * level as i64 + 99) / 100
    }
}

/// Seconds that pass for a target. A committed time counts every second of the day.
fn elapsed(kind: SlaMetric, spans: &Spans, from: Instant, to: Instant, pauses: &[Span]) -> i64 {
    match kind {
        SlaMetric::CommittedUpdate => to.since(from).max(0),
        _ => spans.elapsed(from, to, pauses),
    }
}

/// When so many seconds have passed for a target.
fn due(kind: SlaMetric, spans: &Spans, from: Instant, budget_s: i64, pauses: &[Span]) -> Option<Instant> {
    match kind {
        SlaMetric::CommittedUpdate => Some(from.plus(budget_s)),
        _ => at(spans.due(from, budget_s, pauses)),
    }
}

/// Whether seconds pass for a target at an instant.
fn is_counting(kind: SlaMetric, spans: &Spans, now: Instant) -> bool {
    kind == SlaMetric::CommittedUpdate || spans.is_open(now)
}

/// The spans that count for a target: the case's service hours, or every hour for a visit and a committed update.
fn counting_spans(kind: SlaMetric, spans: &Spans) -> Cow<'_, Spans> {
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

/// Why a stretch of time counted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// Time that counted against the target.
    Counted,
    /// Outside the hours of the calendar.
    OutsideHours,
    /// A holiday or a local closure, with its name.
    Closed(String),
    /// A pause, with its reason.
    Paused(PauseReason),
}

/// One stretch of a target's time, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Beginning and end.
    pub span: Span,
    /// Business seconds that counted.
    pub counted_s: i64,
    /// Why it counted or not.
    pub why: WhyNot,
}

impl Case {
    /// The SLA clocks of the case at `now`: the history folded under the targets in force at each time.
    #[must_use]
    pub fn clocks(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.timers().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// The clocks of resolution cycles that ended with a reopening, and of former visits.
    #[must_use]
    pub fn past_clocks(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.past_cycles().iter().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// The clocks of all update targets but the latest, in order.
    #[must_use]
    pub fn past_updates(&self, spans: &Spans, now: Instant) -> Vec<SlaClock> {
        self.updates.past().iter().map(|timer| self.clock(timer, spans, now)).collect()
    }

    /// Business seconds that resolution used in all cycles, once the case is resolved.
    pub(super) fn resolution_used_s(&self, spans: &Spans) -> i64 {
        let cycles = self.past_cycles().iter().chain(self.timers());
        let cycles = cycles.filter(|timer| timer.kind == SlaMetric::Resolution);
        cycles.map(|timer| self.used_s(timer, spans, timer.stopped.unwrap_or(timer.started))).sum()
    }

    /// Business seconds that earlier cycles used of this cycle's target; 0 unless the plan gives a reopened case the
    /// rest. They are counted from the history each time, so that a correction recounts them too.
    fn spent_s(&self, timer: &SlaTimer, spans: &Spans) -> i64 {
        let keeps_budget = self.opening.terms.closing().reopen_budget == ReopenBudget::Remaining;
        if timer.kind != SlaMetric::Resolution || timer.cycle == 1 || !keeps_budget {
            return 0;
        }
        let before = |past: &&SlaTimer| past.kind == timer.kind && past.cycle < timer.cycle;
        let cycles = self.past_cycles().iter().filter(before);
        cycles.map(|past| self.used_s(past, spans, past.stopped.unwrap_or(past.started))).sum()
    }

    /// Business seconds that a target used in its cycle up to an instant.
    fn used_s(&self, timer: &SlaTimer, spans: &Spans, to: Instant) -> i64 {
        elapsed(timer.kind, spans, timer.started, to, &self.waits_of(timer.kind))
    }

    fn clock(&self, timer: &SlaTimer, spans: &Spans, now: Instant) -> SlaClock {
        let (kind, cycle) = (timer.kind, timer.cycle);
        let spent_s = self.spent_s(timer, spans);
        let target_s = what_is_left(timer.target_s(), spent_s);
        if timer.stopped.is_none() && now < timer.started {
            // The window has not begun, so the clock waits for it.
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
        let spans = &*counting_spans(kind, spans);
        // A technician may arrive before the window: then nothing of it was used.
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

    /// Every stretch of a target's time up to `now`, in order and without gaps, with why it counted or not. Empty when
    /// the case has no such target. The counted seconds add up to the clock's `used_s`.
    #[must_use]
    pub fn explain(&self, kind: SlaMetric, spans: &Spans, now: Instant) -> Vec<Explained> {
        let Some(timer) = self.timers().find(|timer| timer.kind == kind) else { return Vec::new() };
        let spans = &*counting_spans(kind, spans);
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

/// The rest of a target after earlier cycles, in business seconds: at least 1.
pub(super) fn what_is_left(target_s: i64, spent_s: i64) -> i64 {
    if spent_s == 0 { target_s } else { (target_s - spent_s).max(1) }
}

/// When the target in force is used up. A new target that is used up already counts from when it came into force.
fn used_up(timer: &SlaTimer, target_s: i64, spans: &Spans, pauses: &[Span]) -> Option<Instant> {
    let (from, _) = timer.targets().last()?;
    Some(due(timer.kind, spans, timer.started, target_s, pauses)?.max(*from))
}

/// The first breach of any target that was in force. A later, longer target does not remove it.
fn breach(timer: &SlaTimer, spent_s: i64, spans: &Spans, pauses: &[Span], as_of: Instant) -> Option<Breach> {
    let ends = timer.targets().iter().skip(1).map(|(from, _)| from.plus(-1)).chain([as_of]);
    timer.targets().iter().zip(ends).find_map(|(&(from, target_s), end)| {
        let target_s = what_is_left(target_s, spent_s);
        // A new target that is used up already is due, and breached, when it comes into force.
        let when = |budget_s| Some(due(timer.kind, spans, timer.started, budget_s, pauses)?.max(from));
        let at = when(target_s + 1).filter(|over| *over <= end)?;
        Some(Breach { at, target_s, due: when(target_s) })
    })
}
