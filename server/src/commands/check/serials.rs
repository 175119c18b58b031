//! Serial numbers: validity by the manufacturer's format, and what they encode.

use std::path::Path;

use chrono::NaiveDate;
use domain::serial::SerialFormats;
use serde::Deserialize;

use super::{Finding, SheetError, compare, judge};

#[derive(Deserialize)]
struct Row {
    manufacturer: String,
    serial: String,
    valid: String,
    decoded: String,
}

/// `today` refuses serials that encode a later date.
pub(super) fn check(file: &Path, today: NaiveDate) -> Result<(usize, Vec<Finding>), SheetError> {
    let formats = SerialFormats::default();
    judge(file, |row: &Row| {
        let verdict = formats.check_against(&row.manufacturer, &row.serial, today);
        let valid = if verdict.valid { "yes" } else { "no" };
        let told = |valid: &str, decoded: &str| format!("{valid} {decoded}").trim_end().to_owned();
        let (expected, got) = (told(&row.valid, &row.decoded), told(valid, &verdict.decoded));
        compare(format!("{} {:?}", row.manufacturer, row.serial), expected, got)
    })
}
