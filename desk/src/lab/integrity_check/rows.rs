//! Read models compared with the history, column by column.

use std::collections::BTreeSet;

use domain::calendar::ServiceHours;
use domain::case::visit::Visit;
use domain::case::{Case, Event, Participant, RevisionEvent, SlaRecord, Transition, transitions};
use domain::contract_number::ContractNumber;
use domain::survey::{Answers, Ended, FollowUp};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::{CheckedCase, Inconsistency, row_as_text};
use crate::projections::case_row::CURRENT;
use crate::projections::cases::summary;
use crate::projections::tracking;
use crate::projections::visits::HeldRow;
use crate::projections::wait_overlaps;
use crate::store::StoreError;

/// Columns with their expected values.
type Columns = Vec<(&'static str, Option<String>)>;

pub(super) async fn inconsistencies(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    hours: &ServiceHours,
    last: Instant,
    looked_at: &LookedAt,
) -> Result<Vec<Inconsistency>, StoreError> {
    let case = &told.case;
    let number = vec![told.number.as_compact()];
    let mut found = Vec::new();
    let wanted = case_row(told, case, hours, last)?;
    found.extend(compare(connection, told, "cases", "number = $1", &number, Some(wanted)).await?);
    found.extend(rank(connection, told, hours, last, looked_at).await?);
    for visit in case.visits().list() {
        let key = vec![told.number.as_compact(), visit.id.0.to_string()];
        let condition = "case_number = $1 AND CAST(visit AS TEXT) = $2";
        found.extend(compare(connection, told, "visits", condition, &key, Some(visit_row(visit)?)).await?);
    }
    found.extend(link(connection, told).await?);
    found.extend(participants(connection, told).await?);
    let survey = survey_row(case);
    found.extend(compare(connection, told, "surveys", "case_number = $1", &number, survey).await?);
    found.extend(workers(connection, told, case).await?);
    found.extend(overlaps(connection, told, hours).await?);
    found.extend(settled_targets(connection, told, hours, last).await?);
    found.extend(steps(connection, told).await?);
    found.extend(kinds(connection, told).await?);
    Ok(found)
}

/// Up to when the scheduler has run for a case.
pub(super) enum LookedAt {
    /// Exactly up to then.
    UpTo(Instant),
    /// Up to some moment before then.
    Before(Instant),
}

/// The rank. Time alone changes it at turns without an entry. So the row must be right for one of them, or for the last
/// entry. If the scheduler is up to date, it must be right for the latest turn.
async fn rank(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    hours: &ServiceHours,
    last: Instant,
    looked_at: &LookedAt,
) -> Result<Vec<Inconsistency>, StoreError> {
    let (LookedAt::UpTo(end) | LookedAt::Before(end)) = looked_at;
    let mut right: Vec<Columns> = Vec::new();
    let mut at = Some(last);
    while let Some(moment) = at {
        let summary = summary(&told.case, hours, moment)?;
        right.push(vec![
            ("due_utc_s", text(summary.due_utc_s)),
            ("sort_key", text(summary.sort_key)),
            ("alarm_utc_s", summary.alarm_utc_s.map(|at| at.to_string())),
        ]);
        at = told.case.next_turn(&hours.spans, moment).filter(|turn| turn <= end);
    }
    let number = vec![told.number.as_compact()];
    let latest = right.len() - 1;
    let mut found = Vec::new();
    for (turn, wanted) in right.into_iter().enumerate().rev() {
        let differs = compare(connection, told, "cases", "number = $1", &number, Some(wanted)).await?;
        if differs.is_empty() {
            return Ok(Vec::new());
        }
        if turn == latest {
            found = differs;
        }
        if matches!(looked_at, LookedAt::UpTo(_)) {
            break;
        }
    }
    Ok(found)
}

/// SLA targets settled by the last entry. Breaches by time since are not checked.
async fn settled_targets(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    hours: &ServiceHours,
    last: Instant,
) -> Result<Option<Inconsistency>, StoreError> {
    let rows = sqlx::query(
        "SELECT clock, cycle, outcome, priority, settled_utc_s, target_s, used_s, due_utc_s FROM promises
         WHERE case_number = $1 AND settled_utc_s <= $2",
    )
    .bind(told.number.as_compact())
    .bind(last.0)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let text = |place: usize| row.try_get::<String, _>(place);
        let number = |place: usize| row.try_get::<i64, _>(place);
        let (used_s, due): (Option<i64>, Option<i64>) = (row.try_get(6)?, row.try_get(7)?);
        let (at, target_s) = (number(4)?, number(5)?);
        let line = format!(
            "{} {} {} {} {at} {target_s} {used_s:?} {due:?}",
            text(0)?,
            number(1)?,
            text(2)?,
            text(3)?
        );
        Ok::<String, StoreError>(line)
    };
    let there = rows.iter().map(read).collect::<Result<BTreeSet<_>, _>>()?;
    let wanted: BTreeSet<String> = told
        .case
        .settled(&hours.spans, last)
        .iter()
        .map(|settled| {
            let SlaRecord { kind, cycle, outcome, at, priority, target_s, used_s, due } = settled;
            let (kind, outcome, priority) = (kind.code(), outcome.code(), priority.code());
            let due = due.map(|due| due.0);
            format!("{kind} {cycle} {outcome} {priority} {} {target_s} {used_s:?} {due:?}", at.0)
        })
        .collect();
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: told.number,
        table: "promises",
        column: "outcome",
        row: Some(format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// Resolutions and reopenings.
async fn steps(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
) -> Result<Option<Inconsistency>, StoreError> {
    let rows =
        sqlx::query("SELECT version, step, priority, COALESCE(cause, '') FROM milestones WHERE case_number = $1 ORDER BY version")
            .bind(told.number.as_compact())
            .fetch_all(connection)
            .await?;
    let read =
        |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
    let there = rows.iter().map(read).collect::<Result<Vec<(i64, String, String, String)>, StoreError>>()?;
    let told_of =
        transitions(told.history).map_err(|error| StoreError::inconsistent("case_events", error))?;
    let line = |step: Transition| {
        let cause = step.causes.map(|(_, cause)| cause.as_str().to_owned()).unwrap_or_default();
        (i64::from(step.version), step.step.code().to_owned(), step.priority.code().to_owned(), cause)
    };
    let wanted: Vec<(i64, String, String, String)> = told_of.into_iter().map(line).collect();
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: told.number,
        table: "milestones",
        column: "step",
        row: Some(format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// The kind of each entry. Entries without a kind are of an older node.
async fn kinds(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
) -> Result<Vec<Inconsistency>, StoreError> {
    let rows = sqlx::query("SELECT kind FROM case_events WHERE case_number = $1 ORDER BY version")
        .bind(told.number.as_compact())
        .fetch_all(connection)
        .await?;
    let mut found = Vec::new();
    for (row, entry) in rows.iter().zip(told.history) {
        let (there, wanted): (String, _) = (row.try_get(0)?, entry.event.kind());
        if !there.is_empty() && there != wanted {
            let (row, log) = (Some(there), Some(wanted.to_owned()));
            found.push(Inconsistency::Row {
                case: told.number,
                table: "case_events",
                column: "kind",
                row,
                log,
            });
        }
    }
    Ok(found)
}

/// Wait overlaps.
async fn overlaps(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    hours: &ServiceHours,
) -> Result<Option<Inconsistency>, StoreError> {
    let rows = sqlx::query(
        "SELECT version, answered_utc_s, to_utc_s FROM pause_overlaps WHERE case_number = $1 ORDER BY version",
    )
    .bind(told.number.as_compact())
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let there = rows.iter().map(read).collect::<Result<Vec<(i64, i64, i64)>, StoreError>>()?;
    let counted = wait_overlaps::overlaps_of(told.history, hours).into_iter();
    let wanted: Vec<(i64, i64, i64)> =
        counted.map(|overlap| (i64::from(overlap.version), overlap.answered_at.0, overlap.to.0)).collect();
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: told.number,
        table: "pause_overlaps",
        column: "version",
        row: Some(format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// The link to the case's page. The time of cases that ended before links expired runs from a later moment.
async fn link(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
) -> Result<Option<Inconsistency>, StoreError> {
    let (there, wanted) = (tracking::of_case(connection, told.number).await?, told.case.tracking());
    let is_right = there.is_some_and(|there| {
        let runs = match (there.runs_from, wanted.runs_from) {
            (Some(there), Some(wanted)) => there >= wanted,
            (there, wanted) => there == wanted,
        };
        runs && there.generation == wanted.generation
    });
    Ok((!is_right).then(|| Inconsistency::Row {
        case: told.number,
        table: "cases",
        column: "link_generation",
        row: there.map(|there| format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// Who is on the case beside its contact.
async fn participants(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
) -> Result<Option<Inconsistency>, StoreError> {
    let rows = sqlx::query("SELECT id, name, address FROM participants WHERE case_number = $1 ORDER BY id")
        .bind(told.number.as_compact())
        .fetch_all(connection)
        .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let there = rows.iter().map(read).collect::<Result<Vec<(i64, String, String)>, StoreError>>()?;
    let row = |participant: &Participant| {
        let Participant { id, name, mail, .. } = participant;
        (i64::from(id.0), name.to_string(), mail.as_str().to_lowercase())
    };
    let wanted: Vec<_> = told.case.participants().iter().map(row).collect();
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: told.number,
        table: "participants",
        column: "address",
        row: Some(format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// People who must not call for an open survey.
async fn workers(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    case: &Case,
) -> Result<Option<Inconsistency>, StoreError> {
    let rows = sqlx::query("SELECT person_id FROM survey_workers WHERE case_number = $1 ORDER BY person_id")
        .bind(told.number.as_compact())
        .fetch_all(connection)
        .await?;
    let there = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    let survey = case.survey();
    let wanted: Vec<i64> = survey.asked().into_iter().flat_map(|_| survey.workers()).map(|id| id.0).collect();
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: told.number,
        table: "survey_workers",
        column: "person_id",
        row: Some(format!("{there:?}")),
        log: Some(format!("{wanted:?}")),
    }))
}

/// Differences between a row and the expected values; `None` for a row that must not exist.
async fn compare(
    connection: &mut AnyConnection,
    told: &CheckedCase<'_>,
    table: &'static str,
    condition: &'static str,
    key: &[String],
    wanted: Option<Columns>,
) -> Result<Vec<Inconsistency>, StoreError> {
    let finding =
        |column, row: Option<String>, log| Inconsistency::Row { case: told.number, table, column, row, log };
    let Some(wanted) = wanted else {
        let row = row_as_text(connection, table, &["case_number"], condition, key).await?;
        return Ok(row.map(|_| finding("*", Some("there".to_owned()), None)).into_iter().collect());
    };
    let names: Vec<&'static str> = wanted.iter().map(|(name, _)| *name).collect();
    let Some(row) = row_as_text(connection, table, &names, condition, key).await? else {
        return Ok(vec![finding("*", None, Some("there".to_owned()))]);
    };
    let pairs = wanted.into_iter().zip(row);
    let differing = pairs.filter(|((_, log), row)| log != row);
    Ok(differing.map(|((column, log), row)| finding(column, row, log)).collect())
}

#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "a column, among those that may be empty"
)]
fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

fn case_row(
    told: &CheckedCase<'_>,
    case: &Case,
    hours: &ServiceHours,
    last: Instant,
) -> Result<Columns, StoreError> {
    let summary = summary(case, hours, last)?;
    let (opening, assignee) = (&case.opening, case.assignee());
    let mut columns = vec![
        ("country", text(opening.report.country.code())),
        ("coverage", text(opening.coverage.code())),
        ("platform", text(opening.report.platform.code())),
        ("contract_number", text(opening.report.contract.as_ref().map_or("", ContractNumber::as_str))),
        ("serial", text(opening.report.serial.as_str())),
        ("opened_utc_s", text(case.opened_at.0)),
        ("calendar_id", text(opening.hours.calendar.0)),
        ("calendar_version", text(opening.hours.version)),
        ("zone", text(&opening.hours.zone)),
        ("clocks", Some(summary.clocks)),
        ("is_open", text(summary.is_open)),
        ("fault", text(crate::projections::ranks::fault(case))),
        ("holder_id", text(assignee.map_or(0, |assignee| assignee.id.0))),
        ("holder_name", text(assignee.map_or("", |assignee| assignee.name.as_str()))),
        ("first_priority", (case.version > 1).then(|| opening.priority.code().to_owned())),
        ("unanswered_utc_s", case.unanswered().map(|at| at.0.to_string())),
    ];
    columns.extend(CURRENT.iter().map(|column| (column.name, (column.as_text)(case))));
    let corrected = told.history.iter().rev().find_map(|entry| match &entry.event {
        Event::Revision(RevisionEvent::Corrected(correction)) => Some(&correction.resolved),
        _ => None,
    });
    if let Some(resolved) = corrected {
        columns.push(("equipment", text(&resolved.equipment)));
    }
    Ok(columns)
}

fn visit_row(visit: &Visit) -> Result<Columns, StoreError> {
    let window = visit.appointment().map(|appointment| appointment.window);
    let HeldRow { held, from, to } = HeldRow::of(visit)?;
    Ok(vec![
        ("technician_id", text(visit.technician.id.0)),
        ("stage", text(visit.stage.code())),
        ("from_utc_s", window.map(|window| window.from.0.to_string())),
        ("to_utc_s", window.map(|window| window.to.0.to_string())),
        ("held", held),
        ("held_from_utc_s", from.map(|from| from.to_string())),
        ("held_to_utc_s", to.map(|to| to.to_string())),
    ])
}

fn survey_row(case: &Case) -> Option<Columns> {
    let asked = case.survey().asked()?;
    let (state, ended, way) = match &asked.ended {
        None => ("open", None, None),
        Some(Ended::Answered { at, way, .. }) => ("answered", text(at.0), text(way.code())),
        Some(Ended::Refused { at }) => ("refused", text(at.0), None),
        Some(Ended::Lapsed { at }) => ("lapsed", text(at.0), None),
    };
    let (follow_up, outcome) = asked.follow_up.map_or(("none", None), FollowUp::codes);
    let outcome = outcome.and_then(text);
    let answers = asked.answers();
    let resolver = asked.resolver.as_ref();
    Some(vec![
        ("cycle", text(asked.cycle)),
        ("state", text(state)),
        ("country", text(case.opening.report.country.code())),
        ("agent_id", resolver.map(|handler| handler.id.0.to_string())),
        ("agent", text(resolver.map_or("", |handler| handler.name.as_str()))),
        ("since_utc_s", text(asked.since.0)),
        ("turn_utc_s", text(asked.turn.0)),
        ("attempts", text(asked.attempts)),
        ("ended_utc_s", ended),
        ("way", way),
        ("score", answers.and_then(Answers::score).map(|score| score.0.to_string())),
        ("recommend", answers.and_then(Answers::recommend).map(|mark| mark.to_string())),
        ("comment", text(answers.and_then(Answers::comment).map_or("", |comment| comment.as_str()))),
        ("follow_up", text(follow_up)),
        ("outcome", outcome),
    ])
}
