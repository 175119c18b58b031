//! Use-case: who changed which setting, when, from when on, and from what to what.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::case::Author;
use domain::time::Instant;

use super::changes::{self, FieldChange};
use super::file::Subject;
use super::versions::{Stamp, Versions};
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// A version of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// In which file it stands.
    pub subject: Subject,
    /// Its name in this version.
    pub name: String,
    /// From when it counts for new cases.
    pub effective_from: Instant,
    /// When it was written and by whom; `None` for what the desk wrote by itself at a start.
    pub recorded: Option<(Instant, Author)>,
    /// In what it differs from the version before; `None` for the first.
    pub fields: Option<Vec<FieldChange>>,
}

/// Every version of every setting, the newest first; those of the first start come last.
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
    // In the order of their making; of those of one moment the later one was made later.
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
            Ok(told(Subject::Calendars, version.calendar.name(), &version.stamp, fields))
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
            Ok(told(Subject::Plans, &version.name, &version.stamp, fields))
        })
        .collect()
}

fn told(subject: Subject, name: &str, stamp: &Stamp, fields: Option<Vec<FieldChange>>) -> Version {
    let Stamp { effective_from, recorded } = stamp.clone();
    Version { subject, name: name.to_owned(), effective_from, recorded, fields }
}
