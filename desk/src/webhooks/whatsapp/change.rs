//! Use-case: an administrator changes a number; what was changed, when and by whom.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AccessChange;
use domain::case::Author;
use domain::country::Country;
use domain::time::Instant;
use domain::webhook::WebhookId;
use domain::whatsapp::{ApiSecret, Templates, WhatsAppSetting};
use sqlx::FromRow;

use super::super::administration::judged_address;
use super::super::changes::{HISTORY, SHOWN, record};
use super::super::receiver::ReceiverUrl;
use super::numbers::{NewNumber, NumberError, Secrets, is_taken, keep_secrets, note};
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, Tx, row};

/// An entry of a number's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberChange {
    /// When it was done.
    pub at: Instant,
    /// Who did it.
    pub by: Author,
    /// What was changed.
    pub setting: WhatsAppSetting,
    /// Its value before; empty for a secret.
    pub former: String,
    /// Its value since then; empty for a secret.
    pub current: String,
}

row! {
    struct ChangeRow {
        at_utc_s: i64,
        changed_by: String,
        setting: String,
        value_before: String,
        value_after: String,
    }
}

impl TryFrom<ChangeRow> for NumberChange {
    type Error = StoreError;

    fn try_from(row: ChangeRow) -> Result<Self, StoreError> {
        let setting = WhatsAppSetting::from_code(&row.setting)
            .ok_or_else(|| StoreError::inconsistent("webhook_changes", &row.setting))?;
        let by = serde_json::from_str(&row.changed_by)
            .map_err(|error| StoreError::inconsistent("webhook_changes", error))?;
        let (former, current) = (row.value_before, row.value_after);
        Ok(Self { at: Instant(row.at_utc_s), by, setting, former, current })
    }
}

row! {
    struct SettingsRow {
        name: String,
        phone_number_id: String,
        graph_url: String,
        country: Option<String>,
        templates: String,
        access_token: Option<String>,
        app_secret: Option<String>,
    }
}

type Difference = (WhatsAppSetting, String, String);

/// The settings that a change makes others, each with its former and its current value.
fn differences(
    former: &SettingsRow,
    new: &NewNumber,
    secrets: &Secrets,
) -> Result<Vec<Difference>, StoreError> {
    let templates: Templates = serde_json::from_str(&former.templates)
        .map_err(|error| StoreError::inconsistent("whatsapp_numbers", error))?;
    let country = new.scope.country.map_or("", Country::code);
    let (known, current) = (templates.names(), new.templates.names());
    let values = [
        (WhatsAppSetting::Name, former.name.as_str(), new.name.as_str()),
        (WhatsAppSetting::PhoneNumberId, former.phone_number_id.as_str(), new.phone_number_id.as_str()),
        (WhatsAppSetting::GraphUrl, former.graph_url.as_str(), new.base()),
        (WhatsAppSetting::Scope, former.country.as_deref().unwrap_or_default(), country),
        (WhatsAppSetting::Templates, known.as_str(), current.as_str()),
    ];
    let mut different: Vec<Difference> = values
        .into_iter()
        .filter(|(_, former, current)| former != current)
        .map(|(setting, former, current)| (setting, former.to_owned(), current.to_owned()))
        .collect();
    // The same names may belong to other languages.
    if templates != new.templates && known == current {
        different.push((WhatsAppSetting::Templates, known, current));
    }
    for (setting, former, given) in [
        (WhatsAppSetting::AccessToken, &former.access_token, &secrets.access_token),
        (WhatsAppSetting::AppSecret, &former.app_secret, &secrets.app_secret),
    ] {
        let is_other = given.as_ref().is_some_and(|given| former.as_deref() != Some(given.expose()));
        if is_other {
            different.push((setting, String::new(), String::new()));
        }
    }
    Ok(different)
}

/// Changes the settings of a number, by the same judgement of its address as when it is added. A secret that is not given
/// stays, unless the address of the API changes. Then the token is given again, so that it goes to no host that its owner
/// did not name. `seen` is the number of changes that the actor knows of.
///
/// # Errors
/// See [`NumberError`]; [`DeskError::NotFound`] for a number that is not there.
pub async fn change_number(
    desk: &Desk,
    actor: &Actor,
    id: WebhookId,
    seen: i64,
    new: NewNumber,
    secrets: Secrets,
) -> Result<(), NumberError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    judged_address(desk, &new.graph_url).await.map_err(NumberError::Url)?;
    let now = desk.now();
    let json = |error: serde_json::Error| StoreError::inconsistent("whatsapp_numbers", error);
    let by = serde_json::to_string(&Author::from(actor)).map_err(json)?;
    let templates = serde_json::to_string(&new.templates).map_err(json)?;
    let actor = actor.clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let former = settings(tx, id).await?.ok_or(NumberError::Desk(DeskError::NotFound))?;
                let different = differences(&former, &new, &secrets)?;
                if different.is_empty() {
                    return Ok(());
                }
                if is_taken(tx, &new, id).await? {
                    return Err(NumberError::Same);
                }
                let (access_token, app_secret) =
                    kept(&former, &new, secrets).ok_or(NumberError::NoSecrets)?;
                if !write(tx, id, seen, &new, &templates).await? {
                    return Err(NumberError::Changed);
                }
                keep_secrets(tx, id, &access_token, &app_secret).await?;
                let mut what = AccessChange::Settings;
                for (setting, former, current) in different {
                    if matches!(setting, WhatsAppSetting::AccessToken | WhatsAppSetting::AppSecret) {
                        what = AccessChange::Secret;
                    }
                    record(tx, id, (now, by.as_str()), setting.code(), (former, current)).await?;
                }
                note(tx, (&actor, now), id, what).await?;
                tx.ring_for_deliveries();
                Ok(())
            })
        })
        .await
}

/// Both secrets after a change; `None` when one is missing.
fn kept(former: &SettingsRow, new: &NewNumber, secrets: Secrets) -> Option<(ApiSecret, ApiSecret)> {
    let stored = |text: &Option<String>| text.as_deref().and_then(|text| ApiSecret::parse(text).ok());
    let is_same_host =
        ReceiverUrl::parse(&former.graph_url).is_ok_and(|url| url.origin() == new.graph_url.origin());
    let former_token = stored(&former.access_token).filter(|_| is_same_host);
    Some((secrets.access_token.or(former_token)?, secrets.app_secret.or_else(|| stored(&former.app_secret))?))
}

async fn settings(tx: &mut Tx, id: WebhookId) -> Result<Option<SettingsRow>, StoreError> {
    let row = sqlx::query(
        "SELECT n.name, n.phone_number_id, n.graph_url, n.country, n.templates, s.access_token, s.app_secret
         FROM whatsapp_numbers n LEFT JOIN whatsapp_secrets s ON s.number_id = n.id WHERE n.id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.as_ref().map(SettingsRow::from_row).transpose()?)
}

/// Writes the settings; `false` when there were other changes than those seen.
async fn write(
    tx: &mut Tx,
    id: WebhookId,
    seen: i64,
    new: &NewNumber,
    templates: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE whatsapp_numbers SET name = $3, phone_number_id = $4, graph_url = $5, country = $6, templates = $7,
                revision = revision + 1
         WHERE id = $1 AND revision = $2",
    )
    .bind(id.0)
    .bind(seen)
    .bind(new.name.as_str())
    .bind(new.phone_number_id.as_str())
    .bind(new.base())
    .bind(new.scope.country.map(Country::code))
    .bind(templates)
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What was changed of a number, the newest first; of very much, the newest.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_number_changes(
    desk: &Desk,
    actor: &Actor,
    id: WebhookId,
) -> Result<Vec<NumberChange>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows: Vec<ChangeRow> = sqlx::query_as(HISTORY).bind(id.0).bind(SHOWN).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(rows.into_iter().map(NumberChange::try_from).collect::<Result<_, _>>()?)
}
