//! When customers are asked, for how long, and which answers somebody must look after: part of a plan's terms.

use serde::{Deserialize, Serialize};

use crate::calendar::ServiceHours;
use crate::questionnaire::{HIGHEST_NPS, HIGHEST_SCALE, Questionnaire};
use crate::time::Instant;

/// Which answers open a follow-up for a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowScore {
    /// Any mark from 1 to 5 that is not above this.
    pub scale_at_most: u8,
    /// A mark for "would you recommend us" that is not above this; `None` when it opens none.
    pub recommend_at_most: Option<u8>,
}

impl Default for LowScore {
    /// A 1 or a 2 anywhere, or 4 and less for recommending.
    fn default() -> Self {
        Self { scale_at_most: 2, recommend_at_most: Some(4) }
    }
}

/// The rules of the survey, in business days at the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurveyRules {
    /// On which business day after closing the survey falls due, at its opening hour; 0 for at once.
    pub due_days: u32,
    /// For how many business days it can be answered.
    pub open_days: u32,
    /// After how many seconds somebody who was not reached is called again.
    pub retry_s: i64,
    /// Which answers open a follow-up.
    pub low: LowScore,
    /// What is asked; `None` for the desk's standing questions.
    pub questionnaire: Option<Questionnaire>,
}

impl Default for SurveyRules {
    /// Asked two business days after closing and for fifteen, called again after four hours.
    fn default() -> Self {
        Self { due_days: 2, open_days: 15, retry_s: 4 * 3600, low: LowScore::default(), questionnaire: None }
    }
}

impl SurveyRules {
    /// Whether they can be kept: some time to answer and to call again, and marks that exist.
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

    /// When the survey of a case that was closed at `closed` falls due: in service hours, so that somebody can call.
    #[must_use]
    pub fn due(&self, closed: Instant, hours: &ServiceHours) -> Instant {
        let Some(days_before) = self.due_days.checked_sub(1) else { return closed };
        let eve = hours.business_days_after(closed, days_before);
        hours.spans.next_opening(eve).unwrap_or(eve)
    }
}
