//! The integrity check of a database: invariants of histories, read models, links, files, mails, number series,
//! warnings and search terms.
//!
//! Tests run it after their steps, and the simulation at its end. It reads everything, so it is not for serving.

mod files;
mod mails;
mod message_files;
mod numbers;
mod outcome;
mod rows;
mod terms;
mod warnings;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::actor::Actor;
use domain::calendar::ServiceHours;
use domain::case::invariants::{Violation, clocks, one_sided, violations};
use domain::case::{Case, Event, Recorded, RevisionEvent, ServiceHoursRef, SlaClock, TimerState};
use domain::case_number::CaseNumber;
use domain::priority::Priority;
use domain::time::Instant;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use thiserror::Error;

use self::rows::LookedAt;
use crate::Desk;
use crate::access::tokens::hex;
use crate::contracts::service_hours::ServiceHoursCache;
use crate::events;
use crate::search;
use crate::store::StoreError;

pub use mails::MailKept;
pub(crate) use outcome::last;
pub use outcome::{IntegrityOutcome, record};

/// Data that contradicts other data.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Inconsistency {
    /// A history violates an invariant.
    #[error(transparent)]
    Case(#[from] Violation),
    /// A row of a read model differs from the history.
    #[error("{case}: {table}.{column} is {row:?}, and the history says {log:?}")]
    Row {
        /// Number of the case.
        case: CaseNumber,
        /// Name of the table in the database.
        table: &'static str,
        /// The column; `*` for a missing or surplus row.
        column: &'static str,
        /// Value in the row.
        row: Option<String>,
        /// Value by the history.
        log: Option<String>,
    },
    /// A sequence has a gap, or counts missing rows.
    #[error("the sequence {name} counts {counted}, and there are {there} entries up to {last}")]
    Numbers {
        /// Name of the sequence in the database.
        name: String,
        /// Last number of the sequence.
        counted: i64,
        /// Number of rows.
        there: i64,
        /// Highest number of a row.
        last: i64,
    },
    /// The mails of a case differ from those of its events.
    #[error("{case}: the mails are {mails:?}, and the history is told by {told:?}")]
    Mails {
        /// Number of the case.
        case: CaseNumber,
        /// Kinds of its mails, sorted.
        mails: Vec<String>,
        /// Kinds by its history, sorted.
        told: Vec<&'static str>,
    },
    /// A file of a visit differs from the history, or one of a message from its own row or from what its entry is.
    #[error("{case}: the file {file} {what}")]
    File {
        /// Number of the case, compact.
        case: String,
        /// Id of the file.
        file: String,
        /// The difference.
        what: &'static str,
    },
    /// A warning is early, repeated or missing.
    #[error("{case}: the warning of {level} % for {clock} (cycle {cycle}) {what}")]
    Warning {
        /// Number of the case.
        case: CaseNumber,
        /// Code of the SLA target.
        clock: &'static str,
        /// Number of the cycle.
        cycle: u32,
        /// The level in per cent.
        level: u8,
        /// The fault.
        what: &'static str,
    },
    /// Two warning mails to one person follow too closely.
    #[error("{recipient} was told again after {after_s} s")]
    NotGathered {
        /// Mail address of the person.
        recipient: String,
        /// Seconds between the two mails.
        after_s: i64,
    },
    /// A scheduled step is overdue.
    #[error("{case}: {what} is due and was not done")]
    Overdue {
        /// Number of the case.
        case: CaseNumber,
        /// The step.
        what: String,
    },
}

/// SLA targets of one priority, in every cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlaCounts {
    /// Met.
    pub met: u64,
    /// Breached.
    pub breached: u64,
    /// Open without a breach.
    pub open: u64,
    /// Void.
    pub void: u64,
}

impl SlaCounts {
    fn count(&mut self, clock: &SlaClock) {
        let place = match (clock.breach, clock.run) {
            (Some(_), _) => &mut self.breached,
            (None, TimerState::Stopped) => &mut self.met,
            (None, TimerState::Running | TimerState::Paused { .. }) => &mut self.open,
            (None, TimerState::Void) => &mut self.void,
        };
        *place += 1;
    }
}

/// Scope and results of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityReport {
    /// Number of cases.
    pub cases: u64,
    /// Number of entries.
    pub events: u64,
    /// Mails, by id.
    pub mails: Vec<MailKept>,
    /// SLA targets by priority, from P1 to P4.
    pub targets: [SlaCounts; 4],
    /// Number of events by kind.
    pub happened: HashMap<&'static str, u64>,
    /// Inconsistencies; empty when there are none.
    pub inconsistencies: Vec<Inconsistency>,
    /// Digest of every history, row and mail; equal data has equal digests on any engine.
    pub digest: String,
}

/// Whether the scheduler has run up to now, as far as the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchedulerState {
    /// It has run: nothing may be due.
    UpToDate,
    /// It may not have run.
    Unknown,
}

/// Checks the whole database of `desk` as of now.
///
/// # Errors
/// When the database fails, or has data of no known version.
pub async fn check(desk: &Desk, scheduler: SchedulerState) -> Result<IntegrityReport, StoreError> {
    let mut connection = desk.store().reader().await?;
    check_on(&mut connection, desk.shelf(), desk.now(), scheduler).await
}

/// The same on a connection, which may be in a transaction.
pub(crate) async fn check_on(
    connection: &mut AnyConnection,
    calendars: &ServiceHoursCache,
    now: Instant,
    scheduler: SchedulerState,
) -> Result<IntegrityReport, StoreError> {
    let mut proof = IntegrityReport::default();
    let mut digest = Sha256::new();
    proof.mails = mails::kept(connection).await?;
    let mut by_case = mails::by_case(&proof.mails);
    for (case, kind, count) in mails::unwanted(connection).await? {
        by_case.entry(case).or_default().extend(std::iter::repeat_n(kind, count));
    }
    let since = mails::since(connection).await?;
    let mut links = BTreeMap::new();
    let mut files = files::Unclaimed::all(connection).await?;
    let followed = search::followed(connection).await?;
    for number in cases(connection).await? {
        let history = events::history(connection, number).await?;
        let hours = hours(calendars, connection, &history, now).await?;
        let case = events::fold(&history)?;
        proof.inconsistencies.extend(files.claim(connection, &case).await?);
        proof.inconsistencies.extend(terms::finding(connection, &case, followed).await?);
        links.insert(number, case.links());
        let mails = by_case.remove(&number.as_compact()).unwrap_or_default();
        let told = CheckedCase { number, history: &history, hours: &hours, since: &since, mails, case };
        told.check(connection, &mut proof, now, scheduler).await?;
        for entry in &history {
            let document = serde_json::to_string(entry);
            digest.update(document.map_err(|error| StoreError::inconsistent("case_events", error))?);
        }
    }
    for mail in &proof.mails {
        digest.update(mail.line());
    }
    proof.inconsistencies.extend(one_sided(&links).into_iter().map(Inconsistency::from));
    proof.inconsistencies.extend(files.inconsistencies());
    proof.inconsistencies.extend(message_files::inconsistencies(connection, &mut digest).await?);
    proof.inconsistencies.extend(numbers::inconsistencies(connection).await?);
    proof.inconsistencies.extend(warnings::not_gathered(connection, &since).await?);
    if scheduler == SchedulerState::UpToDate {
        proof.inconsistencies.extend(warnings::untold(connection, now).await?);
    }
    proof.digest = hex(&digest.finalize());
    Ok(proof)
}

async fn cases(connection: &mut AnyConnection) -> Result<Vec<CaseNumber>, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT case_number FROM case_events ORDER BY case_number")
        .fetch_all(connection)
        .await?;
    let read = |row: sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_events", error))
    };
    rows.into_iter().map(read).collect()
}

/// All service hours of a case, before and after corrections.
async fn hours(
    calendars: &ServiceHoursCache,
    connection: &mut AnyConnection,
    history: &[Recorded],
    now: Instant,
) -> Result<HashMap<ServiceHoursRef, Arc<ServiceHours>>, StoreError> {
    let mut all = HashMap::new();
    let opened_at = history.first().map_or(now, |entry| entry.at);
    for entry in history {
        let kept = match &entry.event {
            Event::Opened(opening) => &opening.hours,
            Event::Revision(RevisionEvent::Corrected(correction)) => &correction.resolved.hours,
            _ => continue,
        };
        all.insert(kept.clone(), calendars.hours_since(connection, kept, now, opened_at).await?);
    }
    Ok(all)
}

/// A folded case under check.
struct CheckedCase<'a> {
    number: CaseNumber,
    history: &'a [Recorded],
    hours: &'a HashMap<ServiceHoursRef, Arc<ServiceHours>>,
    since: &'a mails::Since,
    /// Kinds of its mails.
    mails: Vec<String>,
    case: Case,
}

impl CheckedCase<'_> {
    fn hours_of(&self, kept: &ServiceHoursRef) -> Option<&ServiceHours> {
        self.hours.get(kept).map(|hours| &**hours)
    }

    async fn check(
        &self,
        connection: &mut AnyConnection,
        proof: &mut IntegrityReport,
        now: Instant,
        scheduler: SchedulerState,
    ) -> Result<(), StoreError> {
        let case = &self.case;
        let Some(hours) = self.hours_of(&case.opening.hours) else { return Ok(()) };
        proof.cases += 1;
        proof.events += u64::try_from(self.history.len()).unwrap_or_default();
        for entry in self.history {
            *proof.happened.entry(entry.event.name_key()).or_default() += 1;
        }
        let last = self.history.last().map_or(now, |entry| entry.at);
        let place = Priority::ALL.iter().position(|priority| *priority == case.priority());
        if let Some(counts) = place.and_then(|place| proof.targets.get_mut(place)) {
            for clock in &clocks(case, hours, now.max(last)) {
                counts.count(clock);
            }
        }
        let found = &mut proof.inconsistencies;
        found.extend(
            violations(self.history, now, |kept| self.hours_of(kept)).into_iter().map(Inconsistency::from),
        );
        let looked_at = match scheduler {
            SchedulerState::UpToDate => LookedAt::UpTo(now.max(last)),
            SchedulerState::Unknown => LookedAt::Before(now.max(last)),
        };
        found.extend(rows::inconsistencies(connection, self, hours, last, &looked_at).await?);
        found.extend(mails::inconsistencies(self));
        found.extend(warnings::inconsistencies(self)?);
        if scheduler == SchedulerState::UpToDate {
            found.extend(overdue(case, hours, now.max(last)));
        }
        Ok(())
    }
}

fn overdue(case: &Case, hours: &ServiceHours, now: Instant) -> Vec<Inconsistency> {
    let number = case.opening.number;
    let due = case.due_commands(hours, now).into_iter();
    // A due command that the rules refuse is not overdue.
    due.filter(|command| domain::case::decide(case, command.clone(), &Actor::System, hours, now).is_ok())
        .map(|command| Inconsistency::Overdue { case: number, what: format!("{command:?}") })
        .collect()
}

/// Columns of one row as text, for any engine; `None` without a row.
async fn row_as_text(
    connection: &mut AnyConnection,
    table: &'static str,
    columns: &[&'static str],
    condition: &'static str,
    binds: &[String],
) -> Result<Option<Vec<Option<String>>>, StoreError> {
    let wanted: Vec<String> = columns.iter().map(|column| format!("CAST({column} AS TEXT)")).collect();
    let text = format!("SELECT {} FROM {table} WHERE {condition}", wanted.join(", "));
    let query = sqlx::query(AssertSqlSafe(text));
    let query = binds.iter().fold(query, |query, bind| query.bind(bind.clone()));
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    let read = (0..columns.len()).map(|place| row.try_get::<Option<String>, _>(place));
    Ok(Some(read.collect::<Result<_, _>>()?))
}
