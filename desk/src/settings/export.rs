//! Use-case: exports the settings in force at a moment as files.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::time::Instant;

use super::file::{SettingsFile, Subject};
use super::provider::ProviderEntry;
use super::subjects::{SINGLE_ID, entries, rules, written};
use super::versions::Versions;
use crate::{Desk, DeskError};

/// The files of all subjects, as in force at `at`. Entries of now name their version, so that a change that somebody else makes
/// meanwhile is not written over. Those of an earlier moment name none: they are exported to be taken up again.
///
/// # Errors
/// See [`DeskError`].
pub async fn export(desk: &Desk, actor: &Actor, at: Instant) -> Result<Vec<SettingsFile>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let versions = all.in_force(at);
    let is_earlier = at < desk.now();
    let mut files = Vec::with_capacity(Subject::ALL.len());
    for subject in Subject::ALL {
        let seen = |id| if is_earlier { None } else { all.newest(subject, id) };
        let text = if subject == Subject::Provider {
            let mut provider: ProviderEntry = entries(&versions).pop().ok_or(DeskError::NotFound)?;
            provider.embed_logo(desk).await?;
            written(vec![(SINGLE_ID, provider)], &seen)?
        } else {
            rules(subject).export(&versions, &seen)?
        };
        files.push(SettingsFile { subject, text });
    }
    Ok(files)
}
