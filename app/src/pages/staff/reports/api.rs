//! What the reports' pages ask of the server, and the files that it gives.

use domain::case::PauseReason;
use domain::reports::OverlapList;
use domain::survey::Period;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// A page of the waits that ran on after an answer; of the latest twelve months when no period is named.
#[server(prefix = "/api", endpoint = "pauses_report", protocol = Wire)]
pub(super) async fn read_pauses(
    period: Option<Period>,
    reason: Option<PauseReason>,
    page: u32,
) -> Result<OverlapList, AppError> {
    let asked = crate::pages::staff::staff_asked()?;
    let filter = ssr::filter(&asked, period, reason)?;
    desk::reports::overlaps(&asked.desk, &asked.actor, filter, page).await.map_err(ssr::told)
}

#[cfg(feature = "ssr")]
pub use ssr::pauses_csv;

#[cfg(feature = "ssr")]
mod ssr {
    use desk::reports::ReportError;
    use domain::case::{PauseReason, Refusal};
    use domain::reports::OverlapFilter;
    use domain::survey::Period;

    use super::super::pauses::wanted;
    use crate::AppError;
    use crate::request::{Asked, internal, refuse};

    pub(super) fn filter(
        asked: &Asked,
        period: Option<Period>,
        reason: Option<PauseReason>,
    ) -> Result<OverlapFilter, AppError> {
        let period = period.or_else(|| desk::survey::latest_months(asked.desk.now()));
        let period = period.ok_or_else(|| internal("the clock shows no month"))?;
        Ok(OverlapFilter { period, reason })
    }

    pub(super) fn told(error: ReportError) -> AppError {
        match error {
            ReportError::NotPermitted(refused) => refuse(AppError::Refused(Refusal::NotPermitted(refused))),
            ReportError::Store(error) => internal(error),
        }
    }

    /// The report as a file, for the filter that an address names.
    ///
    /// # Errors
    /// When it may not be read, the filter is none, or the database does not answer.
    pub async fn pauses_csv(asked: &Asked, query: &[(String, String)]) -> Result<String, AppError> {
        let (period, reason, _) =
            wanted(|name| query.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()));
        let filter = filter(asked, period, reason)?;
        desk::reports::overlaps_csv(&asked.desk, &asked.actor, filter, asked.language).await.map_err(told)
    }
}
