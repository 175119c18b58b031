//! Use-case: open a case (letter, steps 1 to 4).

use chrono::Datelike;
use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::case::{Case, Event, Opening, Origin, Report};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::time::Instant;
use domain::words::Language;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::case_log::{self, Labels};
use crate::outbox;
use crate::register::{Standing, local_date, standing};
use crate::store::{StoreError, Tx};

/// Limits of a submission key, in characters: long enough not to meet another by chance.
const KEY: std::ops::RangeInclusive<usize> = 16..=128;

/// A wish to open a case.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// Made by the form when it was first shown: the same key gives the same case, however often it is sent.
    pub key: SubmissionKey,
    /// What the customer reports.
    pub report: Report,
    /// The language that the customer is written to in.
    pub language: Language,
    /// The portal, or a call that an agent takes.
    pub origin: Origin,
}

/// Tells one submission of the form from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionKey(String);

impl SubmissionKey {
    /// A key that nobody has used or could guess, for a form that is about to be shown.
    #[must_use]
    pub fn fresh(desk: &Desk) -> Self {
        Self(crate::tokens::fresh(desk.ports()))
    }

    /// The key as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a key of 16 to 128 letters, digits and hyphens; `None` for anything else.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let fit = KEY.contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        fit.then(|| Self(key.to_owned()))
    }
}

/// A case that was opened, now or by an earlier sending of the same submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCase {
    /// Its number.
    pub number: CaseNumber,
    /// When.
    pub opened_at: Instant,
    /// The last part of the customer's link to it.
    pub tracking: String,
}

/// Why no case was opened.
#[derive(Debug, Clone, Error)]
pub enum OpenCaseError {
    /// The actor may not open cases this way.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// All numbers of the year are taken.
    #[error("all case numbers of {0:?} are taken this year")]
    NumbersExhausted(Country),
    /// Try again later: nothing was kept, and the same key may be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a case: number, history, row and mail in one transaction.
///
/// # Errors
/// See [`OpenCaseError`].
pub async fn open_case(desk: &Desk, actor: &Actor, wish: OpenCase) -> Result<OpenedCase, OpenCaseError> {
    let action = match wish.origin {
        Origin::Telephone => Action::OpenCaseOnBehalf,
        Origin::Portal | Origin::Workspace | Origin::Clockwork | Origin::CommandLine => Action::OpenCase,
    };
    may(actor, action, Subject::Desk)?;
    let (at_work, actor) = (desk.clone(), actor.clone());
    let (number, opened_at) = desk
        .store()
        .write(move |tx| Box::pin(async move { within(&at_work, tx, &actor, wish).await }))
        .await?;
    Ok(OpenedCase { number, opened_at, tracking: desk.tokens().tracking(number) })
}

async fn within(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    wish: OpenCase,
) -> Result<(CaseNumber, Instant), OpenCaseError> {
    let SubmissionKey(key) = wish.key;
    if let Some(earlier) = earlier(tx, &key).await? {
        return Ok(earlier);
    }
    let now = desk.now();
    let report = wish.report;
    let found =
        standing(tx.connection(), Some(&report.contract), Some(&report.serial), report.country, now).await?;
    let number = next_number(tx, report.country, &found.hours.zone, now).await?;
    let labels = labels(&report, &found);
    let opening = Opening {
        number,
        priority: found.terms.matrix().priority(report.severity, report.urgency),
        coverage: found.coverage,
        terms: found.terms,
        hours: found.hours,
        language: wish.language,
        report,
    };
    let recorded = case_log::record(0, vec![Event::Opened(Box::new(opening))], actor, wish.origin, now);
    let case: Case = case_log::fold(&recorded)?;
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let seq = case_log::append(tx, number, &recorded).await?;
    case_log::insert_row(tx, &case, &hours, &labels, &key, seq).await?;
    outbox::queue_opening(desk, tx, &case, &hours).await?;
    Ok((number, now))
}

/// The case that an earlier sending of the same submission opened.
async fn earlier(tx: &mut Tx, key: &str) -> Result<Option<(CaseNumber, Instant)>, StoreError> {
    let row = sqlx::query("SELECT number, opened_utc_s FROM cases WHERE submission_key = $1")
        .bind(key)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let number: String = row.try_get(0)?;
    let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
    Ok(Some((number, Instant(row.try_get(1)?))))
}

/// The next number of a country in the local year of the site.
async fn next_number(
    tx: &mut Tx,
    country: Country,
    zone: &str,
    now: Instant,
) -> Result<CaseNumber, OpenCaseError> {
    let year = local_date(zone, now)?.year();
    let row = sqlx::query(
        "INSERT INTO case_numbers (country, year, last) VALUES ($1, $2, 1)
         ON CONFLICT (country, year) DO UPDATE SET last = case_numbers.last + 1
         RETURNING last",
    )
    .bind(country.code())
    .bind(i64::from(year))
    .fetch_one(tx.connection())
    .await
    .map_err(StoreError::from)?;
    let last: i64 = row.try_get(0).map_err(StoreError::from)?;
    u32::try_from(last)
        .ok()
        .and_then(|sequence| CaseNumber::new(country, year, sequence).ok())
        .ok_or(OpenCaseError::NumbersExhausted(country))
}

fn labels(report: &Report, found: &Standing) -> Labels {
    let known = found.equipment.as_ref().filter(|equipment| equipment.contract == report.contract.as_str());
    Labels {
        customer: found.contract.as_ref().map(|contract| contract.organisation.clone()).unwrap_or_default(),
        equipment: known.map_or_else(|| report.serial.as_str().to_owned(), |found| found.label.clone()),
    }
}
