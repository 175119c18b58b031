//! What can happen to a survey.

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
    /// Somebody of the staff asked over the telephone and wrote them down.
    Telephone {
        /// Full name of the person who answered the call.
        who: PersonName,
    },
    /// The customer, alone, by the survey's link.
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
    /// What a supervisor came to, after a low score.
    pub enum FollowUpOutcome: "survey.outcome" {
        /// The customer was spoken with, and is content now.
        Settled = "settled",
        /// The customer was spoken with, and is still not content.
        NotSettled = "not_settled",
        /// The customer was not reached: somebody must try again.
        NotReached = "not_reached",
    }
}

/// Something that happened to the survey of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyEvent {
    /// The customer is asked from now on: the mail with the link goes out, and the case stands in the call queue.
    FellDue {
        /// 1 for the first time that it fell due, one more for each closing after a reopening.
        cycle: u32,
        /// What is asked.
        questionnaire: Box<Questionnaire>,
        /// The first instant at which it can no longer be answered.
        until: Instant,
    },
    /// Somebody called and did not reach the customer.
    Attempted {
        /// Why it came to nothing.
        outcome: AttemptOutcome,
        /// When to call again.
        again: Instant,
    },
    /// The customer wants to be called at another time.
    CallBackAgreed {
        /// When the customer wants to be called.
        at: Instant,
        /// What else is worth knowing.
        note: Option<Reason>,
    },
    /// The customer does not want to answer. They are not asked again about this case.
    Refused {
        /// Why, if they said so.
        note: Option<Reason>,
    },
    /// The customer answered.
    Answered {
        /// What the customer answered, question by question.
        answers: Answers,
        /// Whether the answers came by link or by telephone.
        way: Way,
    },
    /// The time for answering is over.
    Lapsed,
    /// What was answered is low, or a solution had failed the customer and nobody reached them since: a supervisor must ask
    /// what went wrong.
    FollowUpOpened,
    /// A supervisor has looked after it, or tried to.
    FollowedUp {
        /// What came of it.
        outcome: FollowUpOutcome,
        /// What was said and done.
        note: Note,
    },
}

impl SurveyEvent {
    /// The event's kind, as it stands beside the entry: the tags of its stored form.
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
