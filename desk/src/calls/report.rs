//! Use-case: an exchange reports a call.

use domain::actor::{Action, Actor, IntegrationId, NotPermitted, PersonId, Subject, may};
use domain::call::{
    CallDirection, CallId, CallReport, CallState, CallTimes, Leg, Party, call_text, phone_of, take_in,
};
use domain::case::Assignee;
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::phone::Extension;
use domain::time::Instant;
use sqlx::Row;

use super::hub::tell;
use crate::Desk;
use crate::DeskError;
use crate::access::staff::sign_in_name;
use crate::store::{Guarded, StoreError, Tx, row, take_numbers};

/// How a report names an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentName {
    /// By the telephone extension.
    Extension(Extension),
    /// By the mail address of the sign-in.
    Mail(MailAddress),
}

/// A report of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// The exchange's own id of the call.
    pub call: CallId,
    /// The state that the call has come to.
    pub state: CallState,
    /// Who called.
    pub direction: CallDirection,
    /// The number of the other side, as the exchange writes it; empty when it is withheld.
    pub number: String,
    /// The country of numbers without a plus; `None` for the one of the integration.
    pub country: Option<Country>,
    /// The line that was called; empty when the exchange does not say.
    pub line: String,
    /// The agent at whose telephone it rings; `None` for the call as a whole.
    pub agent: Option<AgentName>,
    /// When it came to the state; `None` for now. A later time counts as now.
    pub at: Option<Instant>,
    /// With an end: for how many seconds they talked.
    pub length_s: Option<i64>,
}

/// What the desk made of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// How the call stands at the agent.
    pub state: CallState,
    /// The agent; `None` when the report names none, or none who is in service.
    pub agent: Option<Assignee>,
}

row! {
    struct LegRow {
        id: i64,
        person_id: i64,
        rang_utc_s: Option<i64>,
        answered_utc_s: Option<i64>,
        ended_utc_s: Option<i64>,
    }
}

impl LegRow {
    fn leg(&self) -> Leg {
        let times = CallTimes {
            rang: self.rang_utc_s.map(Instant),
            answered: self.answered_utc_s.map(Instant),
            ended: self.ended_utc_s.map(Instant),
        };
        Leg { agent: (self.person_id != 0).then_some(PersonId(self.person_id)), times }
    }
}

/// The legs of a call.
pub const REPORTED: &str = "SELECT id, person_id, rang_utc_s, answered_utc_s, ended_utc_s FROM calls
     WHERE integration_id = $1 AND call_id = $2 ORDER BY integration_id, call_id, person_id";

/// Takes a report in, and tells the pages of every agent for whom it changes something. A repetition changes nothing.
///
/// # Errors
/// See [`DeskError`].
pub async fn report(desk: &Desk, actor: &Actor, new: NewReport) -> Result<Reported, DeskError> {
    may(actor, Action::ReportCalls, Subject::Desk)?;
    let Actor::Integration(exchange) = actor else { return Err(NotPermitted.into()) };
    let (by, now) = (exchange.id, desk.now());
    let phone = phone_of(&new.number, new.country.or(exchange.scope.country));
    let number = phone.map(|phone| phone.e164()).unwrap_or_default();
    let subject = Guarded::Call(format!("{} {}", by.0, new.call.as_str()));
    let taking = desk.store().write_beside(vec![subject], move |tx| {
        Box::pin(async move { write(tx, by, &new, &number, now).await })
    });
    let (reported, changed) = taking.await?;
    for agent in changed {
        tell(desk, agent).await;
    }
    Ok(reported)
}

/// Writes the legs that a report changes. Gives the agents of these legs.
async fn write(
    tx: &mut Tx,
    by: IntegrationId,
    new: &NewReport,
    number: &str,
    now: Instant,
) -> Result<(Reported, Vec<PersonId>), StoreError> {
    let agent = match &new.agent {
        Some(name) => named(tx, name).await?,
        None => None,
    };
    let rows: Vec<LegRow> =
        sqlx::query_as(REPORTED).bind(by.0).bind(new.call.as_str()).fetch_all(tx.connection()).await?;
    let before: Vec<Leg> = rows.iter().map(LegRow::leg).collect();
    let id = agent.as_ref().map(|agent| agent.id);
    let at = new.at.unwrap_or(now).min(now);
    let party = match (id, &new.agent) {
        (Some(id), _) => Party::Agent(id),
        (None, Some(_)) => Party::Other,
        (None, None) => Party::Whole,
    };
    let said = CallReport { state: new.state, party, at, length_s: new.length_s };
    let after = take_in(before.clone(), said);
    let mut changed = Vec::new();
    for (place, leg) in after.iter().enumerate() {
        if before.get(place) == Some(leg) {
            continue;
        }
        match rows.get(place) {
            Some(row) => update(tx, row.id, leg.times, number, new).await?,
            None => insert(tx, by, *leg, number, new, now).await?,
        }
        changed.extend(leg.agent);
    }
    let stands = after.iter().find(|leg| leg.agent == id).or(after.first());
    let state = stands.map_or(new.state, |leg| leg.times.state(now));
    Ok((Reported { state, agent }, changed))
}

/// The member of the staff in service whom a report names.
async fn named(tx: &mut Tx, name: &AgentName) -> Result<Option<Assignee>, StoreError> {
    let (text, value) = match name {
        AgentName::Extension(extension) => {
            ("SELECT id, name FROM people WHERE extension = $1 AND active = 1", extension.as_str().to_owned())
        }
        AgentName::Mail(mail) => {
            ("SELECT id, name FROM people WHERE mail = $1 AND active = 1", sign_in_name(mail))
        }
    };
    let row = sqlx::query(text).bind(value).fetch_optional(tx.connection()).await?;
    row.map(|row| Ok(Assignee { id: PersonId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}

async fn insert(
    tx: &mut Tx,
    by: IntegrationId,
    Leg { agent, times }: Leg,
    number: &str,
    new: &NewReport,
    now: Instant,
) -> Result<(), StoreError> {
    let id = take_numbers(tx, "calls", 1).await?;
    sqlx::query(
        "INSERT INTO calls (id, integration_id, call_id, person_id, direction, number, written, line, rang_utc_s,
                            answered_utc_s, ended_utc_s, reported_utc_s)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(id)
    .bind(by.0)
    .bind(new.call.as_str())
    .bind(agent.map_or(0, |agent| agent.0))
    .bind(new.direction.code())
    .bind(number)
    .bind(call_text(&new.number))
    .bind(call_text(&new.line))
    .bind(times.rang.map(|at| at.0))
    .bind(times.answered.map(|at| at.0))
    .bind(times.ended.map(|at| at.0))
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Number and line may come with a later report than the first.
async fn update(
    tx: &mut Tx,
    id: i64,
    times: CallTimes,
    number: &str,
    new: &NewReport,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE calls
         SET rang_utc_s = $2, answered_utc_s = $3, ended_utc_s = $4,
             number = CASE WHEN number = '' THEN CAST($5 AS TEXT) ELSE number END,
             written = CASE WHEN written = '' THEN CAST($6 AS TEXT) ELSE written END,
             line = CASE WHEN line = '' THEN CAST($7 AS TEXT) ELSE line END
         WHERE id = $1",
    )
    .bind(id)
    .bind(times.rang.map(|at| at.0))
    .bind(times.answered.map(|at| at.0))
    .bind(times.ended.map(|at| at.0))
    .bind(number)
    .bind(call_text(&new.number))
    .bind(call_text(&new.line))
    .execute(tx.connection())
    .await?;
    Ok(())
}
