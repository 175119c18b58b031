//! The round that ends what has been kept long enough. Any number of nodes make it: a case is erased once.

use std::time::Duration;

use domain::actor::Actor;
use domain::audit::AuditEvent;
use domain::case::{Case, ErasureReason, Refusal};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use tokio_util::sync::CancellationToken;

use super::{bounded, erase_case, setting};
use crate::Desk;
use crate::DeskError;
use crate::audit::Noted;
use crate::events;
use crate::store::StoreError;

/// Time between two rounds.
const EVERY: Duration = Duration::from_hours(6);
/// Cases that are looked at together.
const TOGETHER: i64 = 50;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Cases that were erased.
    pub cases: u64,
    /// Mails that lost their content, beside those of these cases.
    pub mails: u64,
    /// Sessions, links and the like that were no longer good.
    pub ended: u64,
    /// Cases that could not be read or erased. The log names each.
    pub failed: u64,
}

/// Makes a round now and every few hours, until `stop`.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    let work = async {
        loop {
            match run(&desk).await {
                Ok(ran) if ran == Ran::default() => {}
                Ok(Ran { cases, mails, ended, failed: 0 }) => {
                    tracing::info!(cases, mails, ended, "what was kept long enough was taken out");
                }
                Ok(Ran { cases, failed, .. }) => {
                    tracing::error!(cases, failed, "not every case that was kept long enough was erased");
                }
                Err(error) => tracing::error!(%error, "what was kept long enough was not all taken out"),
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Makes one round. A case that cannot be read or erased is logged and counted, and the round goes on.
///
/// # Errors
/// When the database fails. What was done stays done.
pub async fn run(desk: &Desk) -> Result<Ran, DeskError> {
    let ran = round(desk).await?;
    note(desk, ran);
    Ok(ran)
}

async fn round(desk: &Desk) -> Result<Ran, DeskError> {
    let mut ran = Ran { ended: bounded::ended(desk).await?, ..Ran::default() };
    let mut reader = desk.store().reader().await?;
    let days = setting::days(&mut reader, desk.retention()).await?;
    reader.done();
    let Some(days) = days else { return Ok(ran) };
    let cutoff = days.cutoff(desk.now());
    let mut after = (i64::MIN, String::new());
    loop {
        let mut reader = desk.store().reader().await?;
        let candidates = candidates(&mut reader, cutoff, &after).await?;
        let Some(last) = candidates.last() else { break };
        after = (last.0, last.1.as_compact());
        reader.done();
        for (_, number) in candidates {
            match end(desk, number, cutoff).await {
                Ok(Outcome::Erased) => ran.cases += 1,
                Ok(Outcome::Kept) => {}
                Err(error) => {
                    ran.failed += 1;
                    tracing::error!(case = %number, %error, "personal data of a case could not be erased");
                }
            }
        }
    }
    ran.mails = bounded::mails(desk, days).await?;
    ran.ended += bounded::members(desk, days).await?;
    Ok(ran)
}

/// Writes down what a round did. One that found nothing is no news.
fn note(desk: &Desk, ran: Ran) {
    let Ran { cases, mails, ended, .. } = ran;
    if cases + mails + ended > 0 {
        let event = AuditEvent::RetentionRan { cases, mails, ended };
        desk.note(Noted::of(&Actor::System, desk.now(), event));
    }
}

/// The next cases that were opened before the cutoff, have ended and were not erased, by opening and number.
async fn candidates(
    connection: &mut AnyConnection,
    cutoff: Instant,
    (opened, number): &(i64, String),
) -> Result<Vec<(i64, CaseNumber)>, StoreError> {
    // The status is hidden from the planner: its index would not give the order.
    let rows = sqlx::query(
        "SELECT c.opened_utc_s, c.number FROM cases c
         WHERE c.opened_utc_s <= $1 AND (c.opened_utc_s, c.number) > ($2, $3)
           AND COALESCE(c.status, '') IN ('closed', 'cancelled', 'duplicate')
           AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = c.number)
         ORDER BY c.opened_utc_s, c.number LIMIT $4",
    )
    .bind(cutoff.0)
    .bind(*opened)
    .bind(number.clone())
    .bind(TOGETHER)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(1)?;
        let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
        Ok((row.try_get(0)?, number))
    };
    rows.iter().map(read).collect()
}

/// What became of a case that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Its personal data were erased.
    Erased,
    /// It did not end before the cutoff, or another node was faster.
    Kept,
}

/// Erases a case that ended before the cutoff.
async fn end(desk: &Desk, number: CaseNumber, cutoff: Instant) -> Result<Outcome, DeskError> {
    let mut reader = desk.store().reader().await?;
    let history = events::history(&mut reader, number).await?;
    reader.done();
    if ended_at(&events::fold(&history)?).is_none_or(|at| at > cutoff) {
        return Ok(Outcome::Kept);
    }
    match erase_case(desk, &Actor::System, number, ErasureReason::Retention).await {
        Ok(()) => Ok(Outcome::Erased),
        // Another node was faster, or the case was opened again.
        Err(DeskError::Refused(Refusal::Erased | Refusal::NotEnded)) => Ok(Outcome::Kept),
        Err(error) => Err(error),
    }
}

/// When a case has ended, or will have ended for good. Of a closed case it is the end of the time in which it can be
/// reopened.
pub(super) fn ended_at(case: &Case) -> Option<Instant> {
    match (case.terminated(), case.closed()) {
        (Some(terminated), _) => Some(terminated.at),
        (None, Some(closed)) => Some(closed.at.max(closed.reopen_until)),
        (None, None) => None,
    }
}
