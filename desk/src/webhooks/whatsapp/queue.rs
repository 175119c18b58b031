//! Conversations: whose contact writes by WhatsApp, and the updates that go out to them.

use domain::case::{Case, Event, MessageEvent, Recorded};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use domain::webhook::WebhookId;
use domain::whatsapp::{ApiFailure, SentForm, SentState, SentUpdate, UnsentReason};
use sqlx::{AnyConnection, Row};

use super::super::subscriptions::{Deliverable, write};
use crate::Desk;
use crate::store::{StoreError, Tx, row, take_numbers};

/// A message of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrote {
    /// The number of the desk to which they wrote.
    pub(crate) number: WebhookId,
    /// Their own number in E.164.
    pub(crate) phone: String,
    /// The same as WhatsApp knows it.
    pub(crate) wa_id: String,
    /// When they wrote.
    pub(crate) at: Instant,
}

/// Notes that the contact of a case wrote. Messages may come in another order than they were sent.
pub(crate) async fn note_wrote(tx: &mut Tx, case: CaseNumber, wrote: &Wrote) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO whatsapp_conversations (case_number, number_id, phone, wa_id, wrote_utc_s)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (case_number) DO UPDATE SET number_id = excluded.number_id, phone = excluded.phone,
             wa_id = excluded.wa_id, wrote_utc_s = excluded.wrote_utc_s
         WHERE whatsapp_conversations.wrote_utc_s <= excluded.wrote_utc_s",
    )
    .bind(case.as_compact())
    .bind(wrote.number.0)
    .bind(wrote.phone.as_str())
    .bind(wrote.wa_id.as_str())
    .bind(wrote.at.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes a delivery for each update among entries, if the contact of the case writes by WhatsApp.
pub(crate) async fn queue_updates(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    entries: &[Recorded],
) -> Result<(), StoreError> {
    let is_update =
        |entry: &&Recorded| matches!(entry.event, Event::Message(MessageEvent::UpdateSent { .. }));
    let updates: Vec<u32> = entries.iter().filter(is_update).map(|entry| entry.version).collect();
    if updates.is_empty() {
        return Ok(());
    }
    let number = case.opening.number;
    let row = sqlx::query(
        "SELECT c.number_id, c.phone FROM whatsapp_conversations c JOIN whatsapp_numbers n ON n.id = c.number_id
         JOIN whatsapp_secrets s ON s.number_id = n.id
         WHERE c.case_number = $1 AND n.paused_utc_s IS NULL",
    )
    .bind(number.as_compact())
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let (line, phone): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    // The contact may be another one since then.
    if !case.opening.report.contact.phones().any(|own| own.e164() == phone) {
        return Ok(());
    }
    for version in updates {
        let id = take_numbers(tx, "whatsapp_messages", 1).await?;
        let delivery = Deliverable::update(desk, WebhookId(line), (number, version), id);
        sqlx::query(
            "INSERT INTO whatsapp_messages (id, number_id, case_number, version, delivery_id, changed_utc_s)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(line)
        .bind(number.as_compact())
        .bind(i64::from(version))
        .bind(delivery.id())
        .bind(desk.now().0)
        .execute(tx.connection())
        .await?;
        write(tx, &[delivery]).await?;
    }
    Ok(())
}

row! {
    struct SentRow {
        version: i64,
        state: String,
        form: Option<String>,
        failure: Option<String>,
        failure_code: Option<i64>,
        failure_title: Option<String>,
    }
}

impl TryFrom<SentRow> for SentUpdate {
    type Error = StoreError;

    fn try_from(row: SentRow) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("whatsapp_messages", what);
        let form = |code: &str| SentForm::from_code(code).ok_or_else(|| wrong(code));
        let failure = |code: &str| UnsentReason::from_code(code).ok_or_else(|| wrong(code));
        Ok(Self {
            version: u32::try_from(row.version).map_err(|_| wrong("version"))?,
            state: SentState::from_code(&row.state).ok_or_else(|| wrong(&row.state))?,
            form: row.form.as_deref().map(form).transpose()?,
            failure: row.failure.as_deref().map(failure).transpose()?,
            said: row.failure_code.zip(row.failure_title).map(|(code, title)| ApiFailure { code, title }),
        })
    }
}

/// The updates of a case that were sent by WhatsApp, in their order.
pub(crate) async fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Vec<SentUpdate>, StoreError> {
    let rows: Vec<SentRow> = sqlx::query_as(
        "SELECT version, state, form, failure, failure_code, failure_title FROM whatsapp_messages
         WHERE case_number = $1 ORDER BY version",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(SentUpdate::try_from).collect()
}
