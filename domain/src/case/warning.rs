//! Recipients of warnings, and warnings that are still current.
//!
//! | warning level | recipients |
//! |---|---|
//! | below 90 % | the assignee; the supervisors while there is none |
//! | 90 % and more | the assignee; the supervisors too unless the staff acts |
//!
//! Warnings to one person within [`GATHER_S`] go out as one mail.

use super::event::{Author, Event, Recorded};
use super::sla_clock::{SlaClock, TimerState};
use crate::actor::PersonId;
use crate::calendar::Spans;
use crate::time::Instant;

/// From this share of a target on, in per cent, supervisors are told although the case has an assignee.
pub const SUPERVISED_FROM: u8 = 90;

/// The shortest time between two warning mails to one person, in seconds.
pub const GATHER_S: i64 = 5 * 60;

/// The assignee has this long to act before the supervisors are told as well, in seconds.
pub const PATIENCE_S: i64 = 5 * 60;

/// Whether the staff acted on a case after `since`.
#[must_use]
pub fn acted_since(history: &[Recorded], since: Instant) -> bool {
    let later = history.iter().rev().take_while(|entry| entry.at > since);
    later.into_iter().any(|entry| matches!(entry.by, Author::Staff { .. }))
}

/// The customer's latest message, if the staff has not acted since.
#[must_use]
pub fn unheeded(history: &[Recorded]) -> Option<&Recorded> {
    let latest = history.iter().rev().find(|entry| entry.by != Author::System)?;
    (latest.is_customers_word()).then_some(latest)
}

impl Recorded {
    /// Whether the entry is a message of the customer to the people at work on the case. A survey is about them.
    #[must_use]
    pub fn is_customers_word(&self) -> bool {
        self.by == Author::Customer && !matches!(self.event, Event::Opened(_) | Event::Survey(_))
    }
}

/// The recipients of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InCharge {
    /// The assignee alone.
    Assignee(PersonId),
    /// The supervisors: the case has no assignee.
    Supervisors,
    /// The assignee, and the supervisors unless the assignee acts.
    Both(PersonId),
}

impl InCharge {
    /// The recipients of a warning level, in per cent, when `assignee` is on the case.
    #[must_use]
    pub const fn of(level: u8, assignee: Option<PersonId>) -> Self {
        match assignee {
            None => Self::Supervisors,
            Some(assignee) if level < SUPERVISED_FROM => Self::Assignee(assignee),
            Some(assignee) => Self::Both(assignee),
        }
    }

    /// The assignee, if they are a recipient.
    #[must_use]
    pub const fn assignee(self) -> Option<PersonId> {
        match self {
            Self::Assignee(assignee) | Self::Both(assignee) => Some(assignee),
            Self::Supervisors => None,
        }
    }

    /// Whether the supervisors are recipients, at once or later.
    #[must_use]
    pub const fn supervisors(self) -> bool {
        matches!(self, Self::Supervisors | Self::Both(_))
    }
}

impl SlaClock {
    /// The highest of the `levels`, in per cent, that is still reached at `now`. `None` when the target was met or
    /// given more time.
    #[must_use]
    pub fn warns_of(&self, levels: impl IntoIterator<Item = u8>, spans: &Spans, now: Instant) -> Option<u8> {
        if matches!(self.run, TimerState::Stopped | TimerState::Void) {
            return levels.into_iter().filter(|level| *level >= 100 && self.breach.is_some()).max();
        }
        let reading = self.reading(spans, now);
        levels.into_iter().filter(|level| self.reached(&reading, *level)).max()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::case::{Breach, Channel, MessageEvent, Origin};
    use crate::sla_plan::SlaMetric;
    use crate::text::Note;

    fn entry(version: u32, by: Author, event: Event) -> Recorded {
        Recorded { version, at: Instant(i64::from(version) * 100), by, origin: Origin::Workspace, event }
    }

    #[test]
    fn customer_message_is_unheeded_until_staff_acts() {
        let staff = || Author::Staff { id: PersonId(7), name: "Ana".into() };
        let text = Note::parse("Ya volvió a fallar.").unwrap();
        let wrote = entry(1, Author::Customer, Event::Message(MessageEvent::CustomerWrote { text }));
        let warned = |by| entry(2, by, Event::Warned { clock: SlaMetric::NextUpdate, cycle: 1, level: 50 });
        let called = entry(3, staff(), Event::Contacted { channel: Channel::Phone, note: None });
        let history = [wrote.clone(), warned(Author::System), called];
        assert_eq!(unheeded(&history[..1]), Some(&wrote));
        assert_eq!(unheeded(&history[..2]), Some(&wrote), "the desk itself answers nobody");
        assert_eq!(unheeded(&history), None);
        assert!(acted_since(&history, Instant(299)) && !acted_since(&history, Instant(300)));
        assert!(!acted_since(&history[..2], Instant(0)));
    }

    proptest! {
        #[test]
        fn warning_has_recipients_and_includes_the_assignee(level in 1_u8..=100, assignee in any::<Option<i64>>()) {
            let assignee = assignee.map(PersonId);
            let told = InCharge::of(level, assignee);
            prop_assert_eq!(told.assignee(), assignee);
            prop_assert_eq!(told.supervisors(), assignee.is_none() || level >= 90);
        }

        #[test]
        fn warning_level_is_the_highest_share_reached(used_s in 0_i64..2000, later_s in 0_i64..2000) {
            let clock = SlaClock {
                kind: SlaMetric::FirstResponse,
                cycle: 1,
                target_s: 1000,
                used_s,
                as_of: Instant(0),
                run: TimerState::Running,
                used_up: None,
                breach: None,
            };
            let now = Instant(later_s);
            let used = used_s + later_s;
            let expected = match used {
                1000.. => Some(100),
                900.. => Some(90),
                750.. => Some(75),
                500.. => Some(50),
                _ => None,
            };
            let spans = Spans::always();
            prop_assert_eq!(clock.warns_of([50, 75, 90, 100], &spans, now), expected);
            prop_assert_eq!(clock.warns_of([50], &spans, now), expected.map(|_| 50));
            let fulfilled = SlaClock { run: TimerState::Stopped, ..clock };
            prop_assert_eq!(fulfilled.warns_of([50, 75, 90, 100], &spans, now), None);
            let breach = Some(Breach { at: Instant(1), target_s: 1000, due: None });
            let late = SlaClock { breach, ..fulfilled };
            prop_assert_eq!(late.warns_of([50, 75, 90, 100], &spans, now), Some(100));
            prop_assert_eq!(late.warns_of([50, 75, 90], &spans, now), None);
        }
    }
}
