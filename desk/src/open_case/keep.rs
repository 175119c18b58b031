//! The transaction that makes cases of drafts.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::Datelike;
use domain::actor::Actor;
use domain::case::{Author, Case, Event, Opening, Origin, Recorded, Report};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Hours;
use domain::time::Instant;
use domain::words::Language;
use sqlx::{AssertSqlSafe, Row};

use super::OpenCaseError;
use crate::Desk;
use crate::case_log::{self, Labels, NewCase};
use crate::links;
use crate::outbox;
use crate::register::{Standing, local_date};
use crate::store::{StoreError, Tx, list, portions};

/// The number that a case got, and when it was opened.
pub(super) type Opened = (CaseNumber, Instant);

/// Whose numbers count on together: a country's, in the local year of the site.
type Series = (Country, i32);

/// A case that is about to be opened: everything but its number.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) desk: Desk,
    pub(super) actor: Actor,
    pub(super) key: String,
    pub(super) report: Report,
    pub(super) language: Language,
    pub(super) origin: Origin,
    pub(super) follows: Option<CaseNumber>,
    pub(super) now: Instant,
    pub(super) found: Standing,
    pub(super) hours: Arc<Hours>,
}

impl Draft {
    fn series(&self) -> Result<Series, StoreError> {
        Ok((self.report.country, local_date(&self.found.hours.zone, self.now)?.year()))
    }

    fn opened(&self, number: CaseNumber) -> Result<New<'_>, StoreError> {
        let Self { found, report, .. } = self;
        let opening = Opening {
            number,
            priority: found.terms.matrix().priority(report.severity, report.urgency),
            coverage: found.coverage,
            terms: found.terms.clone(),
            hours: found.hours.clone(),
            language: self.language,
            report: report.clone(),
            follows: self.follows,
        };
        let entry = Recorded {
            version: 1,
            at: self.now,
            by: Author::from(&self.actor),
            origin: self.origin,
            event: Event::Opened(Box::new(opening)),
        };
        let case = case_log::fold(std::slice::from_ref(&entry))?;
        Ok(New { draft: self, case, entry, labels: self.labels() })
    }

    fn labels(&self) -> Labels {
        self.found.labels(&self.report.contract, &self.report.serial)
    }
}

/// A draft that became a case.
struct New<'a> {
    draft: &'a Draft,
    case: Case,
    entry: Recorded,
    labels: Labels,
}

/// Makes a case of each draft that is not one yet; what came of each, in their order.
pub(super) async fn keep(
    tx: &mut Tx,
    drafts: &[Draft],
) -> Result<Vec<Result<Opened, OpenCaseError>>, StoreError> {
    let earlier = earlier(tx, drafts).await?;
    let mut numbers = numbers(tx, drafts.iter().filter(|draft| !earlier.contains_key(&draft.key))).await?;
    let mut outcomes = Vec::with_capacity(drafts.len());
    let mut new = Vec::with_capacity(drafts.len());
    for draft in drafts {
        if let Some(opened) = earlier.get(&draft.key) {
            outcomes.push(Ok(*opened));
            continue;
        }
        let series @ (country, year) = draft.series()?;
        let sequence = numbers.get_mut(&series).and_then(Iterator::next);
        let number = sequence.and_then(|sequence| CaseNumber::new(country, year, sequence).ok());
        outcomes
            .push(number.map(|number| (number, draft.now)).ok_or(OpenCaseError::NumbersExhausted(country)));
        new.extend(number.map(|number| draft.opened(number)).transpose()?);
    }
    write(tx, &new).await?;
    Ok(outcomes)
}

/// The cases that earlier sendings of the same submissions opened.
async fn earlier(tx: &mut Tx, drafts: &[Draft]) -> Result<HashMap<String, Opened>, StoreError> {
    let mut found = HashMap::new();
    for some in portions(drafts) {
        let text = format!(
            "SELECT submission_key, number, opened_utc_s FROM cases WHERE submission_key IN ({})",
            list(0, some.len())
        );
        let ask = sqlx::query(AssertSqlSafe(text));
        let ask = some.iter().fold(ask, |ask, draft| ask.bind(draft.key.as_str()));
        for row in ask.fetch_all(tx.connection()).await? {
            let number: String = row.try_get(1)?;
            let number =
                CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
            found.insert(row.try_get(0)?, (number, Instant(row.try_get(2)?)));
        }
    }
    Ok(found)
}

/// The next numbers of each series that drafts ask for.
async fn numbers(
    tx: &mut Tx,
    drafts: impl Iterator<Item = &Draft>,
) -> Result<HashMap<Series, RangeInclusive<u32>>, StoreError> {
    let mut wanted: HashMap<Series, i64> = HashMap::new();
    for draft in drafts {
        *wanted.entry(draft.series()?).or_default() += 1;
    }
    let mut numbers = HashMap::with_capacity(wanted.len());
    for (series @ (country, year), count) in wanted {
        let row = sqlx::query(
            "INSERT INTO case_numbers (country, year, last) VALUES ($1, $2, $3)
             ON CONFLICT (country, year) DO UPDATE SET last = case_numbers.last + excluded.last
             RETURNING last",
        )
        .bind(country.code())
        .bind(i64::from(year))
        .bind(count)
        .fetch_one(tx.connection())
        .await?;
        let last: i64 = row.try_get(0)?;
        // Beyond what a number may be there is none: whoever asks is told so.
        let number = |sequence: i64| u32::try_from(sequence).unwrap_or(u32::MAX);
        numbers.insert(series, number(last - count + 1)..=number(last));
    }
    Ok(numbers)
}

/// Histories, rows and mails.
async fn write(tx: &mut Tx, new: &[New<'_>]) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let entries: Vec<_> = new.iter().map(|new| (new.case.opening.number, &new.entry)).collect();
    let last = case_log::append(tx, &entries).await?;
    let first = last + 1 - i64::try_from(new.len()).unwrap_or(i64::MAX);
    let row = |(seq, new)| {
        let New { draft, case, labels, .. }: &New<'_> = new;
        NewCase { case, hours: &draft.hours, labels, submission_key: &draft.key, seq }
    };
    let rows: Vec<_> = (first..).zip(new).map(row).collect();
    case_log::insert_rows(tx, &rows).await?;
    outbox::queue_openings(tx, new.iter().map(|new| (&new.draft.desk, &new.case, &*new.draft.hours))).await?;
    for New { draft, case, entry, .. } in new {
        let events = std::slice::from_ref(&entry.event);
        links::tell_others(
            &draft.desk,
            tx,
            case.opening.number,
            events,
            &draft.actor,
            draft.origin,
            draft.now,
        )
        .await?;
    }
    Ok(())
}
