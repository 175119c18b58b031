//! Pauses that continued after the customer had answered: time that no target counted although the desk could go on. A
//! message on the case's page ends a pause for the customer by itself. Other answers do not, and no message ends a
//! pause for another reason.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::event::{Author, Event, PauseReason, Recorded};
use super::message::MessageEvent;
use super::revision::RevisionEvent;
use super::visit::VisitEvent;
use crate::calendar::Spans;
use crate::time::{Instant, Span};

choices! {
    /// How the desk learned of the customer's answer.
    pub enum Answered: "answered" {
        /// A message on the case's page.
        Message = "message",
        /// A logged contact.
        Contact = "contact",
        /// An answer to the offer of a visit.
        Visit = "visit",
    }
}

/// A pause that continued after the customer had answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitOverlap {
    /// Version of the entry that began the pause.
    pub version: u32,
    /// What was waited for.
    pub reason: PauseReason,
    /// Author of the pause.
    pub set_by: Author,
    /// Beginning of the pause.
    pub from: Instant,
    /// Time of the customer's first answer after that.
    pub answered_at: Instant,
    /// The way of the answer.
    pub answer: Answered,
    /// The first instant after the pause; the expected one while it lasts.
    pub to: Instant,
}

impl WaitOverlap {
    /// Business seconds from the answer to the end of the pause, or to `now` while it lasts.
    #[must_use]
    pub fn seconds(&self, spans: &Spans, now: Instant) -> i64 {
        spans.open_seconds(Span::new(self.answered_at, self.to.min(now)))
    }
}

/// The overlaps of a history, in order.
#[must_use]
pub fn wait_overlaps(history: &[Recorded]) -> Vec<WaitOverlap> {
    let mut found = Vec::new();
    let mut wait: Option<Wait<'_>> = None;
    let undone: BTreeSet<u32> = history.iter().filter_map(undone_contact).collect();
    for entry in history {
        match &entry.event {
            Event::Paused { reason, until, .. } => {
                found.extend(wait.take().and_then(|wait| wait.ended(entry.at)));
                wait = Some(Wait { entry, reason: *reason, until: *until, answered: None });
            }
            Event::Resumed { .. } | Event::Resolved { .. } | Event::Terminated(_) => {
                found.extend(wait.take().and_then(|wait| wait.ended(entry.at)));
            }
            event => {
                if let (Some(wait), Some(answer)) = (&mut wait, answer(event))
                    // An entry of the same second as the pause led to it.
                    && wait.entry.at < entry.at
                    && !undone.contains(&entry.version)
                {
                    wait.answered.get_or_insert((entry.at, answer));
                }
            }
        }
    }
    found.extend(wait.and_then(|wait| wait.ended(Instant::FAR)));
    found
}

/// A pause that no entry has ended yet.
struct Wait<'a> {
    entry: &'a Recorded,
    reason: PauseReason,
    until: Instant,
    answered: Option<(Instant, Answered)>,
}

impl Wait<'_> {
    /// The overlap, if any, of a pause that an entry ends at `at`. Its expected end counts if it is earlier.
    fn ended(self, at: Instant) -> Option<WaitOverlap> {
        let to = at.min(self.until);
        let (answered_at, answer) = self.answered.filter(|(answered_at, _)| *answered_at < to)?;
        Some(WaitOverlap {
            version: self.entry.version,
            reason: self.reason,
            set_by: self.entry.by.clone(),
            from: self.entry.at,
            answered_at,
            answer,
            to,
        })
    }
}

/// The contact that an entry undoes.
const fn undone_contact(entry: &Recorded) -> Option<u32> {
    match entry.event {
        Event::Revision(RevisionEvent::ContactUndone { contact }) => Some(contact),
        _ => None,
    }
}

/// How the customer answered, if an entry is an answer.
const fn answer(event: &Event) -> Option<Answered> {
    match event {
        Event::Message(MessageEvent::CustomerWrote { .. }) => Some(Answered::Message),
        Event::Contacted { .. } => Some(Answered::Contact),
        Event::Visit {
            what: VisitEvent::Agreed { .. } | VisitEvent::Proposed { .. } | VisitEvent::Declined { .. },
            ..
        } => Some(Answered::Visit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::event::{Category, Channel, Origin, ResumeCause};
    use super::super::termination::{AskedBy, Termination};
    use super::*;
    use crate::text::Note;

    fn note() -> Note {
        Note::parse("Ya está").unwrap()
    }

    /// A relevant entry, or an irrelevant one.
    fn event(kind: u8, at: i64, length_s: i64) -> Event {
        match kind {
            0 => Event::Paused {
                reason: PauseReason::Customer,
                detail: None,
                until: Instant(at + length_s),
                allowed_by: None,
            },
            1 => Event::Resumed { cause: ResumeCause::ByStaff },
            2 => Event::Contacted { channel: Channel::Phone, note: None, length_s: None },
            3 => Event::Message(MessageEvent::CustomerWrote { text: note() }),
            4 => Event::Resolved {
                category: Category::Guidance,
                cause: note(),
                solution: note(),
                classification: None,
            },
            5 => Event::Terminated(Termination::Cancelled { asked_by: AskedBy::Customer, reason: None }),
            _ => Event::VerificationUnanswered,
        }
    }

    fn history(told: &[(i64, u8, i64)]) -> Vec<Recorded> {
        let mut at = 0;
        let entry = |(version, (after_s, kind, length_s)): (u32, &(i64, u8, i64))| {
            at += after_s;
            let event = event(*kind, at, *length_s);
            Recorded { version, at: Instant(at), by: Author::System, origin: Origin::Workspace, event }
        };
        (1..).zip(told).map(entry).collect()
    }

    /// The overlap counted second by second: the pause lasts, and an answer has come since its beginning.
    fn counted(history: &[Recorded], entry: &Recorded, horizon: i64) -> i64 {
        let Event::Paused { until, .. } = entry.event else { return 0 };
        let later = || history.iter().filter(|other| other.version > entry.version);
        let ends = |other: &&Recorded| {
            let event = &other.event;
            matches!(event, Event::Paused { .. } | Event::Resumed { .. } | Event::Resolved { .. })
                || matches!(event, Event::Terminated(_))
        };
        let end = later().find(ends).map_or(until, |other| other.at.min(until));
        let is_answer = |other: &Recorded| {
            matches!(other.event, Event::Contacted { .. } | Event::Message(_)) && other.at > entry.at
        };
        let overlaps = |second: &i64| {
            let second = Instant(*second);
            entry.at <= second && second < end && later().any(|other| is_answer(other) && other.at <= second)
        };
        i64::try_from((0..horizon).filter(overlaps).count()).unwrap()
    }

    proptest! {
        #[test]
        fn overlap_counts_every_second_once(
            told in proptest::collection::vec((0_i64..30, 0_u8..7, 1_i64..80), 0..14)
        ) {
            const HORIZON: i64 = 600;
            let history = history(&told);
            let found = wait_overlaps(&history);
            for entry in &history {
                let of = found.iter().filter(|overlap| overlap.version == entry.version);
                let seconds: i64 = of.map(|overlap| overlap.seconds(&Spans::always(), Instant(HORIZON))).sum();
                prop_assert_eq!(seconds, counted(&history, entry, HORIZON));
            }
            for overlap in &found {
                prop_assert!(overlap.from < overlap.answered_at && overlap.answered_at < overlap.to);
                // While the pause lasts, the overlap grows with time, up to the expected end.
                prop_assert_eq!(overlap.seconds(&Spans::always(), overlap.answered_at), 0);
            }
        }
    }

    #[test]
    fn overlap_counts_open_hours_alone() {
        let told = history(&[(0, 0, 100), (10, 2, 1)]);
        let [overlap] = wait_overlaps(&told).try_into().unwrap();
        assert_eq!((overlap.version, overlap.answered_at, overlap.to), (1, Instant(10), Instant(100)));
        assert_eq!((overlap.answer, overlap.reason), (Answered::Contact, PauseReason::Customer));
        let known = Span::new(Instant(0), Instant(1000));
        let spans = Spans::new(known, [Span::new(Instant(30), Instant(50))], Vec::new()).unwrap();
        assert_eq!(overlap.seconds(&spans, Instant(500)), 20);
        assert_eq!(overlap.seconds(&spans, Instant(40)), 10);
    }
}
