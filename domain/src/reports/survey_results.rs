//! What came of the surveys of a period.

use serde::{Deserialize, Serialize};

use super::sla_report::rounded_share;
use crate::calendar::Period;
use crate::survey::Score;

choices! {
    /// What results are told apart by.
    pub enum Dimension: "survey.by" {
        /// The month in which customers were asked.
        Month = "month",
        /// The country of the site.
        Country = "country",
        /// The contract's plan.
        Plan = "plan",
        /// Who resolved the case.
        Agent = "agent",
        /// Who was on site last; cases without a visit are left out.
        Technician = "technician",
    }
}

/// What came of the surveys of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// Which group: a month, a country's code, a name; empty when there is none to tell.
    pub group: String,
    /// Customers who were asked.
    pub asked: i64,
    /// Of them, those who answered.
    pub answered: i64,
    /// Of them, those who refused.
    pub refused: i64,
    /// The sum of all scores, in hundredths, and how many there are.
    pub scores: (i64, i64),
    /// Marks of 9 and 10, marks of 6 and less, and all marks for recommending.
    pub marks: (i64, i64, i64),
}

impl ResultLine {
    /// The mean score.
    #[must_use]
    pub const fn score(&self) -> Option<Score> {
        Score::mean(self.scores.0, self.scores.1)
    }

    /// Customers who answered, of a hundred who were asked.
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
    /// The months in which surveys fell due.
    pub period: Period,
    /// All of them together.
    pub total: ResultLine,
    /// The same, told apart.
    pub by: Vec<(Dimension, Vec<ResultLine>)>,
}
