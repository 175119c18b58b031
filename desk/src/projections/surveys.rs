//! Surveys as rows, projected with the history.

use domain::calendar::{Month, ServiceHours};
use domain::case::{Case, Event, Recorded};
use domain::contract_number::ContractNumber;
use domain::survey::{Answers, Ended, FollowUp, SurveyRound};
use domain::time::Instant;
use sqlx::Row;

use crate::store::{StoreError, Tx};

/// Projects the survey's row after `recorded`.
pub(crate) async fn keep(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    // A person who writes to the case has worked on it, so they must not call for its survey.
    let is_asked = case.survey().asked().is_some();
    if !is_asked && !recorded.iter().any(|entry| matches!(entry.event, Event::Reopened { .. })) {
        return Ok(());
    }
    match case.survey().asked() {
        Some(asked) => {
            put(tx, case, hours, asked).await?;
            put_workers(tx, case).await
        }
        None => forget(tx, case).await,
    }
}

async fn put(tx: &mut Tx, case: &Case, hours: &ServiceHours, asked: &SurveyRound) -> Result<(), StoreError> {
    let plan = plan_of(tx, case, asked.since).await?;
    let month = Month::of(&hours.zone, asked.since)
        .ok_or_else(|| StoreError::inconsistent("surveys", "a survey of no month"))?;
    let (state, ended, way) = match &asked.ended {
        None => ("open", None, None),
        Some(Ended::Answered { at, way, .. }) => ("answered", Some(at.0), Some(way.code())),
        Some(Ended::Refused { at }) => ("refused", Some(at.0), None),
        Some(Ended::Lapsed { at }) => ("lapsed", Some(at.0), None),
    };
    let (follow_up, outcome) = asked.follow_up.map_or(("none", None), FollowUp::codes);
    let answers = asked.answers();
    let resolver = asked.resolver.as_ref();
    let technician = case.visits().on_site();
    sqlx::query(
        "INSERT INTO surveys (case_number, cycle, state, country, plan, agent_id, agent, since_utc_s, month, turn_utc_s,
                              attempts, ended_utc_s, way, score, recommend, comment, follow_up, outcome, technician_id,
                              technician)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT (case_number) DO UPDATE SET
             cycle = excluded.cycle, state = excluded.state, plan = excluded.plan, agent_id = excluded.agent_id,
             agent = excluded.agent, since_utc_s = excluded.since_utc_s, month = excluded.month,
             turn_utc_s = excluded.turn_utc_s, attempts = excluded.attempts, ended_utc_s = excluded.ended_utc_s,
             way = excluded.way, score = excluded.score, recommend = excluded.recommend,
             comment = excluded.comment, follow_up = excluded.follow_up, outcome = excluded.outcome, technician_id = excluded.technician_id,
             technician = excluded.technician",
    )
    .bind(case.opening.number.as_compact())
    .bind(i64::from(asked.cycle))
    .bind(state)
    .bind(case.opening.report.country.code())
    .bind(plan)
    .bind(resolver.map(|handler| handler.id.0))
    .bind(resolver.map_or("", |handler| handler.name.as_str()))
    .bind(asked.since.0)
    .bind(month.to_string())
    .bind(asked.turn.0)
    .bind(i64::from(asked.attempts))
    .bind(ended)
    .bind(way)
    .bind(answers.and_then(Answers::score).map(|score| score.0))
    .bind(answers.and_then(Answers::recommend).map(i64::from))
    .bind(answers.and_then(Answers::comment).map_or("", |comment| comment.as_str()))
    .bind(follow_up)
    .bind(outcome)
    .bind(technician.map(|technician| technician.id.0))
    .bind(technician.map_or("", |technician| technician.name.as_str()))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The name of the case's plan at `since`; that of the country's default plan for an unregistered contract.
async fn plan_of(tx: &mut Tx, case: &Case, since: Instant) -> Result<String, StoreError> {
    let report = &case.opening.report;
    let row = sqlx::query(
        "SELECT name FROM plans
         WHERE id = COALESCE((SELECT plan_id FROM contracts WHERE number = $1), $2) AND effective_from_utc_s <= $3
         ORDER BY version DESC LIMIT 1",
    )
    .bind(report.contract.as_ref().map_or("", ContractNumber::as_str))
    .bind(report.country.default_plan())
    .bind(since.0)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default())
}

async fn put_workers(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    for person in case.survey().workers() {
        sqlx::query(
            "INSERT INTO survey_workers (case_number, person_id) VALUES ($1, $2)
             ON CONFLICT (case_number, person_id) DO NOTHING",
        )
        .bind(case.opening.number.as_compact())
        .bind(person.0)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// Deletes the row of a survey that is no longer due. Its events remain.
async fn forget(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    for sql in
        ["DELETE FROM surveys WHERE case_number = $1", "DELETE FROM survey_workers WHERE case_number = $1"]
    {
        sqlx::query(sql).bind(case.opening.number.as_compact()).execute(tx.connection()).await?;
    }
    Ok(())
}
