//! Use-case: the history of settings, with author, times and changes.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::case::Author;
use domain::time::Instant;

use super::changes::{self, FieldChange};
use super::file::Subject;
use super::provider::{PROVIDER_ID, ProviderEntry};
use super::versions::{ProviderVersion, Stamp, Versions};
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// A version of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The file that has it.
    pub subject: Subject,
    /// The id of the entry.
    pub id: i64,
    /// Its name in this version.
    pub name: String,
    /// When it takes effect for new cases.
    pub effective_from: Instant,
    /// Time and author; `None` for a version that the desk wrote at a start.
    pub recorded: Option<(Instant, Author)>,
    /// Changes from the version before; `None` for the first version.
    pub fields: Option<Vec<FieldChange>>,
}

/// Every version of every setting, newest first; those of the first start come last.
///
/// # Errors
/// See [`DeskError`].
pub async fn history(desk: &Desk, actor: &Actor) -> Result<Vec<Version>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let mut versions = calendars(&all)?;
    versions.extend(plans(&all)?);
    versions.extend(provider(&all)?);
    // In the order of writing. Of two at one moment the later version was written later.
    versions.sort_by_key(|version| version.recorded.as_ref().map_or(version.effective_from, |(at, _)| *at));
    versions.reverse();
    Ok(versions)
}

fn calendars(all: &Versions) -> Result<Vec<Version>, StoreError> {
    let entries = all.calendar_entries();
    all.calendars
        .iter()
        .enumerate()
        .map(|(at, version)| {
            let before = at.checked_sub(1).filter(|before| entries[*before].id == entries[at].id);
            let fields = before.map(|before| changes::between(&entries[before], &entries[at])).transpose()?;
            let entry = (version.calendar.id.0, version.calendar.name());
            Ok(told(Subject::Calendars, entry, &version.stamp, fields))
        })
        .collect()
}

fn plans(all: &Versions) -> Result<Vec<Version>, StoreError> {
    let entries = all.plan_entries();
    all.plans
        .iter()
        .enumerate()
        .map(|(at, version)| {
            let before = at.checked_sub(1).filter(|before| entries[*before].id == entries[at].id);
            let fields = before.map(|before| changes::between(&entries[before], &entries[at])).transpose()?;
            Ok(told(Subject::Plans, (version.id, &version.name), &version.stamp, fields))
        })
        .collect()
}

fn provider(all: &Versions) -> Result<Vec<Version>, StoreError> {
    let entry = |version: &ProviderVersion| ProviderEntry::of(version.version, &version.provider);
    all.provider
        .iter()
        .enumerate()
        .map(|(at, version)| {
            let before = at.checked_sub(1).map(|before| &all.provider[before]);
            let fields =
                before.map(|before| changes::between(&entry(before), &entry(version))).transpose()?;
            let name = version.provider.name.as_str();
            Ok(told(Subject::Provider, (PROVIDER_ID, name), &version.stamp, fields))
        })
        .collect()
}

fn told(
    subject: Subject,
    (id, name): (i64, &str),
    stamp: &Stamp,
    fields: Option<Vec<FieldChange>>,
) -> Version {
    let Stamp { effective_from, recorded } = stamp.clone();
    Version { subject, id, name: name.to_owned(), effective_from, recorded, fields }
}
