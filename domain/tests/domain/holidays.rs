//! Holiday rules agree with an independent table of 2024 to 2035 (`oracles/holidays.csv`), in both directions.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::calendar::holidays::{Holiday, Kind, decreed, holidays};
use domain::country::Country;

type Row = (Country, NaiveDate, String, Kind);

fn kind(word: &str) -> Kind {
    match word {
        "fixed" => Kind::Fixed,
        "easter" => Kind::Easter,
        "monday_date" => Kind::MondayDate,
        "monday_easter" => Kind::MondayEaster,
        "nth_monday" => Kind::NthMonday,
        "six_yearly" => Kind::SixYearly,
        "decree" => Kind::Decree,
        other => panic!("unknown kind {other}"),
    }
}

fn oracle() -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path("tests/oracles/holidays.csv").unwrap();
    let rows: Vec<Row> = reader
        .deserialize()
        .map(|row| {
            let (country, date, name, word): (Country, NaiveDate, String, String) = row.unwrap();
            (country, date, name, kind(&word))
        })
        .collect();
    assert!(rows.len() >= 494, "{} rows: some are lost", rows.len());
    let set: BTreeSet<_> = rows.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(set.len(), rows.len());
    set
}

fn ours(of: fn(Country, i32) -> Vec<Holiday>) -> impl Iterator<Item = (Country, Holiday)> {
    Country::ALL
        .into_iter()
        .flat_map(|country| (2024..=2035).map(move |year| (country, year)))
        .flat_map(move |(country, year)| of(country, year).into_iter().map(move |holiday| (country, holiday)))
}

#[test]
fn holidays_equal_the_oracle() {
    let all = ours(holidays).chain(ours(decreed));
    let ours: Vec<_> = all
        .map(|(country, holiday)| {
            format!("{:?}", (country, holiday.date, holiday.name.to_owned(), holiday.kind))
        })
        .collect();
    let made = ours.len();
    let ours: BTreeSet<_> = ours.into_iter().collect();
    assert_eq!(ours.len(), made, "no row comes out twice");
    let oracle = oracle();
    let missing: Vec<_> = oracle.difference(&ours).collect();
    let extra: Vec<_> = ours.difference(&oracle).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}, extra {extra:#?}");
}

#[test]
fn holidays_by_decree_are_not_in_the_rules() {
    assert!(ours(holidays).all(|(_, holiday)| holiday.kind != Kind::Decree));
    assert!(ours(decreed).all(|(_, holiday)| holiday.kind == Kind::Decree));
    assert!(ours(decreed).count() >= 14);
}
