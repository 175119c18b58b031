//! Follow-ups of low scores, open and done.

use domain::actor::{Action, Actor, Subject, may};
use domain::page::{Page, Paging};
use domain::survey::{FollowUp, FollowUpList, FollowUpOutcome, FollowUpRow, Score};
use domain::time::Instant;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{country_of, number_of, zone_of};
use crate::Desk;
use crate::DeskError;
use crate::store::StoreError;

/// State of the follow-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Open ones, oldest first.
    Open,
    /// Those done, newest first.
    Done,
}

// An erased case takes no entry more, so its follow-up can be done no more.
// Two queries, because each reads the index in its own direction.
const OPEN: &str =
    "SELECT s.case_number, s.country, s.agent, s.score, s.recommend, s.comment, s.ended_utc_s, s.outcome,
        c.customer, c.calendar_id, c.calendar_version, c.zone
 FROM surveys s JOIN cases c ON c.number = s.case_number
 WHERE s.follow_up = 'open' AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = s.case_number)
 ORDER BY s.ended_utc_s, s.case_number LIMIT $1 OFFSET $2";
const DONE: &str =
    "SELECT s.case_number, s.country, s.agent, s.score, s.recommend, s.comment, s.ended_utc_s, s.outcome,
        c.customer, c.calendar_id, c.calendar_version, c.zone
 FROM surveys s JOIN cases c ON c.number = s.case_number
 WHERE s.follow_up = 'done' ORDER BY s.ended_utc_s DESC, s.case_number DESC LIMIT $1 OFFSET $2";

/// A page of follow-ups, counted from 1, without open ones of erased cases. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn follow_ups(
    desk: &Desk,
    actor: &Actor,
    which: Which,
    page: u32,
) -> Result<FollowUpList, DeskError> {
    may(actor, Action::FollowUp, Subject::Desk)?;
    let (counted, rows) = match which {
        Which::Open => (
            "SELECT COUNT(*) FROM surveys s WHERE s.follow_up = 'open'
             AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = s.case_number)",
            OPEN,
        ),
        Which::Done => ("SELECT COUNT(*) FROM surveys WHERE follow_up = 'done'", DONE),
    };
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(counted).fetch_one(&mut *reader).await?;
    let paging = Paging::of(row.try_get(0)?, page);
    let found =
        sqlx::query(rows).bind(i64::from(Paging::ROWS)).bind(paging.offset()).fetch_all(&mut *reader).await?;
    drop(reader);
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(read(desk, row).await?);
    }
    Ok(FollowUpList { page: Page { rows, paging }, now: desk.now() })
}

async fn read(desk: &Desk, row: &AnyRow) -> Result<FollowUpRow, StoreError> {
    let outcome: Option<String> = row.try_get("outcome")?;
    let follow_up = match outcome.as_deref() {
        None => FollowUp::Open,
        Some(code) => FollowUpOutcome::from_code(code)
            .map(FollowUp::after)
            .ok_or_else(|| StoreError::inconsistent("surveys", code))?,
    };
    let recommend: Option<i64> = row.try_get("recommend")?;
    let score: Option<i64> = row.try_get("score")?;
    let answered: Option<i64> = row.try_get("ended_utc_s")?;
    Ok(FollowUpRow {
        number: number_of(row, "case_number")?,
        country: country_of(row)?,
        customer: row.try_get("customer")?,
        agent: row.try_get("agent")?,
        score: score.map(Score),
        recommend: recommend.and_then(|mark| u8::try_from(mark).ok()),
        comment: row.try_get("comment")?,
        answered_at: Instant(answered.unwrap_or_default()),
        follow_up,
        zone: zone_of(desk, row).await?,
    })
}
