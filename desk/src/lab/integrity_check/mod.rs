//! Whether a database tells one story: every case's history against the rules of all cases, the read model against the
//! history, links against the other case's history, files against what the history says of them, mails against the events
//! that they tell of, numbers without gaps, warnings in time and once, and what each case is found by.
//!
//! Asked by tests after whatever they did, and by the simulation at its end. It reads everything: not for serving.

mod files;
mod mails;
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

/// Something in the database that contradicts something else in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Inconsistency {
    /// A case breaks what holds for all cases.
    #[error(transparent)]
    Case(#[from] Violation),
    /// A row of the read model is not what the history makes of it.
    #[error("{case}: {table}.{column} is {row:?}, and the history says {log:?}")]
    Row {
        /// Number of the case.
        case: CaseNumber,
        /// Name of the table in the database.
        table: &'static str,
        /// Which column; `*` when the row is missing or should not be there.
        column: &'static str,
        /// What it holds.
        row: Option<String>,
        /// What it should hold.
        log: Option<String>,
    },
    /// A sequence has a gap, or counts what is not there.
    #[error("the sequence {name} counts {counted}, and there are {there} entries up to {last}")]
    Numbers {
        /// Name of the sequence in the database.
        name: String,
        /// What it has handed out.
        counted: i64,
        /// How many were used.
        there: i64,
        /// The highest that was used.
        last: i64,
    },
    /// The mails of a case are not those that its history is told by.
    #[error("{case}: the mails are {mails:?}, and the history is told by {told:?}")]
    Mails {
        /// Number of the case.
        case: CaseNumber,
        /// Kinds of its mails, sorted.
        mails: Vec<String>,
        /// Kinds that its history asks for, sorted.
        told: Vec<&'static str>,
    },
    /// A file of a visit is not what the history says of it.
    #[error("{case}: the file {file} {what}")]
    File {
        /// Which case, compact.
        case: String,
        /// Identifier of the file.
        file: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A warning came before its time, twice, or not at all.
    #[error("{case}: the warning of {level} % for {clock} (cycle {cycle}) {what}")]
    Warning {
        /// Number of the case.
        case: CaseNumber,
        /// Code of the SLA target.
        clock: &'static str,
        /// In which cycle.
        cycle: u32,
        /// Which share, in per cent.
        level: u8,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Somebody was mailed about what presses sooner after another such mail than they are to be.
    #[error("{recipient} was told again after {after_s} s")]
    NotGathered {
        /// Mail address that got both mails.
        recipient: String,
        /// Seconds between the two mails.
        after_s: i64,
    },
    /// Time has something to do that it has not done.
    #[error("{case}: {what} is due and was not done")]
    Overdue {
        /// Number of the case.
        case: CaseNumber,
        /// What time asks for.
        what: String,
    },
}

/// Promises of one priority, in every cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlaCounts {
    /// Fulfilled in time.
    pub met: u64,
    /// Targets that were breached.
    pub breached: u64,
    /// Still open, and not broken so far.
    pub open: u64,
    /// The case went no further while they held.
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

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityReport {
    /// Cases that were looked at.
    pub cases: u64,
    /// Entries of their histories.
    pub events: u64,
    /// Mails, in order of their ids.
    pub mails: Vec<MailKept>,
    /// Promises per priority, from P1 to P4.
    pub targets: [SlaCounts; 4],
    /// How often each kind of event happened.
    pub happened: HashMap<&'static str, u64>,
    /// What contradicts itself; empty when all is well.
    pub inconsistencies: Vec<Inconsistency>,
    /// Follows from every history, row and mail: the same story has the same digest, on any engine.
    pub digest: String,
}

/// Whether what time has to do was done up to now, as far as whoever asks knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchedulerState {
    /// The scheduler has run: nothing may be due.
    UpToDate,
    /// Nobody ran it.
    Unknown,
}

/// Looks at the whole database of `desk`, as of now.
///
/// # Errors
/// When the database does not answer, or holds what no version of this program writes.
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

/// All hours that ever counted for a case: a correction brings others.
async fn hours(
    calendars: &ServiceHoursCache,
    connection: &mut AnyConnection,
    history: &[Recorded],
    now: Instant,
) -> Result<HashMap<ServiceHoursRef, Arc<ServiceHours>>, StoreError> {
    let mut all = HashMap::new();
    for entry in history {
        let kept = match &entry.event {
            Event::Opened(opening) => &opening.hours,
            Event::Revision(RevisionEvent::Corrected(correction)) => &correction.resolved.hours,
            _ => continue,
        };
        all.insert(kept.clone(), calendars.hours(connection, kept, now).await?);
    }
    Ok(all)
}

/// A case as its history tells it.
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
    // What time asks for and the rules refuse is no debt of the scheduler's.
    due.filter(|command| domain::case::decide(case, command.clone(), &Actor::System, hours, now).is_ok())
        .map(|command| Inconsistency::Overdue { case: number, what: format!("{command:?}") })
        .collect()
}

/// Columns of one row as text, whatever the engine keeps them as; `None` when there is no such row.
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
