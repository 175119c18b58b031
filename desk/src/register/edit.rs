//! Changes of an entry by hand, and new entries: parsed by the import's rules, written only over what was read.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::register::{RegisterChange, RegisterField, RegisterKind};
use domain::time::Instant;
use thiserror::Error;

use super::EntryKey;
use super::entry::{Entry, Owner, read};
use super::fields::{FieldProblem, Fields};
use super::parse::{SITE_ID, parse};
use super::write;
use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::error::{DeskError, holds_desk_error};
use crate::formats::NumberFormats;
use crate::import::Doubt;
use crate::search::{self, Touched};
use crate::store::{StoreError, Tx};

/// What a form is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An entry, as it was read in this version.
    Existing {
        /// Its key.
        key: EntryKey,
        /// The version that was read.
        version: i64,
    },
    /// A new entry of a kind. Contracts and sites belong to the organisation; equipment belongs to that of its contract.
    New {
        /// The kind.
        kind: RegisterKind,
        /// Id of the organisation.
        organisation: Option<i64>,
    },
}

/// Whether doubtful values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Doubts are told, and nothing is written.
    Asked,
    /// The doubts were shown and confirmed.
    Confirmed,
}

/// Why nothing was written.
#[derive(Debug, Clone, Error)]
pub enum SaveError {
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<(&'static str, FieldProblem)>),
    /// Fields are probably wrong: the form is sent again with a confirmation.
    #[error("fields are doubtful")]
    Doubtful(Vec<(&'static str, Doubt)>),
    /// Somebody else changed the entry since it was read.
    #[error("the entry was changed meanwhile")]
    ChangedMeanwhile,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(SaveError: NotPermitted, StoreError, sqlx::Error);

/// Changes an entry or adds one, and writes down what was changed. An entry that is as the form says is left alone. Gives
/// the key of the entry: a corrected serial has another one than before.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::register::{EntryKey, Fields, Saved, Target, save};
/// use domain::register::RegisterKind;
///
/// let target = Target::New { kind: RegisterKind::Organisation, organisation: None };
/// let fields: Fields = [("name", "Clínica Ávila"), ("country", "VE")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
/// let key = save(&desk, &Actor::System, target, fields, Saved::Asked).await?;
/// assert!(matches!(key, EntryKey::Organisation(_)));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`SaveError`].
pub async fn save(
    desk: &Desk,
    actor: &Actor,
    target: Target,
    typed: Fields,
    saved: Saved,
) -> Result<EntryKey, SaveError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (by, now, formats) = (actor.clone(), desk.now(), desk.number_formats());
    let key = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                match target {
                    Target::Existing { key, version } => {
                        let found = read(tx.connection(), &key, now).await?.ok_or(DeskError::NotFound)?;
                        if found.version != version {
                            return Err(SaveError::ChangedMeanwhile);
                        }
                        change(tx, found, &typed, (saved, &formats), (&by, now)).await
                    }
                    Target::New { kind, organisation } => {
                        add(tx, kind, organisation, &typed, (saved, &formats), (&by, now)).await
                    }
                }
            })
        })
        .await?;
    // The change is written: what fails now does not undo it.
    search::catch_up_register_behind(desk);
    Ok(key)
}

async fn change(
    tx: &mut Tx,
    found: Entry,
    typed: &Fields,
    (saved, formats): (Saved, &NumberFormats),
    (by, now): (&Actor, Instant),
) -> Result<EntryKey, SaveError> {
    let kind = found.key.kind();
    let fields = parse(tx, kind, Some(&found), &found.owner, typed, (saved, now, formats)).await?;
    let changed: Vec<RegisterField> = fields
        .iter()
        .filter_map(|(field, to)| {
            let from = found.fields.get(*field).cloned().unwrap_or_default();
            (from != *to).then(|| RegisterField { field: (*field).to_owned(), from, to: to.clone() })
        })
        // The site's name says the same.
        .filter(|field| field.field != SITE_ID)
        .collect();
    if changed.is_empty() {
        return Ok(found.key);
    }
    let key = write::update(tx, &found, &fields, now).await?;
    let change = RegisterChange::Edited { fields: changed };
    let noted = Noted { kind: key.kind(), entity: key.text(), change };
    record_changes(tx, by, now, None, &[noted]).await?;
    rewrite(tx, &key).await?;
    Ok(key)
}

async fn add(
    tx: &mut Tx,
    kind: RegisterKind,
    organisation: Option<i64>,
    typed: &Fields,
    (saved, formats): (Saved, &NumberFormats),
    (by, now): (&Actor, Instant),
) -> Result<EntryKey, SaveError> {
    let owner = match (kind, organisation) {
        (RegisterKind::Organisation | RegisterKind::Equipment, _) => Owner { id: 0, name: String::new() },
        (RegisterKind::Contract | RegisterKind::Site, id) => {
            let id = id.ok_or(DeskError::NotFound)?;
            let key = EntryKey::Organisation(id);
            read(tx.connection(), &key, now).await?.ok_or(DeskError::NotFound)?.owner
        }
    };
    let fields = parse(tx, kind, None, &owner, typed, (saved, now, formats)).await?;
    let key = write::insert(tx, kind, &owner, &fields, now).await?;
    let noted = Noted { kind, entity: key.text(), change: RegisterChange::Added };
    record_changes(tx, by, now, None, &[noted]).await?;
    rewrite(tx, &key).await?;
    Ok(key)
}

/// Writes what an entry is found by.
async fn rewrite(tx: &mut Tx, key: &EntryKey) -> Result<(), StoreError> {
    let touched = match key {
        EntryKey::Organisation(id) => Touched::Organisation(*id),
        EntryKey::Contract(number) => Touched::Contract(number),
        EntryKey::Site(id) => Touched::Site(*id),
        EntryKey::Equipment(serial) => Touched::Equipment(serial),
    };
    search::rewrite_terms(tx, touched).await
}
