//! Warnings and customers' messages for the people in charge: once per level, in working hours, gathered in few mails.
//!
//! A warning is written with its event. It is due at once while the case's calendar is open, else at the next opening.
//! Then its recipients are decided ([`super::recipients`]): the assignee or those who stand in, and the supervisors
//! unless the staff acts. Each gets one mail with all current notices ([`super::notice`]). Rows and mails change in one
//! transaction, so each warning is sent once, by whichever node (`docs/decisions/0015`, `0030`).

use std::collections::HashMap;

use domain::calendar::ServiceHours;
use domain::case::{Case, GATHER_S, InCharge, PATIENCE_S};
use domain::case_number::CaseNumber;
use domain::sla_plan::SlaMetric;
use domain::time::{Instant, Span};
use domain::view::CaseRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::notice::{self, About, Notice};
use super::recipients::{OnDuty, Person, Told};
use crate::Desk;
use crate::mail::AtRiskTarget;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::store::{StoreError, Tx};

/// Warnings are also sent this long after closing time, in seconds. Otherwise a target used up in the day's last second
/// would be reported at the next opening.
const STILL_THERE_S: i64 = 10 * 60;

/// Writes a warning, in the transaction of its event.
pub(super) async fn hold(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    (clock, cycle, level): (SlaMetric, u32, u8),
    now: Instant,
) -> Result<(), StoreError> {
    keep(tx, case, (clock.code(), cycle, level), turn(hours, now)).await
}

/// Writes a notice to the assignee about a customer's message, in its transaction. Without an assignee the queue shows
/// it.
pub(crate) async fn hold_answer(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    now: Instant,
) -> Result<(), StoreError> {
    if case.assignee().is_none() || case.status().is_end() {
        return Ok(());
    }
    keep(tx, case, (About::ANSWER, 0, 0), turn(hours, now)).await
}

/// Writes the notices of a case, and when they are due.
async fn keep(
    tx: &mut Tx,
    case: &Case,
    (about, cycle, level): (&str, u32, u8),
    turn: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO warnings (case_number, clock, cycle, level, turn_utc_s) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (case_number, clock, cycle, level) DO NOTHING",
    )
    .bind(case.opening.number.as_compact())
    .bind(about)
    .bind(i64::from(cycle))
    .bind(i64::from(level))
    .bind(turn.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// When notices may be sent: now while the calendar is open or has just closed, else at the next opening. A calendar
/// that never opens sends at once.
pub(super) fn turn(hours: &ServiceHours, now: Instant) -> Instant {
    let just_now = Span::new(now.plus(-STILL_THERE_S), now);
    if hours.spans.open_seconds(just_now) > 0 {
        return now;
    }
    hours.spans.next_opening(now).unwrap_or(now)
}

/// When the first warning is due.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn next_warning(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT MIN(turn_utc_s) FROM
         (SELECT MIN(turn_utc_s) AS turn_utc_s FROM warnings
          UNION ALL SELECT MIN(turn_utc_s) FROM notices) AS all_turns",
    )
    .fetch_one(&mut *reader)
    .await?;
    let next: Option<i64> = row.try_get(0)?;
    Ok(next.map(Instant))
}

/// Queues the mails of all due warnings.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn warn(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    // Read first, so that an idle desk does not write.
    if next_warning(desk).await?.is_none_or(|next| next > now) {
        return Ok(());
    }
    let at_work = desk.clone();
    desk.store().write(move |tx| Box::pin(async move { tell(&at_work, tx, now).await })).await
}

async fn tell(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    let notices = address(desk, tx, now).await?;
    notice::add(tx, &notices).await?;
    notice::tell(desk, tx, now).await
}

/// Decides the recipients of all due warnings, and deletes them.
async fn address(desk: &Desk, tx: &mut Tx, now: Instant) -> Result<Vec<Notice>, StoreError> {
    let waiting = waiting(tx, now).await?;
    let mut notices = Vec::new();
    if waiting.is_empty() {
        return Ok(notices);
    }
    let mut on_duty = OnDuty::read(desk, tx, now).await?;
    for row in cases(tx, now).await? {
        let hours = desk.hours_with(tx.connection(), &row.hours).await?;
        let turn = turn(&hours, now);
        if turn > now {
            // It came due while no node was up, and the desk is closed now.
            postpone(tx, row.number, turn).await?;
            continue;
        }
        forget(tx, row.number, now).await?;
        let Some(waiting) = waiting.get(&row.number) else { continue };
        let assignee = row.mark.assignee.as_ref().map(|assignee| assignee.id);
        let Told { who, first, others } =
            on_duty.in_charge(tx, assignee, (row.country, row.platform)).await?;
        let new = |person: &Person, about, turn: Instant| Notice {
            person: person.id,
            case: row.number,
            about,
            since: now,
            turn: turn.max(person.told.plus(GATHER_S)),
        };
        if waiting.answer && who != InCharge::Supervisors {
            notices.extend(first.iter().map(|person| new(person, About::Answer, now)));
        }
        for AtRiskTarget { clock, cycle, level, .. } in at_risk_targets(&row, &waiting.levels, &hours, now) {
            let about = About::Target { clock, cycle, level };
            notices.extend(first.iter().map(|person| new(person, about, now)));
            let later = others.iter().filter(|_| who.escalates(level));
            notices.extend(later.map(|person| new(person, about, now.plus(PATIENCE_S))));
        }
    }
    Ok(notices)
}

/// The current targets of a case at risk, most urgent first, each with its highest level.
pub(super) fn at_risk_targets(
    row: &CaseRow,
    levels: &Levels,
    hours: &ServiceHours,
    now: Instant,
) -> Vec<AtRiskTarget> {
    let target = |clock: &domain::case::SlaClock| {
        let levels = levels.get(&(clock.kind, clock.cycle))?;
        let level = clock.warns_of(levels.iter().copied(), &hours.spans, now)?;
        Some(AtRiskTarget {
            clock: clock.kind,
            cycle: clock.cycle,
            level,
            reading: clock.reading(&hours.spans, now),
        })
    };
    let mut targets: Vec<AtRiskTarget> = row.clocks.iter().filter_map(target).collect();
    targets.sort_by_key(|target| target.reading.remaining_s);
    targets
}

/// Warned levels of each target of a case.
pub(super) type Levels = HashMap<(SlaMetric, u32), Vec<u8>>;

/// Due notices of a case.
#[derive(Default)]
struct Waiting {
    levels: Levels,
    /// Whether the customer wrote.
    answer: bool,
}

/// All due notices, by case.
async fn waiting(tx: &mut Tx, now: Instant) -> Result<HashMap<CaseNumber, Waiting>, StoreError> {
    let rows = sqlx::query("SELECT case_number, clock, cycle, level FROM warnings WHERE turn_utc_s <= $1")
        .bind(now.0)
        .fetch_all(tx.connection())
        .await?;
    let mut waiting: HashMap<CaseNumber, Waiting> = HashMap::new();
    for row in &rows {
        let (number, about) = About::read(row, 0)?;
        let of_case = waiting.entry(number).or_default();
        match about {
            About::Answer => of_case.answer = true,
            About::Target { clock, cycle, level } => {
                of_case.levels.entry((clock, cycle)).or_default().push(level);
            }
        }
    }
    Ok(waiting)
}

/// Their cases, in their present state.
async fn cases(tx: &mut Tx, now: Instant) -> Result<Vec<CaseRow>, StoreError> {
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases
         WHERE number IN (SELECT case_number FROM warnings WHERE turn_utc_s <= $1)
         ORDER BY sort_key, number"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(now.0).fetch_all(tx.connection()).await?;
    rows.iter().map(|row| CaseRow::try_from(CaseRecord::from_row(row)?)).collect()
}

async fn postpone(tx: &mut Tx, number: CaseNumber, turn: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE warnings SET turn_utc_s = $2 WHERE case_number = $1 AND turn_utc_s < $2")
        .bind(number.as_compact())
        .bind(turn.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Deletes due notices that are handled or outdated.
async fn forget(tx: &mut Tx, number: CaseNumber, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM warnings WHERE case_number = $1 AND turn_utc_s <= $2")
        .bind(number.as_compact())
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}
