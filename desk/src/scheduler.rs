//! The scheduler: what time does to cases, on time and exactly once.
//!
//! Each case carries the instant at which time must look at it next, in an index. The scheduler sleeps until the first
//! of them, or until a commit brings an earlier one. What is due is decided from the history and appended to it in one
//! transaction, so it happens once, whichever node is up. The people in charge are told of it last, all together.

use std::time::Duration;

use domain::actor::Actor;
use domain::case::{Origin, decide};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::Row;
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::cases::execute::apply;
use crate::events;
use crate::outbox;
use crate::projections::{ranks, sla_records};
use crate::store::{StoreError, Tx};

/// Cases that are looked at in one go.
const BATCH: i64 = 100;
/// The longest sleep: the machine's clock may be set.
const LONGEST: Duration = Duration::from_secs(30);
/// Not looked at more often than this: what is committed meanwhile is looked at together. Promises count whole seconds.
const REST: Duration = Duration::from_millis(200);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Keeps time until `stop`.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    let mut changes = desk.feed().changes();
    stop.run_until_cancelled(async {
        loop {
            let sleep = match tick(&desk).await {
                Ok(next) => next.map_or(LONGEST, |at| until(at, desk.now())),
                Err(error) => {
                    tracing::error!(%error, "the scheduler failed; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(REST.min(sleep)).await;
            // Woken by time or by a change, whichever comes first.
            let _ = tokio::time::timeout(sleep.saturating_sub(REST), changes.changed()).await;
        }
    })
    .await;
}

fn until(at: Instant, now: Instant) -> Duration {
    Duration::from_secs(u64::try_from(at.since(now)).unwrap_or(0)).min(LONGEST)
}

/// Does everything that is due now; when to look next.
///
/// # Errors
/// When the database does not answer.
pub async fn tick(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    loop {
        let (due, next) = due(desk).await?;
        if due.is_empty() {
            // Another node may have been first: what it brought up to the time leaves no entry either.
            desk.counts().forget();
            // Only now, when all that time asked for is on record: what many cases ask for at once is told as one.
            outbox::warn(desk).await?;
            let told = outbox::next_warning(desk).await?;
            return Ok(next.into_iter().chain(told).min());
        }
        for number in due {
            let at_work = desk.clone();
            desk.store().write(move |tx| Box::pin(async move { act(&at_work, tx, number).await })).await?;
            // A case may stand in another band without an entry that says so.
            desk.counts().forget();
        }
    }
}

/// For how many seconds the first case has been due that time has not acted on yet; 0 when none is due.
///
/// # Errors
/// When the database does not answer.
pub async fn lag_s(desk: &Desk) -> Result<i64, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT MIN(alarm_utc_s) FROM cases").fetch_one(&mut *reader).await?;
    let first: Option<i64> = row.try_get(0)?;
    Ok(first.map_or(0, |first| desk.now().since(Instant(first)).max(0)))
}

/// The cases whose instant has come, and the first instant ahead.
async fn due(desk: &Desk) -> Result<(Vec<CaseNumber>, Option<Instant>), StoreError> {
    let mut reader = desk.store().reader().await?;
    let now = desk.now();
    let rows =
        sqlx::query("SELECT number FROM cases WHERE alarm_utc_s <= $1 ORDER BY alarm_utc_s, number LIMIT $2")
            .bind(now.0)
            .bind(BATCH)
            .fetch_all(&mut *reader)
            .await?;
    let parse = |row: sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))
    };
    let due = rows.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let row = sqlx::query("SELECT MIN(alarm_utc_s) FROM cases WHERE alarm_utc_s > $1")
        .bind(now.0)
        .fetch_one(&mut *reader)
        .await?;
    let next: Option<i64> = row.try_get(0)?;
    Ok((due, next.map(Instant)))
}

/// Lets time act on one case.
async fn act(desk: &Desk, tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    let history = events::history(tx.connection(), number).await?;
    let mut case = events::fold(&history)?;
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let now = desk.now().max(history.last().map_or(case.opened_at, |entry| entry.at));
    let mut acted = false;
    for command in case.due_commands(&hours, now) {
        // Each is decided on the case as it is with those before it: the end of a wait comes first, and only once.
        match decide(&case, command, &Actor::System, &hours, now) {
            Ok(decided) => {
                apply(desk, tx, &mut case, decided, &Actor::System, Origin::Scheduler, now).await?;
                acted = true;
            }
            Err(refusal) => tracing::warn!(%refusal, case = %number, "the scheduler was refused"),
        }
    }
    if !acted {
        // A promise may have become at risk: its case has another place in the queue.
        ranks::keep(tx, &case, &hours, now).await?;
        // A promise may have been broken that its plan does not warn of.
        sla_records::keep(tx, &case, &case, &hours, &[], now).await?;
    }
    Ok(())
}
