//! Canned replies: their versions, and the use-case that fills them for one case.

use domain::actor::{Action, Actor, Subject, may};
use domain::calendar::MomentStyle;
use domain::case_number::CaseNumber;
use domain::wording::{CannedReply, FilledReply};
use sqlx::Row;

use super::Values;
use crate::contracts::plans::Recording;
use crate::events;
use crate::reach::Reach;
use crate::store::{StoreError, Tx};
use crate::{Desk, DeskError};

/// The canned replies for a case, by name: each in the customer's language, with the case's values.
///
/// # Errors
/// [`DeskError::NotFound`] when there is no such case. See [`DeskError`].
pub async fn replies_for(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
) -> Result<Vec<FilledReply>, DeskError> {
    may(actor, Action::WorkCase, Subject::Case { number, country: number.country() })?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    Reach::of(actor).require(&mut reader, number).await?;
    let found = events::history_and_labels(&mut reader, number).await?;
    let (history, labels) = found.ok_or(DeskError::NotFound)?;
    let case = events::fold(&history)?;
    let hours = desk.hours_with(&mut reader, &case.opening.hours).await?;
    let rows = sqlx::query(
        "SELECT r.name, r.document FROM canned_replies r
         WHERE r.version = (SELECT MAX(q.version) FROM canned_replies q
                            WHERE q.id = r.id AND q.effective_from_utc_s <= $1)",
    )
    .bind(now.0)
    .fetch_all(&mut *reader)
    .await
    .map_err(StoreError::from)?;
    reader.done();
    let language = case.opening.language;
    let brand = desk.brand();
    let values = Values {
        case: &case,
        labels: &labels,
        language,
        opened: hours.zone.format(case.opened_at, language, MomentStyle::Long),
        agent: match actor {
            Actor::Staff(staff) => &staff.name,
            _ => "",
        },
        provider: brand.provider.name.as_str(),
    };
    let mut replies = Vec::new();
    for row in rows {
        let document: String = row.try_get(1).map_err(StoreError::from)?;
        if let Some(text) = read_reply(&document)?.offered(language) {
            let name = row.try_get(0).map_err(StoreError::from)?;
            replies.push(FilledReply { name, text: text.fill(|variable| values.of(variable)) });
        }
    }
    replies.sort_by_cached_key(|reply| reply.name.to_lowercase());
    Ok(replies)
}

/// A version as it is stored.
pub(crate) fn read_reply(document: &str) -> Result<CannedReply, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent("canned_replies", error))
}

/// Writes the next version of reply `id` (the first, when there is none).
pub(crate) async fn put_reply(
    tx: &mut Tx,
    id: i64,
    (name, reply): (&str, &CannedReply),
    recording: &Recording,
) -> Result<(), StoreError> {
    let document =
        serde_json::to_string(reply).map_err(|error| StoreError::inconsistent("canned_replies", error))?;
    let (recorded_at, recorded_by) = recording.columns()?;
    sqlx::query(
        "INSERT INTO canned_replies (id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5, $6 FROM canned_replies WHERE id = $1",
    )
    .bind(id)
    .bind(name)
    .bind(document)
    .bind(recording.effective_from.0)
    .bind(recorded_at)
    .bind(recorded_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}
