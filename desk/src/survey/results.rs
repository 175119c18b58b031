//! Results of surveys by month, country, plan, agent and technician.

use domain::actor::{Action, Actor, Subject, may};
use domain::calendar::{Month, Period};
use domain::reports::{Dimension, ResultLine, SurveyResults};
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::store::StoreError;

/// The counts of a group: one row per group, of the surveys that opened in a period.
macro_rules! counted {
    ($group:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $group,
            " AS grouped, COUNT(*) AS asked,
              COUNT(CASE WHEN state = 'answered' THEN 1 END) AS answered,
              COUNT(CASE WHEN state = 'refused' THEN 1 END) AS refused,
              CAST(COALESCE(SUM(score), 0) AS BIGINT) AS scores, COUNT(score) AS scored,
              COUNT(CASE WHEN recommend >= 9 THEN 1 END) AS promoters,
              COUNT(CASE WHEN recommend <= 6 THEN 1 END) AS detractors, COUNT(recommend) AS marks
             FROM surveys WHERE month BETWEEN $1 AND $2 ",
            $rest
        )
    };
}

const fn query(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Month => counted!("month", "GROUP BY month ORDER BY month"),
        Dimension::Country => counted!("country", "GROUP BY country ORDER BY country"),
        Dimension::Plan => counted!("plan", "GROUP BY plan ORDER BY plan"),
        // Grouped by id: two people may share a name, and one may change theirs.
        Dimension::Agent => counted!("MAX(agent)", "GROUP BY agent_id ORDER BY MAX(agent), agent_id"),
        Dimension::Technician => counted!(
            "MAX(technician)",
            "AND technician_id IS NOT NULL GROUP BY technician_id ORDER BY MAX(technician), technician_id"
        ),
    }
}

/// The results of the surveys that opened in a period.
///
/// # Errors
/// See [`DeskError`].
pub async fn survey_results(desk: &Desk, actor: &Actor, period: Period) -> Result<SurveyResults, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let total = lines(&mut reader, counted!("''", ""), period).await?.pop().unwrap_or_default();
    let mut by = Vec::with_capacity(Dimension::ALL.len());
    for dimension in Dimension::ALL {
        by.push((dimension, lines(&mut reader, query(dimension), period).await?));
    }
    Ok(SurveyResults { period, total, by })
}

async fn lines(
    reader: &mut AnyConnection,
    sql: &'static str,
    period: Period,
) -> Result<Vec<ResultLine>, StoreError> {
    let rows =
        sqlx::query(sql).bind(period.from.to_string()).bind(period.to.to_string()).fetch_all(reader).await?;
    rows.iter().map(line).collect()
}

fn line(row: &AnyRow) -> Result<ResultLine, StoreError> {
    Ok(ResultLine {
        group: row.try_get("grouped")?,
        asked: row.try_get("asked")?,
        answered: row.try_get("answered")?,
        refused: row.try_get("refused")?,
        scores: (row.try_get("scores")?, row.try_get("scored")?),
        marks: (row.try_get("promoters")?, row.try_get("detractors")?, row.try_get("marks")?),
    })
}

/// The twelve months up to `now` by UTC, as the default period.
#[must_use]
pub fn latest_months(now: Instant) -> Option<Period> {
    let utc = domain::calendar::ZoneView { name: "UTC".to_owned(), offset_s: 0, changes: Vec::new() };
    // A site in the east may be a day ahead.
    let to = Month::of(&utc, now.plus(14 * 3600))?;
    Some(Period { from: to.back(11), to })
}
