//! Merges: two organisations that are one, or two records of one piece of equipment. The former entry stays as a pointer.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::register::{RegisterChange, RegisterField, RegisterKind, differ_by_spelling};
use domain::serial::Serial;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::EntryKey;
use super::entry::{Entry, read};
use super::write::point;
use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::error::{DeskError, holds_desk_error};
use crate::search::{self, Touched};
use crate::store::{StoreError, Tx};

/// The longest name of a site, in characters: that of the import's cells.
const NAME_CHARS: usize = 120;

/// Why two entries were not merged.
#[derive(Debug, Clone, Error)]
pub enum MergeError {
    /// They are one entry already, or of two kinds, or of a kind that is not merged.
    #[error("they cannot be merged")]
    NotTwo,
    /// The organisations are of two countries.
    #[error("they are of two countries")]
    OtherCountry,
    /// The serials differ by more than spelling.
    #[error("the serials differ by more than spelling")]
    OtherSerial,
    /// The pieces of equipment belong to two organisations: merge these first.
    #[error("they belong to two organisations")]
    OtherOrganisation,
    /// Somebody changed one of them since they were read.
    #[error("an entry was changed meanwhile")]
    ChangedMeanwhile,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(MergeError: NotPermitted, StoreError, sqlx::Error);

/// What a merge would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePreview {
    /// The entry that becomes a pointer.
    pub from: Entry,
    /// The entry that stays.
    pub into: Entry,
    /// Contracts that change their organisation.
    pub contracts: i64,
    /// Sites that change their organisation, or become one with a site of the same name and address.
    pub sites: i64,
    /// Cases that belong to the entry that stays afterwards.
    pub cases: i64,
}

/// What a merge of `from` into `into` would move; nothing is changed.
///
/// # Errors
/// See [`MergeError`].
pub async fn preview_merge(
    desk: &Desk,
    actor: &Actor,
    from: &EntryKey,
    into: &EntryKey,
) -> Result<MergePreview, MergeError> {
    may(actor, Action::Import, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let preview = look(&mut reader, from, into, desk.now()).await;
    reader.done();
    preview
}

async fn look(
    connection: &mut AnyConnection,
    from: &EntryKey,
    into: &EntryKey,
    now: Instant,
) -> Result<MergePreview, MergeError> {
    let found = read(connection, from, now).await?.zip(read(connection, into, now).await?);
    let (from, into) = found.ok_or(DeskError::NotFound)?;
    fits(&from, &into)?;
    let (contracts, sites, cases) = match &from.key {
        EntryKey::Organisation(id) => {
            let text = "SELECT (SELECT COUNT(*) FROM contracts WHERE organisation_id = $1),
                (SELECT COUNT(*) FROM sites WHERE organisation_id = $1),
                (SELECT COUNT(*) FROM cases WHERE contract_number IN
                     (SELECT number FROM contracts WHERE organisation_id = $1))";
            let row = sqlx::query(text).bind(*id).fetch_one(connection).await?;
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)
        }
        key => {
            let query = sqlx::query("SELECT COUNT(*) FROM cases WHERE serial = $1").bind(key.text());
            (0, 0, query.fetch_one(connection).await?.try_get(0)?)
        }
    };
    Ok(MergePreview { from, into, contracts, sites, cases })
}

/// Whether two entries may be one.
fn fits(from: &Entry, into: &Entry) -> Result<(), MergeError> {
    if from.key == into.key {
        return Err(MergeError::NotTwo);
    }
    match (&from.key, &into.key) {
        (EntryKey::Organisation(_), EntryKey::Organisation(_)) => {
            if from.fields.get("country") != into.fields.get("country") {
                return Err(MergeError::OtherCountry);
            }
            Ok(())
        }
        (EntryKey::Equipment(one), EntryKey::Equipment(other)) => {
            let alike = Serial::parse(one).ok().zip(Serial::parse(other).ok());
            if !alike.is_some_and(|(one, other)| differ_by_spelling(&one, &other)) {
                return Err(MergeError::OtherSerial);
            }
            if from.owner.id != into.owner.id {
                return Err(MergeError::OtherOrganisation);
            }
            Ok(())
        }
        _ => Err(MergeError::NotTwo),
    }
}

/// Merges `from` into `into`, each as it was read in its version. Contracts, sites and cases of an organisation move; cases
/// of equipment are shown with the serial that stays. Open cases keep what they were promised.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::register::{EntryKey, Fields, Resolved, Saved, Target, entry, merge, save};
/// use domain::register::RegisterKind;
///
/// let mut keys = Vec::new();
/// for name in ["Banco Sur", "Banco Sur C.A."] {
///     let target = Target::New { kind: RegisterKind::Organisation, organisation: None };
///     let fields: Fields = [("name", name), ("country", "VE")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
///     keys.push(save(&desk, &Actor::System, target, fields, Saved::Asked).await?);
/// }
/// merge(&desk, &Actor::System, (&keys[1], 1), (&keys[0], 1)).await?;
/// assert_eq!(entry(&desk, &agent(), &keys[1]).await?, Resolved::Pointer(keys[0].clone()));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`MergeError`].
pub async fn merge(
    desk: &Desk,
    actor: &Actor,
    (from, from_version): (&EntryKey, i64),
    (into, into_version): (&EntryKey, i64),
) -> Result<(), MergeError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (from, into) = (from.clone(), into.clone());
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let MergePreview { from, into, .. } = look(tx.connection(), &from, &into, now).await?;
                if (from.version, into.version) != (from_version, into_version) {
                    return Err(MergeError::ChangedMeanwhile);
                }
                let mut notes = match (&from.key, &into.key) {
                    (EntryKey::Organisation(one), EntryKey::Organisation(other)) => {
                        merge_organisations(tx, (*one, &from), (*other, &into)).await?
                    }
                    _ => merge_equipment(tx, &from, &into).await?,
                };
                notes.extend(of_both(&from, &into));
                record_changes(tx, &by, now, None, &notes).await?;
                Ok(())
            })
        })
        .await?;
    search::catch_up_register_behind(desk);
    Ok(())
}

/// What is written down of an entry that a merge changed: fields with their values before and since then.
fn edited(kind: RegisterKind, entity: String, fields: &[(&str, &str, &str)]) -> Noted {
    let field = |(field, from, to): &(&str, &str, &str)| RegisterField {
        field: (*field).to_owned(),
        from: (*from).to_owned(),
        to: (*to).to_owned(),
    };
    Noted { kind, entity, change: RegisterChange::Edited { fields: fields.iter().map(field).collect() } }
}

/// What the history of both says.
fn of_both(from: &Entry, into: &Entry) -> [Noted; 2] {
    let kind = from.key.kind();
    let gone = RegisterChange::MergedInto { name: into.title.clone() };
    let grown = RegisterChange::MergedFrom { name: from.title.clone() };
    [
        Noted { kind, entity: from.key.text(), change: gone },
        Noted { kind, entity: into.key.text(), change: grown },
    ]
}

async fn merge_organisations(
    tx: &mut Tx,
    (from, gone): (i64, &Entry),
    (into, stays): (i64, &Entry),
) -> Result<Vec<Noted>, StoreError> {
    let rows = sqlx::query("SELECT number FROM contracts WHERE organisation_id = $1 ORDER BY number")
        .bind(from)
        .fetch_all(tx.connection())
        .await?;
    let mut notes = move_sites(tx, (from, &gone.title), (into, &stays.title)).await?;
    for row in &rows {
        let fields = [("organisation", gone.title.as_str(), stays.title.as_str())];
        notes.push(edited(RegisterKind::Contract, row.try_get(0)?, &fields));
    }
    search::relabel_cases(tx, from, &gone.title, &stays.title).await?;
    let statements = [
        "UPDATE contracts SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1",
        "UPDATE former_organisations SET into_id = $2 WHERE into_id = $1",
        "INSERT INTO former_organisations (id, name, country, into_id)
         SELECT id, name, country, CAST($2 AS BIGINT) FROM organisations WHERE id = $1",
        // What the other one says of an address or domain stays, but for a removal: that holds from either side.
        "INSERT INTO company_members
             (organisation_id, address, mailbox, standing, came_by, added_by, since_utc_s, entered_utc_s)
         SELECT CAST($2 AS BIGINT), address, mailbox, standing, came_by, added_by, since_utc_s, entered_utc_s
         FROM company_members WHERE organisation_id = $1
         ON CONFLICT (organisation_id, address) DO UPDATE SET standing = excluded.standing,
             added_by = excluded.added_by, since_utc_s = excluded.since_utc_s WHERE excluded.standing = 'removed'",
        "DELETE FROM company_members WHERE organisation_id = $1 AND organisation_id <> $2",
        // Of several spellings of a mailbox each side may have one.
        "UPDATE company_members SET standing = 'removed' WHERE organisation_id = $2 AND organisation_id <> $1
         AND mailbox IN (SELECT r.mailbox FROM company_members r WHERE r.organisation_id = $2 AND r.standing = 'removed' AND r.mailbox <> '')",
        "INSERT INTO company_domains (organisation_id, domain, confirmed_utc_s, confirmed_by)
         SELECT CAST($2 AS BIGINT), domain, confirmed_utc_s, confirmed_by
         FROM company_domains WHERE organisation_id = $1 ON CONFLICT (organisation_id, domain) DO NOTHING",
        "DELETE FROM company_domains WHERE organisation_id = $1 AND organisation_id <> $2",
        "INSERT INTO composed_role_organisations (role_id, organisation_id)
         SELECT role_id, CAST($2 AS BIGINT) FROM composed_role_organisations WHERE organisation_id = $1
         ON CONFLICT (role_id, organisation_id) DO NOTHING",
        "DELETE FROM composed_role_organisations WHERE organisation_id = $1 AND organisation_id <> $2",
        "UPDATE organisations SET version = version + 1 WHERE id = $2 AND id <> $1",
        "DELETE FROM organisations WHERE id = $1 AND id <> $2",
    ];
    for statement in statements {
        sqlx::query(statement).bind(from).bind(into).execute(tx.connection()).await?;
    }
    search::forget_terms(tx, RegisterKind::Organisation, &from.to_string()).await?;
    search::rewrite_terms(tx, Touched::Organisation(into)).await?;
    Ok(notes)
}

/// Moves the sites of an organisation to another one. A site that the other has with the same address becomes that one. Of
/// two with one name and two addresses the moved one is renamed.
async fn move_sites(
    tx: &mut Tx,
    (from, former): (i64, &str),
    (into, owner): (i64, &str),
) -> Result<Vec<Noted>, StoreError> {
    let rows = sqlx::query(
        "SELECT s.id, s.name, t.id,
                CASE WHEN t.address = s.address AND t.country = s.country AND t.zone = s.zone THEN 1 ELSE 0 END
         FROM sites s LEFT JOIN sites t ON t.organisation_id = $2 AND t.name = s.name WHERE s.organisation_id = $1
         ORDER BY s.id",
    )
    .bind(from)
    .bind(into)
    .fetch_all(tx.connection())
    .await?;
    let mut notes = Vec::new();
    for row in &rows {
        let (site, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let (twin, is_same): (Option<i64>, i64) = (row.try_get(2)?, row.try_get(3)?);
        match twin {
            Some(twin) if is_same == 1 => {
                notes.extend(of_joined(tx, (site, former), (twin, owner), &name).await?);
                join_sites(tx, site, twin).await?;
            }
            twin => {
                let former_name = name.clone();
                let name = if twin.is_some() { free_name(tx, into, &name, former).await? } else { name };
                let mut fields = vec![("organisation", former, owner)];
                if name != former_name {
                    fields.push(("name", former_name.as_str(), name.as_str()));
                }
                notes.push(edited(RegisterKind::Site, site.to_string(), &fields));
                sqlx::query(
                    "UPDATE sites SET organisation_id = $2, name = $3, version = version + 1 WHERE id = $1",
                )
                .bind(site)
                .bind(into)
                .bind(name)
                .execute(tx.connection())
                .await?;
            }
        }
    }
    Ok(notes)
}

/// What is written down of two sites of one name that become one, and of the equipment that moves.
async fn of_joined(
    tx: &mut Tx,
    (site, former): (i64, &str),
    (twin, owner): (i64, &str),
    name: &str,
) -> Result<Vec<Noted>, StoreError> {
    let kind = RegisterKind::Site;
    let (gone, grown) = (
        RegisterChange::MergedInto { name: name.to_owned() },
        RegisterChange::MergedFrom { name: name.to_owned() },
    );
    let mut notes = vec![
        Noted { kind, entity: site.to_string(), change: gone },
        Noted { kind, entity: twin.to_string(), change: grown },
    ];
    // Both sites have one name: whose each is tells them apart.
    let (before, since) = (format!("{name} ({former})"), format!("{name} ({owner})"));
    let rows = sqlx::query("SELECT serial FROM equipment WHERE site_id = $1 ORDER BY serial")
        .bind(site)
        .fetch_all(tx.connection())
        .await?;
    for row in &rows {
        notes.push(edited(
            RegisterKind::Equipment,
            row.try_get(0)?,
            &[("site", before.as_str(), since.as_str())],
        ));
    }
    Ok(notes)
}

/// A name that the organisation has not for a site yet: with the former organisation's, and a number if need be.
async fn free_name(tx: &mut Tx, into: i64, name: &str, former: &str) -> Result<String, StoreError> {
    for number in 1..=i64::MAX {
        let mark = if number == 1 { format!(" ({former})") } else { format!(" ({number})") };
        let room = NAME_CHARS.saturating_sub(mark.chars().count()).max(1);
        let wanted: String = name.chars().take(room).chain(mark.chars()).take(NAME_CHARS).collect();
        let taken = sqlx::query("SELECT 1 FROM sites WHERE organisation_id = $1 AND name = $2")
            .bind(into)
            .bind(wanted.clone())
            .fetch_optional(tx.connection())
            .await?;
        if taken.is_none() {
            return Ok(wanted);
        }
    }
    Err(StoreError::inconsistent("sites", "no free name"))
}

/// Lets one site stand for two: its equipment, cases and travel times.
async fn join_sites(tx: &mut Tx, site: i64, twin: i64) -> Result<(), StoreError> {
    let statements = [
        "UPDATE equipment SET site_id = $2, version = version + 1 WHERE site_id = $1",
        "UPDATE cases SET site_id = $2 WHERE site_id = $1",
        "INSERT INTO travel_times (site_id, other_site_id, minutes)
         SELECT CASE WHEN o.other < $2 THEN o.other ELSE $2 END, CASE WHEN o.other < $2 THEN $2 ELSE o.other END, o.minutes
         FROM (SELECT CASE WHEN site_id = $1 THEN other_site_id ELSE site_id END AS other, minutes
               FROM travel_times WHERE site_id = $1 OR other_site_id = $1) AS o
         WHERE o.other <> $2
         ON CONFLICT (site_id, other_site_id) DO NOTHING",
        "DELETE FROM travel_times WHERE (site_id = $1 OR other_site_id = $1) AND $2 = $2",
        "UPDATE former_sites SET into_id = $2 WHERE into_id = $1",
        "INSERT INTO former_sites (id, into_id) VALUES ($1, $2)",
        "DELETE FROM sites WHERE id = $1 AND id <> $2",
    ];
    for statement in statements {
        sqlx::query(statement).bind(site).bind(twin).execute(tx.connection()).await?;
    }
    search::forget_terms(tx, RegisterKind::Site, &site.to_string()).await
}

async fn merge_equipment(tx: &mut Tx, from: &Entry, into: &Entry) -> Result<Vec<Noted>, StoreError> {
    let (former, serial) = (from.key.text(), into.key.text());
    sqlx::query("DELETE FROM equipment WHERE serial = $1")
        .bind(former.clone())
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE equipment SET version = version + 1 WHERE serial = $1")
        .bind(serial.clone())
        .execute(tx.connection())
        .await?;
    point(tx, &former, &serial).await?;
    search::forget_terms(tx, RegisterKind::Equipment, &former).await?;
    search::rewrite_terms(tx, Touched::Equipment(&serial)).await?;
    Ok(Vec::new())
}

/// The serials of the organisation's equipment that differ from this one by spelling alone.
///
/// # Errors
/// See [`DeskError`].
pub async fn alike(desk: &Desk, actor: &Actor, entry: &Entry) -> Result<Vec<String>, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let EntryKey::Equipment(serial) = &entry.key else { return Ok(Vec::new()) };
    let Ok(serial) = Serial::parse(serial) else { return Ok(Vec::new()) };
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT e.serial FROM equipment e
         WHERE e.contract_number IN (SELECT number FROM contracts WHERE organisation_id = $1) ORDER BY e.serial",
    )
    .bind(entry.owner.id)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let all = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let is_alike =
        |other: &String| Serial::parse(other).is_ok_and(|other| differ_by_spelling(&serial, &other));
    Ok(all.into_iter().filter(is_alike).collect())
}
