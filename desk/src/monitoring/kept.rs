//! What is kept of alerts, and the list of them that administrators read.

use domain::actor::{Action, Actor, IntegrationId, Subject, may};
use domain::case_number::CaseNumber;
use domain::monitoring::{Alert, AlertProblem, AlertState, CaseStanding, KeptAlert};
use domain::page::{Page, Paging};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, Tx, row};

/// An alert on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertView {
    /// What it is called.
    pub title: String,
    /// Its host; may be empty.
    pub host: String,
    /// The serial that was found for it; may be empty.
    pub serial: String,
    /// Whether it is over.
    pub state: AlertState,
    /// Why it could not become a case.
    pub problem: Option<AlertProblem>,
    /// Its case.
    pub case: Option<CaseNumber>,
    /// When it came last.
    pub seen_at: Instant,
    /// How often it came.
    pub times: i64,
}

row! {
    struct AlertRow {
        title: String,
        host: String,
        serial: String,
        state: String,
        problem: Option<String>,
        case_number: Option<String>,
        seen_utc_s: i64,
        times: i64,
    }
}

impl TryFrom<AlertRow> for AlertView {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self, StoreError> {
        let problem = |code: &str| AlertProblem::from_code(code).ok_or_else(|| wrong(code));
        Ok(Self {
            state: AlertState::from_code(&row.state).ok_or_else(|| wrong(&row.state))?,
            problem: row.problem.as_deref().map(problem).transpose()?,
            case: row.case_number.as_deref().map(number).transpose()?,
            title: row.title,
            host: row.host,
            serial: row.serial,
            seen_at: Instant(row.seen_utc_s),
            times: row.times,
        })
    }
}

fn wrong(what: &str) -> StoreError {
    StoreError::inconsistent("alerts", what)
}

fn number(text: &str) -> Result<CaseNumber, StoreError> {
    CaseNumber::parse(text).map_err(|error| StoreError::inconsistent("alerts", error))
}

/// The rows of a page of alerts.
pub const ALERTS_PAGE: &str =
    "SELECT title, host, serial, state, problem, case_number, seen_utc_s, times FROM alerts
     WHERE integration_id = $1 ORDER BY seen_utc_s DESC, fingerprint DESC LIMIT $2 OFFSET $3";

/// A page of the alerts of an integration, the last that came first.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_alerts(
    desk: &Desk,
    actor: &Actor,
    id: IntegrationId,
    wanted: u32,
) -> Result<Page<AlertView>, DeskError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let count = sqlx::query("SELECT COUNT(*) FROM alerts WHERE integration_id = $1").bind(id.0);
    let paging = Paging::of(count.fetch_one(&mut *reader).await?.try_get(0)?, wanted);
    let rows: Vec<AlertRow> = sqlx::query_as(ALERTS_PAGE)
        .bind(id.0)
        .bind(i64::from(Paging::ROWS))
        .bind(paging.offset())
        .fetch_all(&mut *reader)
        .await?;
    reader.done();
    let rows = rows.into_iter().map(AlertView::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

row! {
    struct KeptRow {
        case_number: Option<String>,
        is_open: Option<i64>,
        told_firing_utc_s: Option<i64>,
        told_resolved_utc_s: Option<i64>,
    }
}

/// What is kept of an alert, and its case.
pub(super) async fn kept(
    connection: &mut AnyConnection,
    id: IntegrationId,
    fingerprint: &str,
) -> Result<Option<(KeptAlert, Option<CaseNumber>)>, StoreError> {
    let row: Option<KeptRow> = sqlx::query_as(
        "SELECT a.case_number, c.is_open, a.told_firing_utc_s, a.told_resolved_utc_s
         FROM alerts a LEFT JOIN cases c ON c.number = a.case_number
         WHERE a.integration_id = $1 AND a.fingerprint = $2",
    )
    .bind(id.0)
    .bind(fingerprint)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let case = row.case_number.as_deref().map(number).transpose()?;
    let standing = if row.is_open == Some(1) { CaseStanding::Open } else { CaseStanding::Ended };
    let kept = KeptAlert {
        case: case.map(|_| standing),
        told_firing: row.told_firing_utc_s.map(Instant),
        told_resolved: row.told_resolved_utc_s.map(Instant),
    };
    Ok(Some((kept, case)))
}

/// What became of an alert.
#[derive(Debug, Clone)]
pub(super) struct Became {
    pub(super) alert: Alert,
    /// The serial that was found for it.
    pub(super) serial: String,
    pub(super) outcome: Outcome,
}

/// What was done with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It opened a case.
    Opened(CaseNumber),
    /// Its case got a note.
    Noted,
    /// Nothing was to do.
    Kept,
    /// It could not become a case.
    Unplaced(AlertProblem),
}

/// Writes down what became of alerts.
pub(super) async fn write(
    tx: &mut Tx,
    id: IntegrationId,
    now: Instant,
    became: &[Became],
) -> Result<(), StoreError> {
    for Became { alert, serial, outcome } in became {
        let (opened, problem) = match outcome {
            Outcome::Opened(number) => (Some(number.as_compact()), None),
            Outcome::Unplaced(problem) => (None, Some(problem.code())),
            Outcome::Noted | Outcome::Kept => (None, None),
        };
        let is_told = matches!(outcome, Outcome::Opened(_) | Outcome::Noted);
        let told = |state: AlertState| (is_told && alert.state == state).then_some(now.0);
        sqlx::query(
            "INSERT INTO alerts (integration_id, fingerprint, title, host, serial, state, problem, case_number,
                                 opened_utc_s, told_firing_utc_s, told_resolved_utc_s, seen_utc_s, times)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)
             ON CONFLICT (integration_id, fingerprint) DO UPDATE SET
                 title = excluded.title, host = excluded.host, serial = excluded.serial, state = excluded.state,
                 problem = CASE WHEN excluded.state = 'resolved' THEN alerts.problem ELSE excluded.problem END,
                 told_resolved_utc_s = CASE WHEN excluded.case_number IS NULL
                     THEN COALESCE(excluded.told_resolved_utc_s, alerts.told_resolved_utc_s) END,
                 case_number = COALESCE(excluded.case_number, alerts.case_number),
                 opened_utc_s = COALESCE(excluded.opened_utc_s, alerts.opened_utc_s),
                 told_firing_utc_s = COALESCE(excluded.told_firing_utc_s, alerts.told_firing_utc_s),
                 seen_utc_s = excluded.seen_utc_s, times = alerts.times + 1",
        )
        .bind(id.0)
        .bind(alert.fingerprint.as_str())
        .bind(alert.title.as_str())
        .bind(alert.host.as_str())
        .bind(serial.as_str())
        .bind(alert.state.code())
        .bind(problem)
        .bind(opened.clone())
        .bind(opened.is_some().then_some(now.0))
        .bind(told(AlertState::Firing))
        .bind(told(AlertState::Resolved))
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}
