//! The participants of cases, by the address of each.

use domain::actor::{ParticipantId, ParticipantOf};
use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::store::{StoreError, Tx};

/// Projects the participants of a case. They are few.
pub(super) async fn update_rows(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let number = case.opening.number.as_compact();
    sqlx::query("DELETE FROM participants WHERE case_number = $1")
        .bind(number.clone())
        .execute(tx.connection())
        .await?;
    for participant in case.participants() {
        sqlx::query("INSERT INTO participants (case_number, id, name, address) VALUES ($1, $2, $3, $4)")
            .bind(number.clone())
            .bind(i64::from(participant.id.0))
            .bind(participant.name.as_str().to_owned())
            .bind(participant.mail.as_str().to_lowercase())
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// A participant who is on the case, and when the time of links to it began to run.
pub(crate) async fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
    id: ParticipantId,
) -> Result<Option<(ParticipantOf, Option<Instant>)>, StoreError> {
    let row = sqlx::query(
        "SELECT p.name, c.link_runs_from_utc_s FROM participants p JOIN cases c ON c.number = p.case_number
         WHERE p.case_number = $1 AND p.id = $2",
    )
    .bind(number.as_compact())
    .bind(i64::from(id.0))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (name, runs_from): (String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let name = PersonName::parse(&name)
        .map_err(|problem| StoreError::inconsistent("participants", format!("{problem:?}")))?;
    Ok(Some((ParticipantOf { number, id, name }, runs_from.map(Instant))))
}
