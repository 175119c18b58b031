//! One call of the survey: contact, case, and earlier calls.

use domain::actor::{Action, Actor, Subject, may};
use domain::case::{Case, Event, Recorded};
use domain::case_number::CaseNumber;
use domain::survey::{SurveyCall, WhoseCall};
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::events;

/// Everything that a call to the customer needs.
///
/// # Errors
/// See [`DeskError`].
pub async fn survey_call(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<SurveyCall, DeskError> {
    may(actor, Action::Survey, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let history = events::history(&mut reader, number).await?;
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let case = events::fold(&history)?;
    may(actor, Action::Survey, Subject::Case { number, country: case.opening.report.country })?;
    let row = sqlx::query("SELECT customer, equipment FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut *reader)
        .await?;
    drop(reader);
    let hours = desk.hours(&case.opening.hours).await?;
    Ok(SurveyCall {
        number,
        customer: row.try_get(0)?,
        equipment: row.try_get(1)?,
        contact: case.opening.report.contact.clone(),
        whose: whose(&case, actor),
        opened_at: case.opened_at,
        closed_at: case.closed().map(|closed| closed.at),
        solution: solution(&history),
        asked: case.survey().asked().cloned(),
        history: history.into_iter().filter(|entry| matches!(entry.event, Event::Survey(_))).collect(),
        zone: hours.zone.clone(),
        now: desk.now(),
    })
}

fn whose(case: &Case, actor: &Actor) -> WhoseCall {
    match actor {
        Actor::Staff(staff) if case.survey().was_worked_by(staff.id) => WhoseCall::SomebodyElses,
        _ => WhoseCall::Yours,
    }
}

fn solution(history: &[Recorded]) -> Option<String> {
    history.iter().rev().find_map(|entry| match &entry.event {
        Event::Resolved { solution, .. } => Some(solution.to_string()),
        _ => None,
    })
}
