//! Use-case: exports the settings in force at a moment as files.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::time::Instant;
use serde::Serialize;

use super::calendars::{self, CalendarsFile};
use super::file::{SettingsFile, Subject};
use super::plans::{self, PlansFile};
use super::provider::{self, PROVIDER_ID};
use super::versions::Versions;
use crate::store::StoreError;
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
    let mut provider = versions.provider_entry().ok_or(DeskError::NotFound)?;
    provider.embed_logo(desk).await?;
    let (mut calendar, mut plan) = (versions.calendar_entries(), versions.plan_entries());
    let is_earlier = at < desk.now();
    let seen = |subject, id: Option<i64>| id.filter(|_| !is_earlier).and_then(|id| all.newest(subject, id));
    for entry in &mut calendar {
        entry.version = seen(Subject::Calendars, entry.id);
    }
    for entry in &mut plan {
        entry.version = seen(Subject::Plans, entry.id);
    }
    provider.version = seen(Subject::Provider, Some(PROVIDER_ID));
    let calendars = written(calendars::HEAD, &CalendarsFile { calendar })?;
    let plans = written(plans::HEAD, &PlansFile { plan })?;
    Ok(vec![
        SettingsFile { subject: Subject::Calendars, text: calendars },
        SettingsFile { subject: Subject::Plans, text: plans },
        SettingsFile { subject: Subject::Provider, text: written(provider::HEAD, &provider)? },
    ])
}

fn written(head: &str, entries: &impl Serialize) -> Result<String, StoreError> {
    let body = toml::to_string(entries).map_err(|error| StoreError::inconsistent("settings", error))?;
    Ok(format!("{head}\n{body}"))
}
