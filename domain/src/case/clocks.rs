//! The promises of a case as pure functions of its history, the hours that count and the time.
//!
//! A [`Track`] is what the history says about one promise. Folding it over the open spans gives a [`Clock`]: business
//! seconds used up to an instant, whether it runs from there, and whether the promise was ever broken. A clock is all
//! that a display needs: with the spans of the coming days it reads the same second everywhere.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::event::PauseReason;
use super::evolve::{Case, Pause};
use crate::calendar::{Due, Spans, Why};
use crate::terms::ClockKind;
use crate::time::{Instant, Span};

/// From this share of the target on a running promise shows as at risk (in per cent; the glossary has 75 or 80).
pub const AT_RISK_PERCENT: i64 = 75;

/// What the history says about one promise in one of its cycles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Which promise.
    pub kind: ClockKind,
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
    /// That it was broken before a correction told the case again.
    broken: Option<Breach>,
}

impl Track {
    pub(super) fn start(kind: ClockKind, at: Instant, target_s: i64) -> Self {
        Self::begin(kind, 1, at, target_s)
    }

    pub(super) fn begin(kind: ClockKind, cycle: u32, at: Instant, target_s: i64) -> Self {
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
    pub(super) fn retell(&mut self, targets: Option<Vec<(Instant, i64)>>, broken: Option<Breach>) {
        if let Some(targets) = targets.filter(|targets| !targets.is_empty()) {
            self.targets = targets;
        }
        self.broken = self.broken.or(broken);
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
}

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Run {
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

impl Run {
    /// Whether nothing more happens to the promise.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Void)
    }
}

/// A promise, folded up to an instant: enough to read it at any later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Which promise.
    pub kind: ClockKind,
    /// In which cycle.
    pub cycle: u32,
    /// What is promised, in business seconds.
    pub target_s: i64,
    /// Business seconds used up to `as_of`.
    pub used_s: i64,
    /// Up to when the history was folded; when it stopped, if it did.
    pub as_of: Instant,
    /// What happens from `as_of` on.
    pub run: Run,
    /// Set once the promise was broken before `as_of`.
    pub breach: Option<Breach>,
}

/// How a promise shows: colour, shape and word follow from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Broken: more was used than promised, whether it has been fulfilled since or not.
    Breached,
    /// Running, and most of it is used up.
    Warning,
    /// Running.
    Running,
    /// Standing still for a reason.
    Paused,
    /// Fulfilled in time.
    Met,
    /// Unbroken, and no longer due: the case went no further.
    Void,
}

impl ClockState {
    /// All states, the most pressing first.
    pub const ALL: [Self; 6] =
        [Self::Breached, Self::Warning, Self::Running, Self::Paused, Self::Met, Self::Void];

    /// The state's code in style sheets and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Warning => "warning",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Met => "met",
            Self::Void => "void",
        }
    }

    /// The key of the state's word in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Breached => "clock_state.breached",
            Self::Warning => "clock_state.warning",
            Self::Running => "clock_state.running",
            Self::Paused => "clock_state.paused",
            Self::Met => "clock_state.met",
            Self::Void => "clock_state.void",
        }
    }
}

/// A clock read at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What it shows.
    pub state: ClockState,
    /// Business seconds used.
    pub used_s: i64,
    /// Business seconds left; below zero when broken.
    pub remaining_s: i64,
    /// Whether the seconds are passing right now: it runs, and the calendar is open.
    pub counting: bool,
    /// When the promise is due. `None` while paused (only what remains is known then), when fulfilled, or when the
    /// spans do not reach that far.
    pub due: Option<Instant>,
}

impl Reading {
    /// The share of the promise that is used, in whole per cent, rounded down: 100 only when all of it is.
    #[must_use]
    pub fn used_percent(&self) -> i64 {
        let target_s = self.used_s.saturating_add(self.remaining_s);
        if target_s <= 0 { 100 } else { self.used_s.saturating_mul(100) / target_s }
    }
}

impl Clock {
    /// Reads the clock at `now`, which must not be earlier than `as_of`; an earlier one reads as `as_of`.
    #[must_use]
    pub fn reading(&self, spans: &Spans, now: Instant) -> Reading {
        let spans = &*that_count(self.kind, spans);
        let since = match self.run {
            Run::Running => Some(self.as_of),
            Run::Paused { until } if until <= now => Some(until.max(self.as_of)),
            Run::Paused { .. } | Run::Stopped | Run::Void => None,
        };
        let used_s =
            self.used_s + since.map_or(0, |since| elapsed(self.kind, spans, since, now.max(since), &[]));
        let remaining_s = self.target_s - used_s;
        let broken = self.breach.is_some() || remaining_s < 0;
        let state = match self.run {
            _ if broken => ClockState::Breached,
            Run::Stopped => ClockState::Met,
            Run::Void => ClockState::Void,
            Run::Paused { until } if until > now => ClockState::Paused,
            Run::Running | Run::Paused { .. } if used_s * 100 >= self.target_s * AT_RISK_PERCENT => {
                ClockState::Warning
            }
            Run::Running | Run::Paused { .. } => ClockState::Running,
        };
        let due = since.and_then(|since| due(self.kind, spans, since, self.target_s - self.used_s, &[]));
        Reading {
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
            Run::Stopped | Run::Void => return *self,
            Run::Paused { until } if until > now => return Self { as_of: now, ..*self },
            Run::Paused { until } => (until.max(self.as_of), Run::Running),
            Run::Running => (self.as_of, Run::Running),
        };
        let left_s = self.target_s - self.used_s;
        let broken = || due(self.kind, spans, since, left_s + 1, &[]).filter(|over| *over <= now);
        let breach = self.breach.or_else(|| Some(Breach { at: broken()?, target_s: self.target_s }));
        Self { used_s: self.reading(spans, now).used_s, as_of: now, run, breach, ..*self }
    }

    /// Whether a warning level, in per cent of the target, has been reached. The last one is reached when the promise is
    /// broken, not a second before.
    #[must_use]
    pub fn reached(&self, reading: &Reading, level: u8) -> bool {
        reading.used_s >= self.share_s(level)
    }

    /// The instants at which the given levels (per cent, rising) will be reached, for those that lie ahead of `as_of`.
    /// A paused clock counts from its expected end on.
    pub fn warnings<'a>(
        &'a self,
        spans: &'a Spans,
        levels: &'a [u8],
    ) -> impl Iterator<Item = (u8, Instant)> + 'a {
        let since = match self.run {
            Run::Running => Some(self.as_of),
            Run::Paused { until } => Some(until.max(self.as_of)),
            Run::Stopped | Run::Void => None,
        };
        let spans = that_count(self.kind, spans);
        levels.iter().filter_map(move |level| {
            let left_s = self.share_s(*level) - self.used_s;
            if left_s <= 0 {
                return None;
            }
            Some((*level, due(self.kind, &spans, since?, left_s, &[])?))
        })
    }

    /// The instants ahead of `as_of` at which time alone makes the promise at risk, and breaks it. A paused clock counts from
    /// its expected end on.
    pub(super) fn turns(&self, spans: &Spans) -> impl Iterator<Item = Instant> {
        let since = match self.run {
            Run::Running => Some(self.as_of),
            Run::Paused { until } => Some(until.max(self.as_of)),
            Run::Stopped | Run::Void => None,
        };
        let spans = &*that_count(self.kind, spans);
        let at_risk_s = (self.target_s * AT_RISK_PERCENT + 99) / 100;
        let ahead = |used_s: i64| {
            let left_s = used_s - self.used_s;
            if left_s > 0 { due(self.kind, spans, since?, left_s, &[]) } else { None }
        };
        [ahead(at_risk_s), ahead(self.target_s + 1)].into_iter().flatten()
    }

    /// Business seconds that must be used for a level. A promise is broken when more than all of it is used.
    const fn share_s(&self, level: u8) -> i64 {
        match level {
            100.. => self.target_s + 1,
            level => (self.target_s * level as i64 + 99) / 100,
        }
    }
}

/// Time that passes for a promise. A date that somebody committed to is everyday time.
fn elapsed(kind: ClockKind, spans: &Spans, from: Instant, to: Instant, pauses: &[Span]) -> i64 {
    match kind {
        ClockKind::Committed => to.since(from).max(0),
        _ => spans.elapsed(from, to, pauses),
    }
}

/// When so much time has passed for a promise.
fn due(kind: ClockKind, spans: &Spans, from: Instant, budget_s: i64, pauses: &[Span]) -> Option<Instant> {
    match kind {
        ClockKind::Committed => Some(from.plus(budget_s)),
        _ => at(spans.due(from, budget_s, pauses)),
    }
}

/// Whether time passes for a promise at an instant.
fn passes(kind: ClockKind, spans: &Spans, now: Instant) -> bool {
    kind == ClockKind::Committed || spans.is_open(now)
}

/// The hours that a promise counts in: those of the case, but for a visit, which is agreed by the clock on the wall.
fn that_count(kind: ClockKind, spans: &Spans) -> Cow<'_, Spans> {
    match kind {
        ClockKind::OnSite => Cow::Owned(Spans::always()),
        ClockKind::Attention | ClockKind::Update | ClockKind::Committed | ClockKind::Resolution => {
            Cow::Borrowed(spans)
        }
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
    /// It counted.
    Counted,
    /// Outside the hours of the calendar.
    OutsideHours,
    /// A holiday or a local closure, by its name.
    Closed(String),
    /// A wait.
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
    pub fn clocks(&self, spans: &Spans, now: Instant) -> Vec<Clock> {
        self.tracks().map(|track| self.clock(track, spans, now)).collect()
    }

    /// The promises of cycles that a reopening ended.
    #[must_use]
    pub fn past_clocks(&self, spans: &Spans, now: Instant) -> Vec<Clock> {
        self.past_cycles().iter().map(|track| self.clock(track, spans, now)).collect()
    }

    /// The promises of news that news fulfilled, in order, but for the latest.
    #[must_use]
    pub fn past_news(&self, spans: &Spans, now: Instant) -> Vec<Clock> {
        self.news.past().iter().map(|track| self.clock(track, spans, now)).collect()
    }

    /// Business seconds that resolution has used in the latest cycle, once it is resolved.
    pub(super) fn resolution_used_s(&self, spans: &Spans) -> i64 {
        let end = self.resolved_at().unwrap_or(self.opened_at);
        let clocks = self.clocks(spans, end);
        clocks.iter().find(|clock| clock.kind == ClockKind::Resolution).map_or(0, |clock| clock.used_s)
    }

    fn clock(&self, track: &Track, spans: &Spans, now: Instant) -> Clock {
        let (kind, cycle, target_s) = (track.kind, track.cycle, track.target_s());
        if track.stopped.is_none() && now < track.started {
            // Agreed for later: it stands still until then.
            let run = Run::Paused { until: track.started };
            return Clock { kind, cycle, target_s, used_s: 0, as_of: now, run, breach: None };
        }
        let spans = &*that_count(kind, spans);
        // A technician may come before the window begins: then nothing of it was used.
        let as_of = track.stopped.map_or(now, |stopped| stopped.min(now));
        let pauses: Vec<Span> =
            self.pauses_of(track.kind).map(|pause| Span::new(pause.from, pause.to())).collect();
        let used_s = elapsed(track.kind, spans, track.started, as_of, &pauses);
        let run = match (track.stopped, self.pauses_of(track.kind).last()) {
            (Some(_), _) if track.is_void => Run::Void,
            (Some(_), _) => Run::Stopped,
            (None, Some(pause)) if as_of < pause.to() => Run::Paused { until: pause.until },
            (None, _) => Run::Running,
        };
        let breach = track.broken.or_else(|| breach(track, spans, &pauses, as_of));
        Clock { kind, cycle, target_s, used_s, as_of, run, breach }
    }

    fn pauses_of(&self, kind: ClockKind) -> impl Iterator<Item = &Pause> {
        self.pauses().iter().filter(move |pause| pause.reason.stops(kind))
    }

    /// Every stretch of time of a promise up to `now`, in order and without a gap, and why it counted or did not.
    /// Empty when the case has no such promise. The seconds that counted add up to the clock's `used_s`.
    #[must_use]
    pub fn explain(&self, kind: ClockKind, spans: &Spans, now: Instant) -> Vec<Explained> {
        let Some(track) = self.tracks().find(|track| track.kind == kind) else { return Vec::new() };
        let spans = &*that_count(kind, spans);
        let end = track.stopped.map_or(now, |stopped| stopped.min(now)).max(track.started);
        if kind == ClockKind::Committed {
            let span = Span::new(track.started, end);
            return vec![Explained { span, counted_s: span.seconds(), why: WhyNot::Counted }];
        }
        let pauses: Vec<&Pause> = self.pauses_of(kind).collect();
        let waits: Vec<Span> = pauses.iter().map(|pause| Span::new(pause.from, pause.to())).collect();
        let stretches = spans.explain(Span::new(track.started, end), &waits);
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

/// The first breach under any target that was in force: a later, longer target does not take it back.
fn breach(track: &Track, spans: &Spans, pauses: &[Span], as_of: Instant) -> Option<Breach> {
    let ends = track.targets.iter().skip(1).map(|(from, _)| from.plus(-1)).chain([as_of]);
    track.targets.iter().zip(ends).find_map(|(&(from, target_s), end)| {
        let over = due(track.kind, spans, track.started, target_s + 1, pauses)?.max(from);
        (over <= end).then_some(Breach { at: over, target_s })
    })
}
