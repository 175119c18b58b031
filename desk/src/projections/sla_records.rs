//! Settled SLA targets, resolutions and reopenings as rows, projected with the history, and written by a backfill for
//! older cases.

use domain::calendar::{ServiceHours, ZoneView};
use domain::case::visit::VisitEvent;
use domain::case::{Case, Event, Recorded, RevisionEvent, SlaCompliance, SlaRecord, Transition, transitions};
use domain::case_number::CaseNumber;
use domain::proof::Counted;
use domain::sla_plan::SlaMetric;
use domain::time;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Older;
use super::cases::refresh_clocks;
use crate::events;
use crate::store::{StoreError, Tx, upsert_all};

/// Projects the rows of a case after `recorded` changed it from `before`.
pub(crate) async fn keep(
    tx: &mut Tx,
    before: &Case,
    case: &Case,
    hours: &ServiceHours,
    recorded: &[Recorded],
    now: time::Instant,
) -> Result<(), StoreError> {
    if recorded.iter().any(|entry| rewrites_past(&entry.event)) {
        // The hours may have changed, or a settling entry was undone.
        let history = events::history(tx.connection(), case.opening.number).await?;
        return write_anew(tx, case, hours, &history, now).await;
    }
    let was = before.settled(&hours.spans, now);
    // Time alone breaches targets: such a breach is written with the next entry.
    let is_new = |settled: &SlaRecord| settled.used_s.is_none() || !was.contains(settled);
    let settled: Vec<SlaRecord> = case.settled(&hours.spans, now).into_iter().filter(is_new).collect();
    write_settled(tx, case, hours, &settled).await?;
    let steps: Vec<Transition> = recorded.iter().filter_map(|entry| Transition::of(entry, case)).collect();
    write_milestones(tx, case, hours, &steps).await
}

/// Whether an entry changes the meaning of earlier ones.
const fn rewrites_past(event: &Event) -> bool {
    matches!(
        event,
        Event::Revision(RevisionEvent::Corrected(_) | RevisionEvent::ContactUndone { .. })
            | Event::Visit {
                what: VisitEvent::ArrivalUndone | VisitEvent::Missed { .. } | VisitEvent::MissUndone,
                ..
            }
    )
}

/// Writes the rows of an older case.
pub(crate) async fn backfill(tx: &mut Tx, older: &Older<'_>, now: time::Instant) -> Result<(), StoreError> {
    let Older { case, history, hours } = older;
    write_anew(tx, case, hours, history, now).await?;
    // Older versions looked at warning levels only. Reports need the time of the breach as well.
    refresh_clocks(tx, case, hours, history, now).await?;
    if case.version > 1 {
        sqlx::query("UPDATE cases SET first_priority = $2 WHERE number = $1")
            .bind(case.opening.number.as_compact())
            .bind(case.opening.priority.code())
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Replaces the rows of a case by those of its whole history.
async fn write_anew(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    history: &[Recorded],
    now: time::Instant,
) -> Result<(), StoreError> {
    for text in
        ["DELETE FROM promises WHERE case_number = $1", "DELETE FROM milestones WHERE case_number = $1"]
    {
        sqlx::query(text).bind(case.opening.number.as_compact()).execute(tx.connection()).await?;
    }
    let steps = transitions(history).map_err(|error| StoreError::inconsistent("case_events", error))?;
    write_settled(tx, case, hours, &case.settled(&hours.spans, now)).await?;
    write_milestones(tx, case, hours, &steps).await
}

async fn write_settled(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    settled: &[SlaRecord],
) -> Result<(), StoreError> {
    let (number, country) = (case.opening.number.as_compact(), case.opening.report.country.code());
    upsert_all(
        tx.connection(),
        "INSERT INTO promises (case_number, clock, cycle, outcome, settled_utc_s, day, country, priority, target_s,
                               used_s, due_utc_s)",
        11,
        "ON CONFLICT (case_number, clock, cycle) DO UPDATE SET
             outcome = excluded.outcome, settled_utc_s = excluded.settled_utc_s, day = excluded.day,
             priority = excluded.priority, target_s = excluded.target_s, used_s = excluded.used_s,
             due_utc_s = excluded.due_utc_s",
        settled,
        |statement, settled| {
            statement
                .bind(number.clone())
                .bind(settled.kind.code())
                .bind(i64::from(settled.cycle))
                .bind(settled.outcome.code())
                .bind(settled.at.0)
                .bind(day(&hours.zone, settled.at))
                .bind(country)
                .bind(settled.priority.code())
                .bind(settled.target_s)
                .bind(settled.used_s)
                .bind(settled.due.map(|due| due.0))
        },
    )
    .await
}

/// The settled targets of a case, as reports count them, with the version of the case then; 0 for a case that is none.
pub(crate) async fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<(i64, Vec<Counted>), StoreError> {
    let rows = sqlx::query(
        "SELECT p.clock, p.cycle, p.outcome, p.settled_utc_s, p.target_s, p.used_s, c.version
         FROM cases c LEFT JOIN promises p ON p.case_number = c.number
         WHERE c.number = $1 ORDER BY p.clock, p.cycle",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let version: Option<i64> = rows.first().map(|row| row.try_get(6)).transpose()?;
    let counted = rows.iter().map(counted).collect::<Result<Vec<_>, _>>()?;
    Ok((version.unwrap_or_default(), counted.into_iter().flatten().collect()))
}

/// A settled target; `None` for the row of a case that has none.
fn counted(row: &AnyRow) -> Result<Option<Counted>, StoreError> {
    let clock: Option<String> = row.try_get(0)?;
    let Some(clock) = clock else { return Ok(None) };
    let (cycle, outcome): (i64, String) = (row.try_get(1)?, row.try_get(2)?);
    let unknown = |code: &str| StoreError::inconsistent("promises", format!("{code} is unknown"));
    Ok(Some(Counted {
        kind: SlaMetric::from_code(&clock).ok_or_else(|| unknown(&clock))?,
        cycle: u32::try_from(cycle).map_err(|error| StoreError::inconsistent("promises", error))?,
        outcome: SlaCompliance::from_code(&outcome).ok_or_else(|| unknown(&outcome))?,
        at: time::Instant(row.try_get(3)?),
        target_s: row.try_get(4)?,
        used_s: row.try_get(5)?,
    }))
}

async fn write_milestones(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    steps: &[Transition],
) -> Result<(), StoreError> {
    let (number, country) = (case.opening.number.as_compact(), case.opening.report.country.code());
    upsert_all(
        tx.connection(),
        "INSERT INTO milestones (case_number, version, step, day, country, priority, category, cause)",
        8,
        "ON CONFLICT (case_number, version) DO NOTHING",
        steps,
        |statement, transition| {
            statement
                .bind(number.clone())
                .bind(i64::from(transition.version))
                .bind(transition.step.code())
                .bind(day(&hours.zone, transition.at))
                .bind(country)
                .bind(transition.priority.code())
                .bind(transition.causes.as_ref().map(|(category, _)| category.as_str().to_owned()))
                .bind(transition.causes.as_ref().map(|(_, cause)| cause.as_str().to_owned()))
        },
    )
    .await
}

/// The date at a site, as text that sorts by time.
fn day(zone: &ZoneView, at: time::Instant) -> String {
    let local = zone.local(at);
    format!("{:04}-{:02}-{:02}", local.year, local.month, local.day)
}
