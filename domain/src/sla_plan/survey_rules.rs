//! Survey rules of a plan: when and for how long customers are asked, and which answers open a follow-up.

use serde::{Deserialize, Serialize};

use crate::calendar::ServiceHours;
use crate::questionnaire::{HIGHEST_NPS, HIGHEST_SCALE, Questionnaire, QuestionnaireId};
use crate::time::Instant;

/// Which answers open a follow-up for a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowScore {
    /// The highest mark from 1 to 5 that opens one.
    pub scale_at_most: u8,
    /// The highest mark for "would you recommend us" that opens one; `None` when none does.
    pub recommend_at_most: Option<u8>,
}

impl Default for LowScore {
    /// Any mark of 1 or 2, or a recommendation of 4 or less.
    fn default() -> Self {
        Self { scale_at_most: 2, recommend_at_most: Some(4) }
    }
}

/// The rules of the survey, in business days at the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurveyRules {
    /// The business day after closing on which the survey opens, at opening time; 0 for at once.
    pub due_days: u32,
    /// Number of business days on which it can be answered.
    pub open_days: u32,
    /// Time until the next call after a failed one, in seconds.
    pub retry_s: i64,
    /// Which answers open a follow-up.
    pub low: LowScore,
    /// The questions; `None` for the default ones. A case has those of its opening.
    pub questionnaire: Option<Questionnaire>,
    /// The questionnaire that the plan asks, of which a case gets the version in force at its opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<QuestionnaireId>,
}

impl Default for SurveyRules {
    /// Opens two business days after closing, stays open for fifteen, and calls again after four hours.
    fn default() -> Self {
        Self {
            due_days: 2,
            open_days: 15,
            retry_s: 4 * 3600,
            low: LowScore::default(),
            questionnaire: None,
            asks: None,
        }
    }
}

impl SurveyRules {
    /// Whether the rules are consistent: time to answer and to call again, and marks that exist.
    #[must_use]
    pub fn hold(&self) -> bool {
        let recommend = self.low.recommend_at_most.is_none_or(|most| most <= HIGHEST_NPS);
        self.open_days > 0
            && self.open_days <= 250
            && self.due_days <= 250
            && self.retry_s > 0
            && self.low.scale_at_most <= HIGHEST_SCALE
            && recommend
    }

    /// When the survey of a case closed at `closed` opens: within service hours, so that a call is possible.
    #[must_use]
    pub fn due(&self, closed: Instant, hours: &ServiceHours) -> Instant {
        let Some(days_before) = self.due_days.checked_sub(1) else { return closed };
        let eve = hours.business_days_after(closed, days_before);
        hours.spans.next_opening(eve).unwrap_or(eve)
    }
}
