//! Server functions of the reports' pages, and their CSV files.

use domain::calendar::Period;
use domain::case::PauseReason;
use domain::reports::{BreachList, OverlapList, SlaReport};
use domain::sla_plan::SlaMetric;
use leptos::prelude::*;

use super::query::ReportQuery;
use crate::AppError;
use crate::wire::Wire;

/// A page of waits that ran on after an answer; of the latest twelve months when no period is given.
#[server(prefix = "/api", endpoint = "pauses_report", protocol = Wire)]
pub(super) async fn read_pauses(
    period: Option<Period>,
    reason: Option<PauseReason>,
    page: u32,
) -> Result<OverlapList, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let filter = ssr::filter(&context, period, reason)?;
    Ok(desk::reports::overlaps(&context.desk, &context.actor, filter, page).await?)
}

/// SLA compliance; of the current month when no days are given.
#[server(prefix = "/api", endpoint = "promises_report", protocol = Wire)]
pub(super) async fn read_sla_report(wanted: ReportQuery) -> Result<SlaReport, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let filter = ssr::kept(&context, wanted)?;
    Ok(desk::reports::sla_report(&context.desk, &context.actor, filter).await?)
}

/// A page of breaches of one target.
#[server(prefix = "/api", endpoint = "promises_missed", protocol = Wire)]
pub(super) async fn read_breaches(
    wanted: ReportQuery,
    kind: SlaMetric,
    page: u32,
) -> Result<BreachList, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let filter = ssr::kept(&context, wanted)?;
    Ok(desk::reports::breaches(&context.desk, &context.actor, filter, kind, page).await?)
}

#[cfg(feature = "ssr")]
pub(super) use ssr::kept;
#[cfg(feature = "ssr")]
pub use ssr::{breaches_csv, causes_csv, pauses_csv, sla_report_csv};

#[cfg(feature = "ssr")]
mod ssr {
    use desk::reports::{Separators, SheetFile, SheetFor};
    use domain::calendar::Period;
    use domain::case::PauseReason;
    use domain::reports::{Days, OverlapFilter, SlaReportFilter};

    use super::super::breaches;
    use super::super::pauses::parse;
    use super::super::query::ReportQuery;
    use crate::AppError;
    use crate::request::RequestContext;

    pub(super) fn filter(
        context: &RequestContext,
        period: Option<Period>,
        reason: Option<PauseReason>,
    ) -> Result<OverlapFilter, AppError> {
        let period = period.or_else(|| desk::survey::latest_months(context.desk.now()));
        let period = period.ok_or_else(|| AppError::internal("the clock shows no month"))?;
        Ok(OverlapFilter { period, reason })
    }

    pub(in super::super) fn kept(
        context: &RequestContext,
        wanted: ReportQuery,
    ) -> Result<SlaReportFilter, AppError> {
        let ReportQuery { days, country, priority, contract } = wanted;
        let days = match days {
            Some(days) => days,
            None => Days::of_month(desk::reports::this_month(&context.desk, country)?),
        };
        Ok(SlaReportFilter { days, country, priority, contract })
    }

    /// Refuses a filter that cannot be parsed, by the key of the reason: without it the file would hold every customer's
    /// figures.
    fn understood(context: &RequestContext, problem: Option<&'static str>) -> Result<(), AppError> {
        problem.map_or(Ok(()), |key| Err(not_understood(context, key)))
    }

    fn not_understood(context: &RequestContext, key: &'static str) -> AppError {
        AppError::Text(domain::t!(context.language, key).into_owned())
    }

    /// The value of a name in a query.
    fn named(query: &[(String, String)]) -> impl Fn(&str) -> Option<String> {
        move |name: &str| query.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    }

    /// SLA compliance as a CSV file, for the filter in an address.
    ///
    /// # Errors
    /// When the actor may not read it, or the database does not answer.
    pub async fn sla_report_csv(
        context: &RequestContext,
        query: &[(String, String)],
        separators: Separators,
    ) -> Result<SheetFile, AppError> {
        let (wanted, problem) = ReportQuery::read(named(query), &context.desk.formats());
        understood(context, problem)?;
        let filter = kept(context, wanted)?;
        let reader = SheetFor { language: context.language, separators };
        Ok(desk::reports::sla_report_csv(&context.desk, &context.actor, filter, reader).await?)
    }

    /// Resolutions by cause as a CSV file, for the filter in an address.
    ///
    /// # Errors
    /// When the actor may not read it, or the database does not answer.
    pub async fn causes_csv(
        context: &RequestContext,
        query: &[(String, String)],
        separators: Separators,
    ) -> Result<SheetFile, AppError> {
        let (wanted, problem) = ReportQuery::read(named(query), &context.desk.formats());
        understood(context, problem)?;
        let filter = kept(context, wanted)?;
        let reader = SheetFor { language: context.language, separators };
        Ok(desk::reports::causes_csv(&context.desk, &context.actor, filter, reader).await?)
    }

    /// Breaches as a CSV file, for the filter in an address.
    ///
    /// # Errors
    /// When the actor may not read them, or the database does not answer.
    pub async fn breaches_csv(
        context: &RequestContext,
        query: &[(String, String)],
        separators: Separators,
    ) -> Result<SheetFile, AppError> {
        let ((wanted, problem), kind, _) = breaches::wanted(named(query), &context.desk.formats());
        understood(context, problem)?;
        let filter = kept(context, wanted)?;
        let reader = SheetFor { language: context.language, separators };
        Ok(desk::reports::breaches_csv(&context.desk, &context.actor, filter, kind, reader).await?)
    }

    /// Waits that ran on after an answer as a CSV file, for the filter in an address.
    ///
    /// # Errors
    /// When the actor may not read it, the filter cannot be parsed, or the database does not answer.
    pub async fn pauses_csv(
        context: &RequestContext,
        query: &[(String, String)],
        separators: Separators,
    ) -> Result<SheetFile, AppError> {
        let (period, reason, _) =
            parse(named(query)).map_err(|_| not_understood(context, "staff.filter.unknown_hint"))?;
        let filter = filter(context, period, reason)?;
        let reader = SheetFor { language: context.language, separators };
        Ok(desk::reports::overlaps_csv(&context.desk, &context.actor, filter, reader).await?)
    }
}
