//! The fold of a case's history into its survey.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::event::{FollowUpOutcome, SurveyEvent, Way};
use crate::actor::PersonId;
use crate::case::{Author, Event, Recorded};
use crate::questionnaire::Questionnaire;
use crate::time::Instant;

/// Somebody of the staff, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handler {
    /// Identifies the member of the staff.
    pub id: PersonId,
    /// Name of the member of the staff at that time.
    pub name: String,
}

/// How a survey came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The customer answered.
    Answered {
        /// What the customer answered, question by question.
        answers: Answers,
        /// Whether the answers came by link or by telephone.
        way: Way,
        /// When the answers were given.
        at: Instant,
    },
    /// The customer does not want to answer.
    Refused {
        /// When the customer refused to answer.
        at: Instant,
    },
    /// Nobody answered in time.
    Lapsed {
        /// When the time for answering was over.
        at: Instant,
    },
}

/// What became of a customer who is not content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// A supervisor must speak with them.
    Open,
    /// A supervisor tried and did not reach them: somebody still must.
    NotReached,
    /// A supervisor has spoken with them.
    Done(FollowUpOutcome),
}

impl FollowUp {
    /// What an attempt at it comes to.
    #[must_use]
    pub const fn after(outcome: FollowUpOutcome) -> Self {
        match outcome {
            FollowUpOutcome::NotReached => Self::NotReached,
            FollowUpOutcome::Settled | FollowUpOutcome::NotSettled => Self::Done(outcome),
        }
    }

    /// Whether somebody must speak with the customer still.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::NotReached)
    }

    /// The codes in the database of where it stands, and of what came of it so far.
    #[must_use]
    pub const fn codes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Open => ("open", None),
            Self::NotReached => ("open", Some(FollowUpOutcome::NotReached.code())),
            Self::Done(outcome) => ("done", Some(outcome.code())),
        }
    }
}

/// A survey that fell due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyRound {
    /// 1 for the first time that the case's survey fell due.
    pub cycle: u32,
    /// What is asked.
    pub questionnaire: Questionnaire,
    /// Who had resolved the case then: whom results are counted under, whoever resolves it later.
    pub resolver: Option<Handler>,
    /// When it fell due.
    pub since: Instant,
    /// The first instant at which it can no longer be answered.
    pub until: Instant,
    /// How often somebody called in vain.
    pub attempts: u32,
    /// When the customer is to be called next.
    pub turn: Instant,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
    /// What became of a customer who is not content, if they are known to be that.
    pub follow_up: Option<FollowUp>,
}

/// The survey of a case: whether the customer is being asked, and who must not ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    cycles: u32,
    asked: Option<SurveyRound>,
    workers: BTreeSet<PersonId>,
    /// Who resolved the case last.
    resolver: Option<Handler>,
}

impl Survey {
    /// Adds the next entry of the case's history.
    pub(crate) fn evolve(&mut self, recorded: &Recorded) {
        let Event::Survey(event) = &recorded.event else {
            self.worked(recorded);
            if let Event::Reopened { .. } = recorded.event {
                // Who has answered or refused is not asked about the same case again.
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

    /// The survey that fell due after the latest closing, whether it has ended or not.
    #[must_use]
    pub const fn asked(&self) -> Option<&SurveyRound> {
        self.asked.as_ref()
    }

    /// How often the survey fell due so far.
    #[must_use]
    pub const fn cycles(&self) -> u32 {
        self.cycles
    }

    /// Whether somebody worked on the case: they must not ask how it went. Calls of the survey itself are no such work.
    #[must_use]
    pub fn was_worked_by(&self, person: PersonId) -> bool {
        self.workers.contains(&person)
    }

    /// Everybody of the staff who worked on the case.
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

    /// What was answered, if anything was.
    #[must_use]
    pub const fn answers(&self) -> Option<&Answers> {
        match &self.ended {
            Some(Ended::Answered { answers, .. }) => Some(answers),
            _ => None,
        }
    }
}
