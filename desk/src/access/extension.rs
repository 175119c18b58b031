//! Use-case: the telephone extension of a member of the staff, by which an exchange names them.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::person_change::PersonChange;
use domain::phone::Extension;
use sqlx::Row;
use thiserror::Error;

use super::changes;
use crate::Desk;
use crate::error::{DeskError, holds_desk_error};
use crate::store::StoreError;

/// Why an extension was left as it is.
#[derive(Debug, Clone, Error)]
pub enum ExtensionError {
    /// Another member of the staff has it.
    #[error("another person has this extension")]
    Taken,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(ExtensionError: NotPermitted, StoreError, sqlx::Error);

/// Sets the extension of a member of the staff, or takes it away. People set their own, administrators anybody's. What is so
/// already is left alone.
///
/// # Errors
/// See [`ExtensionError`].
pub async fn set_extension(
    desk: &Desk,
    actor: &Actor,
    id: PersonId,
    extension: Option<Extension>,
) -> Result<(), ExtensionError> {
    let action = match actor {
        Actor::Staff(staff) if staff.id == id => Action::KeepOwnAccount,
        _ => Action::Administer,
    };
    may(actor, action, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    let to = extension.map(|extension| extension.as_str().to_owned());
    let setting = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query("SELECT extension FROM people WHERE id = $1")
                .bind(id.0)
                .fetch_optional(tx.connection())
                .await?
                .ok_or(DeskError::NotFound)?;
            let from: Option<String> = row.try_get(0)?;
            if from == to {
                return Ok(());
            }
            if let Some(to) = &to {
                let other = sqlx::query("SELECT 1 FROM people WHERE extension = $1")
                    .bind(to.as_str())
                    .fetch_optional(tx.connection())
                    .await?;
                if other.is_some() {
                    return Err(ExtensionError::Taken);
                }
            }
            sqlx::query("UPDATE people SET extension = $2 WHERE id = $1")
                .bind(id.0)
                .bind(to.clone())
                .execute(tx.connection())
                .await?;
            changes::record(tx, id, &by, now, &PersonChange::ExtensionChanged { from, to }).await?;
            Ok(())
        })
    });
    setting.await
}
