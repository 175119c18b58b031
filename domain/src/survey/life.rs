//! The fold of a case's history into its survey.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::event::{FollowUpOutcome, SurveyEvent, Way};
use crate::actor::PersonId;
use crate::case::{Author, Event, Recorded};
use crate::questionnaire::Questionnaire;
use crate::time::Instant;

/// A member of the staff, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handler {
    /// Id among the staff.
    pub id: PersonId,
    /// Their name at that time.
    pub name: String,
}

/// How a survey ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The customer answered.
    Answered {
        /// The answers.
        answers: Answers,
        /// Whether the answers came by link or by telephone.
        way: Way,
        /// Time of the answers.
        at: Instant,
    },
    /// The customer refused to answer.
    Refused {
        /// Time of the refusal.
        at: Instant,
    },
    /// The time ended without an answer.
    Lapsed {
        /// End of the time for answering.
        at: Instant,
    },
}

/// State of a follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// A supervisor must contact the customer.
    Open,
    /// A supervisor did not reach the customer; another attempt is due.
    NotReached,
    /// A supervisor contacted the customer.
    Done(FollowUpOutcome),
}

impl FollowUp {
    /// The state after an attempt.
    #[must_use]
    pub const fn after(outcome: FollowUpOutcome) -> Self {
        match outcome {
            FollowUpOutcome::NotReached => Self::NotReached,
            FollowUpOutcome::Settled | FollowUpOutcome::NotSettled => Self::Done(outcome),
        }
    }

    /// Whether the customer must still be contacted.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::NotReached)
    }

    /// The codes of state and outcome in the database.
    #[must_use]
    pub const fn codes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Open => ("open", None),
            Self::NotReached => ("open", Some(FollowUpOutcome::NotReached.code())),
            Self::Done(outcome) => ("done", Some(outcome.code())),
        }
    }
}

/// One cycle of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRound {
    /// Number of the cycle, from 1.
    pub cycle: u32,
    /// The questions.
    pub questionnaire: Questionnaire,
    /// The member of the staff who had resolved the case by then. Results count under them, whoever resolves it later.
    pub resolver: Option<Handler>,
    /// When the survey opened.
    pub since: Instant,
    /// The first instant at which it can no longer be answered.
    pub until: Instant,
    /// Number of failed calls.
    pub attempts: u32,
    /// Time of the next call.
    pub turn: Instant,
    /// The end; `None` while the survey is open.
    pub ended: Option<Ended>,
    /// The follow-up, if there is one.
    pub follow_up: Option<FollowUp>,
}

/// The survey of a case, and the people who must not call for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    cycles: u32,
    asked: Option<SurveyRound>,
    workers: BTreeSet<PersonId>,
    /// The member of the staff who resolved the case last.
    resolver: Option<Handler>,
}

impl Survey {
    /// Adds the next entry of the case's history.
    pub(crate) fn evolve(&mut self, recorded: &Recorded) {
        let Event::Survey(event) = &recorded.event else {
            self.worked(recorded);
            if let Event::Reopened { .. } = recorded.event {
                // A customer who has answered or refused is not asked about the same case again.
                self.asked.take_if(|asked| matches!(asked.ended, None | Some(Ended::Lapsed { .. })));
            }
            return;
        };
        if let SurveyEvent::FellDue { cycle, questionnaire, until } = event {
            self.cycles = *cycle;
            self.asked = Some(SurveyRound {
                cycle: *cycle,
                questionnaire: (**questionnaire).clone(),
                resolver: self.resolver.clone(),
                since: recorded.at,
                until: *until,
                attempts: 0,
                turn: recorded.at,
                ended: None,
                follow_up: None,
            });
        } else if let Some(asked) = &mut self.asked {
            asked.evolve(recorded.at, event);
        }
    }

    fn worked(&mut self, recorded: &Recorded) {
        let Author::Staff { id, name } = &recorded.by else { return };
        self.workers.insert(*id);
        if let Event::Resolved { .. } = recorded.event {
            self.resolver = Some(Handler { id: *id, name: name.clone() });
        }
    }

    /// The latest cycle, open or ended.
    #[must_use]
    pub const fn asked(&self) -> Option<&SurveyRound> {
        self.asked.as_ref()
    }

    /// Number of cycles so far.
    #[must_use]
    pub const fn cycles(&self) -> u32 {
        self.cycles
    }

    /// Whether a person worked on the case, so that they must not call for its survey. Calls of the survey itself do
    /// not count.
    #[must_use]
    pub fn was_worked_by(&self, person: PersonId) -> bool {
        self.workers.contains(&person)
    }

    /// All members of the staff who worked on the case.
    pub fn workers(&self) -> impl Iterator<Item = PersonId> {
        self.workers.iter().copied()
    }
}

impl SurveyRound {
    fn evolve(&mut self, at: Instant, event: &SurveyEvent) {
        match event {
            SurveyEvent::FellDue { .. } => {}
            SurveyEvent::Attempted { again, .. } => {
                self.attempts += 1;
                self.turn = *again;
            }
            SurveyEvent::CallBackAgreed { at, .. } => self.turn = *at,
            SurveyEvent::Refused { .. } => self.ended = Some(Ended::Refused { at }),
            SurveyEvent::Answered { answers, way } => {
                self.ended = Some(Ended::Answered { answers: answers.clone(), way: way.clone(), at });
            }
            SurveyEvent::Lapsed => self.ended = Some(Ended::Lapsed { at }),
            SurveyEvent::FollowUpOpened => self.follow_up = Some(FollowUp::Open),
            SurveyEvent::FollowedUp { outcome, .. } => self.follow_up = Some(FollowUp::after(*outcome)),
        }
    }

    /// The answers, if there are any.
    #[must_use]
    pub const fn answers(&self) -> Option<&Answers> {
        match &self.ended {
            Some(Ended::Answered { answers, .. }) => Some(answers),
            _ => None,
        }
    }
}
