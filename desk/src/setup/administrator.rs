//! Use-case: whoever has the link of the first start becomes the administrator.

use domain::actor::{Actor, NotPermitted, PersonId, Role};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use thiserror::Error;

use super::checklist::lead_to;
use super::link::{LinkState, has_administrator, link_state, public_hashes, use_up};
use crate::Desk;
use crate::access::changes;
use crate::access::demonstration;
use crate::access::passwords::{self, HashFailed, NewPassword, PasswordProblem};
use crate::access::second_factor::require_of;
use crate::access::staff::{NewPerson, PeopleError, insert};
use crate::error::{DeskError, holds_desk_error};
use crate::store::StoreError;

/// Who sets the desk up.
#[derive(Clone)]
pub struct FirstAdministrator {
    /// As colleagues and customers read it.
    pub name: PersonName,
    /// What they sign in with.
    pub mail: MailAddress,
    /// The password as typed.
    pub password: String,
    /// The language of mails to them.
    pub language: Language,
}

// The password is not printed.
impl std::fmt::Debug for FirstAdministrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstAdministrator").field("mail", &self.mail).finish_non_exhaustive()
    }
}

/// Why nobody became the administrator.
#[derive(Debug, Clone, Error)]
pub enum FirstAdministratorError {
    /// Another person was faster: sign in, or ask them for an invitation.
    #[error("there is an administrator already")]
    Taken,
    /// The link is none of this start's.
    #[error("the link leads nowhere")]
    NoLink,
    /// Another account has this mail address.
    #[error("somebody has this mail address already")]
    MailTaken,
    /// A public password opens accounts with this address: choose one of your own.
    #[error("the demonstration's staff has this mail address")]
    Demonstration,
    /// Choose another password.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// Try again later.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(FirstAdministratorError: NotPermitted, StoreError, sqlx::Error);

impl From<PeopleError> for FirstAdministratorError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::MailTaken => Self::MailTaken,
            PeopleError::Password(problem) => Self::Password(problem),
            PeopleError::Hash(failed) => Self::Hash(failed),
            PeopleError::Desk(error) => Self::Desk(error),
        }
    }
}

/// Makes the holder of a link the administrator, uses the link up, and requires a second factor of administrators from now on.
/// All of it is one transaction: of two holders of one link, one comes to be, and the other is told.
///
/// # Errors
/// See [`FirstAdministratorError`]. Whatever is wrong with what was typed leaves the link as it was.
pub async fn become_administrator(
    desk: &Desk,
    code: &str,
    who: FirstAdministrator,
) -> Result<PersonId, FirstAdministratorError> {
    match link_state(desk, code).await? {
        LinkState::Open => {}
        LinkState::Taken => return Err(FirstAdministratorError::Taken),
        LinkState::Unknown => return Err(FirstAdministratorError::NoLink),
    }
    if demonstration::is_ours(who.mail.as_str()) {
        return Err(FirstAdministratorError::Demonstration);
    }
    let public = public_hashes(desk).await?;
    let password = NewPassword::parse(&who.password, &who.name, &who.mail)?;
    let hash = passwords::hash(password, desk.ports()).await?;
    let person = NewPerson {
        name: who.name,
        mail: who.mail,
        role: Role::Administrator,
        language: who.language,
        password: String::new(),
    };
    let (now, code) = (desk.now(), code.to_owned());
    let id = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let is_used = use_up(tx, &code).await?;
                if has_administrator(tx.connection(), &public).await? {
                    return Err(FirstAdministratorError::Taken);
                }
                if !is_used {
                    return Err(FirstAdministratorError::NoLink);
                }
                let id = insert(tx, &person, hash).await?;
                let added = PersonChange::Added { role: Role::Administrator };
                changes::record(tx, id, &Actor::System, now, &added).await?;
                require_of(tx, Role::Administrator, None, now).await?;
                lead_to(tx, now).await?;
                Ok(id)
            })
        })
        .await?;
    tracing::info!(person = id.0, "the first administrator came by the link of the first start");
    Ok(id)
}
