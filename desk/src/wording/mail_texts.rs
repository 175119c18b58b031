//! The provider's own words of mails. Every mail needs them, so each process has them in memory.

use std::sync::{Arc, PoisonError, RwLock};

use domain::i18n::Language;
use domain::time::Instant;
use domain::wording::{MailText, MailTextKind, MailWords};
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::contracts::plans::Recording;
use crate::store::{StoreError, Tx, row};

/// The versions that a process knows.
#[derive(Debug)]
pub(crate) struct MailTextShelf(RwLock<Arc<Vec<Kept>>>);

/// A version in memory.
#[derive(Debug, Clone)]
struct Kept {
    kind: MailTextKind,
    from: Instant,
    text: MailText,
}

row! {
    struct KeptRow {
        kind: String,
        document: String,
        effective_from_utc_s: i64,
    }
}

impl MailTextShelf {
    /// Reads the versions at the start of a process.
    pub(crate) async fn load(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        Ok(Self(RwLock::new(read(connection).await?)))
    }

    fn kept(&self) -> Arc<Vec<Kept>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn read(connection: &mut AnyConnection) -> Result<Arc<Vec<Kept>>, StoreError> {
    let rows: Vec<KeptRow> =
        sqlx::query_as("SELECT kind, document, effective_from_utc_s FROM mail_texts ORDER BY kind, version")
            .fetch_all(connection)
            .await?;
    let kept = |KeptRow { kind, document, effective_from_utc_s }| {
        let (kind, text) = read_mail_text(&kind, &document)?;
        Ok::<_, StoreError>(Kept { kind, from: Instant(effective_from_utc_s), text })
    };
    Ok(Arc::new(rows.into_iter().map(kept).collect::<Result<_, _>>()?))
}

/// The own words in force at a moment.
#[derive(Debug, Clone)]
pub(crate) struct MailTexts {
    kept: Arc<Vec<Kept>>,
    at: Instant,
}

impl MailTexts {
    /// The words of one kind alone, for a preview.
    pub(crate) fn only(kind: MailTextKind, text: MailText) -> Self {
        let from = Instant(0);
        Self { kept: Arc::new(vec![Kept { kind, from, text }]), at: from }
    }

    /// The own words of a kind in a language; `None` for the standard ones.
    pub(crate) fn words(&self, kind: MailTextKind, language: Language) -> Option<&MailWords> {
        let mut newest_first = self.kept.iter().rev();
        let in_force = newest_first.find(|kept| kept.kind == kind && kept.from <= self.at)?;
        in_force.text.get(language)
    }
}

impl Desk {
    /// The own words of mails that are in force now, from memory.
    pub(crate) fn mail_texts(&self) -> MailTexts {
        MailTexts { kept: self.mail_text_shelf().kept(), at: self.now() }
    }

    /// Reads the own words of mails anew when they were changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_mail_texts(&self) -> Result<(), StoreError> {
        let mut reader = self.store().reader().await?;
        // Versions are only added.
        let row = sqlx::query("SELECT COUNT(*) FROM mail_texts").fetch_one(&mut *reader).await?;
        let count: i64 = row.try_get(0)?;
        if usize::try_from(count).is_ok_and(|count| count == self.mail_text_shelf().kept().len()) {
            return Ok(());
        }
        let kept = read(&mut reader).await?;
        reader.done();
        *self.mail_text_shelf().0.write().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(())
    }
}

/// A version as it is stored.
pub(crate) fn read_mail_text(kind: &str, document: &str) -> Result<(MailTextKind, MailText), StoreError> {
    let known = MailTextKind::from_code(kind).ok_or_else(|| StoreError::inconsistent("mail_texts", kind))?;
    let text =
        serde_json::from_str(document).map_err(|error| StoreError::inconsistent("mail_texts", error))?;
    Ok((known, text))
}

/// Writes the next version of the words of a kind.
pub(crate) async fn put_mail_text(
    tx: &mut Tx,
    kind: MailTextKind,
    text: &MailText,
    recording: &Recording,
) -> Result<(), StoreError> {
    let document =
        serde_json::to_string(text).map_err(|error| StoreError::inconsistent("mail_texts", error))?;
    let (recorded_at, recorded_by) = recording.columns()?;
    sqlx::query(
        "INSERT INTO mail_texts (kind, version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5 FROM mail_texts WHERE kind = $1",
    )
    .bind(kind.code())
    .bind(document)
    .bind(recording.effective_from.0)
    .bind(recorded_at)
    .bind(recorded_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}
