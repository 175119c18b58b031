//! Verification: every row of the log and of the histories is held against the chains, beside a desk that goes on writing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::audit::{AuditEvent, AuditRecord};
use domain::i18n::Language;
use domain::t;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::chain::{self, FIRST, Key, Link, List, Row};
use super::log::SERIES;
use super::seal::COVERED;
use crate::store::{Snapshot, StoreError, list, newest_schema};

/// Rows that are read together.
const PORTION: i64 = 500;
/// Entries under seals that are read together: as many as a seal covers at most.
const SEALED: i64 = 5_000;
/// The most findings that are told.
const TOLD: usize = 100;
/// A network is emptied after so many seconds: 90 days.
pub(crate) const NETWORK_S: i64 = 90 * 86_400;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It was changed after it was written.
    Changed,
    /// It was taken out.
    Missing,
    /// The desk did not write it.
    Added,
    /// What a seal covers is not what was sealed.
    Seal,
    /// No entry of the log has the digest that was kept elsewhere.
    Head,
}

impl Fault {
    /// The key of its words.
    const fn key(self) -> &'static str {
        match self {
            Self::Changed => "audit.finding.changed",
            Self::Missing => "audit.finding.missing",
            Self::Added => "audit.finding.added",
            Self::Seal => "audit.finding.seal",
            Self::Head => "audit.finding.head",
        }
    }
}

/// A row that is not what the desk wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its table.
    pub table: &'static str,
    /// Its key; of missing rows the range of keys.
    pub id: String,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Finding {
    /// The finding on one line.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let what = t!(language, self.fault.key());
        t!(language, "audit.cli.finding", table = self.table, id = self.id, what = what)
    }
}

/// What a verification came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Entries of the audit log.
    pub entries: u64,
    /// Entries of histories.
    pub events: u64,
    /// The last number that a seal covers; 0 before the first.
    pub sealed_to: i64,
    /// Cases of an older version that have no chain yet.
    pub pending: u64,
    /// Number and digest of the last entry of the log.
    pub head: Option<(i64, String)>,
    /// The entry with the digest that was kept elsewhere.
    pub anchored: Option<i64>,
    /// What is wrong, at most a hundred.
    pub findings: Vec<Finding>,
    /// Findings beyond these.
    pub more: u64,
}

impl Verified {
    fn find(&mut self, table: &'static str, id: String, fault: Fault) {
        if self.findings.len() < TOLD {
            self.findings.push(Finding { table, id, fault });
        } else {
            self.more += 1;
        }
    }

    /// Whether every row is what the desk wrote.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Holds the database at `address` against its chains, as it is at this moment. `head` is the digest of an entry that was
/// kept elsewhere. With it, nothing before that entry can have been written anew, not even with the key.
///
/// # Errors
/// When the database cannot be read, or its schema is of another version.
pub async fn verify(address: &str, head: Option<&str>) -> Result<Verified, StoreError> {
    let mut snapshot = Snapshot::begin(address).await?;
    if snapshot.schema() != newest_schema() {
        return Err(StoreError::inconsistent("_sqlx_migrations", "the schema is of another version"));
    }
    let now = snapshot.clock().await?.0;
    let mut verified = Verified::default();
    let promises = walk_log(snapshot.connection(), now, head, &mut verified).await?;
    hold_seals(snapshot.connection(), &promises, &mut verified).await?;
    hold_removals(snapshot.connection(), &promises, &mut verified).await?;
    walk_histories(snapshot.connection(), &promises, &mut verified).await?;
    snapshot.end().await?;
    Ok(verified)
}

/// What entries of the log say of histories.
#[derive(Debug, Default)]
struct Promises {
    seals: Vec<Seal>,
    /// Digests of what is left of cases that were taken out, by entry.
    removals: BTreeMap<i64, String>,
    /// Entries that were rewritten and their digest, by case.
    erasures: HashMap<String, (i64, String)>,
}

#[derive(Debug)]
struct Seal {
    id: i64,
    after: i64,
    last: i64,
    digest: String,
}

async fn walk_log(
    connection: &mut AnyConnection,
    now: i64,
    head: Option<&str>,
    verified: &mut Verified,
) -> Result<Promises, StoreError> {
    let mut promises = Promises::default();
    let row = sqlx::query(
        "SELECT (SELECT value FROM secrets WHERE name = 'audit'), (SELECT value FROM sequences WHERE name = $1)",
    )
    .bind(SERIES)
    .fetch_one(&mut *connection)
    .await?;
    let (key, given): (Option<String>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let key = key.ok_or_else(|| StoreError::inconsistent("secrets", "there is no key of the audit log"))?;
    let key = Key::of(&key)?;
    let given = given.unwrap_or(0);
    let mut last = 0;
    // Digests that the next row may go on from; none behind a gap.
    let mut before = vec![FIRST.to_owned()];
    let mut after = i64::MIN;
    loop {
        let rows = sqlx::query(
            "SELECT id, at_utc_s, kind, country, words, network, network_salt, network_digest, document, digest
             FROM audit_log WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(after)
        .bind(PORTION)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let entry = Entry::read(row)?;
            let id = entry.row.id;
            after = id;
            verified.entries += 1;
            if id < 1 || id > given {
                verified.find("audit_log", id.to_string(), Fault::Added);
            } else if id > last + 1 {
                verified.find("audit_log", range(last + 1, id - 1), Fault::Missing);
                before.clear();
            }
            last = last.max(id);
            let computed: Vec<String> = before.iter().map(|before| entry.row.digest(&key, before)).collect();
            let is_right = computed.is_empty() || computed.contains(&entry.digest);
            let is_right = is_right && entry.has_its_network(now) && promises.take(&entry);
            if !is_right {
                verified.find("audit_log", id.to_string(), Fault::Changed);
            }
            if head == Some(entry.digest.as_str()) {
                verified.anchored = Some(id);
            }
            verified.head = Some((id, entry.digest.clone()));
            before = next(computed, entry.digest);
        }
    }
    if last < given {
        verified.find("audit_log", range(last + 1, given), Fault::Missing);
    }
    if let Some(head) = head
        && verified.anchored.is_none()
    {
        verified.find("audit_log", head.to_owned(), Fault::Head);
    }
    Ok(promises)
}

/// A row of the log, as it stands.
struct Entry {
    row: Row,
    network: String,
    network_salt: String,
    digest: String,
}

impl Entry {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            row: Row {
                id: row.try_get(0)?,
                at_utc_s: row.try_get(1)?,
                kind: row.try_get(2)?,
                country: row.try_get(3)?,
                words: row.try_get(4)?,
                network_digest: row.try_get(7)?,
                document: row.try_get(8)?,
            },
            network: row.try_get(5)?,
            network_salt: row.try_get(6)?,
            digest: row.try_get(9)?,
        })
    }

    /// Whether the network is the one that was written, or was emptied when its time was over.
    fn has_its_network(&self, now: i64) -> bool {
        match (self.network.is_empty(), self.network_salt.is_empty()) {
            (true, true) => {
                // A day of grace: clocks differ.
                let is_over = self.row.at_utc_s <= now - NETWORK_S + 86_400;
                self.row.network_digest.is_empty() || is_over
            }
            (false, false) => chain::network(&self.network_salt, &self.network) == self.row.network_digest,
            _ => false,
        }
    }
}

impl Promises {
    /// Takes what a row says; `false` when it cannot be read. Behind a gap no digest shows that the desk wrote it.
    fn take(&mut self, entry: &Entry) -> bool {
        let Ok(record) = serde_json::from_str::<AuditRecord>(&entry.row.document) else { return false };
        let id = entry.row.id;
        match record.event {
            AuditEvent::Sealed { after, last, digest, .. } => {
                self.seals.push(Seal { id, after, last, digest });
            }
            AuditEvent::CasesRemoved { digest, .. } => {
                self.removals.insert(id, digest);
            }
            AuditEvent::CaseErased { case, entries, digest, .. } => {
                self.erasures.insert(case.as_compact(), (i64::from(entries), digest));
            }
            _ => {}
        }
        true
    }
}

/// Holds what seals cover against what was sealed. Seals that go on from each other are read in one walk.
async fn hold_seals(
    connection: &mut AnyConnection,
    promises: &Promises,
    verified: &mut Verified,
) -> Result<(), StoreError> {
    for Seal { id, after, last, .. } in &promises.seals {
        if *after != verified.sealed_to {
            verified.find("audit_log", id.to_string(), Fault::Seal);
        }
        verified.sealed_to = *last;
    }
    let is_range = |seal: &Seal| seal.after <= seal.last;
    let go_on = |one: &Seal, next: &Seal| is_range(one) && is_range(next) && one.last == next.after;
    for run in promises.seals.chunk_by(go_on) {
        hold_run(connection, run, verified).await?;
    }
    Ok(())
}

/// The same of seals that go on from each other.
async fn hold_run(
    connection: &mut AnyConnection,
    run: &[Seal],
    verified: &mut Verified,
) -> Result<(), StoreError> {
    let mut held = |seal: &Seal, list: &List| {
        if list.digest() != seal.digest {
            verified.find("case_events", range(seal.after + 1, seal.last), Fault::Seal);
        }
    };
    let mut seals = run.iter();
    let (Some(mut seal), Some(end)) = (seals.next(), run.last()) else { return Ok(()) };
    let (mut after, mut list) = (seal.after, List::new());
    loop {
        let rows =
            sqlx::query(COVERED).bind(after).bind(end.last).bind(SEALED).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            after = row.try_get(0)?;
            while after > seal.last {
                held(seal, &list);
                list = List::new();
                // The walk ends with the last seal.
                let Some(next) = seals.next() else { return Ok(()) };
                seal = next;
            }
            list.entry(after, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        }
    }
    held(seal, &list);
    for seal in seals {
        held(seal, &List::new());
    }
    Ok(())
}

/// Holds what is left of cases that were taken out against the entries that say so.
async fn hold_removals(
    connection: &mut AnyConnection,
    promises: &Promises,
    verified: &mut Verified,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT DISTINCT removal FROM removed_events").fetch_all(&mut *connection).await?;
    let told = rows.iter().map(|row| row.try_get(0)).collect::<Result<BTreeSet<i64>, _>>()?;
    let all: BTreeSet<i64> = promises.removals.keys().copied().chain(told).collect();
    for removal in all {
        let rows = sqlx::query(
            "SELECT seq, of_case, version, digest FROM removed_events WHERE removal = $1 ORDER BY seq",
        )
        .bind(removal)
        .fetch_all(&mut *connection)
        .await?;
        let mut list = List::new();
        for row in &rows {
            list.entry(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        }
        match promises.removals.get(&removal) {
            None => verified.find("removed_events", removal.to_string(), Fault::Added),
            Some(digest) if list.digest() != *digest => {
                verified.find("removed_events", removal.to_string(), Fault::Changed);
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// An entry of a history, as it stands.
struct Event {
    seq: i64,
    case: String,
    version: i64,
    at_utc_s: i64,
    kind: String,
    document: String,
    salt: String,
    digest: String,
}

impl Event {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.try_get(0)?,
            case: row.try_get(1)?,
            version: row.try_get(2)?,
            at_utc_s: row.try_get(3)?,
            kind: row.try_get(4)?,
            document: row.try_get(5)?,
            salt: row.try_get(6)?,
            digest: row.try_get(7)?,
        })
    }

    fn name(&self) -> String {
        format!("{} ({} {})", self.seq, self.case, self.version)
    }
}

/// A history that is being walked.
struct Walk {
    case: String,
    last: i64,
    before: Vec<String>,
    /// Whether it has no chain yet.
    is_pending: bool,
    erasure: Option<Erasure>,
}

/// The erasure of a history.
struct Erasure {
    entries: i64,
    digest: String,
    contents: HashMap<i64, String>,
    texts: List,
}

impl Walk {
    fn begin(
        case: String,
        promises: &Promises,
        pending: &HashSet<String>,
        contents: &mut HashMap<String, HashMap<i64, String>>,
    ) -> Self {
        let erasure = promises.erasures.get(&case).map(|(entries, digest)| Erasure {
            entries: *entries,
            digest: digest.clone(),
            contents: contents.remove(&case).unwrap_or_default(),
            texts: List::new(),
        });
        let is_pending = pending.contains(&case);
        Self { case, last: 0, before: vec![FIRST.to_owned()], is_pending, erasure }
    }

    /// The next entry.
    fn step(&mut self, event: &Event, verified: &mut Verified) {
        verified.events += 1;
        if event.version > self.last + 1 {
            verified.find(
                "case_events",
                versions(&self.case, self.last + 1, event.version - 1),
                Fault::Missing,
            );
            self.before.clear();
        }
        self.last = event.version;
        if let Some(erasure) = &mut self.erasure
            && event.version <= erasure.entries
        {
            erasure.texts.text(&event.document);
        }
        if self.is_pending {
            return;
        }
        let content = match &self.erasure {
            Some(erasure) if event.salt.is_empty() => erasure.contents.get(&event.version).cloned(),
            _ => (!event.salt.is_empty()).then(|| chain::content(&event.salt, &event.document)),
        };
        let Event { seq, case, version, at_utc_s, kind, .. } = event;
        let link = |content: &str, before: &str| {
            let of = Link { seq: *seq, case, version: *version, at_utc_s: *at_utc_s, kind, content };
            of.digest(before)
        };
        let computed: Vec<String> = content
            .iter()
            .flat_map(|content| self.before.iter().map(move |before| (content, before)))
            .map(|(content, before)| link(content, before))
            .collect();
        let fault = if event.digest.is_empty() {
            Some(Fault::Added)
        } else if content.is_none() || !(self.before.is_empty() || computed.contains(&event.digest)) {
            Some(Fault::Changed)
        } else {
            None
        };
        if let Some(fault) = fault {
            verified.find("case_events", event.name(), fault);
        }
        self.before = next(computed, event.digest.clone());
    }

    /// The end of the history; `version` is the last by the row of the case.
    fn end(&self, version: Option<i64>, verified: &mut Verified) {
        if let Some(Erasure { digest, texts, .. }) = &self.erasure
            && texts.digest() != *digest
        {
            verified.find("case_events", versions(&self.case, 1, self.last), Fault::Changed);
        }
        match version {
            Some(version) if version > self.last => {
                let id = versions(&self.case, self.last + 1, version);
                verified.find("case_events", id, Fault::Missing);
            }
            Some(version) if version < self.last => {
                let id = versions(&self.case, version + 1, self.last);
                verified.find("case_events", id, Fault::Added);
            }
            None => verified.find("case_events", versions(&self.case, 1, self.last), Fault::Added),
            Some(_) => {}
        }
    }
}

async fn walk_histories(
    connection: &mut AnyConnection,
    promises: &Promises,
    verified: &mut Verified,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT case_number FROM chains_to_bring_in").fetch_all(&mut *connection).await?;
    let mut pending = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<String>, _>>()?;
    if verified.sealed_to > 0 {
        // Nothing is sealed before every history has its chain.
        for case in pending.drain() {
            verified.find("chains_to_bring_in", case, Fault::Added);
        }
    }
    verified.pending = u64::try_from(pending.len()).unwrap_or(u64::MAX);
    let rows = sqlx::query("SELECT number, version FROM cases").fetch_all(&mut *connection).await?;
    let mut cases: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        cases.insert(row.try_get(0)?, row.try_get(1)?);
    }
    let mut walk: Option<Walk> = None;
    let mut after = (String::new(), i64::MIN);
    loop {
        let rows = sqlx::query(
            "SELECT seq, case_number, version, at_utc_s, kind, document, salt, digest FROM case_events
             WHERE (case_number, version) > ($1, $2) ORDER BY case_number, version LIMIT $3",
        )
        .bind(after.0.clone())
        .bind(after.1)
        .bind(PORTION)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            break;
        }
        let events = rows.iter().map(Event::read).collect::<Result<Vec<_>, _>>()?;
        let mut contents = erased_contents(connection, &events, promises).await?;
        for event in events {
            after = (event.case.clone(), event.version);
            let mut at = match walk.take() {
                Some(at) if at.case == event.case => at,
                ended => {
                    if let Some(ended) = ended {
                        let version = cases.remove(&ended.case);
                        ended.end(version, verified);
                    }
                    Walk::begin(event.case.clone(), promises, &pending, &mut contents)
                }
            };
            at.step(&event, verified);
            walk = Some(at);
        }
    }
    if let Some(ended) = walk {
        let version = cases.remove(&ended.case);
        ended.end(version, verified);
    }
    for (case, version) in cases {
        verified.find("case_events", versions(&case, 1, version), Fault::Missing);
    }
    Ok(())
}

/// What is left of the entries of erased cases among some entries, by case and version.
async fn erased_contents(
    connection: &mut AnyConnection,
    events: &[Event],
    promises: &Promises,
) -> Result<HashMap<String, HashMap<i64, String>>, StoreError> {
    let erased = events.iter().map(|event| &event.case).filter(|case| promises.erasures.contains_key(*case));
    let erased: BTreeSet<&String> = erased.collect();
    let mut contents: HashMap<String, HashMap<i64, String>> = HashMap::new();
    if erased.is_empty() {
        return Ok(contents);
    }
    let text = format!(
        "SELECT case_number, version, content FROM erased_contents WHERE case_number IN ({})",
        list(0, erased.len())
    );
    let query = sqlx::query(AssertSqlSafe(text));
    let rows =
        erased.into_iter().fold(query, |query, case| query.bind(case.clone())).fetch_all(connection).await?;
    for row in &rows {
        let case: String = row.try_get(0)?;
        contents.entry(case).or_default().insert(row.try_get(1)?, row.try_get(2)?);
    }
    Ok(contents)
}

/// The digests that the next row may go on from. Behind a wrong row these are the stored one and those that it should have.
/// So a wrong row is told, and the one behind it is not.
fn next(mut computed: Vec<String>, stored: String) -> Vec<String> {
    if computed.contains(&stored) {
        return vec![stored];
    }
    computed.truncate(3);
    computed.push(stored);
    computed
}

/// A range of numbers, or one.
fn range(first: i64, last: i64) -> String {
    if first == last { first.to_string() } else { format!("{first}..{last}") }
}

/// Entries of a history by their versions.
fn versions(case: &str, first: i64, last: i64) -> String {
    format!("{case} {}", range(first, last))
}
