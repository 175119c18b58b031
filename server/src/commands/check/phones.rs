//! Telephone numbers: validity, E.164, kind, and national spelling.

use std::path::Path;

use domain::country::Country;
use domain::phone::Phone;
use serde::Deserialize;

use super::{Finding, SheetError, compare, judge};

#[derive(Deserialize)]
struct Row {
    country: String,
    input: String,
    valid: String,
    e164: String,
    #[serde(rename = "type")]
    kind: String,
    national: String,
}

pub(super) fn check(file: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    judge(file, |row: &Row| {
        let expected = told(&row.valid, &row.e164, &row.kind, &row.national);
        let got = match Country::from_typed(&row.country).map(|home| Phone::parse(home, &row.input)) {
            Some(Ok(phone)) => told("yes", &phone.e164(), phone.kind().code(), &phone.national()),
            Some(Err(_)) => told("no", "", "", ""),
            None => "an unknown country".to_owned(),
        };
        compare(format!("{} {:?}", row.country, row.input), expected, got)
    })
}

fn told(valid: &str, e164: &str, kind: &str, national: &str) -> String {
    [valid, e164, kind, national].join(" ").trim_end().to_owned()
}
