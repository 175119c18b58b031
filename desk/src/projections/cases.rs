//! The rows of cases for lists and walls, projected from their histories.

use std::sync::LazyLock;

use domain::calendar::ServiceHours;
use domain::case::{Assignee, Band, Case, Correction, Rank, Recorded, ServiceHoursRef};
use domain::contract_number::ContractNumber;
use domain::time::Instant;
use domain::view::CaseBadge;
use sqlx::AssertSqlSafe;

use super::case_row::CURRENT;
use super::ranks::fault;
use crate::contracts::labels::Labels;
use crate::contracts::register::site_under;
use crate::store::{Statement, StoreError, Table, Tx};

/// Sorts after every due time: cases without an open target.
const NEVER_DUE: i64 = i64::MAX;

/// The part of a case's row that changes with its history.
pub(crate) struct Summary {
    pub(crate) clocks: String,
    /// The moment of the case's rank in its band.
    pub(crate) due_utc_s: i64,
    /// Its sort key, as of the moment of the summary.
    pub(crate) sort_key: i64,
    pub(crate) alarm_utc_s: Option<i64>,
    pub(crate) is_open: i64,
}

pub(crate) fn summary(case: &Case, hours: &ServiceHours, now: Instant) -> Result<Summary, StoreError> {
    let clocks = case.clocks(&hours.spans, now);
    let rank = Rank::of(&clocks, &hours.spans, now);
    Ok(Summary {
        due_utc_s: if rank.band == Band::Done { NEVER_DUE } else { rank.at.0 },
        sort_key: rank.sort_key(case.priority()),
        alarm_utc_s: case.next_run(hours, now).map(|at| at.0),
        is_open: i64::from(case.status().is_open()),
        clocks: serde_json::to_string(&clocks).map_err(|error| StoreError::inconsistent("cases", error))?,
    })
}

/// The table of cases, the [`CURRENT`] columns last.
pub(crate) static CASES: LazyLock<Table> = LazyLock::new(|| {
    let current = CURRENT.map(|column| column.name).join(", ");
    let head = format!(
        "INSERT INTO cases (number, seq, submission_key, country, coverage, customer, platform, equipment,
                            contract_number, serial, opened_utc_s, calendar_id, calendar_version, zone, clocks, is_open,
                            due_utc_s, sort_key, alarm_utc_s, fault, site_id, place, {current})"
    );
    Table { head: head.leak(), columns: 22 + CURRENT.len(), tail: "" }
});

/// The row of a case that is opened.
pub(crate) struct NewCase<'a> {
    pub(crate) case: &'a Case,
    pub(crate) labels: Labels,
    pub(crate) summary: Summary,
    pub(crate) submission_key: &'a str,
    /// Sequence number of its opening.
    pub(crate) seq: i64,
}

impl NewCase<'_> {
    pub(crate) fn bind(statement: Statement, new: &Self) -> Statement {
        let Self { case, labels, summary, submission_key, seq } = new;
        let opening = &case.opening;
        let ServiceHoursRef { calendar, version, zone } = &opening.hours;
        let statement = statement
            .bind(opening.number.as_compact())
            .bind(*seq)
            .bind(*submission_key)
            .bind(opening.report.country.code())
            .bind(opening.coverage.code())
            .bind(labels.customer.as_str())
            .bind(opening.report.platform.code())
            .bind(labels.equipment.as_str())
            .bind(opening.report.contract.as_ref().map_or("", ContractNumber::as_str))
            .bind(opening.report.serial.as_str())
            .bind(case.opened_at.0)
            .bind(calendar.0)
            .bind(i64::from(*version))
            .bind(zone.as_str())
            .bind(summary.clocks.as_str())
            .bind(summary.is_open)
            .bind(summary.due_utc_s)
            .bind(summary.sort_key)
            .bind(summary.alarm_utc_s)
            .bind(fault(case))
            .bind(labels.site.as_ref().map(|site| site.id.0))
            .bind(labels.place(&opening.report.location));
        CURRENT.iter().fold(statement, |statement, column| (column.bind)(statement, case))
    }
}

/// The statement that updates a case's row, the [`CURRENT`] columns last.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let places = (11..).zip(&CURRENT).map(|(place, column)| format!("{} = ${place}", column.name));
    let current = places.collect::<Vec<_>>().join(", ");
    format!(
        "UPDATE cases SET seq = $2, clocks = $3, is_open = $4, due_utc_s = $5, alarm_utc_s = $6, first_priority = $7,
                          sort_key = $8, fault = $9,
                          place = CASE WHEN site_id IS NULL THEN $10 ELSE place END,
                          {current}
         WHERE number = $1"
    )
});

/// Projects the row of a case from its history.
pub(crate) async fn update_row(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    now: Instant,
    seq: i64,
) -> Result<(), StoreError> {
    let Summary { clocks, due_utc_s, sort_key, alarm_utc_s, is_open } = summary(case, hours, now)?;
    let statement = sqlx::query(AssertSqlSafe(UPDATE.as_str()))
        .bind(case.opening.number.as_compact())
        .bind(seq)
        .bind(clocks)
        .bind(is_open)
        .bind(due_utc_s)
        .bind(alarm_utc_s)
        .bind(case.opening.priority.code())
        .bind(sort_key)
        .bind(fault(case))
        .bind(case.opening.report.location.as_str().to_owned());
    let statement = CURRENT.iter().fold(statement, |statement, column| (column.bind)(statement, case));
    let done = statement.execute(tx.connection()).await?;
    match done.rows_affected() {
        1 => Ok(()),
        rows => Err(StoreError::inconsistent("cases", format!("{rows} rows for {}", case.opening.number))),
    }
}

/// Updates what a case's row repeats of its texts, after they were erased from its history. Clocks and ranks do not depend on them.
pub(crate) async fn write_texts(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let places = (4..).zip(&CURRENT).map(|(place, column)| format!("{} = ${place}", column.name));
    let current = places.collect::<Vec<_>>().join(", ");
    let text = format!(
        "UPDATE cases SET fault = $2, place = CASE WHEN site_id IS NULL THEN $3 ELSE place END, {current}
         WHERE number = $1"
    );
    let statement = sqlx::query(AssertSqlSafe(text))
        .bind(case.opening.number.as_compact())
        .bind(fault(case))
        .bind(case.opening.report.location.as_str().to_owned());
    let statement = CURRENT.iter().fold(statement, |statement, column| (column.bind)(statement, case));
    statement.execute(tx.connection()).await?;
    Ok(())
}

/// Updates the clocks of a case's row after its past changed. The clocks are as of the last entry, the rank and the
/// next run as of `now`.
pub(crate) async fn refresh_clocks(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    history: &[Recorded],
    now: Instant,
) -> Result<(), StoreError> {
    let last = history.last().map_or(case.opened_at, |entry| entry.at);
    let Summary { clocks, .. } = summary(case, hours, last)?;
    let Summary { due_utc_s, sort_key, alarm_utc_s, .. } = summary(case, hours, now.max(last))?;
    sqlx::query(
        "UPDATE cases SET clocks = $2, due_utc_s = $3, sort_key = $4, alarm_utc_s = $5 WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(clocks)
    .bind(due_utc_s)
    .bind(sort_key)
    .bind(alarm_utc_s)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The badge of a row: assignee and unanswered message.
pub(crate) fn badge(case: &Case) -> CaseBadge {
    CaseBadge { assignee: case.assignee().cloned(), unanswered: case.unanswered() }
}

/// Projects the badge of a case's row.
pub(crate) async fn write_badge(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let CaseBadge { assignee, unanswered } = badge(case);
    let (id, name) = assignee.map_or((0, String::new()), |Assignee { id, name }| (id.0, name));
    sqlx::query("UPDATE cases SET holder_id = $2, holder_name = $3, unanswered_utc_s = $4 WHERE number = $1")
        .bind(case.opening.number.as_compact())
        .bind(id)
        .bind(name)
        .bind(unanswered.map(|at| at.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Projects contract, plan and hours of a case's row after a correction.
pub(crate) async fn write_contract(tx: &mut Tx, case: &Case, right: &Correction) -> Result<(), StoreError> {
    let Correction { to, resolved, .. } = right;
    let site = site_under(tx.connection(), to.contract.as_ref(), &to.serial).await?;
    let labels = Labels { customer: resolved.customer.clone(), equipment: resolved.equipment.clone(), site };
    sqlx::query(
        "UPDATE cases SET contract_number = $2, serial = $3, coverage = $4, customer = $5, equipment = $6,
                          calendar_id = $7, calendar_version = $8, zone = $9, site_id = $10, place = $11
         WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(to.contract.as_ref().map_or("", ContractNumber::as_str))
    .bind(to.serial.as_str())
    .bind(resolved.coverage.code())
    .bind(&labels.customer)
    .bind(&labels.equipment)
    .bind(resolved.hours.calendar.0)
    .bind(i64::from(resolved.hours.version))
    .bind(&resolved.hours.zone)
    .bind(labels.site.as_ref().map(|site| site.id.0))
    .bind(labels.place(&case.opening.report.location))
    .execute(tx.connection())
    .await?;
    Ok(())
}
