//! Recipients of warnings, and warnings that are still current.
//!
//! | warning level | recipients |
//! |---|---|
//! | below 90 % | the assignee; the supervisors while there is none |
//! | 90 % and more | the assignee; the supervisors too unless the staff acts |
//!
//! While the assignee is absent or off work, the members at work of the teams for such cases stand in. Without any, the
//! supervisors do.
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
    later.into_iter().any(|entry| matches!(entry.by, Author::Staff { .. }) && !entry.is_of_access())
}

/// The customer's latest message, if the staff has not acted since.
#[must_use]
pub fn unheeded(history: &[Recorded]) -> Option<&Recorded> {
    let counts = |entry: &&Recorded| entry.by != Author::System && !entry.is_of_access();
    let latest = history.iter().rev().find(counts)?;
    (latest.is_customers_word()).then_some(latest)
}

impl Recorded {
    /// Whether the entry is a message of the customer to the people at work on the case. A survey is about them.
    #[must_use]
    pub fn is_customers_word(&self) -> bool {
        matches!(self.by, Author::Customer | Author::Participant { .. })
            && !matches!(self.event, Event::Opened(_) | Event::Survey(_))
            && !self.is_of_access()
    }

    /// Whether the entry says who reads the case's page, and nothing of the case.
    const fn is_of_access(&self) -> bool {
        matches!(self.event, Event::TrackingRenewed { .. } | Event::Participant(_))
    }
}

/// Whether the assignee of a case can act now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssigneePresence {
    /// They are at work.
    AtWork,
    /// They are absent, or off work.
    Away,
}

/// The people who are told first about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InCharge {
    /// The assignee.
    Assignee(PersonId),
    /// Those who stand in for an assignee who is away: members at work of the teams for such cases, else the supervisors.
    StandIns,
    /// The supervisors: the case has no assignee.
    Supervisors,
}

impl InCharge {
    /// The people in charge of a case with this assignee.
    #[must_use]
    pub const fn of(assignee: Option<(PersonId, AssigneePresence)>) -> Self {
        match assignee {
            None => Self::Supervisors,
            Some((assignee, AssigneePresence::AtWork)) => Self::Assignee(assignee),
            Some((_, AssigneePresence::Away)) => Self::StandIns,
        }
    }

    /// Whether a warning level, in per cent, goes to the supervisors as well, unless the staff acts.
    #[must_use]
    pub const fn escalates(self, level: u8) -> bool {
        level >= SUPERVISED_FROM && !matches!(self, Self::Supervisors)
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
        let called =
            entry(3, staff(), Event::Contacted { channel: Channel::Phone, note: None, length_s: None });
        let history = [wrote.clone(), warned(Author::System), called];
        assert_eq!(unheeded(&history[..1]), Some(&wrote));
        assert_eq!(unheeded(&history[..2]), Some(&wrote), "the desk itself answers nobody");
        assert_eq!(unheeded(&history), None);
        assert!(acted_since(&history, Instant(299)) && !acted_since(&history, Instant(300)));
        assert!(!acted_since(&history[..2], Instant(0)));
    }

    proptest! {
        #[test]
        fn warning_goes_to_nobody_who_is_away(level in 1_u8..=100, assignee in any::<Option<(i64, bool)>>()) {
            let presence = |is_at_work| if is_at_work { AssigneePresence::AtWork } else { AssigneePresence::Away };
            let told = InCharge::of(assignee.map(|(id, is_at_work)| (PersonId(id), presence(is_at_work))));
            let expected = match assignee {
                None => InCharge::Supervisors,
                Some((id, true)) => InCharge::Assignee(PersonId(id)),
                Some((_, false)) => InCharge::StandIns,
            };
            prop_assert_eq!(told, expected);
            prop_assert_eq!(told.escalates(level), assignee.is_some() && level >= 90);
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
