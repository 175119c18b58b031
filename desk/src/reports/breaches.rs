//! Breached SLA targets of one kind: the page, and a file.

use chrono::NaiveDate;
use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::calendar::week::CalendarId;
use domain::case::{ServiceHoursRef, SlaClock};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::priority::Priority;
use domain::reports::{BreachList, BreachRow, Late, SlaReportFilter};
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{AnyConnection, FromRow, Row};

use super::csv::{Cells, Sheet, SheetFile, SheetFor, file_name, local};
use super::sla_report::asked;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::store::{StoreError, row};

/// The query of breaches. Its limit is part of the text (see `desk/src/cases/queue.rs`).
macro_rules! listing {
    ($further:literal, $limit:literal) => {
        concat!(
            "SELECT p.case_number, p.cycle, p.day, COALESCE(p.due_utc_s, p.settled_utc_s) AS due_utc_s, p.target_s, p.used_s, p.priority, p.country,
                    c.customer, c.calendar_id, c.calendar_version, c.zone, c.clocks
             FROM promises p JOIN cases c ON c.number = p.case_number
             WHERE p.outcome = 'missed' AND p.day BETWEEN $1 AND $2 AND ($3 = '' OR p.country = $3)
               AND ($4 = '' OR p.priority = $4) AND ($5 = '' OR c.contract_number = $5) AND p.clock = $6 ",
            $further,
            " ORDER BY p.day DESC, p.case_number DESC, p.cycle DESC LIMIT ",
            $limit
        )
    };
}

const LIST: &str = listing!("", "50 OFFSET $7");
const _: () = assert!(Paging::ROWS == 50);
/// The query of a file's next portion, from the end of the last one.
const PART: &str = listing!("AND (p.day, p.case_number, p.cycle) < ($7, $8, $9)", "1000");

/// The query of a program's page, from the end of the page before.
const STEP: &str = listing!("AND (p.day, p.case_number, p.cycle) < ($7, $8, $9)", "201");
/// The most breaches of a program's page.
const STEP_ROWS: usize = 200;

/// Where a portion of breaches ends: day, case and cycle of its last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachPlace {
    /// The day on which it counts.
    pub day: NaiveDate,
    /// Number of the case.
    pub number: CaseNumber,
    /// Cycle of the target.
    pub cycle: u32,
}

impl BreachPlace {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("promises", what);
        let (day, number): (String, String) = (row.try_get("day")?, row.try_get("case_number")?);
        Ok(Self {
            day: day.parse().map_err(|_| wrong("day"))?,
            number: CaseNumber::parse(&number).map_err(|_| wrong("case_number"))?,
            cycle: u32::try_from(row.try_get::<i64, _>("cycle")?).map_err(|_| wrong("cycle"))?,
        })
    }
}

/// Breached targets page by page, the latest day first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachStep {
    /// The breaches.
    pub rows: Vec<BreachRow>,
    /// Where the next page begins; `None` for the last page.
    pub next: Option<BreachPlace>,
}

/// The end of a portion: day, case and cycle.
type Place = (String, String, i64);

const COUNT: &str = "SELECT COUNT(*) FROM promises p
     WHERE p.outcome = 'missed' AND p.day BETWEEN $1 AND $2 AND ($3 = '' OR p.country = $3)
       AND ($4 = '' OR p.priority = $4) AND p.clock = $6
       AND ($5 = '' OR EXISTS (SELECT 1 FROM cases c WHERE c.number = p.case_number AND c.contract_number = $5))";

/// A page of breached targets, latest day first, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn breaches(
    desk: &Desk,
    actor: &Actor,
    filter: SlaReportFilter,
    kind: SlaMetric,
    page: u32,
) -> Result<BreachList, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let counting = asked(&filter).into_iter().fold(sqlx::query(COUNT), Query::bind);
    let total = counting.bind(kind.code()).fetch_one(&mut *reader).await?.try_get(0)?;
    let paging = Paging::of(total, page);
    let found = find(&mut reader, &filter, kind, paging.offset()).await?;
    drop(reader);
    let rows = read_all(desk, found, kind).await?;
    Ok(BreachList { filter, kind, page: Page { rows, paging } })
}

/// Breached targets for programs, from the end of the page before.
///
/// # Errors
/// See [`DeskError`].
pub async fn breaches_after(
    desk: &Desk,
    actor: &Actor,
    filter: &SlaReportFilter,
    kind: SlaMetric,
    after: Option<&BreachPlace>,
) -> Result<BreachStep, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let (day, number, cycle) = after.map_or_else(first_place, |place| {
        (place.day.to_string(), place.number.as_compact(), i64::from(place.cycle))
    });
    let mut reader = desk.store().reader().await?;
    let finding = asked(filter).into_iter().fold(sqlx::query(STEP), Query::bind).bind(kind.code());
    let finding = finding.bind(day).bind(number).bind(cycle);
    let mut found = finding.fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    reader.done();
    let more = found.len() > STEP_ROWS;
    found.truncate(STEP_ROWS);
    let next = found.last().filter(|_| more).map(BreachPlace::read).transpose()?;
    let rows = read_all(desk, found, kind).await?;
    desk.note_reading(actor, Reading::List(AuditData::Breaches), rows.len());
    Ok(BreachStep { rows, next })
}

/// A place above all breaches.
fn first_place() -> Place {
    ("9999-99-99".to_owned(), String::new(), 0)
}

/// All breached targets as a CSV file, latest day first, in each site's local time.
///
/// # Errors
/// See [`DeskError`].
pub async fn breaches_csv(
    desk: &Desk,
    actor: &Actor,
    filter: SlaReportFilter,
    kind: SlaMetric,
    reading: SheetFor,
) -> Result<SheetFile, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut sheet = Sheet::new(reading, Cells::Texts, &COLUMNS);
    let (mut after, mut lines) = (Some(first_place()), 0);
    while let Some((day, number, cycle)) = after.take() {
        let mut reader = desk.store().reader().await?;
        let finding = asked(&filter).into_iter().fold(sqlx::query(PART), Query::bind).bind(kind.code());
        let found = finding.bind(day).bind(number).bind(cycle).fetch_all(&mut *reader).await?;
        reader.done();
        if let Some(last) = found.last() {
            after = Some((last.try_get("day")?, last.try_get("case_number")?, last.try_get("cycle")?));
        }
        let rows = read_all(desk, found, kind).await?;
        lines += rows.len();
        write(&mut sheet, &rows, kind, reading);
    }
    desk.note_reading(actor, Reading::Export(AuditData::Breaches), lines);
    let what = format!(
        "{} {}",
        t!(reading.language, "reports.kept.missed_title"),
        t!(reading.language, kind.name_key())
    );
    let name = file_name(&what, &filter.days.first(), &filter.days.last());
    Ok(SheetFile { name, text: sheet.into_text() })
}

async fn find(
    reader: &mut AnyConnection,
    filter: &SlaReportFilter,
    kind: SlaMetric,
    offset: i64,
) -> Result<Vec<AnyRow>, StoreError> {
    let finding = asked(filter).into_iter().fold(sqlx::query(LIST), Query::bind);
    Ok(finding.bind(kind.code()).bind(offset).fetch_all(reader).await?)
}

row! {
    struct Record {
        case_number: String,
        cycle: i64,
        due_utc_s: i64,
        target_s: i64,
        used_s: Option<i64>,
        priority: String,
        country: String,
        customer: String,
        calendar_id: i64,
        calendar_version: i64,
        zone: String,
        clocks: String,
    }
}

async fn read_all(desk: &Desk, found: Vec<AnyRow>, kind: SlaMetric) -> Result<Vec<BreachRow>, StoreError> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        rows.push(read(desk, Record::from_row(&row)?, kind).await?);
    }
    Ok(rows)
}

async fn read(desk: &Desk, record: Record, kind: SlaMetric) -> Result<BreachRow, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("promises", format!("{}: {what}", record.case_number));
    let kept = ServiceHoursRef {
        calendar: CalendarId(record.calendar_id),
        version: u32::try_from(record.calendar_version).map_err(|_| wrong("calendar_version"))?,
        zone: record.zone,
    };
    let hours = desk.hours(&kept).await?;
    // Since a correction less time may count than at the breach.
    let late_s = |used_s: i64| (used_s - record.target_s).max(0);
    let late = if let Some(used_s) = record.used_s {
        Late::By(late_s(used_s))
    } else {
        let clocks: Vec<SlaClock> = serde_json::from_str(&record.clocks).map_err(|_| wrong("clocks"))?;
        let open = clocks.iter().find(|clock| (clock.kind, i64::from(clock.cycle)) == (kind, record.cycle));
        let open = open.ok_or_else(|| wrong("its clock is gone"))?;
        Late::Still(late_s(open.reading(&hours.spans, desk.now()).used_s))
    };
    Ok(BreachRow {
        number: CaseNumber::parse(&record.case_number).map_err(|_| wrong("case_number"))?,
        country: Country::from_code(&record.country).ok_or_else(|| wrong("country"))?,
        priority: Priority::from_code(&record.priority).ok_or_else(|| wrong("priority"))?,
        due: Instant(record.due_utc_s),
        target_s: record.target_s,
        late,
        zone: hours.zone.clone(),
        customer: record.customer,
    })
}

/// The columns of the file, by the keys of their names.
const COLUMNS: [&str; 10] = [
    "reports.kept.case",
    "reports.kept.country",
    "reports.kept.customer",
    "reports.kept.what",
    "reports.kept.priority",
    "reports.kept.ran_out",
    "reports.kept.target_minutes",
    "reports.kept.late_minutes",
    "reports.kept.since",
    "reports.kept.zone",
];

fn write(sheet: &mut Sheet, rows: &[BreachRow], kind: SlaMetric, reader: SheetFor) {
    let language = reader.language;
    for row in rows {
        let since = match row.late {
            Late::By(_) => "reports.kept.stopped",
            Late::Still(_) => "reports.kept.goes_on",
        };
        sheet.line(&[
            row.number.to_string(),
            row.country.code().to_owned(),
            row.customer.clone(),
            t!(language, kind.name_key()).into_owned(),
            row.priority.code().to_owned(),
            local(&row.zone, row.due),
            (row.target_s / 60).to_string(),
            // Rounded up: a begun minute counts.
            ((row.late.seconds() + 59) / 60).to_string(),
            t!(language, since).into_owned(),
            row.zone.name.clone(),
        ]);
    }
}
