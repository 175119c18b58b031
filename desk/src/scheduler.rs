//! The scheduler: runs what is due by time, exactly once.
//!
//! Each case has an indexed time of its next run. The scheduler sleeps until the first of them, or until a commit
//! brings an earlier one. Due commands are decided and appended in one transaction, so they happen once, on whichever
//! node. The people in charge are told last, of all cases together.

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
use crate::store::{Guarded, StoreError, Tx};

/// Number of cases per run.
const BATCH: i64 = 100;
/// The longest sleep, because the machine's clock may be set.
const LONGEST: Duration = Duration::from_secs(30);
/// The shortest time between two runs: commits meanwhile are handled together. Targets count whole seconds.
const REST: Duration = Duration::from_millis(200);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Runs the scheduler until `stop`.
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
            // Woken by time or by a commit, whichever comes first.
            let _ = tokio::time::timeout(sleep.saturating_sub(REST), changes.changed()).await;
        }
    })
    .await;
}

fn until(at: Instant, now: Instant) -> Duration {
    Duration::from_secs(u64::try_from(at.since(now)).unwrap_or(0)).min(LONGEST)
}

/// Runs everything that is due now. Gives the time of the next run.
///
/// # Errors
/// When the database does not answer.
pub async fn tick(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    loop {
        let (due, next) = due(desk).await?;
        if due.is_empty() {
            // Another node may have been first. Its change of ranks leaves no entry either.
            desk.counts().forget();
            // Last, when all entries are written, so that warnings of many cases go out as one mail.
            outbox::warn(desk).await?;
            outbox::tell_owners(desk).await?;
            let told = outbox::next_warning(desk).await?;
            return Ok(next.into_iter().chain(told).min());
        }
        for number in due {
            let at_work = desk.clone();
            let subjects = vec![Guarded::Case(number)];
            let acting = desk
                .store()
                .write_beside(subjects, move |tx| Box::pin(async move { act(&at_work, tx, number).await }));
            acting.await?;
            // A case may have changed its band without an entry.
            desk.counts().forget();
        }
    }
}

/// Seconds for which the first case has been due; 0 when none is due.
///
/// # Errors
/// When the database does not answer.
pub async fn lag_s(desk: &Desk) -> Result<i64, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT MIN(alarm_utc_s) FROM cases").fetch_one(&mut *reader).await?;
    let first: Option<i64> = row.try_get(0)?;
    Ok(first.map_or(0, |first| desk.now().since(Instant(first)).max(0)))
}

/// The cases that are due, and the next time after that.
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

/// Runs the due commands of one case.
async fn act(desk: &Desk, tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    let history = events::history(tx.connection(), number).await?;
    let mut case = events::fold(&history)?;
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let now = desk.now().max(history.last().map_or(case.opened_at, |entry| entry.at));
    let mut acted = false;
    for command in case.due_commands(&hours, now) {
        // Each is decided on the case after those before it: the end of a pause comes first, and once.
        match decide(&case, command, &Actor::System, &hours, now) {
            Ok(decided) => {
                apply(desk, tx, &mut case, decided, &Actor::System, Origin::Scheduler, now).await?;
                acted = true;
            }
            Err(refusal) => tracing::warn!(%refusal, case = %number, "the scheduler was refused"),
        }
    }
    if !acted {
        // A target may be at risk now, so the case's place in the queue changes.
        ranks::keep(tx, &case, &hours, now).await?;
        // A target may be breached without a warning level in its plan.
        sla_records::keep(tx, &case, &case, &hours, &[], now).await?;
    }
    Ok(())
}
