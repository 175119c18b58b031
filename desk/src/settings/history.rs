//! Use-case: the history of settings, with author, times and changes.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::case::Author;
use domain::time::Instant;

use super::changes::FieldChange;
use super::file::Subject;
use super::subjects::rules;
use super::versions::{Stamp, Versions};
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
    let mut versions = Vec::new();
    for subject in Subject::ALL {
        versions.extend(rules(subject).history(&all)?);
    }
    // That the standard words of mails counted before is no change.
    versions.retain(|version| version.subject != Subject::MailTexts || version.recorded.is_some());
    // In the order of writing. Of two at one moment the later version was written later.
    versions.sort_by_key(|version| version.recorded.as_ref().map_or(version.effective_from, |(at, _)| *at));
    versions.reverse();
    Ok(versions)
}

/// A version as it is told, with its changes from the one before.
pub(super) fn told(
    subject: Subject,
    (id, name): (i64, &str),
    stamp: &Stamp,
    fields: Option<Vec<FieldChange>>,
) -> Version {
    let Stamp { effective_from, recorded } = stamp.clone();
    Version { subject, id, name: name.to_owned(), effective_from, recorded, fields }
}
