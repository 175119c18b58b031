//! Use-case: an administrator sets the contact of cases that alerts open, and the tables of severities and hosts.

use domain::actor::{Action, Actor, IntegrationId, NotPermitted, Subject, may};
use domain::audit::{AccessChange, AuditAccess, AuditEvent};
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::monitoring::{AlertContact, DEFAULT_SEVERITIES};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use crate::Desk;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, row};

/// What is set for the alerts of an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSettings {
    /// Whom the desk writes to and calls; empty before it is set.
    pub contact: AlertContact,
    /// The language of cases and notes.
    pub language: Language,
    /// The table of severities, as typed.
    pub severities: String,
    /// The table of hosts, as typed.
    pub hosts: String,
    /// When it was changed last, and by whom; `None` before it is set.
    pub changed: Option<(Instant, Author)>,
    /// How often it was changed; 0 before it is set.
    pub revision: i64,
}

/// Why settings were not changed.
#[derive(Debug, Clone, Error)]
pub enum AlertSettingsError {
    /// They were changed since they were read.
    #[error("changed meanwhile")]
    Changed,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(DeskError),
}

holds_desk_error!(AlertSettingsError: DeskError, StoreError, NotPermitted, sqlx::Error);

impl Default for AlertSettings {
    /// No contact, the default severities, no hosts.
    fn default() -> Self {
        Self {
            contact: AlertContact::default(),
            language: Language::default(),
            severities: DEFAULT_SEVERITIES.to_owned(),
            hosts: String::new(),
            changed: None,
            revision: 0,
        }
    }
}

row! {
    struct SettingsRow {
        contact_name: String,
        contact_phone: String,
        contact_mail: String,
        language: String,
        severities: String,
        hosts: String,
        changed_utc_s: i64,
        changed_by: String,
        revision: i64,
    }
}

impl TryFrom<SettingsRow> for AlertSettings {
    type Error = StoreError;

    fn try_from(row: SettingsRow) -> Result<Self, StoreError> {
        let language = Language::from_code(&row.language)
            .ok_or_else(|| StoreError::inconsistent("alert_settings", &row.language))?;
        let by = serde_json::from_str(&row.changed_by)
            .map_err(|error| StoreError::inconsistent("alert_settings", error))?;
        Ok(Self {
            contact: AlertContact {
                name: row.contact_name,
                phone: row.contact_phone,
                mail: row.contact_mail,
            },
            language,
            severities: row.severities,
            hosts: row.hosts,
            changed: Some((Instant(row.changed_utc_s), by)),
            revision: row.revision,
        })
    }
}

/// What is set for an integration; the defaults before anything is.
pub(super) async fn in_force(
    connection: &mut AnyConnection,
    id: IntegrationId,
) -> Result<AlertSettings, StoreError> {
    let row: Option<SettingsRow> = sqlx::query_as(
        "SELECT contact_name, contact_phone, contact_mail, language, severities, hosts, changed_utc_s, changed_by, revision
         FROM alert_settings WHERE integration_id = $1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(AlertSettings::try_from).transpose()?.unwrap_or_default())
}

/// What is set for the alerts of an integration.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for an integration that is not there.
pub async fn alert_settings(
    desk: &Desk,
    actor: &Actor,
    id: IntegrationId,
) -> Result<AlertSettings, DeskError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let known = sqlx::query("SELECT id FROM integrations WHERE id = $1").bind(id.0);
    if known.fetch_optional(&mut *reader).await?.is_none() {
        return Err(DeskError::NotFound);
    }
    let settings = in_force(&mut reader, id).await?;
    reader.done();
    Ok(settings)
}

/// Sets it. The contact and the tables are valid, as the form checks them. `new.revision` is the one that was read, and
/// `new.changed` is not read. The audit log has who changed them, and no value: the contact is a person.
///
/// # Errors
/// See [`AlertSettingsError`]; [`DeskError::NotFound`] for an integration that is not there, or revoked.
pub async fn change_alert_settings(
    desk: &Desk,
    actor: &Actor,
    id: IntegrationId,
    new: AlertSettings,
) -> Result<(), AlertSettingsError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let now = desk.now();
    let by = serde_json::to_string(&Author::from(actor))
        .map_err(|error| StoreError::inconsistent("alert_settings", error))?;
    let actor = actor.clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let noted = noted(tx, (&actor, now), id).await?.ok_or(DeskError::NotFound)?;
                let former = in_force(tx.connection(), id).await?;
                let (changed, revision) = (former.changed.clone(), former.revision);
                let same = AlertSettings { changed, revision, ..new.clone() };
                if former.changed.is_some() && same == former {
                    return Ok(());
                }
                if new.revision != revision {
                    return Err(AlertSettingsError::Changed);
                }
                sqlx::query(
                    "INSERT INTO alert_settings
                         (integration_id, contact_name, contact_phone, contact_mail, language, severities, hosts,
                          changed_utc_s, changed_by, revision)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                     ON CONFLICT (integration_id) DO UPDATE SET contact_name = excluded.contact_name,
                         contact_phone = excluded.contact_phone, contact_mail = excluded.contact_mail,
                         language = excluded.language, severities = excluded.severities, hosts = excluded.hosts,
                         changed_utc_s = excluded.changed_utc_s, changed_by = excluded.changed_by,
                         revision = excluded.revision",
                )
                .bind(id.0)
                .bind(new.contact.name)
                .bind(new.contact.phone)
                .bind(new.contact.mail)
                .bind(new.language.code())
                .bind(new.severities)
                .bind(new.hosts)
                .bind(now.0)
                .bind(by)
                .bind(revision + 1)
                .execute(tx.connection())
                .await?;
                audit::record(tx, &noted).await?;
                Ok(())
            })
        })
        .await
}

/// The entry of the audit log for a change; `None` for an integration that is not there, or revoked.
async fn noted(
    tx: &mut Tx,
    (actor, at): (&Actor, Instant),
    id: IntegrationId,
) -> Result<Option<Noted>, StoreError> {
    let row = sqlx::query("SELECT name, country FROM integrations WHERE id = $1 AND revoked_utc_s IS NULL")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let country: Option<String> = row.try_get("country")?;
    let event = AuditEvent::AccessChanged {
        access: AuditAccess::Integration,
        id: id.0,
        name: row.try_get("name")?,
        what: AccessChange::Alerts,
    };
    let country = country.as_deref().and_then(Country::from_code);
    Ok(Some(Noted::of(actor, at, event).in_country(country)))
}

/// Takes out what is kept about revoked integrations: the contact is a person.
pub(super) async fn forget(tx: &mut Tx) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM alert_settings WHERE integration_id IN (SELECT id FROM integrations WHERE revoked_utc_s IS NOT NULL)",
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected())
}
