//! Wait overlaps: the page, and a file.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::calendar::week::CalendarId;
use domain::case::{Answered, PauseReason, ServiceHoursRef};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::reports::{OverlapFilter, OverlapList, OverlapRow};
use domain::t;
use domain::time::{Instant, Span};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::csv::{Cells, Sheet, SheetFile, SheetFor, file_name, local};
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::store::StoreError;

/// A page of the overlaps of a filter, latest answer first, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn overlaps(
    desk: &Desk,
    actor: &Actor,
    filter: OverlapFilter,
    page: u32,
) -> Result<OverlapList, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let paging = Paging::of(count(&mut reader, &filter).await?, page);
    let found = find(&mut reader, &filter, i64::from(Paging::ROWS), paging.offset()).await?;
    drop(reader);
    let rows = read_all(desk, &found).await?;
    Ok(OverlapList { filter, page: Page { rows, paging }, now: desk.now() })
}

/// All overlaps as a CSV file, in each site's local time.
///
/// # Errors
/// See [`DeskError`].
pub async fn overlaps_csv(
    desk: &Desk,
    actor: &Actor,
    filter: OverlapFilter,
    reading: SheetFor,
) -> Result<SheetFile, DeskError> {
    may(actor, Action::ReadReports, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = find(&mut reader, &filter, i64::MAX, 0).await?;
    drop(reader);
    let rows = read_all(desk, &found).await?;
    desk.note_reading(actor, Reading::Export(AuditData::Overlaps), rows.len());
    let (from, to) = (filter.period.from, filter.period.to);
    let name = file_name(&t!(reading.language, "reports.tab.pauses"), &from, &to);
    Ok(SheetFile { name, text: written(&rows, reading, desk.now()) })
}

async fn count(reader: &mut AnyConnection, filter: &OverlapFilter) -> Result<i64, StoreError> {
    let sql = match filter.reason {
        None => "SELECT COUNT(*) FROM pause_overlaps WHERE month BETWEEN $1 AND $2",
        Some(_) => "SELECT COUNT(*) FROM pause_overlaps WHERE month BETWEEN $1 AND $2 AND reason = $3",
    };
    let mut counting =
        sqlx::query(sql).bind(filter.period.from.to_string()).bind(filter.period.to.to_string());
    if let Some(reason) = filter.reason {
        counting = counting.bind(reason.code());
    }
    Ok(counting.fetch_one(reader).await?.try_get(0)?)
}

async fn find(
    reader: &mut AnyConnection,
    filter: &OverlapFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<AnyRow>, StoreError> {
    let sql = match filter.reason {
        None => {
            "SELECT p.case_number, p.reason, p.set_by, p.from_utc_s, p.answered_utc_s, p.answer, p.to_utc_s,
                    c.country, c.customer, c.calendar_id, c.calendar_version, c.zone
             FROM pause_overlaps p JOIN cases c ON c.number = p.case_number
             WHERE p.month BETWEEN $1 AND $2
             ORDER BY p.month DESC, p.answered_utc_s DESC, p.case_number DESC, p.version DESC LIMIT $3 OFFSET $4"
        }
        Some(_) => {
            "SELECT p.case_number, p.reason, p.set_by, p.from_utc_s, p.answered_utc_s, p.answer, p.to_utc_s,
                    c.country, c.customer, c.calendar_id, c.calendar_version, c.zone
             FROM pause_overlaps p JOIN cases c ON c.number = p.case_number
             WHERE p.reason = $5 AND p.month BETWEEN $1 AND $2
             ORDER BY p.month DESC, p.answered_utc_s DESC, p.case_number DESC, p.version DESC LIMIT $3 OFFSET $4"
        }
    };
    let mut finding = sqlx::query(sql)
        .bind(filter.period.from.to_string())
        .bind(filter.period.to.to_string())
        .bind(limit)
        .bind(offset);
    if let Some(reason) = filter.reason {
        finding = finding.bind(reason.code());
    }
    Ok(finding.fetch_all(reader).await?)
}

async fn read_all(desk: &Desk, found: &[AnyRow]) -> Result<Vec<OverlapRow>, StoreError> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        rows.push(read(desk, row).await?);
    }
    Ok(rows)
}

async fn read(desk: &Desk, row: &AnyRow) -> Result<OverlapRow, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("pause_overlaps", what);
    let text = |column: &str| row.try_get::<String, _>(column);
    let instant = |column: &str| row.try_get::<i64, _>(column).map(Instant);
    let version: i64 = row.try_get("calendar_version")?;
    let kept = ServiceHoursRef {
        calendar: CalendarId(row.try_get("calendar_id")?),
        version: u32::try_from(version).map_err(|_| wrong("calendar_version"))?,
        zone: text("zone")?,
    };
    let hours = desk.hours(&kept).await?;
    let (answered_at, to) = (instant("answered_utc_s")?, instant("to_utc_s")?);
    Ok(OverlapRow {
        number: CaseNumber::parse(&text("case_number")?).map_err(|_| wrong("case_number"))?,
        country: Country::from_code(&text("country")?).ok_or_else(|| wrong("country"))?,
        customer: text("customer")?,
        reason: PauseReason::from_code(&text("reason")?).ok_or_else(|| wrong("reason"))?,
        set_by: text("set_by")?,
        from: instant("from_utc_s")?,
        answered_at,
        answer: Answered::from_code(&text("answer")?).ok_or_else(|| wrong("answer"))?,
        to,
        overlap_s: hours.spans.open_seconds(Span::new(answered_at, to.min(desk.now()))),
        zone: desk.hours_for_display(&hours).zone,
    })
}

/// The columns of the file, by the keys of their names.
const COLUMNS: [&str; 11] = [
    "reports.pauses.case",
    "reports.pauses.country",
    "reports.pauses.customer",
    "reports.pauses.reason",
    "reports.pauses.set_by",
    "reports.pauses.from",
    "reports.pauses.answered",
    "reports.pauses.answer",
    "reports.pauses.to",
    "reports.pauses.minutes",
    "reports.pauses.zone",
];

fn written(rows: &[OverlapRow], reader: SheetFor, now: Instant) -> String {
    let (mut sheet, language) = (Sheet::new(reader, Cells::Texts, &COLUMNS), reader.language);
    for row in rows {
        let local = |at: Instant| local(&row.zone, at);
        let end =
            if row.lasts(now) { t!(language, "reports.pauses.lasts").into_owned() } else { local(row.to) };
        sheet.line(&[
            row.number.to_string(),
            row.country.code().to_owned(),
            row.customer.clone(),
            t!(language, row.reason.name_key()).into_owned(),
            row.set_by.clone(),
            local(row.from),
            local(row.answered_at),
            t!(language, row.answer.name_key()).into_owned(),
            end,
            (row.overlap_s / 60).to_string(),
            row.zone.name.clone(),
        ]);
    }
    sheet.into_text()
}
