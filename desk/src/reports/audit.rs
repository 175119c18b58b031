//! The audit log as a CSV file.

use domain::actor::Actor;
use domain::audit::{AuditData, AuditEntry};
use domain::calendar::zone::Zone;
use domain::t;
use domain::time::Instant;

use super::csv::{Cells, Sheet, SheetFile, SheetFor};
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
    loop {
        let page = audit::read(desk, actor, filter, before, AUDIT_ROWS_MAX).await?;
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
    let name = format!("{}-{}.csv", t!(reading.language, "audit.file"), day(desk.brand().provider.zone, desk.now()));
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
