//! Holidays, both ways: every row of the file is one of ours, and we have no other in its countries and years.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use domain::calendar::holidays::{Holiday, Kind, decreed, holidays};
use domain::country::Country;
use serde::Deserialize;

use super::{Finding, SheetError, rows};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Row {
    country: String,
    date: String,
    name_es: String,
    kind: String,
}

impl Row {
    fn ours(country: Country, holiday: Holiday) -> Self {
        Self {
            country: country.code().to_owned(),
            date: holiday.date.to_string(),
            name_es: holiday.name.to_owned(),
            kind: code(holiday.kind).to_owned(),
        }
    }

    fn year(&self) -> Option<i32> {
        self.date.parse::<NaiveDate>().ok().map(|date| date.year())
    }

    /// Whether both mean the same day and differ in name or kind.
    fn is_close(&self, other: &Self) -> bool {
        let same_year = || self.name_es == other.name_es && self.year() == other.year();
        self.country == other.country && (self.date == other.date || same_year())
    }

    fn told(&self) -> String {
        format!("{} {} ({})", self.date, self.name_es, self.kind)
    }
}

pub(super) fn check(file: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    let theirs = rows::<Row>(file)?;
    let mut ours = ours(theirs.iter().map(|(_, row)| row));
    let mut differing = Vec::new();
    for (line, row) in &theirs {
        match ours.iter().position(|our| our == row) {
            Some(place) => drop(ours.swap_remove(place)),
            None => differing.push((line, row)),
        }
    }
    let mut findings = Vec::new();
    for (line, row) in differing {
        let near = ours.iter().position(|our| our.is_close(row)).map(|place| ours.swap_remove(place));
        findings.push(Finding {
            row: format!("line {line}, {}", row.country),
            expected: row.told(),
            got: near.map_or_else(|| "nothing".to_owned(), |our| our.told()),
        });
    }
    ours.sort_by(|a, b| (&a.country, &a.date).cmp(&(&b.country, &b.date)));
    findings.extend(ours.iter().map(|our| Finding {
        row: format!("missing, {}", our.country),
        expected: "nothing".to_owned(),
        got: our.told(),
    }));
    Ok((theirs.len(), findings))
}

/// Our holidays in all countries and years of a file.
fn ours<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> Vec<Row> {
    let countries: BTreeSet<_> = rows.clone().filter_map(|row| Country::from_typed(&row.country)).collect();
    let years: BTreeSet<_> = rows.filter_map(Row::year).collect();
    let of = |country, year| holidays(country, year).into_iter().chain(decreed(country, year));
    let in_year = |year| {
        let countries = countries.iter();
        countries.flat_map(move |&country| of(country, year).map(move |holiday| Row::ours(country, holiday)))
    };
    years.into_iter().flat_map(in_year).collect()
}

const fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Fixed => "fixed",
        Kind::Easter => "easter",
        Kind::MondayDate => "monday_date",
        Kind::MondayEaster => "monday_easter",
        Kind::NthMonday => "nth_monday",
        Kind::SixYearly => "six_yearly",
        Kind::Decree => "decree",
    }
}
