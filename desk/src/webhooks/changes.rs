//! Use-case: an administrator changes a webhook; what was changed, when and by whom.

use domain::actor::{Action, Actor, Scope, Subject, may};
use domain::audit::AccessChange;
use domain::case::Author;
use domain::country::Country;
use domain::time::Instant;
use domain::webhook::{WebhookId, WebhookSetting};
use sqlx::FromRow;

use super::administration::{NewWebhook, WebhookError, changed, codes, is_taken, judged, note};
use super::receiver::ReceiverUrl;
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, Tx, row, take_numbers};

/// Entries that a page shows.
pub(super) const SHOWN: i64 = 50;

/// The newest entries of a webhook's history.
pub const HISTORY: &str =
    "SELECT at_utc_s, changed_by, setting, value_before, value_after FROM webhook_changes
     WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2";

/// An entry of a webhook's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookChange {
    /// When it was done.
    pub at: Instant,
    /// Who did it.
    pub by: Author,
    /// What was changed.
    pub setting: WebhookSetting,
    /// Its value before: codes separated by blanks, or a text. Of an address the host alone.
    pub former: String,
    /// Its value since then.
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

impl TryFrom<ChangeRow> for WebhookChange {
    type Error = StoreError;

    fn try_from(row: ChangeRow) -> Result<Self, StoreError> {
        let setting = WebhookSetting::from_code(&row.setting)
            .ok_or_else(|| StoreError::inconsistent("webhook_changes", &row.setting))?;
        let by = serde_json::from_str(&row.changed_by)
            .map_err(|error| StoreError::inconsistent("webhook_changes", error))?;
        Ok(Self {
            at: Instant(row.at_utc_s),
            by,
            setting,
            former: row.value_before,
            current: row.value_after,
        })
    }
}

row! {
    struct SettingsRow {
        name: String,
        url: String,
        events: String,
        country: Option<String>,
        format: String,
        language: String,
    }
}

/// The settings that a change makes others, each with its former and its current value.
fn differences(former: &SettingsRow, new: &NewWebhook) -> Vec<(WebhookSetting, String, String)> {
    let country = new.scope.country.map_or("", Country::code);
    let of_events = codes(&new.events);
    let values = [
        (WebhookSetting::Name, former.name.as_str(), new.name.as_str()),
        (WebhookSetting::Url, former.url.as_str(), new.url.as_str()),
        (WebhookSetting::Events, former.events.as_str(), of_events.as_str()),
        (WebhookSetting::Scope, former.country.as_deref().unwrap_or_default(), country),
        (WebhookSetting::Format, former.format.as_str(), new.format.code()),
        (WebhookSetting::Language, former.language.as_str(), new.language.code()),
    ];
    let differs = values.into_iter().filter(|(_, former, current)| former != current);
    differs
        .map(|(setting, former, current)| match setting {
            WebhookSetting::Url => (setting, origin(former), origin(current)),
            _ => (setting, former.to_owned(), current.to_owned()),
        })
        .collect()
}

/// An address as the history keeps it.
fn origin(url: &str) -> String {
    ReceiverUrl::parse(url).map(|url| url.origin().to_owned()).unwrap_or_default()
}

/// Changes the settings of a webhook, by the same judgement of its events and address as when it is added. What waits goes to
/// the new address, in the new format. `seen` is the number of changes that the actor knows of.
///
/// # Errors
/// See [`WebhookError`]; [`DeskError::NotFound`] for a webhook that is not there.
pub async fn change_webhook(
    desk: &Desk,
    actor: &Actor,
    id: WebhookId,
    seen: i64,
    new: NewWebhook,
) -> Result<(), WebhookError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    judged(desk, &new).await?;
    let now = desk.now();
    let by = serde_json::to_string(&Author::from(actor))
        .map_err(|error| StoreError::inconsistent("webhook_changes", error))?;
    let actor = actor.clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let former = settings(tx, id).await?.ok_or(WebhookError::Desk(DeskError::NotFound))?;
                let different = differences(&former, &new);
                if different.is_empty() {
                    return Ok(());
                }
                if is_taken(tx, &new, id).await? {
                    return Err(WebhookError::Same);
                }
                if !write(tx, id, seen, &new).await? {
                    return Err(WebhookError::Changed);
                }
                for (setting, former, current) in different {
                    record(tx, id, (now, by.as_str()), setting.code(), (former, current)).await?;
                }
                changed(tx).await?;
                note(tx, (&actor, now), id, AccessChange::Settings).await?;
                tx.ring_for_deliveries();
                Ok(())
            })
        })
        .await
}

async fn settings(tx: &mut Tx, id: WebhookId) -> Result<Option<SettingsRow>, StoreError> {
    let row = sqlx::query("SELECT name, url, events, country, format, language FROM webhooks WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.as_ref().map(SettingsRow::from_row).transpose()?)
}

/// Writes the settings; `false` when there were other changes than those seen.
async fn write(tx: &mut Tx, id: WebhookId, seen: i64, new: &NewWebhook) -> Result<bool, StoreError> {
    let Scope { country } = new.scope;
    let done = sqlx::query(
        "UPDATE webhooks SET name = $3, url = $4, events = $5, country = $6, format = $7, language = $8,
                revision = revision + 1
         WHERE id = $1 AND revision = $2",
    )
    .bind(id.0)
    .bind(seen)
    .bind(new.name.as_str())
    .bind(new.url.as_str())
    .bind(codes(&new.events))
    .bind(country.map(Country::code))
    .bind(new.format.code())
    .bind(new.language.code())
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes an entry of the history of a webhook, or of a number of WhatsApp.
pub(super) async fn record(
    tx: &mut Tx,
    id: WebhookId,
    (at, by): (Instant, &str),
    setting: &'static str,
    (former, current): (String, String),
) -> Result<(), StoreError> {
    let number = take_numbers(tx, "webhook_changes_made", 1).await?;
    sqlx::query(
        "INSERT INTO webhook_changes (id, webhook_id, at_utc_s, changed_by, setting, value_before, value_after)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(number)
    .bind(id.0)
    .bind(at.0)
    .bind(by)
    .bind(setting)
    .bind(former)
    .bind(current)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What was changed of a webhook, the newest first; of very much, the newest.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_changes(
    desk: &Desk,
    actor: &Actor,
    id: WebhookId,
) -> Result<Vec<WebhookChange>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows: Vec<ChangeRow> = sqlx::query_as(HISTORY).bind(id.0).bind(SHOWN).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(rows.into_iter().map(WebhookChange::try_from).collect::<Result<_, _>>()?)
}
