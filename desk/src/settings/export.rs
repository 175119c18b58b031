//! Use-case: exports the settings in force at a moment as files.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::time::Instant;
use serde::Serialize;

use super::calendars::{self, CalendarsFile};
use super::file::{SettingsFile, Subject};
use super::plans::{self, PlansFile};
use super::versions::Versions;
use crate::store::StoreError;
use crate::{Desk, DeskError};

/// The files of all subjects in force at `at`.
///
/// # Errors
/// See [`DeskError`].
pub async fn export(desk: &Desk, actor: &Actor, at: Instant) -> Result<Vec<SettingsFile>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let versions = Versions::read(&mut reader).await?.in_force(at);
    reader.done();
    let text = |subject| match subject {
        Subject::Calendars => {
            written(calendars::HEAD, &CalendarsFile { calendar: versions.calendar_entries() })
        }
        Subject::Plans => written(plans::HEAD, &PlansFile { plan: versions.plan_entries() }),
    };
    Subject::ALL.into_iter().map(|subject| Ok(SettingsFile { subject, text: text(subject)? })).collect()
}

fn written(head: &str, entries: &impl Serialize) -> Result<String, StoreError> {
    let body = toml::to_string(entries).map_err(|error| StoreError::inconsistent("settings", error))?;
    Ok(format!("{head}\n{body}"))
}
