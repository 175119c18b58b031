//! The rule who is at work: open hours without absences.

use chrono::NaiveDate;

use crate::calendar::{MomentStyle, Spans, ZoneView, day};
use crate::i18n::Language;
use crate::t;
use crate::time::{Instant, Span};

/// Whether a person is at work at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// Within their working hours, and not absent.
    AtWork,
    /// Outside their working hours.
    OffWork {
        /// When they are at work next; `None` when no such time is known.
        returns: Option<Instant>,
    },
    /// Absent, whatever their working hours.
    Absent {
        /// The first instant after this absence and those that follow it without a gap.
        until: Instant,
    },
}

impl Availability {
    /// Whether the person is at work.
    #[must_use]
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::AtWork)
    }
}

/// Availability of a person with working hours or absences, and their local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Whether they are at work.
    pub availability: Availability,
    /// Their local time around now.
    pub zone: ZoneView,
}

impl Presence {
    /// The availability in words; without working hours and absences a person counts as at work.
    #[must_use]
    pub fn told(of: Option<&Self>, language: Language) -> String {
        let unscheduled = || t!(language, "workforce.availability.unscheduled").into_owned();
        of.map_or_else(unscheduled, |presence| presence.message(language))
    }

    /// The availability in words, for colleagues. The reason of an absence is not told.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let zone = &self.zone;
        match self.availability {
            Availability::AtWork => t!(language, "workforce.availability.at_work").into_owned(),
            Availability::OffWork { returns: None } => {
                t!(language, "workforce.availability.off_work").into_owned()
            }
            Availability::OffWork { returns: Some(at) } => {
                let moment = zone.format(at, language, MomentStyle::Short);
                t!(language, "workforce.availability.off_work_until", moment = moment)
            }
            Availability::Absent { until } => {
                // The last day: an absence ends with its midnight.
                let local = zone.local(until.plus(-1));
                let last = NaiveDate::from_ymd_opt(local.year, local.month.into(), local.day.into());
                let last = last.map(|last| day(language, last)).unwrap_or_default();
                t!(language, "workforce.availability.absent", day = last)
            }
        }
    }
}

/// Working hours and absences of a person, laid out in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    hours: Spans,
    /// In order, neither overlapping nor touching.
    absences: Vec<Span>,
}

impl Schedule {
    /// A schedule. Empty absences are left out; overlapping and touching ones are joined.
    #[must_use]
    pub fn new(hours: Spans, mut absences: Vec<Span>) -> Self {
        absences.retain(|absence| !absence.is_empty());
        absences.sort_unstable();
        absences.dedup_by(|next, kept| {
            let joins = next.from <= kept.to;
            if joins {
                kept.to = kept.to.max(next.to);
            }
            joins
        });
        Self { hours, absences }
    }

    /// At work day and night: the schedule of a person without working hours and absences.
    #[must_use]
    pub fn always() -> Self {
        Self::new(Spans::always(), Vec::new())
    }

    /// Whether the person is at work at `at`.
    ///
    /// ```
    /// use domain::calendar::Spans;
    /// use domain::time::{Instant, Span};
    /// use domain::workforce::{Availability, Schedule};
    ///
    /// let span = |from, to| Span::new(Instant(from), Instant(to));
    /// let hours = Spans::new(span(0, 1000), [span(100, 200), span(300, 400)], Vec::new()).unwrap();
    /// let schedule = Schedule::new(hours, vec![span(150, 320)]);
    ///
    /// assert_eq!(schedule.availability(Instant(120)), Availability::AtWork);
    /// assert_eq!(schedule.availability(Instant(150)), Availability::Absent { until: Instant(320) });
    /// assert_eq!(schedule.availability(Instant(50)), Availability::OffWork { returns: Some(Instant(100)) });
    /// ```
    #[must_use]
    pub fn availability(&self, at: Instant) -> Availability {
        if let Some(absence) = self.absences.iter().find(|absence| absence.contains(at)) {
            Availability::Absent { until: absence.to }
        } else if self.hours.is_open(at) {
            Availability::AtWork
        } else {
            Availability::OffWork { returns: self.returns(at) }
        }
    }

    /// The first instant on or after `at` at which the person is at work; `None` when none is known.
    #[must_use]
    pub fn returns(&self, at: Instant) -> Option<Instant> {
        let mut next = self.hours.next_opening(at)?;
        // Absences are in order: one that was passed never holds a later instant.
        for absence in &self.absences {
            if absence.contains(next) {
                next = self.hours.next_opening(absence.to)?;
            }
        }
        Some(next)
    }

    /// The absence that a window meets first; `None` when it meets none.
    #[must_use]
    pub fn absence_in(&self, window: Span) -> Option<Span> {
        self.absences.iter().copied().find(|absence| !absence.intersect(window).is_empty())
    }

    /// The absences that meet a window, in order.
    pub fn absences_in(&self, window: Span) -> impl Iterator<Item = Span> {
        self.absences.iter().copied().filter(move |absence| !absence.intersect(window).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HORIZON: i64 = 300;

    fn span(from: i64, to: i64) -> Span {
        Span::new(Instant(from), Instant(to))
    }

    /// Some spans in any order, some of them empty.
    fn spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec(
            (0..HORIZON, -5_i64..40).prop_map(|(from, length)| span(from, from + length)),
            0..8,
        )
    }

    /// Open spans in order, from any.
    fn hours(mut open: Vec<Span>) -> Spans {
        open.retain(|span| !span.is_empty() && span.to.0 <= HORIZON);
        open.sort_unstable();
        let mut last = Instant(0);
        open.retain(|span| {
            let is_free = span.from >= last;
            if is_free {
                last = span.to;
            }
            is_free
        });
        Spans::new(span(0, HORIZON), open, Vec::new()).unwrap()
    }

    proptest! {
        #[test]
        fn person_is_at_work_exactly_in_open_hours_without_an_absence(
            open in spans(), absences in spans(), at in 0..HORIZON
        ) {
            let (hours, at) = (hours(open), Instant(at));
            let schedule = Schedule::new(hours.clone(), absences.clone());
            let is_absent = absences.iter().any(|absence| absence.contains(at));
            let expected = hours.is_open(at) && !is_absent;
            prop_assert_eq!(schedule.availability(at).is_at_work(), expected);
            prop_assert_eq!(matches!(schedule.availability(at), Availability::Absent { .. }), is_absent);
        }

        #[test]
        fn absence_lasts_until_the_instant_that_is_told(open in spans(), absences in spans(), at in 0..HORIZON) {
            let schedule = Schedule::new(hours(open), absences.clone());
            if let Availability::Absent { until } = schedule.availability(Instant(at)) {
                let is_absent = |at: i64| absences.iter().any(|absence| absence.contains(Instant(at)));
                prop_assert!((at..until.0).all(is_absent));
                prop_assert!(!is_absent(until.0));
            }
        }

        #[test]
        fn return_is_the_first_instant_at_work(open in spans(), absences in spans(), at in 0..HORIZON) {
            let schedule = Schedule::new(hours(open), absences);
            let is_at_work = |at: i64| schedule.availability(Instant(at)).is_at_work();
            let first = (at..HORIZON).find(|at| is_at_work(*at)).map(Instant);
            prop_assert_eq!(schedule.returns(Instant(at)), first);
            if let Availability::OffWork { returns } = schedule.availability(Instant(at)) {
                prop_assert_eq!(returns, first);
            }
        }

        #[test]
        fn window_meets_an_absence_exactly_when_they_share_an_instant(
            absences in spans(), from in 0..HORIZON, length in 1_i64..40
        ) {
            let schedule = Schedule::new(Spans::always(), absences.clone());
            let shares = (from..from + length).any(|at| absences.iter().any(|absence| absence.contains(Instant(at))));
            prop_assert_eq!(schedule.absence_in(span(from, from + length)).is_some(), shares);
        }
    }

    #[test]
    fn absence_is_told_with_its_last_day() {
        let zone = ZoneView { name: "America/Caracas".to_owned(), offset_s: -4 * 3600, changes: Vec::new() };
        // Tuesday 24 November 2026, 0:00 in Caracas.
        let until = Instant(1_795_492_800);
        let told = |availability| Presence { availability, zone: zone.clone() }.message(Language::En);
        assert!(
            told(Availability::Absent { until }).contains("23 Nov 2026"),
            "{}",
            told(Availability::Absent { until })
        );
        let returns = Some(until.plus(8 * 3600));
        assert!(told(Availability::OffWork { returns }).contains("Tue 24 Nov, 08:00"));
    }

    #[test]
    fn person_without_working_hours_is_at_work_unless_absent() {
        assert_eq!(Schedule::always().availability(Instant(7)), Availability::AtWork);
        let schedule = Schedule::new(Spans::always(), vec![span(10, 20), span(20, 30), span(5, 8)]);
        assert_eq!(schedule.availability(Instant(12)), Availability::Absent { until: Instant(30) });
        assert_eq!(schedule.returns(Instant(12)), Some(Instant(30)));
    }
}
