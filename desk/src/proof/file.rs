//! Use-case: the proof of a case, as a file.

use std::collections::HashMap;

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::calendar::layout::lay_out;
use domain::case::{Event, Recorded, RevisionEvent, ServiceHoursRef};
use domain::case_number::CaseNumber;
use domain::proof::chain::content;
use domain::proof::{Entry, EntryText, FORMAT, Figure, LogEntry, Proof, ProofCalendar, figures};
use domain::time::{Instant, Span};
use sqlx::{AnyConnection, Row};

use super::redaction::Redaction;
use crate::Desk;
use crate::DeskError;
use crate::audit::{self, Reading, histories};
use crate::contracts::service_hours::{load, zone_of};
use crate::events;
use crate::projections::sla_records;
use crate::reach;
use crate::store::StoreError;

const DAY_S: i64 = 24 * 3600;
/// How far ahead calendars are laid out before they are cut at the last due time, in seconds. It is more than any target and
/// all pauses together.
const AHEAD_S: i64 = 400 * DAY_S;
/// How often a case is read that goes on meanwhile.
const READINGS: usize = 5;

/// The proof of a case, signed. Its customer gets it without internal words, and readers of the case's file get it whole. A
/// role that does not reach all gets it without other cases.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::proof::prove;
/// use domain::actor::Actor;
/// use domain::proof::verify;
///
/// let file = prove(&desk, &Actor::Customer(number), number).await?;
/// let verdict = verify(file.as_bytes(), &[desk.proof_key()]).unwrap();
/// assert!(verdict.is_good());
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a case that the actor may not read.
pub async fn prove(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<String, DeskError> {
    let stored = read_history(desk, number).await?;
    let case = events::fold(&recorded(&stored)?)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCase, subject).map_err(|_| DeskError::NotFound)?;
    // It has the contact's address and telephones, which its digests cover.
    if matches!(actor, Actor::Participant(_)) || !reach::exists_for(desk, actor, number).await? {
        return Err(DeskError::NotFound);
    }
    if stored.iter().any(|entry| entry.digest.is_empty()) {
        chain_older(desk, number, case.version).await?;
    }
    let redaction = if may(actor, Action::ReadCaseFile, subject).is_err() {
        Redaction::Internal
    } else if reach::is_narrowed(actor) {
        Redaction::OtherCases
    } else {
        Redaction::Nothing
    };
    let log = audit::head(desk).await?.map(|(id, digest)| LogEntry { id, digest });
    let proof = compose_at_rest(desk, number, redaction, log).await?;
    let file =
        proof.signed(desk.proof_signer()).map_err(|error| StoreError::inconsistent("case_events", error))?;
    // A customer takes their own.
    if matches!(actor, Actor::Staff(_) | Actor::Integration(_)) {
        desk.note_reading(actor, Reading::Export(AuditData::Proof), 1);
    }
    Ok(file)
}

/// An entry of the history, as it is stored.
struct Stored {
    seq: i64,
    version: i64,
    at_utc_s: i64,
    kind: String,
    document: String,
    salt: String,
    digest: String,
}

/// The history of a case. A case without a history is none.
async fn read_history(desk: &Desk, number: CaseNumber) -> Result<Vec<Stored>, DeskError> {
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT seq, version, at_utc_s, kind, document, salt, digest FROM case_events
         WHERE case_number = $1 ORDER BY version",
    )
    .bind(number.as_compact())
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    if rows.is_empty() {
        return Err(DeskError::NotFound);
    }
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        stored.push(Stored {
            seq: row.try_get(0)?,
            version: row.try_get(1)?,
            at_utc_s: row.try_get(2)?,
            kind: row.try_get(3)?,
            document: row.try_get(4)?,
            salt: row.try_get(5)?,
            digest: row.try_get(6)?,
        });
    }
    Ok(stored)
}

fn recorded(stored: &[Stored]) -> Result<Vec<Recorded>, StoreError> {
    let read = |entry: &Stored| serde_json::from_str::<Recorded>(&entry.document);
    let all = stored.iter().map(read).collect::<Result<Vec<_>, _>>();
    all.map_err(|error| StoreError::inconsistent("case_events", error))
}

/// Chains the history of an older version, as the backfill would.
async fn chain_older(desk: &Desk, number: CaseNumber, version: u32) -> Result<(), StoreError> {
    let ports = desk.ports().clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                histories::head(tx, &ports, number, version).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
}

/// What the proof says. A case that goes on while it is read is read again: its figures belong to one history.
async fn compose_at_rest(
    desk: &Desk,
    number: CaseNumber,
    redaction: Redaction,
    log: Option<LogEntry>,
) -> Result<Proof, DeskError> {
    let mut seen = 0;
    for _ in 0..READINGS {
        let stored = read_history(desk, number).await?;
        seen = u32::try_from(stored.len()).unwrap_or(u32::MAX);
        if let Some(proof) = compose(desk, number, stored, redaction, log.clone()).await? {
            return Ok(proof);
        }
    }
    Err(DeskError::Conflict { seen, since: Vec::new() })
}

/// The same of a history that was read; `None` when the case has gone on since.
async fn compose(
    desk: &Desk,
    number: CaseNumber,
    stored: Vec<Stored>,
    redaction: Redaction,
    log: Option<LogEntry>,
) -> Result<Option<Proof>, DeskError> {
    let history = recorded(&stored)?;
    let (case, made_at) = (events::fold(&history)?, desk.now());
    let mut connection = desk.store().reader().await?;
    // The hours of the case's page: what is told there.
    let hours = desk.hours_since(&mut connection, &case.opening.hours, case.opened_at).await?;
    let told = figures(&case, &hours.spans, made_at);
    let last = told.iter().filter_map(|figure: &Figure| figure.due).fold(made_at, Instant::max).plus(DAY_S);
    let mut calendars = Vec::new();
    for hours in all_hours(&history) {
        calendars.push(calendar(&mut connection, hours, case.opened_at, made_at, last).await?);
    }
    let (version, counted) = sla_records::of_case(&mut connection, number).await?;
    let erased = erased_contents(&mut connection, number).await?;
    connection.done();
    if version != i64::from(case.version) {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(stored.len());
    for (stored, recorded) in stored.into_iter().zip(history) {
        entries.push(entry(stored, recorded, redaction, &erased)?);
    }
    Ok(Some(Proof {
        format: FORMAT,
        provider: desk.brand().provider.name.as_str().to_owned(),
        desk: desk.public_url().to_owned(),
        case: number,
        reader: redaction.reader(),
        made_at,
        log,
        told,
        counted,
        calendars,
        history: entries,
    }))
}

/// The service hours that a history names, each once, in their order.
fn all_hours(history: &[Recorded]) -> Vec<ServiceHoursRef> {
    let mut all: Vec<ServiceHoursRef> = Vec::new();
    for entry in history {
        let hours = match &entry.event {
            Event::Opened(opening) => &opening.hours,
            Event::Revision(RevisionEvent::Corrected(correction)) => &correction.resolved.hours,
            _ => continue,
        };
        if !all.contains(hours) {
            all.push(hours.clone());
        }
    }
    all
}

/// A calendar, laid out anew from its rules, from before the opening to after the last due time.
async fn calendar(
    connection: &mut AnyConnection,
    hours: ServiceHoursRef,
    opened_at: Instant,
    made_at: Instant,
    last: Instant,
) -> Result<ProofCalendar, StoreError> {
    let calendar = load(connection, &hours).await?;
    let zone = zone_of(&hours)?;
    let span = Span::new(opened_at.plus(-DAY_S), last.min(made_at.plus(AHEAD_S)));
    Ok(ProofCalendar { spans: lay_out(&calendar, zone, span), zone: zone.view(span), calendar, hours })
}

/// The digests of texts that were erased, by version.
async fn erased_contents(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<HashMap<i64, String>, StoreError> {
    let rows = sqlx::query("SELECT version, content FROM erased_contents WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_all(connection)
        .await?;
    let mut contents: HashMap<i64, String> = HashMap::new();
    for row in &rows {
        contents.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(contents)
}

/// An entry for a reader. The whole text is in it only where nothing of it is withheld.
fn entry(
    stored: Stored,
    recorded: Recorded,
    redaction: Redaction,
    erased: &HashMap<i64, String>,
) -> Result<Entry, StoreError> {
    let Stored { seq, version, at_utc_s, kind, document, salt, digest } = stored;
    let (entry_version, shown) = (recorded.version, redaction.of(recorded));
    let is_erased = salt.is_empty();
    let of_text =
        if is_erased { erased.get(&version).cloned().unwrap_or_default() } else { content(&salt, &document) };
    let is_all = match (&shown, redaction) {
        (None, _) => false,
        (Some(_), Redaction::Nothing) => true,
        // Compared as text: a field that this program does not read is withheld as well.
        (Some(shown), Redaction::OtherCases | Redaction::Internal) => {
            let written = serde_json::to_string(shown);
            written.map_err(|error| StoreError::inconsistent("case_events", error))? == document
        }
    };
    let text = match shown {
        None => EntryText::Withheld { content: of_text },
        Some(shown) if is_erased => EntryText::Erased { content: of_text, recorded: Box::new(shown) },
        Some(_) if is_all => EntryText::Whole { salt, document },
        Some(shown) => EntryText::Reduced { content: of_text, recorded: Box::new(shown) },
    };
    Ok(Entry { seq, version: entry_version, at: Instant(at_utc_s), kind, digest, text })
}
