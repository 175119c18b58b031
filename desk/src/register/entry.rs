//! An entry of the register: its fields, its cases, and what was promised about them.

use domain::actor::{Action, Actor, Subject, may};
use domain::case::Status;
use domain::case_number::CaseNumber;
use domain::page::{Page, Paging};
use domain::priority::Priority;
use domain::register::RegisterKind;
use domain::sla_plan::SlaMetric;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{EntryKey, Fields};
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, list};

/// An entry as its form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: EntryKey,
    /// The version that was read: a form sends it back.
    pub version: i64,
    /// What it is called: a name, number or serial.
    pub title: String,
    /// Its fields by their names in files and forms.
    pub fields: Fields,
    /// The organisation that it belongs to, or is.
    pub owner: Owner,
    /// Keys of entries that were merged into it, oldest first.
    pub former: Vec<String>,
}

/// An organisation by its id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Id of the organisation.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// What a key leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The entry.
    Entry(Box<Entry>),
    /// The entry into which this one was merged.
    Pointer(EntryKey),
}

/// The entry of a key, or where its pointer leads.
///
/// # Errors
/// [`DeskError::NotFound`] for a key of no entry. See [`DeskError`].
pub async fn entry(desk: &Desk, actor: &Actor, key: &EntryKey) -> Result<Resolved, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = match read(&mut reader, key, desk.now()).await? {
        Some(entry) => Some(Resolved::Entry(Box::new(entry))),
        None => pointer(&mut reader, key).await?.map(Resolved::Pointer),
    };
    reader.done();
    found.ok_or(DeskError::NotFound)
}

/// The entry that a former key points to.
pub(super) async fn pointer(
    connection: &mut AnyConnection,
    key: &EntryKey,
) -> Result<Option<EntryKey>, StoreError> {
    let row = match key {
        EntryKey::Organisation(id) => {
            let query = sqlx::query("SELECT into_id FROM former_organisations WHERE id = $1").bind(*id);
            return match query.fetch_optional(connection).await? {
                Some(row) => Ok(Some(EntryKey::Organisation(row.try_get(0)?))),
                None => Ok(None),
            };
        }
        EntryKey::Equipment(serial) => {
            let query = sqlx::query("SELECT equipment FROM former_serials WHERE serial = $1");
            query.bind(serial.clone()).fetch_optional(connection).await?
        }
        EntryKey::Site(id) => {
            let query = sqlx::query("SELECT into_id FROM former_sites WHERE id = $1").bind(*id);
            return match query.fetch_optional(connection).await? {
                Some(row) => Ok(Some(EntryKey::Site(row.try_get(0)?))),
                None => Ok(None),
            };
        }
        EntryKey::Contract(_) => None,
    };
    row.map(|row| Ok(EntryKey::Equipment(row.try_get(0)?))).transpose()
}

/// The query of an entry: version, id and name of its organisation, its title, and the fields in this order.
const fn query(kind: RegisterKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        RegisterKind::Organisation => (
            "SELECT o.version, o.id, o.name, o.name, o.name, o.country FROM organisations o WHERE o.id = $1 AND $2 = $2",
            &["name", "country"],
        ),
        RegisterKind::Contract => (
            "SELECT c.version, o.id, o.name, c.number, c.number, c.country,
                    COALESCE((SELECT p.name FROM plans p WHERE p.id = c.plan_id AND p.effective_from_utc_s <= $2
                              ORDER BY p.version DESC LIMIT 1), ''),
                    c.valid_from, c.valid_to, c.contact_name, c.contact_phone, c.contact_mail
             FROM contracts c JOIN organisations o ON o.id = c.organisation_id WHERE c.number = $1",
            &[
                "number",
                "country",
                "plan",
                "valid_from",
                "valid_to",
                "contact_name",
                "contact_phone",
                "contact_mail",
            ],
        ),
        RegisterKind::Site => (
            "SELECT s.version, o.id, o.name, s.name, s.name, s.address, s.country, s.zone
             FROM sites s JOIN organisations o ON o.id = s.organisation_id WHERE s.id = $1 AND $2 = $2",
            &["name", "address", "country", "zone"],
        ),
        RegisterKind::Equipment => (
            "SELECT e.version, o.id, o.name, e.serial, e.serial, e.manufacturer, e.model, e.platform, e.contract_number,
                    s.name, CAST(s.id AS TEXT)
             FROM equipment e JOIN sites s ON s.id = e.site_id JOIN contracts c ON c.number = e.contract_number
             JOIN organisations o ON o.id = c.organisation_id WHERE e.serial = $1 AND $2 = $2",
            &["serial", "manufacturer", "model", "platform", "contract", "site", "site_id"],
        ),
    }
}

/// The entry of a key; `None` when there is none.
pub(super) async fn read(
    connection: &mut AnyConnection,
    key: &EntryKey,
    now: Instant,
) -> Result<Option<Entry>, StoreError> {
    let (text, names) = query(key.kind());
    let query = match key {
        EntryKey::Organisation(id) | EntryKey::Site(id) => sqlx::query(text).bind(*id),
        EntryKey::Contract(key) | EntryKey::Equipment(key) => sqlx::query(text).bind(key.clone()),
    };
    let Some(row) = query.bind(now.0).fetch_optional(&mut *connection).await? else { return Ok(None) };
    let mut fields = Fields::new();
    for (place, name) in names.iter().enumerate() {
        fields.insert((*name).to_owned(), row.try_get(place + 4)?);
    }
    Ok(Some(Entry {
        version: row.try_get(0)?,
        owner: Owner { id: row.try_get(1)?, name: row.try_get(2)? },
        title: row.try_get(3)?,
        fields,
        former: former(connection, key).await?,
        key: key.clone(),
    }))
}

/// Keys of entries that were merged into one.
async fn former(connection: &mut AnyConnection, key: &EntryKey) -> Result<Vec<String>, StoreError> {
    let rows = match key {
        EntryKey::Organisation(id) => {
            let query = sqlx::query(
                "SELECT CAST(id AS TEXT) FROM former_organisations WHERE into_id = $1 ORDER BY id LIMIT 100",
            );
            query.bind(*id).fetch_all(connection).await?
        }
        EntryKey::Equipment(serial) => {
            let query = sqlx::query(
                "SELECT serial FROM former_serials WHERE equipment = $1 ORDER BY serial LIMIT 100",
            );
            query.bind(serial.clone()).fetch_all(connection).await?
        }
        EntryKey::Site(id) => {
            let query = sqlx::query(
                "SELECT CAST(id AS TEXT) FROM former_sites WHERE into_id = $1 ORDER BY id LIMIT 100",
            );
            query.bind(*id).fetch_all(connection).await?
        }
        EntryKey::Contract(_) => Vec::new(),
    };
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A case in the list of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLine {
    /// Number of the case.
    pub number: CaseNumber,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// When it was opened.
    pub opened_at: Instant,
    /// Maker and model, or the serial.
    pub equipment: String,
    /// The site as registered, or the place in the customer's words.
    pub place: String,
}

/// Which cases of an entry a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasesOf {
    /// Those in which work is left to do.
    Open,
    /// The others.
    Past,
}

/// A serial with all its spellings.
pub type Spellings = Vec<String>;

/// The condition for cases of an entry, over the placeholders from `$1` on, with its values.
fn cases_condition(entry: &Entry) -> (String, Spellings) {
    match &entry.key {
        EntryKey::Organisation(_) => (
            "c.contract_number IN (SELECT k.number FROM contracts k WHERE k.organisation_id = CAST($1 AS BIGINT))"
                .to_owned(),
            vec![entry.key.text()],
        ),
        EntryKey::Contract(number) => ("c.contract_number = $1".to_owned(), vec![number.clone()]),
        EntryKey::Site(_) => ("c.site_id = CAST($1 AS BIGINT)".to_owned(), vec![entry.key.text()]),
        EntryKey::Equipment(serial) => {
            let all: Spellings = std::iter::once(serial).chain(&entry.former).cloned().collect();
            (format!("c.serial IN ({})", list(0, all.len())), all)
        }
    }
}

/// A page of an entry's cases, the newest first. Pages count from 1; a page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn cases_of(
    desk: &Desk,
    actor: &Actor,
    entry: &Entry,
    which: CasesOf,
    page: u32,
) -> Result<Page<CaseLine>, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let (condition, values) = cases_condition(entry);
    let is_open = match which {
        CasesOf::Open => 1,
        CasesOf::Past => 0,
    };
    let bound = |text: String| {
        values.iter().cloned().fold(sqlx::query(AssertSqlSafe(text)), sqlx::query::Query::bind)
    };
    let mut reader = desk.store().reader().await?;
    let count = format!("SELECT COUNT(*) FROM cases c WHERE {condition} AND c.is_open = {is_open}");
    let paging = Paging::of(bound(count).fetch_one(&mut *reader).await?.try_get(0)?, page);
    let text = format!(
        "SELECT c.number, c.status, c.priority, c.opened_utc_s, c.equipment, c.place FROM cases c
         WHERE {condition} AND c.is_open = {is_open} ORDER BY c.opened_utc_s DESC, c.number DESC LIMIT {} OFFSET {}",
        Paging::ROWS,
        paging.offset()
    );
    let rows = bound(text).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(Page { rows: rows.iter().map(case_line).collect::<Result<_, _>>()?, paging })
}

fn case_line(row: &AnyRow) -> Result<CaseLine, StoreError> {
    let wrong = |what: String| StoreError::inconsistent("cases", what);
    let (number, status, priority): (String, String, String) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Ok(CaseLine {
        number: CaseNumber::parse(&number).map_err(|error| wrong(error.to_string()))?,
        status: Status::from_code(&status).ok_or_else(|| wrong(status))?,
        priority: Priority::from_code(&priority).ok_or_else(|| wrong(priority))?,
        opened_at: Instant(row.try_get(3)?),
        equipment: row.try_get(4)?,
        place: row.try_get(5)?,
    })
}

/// How often a target was met and breached on an entry's cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromiseCount {
    /// What the target measures.
    pub metric: SlaMetric,
    /// Number of targets that were met.
    pub met: i64,
    /// Number of targets that were breached.
    pub breached: i64,
}

/// Targets met and breached on an entry's cases, from the records of the SLA report; targets without a record are left
/// out.
///
/// # Errors
/// [`DeskError::NotPermitted`] for readers who may not read reports. See [`DeskError`].
pub async fn promises_of(desk: &Desk, actor: &Actor, entry: &Entry) -> Result<Vec<PromiseCount>, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let (condition, values) = cases_condition(entry);
    let text = format!(
        "SELECT p.clock, SUM(CASE WHEN p.outcome = 'kept' THEN 1 ELSE 0 END),
                SUM(CASE WHEN p.outcome = 'missed' THEN 1 ELSE 0 END)
         FROM cases c JOIN promises p ON p.case_number = c.number WHERE {condition} GROUP BY p.clock"
    );
    let mut reader = desk.store().reader().await?;
    let query = values.into_iter().fold(sqlx::query(AssertSqlSafe(text)), sqlx::query::Query::bind);
    let rows = query.fetch_all(&mut *reader).await?;
    reader.done();
    let read = |row: &AnyRow| -> Result<PromiseCount, StoreError> {
        let code: String = row.try_get(0)?;
        let metric =
            SlaMetric::from_code(&code).ok_or_else(|| StoreError::inconsistent("promises", &code))?;
        Ok(PromiseCount { metric, met: row.try_get(1)?, breached: row.try_get(2)? })
    };
    let mut counts = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    counts.sort_by_key(|count| count.metric);
    Ok(counts)
}
