//! The transaction that turns drafts into cases.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock};

use chrono::Datelike;
use domain::actor::{Actor, scope_of};
use domain::calendar::ServiceHours;
use domain::case::{Author, Case, Event, Opening, Origin, Recorded, Report};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::mail_allowance::Used;
use domain::time::Instant;

use super::OpenCaseError;
use super::lookup::{ExistingData, LastNumbers, known};
use crate::Desk;
use crate::access::limits::TooOften;
use crate::cases::execute::tell_others;
use crate::cases::message_files::{self, ReadyFile};
use crate::contracts::register::{self, FallbackPlans, RegisterMatch, RegisterQuery, assessed, local_date};
use crate::events::{self, EVENTS, LogEntry};
use crate::outbox::{OUTBOX, Outgoing};
use crate::projections::cases::{CASES, NewCase, summary};
use crate::store::{
    EndsTx, Guarded, Part, Rows, Statement, StoreError, Table, Tx, portions, write_and_announce,
};
use crate::webhooks::{self, DELIVERIES, Deliverable};

/// A case as its opening, or an earlier one, left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) number: CaseNumber,
    pub(super) at: Instant,
    /// Whether its contact's link was renewed since.
    pub(super) is_renewed: bool,
}

/// A number series: country and local year of the site.
pub(super) type NumberSeries = (Country, i32);

/// The last numbers of series.
const CASE_NUMBERS: Table = Table {
    head: "INSERT INTO case_numbers (country, year, last)",
    columns: 3,
    tail: "ON CONFLICT (country, year) DO UPDATE SET last = excluded.last",
};

/// The last numbers of other sequences, where they come from rows.
const SEQUENCES: Table = Table {
    head: "INSERT INTO sequences (name, value)",
    columns: 2,
    tail: "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
};

/// The most rows per statement. SQLite resolves the name of each placeholder by searching all names before it, so wide
/// rows go in small batches.
const ROWS_OF_CASES: usize = 8;

/// A case to be opened.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) desk: Desk,
    pub(super) actor: Actor,
    pub(super) key: String,
    pub(super) report: Report,
    pub(super) language: Language,
    pub(super) origin: Origin,
    pub(super) previous_case: Option<CaseNumber>,
    /// The files that come with the report.
    pub(super) files: Vec<ReadyFile>,
    /// The quota of a stranger's mails; `None` for known senders.
    pub(super) counted: Option<MailQuota>,
    /// What the rate limit of strangers said. It is asked once: the transaction may run again.
    pub(super) admission: OnceLock<Result<(), TooOften>>,
    pub(super) now: Instant,
}

/// The keys by which a stranger's mails are counted.
#[derive(Debug, Clone)]
pub(super) struct MailQuota {
    /// The recipient's mailbox.
    pub(super) mailbox: String,
    /// The sender's network, if known.
    pub(super) sender: Option<String>,
}

impl Draft {
    /// What its opening reads and then writes.
    pub(super) fn subjects(&self) -> Vec<Guarded> {
        let mut subjects = vec![Guarded::Series(self.report.country), Guarded::Submission(self.key.clone())];
        subjects.extend(self.previous_case.map(Guarded::Case));
        if let Some(MailQuota { mailbox, sender }) = self.counted.clone() {
            subjects.push(Guarded::Mailbox(mailbox));
            subjects.extend(sender.map(Guarded::Sender));
        }
        subjects
    }

    /// The case of an earlier submission with this draft's key, when the content is equal; an error when it is other. Files
    /// that are missing now are with the case already, and are not lost. One that the case lacks would be.
    async fn sent_before(
        &self,
        tx: &mut Tx,
        number: CaseNumber,
    ) -> Result<Result<Opened, OpenCaseError>, StoreError> {
        let history = events::history(tx.connection(), number).await?;
        let Some(Recorded { at, origin, event: Event::Opened(opening), .. }) = history.first() else {
            return Err(StoreError::inconsistent("case_events", format!("{number} was never opened")));
        };
        let is_same = (&opening.report, opening.previous_case, *origin)
            == (&self.report, self.previous_case, self.origin)
            && message_files::came_with_opening(tx, number, &self.files).await?;
        let is_renewed = history.iter().any(|entry| matches!(entry.event, Event::TrackingRenewed { .. }));
        let opened = Opened { number, at: *at, is_renewed };
        Ok(if is_same { Ok(opened) } else { Err(OpenCaseError::SentBefore(number)) })
    }

    const fn asked(&self) -> RegisterQuery<'_> {
        let Self { report, now, actor, .. } = self;
        RegisterQuery {
            contract: report.contract.as_ref(),
            serial: Some(&report.serial),
            country: report.country,
            at: *now,
            scope: scope_of(actor),
        }
    }

    /// Refuses a stranger beyond the rate limit of cases that need validation. Known senders and covered cases are
    /// never refused.
    fn admitted(&self, coverage: Entitlement) -> Result<(), TooOften> {
        match (&self.actor, coverage) {
            (Actor::Staff(_) | Actor::Integration(_) | Actor::System, _) | (_, Entitlement::Covered) => {
                Ok(())
            }
            (
                Actor::Anonymous
                | Actor::Customer(_)
                | Actor::CustomerBeside { .. }
                | Actor::Participant(_)
                | Actor::Contact(_)
                | Actor::Display { .. },
                Entitlement::NeedsValidation(_),
            ) => *self.admission.get_or_init(|| self.desk.limits().unvalidated.take(&(), self.now)),
        }
    }

    /// The draft with the register's entitlement.
    async fn assessed(
        &self,
        tx: &mut Tx,
        entry: register::Entry,
        stand_ins: &mut FallbackPlans,
    ) -> Result<CheckedDraft<'_>, StoreError> {
        let found = assessed(tx.connection(), &self.asked(), entry, stand_ins).await?;
        let hours = self.desk.hours_with(tx.connection(), &found.hours).await?;
        let year = local_date(&found.hours.zone, self.now)?.year();
        Ok(CheckedDraft { draft: self, found, hours, year })
    }
}

/// A draft with its entitlement: everything but its number.
struct CheckedDraft<'a> {
    draft: &'a Draft,
    found: RegisterMatch,
    hours: Arc<ServiceHours>,
    /// Year of its number series.
    year: i32,
}

impl<'a> CheckedDraft<'a> {
    fn opened(self, number: CaseNumber, used: Used) -> Result<NumberedCase<'a>, StoreError> {
        let Self { draft, found, .. } = &self;
        let report = &draft.report;
        let opening = Opening {
            number,
            priority: found.terms.matrix().priority(report.severity, report.urgency),
            coverage: found.coverage,
            terms: found.terms.clone(),
            hours: found.hours.clone(),
            language: draft.language,
            report: report.clone(),
            previous_case: draft.previous_case,
        };
        let entry = Recorded {
            version: 1,
            at: draft.now,
            by: Author::from(&draft.actor),
            origin: draft.origin,
            event: Event::Opened(Box::new(opening)),
        };
        let case = events::fold(std::slice::from_ref(&entry))?;
        Ok(NumberedCase { from: self, case, entry, used })
    }
}

/// A draft with its number.
struct NumberedCase<'a> {
    from: CheckedDraft<'a>,
    case: Case,
    entry: Recorded,
    used: Used,
}

/// The rows of a case.
struct InsertBatch<'a> {
    entry: LogEntry,
    row: NewCase<'a>,
    mail: Outgoing<'a>,
}

impl NumberedCase<'_> {
    /// The rows with the next numbers of entries and mails.
    fn written(&self, seq: i64, mail: i64) -> Result<InsertBatch<'_>, StoreError> {
        let Self { from: CheckedDraft { draft, found, hours, .. }, case, entry, used } = self;
        let sender = draft.counted.as_ref().and_then(|counted| counted.sender.clone());
        let labels = found.labels(draft.report.contract.as_ref(), &draft.report.serial);
        let mail = Outgoing::opening(&draft.desk, case, (hours, &labels), mail, (sender, *used));
        let row = NewCase {
            case,
            labels,
            summary: summary(case, hours, case.opened_at)?,
            submission_key: &draft.key,
            seq,
        };
        let entry = LogEntry::opening(seq, case.opening.number, entry, draft.desk.ports())?;
        Ok(InsertBatch { entry, row, mail })
    }
}

/// Opens the case of each draft that has none yet. Gives the results in their order. No submission, stranger's mailbox
/// or sender may occur twice, because the look-up counts each once.
pub(super) async fn keep(
    tx: &mut Tx,
    drafts: &[Draft],
) -> Result<Vec<Result<Opened, OpenCaseError>>, StoreError> {
    let (known, last) = known(tx, drafts).await?;
    let mut stand_ins = FallbackPlans::new();
    let mut numbers = HashMap::new();
    let mut outcomes = Vec::with_capacity(drafts.len());
    let mut new = Vec::with_capacity(drafts.len());
    for (draft, known) in drafts.iter().zip(known) {
        if let Some(number) = known.earlier {
            outcomes.push(draft.sent_before(tx, number).await?);
            continue;
        }
        let ExistingData { entry, used, .. } = known;
        let assessed = draft.assessed(tx, entry, &mut stand_ins).await?;
        if let Err(too_often) = draft.admitted(assessed.found.coverage) {
            outcomes.push(Err(too_often.into()));
            continue;
        }
        let series @ (country, year) = (draft.report.country, assessed.year);
        let taken = match numbers.entry(series) {
            Entry::Occupied(taken) => taken.into_mut(),
            Entry::Vacant(first) => first.insert(last.of(series)?),
        };
        // Beyond the highest sequence there is no number: the caller gets an error.
        let next = u32::try_from(*taken + 1).ok();
        let Some(number) = next.and_then(|next| CaseNumber::new(country, year, next).ok()) else {
            outcomes.push(Err(OpenCaseError::NumbersExhausted(country)));
            continue;
        };
        let number = number.with_prefix(draft.desk.case_prefix(country));
        *taken += 1;
        outcomes.push(Ok(Opened { number, at: draft.now, is_renewed: false }));
        new.push(assessed.opened(number, used)?);
    }
    if !new.is_empty() {
        write(tx, &new, &numbers, &last).await?;
    }
    Ok(outcomes)
}

/// Writes histories, rows, mails and the last numbers.
async fn write(
    tx: &mut Tx,
    new: &[NumberedCase<'_>],
    numbers: &HashMap<NumberSeries, i64>,
    last: &LastNumbers,
) -> Result<(), StoreError> {
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    // One of each for a case. On PostgreSQL they are the transaction's own.
    let (own_entries, own_mails) = (tx.own_numbers(count)?, tx.own_numbers(count)?);
    let before = |own: Option<i64>, last: i64| own.map_or(last, |own| own - count);
    let (entry, mail) = (before(own_entries, last.entry), before(own_mails, last.mail));
    let numbered = (entry + 1..).zip(mail + 1..).zip(new);
    let written = numbered.map(|((seq, mail), new)| new.written(seq, mail)).collect::<Result<Vec<_>, _>>()?;
    let openings = (entry + 1..).zip(new).map(|(seq, new)| (&new.case, seq));
    let deliveries = match new.first() {
        Some(first) => {
            webhooks::of_opening(&first.from.draft.desk, tx, last.webhook_change, openings).await?
        }
        None => Vec::new(),
    };
    let series: Vec<(NumberSeries, i64)> = numbers.iter().map(|(series, last)| (*series, *last)).collect();
    let sequences: &[_] = match own_entries {
        Some(_) => &[],
        None => &[("feed", entry + count), ("outbox", mail + count)],
    };
    let series = Rows { table: &CASE_NUMBERS, all: &series, bind: bind_series };
    let sequences = Rows { table: &SEQUENCES, all: sequences, bind: bind_sequence };
    let deliveries = Rows { table: &DELIVERIES, all: &deliveries, bind: Deliverable::bind };
    let mut taken: Vec<&dyn Part> = vec![&series, &sequences, &deliveries];
    // The followed case gets its entry after everything else, and so do files.
    let has_more =
        new.iter().any(|new| new.from.draft.previous_case.is_some() || !new.from.draft.files.is_empty());
    let mut left = written.len();
    for some in portions(&written) {
        left -= some.len();
        let entries = Rows { table: &EVENTS, all: some, bind: bind_entry };
        let rows: Vec<_> =
            some.chunks(ROWS_OF_CASES).map(|all| Rows { table: &CASES, all, bind: bind_row }).collect();
        let mails: Vec<_> =
            some.chunks(ROWS_OF_CASES).map(|all| Rows { table: &OUTBOX, all, bind: bind_mail }).collect();
        let mut parts: Vec<&dyn Part> = vec![&entries];
        parts.extend(rows.iter().map(|part| -> &dyn Part { part }));
        parts.extend(mails.iter().map(|part| -> &dyn Part { part }));
        // The numbers go with the first statement, and what webhooks are told.
        parts.extend(std::mem::take(&mut taken));
        let then = if has_more || left > 0 { EndsTx::No } else { EndsTx::Yes };
        write_and_announce(tx, &parts, then).await?;
    }
    for NumberedCase { from: CheckedDraft { draft, .. }, case, entry, .. } in new {
        let events = std::slice::from_ref(&entry.event);
        let Draft { desk, actor, origin, now, files, .. } = draft;
        message_files::keep_with(desk, tx, case.opening.number, message_files::OPENING, files).await?;
        tell_others(desk, tx, case.opening.number, events, actor, *origin, *now).await?;
    }
    Ok(())
}

fn bind_entry(statement: Statement, written: &InsertBatch<'_>) -> Statement {
    LogEntry::bind(statement, &written.entry)
}

fn bind_row(statement: Statement, written: &InsertBatch<'_>) -> Statement {
    NewCase::bind(statement, &written.row)
}

fn bind_mail(statement: Statement, written: &InsertBatch<'_>) -> Statement {
    Outgoing::bind(statement, &written.mail)
}

fn bind_series(statement: Statement, ((country, year), last): &(NumberSeries, i64)) -> Statement {
    statement.bind(country.code()).bind(i64::from(*year)).bind(*last)
}

fn bind_sequence(statement: Statement, (name, value): &(&'static str, i64)) -> Statement {
    statement.bind(*name).bind(*value)
}
