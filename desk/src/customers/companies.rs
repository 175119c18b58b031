//! Which companies a customer acts for.
//!
//! The contact of a contract does, and who is a member: named by the provider, invited by a colleague, or of a confirmed mail
//! domain. Who was removed does not, whatever contracts and domains say, and however their address is spelt.

use domain::actor::Actor;
use domain::company::{MailDomain, Standing};
use domain::mail_address::MailAddress;
use domain::time::Instant;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::address_of;
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, Tx};

/// The ids of the companies for which the address `$1` of the mailbox `$2` acts.
pub(super) const OWN_COMPANIES: &str = "SELECT organisation_id FROM contracts WHERE lower(contact_mail) = $1
     UNION SELECT organisation_id FROM company_members WHERE address = $1 AND standing IN ('administrator', 'member')
     EXCEPT SELECT organisation_id FROM company_members WHERE address = $1 AND standing = 'removed'
     EXCEPT SELECT organisation_id FROM company_members WHERE mailbox = $2 AND standing = 'removed'";

/// The mailbox of an address as it is stored; of what is no address, itself.
pub(super) fn mailbox_of(address: &str) -> String {
    MailAddress::parse(address).map_or_else(|_| address.to_lowercase(), |mail| mail.mailbox())
}

/// A company for which a customer acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCompany {
    /// Id of the organisation.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What the customer may do there.
    pub standing: Standing,
}

/// The companies of an address, by name.
pub(super) async fn companies(
    connection: &mut AnyConnection,
    address: &str,
) -> Result<Vec<OwnCompany>, StoreError> {
    let text = format!(
        "SELECT o.id, o.name,
                COALESCE((SELECT m.standing FROM company_members m WHERE m.organisation_id = o.id AND m.address = $1), 'member')
         FROM organisations o WHERE o.id IN ({OWN_COMPANIES}) ORDER BY o.name, o.id"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(address.to_owned())
        .bind(mailbox_of(address))
        .fetch_all(connection)
        .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let standing: String = row.try_get(2)?;
        let standing = Standing::from_code(&standing)
            .ok_or_else(|| StoreError::inconsistent("company_members", format!("standing {standing:?}")))?;
        Ok(OwnCompany { id: row.try_get(0)?, name: row.try_get(1)?, standing })
    };
    rows.iter().map(read).collect()
}

/// The companies for which a customer acts, by name.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_companies(desk: &Desk, actor: &Actor) -> Result<Vec<OwnCompany>, DeskError> {
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let companies = companies(&mut reader, &address).await?;
    reader.done();
    Ok(companies)
}

/// Makes who signs in a member of the companies whose confirmed domain their address has. Who was removed stays so.
pub(super) async fn enter(tx: &mut Tx, address: &str, now: Instant) -> Result<(), StoreError> {
    if let Ok(mail) = MailAddress::parse(address) {
        sqlx::query(
            "INSERT INTO company_members
                 (organisation_id, address, mailbox, standing, came_by, added_by, since_utc_s, entered_utc_s)
             SELECT d.organisation_id, CAST($1 AS TEXT), CAST($4 AS TEXT), 'member', 'domain', '', CAST($3 AS BIGINT),
                    CAST($3 AS BIGINT)
             FROM company_domains d WHERE d.domain = $2 AND NOT EXISTS (SELECT 1 FROM company_members m
                 WHERE m.organisation_id = d.organisation_id AND m.mailbox = CAST($4 AS TEXT) AND m.standing = 'removed')
             ON CONFLICT (organisation_id, address) DO NOTHING",
        )
        .bind(address.to_owned())
        .bind(MailDomain::of(&mail).as_str().to_owned())
        .bind(now.0)
        .bind(mail.mailbox())
        .execute(tx.connection())
        .await?;
    }
    sqlx::query("UPDATE company_members SET entered_utc_s = $2 WHERE address = $1")
        .bind(address.to_owned())
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether an address is let in as one of a company's people.
pub(super) async fn is_let_in(
    connection: &mut AnyConnection,
    address: &MailAddress,
) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT m.organisation_id FROM company_members m WHERE m.address = $1 AND m.standing IN ('administrator', 'member')
             AND NOT EXISTS (SELECT 1 FROM company_members r
                 WHERE r.organisation_id = m.organisation_id AND r.mailbox = $3 AND r.standing = 'removed')
         UNION ALL SELECT d.organisation_id FROM company_domains d
         WHERE d.domain = $2 AND NOT EXISTS (SELECT 1 FROM company_members m
             WHERE m.organisation_id = d.organisation_id AND (m.address = $1 OR m.mailbox = $3) AND m.standing = 'removed')
         LIMIT 1",
    )
    .bind(address.as_str().to_lowercase())
    .bind(MailDomain::of(address).as_str().to_owned())
    .bind(address.mailbox())
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// The condition that a domain or a contract of the company would let a mailbox of `company_members` in again. Engines know no
/// mailboxes of contacts: each one that begins alike, but for dots, counts as a spelling.
pub(crate) const LET_IN_AGAIN: &str =
    "(EXISTS (SELECT 1 FROM company_domains d WHERE d.organisation_id = company_members.organisation_id
          AND company_members.address LIKE '%@' || d.domain)
      OR EXISTS (SELECT 1 FROM contracts k WHERE k.organisation_id = company_members.organisation_id
          AND (lower(k.contact_mail) = company_members.address
               OR replace(lower(k.contact_mail), '.', '')
                  LIKE replace(replace(company_members.mailbox, '.', ''), '@', '%@'))))";

/// Forgets an address as one of any company's people, and as who added others. A removal stays while without it the address
/// would be let in again.
pub(crate) async fn forget(tx: &mut Tx, address: &str) -> Result<(), StoreError> {
    let rows = format!(
        "DELETE FROM company_members WHERE address = $1 AND (standing <> 'removed' OR NOT {LET_IN_AGAIN})"
    );
    sqlx::query(AssertSqlSafe(rows)).bind(address.to_owned()).execute(tx.connection()).await?;
    sqlx::query("UPDATE company_members SET added_by = '' WHERE added_by = $1")
        .bind(address.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}
