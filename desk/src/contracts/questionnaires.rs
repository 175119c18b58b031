//! Questionnaires that plans ask, by version.

use domain::sla_plan::SlaPlan;
use domain::survey::{Question, Questionnaire, QuestionnaireId};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::plans::Recording;
use crate::store::{StoreError, Tx};

/// The terms with the questions that they ask at `at`: the questionnaire's version in force then. Terms that name none are left
/// as they are.
pub(crate) async fn with_questions(
    connection: &mut AnyConnection,
    terms: SlaPlan,
    at: Instant,
) -> Result<SlaPlan, StoreError> {
    let Some(id) = terms.survey().asks else { return Ok(terms) };
    let row = sqlx::query(
        "SELECT document FROM questionnaires WHERE id = $1 AND effective_from_utc_s <= $2 ORDER BY version DESC LIMIT 1",
    )
    .bind(id.0)
    .bind(at.0)
    .fetch_optional(connection)
    .await?;
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("questionnaires", what);
    let row = row.ok_or_else(|| wrong(&format!("no questionnaire {} in force", id.0)))?;
    let mut survey = terms.survey().clone();
    survey.questionnaire = Some(read_document(&row.try_get::<String, _>(0)?)?);
    terms.with_survey(survey).map_err(|error| wrong(&error))
}

/// A version as it is stored.
pub(crate) fn read_document(document: &str) -> Result<Questionnaire, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent("questionnaires", error))
}

/// Writes the next version of a questionnaire (the first, when there is none).
pub(crate) async fn put_questionnaire(
    tx: &mut Tx,
    id: QuestionnaireId,
    name: &str,
    questions: Vec<Question>,
    recording: &Recording,
) -> Result<(), StoreError> {
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("questionnaires", what);
    let (Some(at), Some(by)) = recording.columns()? else {
        return Err(wrong(&"a version without an author"));
    };
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) + 1 FROM questionnaires WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let version: i64 = row.try_get(0)?;
    let number = u32::try_from(version).map_err(|error| wrong(&error))?;
    let questionnaire = Questionnaire::new(number, questions).map_err(|error| wrong(&error))?;
    let document = serde_json::to_string(&questionnaire).map_err(|error| wrong(&error))?;
    sqlx::query(
        "INSERT INTO questionnaires (id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.0)
    .bind(version)
    .bind(name)
    .bind(document)
    .bind(recording.effective_from.0)
    .bind(at)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(())
}
