//! The audit log as a CSV file.

use domain::actor::Actor;
use domain::audit::{AuditData, AuditEntry};
use domain::calendar::zone::Zone;
use domain::t;
use domain::time::Instant;

use super::csv::{Cells, Sheet, SheetFile, SheetFor, file_name};
use crate::Desk;
use crate::DeskError;
use crate::audit::{self, AUDIT_ROWS_MAX, AuditFilter, Reading};

const COLUMNS: [&str; 8] = [
    "audit.column.number",
    "audit.column.at",
    "audit.column.by",
    "audit.column.kind",
    "audit.column.told",
    "audit.column.network",
    "audit.column.country",
    "audit.column.digest",
];

/// The most entries of a file: more than a spreadsheet shows at a time.
const MOST: usize = 100_000;

/// The entries that are wanted, the newest first, with their times in UTC (RFC 3339).
///
/// # Errors
/// See [`DeskError`].
pub async fn audit_csv(
    desk: &Desk,
    actor: &Actor,
    filter: &AuditFilter,
    reading: SheetFor,
) -> Result<SheetFile, DeskError> {
    let mut sheet = Sheet::new(reading, Cells::Texts, &COLUMNS);
    let (mut before, mut lines) = (None, 0);
    let mut bounds = (desk.now(), desk.now());
    loop {
        let page = audit::read(desk, actor, filter, before, AUDIT_ROWS_MAX).await?;
        if let Some(first) = page.entries.first().filter(|_| lines == 0) {
            bounds.1 = first.at;
        }
        bounds.0 = page.entries.last().map_or(bounds.0, |last| last.at);
        lines += page.entries.len();
        for entry in &page.entries {
            sheet.line(&line(entry, reading));
        }
        before = page.next;
        if before.is_none() || lines >= MOST {
            break;
        }
    }
    desk.note_reading(actor, Reading::Export(AuditData::Audit), lines);
    let zone = desk.brand().provider.zone;
    let (from, to) = (day(zone, bounds.0), day(zone, bounds.1));
    let name = file_name(&t!(reading.language, "admin.audit.title"), &from, &to);
    Ok(SheetFile { name, text: sheet.into_text() })
}

/// The local day of a time.
fn day(zone: Zone, at: Instant) -> String {
    let local = at.plus(i64::from(zone.offset_s(at)));
    local.to_chrono().map(|at| at.date_naive().to_string()).unwrap_or_default()
}

fn line(entry: &AuditEntry, reading: SheetFor) -> [String; 8] {
    let AuditEntry { id, at, record, network, country, digest } = entry;
    let language = reading.language;
    let at = at.to_chrono().map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    [
        id.to_string(),
        at.unwrap_or_default(),
        record.by.told(language),
        t!(language, record.event.kind().name_key()).into_owned(),
        record.event.told(language),
        network.clone().unwrap_or_default(),
        country.map(|country| country.code().to_owned()).unwrap_or_default(),
        digest.clone(),
    ]
}
