//! Results of surveys.

use serde::{Deserialize, Serialize};

use super::sla_report::rounded_share;
use crate::calendar::Period;
use crate::survey::Score;

choices! {
    /// Groups of results.
    pub enum Dimension: "survey.by" {
        /// The month in which customers were asked.
        Month = "month",
        /// The country of the site.
        Country = "country",
        /// The contract's plan.
        Plan = "plan",
        /// The member of the staff who resolved the case.
        Agent = "agent",
        /// The technician who was on site last; cases without a visit are left out.
        Technician = "technician",
    }
}

/// The results of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// The group: a month, a country's code or a name; empty when there is none.
    pub group: String,
    /// Number of surveys.
    pub asked: i64,
    /// Number of answered ones.
    pub answered: i64,
    /// Number of refused ones.
    pub refused: i64,
    /// Sum of all scores in hundredths, and their number.
    pub scores: (i64, i64),
    /// Recommendations of 9 and 10, of 6 and less, and all.
    pub marks: (i64, i64, i64),
}

impl ResultLine {
    /// The mean score.
    #[must_use]
    pub const fn score(&self) -> Option<Score> {
        Score::mean(self.scores.0, self.scores.1)
    }

    /// Answered surveys in per cent.
    #[must_use]
    pub const fn response_percent(&self) -> Option<i64> {
        if self.asked > 0 { Some(rounded_share(self.answered, self.asked, 100)) } else { None }
    }

    /// Net promoter score: from -100 to 100.
    #[must_use]
    pub const fn nps(&self) -> Option<i64> {
        let (promoters, detractors, all) = self.marks;
        let lead = promoters - detractors;
        if all > 0 { Some(lead.signum() * rounded_share(lead.abs(), all, 100)) } else { None }
    }
}

/// The results of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyResults {
    /// The months in which surveys opened.
    pub period: Period,
    /// All of them together.
    pub total: ResultLine,
    /// By group.
    pub by: Vec<(Dimension, Vec<ResultLine>)>,
}
