//! Use-cases of the agent at whose telephone it rings: the call, who calls, and what becomes of it.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::call::{CallDirection, CallNotice, CallTimes, Caller, RINGS_S};
use domain::case::{Author, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::phone::Phone;
use domain::search::{Found, FoundRegister, KnownContact, LookedUp};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::hub::tell;
use crate::Desk;
use crate::DeskError;
use crate::cases::execute::{Expected, execute_in, origin_of};
use crate::events::cases_and_labels;
use crate::search::{look_up, look_up_owner};
use crate::store::{Guarded, StoreError, row};

/// For how many seconds a call is shown that its agent does not close: an hour.
const SHOWN_S: i64 = 3600;

/// A call that is shown to its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The call.
    pub notice: CallNotice,
    /// When it changes without a report: it counts as ended then.
    pub changes_at: Option<Instant>,
}

row! {
    struct CallRow {
        id: i64,
        direction: String,
        number: String,
        written: String,
        line: String,
        rang_utc_s: Option<i64>,
        answered_utc_s: Option<i64>,
        ended_utc_s: Option<i64>,
        reported_utc_s: i64,
        case_number: String,
    }
}

impl CallRow {
    fn times(&self) -> CallTimes {
        CallTimes {
            rang: self.rang_utc_s.map(Instant),
            answered: self.answered_utc_s.map(Instant),
            ended: self.ended_utc_s.map(Instant),
        }
    }

    fn phone(&self) -> Option<Phone> {
        Phone::recall(&self.number, &self.written).ok()
    }

    fn notice(&self, now: Instant) -> Result<CallNotice, StoreError> {
        let direction = CallDirection::from_code(&self.direction)
            .ok_or_else(|| StoreError::inconsistent("calls", &self.direction))?;
        let times = self.times();
        Ok(CallNotice {
            id: self.id,
            state: times.state(now),
            direction,
            number: self.phone().map_or_else(|| self.written.clone(), |phone| phone.international()),
            line: self.line.clone(),
            began: times.began().unwrap_or(Instant(self.reported_utc_s)),
        })
    }

    fn logged(&self) -> Result<Option<CaseNumber>, StoreError> {
        if self.case_number.is_empty() {
            return Ok(None);
        }
        CaseNumber::parse(&self.case_number)
            .map(Some)
            .map_err(|error| StoreError::inconsistent("calls", error))
    }
}

/// The member of the staff who asks.
fn agent(actor: &Actor) -> Result<PersonId, NotPermitted> {
    may(actor, Action::TakeCalls, Subject::Desk)?;
    match actor {
        Actor::Staff(staff) => Ok(staff.id),
        _ => Err(NotPermitted),
    }
}

/// The newest call at an agent that is not closed. One that rang at several agents and was not answered by this one is shown to
/// none of them afterwards.
pub const CURRENT: &str =
    "SELECT c.id, c.direction, c.number, c.written, c.line, c.rang_utc_s, c.answered_utc_s, c.ended_utc_s,
            c.reported_utc_s, c.case_number
     FROM calls c
     WHERE c.person_id = $1 AND c.reported_utc_s > $2 AND c.dismissed_utc_s IS NULL
       AND NOT (c.answered_utc_s IS NULL AND (c.ended_utc_s IS NOT NULL OR c.rang_utc_s <= $3) AND EXISTS
           (SELECT 1 FROM calls o WHERE o.integration_id = c.integration_id AND o.call_id = c.call_id
            AND o.person_id <> 0 AND o.person_id <> c.person_id))
     ORDER BY c.id DESC LIMIT 1";

/// The call that is shown to the agent who asks; `None` when there is none.
///
/// # Errors
/// See [`DeskError`].
pub async fn current(desk: &Desk, actor: &Actor) -> Result<Option<Current>, DeskError> {
    let (me, now) = (agent(actor)?, desk.now());
    let mut reader = desk.store().reader().await?;
    let row: Option<CallRow> = sqlx::query_as(CURRENT)
        .bind(me.0)
        .bind(now.0 - SHOWN_S)
        .bind(now.0 - RINGS_S)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    let shown = |row: CallRow| -> Result<Current, StoreError> {
        let gone_at = Instant(row.reported_utc_s).plus(SHOWN_S);
        let ends_at = row.times().expires().filter(|expires| *expires > now);
        let changes_at = Some(ends_at.map_or(gone_at, |ends_at| ends_at.min(gone_at)));
        Ok(Current { notice: row.notice(now)?, changes_at })
    };
    Ok(row.map(shown).transpose()?)
}

/// A call of an agent. Calls of others do not exist for them.
async fn read(connection: &mut AnyConnection, id: i64, me: PersonId) -> Result<Option<CallRow>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT id, direction, number, written, line, rang_utc_s, answered_utc_s, ended_utc_s, reported_utc_s, case_number
         FROM calls WHERE id = $1 AND person_id = $2",
    )
    .bind(id)
    .bind(me.0)
    .fetch_optional(connection)
    .await?)
}

/// Who calls: the contact that an agent tied to the number, else what is found by the number.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a call of another agent.
pub async fn caller(desk: &Desk, actor: &Actor, id: i64) -> Result<Caller, DeskError> {
    let me = agent(actor)?;
    let mut reader = desk.store().reader().await?;
    let row = read(&mut reader, id, me).await?.ok_or(DeskError::NotFound)?;
    let tied = tied(&mut reader, &row.number).await?;
    let contact = match tied {
        Some(case) => contact_of(&mut reader, case).await?,
        None => None,
    };
    reader.done();
    let phone = row.phone();
    let found = match (&contact, &phone) {
        (Some(known), _) => look_up_owner(desk, actor, known.case).await?,
        (None, Some(phone)) => look_up(desk, actor, &phone.e164()).await?,
        (None, None) => LookedUp { cases: Found::Nothing, register: FoundRegister::default(), card: None },
    };
    let by_number = phone.as_ref().and_then(|phone| has_number(&found, phone));
    Ok(Caller {
        call: row.notice(desk.now())?,
        contact: contact.or(by_number),
        phone,
        tied,
        found,
        logged: row.logged()?,
    })
}

/// The case to whose contact a number is tied.
async fn tied(connection: &mut AnyConnection, number: &str) -> Result<Option<CaseNumber>, StoreError> {
    let row = sqlx::query("SELECT case_number FROM call_contacts WHERE number = $1")
        .bind(number)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let case: String = row.try_get(0)?;
    CaseNumber::parse(&case).map(Some).map_err(|error| StoreError::inconsistent("call_contacts", error))
}

async fn contact_of(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<KnownContact>, StoreError> {
    let case = cases_and_labels(connection, &[number]).await?.pop();
    Ok(case.map(|(case, _)| KnownContact { contact: case.opening.report.contact, case: number }))
}

/// The first contact that is found with a number.
fn has_number(found: &LookedUp, phone: &Phone) -> Option<KnownContact> {
    let number = phone.e164();
    let on_card = found.card.iter().flat_map(|card| card.people.iter().cloned());
    let rows = match &found.cases {
        Found::Cases(rows) | Found::Many(rows) => rows.as_slice(),
        Found::Nothing | Found::Case(_) => &[],
    };
    let of_cases = rows.iter().map(|row| KnownContact { contact: row.contact.clone(), case: row.number });
    on_card.chain(of_cases).find(|known| known.contact.phones().any(|phone| phone.e164() == number))
}

/// Closes the pop-up of a call, on every page of the agent.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a call of another agent.
pub async fn dismiss(desk: &Desk, actor: &Actor, id: i64) -> Result<(), DeskError> {
    let (me, now) = (agent(actor)?, desk.now());
    let closing = desk.store().write_beside(vec![Guarded::Call(id.to_string())], move |tx| {
        Box::pin(async move {
            let done = sqlx::query("UPDATE calls SET dismissed_utc_s = $3 WHERE id = $1 AND person_id = $2")
                .bind(id)
                .bind(me.0)
                .bind(now.0)
                .execute(tx.connection())
                .await?;
            Ok::<_, StoreError>(done.rows_affected())
        })
    });
    if closing.await? == 0 {
        return Err(DeskError::NotFound);
    }
    tell(desk, me).await;
    Ok(())
}

/// Logs a call as a contact on a case, with its length so far. Gives the version of the case after it.
///
/// # Errors
/// See [`DeskError`]; [`Refusal::DoneAlready`] for a call that is logged, [`DeskError::NotFound`] for one of another agent.
pub async fn log_call(desk: &Desk, actor: &Actor, id: i64, number: CaseNumber) -> Result<u32, DeskError> {
    let (me, now) = (agent(actor)?, desk.now());
    let (at_work, by) = (desk.clone(), actor.clone());
    let subjects = vec![Guarded::Case(number), Guarded::Call(id.to_string())];
    let logging = desk.store().write_beside(subjects, move |tx| {
        Box::pin(async move {
            let row = read(tx.connection(), id, me).await?.ok_or(DeskError::NotFound)?;
            if row.logged()?.is_some() {
                return Err(DeskError::Refused(Refusal::DoneAlready));
            }
            let command = Command::LogCall { length_s: row.times().length_s(now) };
            let version =
                execute_in(&at_work, tx, &by, origin_of(&by), number, Expected::Any, command).await?;
            sqlx::query("UPDATE calls SET case_number = $2 WHERE id = $1")
                .bind(id)
                .bind(number.as_compact())
                .execute(tx.connection())
                .await?;
            Ok(version)
        })
    });
    let version = logging.await?;
    tell(desk, me).await;
    Ok(version)
}

/// Ties the number of a call to the contact of a case, in place of the one before.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a call of another agent, one without a number, and a case that is not there.
pub async fn tie(desk: &Desk, actor: &Actor, id: i64, case: CaseNumber) -> Result<(), DeskError> {
    let (me, now) = (agent(actor)?, desk.now());
    let by = serde_json::to_string(&Author::from(actor))
        .map_err(|error| StoreError::inconsistent("call_contacts", error))?;
    let subjects = vec![Guarded::Case(case), Guarded::Call(id.to_string())];
    let tying = desk.store().write_beside(subjects, move |tx| {
        Box::pin(async move {
            let row = read(tx.connection(), id, me).await?.ok_or(DeskError::NotFound)?;
            let is_there = sqlx::query(
                "SELECT 1 FROM cases c WHERE c.number = $1
                 AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = c.number)",
            )
            .bind(case.as_compact())
            .fetch_optional(tx.connection())
            .await?;
            if row.number.is_empty() || is_there.is_none() {
                return Err(DeskError::NotFound);
            }
            sqlx::query(
                "INSERT INTO call_contacts (number, case_number, tied_by, tied_utc_s) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (number) DO UPDATE SET case_number = excluded.case_number, tied_by = excluded.tied_by,
                     tied_utc_s = excluded.tied_utc_s",
            )
            .bind(row.number)
            .bind(case.as_compact())
            .bind(by)
            .bind(now.0)
            .execute(tx.connection())
            .await?;
            Ok(())
        })
    });
    tying.await
}

/// Unties the number of a call.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a call of another agent, and for a number that is not tied.
pub async fn untie(desk: &Desk, actor: &Actor, id: i64) -> Result<(), DeskError> {
    let me = agent(actor)?;
    let untying = desk.store().write_beside(vec![Guarded::Call(id.to_string())], move |tx| {
        Box::pin(async move {
            let row = read(tx.connection(), id, me).await?.ok_or(DeskError::NotFound)?;
            let done = sqlx::query("DELETE FROM call_contacts WHERE number = $1")
                .bind(row.number)
                .execute(tx.connection())
                .await?;
            if done.rows_affected() == 0 { Err(DeskError::NotFound) } else { Ok(()) }
        })
    });
    untying.await
}
