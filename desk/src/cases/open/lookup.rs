//! The look-up for drafts: one query in the transaction that opens their cases.

use std::collections::HashMap;

use chrono::{DateTime, Datelike};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractNumber;
use domain::mail_allowance::{PER_MAILBOX_AND_HOUR, PER_SENDER_AND_DAY, Used};
use domain::time::Instant;
use sqlx::FromRow;

use super::insert::{Draft, NumberSeries};
use crate::contracts::register::{self, Entry};
use crate::store::{Statement, StoreError, Tx, portions, row, tuples};
use crate::webhooks;

const HOUR_S: i64 = 3600;

row! {
    struct KnownRow {
        place: i64,
        earlier: Option<String>,
        last_of_first_year: Option<i64>,
        last_of_last_year: Option<i64>,
        by_mailbox: Option<i64>,
        by_sender: Option<i64>,
        last_entry: Option<i64>,
        last_mail: Option<i64>,
        webhook_change: Option<i64>,
    }
}

/// Existing data for a draft.
#[derive(Debug)]
pub(super) struct ExistingData {
    /// The case of an earlier submission with the same key.
    pub(super) earlier: Option<CaseNumber>,
    /// The register's entry of contract and serial.
    pub(super) entry: Entry,
    /// The used allowance of mailbox and sender.
    pub(super) used: Used,
}

/// The last numbers in use. They hold until the transaction ends: no other opens a case of the same series.
#[derive(Debug, Default)]
pub(super) struct LastNumbers {
    /// Of cases, by number series.
    cases: HashMap<NumberSeries, i64>,
    /// Of the history's entries, where they come from a row.
    pub(super) entry: i64,
    /// Of the outbox's mails, where they come from a row.
    pub(super) mail: i64,
    /// Of changes of webhooks; 0 for none.
    pub(super) webhook_change: i64,
}

impl LastNumbers {
    /// The last number of a series; 0 when there is none.
    pub(super) fn of(&self, series: NumberSeries) -> Result<i64, StoreError> {
        let last = self.cases.get(&series).copied();
        last.ok_or_else(|| {
            StoreError::inconsistent("sites", format!("a zone in which it is never {}", series.1))
        })
    }
}

/// Existing data of each draft, in their order, and the last numbers.
pub(super) async fn known(
    tx: &mut Tx,
    drafts: &[Draft],
) -> Result<(Vec<ExistingData>, LastNumbers), StoreError> {
    let mut known: Vec<Option<ExistingData>> = drafts.iter().map(|_| None).collect();
    let mut last = LastNumbers::default();
    let placed: Vec<(i64, &Draft)> = (0..).zip(drafts).collect();
    for some in portions(&placed) {
        let rows = tx.ask(text(some.len()), |statement| some.iter().fold(bind_allowances(statement), bind));
        for row in rows.await? {
            let entry = Entry::read(&row)?;
            let row = KnownRow::from_row(&row)?;
            let place = usize::try_from(row.place).ok();
            let Some((place, draft)) = place.and_then(|place| Some((place, drafts.get(place)?))) else {
                continue;
            };
            let (first, second) = years(draft.now);
            last.cases.insert((draft.report.country, first), row.last_of_first_year.unwrap_or(0));
            last.cases.insert((draft.report.country, second), row.last_of_last_year.unwrap_or(0));
            last.entry = row.last_entry.unwrap_or(0);
            last.mail = row.last_mail.unwrap_or(0);
            last.webhook_change = row.webhook_change.unwrap_or(0);
            let earlier = row.earlier.as_deref().map(CaseNumber::parse).transpose();
            known[place] = Some(ExistingData {
                earlier: earlier.map_err(|error| StoreError::inconsistent("cases", error))?,
                entry,
                used: Used { by_mailbox: row.by_mailbox.map(Instant), by_sender: row.by_sender.map(Instant) },
            });
        }
    }
    let known: Option<Vec<ExistingData>> = known.into_iter().collect();
    Ok((known.ok_or_else(|| StoreError::inconsistent("cases", "a draft without an answer"))?, last))
}

/// The first and the last local year at `at` anywhere on Earth. The register decides later which one is the site's.
fn years(at: Instant) -> (i32, i32) {
    let year = |at: Instant| DateTime::from_timestamp(at.0, 0).unwrap_or_default().year();
    (year(at.plus(-12 * HOUR_S)), year(at.plus(14 * HOUR_S)))
}

/// The query. Each part is one index look-up, as a subquery, so that no engine scans the growing tables for many
/// drafts.
fn text(drafts: usize) -> String {
    format!(
        "WITH wanted (place, submission_key, contract, serial, at_utc_s, country, first_year, last_year, mailbox, sender)
             AS (VALUES {})
         SELECT wanted.place,
                (SELECT number FROM cases WHERE submission_key = wanted.submission_key) AS earlier,
                (SELECT last FROM case_numbers
                 WHERE country = wanted.country AND year = wanted.first_year) AS last_of_first_year,
                (SELECT last FROM case_numbers
                 WHERE country = wanted.country AND year = wanted.last_year) AS last_of_last_year,
                (SELECT next_attempt_utc_s FROM outbox WHERE mailbox = wanted.mailbox
                 ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET $1) AS by_mailbox,
                (SELECT created_utc_s FROM outbox WHERE sender = wanted.sender
                 ORDER BY created_utc_s DESC LIMIT 1 OFFSET $2) AS by_sender,
                (SELECT value FROM sequences WHERE name = 'feed') AS last_entry,
                (SELECT value FROM sequences WHERE name = 'outbox') AS last_mail,
                (SELECT value FROM sequences WHERE name = '{}') AS webhook_change,
                {}
         FROM wanted {}",
        tuples(2, 10, drafts),
        webhooks::CHANGES,
        register::COLUMNS,
        register::JOINS
    )
}

fn bind_allowances(statement: Statement) -> Statement {
    statement.bind(PER_MAILBOX_AND_HOUR - 1).bind(PER_SENDER_AND_DAY - 1)
}

fn bind(statement: Statement, (place, draft): &(i64, &Draft)) -> Statement {
    let report = &draft.report;
    let (first, last) = years(draft.now);
    statement
        .bind(*place)
        .bind(draft.key.as_str())
        .bind(report.contract.as_ref().map_or("", ContractNumber::as_str))
        .bind(report.serial.as_str())
        .bind(draft.now.0)
        .bind(report.country.code())
        .bind(i64::from(first))
        .bind(i64::from(last))
        // Without a quota the empty text matches no row.
        .bind(draft.counted.as_ref().map_or("", |counted| counted.mailbox.as_str()))
        .bind(draft.counted.as_ref().and_then(|counted| counted.sender.as_deref()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_covers_both_years_around_new_year() {
        let at = |text: &str| Instant(DateTime::parse_from_rfc3339(text).unwrap().timestamp());
        assert_eq!(years(at("2026-06-15T12:00:00Z")), (2026, 2026));
        // In Caracas it is still the old year, in Kiribati already the new one.
        assert_eq!(years(at("2027-01-01T03:59:59Z")), (2026, 2027));
        assert_eq!(years(at("2026-12-31T10:00:00Z")), (2026, 2027));
        assert_eq!(years(at("2027-01-01T12:00:00Z")), (2027, 2027));
    }
}
