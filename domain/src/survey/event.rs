//! Events of a survey.

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use crate::case::AttemptOutcome;
use crate::questionnaire::Questionnaire;
use crate::text::{Note, PersonName, Reason};
use crate::time::Instant;

/// How answers reached the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A member of the staff asked by telephone and recorded the answers.
    Telephone {
        /// Full name of the person who answered.
        who: PersonName,
    },
    /// The customer answered by the survey's link.
    Link,
}

impl Way {
    /// The way's code in the database.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Telephone { .. } => "telephone",
            Self::Link => "link",
        }
    }
}

choices! {
    /// Outcome of a follow-up after a low score.
    pub enum FollowUpOutcome: "survey.outcome" {
        /// The customer was contacted and is satisfied now.
        Settled = "settled",
        /// The customer was contacted and is still not satisfied.
        NotSettled = "not_settled",
        /// The customer was not reached, so the follow-up remains open.
        NotReached = "not_reached",
    }
}

/// An event of the survey of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyEvent {
    /// The survey opened. The mail with the link goes out, and the case enters the call queue.
    FellDue {
        /// Number of the cycle: 1, and one more for each closing after a reopening.
        cycle: u32,
        /// The questions.
        questionnaire: Box<Questionnaire>,
        /// The first instant at which the survey can no longer be answered.
        until: Instant,
    },
    /// A call failed to reach the customer.
    Attempted {
        /// Why the call failed.
        outcome: AttemptOutcome,
        /// Time of the next call.
        again: Instant,
    },
    /// The customer asked for a call at another time.
    CallBackAgreed {
        /// Time of that call.
        at: Instant,
        /// A remark.
        note: Option<Reason>,
    },
    /// The customer refused to answer. This case's survey is not opened again.
    Refused {
        /// The customer's reason, if they gave one.
        note: Option<Reason>,
    },
    /// The customer answered.
    Answered {
        /// The answers.
        answers: Answers,
        /// Whether the answers came by link or by telephone.
        way: Way,
    },
    /// The survey's time ended without an answer.
    Lapsed,
    /// A follow-up opened: the score is low, or a failed solution was never confirmed. A supervisor must contact the
    /// customer.
    FollowUpOpened,
    /// A supervisor recorded the outcome of a follow-up.
    FollowedUp {
        /// The outcome.
        outcome: FollowUpOutcome,
        /// What was said and done.
        note: Note,
    },
}

impl SurveyEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::FellDue { .. } => "survey:fell_due",
            Self::Attempted { .. } => "survey:attempted",
            Self::CallBackAgreed { .. } => "survey:call_back_agreed",
            Self::Refused { .. } => "survey:refused",
            Self::Answered { .. } => "survey:answered",
            Self::Lapsed => "survey:lapsed",
            Self::FollowUpOpened => "survey:follow_up_opened",
            Self::FollowedUp { .. } => "survey:followed_up",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::FellDue { .. } => "survey.event.fell_due",
            Self::Attempted { .. } => "survey.event.attempted",
            Self::CallBackAgreed { .. } => "survey.event.call_back",
            Self::Refused { .. } => "survey.event.refused",
            Self::Answered { .. } => "survey.event.answered",
            Self::Lapsed => "survey.event.lapsed",
            Self::FollowUpOpened => "survey.event.follow_up_opened",
            Self::FollowedUp { .. } => "survey.event.followed_up",
        }
    }
}
