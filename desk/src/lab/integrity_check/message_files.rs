//! Files of messages: each stands beside the opening, a message or a note of its case, and holds the bytes that its row
//! says. The history names none, so that a row that was deleted is not missed.

use domain::attachment::{FileKind, Shown};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use super::Inconsistency;
use crate::access::tokens::hex;
use crate::store::StoreError;

/// Compares every file with its row, and adds the row to the digest.
pub(super) async fn inconsistencies(
    connection: &mut AnyConnection,
    digest: &mut Sha256,
) -> Result<Vec<Inconsistency>, StoreError> {
    let rows = sqlx::query(
        "SELECT f.case_number, f.file_id, f.name, f.kind, f.hash, f.version, f.place, f.bytes, e.kind
         FROM message_files f LEFT JOIN case_events e ON e.case_number = f.case_number AND e.version = f.version
         ORDER BY f.case_number, f.version, f.place",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::new();
    for row in rows {
        let told: [String; 5] =
            [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?];
        let counted: [i64; 3] = [row.try_get(5)?, row.try_get(6)?, row.try_get(7)?];
        digest.update(format!("{told:?}{counted:?}"));
        let [case, file, _, kind, hash] = told;
        let entry: Option<String> = row.try_get(8)?;
        let content = sqlx::query(
            "SELECT content, thumbnail FROM message_files WHERE case_number = $1 AND file_id = $2",
        )
        .bind(&case)
        .bind(&file)
        .fetch_one(&mut *connection)
        .await?;
        let (content, thumbnail): (Vec<u8>, Option<Vec<u8>>) = (content.try_get(0)?, content.try_get(1)?);
        let has_thumbnail = thumbnail.is_some_and(|thumbnail| !thumbnail.is_empty());
        let shown = FileKind::from_code(&kind).map(FileKind::shown);
        let is_picture = !content.is_empty() && shown == Some(Shown::InPlace);
        let what = if !matches!(
            entry.as_deref(),
            Some("opened" | "talk:customer_wrote" | "talk:news_given" | "noted")
        ) {
            Some("came with no message")
        } else if i64::try_from(content.len()) != Ok(counted[2]) {
            Some("has not as many bytes as its row says")
        } else if hex(&Sha256::digest(&content)) != hash {
            Some("holds other bytes than those that came in")
        } else if has_thumbnail != is_picture {
            Some("has a thumbnail without a picture, or a picture without one")
        } else {
            None
        };
        found.extend(what.map(|what| Inconsistency::File { case, file, what }));
    }
    Ok(found)
}
