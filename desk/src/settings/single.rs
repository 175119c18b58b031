//! Subjects of which the desk has one entry: the provider, number formats, formats of serials, causes, waiting reasons.

use std::fmt::Debug;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;

use super::apply::{ChangePlan, Draft};
use super::file::{Document, Reason};
use super::subjects::{Rules, SINGLE_ID, entries};
use super::versions::{EntryVersion, Stamp, Versions};
use crate::contracts::plans::Recording;
use crate::store::documents::{self, DocumentVersion, SingleDocument};
use crate::store::{StoreError, Tx};

/// The one entry of a subject.
pub(super) trait SingleRules: Rules<Content: SingleDocument> + DeserializeOwned {
    /// What counts before anything is set.
    fn standing() -> Result<Self::Content, StoreError>;

    /// What people call the content, where a report or a history names it; empty for the name of the subject.
    fn name(content: &Self::Content) -> String;
}

/// The one entry of a subject that is judged by itself.
pub(super) trait CheckedRules: SingleRules {
    /// The content that is written; else everything that is wrong with the entry, by key.
    fn checked(&self) -> Result<Self::Content, Vec<(String, Reason)>>;
}

/// Reads all versions in order. What counts before anything is set comes first, as version 0, which is in no table.
pub(super) async fn all<E: SingleRules>(
    connection: &mut AnyConnection,
) -> Result<Vec<EntryVersion<E::Content>>, StoreError> {
    let version = |version, content, stamp| {
        let name = E::name(&content);
        EntryVersion { id: SINGLE_ID, version, name, content, stamp }
    };
    let mut all = vec![version(0, E::standing()?, Stamp::SINCE_EVER)];
    for read in documents::all::<E::Content>(connection).await? {
        let DocumentVersion { version: number, document, effective_from, recorded: (at, by) } = read;
        let stamp = Stamp::read(effective_from.0, Some(at), Some(by))?;
        all.push(version(number, document, stamp));
    }
    Ok(all)
}

/// The changed content of such a subject.
#[derive(Debug, Clone)]
pub(super) struct SingleDraft<T>(pub(super) T);

impl<T: SingleDocument + Debug + Send + Sync> Draft for SingleDraft<T> {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        recording: &'a Recording,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let (Some(at), Some(by)) = recording.columns()? else {
                return Err(StoreError::inconsistent(T::TABLE.name, "a version without an author"));
            };
            documents::put(tx, &self.0, recording.effective_from, (at, by)).await
        }
        .boxed()
    }
}

impl ChangePlan {
    /// Compares the entry of a file.
    pub(super) fn read_single<E>(&mut self, document: &Document<'_>, all: &Versions) -> Result<(), StoreError>
    where
        E: CheckedRules<Content: Debug + Send + Sync + 'static>,
    {
        let Some(entry) = self.read_document::<E>(document) else { return Ok(()) };
        match entry.checked() {
            Ok(content) => {
                if let Some(content) = self.compare_single(document, entry, content, all)? {
                    self.drafts.push(Box::new(SingleDraft(content)));
                }
            }
            Err(problems) => self.tell(document, 0, problems),
        }
        Ok(())
    }

    /// Records the content of an entry beside the desk's. Gives it back when it is changed.
    pub(super) fn compare_single<E: SingleRules>(
        &mut self,
        document: &Document<'_>,
        mut entry: E,
        content: E::Content,
        all: &Versions,
    ) -> Result<Option<E::Content>, StoreError> {
        let before = entries::<E>(&self.base).pop();
        let name = E::name(&content);
        let after = EntryVersion { id: SINGLE_ID, version: 0, name, content, stamp: Stamp::SINCE_EVER };
        let written = E::from_version(&after, &self.base);
        if !self.compare(E::SUBJECT, &after.name, Some(SINGLE_ID), before.as_ref(), &written, all)? {
            return Ok(None);
        }
        self.refuse_outdated(document, 0, *entry.version_mut(), all.newest(E::SUBJECT, SINGLE_ID));
        Ok(Some(after.content))
    }
}
