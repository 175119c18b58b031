//! Verification: a file is held against the desk's key, its history against the chain, and every figure against the rules.

use serde::Deserialize;

use super::chain::{self, FIRST, Link};
use super::figure::{Counted, Figure, figures};
use super::file::{Entry, EntryText, FORMAT, PROOF_BYTES_MAX, Parts, Proof};
use super::key::PublicKey;
use crate::calendar::Spans;
use crate::case::{Audience, Author, Breach, Case, Event, Origin, Recorded, RevisionEvent, ServiceHoursRef};
use crate::sla_plan::SlaMetric;
use crate::text::Note;
use crate::time::Instant;

/// Why nothing of a file can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is no proof, or its first bytes were changed.
    NoProof,
    /// It is larger than any proof.
    TooLarge,
    /// It is not what was signed: bytes were changed, added or taken away.
    Changed,
    /// It is whole, and signed by another key than those of the desk.
    OtherKey {
        /// The key that signed it.
        key: PublicKey,
    },
    /// The desk signed it, in a form that this program is too old for.
    Newer,
}

/// What is wrong with a file that the desk signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The digest of an entry is not that of its text and of the entry before.
    Chain {
        /// The entry's version.
        version: u32,
    },
    /// The text of an entry does not say what the chain has of it.
    Text {
        /// The entry's version.
        version: u32,
    },
    /// An entry is withheld that may change figures.
    Withheld {
        /// The entry's version.
        version: u32,
    },
    /// The entries are no history of a case.
    History,
    /// A calendar that the history names is not in the file.
    Calendar {
        /// The calendar.
        hours: ServiceHoursRef,
    },
    /// A correction of the contract keeps other breaches than there were before it.
    Breaches {
        /// The entry's version.
        version: u32,
    },
    /// The provider's reports count a target otherwise, or not at all.
    Counted {
        /// The SLA target.
        kind: SlaMetric,
        /// Number of its cycle.
        cycle: u32,
    },
}

/// A target as it was told and as it was computed again. At least one of both is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// The figures that the desk told.
    pub told: Option<Figure>,
    /// The figures that the history gives.
    pub computed: Option<Figure>,
}

impl Checked {
    /// Whether both agree to the second.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.told == self.computed
    }
}

/// What the verification of a file came to that the desk signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What the file says.
    pub proof: Proof,
    /// The key that signed it.
    pub key: PublicKey,
    /// The entries of the history that can be read, by their versions; one that is withheld has none.
    pub entries: Vec<(u32, Option<Recorded>)>,
    /// Every target.
    pub clocks: Vec<Checked>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Whether the history is whole and every figure agrees.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.clocks.iter().all(Checked::agrees)
    }
}

/// The form of a proof, read before all else.
#[derive(Deserialize)]
struct Form {
    format: u32,
}

/// Verifies a file. `keys` are the desk's: what another key has signed is not believed, however well it fits together.
///
/// # Errors
/// A [`Flaw`], when nothing of the file can be believed.
pub fn verify(file: &[u8], keys: &[PublicKey]) -> Result<Verdict, Flaw> {
    if !Parts::are_claimed(file) {
        return Err(Flaw::NoProof);
    }
    if file.len() > PROOF_BYTES_MAX {
        return Err(Flaw::TooLarge);
    }
    let parts = Parts::of(file).filter(Parts::are_signed).ok_or(Flaw::Changed)?;
    if !keys.contains(&parts.key) {
        return Err(Flaw::OtherKey { key: parts.key });
    }
    // From here on every byte is the desk's own.
    let form: Form = serde_json::from_str(parts.proof).map_err(|_| Flaw::Newer)?;
    if form.format != FORMAT {
        return Err(Flaw::Newer);
    }
    let proof: Proof = serde_json::from_str(parts.proof).map_err(|_| Flaw::Newer)?;
    let mut findings = Vec::new();
    let entries = walk(&proof, &mut findings)?;
    let clocks = recompute(&proof, &entries, &mut findings);
    Ok(Verdict { proof, key: parts.key, entries, clocks, findings })
}

/// Walks the chain, and reads the entries.
fn walk(proof: &Proof, findings: &mut Vec<Finding>) -> Result<Vec<(u32, Option<Recorded>)>, Flaw> {
    let case = proof.case.as_compact();
    let mut before = FIRST;
    let mut entries = Vec::with_capacity(proof.history.len());
    for entry in &proof.history {
        let Entry { seq, version, at, kind, digest, text } = entry;
        let (content, recorded) = read(text)?;
        let link = Link {
            seq: *seq,
            case: &case,
            version: i64::from(*version),
            at_utc_s: at.0,
            kind,
            content: &content,
        };
        if link.digest(before) != *digest {
            findings.push(Finding::Chain { version: *version });
        }
        before = digest;
        let says_the_same = |recorded: &Recorded| {
            (recorded.version, recorded.at, recorded.event.kind()) == (*version, *at, kind.as_str())
        };
        if recorded.as_ref().is_some_and(|recorded| !says_the_same(recorded)) {
            findings.push(Finding::Text { version: *version });
        }
        if recorded.is_none() && !changes_no_figure(kind) {
            findings.push(Finding::Withheld { version: *version });
        }
        entries.push((*version, recorded));
    }
    Ok(entries)
}

/// Whether no entry of a kind changes a figure: these alone can be withheld. Pages that are kept find fault with any other, so
/// a kind that joins them needs another [`FORMAT`].
fn changes_no_figure(kind: &str) -> bool {
    let groups = ["holding:", "survey:", "link:"];
    matches!(kind, "noted" | "warned" | "verification_unanswered" | "visit:overruled")
        || groups.iter().any(|group| kind.starts_with(group))
}

/// The digest of an entry's text, and the entry as far as it can be read.
fn read(text: &EntryText) -> Result<(String, Option<Recorded>), Flaw> {
    Ok(match text {
        EntryText::Whole { salt, document } => {
            // An event that this program does not know.
            let recorded = serde_json::from_str(document).map_err(|_| Flaw::Newer)?;
            (chain::content(salt, document), Some(recorded))
        }
        EntryText::Reduced { content, recorded } | EntryText::Erased { content, recorded } => {
            (content.clone(), Some(Recorded::clone(recorded)))
        }
        EntryText::Withheld { content } => (content.clone(), None),
    })
}

/// What stands for an entry that is withheld: it changes no figure.
fn stand_in(version: u32, at: Instant) -> Recorded {
    Recorded {
        version,
        at,
        by: Author::System,
        origin: Origin::Scheduler,
        event: Event::Noted { audience: Audience::Internal, text: Note::erased(1) },
    }
}

/// Computes every figure again from the history.
fn recompute(
    proof: &Proof,
    entries: &[(u32, Option<Recorded>)],
    findings: &mut Vec<Finding>,
) -> Vec<Checked> {
    let history: Vec<Recorded> = entries
        .iter()
        .zip(&proof.history)
        .map(|((_, recorded), entry)| recorded.clone().unwrap_or_else(|| stand_in(entry.version, entry.at)))
        .collect();
    let computed = match fold(proof, &history, findings) {
        Some((case, spans)) => {
            let settled: Vec<Counted> =
                case.settled(spans, proof.made_at).into_iter().map(Counted::from).collect();
            findings.extend(counted_otherwise(proof, &settled));
            figures(&case, spans, proof.made_at)
        }
        None => Vec::new(),
    };
    let told =
        proof.told.iter().map(|told| Checked { told: Some(*told), computed: same_of(*told, &computed) });
    let untold = computed.iter().filter(|figure| same_of(**figure, &proof.told).is_none());
    told.chain(untold.map(|figure| Checked { told: None, computed: Some(*figure) })).collect()
}

/// The targets that reports count otherwise than they were settled, or leave out. What time alone breached since the last entry
/// comes into the reports with the next one.
fn counted_otherwise(proof: &Proof, settled: &[Counted]) -> Vec<Finding> {
    let last = proof.history.last().map_or(proof.made_at, |entry| entry.at);
    let is_counted = |one: &Counted| {
        proof.counted.iter().any(|counted| (counted.kind, counted.cycle) == (one.kind, one.cycle))
    };
    let otherwise = proof.counted.iter().filter(|counted| !settled.contains(counted));
    let left_out = settled.iter().filter(|one| one.at <= last && !is_counted(one));
    let found = |Counted { kind, cycle, .. }: &Counted| Finding::Counted { kind: *kind, cycle: *cycle };
    otherwise.chain(left_out).map(found).collect()
}

/// The figures of the same target in the same cycle.
fn same_of(figure: Figure, of: &[Figure]) -> Option<Figure> {
    of.iter().find(|other| other.name() == figure.name()).copied()
}

/// The spans of a calendar that the history names.
fn spans_of<'a>(proof: &'a Proof, hours: &ServiceHoursRef, findings: &mut Vec<Finding>) -> Option<&'a Spans> {
    let found = proof.calendars.iter().find(|calendar| calendar.hours == *hours);
    if found.is_none() {
        findings.push(Finding::Calendar { hours: hours.clone() });
    }
    found.map(|calendar| &calendar.spans)
}

/// Folds the history, and checks the breaches that each correction keeps against those that there were. Gives the case with the
/// spans of its hours.
fn fold<'a>(
    proof: &'a Proof,
    history: &[Recorded],
    findings: &mut Vec<Finding>,
) -> Option<(Case, &'a Spans)> {
    let Some(mut case) = history.first().and_then(|first| Case::open(first).ok()) else {
        findings.push(Finding::History);
        return None;
    };
    if case.opening.number != proof.case {
        findings.push(Finding::History);
    }
    for entry in history.iter().skip(1) {
        if let Event::Revision(RevisionEvent::Corrected(correction)) = &entry.event
            && let Some(spans) = spans_of(proof, &case.opening.hours, findings)
        {
            let were = case.breaches(spans, entry.at);
            // Entries of older versions do not say when a target was due.
            let facts = |(kind, cycle, breach): &(SlaMetric, u32, Breach)| {
                (*kind, *cycle, breach.at, breach.target_s)
            };
            let kept: Vec<_> = correction.broken.iter().map(facts).collect();
            if were.len() != kept.len() || !were.iter().map(facts).all(|one| kept.contains(&one)) {
                findings.push(Finding::Breaches { version: entry.version });
            }
        }
        if case.evolve(entry).is_err() {
            findings.push(Finding::History);
            return None;
        }
    }
    let spans = spans_of(proof, &case.opening.hours, findings)?;
    Some((case, spans))
}
