//! Check characters of every scheme. Those with a country are read as case numbers.

use std::path::Path;

use domain::case_number::{CaseNumber, CaseNumberProblem};
use domain::check_digits::Scheme;
use domain::country::Country;
use serde::Deserialize;

use super::{Finding, SheetError, compare, judge};

#[derive(Deserialize)]
struct Row {
    scheme: String,
    body: String,
    check: String,
}

pub(super) fn check(file: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    judge(file, |Row { scheme: name, body, check }: &Row| {
        let row = format!("{name} {body}");
        let Some(scheme) = Scheme::from_name(name) else {
            return compare(row, check.clone(), "an unknown scheme".to_owned());
        };
        let got = scheme.check(body).unwrap_or_else(|| "no check".to_owned());
        let is_taken = if scheme == Scheme::Mod97 && has_country(body) {
            is_case_number(body, check)
        } else {
            scheme.is_valid(&format!("{body}{check}"))
        };
        let got = if got == *check && !is_taken { format!("{got}, but the whole is refused") } else { got };
        compare(row, check.clone(), got)
    })
}

fn has_country(body: &str) -> bool {
    body.get(..2).and_then(Country::from_typed).is_some()
}

/// Whether the number parses. A sequence of zero belongs to no case, which is found out only once the check fits.
fn is_case_number(body: &str, check: &str) -> bool {
    let full = format!("{body}{check}");
    match CaseNumber::parse(&full) {
        Ok(number) => number.as_compact() == full,
        Err(problem) => problem == CaseNumberProblem::OutOfRange,
    }
}
