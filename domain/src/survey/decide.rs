//! The rules that accept or refuse a command about a survey.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::answers::Answers;
use super::event::{FollowUpOutcome, SurveyEvent, Way};
use super::life::{FollowUp, SurveyRound};
use crate::actor::{Action, Actor};
use crate::calendar::ServiceHours;
use crate::case::{AttemptOutcome, Case, CloseReason, Refusal};
use crate::i18n::Language;
use crate::questionnaire::Questionnaire;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::text::{Note, PersonName, Reason};
use crate::time::Instant;

/// Commands about the survey of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyCommand {
    /// Open the survey: the plan's days after closing are over.
    FallDue,
    /// Close the survey without an answer: its time is over.
    Lapse,
    /// Log a failed call.
    LogAttempt {
        /// Why the call failed.
        outcome: AttemptOutcome,
    },
    /// Record when the customer wants to be called.
    CallBack {
        /// When the customer wants to be called.
        at: Instant,
        /// A remark.
        note: Option<Reason>,
    },
    /// Record that the customer refuses to answer.
    Refuse {
        /// The customer's reason, if they gave one.
        note: Option<Reason>,
    },
    /// Record the answers that the customer gives by telephone.
    AnswerByTelephone {
        /// Full name of the person who answers.
        who: PersonName,
        /// The answers.
        answers: Answers,
    },
    /// Answer by the survey's link.
    AnswerByLink {
        /// The survey's cycle that the link was made for.
        cycle: u32,
        /// The answers.
        answers: Answers,
    },
    /// Record the outcome of a follow-up.
    FollowUp {
        /// The outcome.
        outcome: FollowUpOutcome,
        /// What was said and done.
        note: Note,
    },
}

impl SurveyCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::FallDue | Self::Lapse => Action::RunScheduler,
            Self::LogAttempt { .. }
            | Self::CallBack { .. }
            | Self::Refuse { .. }
            | Self::AnswerByTelephone { .. } => Action::Survey,
            Self::AnswerByLink { .. } => Action::AnswerSurvey,
            Self::FollowUp { .. } => Action::FollowUp,
        }
    }
}

/// Why a command about the survey is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyRefusal {
    /// The survey is not open: the case was closed too recently, or was reopened.
    #[error("no survey is due")]
    NotDue,
    /// The survey has ended: answered, refused or lapsed.
    #[error("the survey is over")]
    Over,
    /// The caller worked on the case, so a colleague must call.
    #[error("whoever worked on the case does not survey it")]
    WorkedOnIt,
    /// The call must be in the future and before the end of the survey.
    #[error("the call must lie ahead, and before the end of the survey")]
    CallOutOfTime,
    /// The answers do not fit the questions: load the questions again.
    #[error("the answers do not fit the questions")]
    AnswersDoNotFit,
    /// There is no open follow-up.
    #[error("there is no follow-up")]
    NoFollowUp,
}

impl SurveyRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::NotDue => "survey.refusal.not_due",
            Self::Over => "survey.refusal.over",
            Self::WorkedOnIt => "survey.refusal.worked_on_it",
            Self::CallOutOfTime => "survey.refusal.call_out_of_time",
            Self::AnswersDoNotFit => "survey.refusal.answers_do_not_fit",
            Self::NoFollowUp => "survey.refusal.no_follow_up",
        };
        t!(language, key).into_owned()
    }
}

/// The events of a command about the survey of `case`. The policy has permitted it before.
pub(crate) fn decide(
    case: &Case,
    command: SurveyCommand,
    actor: &Actor,
    hours: &ServiceHours,
    now: Instant,
) -> Result<Vec<SurveyEvent>, Refusal> {
    let rules = case.opening.terms.survey();
    let refused = |why: SurveyRefusal| Err(Refusal::Survey(why));
    match &command {
        SurveyCommand::FallDue => {
            return match case.survey_due(hours) {
                Some(due) if due <= now => Ok(vec![SurveyEvent::FellDue {
                    cycle: case.survey().cycles() + 1,
                    questionnaire: Box::new(
                        rules.questionnaire.clone().unwrap_or_else(Questionnaire::initial),
                    ),
                    until: hours.business_days_after(now, rules.open_days),
                }]),
                _ => refused(SurveyRefusal::NotDue),
            };
        }
        SurveyCommand::FollowUp { outcome, note } => {
            let open = case.survey().asked().and_then(|asked| asked.follow_up).is_some_and(FollowUp::is_open);
            let followed = SurveyEvent::FollowedUp { outcome: *outcome, note: note.clone() };
            return if open { Ok(vec![followed]) } else { refused(SurveyRefusal::NoFollowUp) };
        }
        _ => {}
    }
    let Some(asked) = case.survey().asked() else { return refused(SurveyRefusal::NotDue) };
    if asked.ended.is_some() {
        return refused(SurveyRefusal::Over);
    }
    if let SurveyCommand::Lapse = command {
        return if asked.until <= now {
            let unhappy = case.is_unheard_after_a_failed_solution().then_some(SurveyEvent::FollowUpOpened);
            Ok(std::iter::once(SurveyEvent::Lapsed).chain(unhappy).collect())
        } else {
            refused(SurveyRefusal::NotDue)
        };
    }
    if asked.until <= now {
        return refused(SurveyRefusal::Over);
    }
    if let Actor::Staff(staff) = actor
        && case.survey().was_worked_by(staff.id)
    {
        return refused(SurveyRefusal::WorkedOnIt);
    }
    while_open(case, asked, command, now).map_err(Refusal::Survey)
}

/// The events of a command while the survey is open.
fn while_open(
    case: &Case,
    asked: &SurveyRound,
    command: SurveyCommand,
    now: Instant,
) -> Result<Vec<SurveyEvent>, SurveyRefusal> {
    let rules = case.opening.terms.survey();
    let answered = |answers: Answers, way| {
        if !asked.questionnaire.takes(&answers) {
            return Err(SurveyRefusal::AnswersDoNotFit);
        }
        let low = answers.is_low(&rules.low);
        let mut events = vec![SurveyEvent::Answered { answers, way }];
        events.extend(low.then_some(SurveyEvent::FollowUpOpened));
        Ok(events)
    };
    match command {
        SurveyCommand::LogAttempt { outcome } => {
            Ok(vec![SurveyEvent::Attempted { outcome, again: now.plus(rules.retry_s) }])
        }
        SurveyCommand::CallBack { at, .. } if at <= now || at >= asked.until => {
            Err(SurveyRefusal::CallOutOfTime)
        }
        SurveyCommand::CallBack { at, note } => Ok(vec![SurveyEvent::CallBackAgreed { at, note }]),
        SurveyCommand::Refuse { note } => Ok(vec![SurveyEvent::Refused { note }]),
        SurveyCommand::AnswerByTelephone { who, answers } => answered(answers, Way::Telephone { who }),
        SurveyCommand::AnswerByLink { cycle, .. } if cycle != asked.cycle => Err(SurveyRefusal::NotDue),
        SurveyCommand::AnswerByLink { answers, .. } => answered(answers, Way::Link),
        SurveyCommand::FallDue | SurveyCommand::Lapse | SurveyCommand::FollowUp { .. } => {
            Err(SurveyRefusal::NotDue)
        }
    }
}

impl Case {
    /// Whether a solution failed and the case was closed again unconfirmed, so that the customer's satisfaction is
    /// unknown.
    fn is_unheard_after_a_failed_solution(&self) -> bool {
        let failed = self.past_cycles().iter().any(|track| track.kind == SlaMetric::Resolution);
        failed && self.closed().is_some_and(|closed| closed.reason == CloseReason::Unconfirmed)
    }

    /// When the survey opens; `None` while the case is not closed, and once the survey has opened.
    #[must_use]
    pub fn survey_due(&self, hours: &ServiceHours) -> Option<Instant> {
        let closed = self.closed()?;
        if self.survey().asked().is_some() {
            return None;
        }
        Some(self.opening.terms.survey().due(closed.at, hours))
    }

    /// The scheduler's next command for the survey, and its time.
    pub(crate) fn next_of_survey(&self, hours: &ServiceHours) -> Option<(Instant, SurveyCommand)> {
        match self.survey().asked() {
            None => Some((self.survey_due(hours)?, SurveyCommand::FallDue)),
            Some(asked) if asked.ended.is_none() => Some((asked.until, SurveyCommand::Lapse)),
            Some(_) => None,
        }
    }
}
