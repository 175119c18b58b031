//! Names, addresses, roles and service of members of the staff, kept by administrators.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Staff, Subject, may};
use domain::identity_provider::RoleByGroups;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::invitations::{InviteError, Invitee, send_again, withdraw};
use crate::Desk;
use crate::access::changes;
use crate::access::demonstration;
use crate::access::own_account::SharedAccount;
use crate::access::passkeys;
use crate::access::second_factor;
use crate::access::staff::{begin_service, end_sessions, forget_links, sign_in_name};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx};

/// Why an account was left as it is.
#[derive(Debug, Clone, Error)]
pub enum KeepError {
    /// Nobody would be left who may administer the desk: make somebody else administrator first.
    #[error("the last administrator")]
    LastAdministrator,
    /// Somebody else signs in with this mail address.
    #[error("somebody has this mail address already")]
    MailTaken,
    /// They never chose a password: invite them again.
    #[error("never came to the desk")]
    NeverJoined,
    /// Somebody else changed the account since it was shown; this is what stands there now.
    #[error("the account was changed meanwhile")]
    ChangedMeanwhile(Details),
    /// The address of a demonstration's account names it as one: invite a person of the desk's own.
    #[error(transparent)]
    Shared(#[from] SharedAccount),
    /// Their own second factor and identities are removed on the pages of their own account, which ask for it.
    #[error("the own second factor and identities are removed in the own account")]
    OwnFactor,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(KeepError: NotPermitted, StoreError, sqlx::Error);

impl From<InviteError> for KeepError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Taken(_) => Self::MailTaken,
            InviteError::NotInvited => Self::NeverJoined,
            InviteError::Desk(error) => Self::Desk(error),
        }
    }
}

/// Name, address and role of an account, as a page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The name.
    pub name: String,
    /// What they sign in with, in small letters.
    pub mail: String,
    /// The role.
    pub role: Role,
}

impl Details {
    /// Whether each of these is what was shown, or is what is wanted already.
    fn fit(&self, shown: &Self, wanted: &Self) -> bool {
        [shown.name.as_str(), &wanted.name].contains(&self.name.as_str())
            && [shown.mail.as_str(), &wanted.mail].contains(&self.mail.as_str())
            && [shown.role, wanted.role].contains(&self.role)
    }
}

/// What an administrator changes of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Another name. Histories keep the one that was theirs.
    Rename(PersonName),
    /// Another address to sign in with. A link that was sent to the former one leads nowhere any more. Who is invited gets the
    /// invitation again.
    MailTo(MailAddress),
    /// Another role, from the next request on. Where it requires a second factor that is not set up, their sessions end.
    Role(Role),
    /// Out of service: they cannot sign in, their sessions end, and their open streams within seconds. An invitation is withdrawn.
    Deactivate,
    /// Back into service, with the password that they had.
    Reactivate,
    /// Signs in without codes, or sets up another second factor: they lost the device and the recovery codes. An
    /// administrator does not remove their own so.
    RemoveSecondFactor,
    /// Signs in without any of their passkeys: they lost the device that holds them.
    RemovePasskeys,
    /// Signs in by no identity provider until they connect their account again: the identity there is lost, or was replaced.
    RemoveIdentities,
}

/// Changes an account, all of it or nothing, and writes down what was changed and by whom. What is so already is left alone.
///
/// # Errors
/// See [`KeepError`].
pub async fn keep(desk: &Desk, actor: &Actor, id: PersonId, wishes: Vec<Keep>) -> Result<(), KeepError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let is_own_doing = |wish: &Keep| {
        matches!(wish, Keep::RemoveSecondFactor | Keep::RemovePasskeys | Keep::RemoveIdentities)
    };
    if matches!(actor, Actor::Staff(staff) if staff.id == id) && wishes.iter().any(is_own_doing) {
        return Err(KeepError::OwnFactor);
    }
    let (inner, by) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let found = find(tx, id).await?.ok_or(DeskError::NotFound)?;
                apply(&inner, tx, &found, wishes, &by).await
            })
        })
        .await
}

/// Changes name, address and role from what an administrator was `shown` to what was `typed`: all of it or nothing. Without
/// `shown`, what was typed counts.
///
/// # Errors
/// [`KeepError::ChangedMeanwhile`] when something else stands there than was shown; see [`KeepError`].
pub async fn edit(
    desk: &Desk,
    actor: &Actor,
    id: PersonId,
    shown: Option<Details>,
    typed: Invitee,
) -> Result<(), KeepError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (inner, by) = (desk.clone(), actor.clone());
    let wanted = Details { name: typed.name.to_string(), mail: sign_in_name(&typed.mail), role: typed.role };
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let found = find(tx, id).await?.ok_or(DeskError::NotFound)?;
                let stored = Details { name: found.name.clone(), mail: found.mail.clone(), role: found.role };
                if shown.is_some_and(|shown| !stored.fit(&shown, &wanted)) {
                    return Err(KeepError::ChangedMeanwhile(stored));
                }
                let Invitee { name, mail, role } = typed;
                let wishes = vec![Keep::Rename(name), Keep::MailTo(mail), Keep::Role(role)];
                apply(&inner, tx, &found, wishes, &by).await
            })
        })
        .await
}

async fn apply(
    desk: &Desk,
    tx: &mut Tx,
    found: &Found,
    wishes: Vec<Keep>,
    by: &Actor,
) -> Result<(), KeepError> {
    let mut invites_again = false;
    let host = passkeys::host(desk);
    for wish in wishes {
        let change = match wish {
            Keep::Rename(name) => rename(tx, found, name.as_str()).await?,
            Keep::MailTo(mail) => mail_to(tx, found, &sign_in_name(&mail)).await?,
            Keep::Role(role) => change_role(tx, found, role, host.as_deref()).await?,
            Keep::Deactivate => deactivate(tx, found).await?,
            Keep::Reactivate => reactivate(tx, found).await?,
            Keep::RemoveSecondFactor => {
                remove_second_factor(tx, found, host.as_deref(), (by, desk.now())).await?
            }
            Keep::RemovePasskeys => remove_passkeys(tx, found).await?,
            Keep::RemoveIdentities => remove_identities(tx, found).await?,
        };
        if let Some(change) = change {
            invites_again = match change {
                PersonChange::MailChanged { .. } => found.is_invited && !found.has_password,
                PersonChange::InvitationWithdrawn => false,
                _ => invites_again,
            };
            changes::record(tx, found.id, by, desk.now(), &change).await?;
        }
    }
    if invites_again {
        send_again(desk, tx, found.id, by).await?;
    }
    Ok(())
}

/// An account as it stands.
struct Found {
    id: PersonId,
    name: String,
    mail: String,
    role: Role,
    is_active: bool,
    is_invited: bool,
    has_password: bool,
}

async fn find(tx: &mut Tx, id: PersonId) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query(
        "SELECT name, mail, role, active, invited_utc_s, password_hash FROM people WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (role, active): (String, i64) = (row.try_get("role")?, row.try_get("active")?);
    Ok(Some(Found {
        id,
        name: row.try_get("name")?,
        mail: row.try_get("mail")?,
        role: Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?,
        is_active: active == 1,
        is_invited: row.try_get::<Option<i64>, _>("invited_utc_s")?.is_some(),
        has_password: !row.try_get::<String, _>("password_hash")?.is_empty(),
    }))
}

async fn rename(tx: &mut Tx, found: &Found, name: &str) -> Result<Option<PersonChange>, KeepError> {
    if found.name == name {
        return Ok(None);
    }
    sqlx::query("UPDATE people SET name = $2 WHERE id = $1")
        .bind(found.id.0)
        .bind(name)
        .execute(tx.connection())
        .await?;
    Ok(Some(PersonChange::Renamed { from: found.name.clone(), to: name.to_owned() }))
}

async fn mail_to(tx: &mut Tx, found: &Found, mail: &str) -> Result<Option<PersonChange>, KeepError> {
    if found.mail == mail {
        return Ok(None);
    }
    if demonstration::is_ours(&found.mail) {
        return Err(SharedAccount.into());
    }
    let taken = sqlx::query("SELECT 1 FROM people WHERE mail = $1")
        .bind(mail)
        .fetch_optional(tx.connection())
        .await?;
    if taken.is_some() {
        return Err(KeepError::MailTaken);
    }
    sqlx::query("UPDATE people SET mail = $2 WHERE id = $1")
        .bind(found.id.0)
        .bind(mail)
        .execute(tx.connection())
        .await?;
    forget_links(tx, found.id).await?;
    Ok(Some(PersonChange::MailChanged { from: found.mail.clone(), to: mail.to_owned() }))
}

async fn change_role(
    tx: &mut Tx,
    found: &Found,
    role: Role,
    host: Option<&str>,
) -> Result<Option<PersonChange>, KeepError> {
    if found.role == role {
        return Ok(None);
    }
    leaves_an_administrator(tx, found).await?;
    // Who is given a standing role has no composed one any more.
    sqlx::query("UPDATE people SET role = $2, composed_role_id = NULL WHERE id = $1")
        .bind(found.id.0)
        .bind(role.code())
        .execute(tx.connection())
        .await?;
    if requires_factor(tx, role).await? && !second_factor::is_usable(tx.connection(), found.id, host).await? {
        end_sessions(tx, found.id).await?;
    }
    Ok(Some(PersonChange::RoleChanged { from: found.role, to: role }))
}

/// Whether a person may come in by their groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entitled {
    /// They may, with the role that they have now.
    Yes,
    /// No group of theirs has a role.
    No,
}

/// Gives a person the role of their groups at an identity provider. The last administrator stays one, and comes in.
pub(crate) async fn role_by_groups(
    desk: &Desk,
    tx: &mut Tx,
    id: PersonId,
    judged: RoleByGroups,
    provider: &str,
) -> Result<Entitled, KeepError> {
    let found = find(tx, id).await?.ok_or(DeskError::NotFound)?;
    let role = match judged {
        RoleByGroups::Stays => return Ok(Entitled::Yes),
        RoleByGroups::Becomes(role) => Some(role),
        RoleByGroups::NotEntitled => None,
    };
    match leaves_an_administrator(tx, &found).await {
        Ok(()) => {}
        Err(KeepError::LastAdministrator) => {
            tracing::warn!(
                person = id.0,
                "the last administrator keeps the role, against the groups of a provider"
            );
            return Ok(Entitled::Yes);
        }
        Err(error) => return Err(error),
    }
    let Some(role) = role else { return Ok(Entitled::No) };
    if change_role(tx, &found, role, passkeys::host(desk).as_deref()).await?.is_some() {
        let themself = Actor::Staff(Staff { id, name: found.name.clone(), role, composed: None });
        let change = PersonChange::RoleByGroup { provider: provider.to_owned(), from: found.role, to: role };
        changes::record(tx, id, &themself, desk.now(), &change).await?;
    }
    Ok(Entitled::Yes)
}

pub(super) async fn requires_factor(tx: &mut Tx, role: Role) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM second_factor_roles WHERE role = $1")
        .bind(role.code())
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.is_some())
}

async fn deactivate(tx: &mut Tx, found: &Found) -> Result<Option<PersonChange>, KeepError> {
    if found.is_invited {
        withdraw(tx, found.id).await?;
        return Ok(Some(PersonChange::InvitationWithdrawn));
    }
    if !found.is_active {
        return Ok(None);
    }
    leaves_an_administrator(tx, found).await?;
    // Another person may have the extension from now on.
    sqlx::query("UPDATE people SET active = 0, extension = NULL WHERE id = $1")
        .bind(found.id.0)
        .execute(tx.connection())
        .await?;
    end_sessions(tx, found.id).await?;
    forget_links(tx, found.id).await?;
    Ok(Some(PersonChange::Deactivated))
}

async fn reactivate(tx: &mut Tx, found: &Found) -> Result<Option<PersonChange>, KeepError> {
    if found.is_active {
        return Ok(None);
    }
    if !found.has_password {
        return Err(KeepError::NeverJoined);
    }
    let mail = MailAddress::parse(&found.mail).map_err(|error| StoreError::inconsistent("people", error))?;
    begin_service(tx, found.id, &mail).await?;
    Ok(Some(PersonChange::Reactivated))
}

async fn remove_second_factor(
    tx: &mut Tx,
    found: &Found,
    host: Option<&str>,
    by: (&Actor, Instant),
) -> Result<Option<PersonChange>, KeepError> {
    if !second_factor::has_codes(tx.connection(), found.id).await? {
        return Ok(None);
    }
    second_factor::remove(tx, found.id, host, by).await?;
    end_sessions(tx, found.id).await?;
    Ok(Some(PersonChange::SecondFactorRemoved))
}

async fn remove_passkeys(tx: &mut Tx, found: &Found) -> Result<Option<PersonChange>, KeepError> {
    let count = passkeys::forget(tx, found.id).await?;
    if count == 0 {
        return Ok(None);
    }
    second_factor::forget_unneeded(tx, found.id).await?;
    end_sessions(tx, found.id).await?;
    Ok(Some(PersonChange::PasskeysRemoved { count }))
}

async fn remove_identities(tx: &mut Tx, found: &Found) -> Result<Option<PersonChange>, KeepError> {
    let rows = sqlx::query(
        "SELECT i.name FROM person_identities n JOIN identity_providers i ON i.id = n.provider_id
         WHERE n.person_id = $1 ORDER BY i.id",
    )
    .bind(found.id.0)
    .fetch_all(tx.connection())
    .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let name = |row: &sqlx::any::AnyRow| -> Result<String, StoreError> { Ok(row.try_get(0)?) };
    let names = rows.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    sqlx::query("DELETE FROM person_identities WHERE person_id = $1")
        .bind(found.id.0)
        .execute(tx.connection())
        .await?;
    end_sessions(tx, found.id).await?;
    Ok(Some(PersonChange::IdentityUnlinked { provider: names.join(", ") }))
}

/// Whether somebody else in service may administer the desk, if this is one who may.
async fn leaves_an_administrator(tx: &mut Tx, found: &Found) -> Result<(), KeepError> {
    if found.role != Role::Administrator || !found.is_active {
        return Ok(());
    }
    let other = sqlx::query("SELECT 1 FROM people WHERE role = $1 AND active = 1 AND id <> $2 LIMIT 1")
        .bind(Role::Administrator.code())
        .bind(found.id.0)
        .fetch_optional(tx.connection())
        .await?;
    if other.is_some() { Ok(()) } else { Err(KeepError::LastAdministrator) }
}
