//! Use-case: an agent asks the exchange for a call, by webhooks that hear of it.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::case::Assignee;
use domain::case_number::CaseNumber;
use domain::phone::Phone;
use domain::time::Instant;
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::store::{Guarded, StoreError, row, take_numbers};
use crate::webhooks::queue_call;

/// What the desk and an agent have of a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telephony {
    /// Whether an exchange may report calls: a token with this permission is in force.
    pub is_reported: bool,
    /// Whether the agent can ask for calls: they have an extension, and a webhook hears of it.
    pub calls_out: bool,
}

/// What an agent has of a telephone: a token that reports calls, an extension, and a webhook that hears of calls.
const TELEPHONY: &str = "SELECT
    (SELECT COUNT(*) FROM integrations WHERE revoked_utc_s IS NULL AND (' ' || grants || ' ') LIKE '% report_calls %') AS tokens,
    (SELECT COUNT(*) FROM people WHERE id = $1 AND extension IS NOT NULL) AS extensions,
    (SELECT COUNT(*) FROM webhooks WHERE paused_utc_s IS NULL AND (' ' || events || ' ') LIKE '% call_requested %') AS webhooks";

/// What the agent who asks has of a telephone.
///
/// # Errors
/// See [`DeskError`].
pub async fn telephony(desk: &Desk, actor: &Actor) -> Result<Telephony, DeskError> {
    let me = agent(actor)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(TELEPHONY).bind(me.id.0).fetch_one(&mut *reader).await?;
    reader.done();
    let [tokens, extensions, webhooks] = [row.try_get::<i64, _>(0)?, row.try_get(1)?, row.try_get(2)?];
    Ok(Telephony { is_reported: tokens > 0, calls_out: extensions > 0 && webhooks > 0 })
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// Webhooks are being told.
    Told,
    /// The agent has no extension, or no webhook hears of it: they dial themselves.
    NoExchange,
}

/// A call that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRequest {
    /// Id of the request.
    pub id: i64,
    /// The number to call, in E.164.
    pub number: String,
    /// The extension that calls.
    pub extension: String,
    /// The agent.
    pub agent: Assignee,
    /// The case that the call is about.
    pub case: Option<CaseNumber>,
    /// When it was asked for.
    pub at: Instant,
}

/// The member of the staff who asks.
fn agent(actor: &Actor) -> Result<Assignee, NotPermitted> {
    may(actor, Action::TakeCalls, Subject::Desk)?;
    match actor {
        Actor::Staff(staff) => Ok(Assignee { id: staff.id, name: staff.name.clone() }),
        _ => Err(NotPermitted),
    }
}

/// Within this many seconds, a second request for the same number is a second press of the same link.
const SAME_S: i64 = 5;

/// The requests of an agent for a number since a time.
const ASKED: &str =
    "SELECT COUNT(*) FROM call_requests WHERE number = $1 AND person_id = $2 AND at_utc_s > $3";

/// Asks the exchange to call a number from the extension of the agent who asks. Webhooks of the case's country hear of it, or of
/// the number's without a case. A link that is pressed twice rings once.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a case that is not there.
pub async fn request_call(
    desk: &Desk,
    actor: &Actor,
    phone: &Phone,
    case: Option<CaseNumber>,
) -> Result<Requested, DeskError> {
    let (me, now, number) = (agent(actor)?, desk.now(), phone.e164());
    let country = case.map(|case| case.country()).or(phone.country());
    let at_work = desk.clone();
    let subject = Guarded::Call(format!("request {}", me.id.0));
    let asking = desk.store().write_beside(vec![subject], move |tx| {
        Box::pin(async move {
            if let Some(case) = case {
                let found = sqlx::query("SELECT 1 FROM cases WHERE number = $1")
                    .bind(case.as_compact())
                    .fetch_optional(tx.connection())
                    .await?;
                found.ok_or(DeskError::NotFound)?;
            }
            let row = sqlx::query("SELECT extension FROM people WHERE id = $1 AND active = 1")
                .bind(me.id.0)
                .fetch_optional(tx.connection())
                .await?;
            let extension: Option<String> = match row {
                Some(row) => row.try_get(0)?,
                None => None,
            };
            let Some(extension) = extension else { return Ok(Requested::NoExchange) };
            let asked = sqlx::query(ASKED).bind(number.as_str()).bind(me.id.0).bind(now.0 - SAME_S);
            let asked: i64 = asked.fetch_one(tx.connection()).await?.try_get(0)?;
            if asked > 0 {
                return Ok(Requested::Told);
            }
            let id = take_numbers(tx, "call_requests", 1).await?;
            if queue_call(&at_work, tx, id, case, country).await? == 0 {
                return Ok(Requested::NoExchange);
            }
            sqlx::query(
                "INSERT INTO call_requests (id, number, extension, person_id, person_name, case_number, at_utc_s)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(id)
            .bind(number)
            .bind(extension)
            .bind(me.id.0)
            .bind(me.name)
            .bind(case.map(|case| case.as_compact()).unwrap_or_default())
            .bind(now.0)
            .execute(tx.connection())
            .await?;
            Ok::<_, DeskError>(Requested::Told)
        })
    });
    asking.await
}

row! {
    struct RequestRow {
        id: i64,
        number: String,
        extension: String,
        person_id: i64,
        person_name: String,
        case_number: String,
        at_utc_s: i64,
    }
}

/// A request, for the body of its deliveries; `None` for one that was forgotten.
///
/// # Errors
/// When the database does not answer.
pub async fn read_request(desk: &Desk, id: i64) -> Result<Option<CallRequest>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row: Option<RequestRow> = sqlx::query_as(
        "SELECT id, number, extension, person_id, person_name, case_number, at_utc_s FROM call_requests WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let case = match row.case_number.as_str() {
        "" => None,
        number => Some(
            CaseNumber::parse(number).map_err(|error| StoreError::inconsistent("call_requests", error))?,
        ),
    };
    Ok(Some(CallRequest {
        id: row.id,
        number: row.number,
        extension: row.extension,
        agent: Assignee { id: PersonId(row.person_id), name: row.person_name },
        case,
        at: Instant(row.at_utc_s),
    }))
}
