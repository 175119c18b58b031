//! The cases of a customer, and of the company whose contracts name them as the contact.

use domain::actor::Actor;
use domain::calendar::ServiceHours;
use domain::case::ServiceHoursRef;
use domain::case_number::CaseNumber;
use domain::page::{Page, Paging};
use domain::serial::Serial;
use domain::time::Instant;
use domain::view::CaseRow;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::address_of;
use super::companies::{OWN_COMPANIES, OwnCompany, companies};
use crate::Desk;
use crate::DeskError;
use crate::cases::wall::with_hours;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::store::StoreError;

/// Whose cases are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// Cases whose contact has the customer's address.
    #[default]
    Mine,
    /// These, and the covered cases of all contracts of their company. A case to be validated has a stranger's word alone for its
    /// contract.
    Company,
}

/// The state of the cases that are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not ended: resolved ones wait for their verification.
    #[default]
    Open,
    /// Closed, cancelled, or a duplicate.
    Ended,
}

/// What is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose cases.
    pub whose: Whose,
    /// Their state. It does not count where `find` is given.
    pub standing: Standing,
    /// The number of a case, or the serial of its equipment, as typed. Empty for all.
    pub find: String,
}

/// A case in a customer's list.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnCase {
    /// The row.
    pub row: CaseRow,
    /// The service hours of its clocks.
    pub hours: ServiceHours,
    /// The fault in the customer's words.
    pub fault: String,
    /// The last part of its link.
    pub tracking: String,
}

/// A page of a customer's cases, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnCases {
    /// The cases.
    pub page: Page<OwnCase>,
    /// The number of cases of each standing: open, ended.
    pub counts: (i64, i64),
    /// The companies that the customer acts for, by name; empty for somebody who is the contact of cases alone.
    pub companies: Vec<OwnCompany>,
    /// When it was read.
    pub now: Instant,
}

const MINE: &str = "SELECT case_number FROM case_mailboxes WHERE address = $1";
const IS_OPEN: &str = "status IN ('new', 'in_progress', 'on_hold', 'resolved')";

impl Whose {
    fn numbers(self) -> String {
        match self {
            Self::Mine => MINE.to_owned(),
            Self::Company => format!(
                "{MINE} UNION SELECT c.number FROM contracts k JOIN cases c ON c.contract_number = k.number
                 WHERE k.organisation_id IN ({OWN_COMPANIES}) AND c.coverage = 'covered'"
            ),
        }
    }
}

impl Filter {
    fn condition(&self) -> String {
        match (self.key(), self.standing) {
            (Some(_), _) => "(number = $2 OR serial = $2)".to_owned(),
            (None, Standing::Open) => IS_OPEN.to_owned(),
            (None, Standing::Ended) => format!("NOT {IS_OPEN}"),
        }
    }

    /// The number or serial as stored; what is neither matches nothing.
    fn key(&self) -> Option<String> {
        let typed = self.find.trim();
        if typed.is_empty() {
            return None;
        }
        let number = CaseNumber::parse(typed).map(|number| number.as_compact());
        let serial = || Serial::parse(typed).map(|serial| serial.as_str().to_owned());
        Some(
            number
                .or_else(|_| serial())
                .unwrap_or_else(|_| typed.chars().filter(|c| !c.is_control()).take(64).collect()),
        )
    }
}

/// A page of the customer's cases, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_cases(
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
    page: u32,
) -> Result<OwnCases, DeskError> {
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let companies = companies(&mut reader, &address).await?;
    // Who acts for no company asks for no more than their own.
    let whose = if companies.is_empty() { Whose::Mine } else { filter.whose };
    let counts = counts(&mut reader, whose, &address).await?;
    let total = match (filter.key(), filter.standing) {
        (Some(_), _) => found(&mut reader, whose, filter, &address).await?,
        (None, Standing::Open) => counts.0,
        (None, Standing::Ended) => counts.1,
    };
    let paging = Paging::of(total, page);
    let rows = rows(&mut reader, whose, filter, &address, paging).await?;
    reader.done();
    let read = |row: &AnyRow| Ok((CaseRecord::from_row(row)?, row.try_get("fault")?));
    let (records, faults): (Vec<_>, Vec<String>) = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, sqlx::Error>>()
        .map_err(StoreError::from)?
        .into_iter()
        .unzip();
    let snapshot = with_hours(desk, desk.feed().head(), records).await?;
    let hours_of = |wanted: &ServiceHoursRef| {
        let found = snapshot.hours.iter().find(|(kept, _)| kept == wanted);
        found.map(|(_, hours)| hours.clone())
    };
    let cases = snapshot.rows.iter().zip(faults).filter_map(|(row, fault)| {
        let tracking = desk.tokens().tracking(row.number);
        Some(OwnCase { hours: hours_of(&row.hours)?, row: row.clone(), fault, tracking })
    });
    Ok(OwnCases { page: Page { rows: cases.collect(), paging }, counts, companies, now: snapshot.now })
}

async fn counts(
    connection: &mut AnyConnection,
    whose: Whose,
    address: &str,
) -> Result<(i64, i64), StoreError> {
    let text = format!(
        "SELECT COUNT(CASE WHEN {IS_OPEN} THEN 1 END), COUNT(*) FROM cases WHERE number IN ({})",
        whose.numbers()
    );
    let row = sqlx::query(AssertSqlSafe(text)).bind(address.to_owned()).fetch_one(connection).await?;
    let (open, all): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok((open, all - open))
}

async fn found(
    connection: &mut AnyConnection,
    whose: Whose,
    filter: &Filter,
    address: &str,
) -> Result<i64, StoreError> {
    let text = format!(
        "SELECT COUNT(*) FROM cases WHERE number IN ({}) AND {}",
        whose.numbers(),
        filter.condition()
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(address.to_owned());
    let query = filter.key().into_iter().fold(query, sqlx::query::Query::bind);
    Ok(query.fetch_one(connection).await?.try_get(0)?)
}

async fn rows(
    connection: &mut AnyConnection,
    whose: Whose,
    filter: &Filter,
    address: &str,
    paging: Paging,
) -> Result<Vec<AnyRow>, StoreError> {
    let text = format!(
        "SELECT {CASE_COLUMNS}, fault FROM cases WHERE number IN ({}) AND {}
         ORDER BY opened_utc_s DESC, number DESC LIMIT {} OFFSET {}",
        whose.numbers(),
        filter.condition(),
        Paging::ROWS,
        paging.offset()
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(address.to_owned());
    let query = filter.key().into_iter().fold(query, sqlx::query::Query::bind);
    Ok(query.fetch_all(connection).await?)
}
