//! The SLA report: figures, and a file.
//!
//! The database counts and returns one row for each distinct used time, so memory is bounded for any number of cases
//! (`docs/decisions/0019`).

use chrono::{Datelike, NaiveDate};
use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::calendar::Month;
use domain::case::{SlaCompliance, TransitionKind};
use domain::country::Country;
use domain::priority::Priority;
use domain::reports::{CaseVolume, CaseVolumes, Figures, SlaReport, SlaReportFilter, SlaRow, SlaTotals};
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use futures::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{AnyConnection, Row};

use super::csv::{Cells, Sheet, SheetFile, SheetFor, file_name};
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::contracts::register::local_date;
use crate::store::StoreError;

/// The query of targets: one row for each kind, group, result and used time, to the minute from an hour on. All kinds
/// are listed so that the index finds the days of each.
const FIGURES: &str = "SELECT clock, priority, country, outcome,
            CASE WHEN used_s < 3600 THEN used_s ELSE used_s - used_s % 60 END AS used, COUNT(*) AS counted
     FROM promises
     WHERE outcome IN ('kept', 'missed')
       AND clock IN ('attention', 'update', 'committed', 'on_site', 'resolution')
       AND day BETWEEN $1 AND $2 AND ($3 = '' OR country = $3) AND ($4 = '' OR priority = $4)
       AND ($5 = '' OR EXISTS (SELECT 1 FROM cases c WHERE c.number = promises.case_number AND c.contract_number = $5))
       AND ($6 = 0 OR EXISTS (SELECT 1 FROM cases c JOIN contracts k ON k.number = c.contract_number
           WHERE c.number = promises.case_number AND c.coverage = 'covered' AND k.organisation_id = $6))
     GROUP BY clock, priority, country, outcome, used";

const STEPS: &str = "SELECT step, priority, country, COUNT(*) AS counted
     FROM milestones
     WHERE day BETWEEN $1 AND $2 AND ($3 = '' OR country = $3) AND ($4 = '' OR priority = $4)
       AND ($5 = '' OR EXISTS (SELECT 1 FROM cases c WHERE c.number = milestones.case_number AND c.contract_number = $5))
       AND ($6 = 0 OR EXISTS (SELECT 1 FROM cases c JOIN contracts k ON k.number = c.contract_number
           WHERE c.number = milestones.case_number AND c.coverage = 'covered' AND k.organisation_id = $6))
     GROUP BY step, priority, country";

/// The query of openings by zone. Those well inside the period are counted together, those near its ends by quarters of
/// an hour, because days begin on a quarter everywhere.
const OPENINGS: &str = "SELECT zone, country, COALESCE(first_priority, priority) AS began_as,
            CASE WHEN opened_utc_s >= $3 AND opened_utc_s < $4 THEN $3 ELSE opened_utc_s - opened_utc_s % 900 END AS since,
            COUNT(*) AS counted
     FROM cases
     WHERE opened_utc_s >= $1 AND opened_utc_s < $2 AND ($5 = '' OR country = $5) AND ($6 = '' OR contract_number = $6)
       AND ($7 = 0 OR (coverage = 'covered'
           AND EXISTS (SELECT 1 FROM contracts k WHERE k.number = cases.contract_number AND k.organisation_id = $7)))
     GROUP BY zone, country, began_as, since";

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// The largest offset of a day's beginning from UTC, in seconds.
const EARLIEST_S: i64 = 14 * HOUR_S;
const LATEST_S: i64 = 12 * HOUR_S;

/// The figures of a period.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # a_case(&desk).await?;
/// use desk::reports::{sla_report, this_month};
/// use domain::actor::Role;
/// use domain::reports::{Days, SlaReportFilter};
///
/// let days = Days::of_month(this_month(&desk, None)?);
/// let filter = SlaReportFilter { days, country: None, priority: None, contract: None };
/// let supervisor = staff(2, "Andrés Quintero", Role::Supervisor);
/// let report = sla_report(&desk, &supervisor, filter.clone()).await?;
/// assert!(report.kinds.iter().all(|kind| kind.total.due() == 0), "no target has ended yet");
/// assert!(sla_report(&desk, &agent(), filter).await.is_err(), "reports are for supervisors");
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn sla_report(desk: &Desk, actor: &Actor, filter: SlaReportFilter) -> Result<SlaReport, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    read_report(desk, Whole::Desk, filter).await
}

/// Whose targets a report counts, before its filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// All of the desk.
    Desk,
    /// Those of covered cases under contracts of one organisation, by its id. The contract of another case is a stranger's word.
    Organisation(i64),
}

impl Whole {
    /// The organisation as queries ask for it: 0 is none's id, and stands for all.
    const fn organisation(self) -> i64 {
        match self {
            Self::Desk => 0,
            Self::Organisation(id) => id,
        }
    }
}

/// The report of the desk, or of one organisation. Who may read which is the caller's question.
pub(crate) async fn read_report(
    desk: &Desk,
    whole: Whole,
    filter: SlaReportFilter,
) -> Result<SlaReport, DeskError> {
    let mut reader = desk.store().reader().await?;
    let kinds = figures(&mut reader, whole, &filter).await?.figures(&filter);
    let mut cases = CaseVolumes::none(&filter);
    count_steps(&mut reader, whole, &filter, &mut cases).await?;
    count_openings(&mut reader, whole, &filter, &mut cases).await?;
    let row = sqlx::query("SELECT COUNT(*) FROM promises_to_bring_in").fetch_one(&mut *reader).await?;
    let pending = row.try_get(0)?;
    let month = this_month(desk, filter.country)?;
    Ok(SlaReport { filter, cases, kinds, pending, month })
}

/// The present month in a country's capital; without a country in the zone of the provider's centre.
///
/// # Errors
/// When the clock is out of the range of months.
pub fn this_month(desk: &Desk, country: Option<Country>) -> Result<Month, StoreError> {
    let centre = desk.brand().provider.zone.name();
    let today = local_date(country.map_or(centre, Country::capital_zone), desk.now())?;
    Month::new(today.year(), today.month()).ok_or_else(|| StoreError::inconsistent("sites", "no month"))
}

/// The values of a filter: first and last day, country, priority and contract; empty texts where it is open.
pub(super) fn asked(filter: &SlaReportFilter) -> [String; 5] {
    [
        filter.days.first().to_string(),
        filter.days.last().to_string(),
        filter.country.map(Country::code).unwrap_or_default().to_owned(),
        filter.priority.map(Priority::code).unwrap_or_default().to_owned(),
        filter.contract.as_ref().map(|contract| contract.as_str().to_owned()).unwrap_or_default(),
    ]
}

async fn figures(
    reader: &mut AnyConnection,
    whole: Whole,
    filter: &SlaReportFilter,
) -> Result<SlaTotals, StoreError> {
    let query = asked(filter).into_iter().fold(sqlx::query(FIGURES), Query::bind).bind(whole.organisation());
    let mut rows = query.fetch(reader);
    let mut book = SlaTotals::default();
    while let Some(row) = rows.try_next().await? {
        book.count(&SlaRow {
            kind: coded(&row, "promises", "clock", SlaMetric::from_code)?,
            priority: coded(&row, "promises", "priority", Priority::from_code)?,
            country: coded(&row, "promises", "country", Country::from_code)?,
            outcome: coded(&row, "promises", "outcome", SlaCompliance::from_code)?,
            used_s: row.try_get("used")?,
            count: row.try_get("counted")?,
        });
    }
    Ok(book)
}

async fn count_steps(
    reader: &mut AnyConnection,
    whole: Whole,
    filter: &SlaReportFilter,
    cases: &mut CaseVolumes,
) -> Result<(), StoreError> {
    let query = asked(filter).into_iter().fold(sqlx::query(STEPS), Query::bind).bind(whole.organisation());
    for row in query.fetch_all(reader).await? {
        let step = coded(&row, "milestones", "step", TransitionKind::from_code)?;
        let priority = coded(&row, "milestones", "priority", Priority::from_code)?;
        let country = coded(&row, "milestones", "country", Country::from_code)?;
        let count: i64 = row.try_get("counted")?;
        cases.count(priority, country, |flow| flow.step(step, count));
    }
    Ok(())
}

async fn count_openings(
    reader: &mut AnyConnection,
    whole: Whole,
    filter: &SlaReportFilter,
    cases: &mut CaseVolumes,
) -> Result<(), StoreError> {
    let utc_s = |day: NaiveDate| day.signed_duration_since(NaiveDate::default()).num_seconds();
    let (from, to) = (utc_s(filter.days.first()), utc_s(filter.days.last()) + DAY_S);
    let [_, _, country, _, contract] = asked(filter);
    let rows = sqlx::query(OPENINGS)
        .bind(from - EARLIEST_S)
        .bind(to + LATEST_S)
        .bind(from + LATEST_S)
        .bind(to - EARLIEST_S)
        .bind(country)
        .bind(contract)
        .bind(whole.organisation())
        .fetch_all(reader)
        .await?;
    for row in rows {
        let (zone, since): (String, i64) = (row.try_get("zone")?, row.try_get("since")?);
        if !filter.days.contains(local_date(&zone, Instant(since))?) {
            continue;
        }
        let priority = coded(&row, "cases", "began_as", Priority::from_code)?;
        let country = coded(&row, "cases", "country", Country::from_code)?;
        let count: i64 = row.try_get("counted")?;
        cases.count(priority, country, |flow| flow.open(count));
    }
    Ok(())
}

/// A column with a code.
fn coded<T>(
    row: &AnyRow,
    table: &'static str,
    column: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let code: String = row.try_get(column)?;
    read(&code).ok_or_else(|| StoreError::inconsistent(table, format!("{column} {code:?}")))
}

/// The columns of the file, by the keys of their names.
const COLUMNS: [&str; 12] = [
    "reports.kept.from",
    "reports.kept.to",
    "reports.kept.what",
    "reports.kept.grouped",
    "reports.kept.group",
    "reports.kept.due",
    "reports.kept.kept",
    "reports.kept.missed",
    "reports.kept.share",
    "reports.kept.median_seconds",
    "reports.kept.ninetieth_seconds",
    "reports.kept.cases",
];

/// The report as a CSV file: a line for each kind of target and group, and for each count of cases.
///
/// # Errors
/// See [`DeskError`].
pub async fn sla_report_csv(
    desk: &Desk,
    actor: &Actor,
    filter: SlaReportFilter,
    reader: SheetFor,
) -> Result<SheetFile, DeskError> {
    let report = sla_report(desk, actor, filter).await?;
    desk.note_reading(actor, Reading::Export(AuditData::SlaReport), report.kinds.len());
    let days = report.filter.days;
    let name = file_name(&t!(reader.language, "reports.kept.title"), &days.first(), &days.last());
    Ok(SheetFile { name, text: written(&report, reader) })
}

fn written(report: &SlaReport, reader: SheetFor) -> String {
    let mut sheet = Sheet::new(reader, Cells::Fractions, &COLUMNS);
    let (days, language) = (report.filter.days, reader.language);
    let word = |key: &str| t!(language, key).into_owned();
    let mut line = |what: &str, (grouped, group): &(String, String), figures: [String; 7]| {
        let head =
            [days.first().to_string(), days.last().to_string(), word(what), grouped.clone(), group.clone()];
        sheet.line(&[&head[..], &figures[..]].concat());
    };
    let all = (word("reports.kept.total"), String::new());
    let of_priority = |priority: Priority| (word("reports.kept.priority"), priority.code().to_owned());
    let of_country = |country: Country| (word("reports.kept.country"), word(country.name_key()));
    for kind in &report.kinds {
        let what = kind.kind.name_key();
        line(what, &all, cells(&kind.total, reader));
        for (priority, figures) in &kind.by_priority {
            line(what, &of_priority(*priority), cells(figures, reader));
        }
        for (country, figures) in &kind.by_country {
            line(what, &of_country(*country), cells(figures, reader));
        }
    }
    let cases = &report.cases;
    let counts: [(&str, Of); 3] = [
        ("reports.kept.opened", |flow| flow.opened),
        ("reports.kept.resolved", |flow| flow.resolved),
        ("reports.kept.reopened", |flow| flow.reopened),
    ];
    for (what, of) in counts {
        line(what, &all, of_cases(of(&cases.total)));
        for (priority, flow) in &cases.by_priority {
            line(what, &of_priority(*priority), of_cases(of(flow)));
        }
        for (country, flow) in &cases.by_country {
            line(what, &of_country(*country), of_cases(of(flow)));
        }
    }
    sheet.into_text()
}

/// One of the counts of cases.
type Of = fn(&CaseVolume) -> i64;

/// The cells of figures; unknown ones are empty.
fn cells(figures: &Figures, reader: SheetFor) -> [String; 7] {
    let seconds = |used: Option<i64>| used.map(|used_s| used_s.to_string()).unwrap_or_default();
    [
        figures.due().to_string(),
        figures.met.to_string(),
        figures.breached.to_string(),
        figures.share().map(|share| reader.separators.tenths(share.tenths())).unwrap_or_default(),
        seconds(figures.median_s),
        seconds(figures.ninetieth_s),
        String::new(),
    ]
}

fn of_cases(count: i64) -> [String; 7] {
    let mut cells: [String; 7] = Default::default();
    cells[6] = count.to_string();
    cells
}
