//! The people of a company: its own administrators invite and remove colleagues; the provider's staff names the first ones and
//! confirms mail domains.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::audit::{AuditAccess, AuditEvent};
use domain::company::{CameBy, MailDomain, Standing};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::address_of;
use super::companies::{OwnCompany, companies, mailbox_of};
use super::session::end_all;
use crate::Desk;
use crate::access::limits::Source;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::outbox::{CompanyInvitation, empty_account_mails, empty_invitations_by, queue_company_invitation};
use crate::store::{Guarded, StoreError, Tx};

/// The most people of one company, those that were removed included. Who came by a domain does not count: many may, and an
/// administrator could invite no one else.
pub const MEMBERS_MAX: i64 = 500;
/// The most mail domains of one company.
pub const DOMAINS_MAX: usize = 20;

/// One of a company's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The address, in lower case.
    pub address: String,
    /// How it stands to the company.
    pub standing: Standing,
    /// The way by which it came.
    pub came_by: CameBy,
    /// Name of the member of the staff, or address of the colleague, who added it last; empty where nobody did.
    pub added_by: String,
    /// When it last signed in; `None` before the first time.
    pub entered_at: Option<Instant>,
}

/// A confirmed mail domain of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyDomain {
    /// The domain.
    pub domain: String,
    /// When it was confirmed.
    pub confirmed_at: Instant,
    /// By whom, by name.
    pub confirmed_by: String,
}

/// The people of one company, as its administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleagues {
    /// The company.
    pub company: OwnCompany,
    /// Its people but those that were removed, by address.
    pub members: Vec<Member>,
}

/// The people and the domains of one company, as the provider's staff sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyPeople {
    /// Name of the company.
    pub name: String,
    /// All its people, by address.
    pub members: Vec<Member>,
    /// Its domains, by name.
    pub domains: Vec<CompanyDomain>,
}

/// Why nobody was invited or removed.
#[derive(Debug, Clone, Error)]
pub enum ColleagueError {
    /// One's own address: somebody else removes it.
    #[error("one's own address")]
    Oneself,
    /// An administrator of the company: the provider removes them.
    #[error("an administrator of the company")]
    Administrator,
    /// The company has as many people or domains as it can have.
    #[error("as many as there can be")]
    TooMany,
    /// See [`DeskError`]. A company that the actor does not administer is absent.
    #[error(transparent)]
    Desk(DeskError),
}

holds_desk_error!(ColleagueError: DeskError, StoreError, NotPermitted, sqlx::Error);

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Id of the organisation.
    pub company: i64,
    /// Who is invited.
    pub mail: MailAddress,
    /// Language of the mail.
    pub language: Language,
}

/// The companies that a customer administers, with their people.
///
/// # Errors
/// See [`DeskError`].
pub async fn colleagues(desk: &Desk, actor: &Actor) -> Result<Vec<Colleagues>, DeskError> {
    may(actor, Action::ManageColleagues, Subject::Desk)?;
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let mut all = Vec::new();
    for company in companies(&mut reader, &address).await? {
        if company.standing == Standing::Administrator {
            let mut members = members(&mut reader, company.id).await?;
            members.retain(|member| member.standing != Standing::Removed);
            all.push(Colleagues { company, members });
        }
    }
    reader.done();
    Ok(all)
}

/// Invites a colleague to a company that the customer administers, and sends a mail. An administrator stays one.
///
/// # Errors
/// See [`ColleagueError`].
pub async fn invite_colleague(
    desk: &Desk,
    actor: &Actor,
    invited: Invited,
    source: Source,
) -> Result<(), ColleagueError> {
    may(actor, Action::ManageColleagues, Subject::Desk)?;
    let by = address_of(actor)?;
    let sender = desk.tokens().sender(source.site());
    let subjects = vec![
        Guarded::Company(invited.company),
        Guarded::Mailbox(invited.mail.mailbox()),
        Guarded::Sender(sender.clone()),
    ];
    let (inner, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write_beside(subjects, move |tx| {
            Box::pin(async move {
                let company = administered(tx.connection(), invited.company, &by).await?;
                let address = invited.mail.as_str().to_lowercase();
                // Who named an administrator stays known.
                let is_added = standing_of(tx.connection(), company.id, &address).await?
                    != Some(Standing::Administrator);
                if is_added {
                    let added =
                        Added { standing: Standing::Member, came_by: CameBy::Colleague, by: by.clone() };
                    put(tx, company.id, &address, &added, inner.now()).await?;
                }
                let mail = CompanyInvitation {
                    address: &invited.mail,
                    language: invited.language,
                    company: &company.name,
                    by: &by,
                    sender: Some(&sender),
                };
                queue_company_invitation(&inner, tx, mail).await?;
                if is_added {
                    note(tx, &actor, inner.now(), given(AuditAccess::CompanyMember, company.id)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Removes a colleague from a company that the customer administers. Their sessions end; what is open ends with them.
///
/// # Errors
/// See [`ColleagueError`]. An address that is none of the company's is absent.
pub async fn remove_colleague(
    desk: &Desk,
    actor: &Actor,
    company: i64,
    address: &str,
) -> Result<(), ColleagueError> {
    may(actor, Action::ManageColleagues, Subject::Desk)?;
    let by = address_of(actor)?;
    let (inner, actor, address) = (desk.clone(), actor.clone(), address.to_lowercase());
    desk.store()
        .write_beside(vec![Guarded::Company(company)], move |tx| {
            Box::pin(async move {
                let company = administered(tx.connection(), company, &by).await?;
                let mailbox = mailbox_of(&address);
                if mailbox == mailbox_of(&by) {
                    return Err(ColleagueError::Oneself);
                }
                let members = members(tx.connection(), company.id).await?;
                let is_administrator = |member: &Member| {
                    member.standing == Standing::Administrator && mailbox_of(&member.address) == mailbox
                };
                if members.iter().any(is_administrator) {
                    return Err(ColleagueError::Administrator);
                }
                let member = members.into_iter().find(|member| member.address == address);
                match member.map(|member| (member.standing, member.came_by)) {
                    Some((Standing::Administrator, _)) => Err(ColleagueError::Administrator),
                    Some((Standing::Member, came_by)) => {
                        remove(tx, company.id, &address, came_by, by, inner.now()).await?;
                        note(tx, &actor, inner.now(), ended(AuditAccess::CompanyMember, company.id)).await?;
                        Ok(())
                    }
                    Some((Standing::Removed, _)) | None => Err(DeskError::NotFound.into()),
                }
            })
        })
        .await
}

/// The people and domains of a company, for the provider's administrators.
///
/// # Errors
/// See [`DeskError`].
pub async fn company_people(desk: &Desk, actor: &Actor, company: i64) -> Result<CompanyPeople, DeskError> {
    may(actor, Action::ManageCompanies, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let name = name_of(&mut reader, company).await?.ok_or(DeskError::NotFound)?;
    let members = members(&mut reader, company).await?;
    let domains = domains(&mut reader, company).await?;
    reader.done();
    Ok(CompanyPeople { name, members, domains })
}

/// Lets an address act for a company as `standing` says, and sends a mail unless it is removed. Sessions of a removed one end.
///
/// # Errors
/// See [`ColleagueError`].
pub async fn name_member(
    desk: &Desk,
    actor: &Actor,
    invited: Invited,
    standing: Standing,
) -> Result<(), ColleagueError> {
    may(actor, Action::ManageCompanies, Subject::Desk)?;
    let (inner, actor, by) = (desk.clone(), actor.clone(), name_of_staff(actor));
    let subjects = vec![Guarded::Company(invited.company), Guarded::Mailbox(invited.mail.mailbox())];
    desk.store()
        .write_beside(subjects, move |tx| {
            Box::pin(async move {
                let name = name_of(tx.connection(), invited.company).await?.ok_or(DeskError::NotFound)?;
                let address = invited.mail.as_str().to_lowercase();
                if standing == Standing::Removed {
                    let known = members(tx.connection(), invited.company).await?;
                    let known = known.into_iter().find(|member| member.address == address);
                    let member = known.ok_or(DeskError::NotFound)?;
                    remove(tx, invited.company, &address, member.came_by, by, inner.now()).await?;
                    let event = ended(access_of(member.standing), invited.company);
                    note(tx, &actor, inner.now(), event).await?;
                    return Ok(());
                }
                let added = Added { standing, came_by: CameBy::Provider, by };
                put(tx, invited.company, &address, &added, inner.now()).await?;
                let provider = inner.brand().provider.name.as_str().to_owned();
                let mail = CompanyInvitation {
                    address: &invited.mail,
                    language: invited.language,
                    company: &name,
                    by: &provider,
                    sender: None,
                };
                queue_company_invitation(&inner, tx, mail).await?;
                note(tx, &actor, inner.now(), given(access_of(standing), invited.company)).await?;
                Ok(())
            })
        })
        .await
}

/// Forgets an address as one of a company's people, as if it had never been there. Its sessions end, and the mails that told of
/// it lose what they say.
///
/// # Errors
/// See [`DeskError`].
pub async fn forget_member(desk: &Desk, actor: &Actor, company: i64, address: &str) -> Result<(), DeskError> {
    may(actor, Action::ManageCompanies, Subject::Desk)?;
    let (now, actor, address) = (desk.now(), actor.clone(), address.to_lowercase());
    desk.store()
        .write_beside(vec![Guarded::Company(company)], move |tx| {
            Box::pin(async move {
                let standing = standing_of(tx.connection(), company, &address).await?;
                let done =
                    sqlx::query("DELETE FROM company_members WHERE organisation_id = $1 AND address = $2")
                        .bind(company)
                        .bind(address.clone())
                        .execute(tx.connection())
                        .await?;
                if done.rows_affected() == 0 {
                    return Err(DeskError::NotFound);
                }
                sqlx::query(
                    "UPDATE company_members SET added_by = '' WHERE organisation_id = $1 AND added_by = $2",
                )
                .bind(company)
                .bind(address.clone())
                .execute(tx.connection())
                .await?;
                end_all(tx, &address).await?;
                empty_account_mails(tx, &address, &mailbox_of(&address)).await?;
                empty_invitations_by(tx, &address).await?;
                let access = access_of(standing.unwrap_or(Standing::Member));
                note(tx, &actor, now, ended(access, company)).await?;
                Ok(())
            })
        })
        .await
}

/// Confirms that a mail domain is a company's own. Who signs in with an address there acts for the company.
///
/// # Errors
/// See [`ColleagueError`].
pub async fn confirm_domain(
    desk: &Desk,
    actor: &Actor,
    company: i64,
    domain: MailDomain,
) -> Result<(), ColleagueError> {
    may(actor, Action::ManageCompanies, Subject::Desk)?;
    let (now, actor, by) = (desk.now(), actor.clone(), name_of_staff(actor));
    desk.store()
        .write_beside(vec![Guarded::Company(company)], move |tx| {
            Box::pin(async move {
                name_of(tx.connection(), company).await?.ok_or(DeskError::NotFound)?;
                if domains(tx.connection(), company).await?.len() >= DOMAINS_MAX {
                    return Err(ColleagueError::TooMany);
                }
                let done = sqlx::query(
                    "INSERT INTO company_domains (organisation_id, domain, confirmed_utc_s, confirmed_by)
                     VALUES ($1, $2, $3, $4) ON CONFLICT (organisation_id, domain) DO NOTHING",
                )
                .bind(company)
                .bind(domain.as_str().to_owned())
                .bind(now.0)
                .bind(by)
                .execute(tx.connection())
                .await?;
                if done.rows_affected() == 1 {
                    note(tx, &actor, now, given(AuditAccess::CompanyDomain, company)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Withdraws a domain. Who came by it alone acts for the company no more, and their sessions end.
///
/// # Errors
/// See [`DeskError`].
pub async fn withdraw_domain(
    desk: &Desk,
    actor: &Actor,
    company: i64,
    domain: &str,
) -> Result<(), DeskError> {
    may(actor, Action::ManageCompanies, Subject::Desk)?;
    let (now, actor, domain) = (desk.now(), actor.clone(), domain.to_lowercase());
    desk.store()
        .write_beside(vec![Guarded::Company(company)], move |tx| {
            Box::pin(async move {
                let done =
                    sqlx::query("DELETE FROM company_domains WHERE organisation_id = $1 AND domain = $2")
                        .bind(company)
                        .bind(domain.clone())
                        .execute(tx.connection())
                        .await?;
                if done.rows_affected() == 0 {
                    return Err(DeskError::NotFound);
                }
                let end = format!("@{domain}");
                for member in stored(tx.connection(), company).await? {
                    let is_theirs = member.came_by == CameBy::Domain && member.address.ends_with(&end);
                    if is_theirs && member.standing == Standing::Member {
                        sqlx::query(
                            "DELETE FROM company_members WHERE organisation_id = $1 AND address = $2",
                        )
                        .bind(company)
                        .bind(member.address.clone())
                        .execute(tx.connection())
                        .await?;
                        end_all(tx, &member.address).await?;
                    }
                }
                note(tx, &actor, now, ended(AuditAccess::CompanyDomain, company)).await?;
                Ok(())
            })
        })
        .await
}

const fn access_of(standing: Standing) -> AuditAccess {
    match standing {
        Standing::Administrator => AuditAccess::CompanyAdministrator,
        Standing::Member | Standing::Removed => AuditAccess::CompanyMember,
    }
}

/// The log has no customer's name or address: the company's id stands alone.
const fn given(access: AuditAccess, company: i64) -> AuditEvent {
    AuditEvent::AccessGiven { access, id: company, name: String::new() }
}

const fn ended(access: AuditAccess, company: i64) -> AuditEvent {
    AuditEvent::AccessEnded { access, id: company }
}

async fn note(tx: &mut Tx, actor: &Actor, at: Instant, event: AuditEvent) -> Result<(), StoreError> {
    audit::record(tx, &Noted::of(actor, at, event)).await?;
    Ok(())
}

fn name_of_staff(actor: &Actor) -> String {
    match actor {
        Actor::Staff(staff) => staff.name.clone(),
        _ => String::new(),
    }
}

/// The company, if the address administers it; else it is absent.
async fn administered(
    connection: &mut AnyConnection,
    company: i64,
    address: &str,
) -> Result<OwnCompany, DeskError> {
    let own = companies(connection, address).await?;
    let is_theirs = |own: &OwnCompany| own.id == company && own.standing == Standing::Administrator;
    own.into_iter().find(is_theirs).ok_or(DeskError::NotFound)
}

async fn name_of(connection: &mut AnyConnection, company: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT name FROM organisations WHERE id = $1")
        .bind(company)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

async fn standing_of(
    connection: &mut AnyConnection,
    company: i64,
    address: &str,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query("SELECT standing FROM company_members WHERE organisation_id = $1 AND address = $2")
        .bind(company)
        .bind(address.to_owned())
        .fetch_optional(connection)
        .await?;
    row.map(|row| coded(&row, 0, Standing::from_code)).transpose()
}

/// How an address is added.
struct Added {
    standing: Standing,
    came_by: CameBy,
    /// Name of the member of the staff, or address of the colleague.
    by: String,
}

/// Writes how an address stands to a company. A removal of its mailbox under another spelling is over.
async fn put(
    tx: &mut Tx,
    company: i64,
    address: &str,
    added: &Added,
    now: Instant,
) -> Result<(), ColleagueError> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM company_members WHERE organisation_id = $1 AND address <> $2 AND came_by <> 'domain'",
    )
    .bind(company)
    .bind(address.to_owned())
    .fetch_one(tx.connection())
    .await?;
    let others: i64 = row.try_get(0)?;
    if others >= MEMBERS_MAX {
        return Err(ColleagueError::TooMany);
    }
    for other in spellings(tx.connection(), company, address).await? {
        if other.standing == Standing::Removed {
            sqlx::query("DELETE FROM company_members WHERE organisation_id = $1 AND address = $2")
                .bind(company)
                .bind(other.address)
                .execute(tx.connection())
                .await?;
        }
    }
    write(tx, company, address, added, now).await?;
    Ok(())
}

/// The people of the table who have the mailbox of an address under another spelling.
async fn spellings(
    connection: &mut AnyConnection,
    company: i64,
    address: &str,
) -> Result<Vec<Member>, StoreError> {
    let mailbox = mailbox_of(address);
    let mut all = stored(connection, company).await?;
    all.retain(|member| member.address != address && mailbox_of(&member.address) == mailbox);
    Ok(all)
}

async fn write(
    tx: &mut Tx,
    company: i64,
    address: &str,
    added: &Added,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO company_members (organisation_id, address, standing, came_by, added_by, since_utc_s, mailbox)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organisation_id, address) DO UPDATE SET standing = excluded.standing, came_by = excluded.came_by,
             added_by = excluded.added_by, since_utc_s = excluded.since_utc_s, mailbox = excluded.mailbox",
    )
    .bind(company)
    .bind(address.to_owned())
    .bind(added.standing.code())
    .bind(added.came_by.code())
    .bind(added.by.clone())
    .bind(now.0)
    .bind(mailbox_of(address))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes that an address is removed, in every spelling of its mailbox, which counts more than a domain or a contract. Its
/// sessions end.
async fn remove(
    tx: &mut Tx,
    company: i64,
    address: &str,
    came_by: CameBy,
    by: String,
    now: Instant,
) -> Result<(), StoreError> {
    let removed = Added { standing: Standing::Removed, came_by, by };
    for other in spellings(tx.connection(), company, address).await? {
        let removed = Added { came_by: other.came_by, by: removed.by.clone(), ..removed };
        write(tx, company, &other.address, &removed, now).await?;
        end_all(tx, &other.address).await?;
    }
    write(tx, company, address, &removed, now).await?;
    end_all(tx, address).await
}

/// All people of a company by address: those of the table, and the contacts of its contracts. A contact whose mailbox was removed
/// is removed in every spelling.
async fn members(connection: &mut AnyConnection, company: i64) -> Result<Vec<Member>, StoreError> {
    let mut all = stored(connection, company).await?;
    let rows = sqlx::query(
        "SELECT DISTINCT lower(contact_mail) FROM contracts
         WHERE organisation_id = $1 AND contact_mail <> ''",
    )
    .bind(company)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let address: String = row.try_get(0)?;
        if all.iter().all(|member| member.address != address) {
            let mailbox = mailbox_of(&address);
            let is_removed = all
                .iter()
                .any(|member| member.standing == Standing::Removed && mailbox_of(&member.address) == mailbox);
            all.push(Member {
                address,
                standing: if is_removed { Standing::Removed } else { Standing::Member },
                came_by: CameBy::Contract,
                added_by: String::new(),
                entered_at: None,
            });
        }
    }
    all.sort_by(|one, other| one.address.cmp(&other.address));
    Ok(all)
}

/// The people of the table.
async fn stored(connection: &mut AnyConnection, company: i64) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query(
        "SELECT address, standing, came_by, added_by, entered_utc_s FROM company_members
         WHERE organisation_id = $1 ORDER BY address",
    )
    .bind(company)
    .fetch_all(connection)
    .await?;
    let read = |row: &AnyRow| {
        let entered: Option<i64> = row.try_get(4)?;
        Ok(Member {
            address: row.try_get(0)?,
            standing: coded(row, 1, Standing::from_code)?,
            came_by: coded(row, 2, CameBy::from_code)?,
            added_by: row.try_get(3)?,
            entered_at: entered.map(Instant),
        })
    };
    rows.iter().map(read).collect()
}

async fn domains(connection: &mut AnyConnection, company: i64) -> Result<Vec<CompanyDomain>, StoreError> {
    let rows = sqlx::query(
        "SELECT domain, confirmed_utc_s, confirmed_by FROM company_domains WHERE organisation_id = $1 ORDER BY domain",
    )
    .bind(company)
    .fetch_all(connection)
    .await?;
    let read = |row: &AnyRow| {
        Ok(CompanyDomain {
            domain: row.try_get(0)?,
            confirmed_at: Instant(row.try_get(1)?),
            confirmed_by: row.try_get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// A column with a code.
fn coded<T>(row: &AnyRow, column: usize, read: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let code: String = row.try_get(column)?;
    read(&code).ok_or_else(|| StoreError::inconsistent("company_members", format!("code {code:?}")))
}
