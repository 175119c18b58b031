//! What supervisors are shown of the desk's work: the shapes that cross the wire.

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

/// Which waits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlapFilter {
    /// The months in which the customer answered, by the calendar of the site.
    pub period: Period,
    /// Waits for one reason alone.
    pub reason: Option<PauseReason>,
}

/// A wait that ran on after the customer had answered. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlapRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Where its site is.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// What was waited for.
    pub reason: PauseReason,
    /// Who of the staff set the wait; empty when nobody did.
    pub set_by: String,
    /// When the case was put on hold.
    pub from: Instant,
    /// When the customer answered.
    pub answered_at: Instant,
    /// The way in which the customer answered.
    pub answer: Answered,
    /// The end of the wait; the expected one while it lasts.
    pub to: Instant,
    /// Business seconds from the answer to the end, or to now while it lasts.
    pub overlap_s: i64,
    /// The time at the site.
    pub zone: ZoneView,
}

impl OverlapRow {
    /// Whether the wait is still on.
    #[must_use]
    pub fn lasts(&self, now: Instant) -> bool {
        now < self.to
    }
}

/// A page of such waits, the latest answer first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlapList {
    /// What was asked for.
    pub filter: OverlapFilter,
    /// The waits.
    pub page: Page<OverlapRow>,
    /// The server's time.
    pub now: Instant,
}
