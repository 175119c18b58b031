//! Files of visits: each one in a history is stored unchanged, and no other is stored.

use std::collections::BTreeSet;

use domain::attachment::Attachment;
use domain::case::Case;
use domain::case_number::CaseNumber;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Row};

use super::Inconsistency;
use crate::access::tokens::hex;
use crate::store::StoreError;

/// Stored files that no case has claimed yet, by case and id.
pub(super) struct Unclaimed(BTreeSet<(String, String)>);

impl Unclaimed {
    pub(super) async fn all(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let rows = sqlx::query("SELECT case_number, file_id FROM visit_files").fetch_all(connection).await?;
        let key = |row: sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        Ok(Self(rows.into_iter().map(key).collect::<Result<_, StoreError>>()?))
    }

    /// Claims the files of a case, and compares each with its history.
    pub(super) async fn claim(
        &mut self,
        connection: &mut AnyConnection,
        case: &Case,
    ) -> Result<Vec<Inconsistency>, StoreError> {
        let number = case.opening.number;
        let mut found = Vec::new();
        for file in case.visits().list().iter().flat_map(|visit| &visit.files) {
            let kept = self.0.remove(&(number.as_compact(), file.id.as_str().to_owned()));
            let what = if kept { difference(connection, number, file).await? } else { Some("is not kept") };
            let finding = |what| Inconsistency::File {
                case: number.as_compact(),
                file: file.id.as_str().to_owned(),
                what,
            };
            found.extend(what.map(finding));
        }
        Ok(found)
    }

    /// The unclaimed files.
    pub(super) fn inconsistencies(self) -> impl Iterator<Item = Inconsistency> {
        let what = "is kept, and no history names it";
        self.0.into_iter().map(move |(case, file)| Inconsistency::File { case, file, what })
    }
}

async fn difference(
    connection: &mut AnyConnection,
    number: CaseNumber,
    file: &Attachment,
) -> Result<Option<&'static str>, StoreError> {
    let row = sqlx::query("SELECT content FROM visit_files WHERE case_number = $1 AND file_id = $2")
        .bind(number.as_compact())
        .bind(file.id.as_str())
        .fetch_one(connection)
        .await?;
    let content: Vec<u8> = row.try_get(0)?;
    Ok(if u32::try_from(content.len()) != Ok(file.bytes) {
        Some("has not as many bytes as the history says")
    } else if hex(&Sha256::digest(&content)) != file.hash.as_str() {
        Some("holds other bytes than those that came in")
    } else {
        None
    })
}
