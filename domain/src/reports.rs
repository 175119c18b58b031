//! Reports for supervisors: the types that cross the wire.

mod sla_report;
mod survey_results;

use serde::{Deserialize, Serialize};

use crate::calendar::{Period, ZoneView};
use crate::case::{Answered, PauseReason};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::page::Page;
use crate::time::Instant;

pub use sla_report::{
    BreachList, BreachRow, CaseVolume, CaseVolumes, Days, Figures, Histogram, KindFigures, Late, MAX_DAYS,
    Share, SlaReport, SlaReportFilter, SlaRow, SlaTotals,
};
pub use survey_results::{Dimension, ResultLine, SurveyResults};

/// Filter of wait overlaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlapFilter {
    /// Months of the customer's answers, by the calendar of the site.
    pub period: Period,
    /// One reason of pauses; `None` for all.
    pub reason: Option<PauseReason>,
}

/// A pause that continued after the customer had answered. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlapRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Country of the site.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Reason of the pause.
    pub reason: PauseReason,
    /// Author of the pause; empty when it is no member of the staff.
    pub set_by: String,
    /// Beginning of the pause.
    pub from: Instant,
    /// Time of the customer's answer.
    pub answered_at: Instant,
    /// The way of the answer.
    pub answer: Answered,
    /// End of the pause; the expected one while it lasts.
    pub to: Instant,
    /// Business seconds from the answer to the end, or to now while it lasts.
    pub overlap_s: i64,
    /// The time at the site.
    pub zone: ZoneView,
}

impl OverlapRow {
    /// Whether the pause still lasts.
    #[must_use]
    pub fn lasts(&self, now: Instant) -> bool {
        now < self.to
    }
}

/// A page of wait overlaps, the latest answer first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlapList {
    /// The filter.
    pub filter: OverlapFilter,
    /// The overlaps.
    pub page: Page<OverlapRow>,
    /// The server's time.
    pub now: Instant,
}
