//! Messages between desk and customer: updates, committed updates, and the customer's own messages.
//!
//! From the first contact on, the desk owes the customer updates. The plan sets an interval in business time, which
//! pauses stop: the next-update target. An agent can commit to a moment instead, which nothing moves: the
//! committed-update target. One of the two is open at a time, and an update meets it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::event::{Channel, Event, PauseReason, Recorded, ResumeCause};
use super::evolve::Case;
use super::timer::SlaTimer;
use crate::actor::Action;
use crate::i18n::Language;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::text::Note;
use crate::time::Instant;

/// The furthest moment of a committed update, in seconds from now: 30 days.
pub const MAX_COMMITMENT_S: i64 = 30 * 24 * 3600;
/// Messages that a customer can write within any hour.
pub const MESSAGES_PER_HOUR: usize = 10;

/// A message, or a commitment to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageEvent {
    /// The desk sent an update, by mail and on the case's page.
    #[serde(rename = "news_given")]
    UpdateSent {
        /// Text of the update.
        text: Note,
    },
    /// The desk committed to the moment of the next update.
    #[serde(rename = "news_promised")]
    UpdateCommitted {
        /// The latest moment.
        by: Instant,
    },
    /// The customer wrote a message on the case's page.
    CustomerWrote {
        /// Text of the message.
        text: Note,
    },
}

impl MessageEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UpdateSent { .. } => "talk:news_given",
            Self::UpdateCommitted { .. } => "talk:news_promised",
            Self::CustomerWrote { .. } => "talk:customer_wrote",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::UpdateSent { .. } => "event.news_given",
            Self::UpdateCommitted { .. } => "event.news_promised",
            Self::CustomerWrote { .. } => "event.customer_wrote",
        }
    }
}

/// Commands to send a message, or to commit to an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageCommand {
    /// Send an update to the customer.
    #[serde(rename = "give_news")]
    SendUpdate {
        /// Text of the update.
        text: Note,
        /// Moment of the committed next update, in place of the plan's.
        next: Option<Instant>,
    },
    /// Log a contact with the customer, and commit to the next update.
    Contact {
        /// The channel by which they spoke.
        channel: Channel,
        /// Summary of the contact.
        note: Option<Note>,
        /// Moment of the committed next update.
        next: Instant,
    },
    /// Write to the desk, as the customer.
    Write {
        /// Text of the message.
        text: Note,
    },
}

impl MessageCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::SendUpdate { .. } | Self::Contact { .. } => Action::WorkCase,
            Self::Write { .. } => Action::WriteToDesk,
        }
    }
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRefusal {
    /// The committed moment must be in the future.
    #[error("the next news would lie in the past")]
    #[serde(rename = "news_in_the_past")]
    UpdateInThePast,
    /// The committed moment is too far away.
    #[error("the next news is further than {} days away", MAX_COMMITMENT_S / 86_400)]
    #[serde(rename = "news_too_far")]
    UpdateTooFar,
    /// The customer wrote [`MESSAGES_PER_HOUR`] messages within the hour: call instead.
    #[error("more than {MESSAGES_PER_HOUR} messages within an hour")]
    TooManyMessages,
    /// The case is closed: reopen it.
    #[error("the case is closed")]
    Closed,
}

impl MessageRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::UpdateInThePast => t!(language, "refusal.news_in_the_past").into_owned(),
            Self::UpdateTooFar => t!(language, "refusal.news_too_far", days = MAX_COMMITMENT_S / 86_400),
            Self::TooManyMessages => t!(language, "refusal.too_many_messages").into_owned(),
            Self::Closed => t!(language, "refusal.closed_for_messages").into_owned(),
        }
    }
}

/// The customer's messages since the last reply. They are shown to a person who ends the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnansweredMessages {
    /// Number of messages, at least 1.
    pub count: usize,
    /// Time of the newest message.
    pub at: Instant,
    /// Text of the newest message.
    pub newest: Note,
}

impl UnansweredMessages {
    /// The customer's messages since `since`: the time of the oldest without a reply ([`Case::unanswered`]).
    #[must_use]
    pub fn of(history: &[Recorded], since: Instant) -> Option<Self> {
        let mut messages = history.iter().rev().take_while(|entry| entry.at >= since).filter_map(|entry| {
            match &entry.event {
                Event::Message(MessageEvent::CustomerWrote { text }) => Some((entry.at, text)),
                _ => None,
            }
        });
        let (at, newest) = messages.next()?;
        Some(Self { count: 1 + messages.count(), at, newest: newest.clone() })
    }
}

/// The update targets of a case, open and past, and the customer's unanswered messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CustomerUpdates {
    current: Option<SlaTimer>,
    past: Vec<SlaTimer>,
    updates: u32,
    commitments: u32,
    wrote: Vec<Instant>,
    unanswered: Option<Instant>,
}

impl CustomerUpdates {
    pub(super) fn evolve(&mut self, at: Instant, event: &MessageEvent, next_s: Option<i64>) {
        match event {
            MessageEvent::UpdateSent { .. } => self.sent(at, next_s),
            MessageEvent::UpdateCommitted { by } => self.committed(at, *by),
            MessageEvent::CustomerWrote { .. } => {
                self.wrote.push(at);
                self.unanswered.get_or_insert(at);
            }
        }
    }

    /// The desk reached the customer: the open update target is met. The next update is due within `next_s` business
    /// seconds, if one is owed.
    pub(super) fn sent(&mut self, at: Instant, next_s: Option<i64>) {
        self.unanswered = None;
        self.stop(at);
        if let Some(target_s) = next_s {
            self.past.extend(self.current.take());
            self.updates += 1;
            self.current = Some(SlaTimer::begin(SlaMetric::NextUpdate, self.updates, at, target_s));
        }
    }

    /// An agent committed to a moment, in place of the plan's interval.
    fn committed(&mut self, at: Instant, by: Instant) {
        self.stop(at);
        match self.current.take() {
            // The plan's interval began with the same update as the commitment, so it never ran.
            Some(timer) if timer.kind == SlaMetric::NextUpdate && timer.started == at => self.updates -= 1,
            before => self.past.extend(before),
        }
        self.commitments += 1;
        let seconds = by.since(at).max(0);
        self.current = Some(SlaTimer::begin(SlaMetric::CommittedUpdate, self.commitments, at, seconds));
    }

    /// The state before `later` was built on it. Cycle numbers of removed targets are not used again.
    pub(super) fn in_place_of(self, later: &Self) -> Self {
        Self { updates: later.updates, commitments: later.commitments, ..self }
    }

    /// No further update is owed.
    pub(super) fn stop(&mut self, at: Instant) {
        if let Some(timer) = &mut self.current {
            timer.stop(at);
        }
    }

    pub(super) fn current_mut(&mut self) -> Option<&mut SlaTimer> {
        self.current.as_mut()
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut SlaTimer> {
        self.past.iter_mut().chain(&mut self.current)
    }

    pub(super) const fn current(&self) -> Option<&SlaTimer> {
        self.current.as_ref()
    }

    pub(super) fn past(&self) -> &[SlaTimer] {
        &self.past
    }

    pub(super) const fn unanswered(&self) -> Option<Instant> {
        self.unanswered
    }

    fn written_since(&self, since: Instant) -> usize {
        self.wrote.iter().rev().take_while(|at| **at > since).count()
    }
}

/// Checks the moment of a committed update.
fn commit(by: Instant, now: Instant) -> Result<Event, Refusal> {
    match by.since(now) {
        ..=0 => Err(MessageRefusal::UpdateInThePast.into()),
        ahead_s if ahead_s > MAX_COMMITMENT_S => Err(MessageRefusal::UpdateTooFar.into()),
        _ => Ok(Event::Message(MessageEvent::UpdateCommitted { by })),
    }
}

pub(super) fn decide(case: &Case, command: MessageCommand, now: Instant) -> Result<Vec<Event>, Refusal> {
    let is_resolved = case.resolved_at().is_some();
    match command {
        MessageCommand::SendUpdate { .. } | MessageCommand::Contact { .. } if is_resolved => {
            Err(Refusal::AlreadyResolved)
        }
        MessageCommand::SendUpdate { text, next } => {
            let committed = next.map(|by| commit(by, now)).transpose()?;
            Ok([Event::Message(MessageEvent::UpdateSent { text })].into_iter().chain(committed).collect())
        }
        MessageCommand::Contact { channel, note, next } => {
            Ok(vec![Event::Contacted { channel, note, length_s: None }, commit(next, now)?])
        }
        MessageCommand::Write { .. } if case.closed().is_some() => Err(MessageRefusal::Closed.into()),
        MessageCommand::Write { .. } if case.updates.written_since(now.plus(-3600)) >= MESSAGES_PER_HOUR => {
            Err(MessageRefusal::TooManyMessages.into())
        }
        MessageCommand::Write { text } => {
            let waited = |pause: &&super::Pause| pause.reason == PauseReason::Customer && pause.until > now;
            let goes_on =
                case.pause().filter(waited).map(|_| Event::Resumed { cause: ResumeCause::CustomerAnswered });
            Ok([Event::Message(MessageEvent::CustomerWrote { text })].into_iter().chain(goes_on).collect())
        }
    }
}
