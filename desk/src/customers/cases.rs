//! The cases of a customer, and of the companies for which they act: as a list from a cursor on, and as a file.

use std::fmt::Write as _;

use domain::actor::{Actor, ParticipantId};
use domain::audit::AuditData;
use domain::calendar::ServiceHours;
use domain::case::ServiceHoursRef;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::page::Paging;
use domain::t;
use domain::time::Instant;
use domain::view::CaseRow;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::address_of;
use super::companies::{OWN_COMPANIES, OwnCompany, companies, mailbox_of};
use super::sought::Sought;
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::TrackingLink;
use crate::audit::Reading;
use crate::cases::wall::with_hours;
use crate::contracts::register::local_date;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::reports::{Cells, Sheet, SheetFile, SheetFor, file_name, local};
use crate::store::StoreError;

/// Whose cases are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// Cases whose contact has the customer's address, or to which they were invited.
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
    /// Of one country; `None` for all.
    pub country: Option<Country>,
    /// At the site of this name; empty for all.
    pub site: String,
    /// The number of a case, the serial of its equipment, or words of fault, equipment or site, as typed. Empty for all.
    pub find: String,
}

/// The end of a page of cases: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    opened_utc_s: i64,
    number: CaseNumber,
}

impl Cursor {
    /// Reads a cursor as an address has it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (opened, number) = text.split_once('-')?;
        Some(Self { opened_utc_s: opened.parse().ok()?, number: CaseNumber::parse(number).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.opened_utc_s, self.number.as_compact())
    }
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
    pub cases: Vec<OwnCase>,
    /// Where the next page begins; `None` for the last page.
    pub next: Option<Cursor>,
    /// The number of cases of each standing in the filter's country and site: open, ended.
    pub counts: (i64, i64),
    /// Countries and sites of the cases, by which the list can be filtered.
    pub places: Vec<(Country, String)>,
    /// The companies that the customer acts for, by name; empty for somebody who is the contact of cases alone.
    pub companies: Vec<OwnCompany>,
    /// When it was read.
    pub now: Instant,
}

const MINE: &str = "SELECT case_number FROM case_mailboxes WHERE address = $1";
const IS_OPEN: &str = "status IN ('new', 'in_progress', 'on_hold', 'resolved')";
/// The most countries and sites that are offered.
const PLACES: u32 = 200;
/// Cases of a file, or of a search, that are read together.
const PORTION: u32 = 500;
/// The most portions that a search reads for one page: 10,000 cases. The next page looks on behind them.
const SEARCHED: usize = 20;

impl Whose {
    /// The cases that the customer may act for.
    fn own_numbers(self) -> String {
        match self {
            Self::Mine => MINE.to_owned(),
            Self::Company => format!(
                "{MINE} UNION SELECT c.number FROM contracts k JOIN cases c ON c.contract_number = k.number
                 WHERE k.organisation_id IN ({OWN_COMPANIES}) AND c.coverage = 'covered'"
            ),
        }
    }

    /// These, and the cases to which they were invited and are still let in. `bound` is the place of [`Reader::run_out_from`].
    fn numbers(self, bound: usize) -> String {
        format!(
            "{} UNION SELECT p.case_number FROM participants p JOIN cases s ON s.number = p.case_number
             WHERE p.address = $1 AND (s.link_runs_from_utc_s IS NULL OR s.link_runs_from_utc_s > ${bound})",
            self.own_numbers()
        )
    }
}

/// A customer who reads their cases.
struct Reader {
    address: String,
    /// Links whose time began to run by then have expired. The contact's page offers a new one, and a participant's is gone: such a
    /// case would open nothing.
    run_out_from: Instant,
}

impl Reader {
    fn of(desk: &Desk, actor: &Actor) -> Result<Self, DeskError> {
        let run_out_from = desk.brand().provider.link_days.run_out_from(desk.now());
        Ok(Self { address: address_of(actor)?, run_out_from })
    }
}

/// A bound value.
enum Bind {
    Number(i64),
    Text(String),
}

/// A condition of cases, with its values. `$1` is the address, `$2` its mailbox where a company's cases are meant; the last of the
/// first ones is the bound of expired links.
struct Condition {
    text: String,
    binds: Vec<Bind>,
}

impl Condition {
    /// The cases of a customer in a country and at a site, whatever their state.
    fn of(whose: Whose, filter: &Filter, reader: &Reader) -> Self {
        let mut binds = vec![Bind::Text(reader.address.clone())];
        if whose == Whose::Company {
            binds.push(Bind::Text(mailbox_of(&reader.address)));
        }
        binds.push(Bind::Number(reader.run_out_from.0));
        let text = format!("number IN ({})", whose.numbers(binds.len()));
        let mut condition = Self { text, binds };
        if let Some(country) = filter.country {
            condition.and("country = $", Bind::Text(country.code().to_owned()));
        }
        if !filter.site.is_empty() {
            condition.and("place = $", Bind::Text(filter.site.clone()));
        }
        condition
    }

    /// Those of the filter's state; all where something is looked for.
    fn listed(mut self, filter: &Filter) -> Self {
        match (Sought::of(&filter.find), filter.standing) {
            (Some(_), _) => {}
            (None, Standing::Open) => self.say(format_args!(" AND {IS_OPEN}")),
            (None, Standing::Ended) => self.say(format_args!(" AND NOT {IS_OPEN}")),
        }
        self
    }

    fn and(&mut self, text: &str, value: Bind) {
        self.binds.push(value);
        let place = self.binds.len();
        self.say(format_args!(" AND {text}{place}"));
    }

    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.text.write_fmt(text);
    }

    fn behind(mut self, from: Option<&Cursor>) -> Self {
        if let Some(Cursor { opened_utc_s, number }) = from {
            self.binds.push(Bind::Number(*opened_utc_s));
            self.binds.push(Bind::Text(number.as_compact()));
            let last = self.binds.len();
            self.say(format_args!(" AND (opened_utc_s, number) < (${}, ${last})", last - 1));
        }
        self
    }

    /// The rows of a query that says these texts before and behind the condition.
    async fn rows(
        self,
        connection: &mut AnyConnection,
        (before, behind): (&str, &str),
    ) -> Result<Vec<AnyRow>, StoreError> {
        let text = format!("{before} WHERE {}{behind}", self.text);
        let query = self.binds.into_iter().fold(sqlx::query(AssertSqlSafe(text)), |query, bind| match bind {
            Bind::Number(number) => query.bind(number),
            Bind::Text(text) => query.bind(text),
        });
        Ok(query.fetch_all(connection).await?)
    }
}

/// A page of the customer's cases, from a cursor on.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_cases(
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
    from: Option<&Cursor>,
) -> Result<OwnCases, DeskError> {
    let who = Reader::of(desk, actor)?;
    let mut reader = desk.store().reader().await?;
    let companies = companies(&mut reader, &who.address).await?;
    let whose = whose(filter, &companies);
    let counts = counts(&mut reader, Condition::of(whose, filter, &who)).await?;
    let everywhere = Filter { whose, ..Filter::default() };
    let places = places(&mut reader, Condition::of(whose, &everywhere, &who)).await?;
    let Listed { rows, next } = listed(&mut reader, (whose, filter, &who), from, Paging::ROWS).await?;
    reader.done();
    let now = desk.now();
    let cases = read(desk, &rows).await?;
    Ok(OwnCases { cases, next, counts, places, companies, now })
}

/// Who acts for no company asks for no more than their own.
fn whose(filter: &Filter, companies: &[OwnCompany]) -> Whose {
    if companies.is_empty() { Whose::Mine } else { filter.whose }
}

/// The columns of the file, by the keys of their names.
const COLUMNS: [&str; 8] =
    ["my.number", "my.fault", "my.model", "my.site", "my.status", "my.next", "my.due", "my.opened"];

/// All cases that the list shows, as a CSV file, in each site's local time.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_cases_csv(
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
    reading: SheetFor,
) -> Result<SheetFile, DeskError> {
    let who = Reader::of(desk, actor)?;
    let language = reading.language;
    let now = desk.now();
    let today = local_date(desk.brand().provider.zone.name(), now)?;
    let mut first = today;
    let mut sheet = Sheet::new(reading, Cells::Texts, &COLUMNS);
    let (mut from, mut lines) = (None, 0);
    loop {
        let mut reader = desk.store().reader().await?;
        let whose = whose(filter, &companies(&mut reader, &who.address).await?);
        let Listed { rows, next } =
            listed(&mut reader, (whose, filter, &who), from.as_ref(), PORTION).await?;
        reader.done();
        let cases = read(desk, &rows).await?;
        for case in &cases {
            sheet.line(&line(language, case, now));
        }
        if let Some(last) = cases.last() {
            first = first.min(local_date(&last.row.hours.zone, last.row.opened_at)?);
        }
        lines += cases.len();
        from = next;
        if from.is_none() {
            break;
        }
    }
    desk.note_reading(actor, Reading::Export(AuditData::Cases), lines);
    Ok(SheetFile { name: file_name(&t!(language, "my.cases"), &first, &today), text: sheet.into_text() })
}

fn line(language: Language, case: &OwnCase, now: Instant) -> [String; COLUMNS.len()] {
    let OwnCase { row, hours, fault, .. } = case;
    let next = row.rank(hours, now).decided_by;
    let due = next.as_ref().and_then(|(_, reading)| reading.due);
    [
        row.number.to_string(),
        fault.clone(),
        row.equipment.clone(),
        row.place(language).into_owned(),
        t!(language, row.status.name_key()).into_owned(),
        next.map(|(clock, _)| t!(language, clock.kind.name_key()).into_owned()).unwrap_or_default(),
        due.map(|at| local(&hours.zone, at)).unwrap_or_default(),
        local(&hours.zone, row.opened_at),
    ]
}

/// What the list has beside a case's record: the fault, the generation of its link, and the reader as a participant.
type Beside = (String, i64, Option<i64>);

/// The cases of rows.
async fn read(desk: &Desk, rows: &[AnyRow]) -> Result<Vec<OwnCase>, DeskError> {
    let read = |row: &AnyRow| {
        let rest = (row.try_get("fault")?, row.try_get("link_generation")?, row.try_get("participant_id")?);
        Ok((CaseRecord::from_row(row)?, rest))
    };
    let (records, rest): (Vec<_>, Vec<Beside>) = rows
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
    let cases = snapshot.rows.iter().zip(rest).filter_map(|(row, (fault, generation, participant))| {
        let link = match participant {
            Some(id) => TrackingLink::of_participant(row.number, ParticipantId(u32::try_from(id).ok()?)),
            None => TrackingLink::of_generation(row.number, u32::try_from(generation).ok()?),
        };
        let tracking = desk.tokens().tracking(link);
        Some(OwnCase { hours: hours_of(&row.hours)?, row: row.clone(), fault, tracking })
    });
    Ok(cases.collect())
}

async fn counts(connection: &mut AnyConnection, condition: Condition) -> Result<(i64, i64), StoreError> {
    let counting = format!("SELECT COUNT(CASE WHEN {IS_OPEN} THEN 1 END), COUNT(*) FROM cases");
    let rows = condition.rows(connection, (counting.as_str(), "")).await?;
    let Some(row) = rows.first() else { return Ok((0, 0)) };
    let (open, all): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok((open, all - open))
}

async fn places(
    connection: &mut AnyConnection,
    condition: Condition,
) -> Result<Vec<(Country, String)>, StoreError> {
    let behind = format!(" ORDER BY country, place LIMIT {PLACES}");
    let rows =
        condition.rows(connection, ("SELECT DISTINCT country, place FROM cases", behind.as_str())).await?;
    let read = |row: &AnyRow| {
        let code: String = row.try_get(0)?;
        let country = Country::from_code(&code)
            .ok_or_else(|| StoreError::inconsistent("cases", format!("country {code:?}")))?;
        Ok((country, row.try_get(1)?))
    };
    rows.iter().map(read).collect()
}

/// Rows of the list.
struct Listed {
    rows: Vec<AnyRow>,
    /// Where the next page begins; `None` for the last page.
    next: Option<Cursor>,
}

impl Listed {
    /// At most `most` of some rows. Another one says that there is a next page.
    fn first(mut rows: Vec<AnyRow>, most: usize) -> Result<Self, StoreError> {
        let next = if rows.len() > most {
            rows.truncate(most);
            rows.last().map(behind).transpose()?
        } else {
            None
        };
        Ok(Self { rows, next })
    }
}

/// At most `most` rows of the list from a cursor on. What is looked for is compared here: engines fold no letters beyond ASCII
/// alike. A page of a search may have less, or nothing, and a next one.
async fn listed(
    connection: &mut AnyConnection,
    (whose, filter, who): (Whose, &Filter, &Reader),
    from: Option<&Cursor>,
    most: u32,
) -> Result<Listed, StoreError> {
    let condition = |from: Option<&Cursor>| Condition::of(whose, filter, who).listed(filter).behind(from);
    let shown = usize::try_from(most).unwrap_or(usize::MAX);
    let Some(sought) = Sought::of(&filter.find) else {
        return Listed::first(rows(connection, whose, condition(from), most + 1).await?, shown);
    };
    let (mut found, mut from) = (Vec::new(), from.cloned());
    for _ in 0..SEARCHED {
        let some = rows(connection, whose, condition(from.as_ref()), PORTION).await?;
        let is_last = u32::try_from(some.len()).is_ok_and(|read| read < PORTION);
        from = some.last().map(behind).transpose()?;
        for row in some {
            if sought.is_in(&row)? {
                found.push(row);
            }
        }
        if is_last || found.len() > shown {
            return Listed::first(found, shown);
        }
    }
    Ok(Listed { rows: found, next: from })
}

/// The cursor behind a row.
fn behind(row: &AnyRow) -> Result<Cursor, StoreError> {
    let number: String = row.try_get("number")?;
    let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
    Ok(Cursor { opened_utc_s: row.try_get("opened_utc_s")?, number })
}

async fn rows(
    connection: &mut AnyConnection,
    whose: Whose,
    condition: Condition,
    limit: u32,
) -> Result<Vec<AnyRow>, StoreError> {
    // The link of who was invited is their own.
    let before = format!(
        "SELECT {CASE_COLUMNS}, fault, serial, link_generation,
                CASE WHEN number IN ({}) THEN NULL
                     ELSE (SELECT MIN(p.id) FROM participants p WHERE p.case_number = cases.number AND p.address = $1)
                END AS participant_id
         FROM cases",
        whose.own_numbers()
    );
    let behind = format!(" ORDER BY opened_utc_s DESC, number DESC LIMIT {limit}");
    condition.rows(connection, (before.as_str(), behind.as_str())).await
}
