//! Lists of the register: filtered, searched by their terms, and paged.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::priority::Platform;
use domain::register::RegisterKind;
use domain::search::{Force, FoundContract, FoundEquipment, Query};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row};

use super::rows::read;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::contracts::register::local_date;
use crate::search::{bounds, selections};
use crate::store::StoreError;

/// What a list shows. Filters that a kind does not have are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The kind of the entries.
    pub kind: RegisterKind,
    /// Words that all must match; empty for all entries.
    pub text: String,
    /// The country of the entry; of equipment that of its site.
    pub country: Option<Country>,
    /// Contracts alone: whether they are in force today.
    pub force: Option<Force>,
    /// Equipment alone: its platform.
    pub platform: Option<Platform>,
    /// The entry to which those of the list belong.
    pub within: Option<Within>,
    /// The page, from 1 on; beyond the last it is the last.
    pub page: u32,
}

impl ListQuery {
    /// The first page of all entries of a kind.
    #[must_use]
    pub const fn all(kind: RegisterKind) -> Self {
        Self { kind, text: String::new(), country: None, force: None, platform: None, within: None, page: 1 }
    }

    /// The first page of a kind within an entry.
    #[must_use]
    pub fn within(kind: RegisterKind, within: Within) -> Self {
        Self { within: Some(within), ..Self::all(kind) }
    }
}

/// The entry to which others belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// An organisation, by its id: its contracts, sites and equipment.
    Organisation(i64),
    /// A contract, by its number: its equipment.
    Contract(String),
    /// A site, by its id: its equipment.
    Site(i64),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Organisations by name.
    Organisations(Page<OrganisationLine>),
    /// Contracts by number.
    Contracts(Page<FoundContract>),
    /// Sites by name.
    Sites(Page<SiteLine>),
    /// Equipment by serial.
    Equipment(Page<FoundEquipment>),
}

impl Listed {
    /// Position of the page.
    #[must_use]
    pub const fn paging(&self) -> Paging {
        match self {
            Self::Organisations(page) => page.paging,
            Self::Contracts(page) => page.paging,
            Self::Sites(page) => page.paging,
            Self::Equipment(page) => page.paging,
        }
    }
}

/// An organisation as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationLine {
    /// Id of the organisation.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Country,
    /// Number of its contracts.
    pub contracts: i64,
    /// Number of its pieces of equipment.
    pub equipment: i64,
}

/// A site as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    /// Id of the site.
    pub id: i64,
    /// Its name, unique within its organisation.
    pub name: String,
    /// Street and city.
    pub address: String,
    /// Its country.
    pub country: Country,
    /// Id of its organisation.
    pub organisation_id: i64,
    /// Name of its organisation.
    pub organisation: String,
    /// Number of its pieces of equipment.
    pub equipment: i64,
}

/// A page of a list of the register.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::register::{ListQuery, Listed, list};
/// use domain::register::RegisterKind;
///
/// let query = ListQuery { text: "catalyst".to_owned(), ..ListQuery::all(RegisterKind::Equipment) };
/// let Listed::Equipment(page) = list(&desk, &agent(), &query).await? else { return Err("another kind".into()) };
/// assert!(page.rows.iter().all(|found| found.registered.model.contains("Catalyst")));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn list(desk: &Desk, actor: &Actor, query: &ListQuery) -> Result<Listed, DeskError> {
    let listed = page_of(desk, actor, query).await?;
    if !query.text.trim().is_empty() {
        let total = usize::try_from(listed.paging().total).unwrap_or_default();
        desk.note_reading(actor, Reading::Search(AuditData::Register), total);
    }
    Ok(listed)
}

/// The same as a part of another reading.
pub(super) async fn page_of(desk: &Desk, actor: &Actor, query: &ListQuery) -> Result<Listed, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = match Conditions::of(desk, query, Order::OfPages)? {
        Some(conditions) => conditions.keys(&mut reader, query).await?,
        None => Page { rows: Vec::new(), paging: Paging::of(0, 1) },
    };
    let listed = read(desk, &mut reader, query.kind, found).await?;
    reader.done();
    Ok(listed)
}

/// A bound value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

type Statement = sqlx::query::Query<'static, Any, AnyArguments>;

/// The order in which entries are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// That of the pages: by name, or by key where there is none.
    OfPages,
    /// That of the keys.
    OfKeys,
}

/// The conditions of a list with their values.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// The conditions of a query; `None` when no entry can match its words.
    pub(super) fn of(desk: &Desk, query: &ListQuery, order: Order) -> Result<Option<Self>, StoreError> {
        let mut all = Self::default();
        let key = key(query.kind);
        let parsed = Query::parse(&query.text);
        if !query.text.trim().is_empty() {
            if parsed.words().is_empty() || parsed.words().iter().any(|word| word.terms.is_empty()) {
                return Ok(None);
            }
            all.values.push(Value::Text(query.kind.code().to_owned()));
            for selection in selections(parsed.words(), 1) {
                let selection = if is_numbered(query.kind) {
                    selection.replacen("SELECT entity", "SELECT CAST(entity AS BIGINT)", 1)
                } else {
                    selection
                };
                all.parts.push(format!("{key} IN ({selection})"));
            }
            all.values.extend(bounds(parsed.words()).into_iter().map(Value::Bytes));
        }
        if let Some(country) = query.country {
            // The indexes of countries are in the order of names, but for contracts. SQLite would sort a whole country by its
            // keys; a cast keeps it to the index of the keys.
            let column = match (query.kind, order) {
                (RegisterKind::Contract, _) => "c.country",
                (RegisterKind::Organisation, Order::OfPages) => "o.country",
                (RegisterKind::Organisation, Order::OfKeys) => "CAST(o.country AS TEXT)",
                (RegisterKind::Site | RegisterKind::Equipment, Order::OfPages) => "s.country",
                (RegisterKind::Site | RegisterKind::Equipment, Order::OfKeys) => "CAST(s.country AS TEXT)",
            };
            all.add(|place| format!("{column} = {place}"), Value::Text(country.code().to_owned()));
        }
        if let (Some(force), RegisterKind::Contract) = (query.force, query.kind) {
            all.in_force(desk, force)?;
        }
        if let (Some(platform), RegisterKind::Equipment) = (query.platform, query.kind) {
            all.add(|place| format!("e.platform = {place}"), Value::Text(platform.code().to_owned()));
        }
        if let Some(within) = &query.within {
            all.within(query.kind, within);
        }
        Ok(Some(all))
    }

    fn add(&mut self, part: impl FnOnce(String) -> String, value: Value) {
        self.values.push(value);
        let place = format!("${}", self.values.len());
        self.parts.push(part(place));
    }

    /// Contracts that are in force, not yet or no more, on the local day of the capital of each country.
    fn in_force(&mut self, desk: &Desk, force: Force) -> Result<(), StoreError> {
        let mut parts = Vec::new();
        for country in Country::ALL {
            let today = local_date(country.capital_zone(), desk.now())?.to_string();
            self.values.push(Value::Text(country.code().to_owned()));
            let of = self.values.len();
            self.values.push(Value::Text(today));
            let day = self.values.len();
            let fits = match force {
                Force::InForce => format!("c.valid_from <= ${day} AND c.valid_to >= ${day}"),
                Force::NotYet => format!("c.valid_from > ${day}"),
                Force::Over => format!("c.valid_to < ${day} AND c.valid_from <= ${day}"),
            };
            parts.push(format!("(c.country = ${of} AND {fits})"));
        }
        self.parts.push(format!("({})", parts.join(" OR ")));
        Ok(())
    }

    fn within(&mut self, kind: RegisterKind, within: &Within) {
        match (kind, within) {
            (RegisterKind::Contract, Within::Organisation(id)) => {
                self.add(|place| format!("c.organisation_id = {place}"), Value::Number(*id));
            }
            (RegisterKind::Site, Within::Organisation(id)) => {
                self.add(|place| format!("s.organisation_id = {place}"), Value::Number(*id));
            }
            (RegisterKind::Equipment, Within::Organisation(id)) => self.add(
                |place| {
                    format!("e.contract_number IN (SELECT k.number FROM contracts k WHERE k.organisation_id = {place})")
                },
                Value::Number(*id),
            ),
            (RegisterKind::Equipment, Within::Contract(number)) => {
                self.add(|place| format!("e.contract_number = {place}"), Value::Text(number.clone()));
            }
            (RegisterKind::Equipment, Within::Site(id)) => {
                self.add(|place| format!("e.site_id = {place}"), Value::Number(*id));
            }
            (RegisterKind::Organisation | RegisterKind::Contract | RegisterKind::Site, _) => {}
        }
    }

    /// The tables that the conditions need.
    const fn tables(query: &ListQuery) -> &'static str {
        match query.kind {
            RegisterKind::Organisation => "organisations o",
            RegisterKind::Contract => "contracts c",
            RegisterKind::Site => "sites s",
            RegisterKind::Equipment if query.country.is_some() => {
                "equipment e JOIN sites s ON s.id = e.site_id"
            }
            RegisterKind::Equipment => "equipment e",
        }
    }

    /// The keys of a page, in the order of the list.
    async fn keys(
        self,
        connection: &mut AnyConnection,
        query: &ListQuery,
    ) -> Result<Page<String>, StoreError> {
        let tables = Self::tables(query);
        let condition = self.condition();
        let count = self.bound(format!("SELECT COUNT(*) FROM {tables} {condition}"));
        let paging = Paging::of(count.fetch_one(&mut *connection).await?.try_get(0)?, query.page);
        let (key, order) = (key(query.kind), order(query.kind));
        let text = format!(
            "SELECT {key} FROM {tables} {condition} ORDER BY {order} LIMIT {} OFFSET {}",
            Paging::ROWS,
            paging.offset()
        );
        let rows = self.bound(text).fetch_all(connection).await?;
        Ok(Page { rows: read_keys(query.kind, &rows)?, paging })
    }

    /// At most `limit` keys above `after`, in their own order, which is [`Order::OfKeys`].
    pub(super) async fn keys_above(
        mut self,
        connection: &mut AnyConnection,
        query: &ListQuery,
        after: Option<Value>,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let (tables, key) = (Self::tables(query), key(query.kind));
        if let Some(after) = after {
            self.add(|place| format!("{key} > {place}"), after);
        }
        let text = format!("SELECT {key} FROM {tables} {} ORDER BY {key} LIMIT {limit}", self.condition());
        let rows = self.bound(text).fetch_all(connection).await?;
        read_keys(query.kind, &rows)
    }

    fn condition(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!("WHERE {}", self.parts.join(" AND ")) }
    }

    fn bound(&self, text: String) -> Statement {
        self.values.iter().cloned().fold(sqlx::query(AssertSqlSafe(text)), |query: Statement, value| {
            match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
            }
        })
    }
}

/// Whether the keys of a kind are numbers.
const fn is_numbered(kind: RegisterKind) -> bool {
    matches!(kind, RegisterKind::Organisation | RegisterKind::Site)
}

fn read_keys(kind: RegisterKind, rows: &[AnyRow]) -> Result<Vec<String>, StoreError> {
    let read = |row: &AnyRow| -> Result<String, StoreError> {
        if is_numbered(kind) { Ok(row.try_get::<i64, _>(0)?.to_string()) } else { Ok(row.try_get(0)?) }
    };
    rows.iter().map(read).collect()
}

const fn key(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "o.id",
        RegisterKind::Contract => "c.number",
        RegisterKind::Site => "s.id",
        RegisterKind::Equipment => "e.serial",
    }
}

const fn order(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "o.name, o.id",
        RegisterKind::Contract => "c.number",
        RegisterKind::Site => "s.name, s.id",
        RegisterKind::Equipment => "e.serial",
    }
}
