//! Proofs of cases: an honest file is good for any history, and a byte that is changed anywhere is found.

use domain::calendar::Calendar;
use domain::calendar::week::{CalendarId, WeekHours};
use domain::case::visit::VisitEvent;
use domain::case::{Audience, Author, Event, Recorded, ServiceHoursRef};
use domain::priority::Priority;
use domain::proof::chain::{self, FIRST, Link};
use domain::proof::{
    Entry, EntryText, FORMAT, Finding, Flaw, Proof, ProofCalendar, ProofKey, ProofReader, Verdict, figures,
    verify,
};
use domain::time::Instant;
use domain_testing::some_step;
use proptest::prelude::*;

use crate::case::{ClosedAt, History, agent, contact, note};
use crate::case_invariants::{Calendars, Cases};

const HOUR: i64 = 3600;

fn key() -> ProofKey {
    ProofKey::of_seed(&[7; 32])
}

fn hours(id: i64) -> ServiceHoursRef {
    ServiceHoursRef { calendar: CalendarId(id), version: 1, zone: "America/Caracas".into() }
}

fn calendar(calendars: &Calendars, id: i64) -> ProofCalendar {
    let of = calendars.of(&hours(id)).unwrap();
    let rules = Calendar::new(CalendarId(id), 1, "Oficina", WeekHours::always(), None, Vec::new()).unwrap();
    ProofCalendar { hours: hours(id), calendar: rules, zone: of.zone.clone(), spans: of.spans.clone() }
}

/// What a customer may read of an entry, as the desk decides it: nothing, a part, or all.
fn for_customer(recorded: &Recorded) -> Option<Recorded> {
    match &recorded.event {
        Event::Noted { audience: Audience::Internal, .. }
        | Event::Warned { .. }
        | Event::Assignment(_)
        | Event::Survey(_)
        | Event::Link(_)
        | Event::Visit { what: VisitEvent::Overruled { .. }, .. }
        | Event::VerificationUnanswered => None,
        Event::Contacted { channel, length_s, .. } => {
            let event = Event::Contacted { channel: *channel, note: None, length_s: *length_s };
            Some(Recorded { event, ..recorded.clone() })
        }
        _ => Some(Recorded { by: Author::System, ..recorded.clone() }),
    }
}

fn text(reader: ProofReader, recorded: &Recorded, salt: &str) -> EntryText {
    let document = serde_json::to_string(recorded).unwrap();
    let content = chain::content(salt, &document);
    let shown = match reader {
        ProofReader::Provider => Some(recorded.clone()),
        ProofReader::Customer => for_customer(recorded),
    };
    match shown {
        None => EntryText::Withheld { content },
        Some(shown) if shown == *recorded => EntryText::Whole { salt: salt.to_owned(), document },
        Some(shown) => EntryText::Reduced { content, recorded: Box::new(shown) },
    }
}

fn proof(history: &History, calendars: &Calendars, reader: ProofReader, made_at: Instant) -> Proof {
    let case = history.case();
    let number = case.opening.number.as_compact();
    let mut before = FIRST.to_owned();
    let mut entries = Vec::new();
    for (seq, recorded) in (100..).zip(history.entries()) {
        let salt = format!("salt {seq}");
        let content = chain::content(&salt, &serde_json::to_string(recorded).unwrap());
        let kind = recorded.event.kind();
        let version = i64::from(recorded.version);
        let link = Link { seq, case: &number, version, at_utc_s: recorded.at.0, kind, content: &content };
        before = link.digest(&before);
        entries.push(Entry {
            seq,
            version: recorded.version,
            at: recorded.at,
            kind: kind.to_owned(),
            digest: before.clone(),
            text: text(reader, recorded, &salt),
        });
    }
    let spans = &calendars.of(&case.opening.hours).unwrap().spans;
    Proof {
        format: FORMAT,
        provider: "Vigía".into(),
        desk: "https://vigia.example".into(),
        case: case.opening.number,
        reader,
        made_at,
        log: None,
        told: figures(&case, spans, made_at),
        counted: case.settled(spans, made_at).into_iter().map(Into::into).collect(),
        calendars: vec![calendar(calendars, 1), calendar(calendars, 2)],
        history: entries,
    }
}

fn verified(proof: &Proof) -> Result<Verdict, Flaw> {
    verify(proof.signed(&key()).unwrap().as_bytes(), &[key().public()])
}

/// A case with an internal note and a contact, two hours old.
fn small(reader: ProofReader) -> Proof {
    let mut history = History::opened(ClosedAt::MONDAY, Priority::P2);
    let secret = Event::Noted { audience: Audience::Internal, text: note("El cliente no paga") };
    history.by(ClosedAt::MONDAY.plus(60), &agent(), secret);
    history.at(600, contact());
    proof(&history, &Calendars::new(), reader, ClosedAt::MONDAY.plus(2 * HOUR))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// For both readers: the file of any history is whole, and each figure agrees.
    #[test]
    fn honest_file_of_any_history_is_good(steps in prop::collection::vec(some_step(), 1..60), look in 0..900_000_i64) {
        let calendars = Calendars::new();
        let desk = Cases::after(&calendars, &steps);
        for history in &desk.cases {
            let made_at = history.entries().last().unwrap().at.plus(look);
            for reader in ProofReader::ALL {
                let verdict = verified(&proof(history, &calendars, reader, made_at)).unwrap();
                prop_assert!(verdict.is_good(), "{:?} {:?}", verdict.findings, verdict.clocks);
                prop_assert!(!verdict.clocks.is_empty());
            }
        }
    }

    /// A byte of any value at any place, more than one byte, a cut, or something added.
    #[test]
    fn tampered_file_of_any_history_is_found(
        steps in prop::collection::vec(some_step(), 1..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
        cut in any::<prop::sample::Index>(),
        added in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let calendars = Calendars::new();
        let desk = Cases::after(&calendars, &steps);
        let history = &desk.cases[0];
        let made_at = history.entries().last().unwrap().at;
        let file = proof(history, &calendars, ProofReader::Customer, made_at).signed(&key()).unwrap().into_bytes();
        let mut changed = file.clone();
        for (place, by) in &changes {
            changed[place.index(file.len())] ^= by;
        }
        // Two changes of one byte may cancel each other.
        prop_assume!(changed != file);
        prop_assert!(verify(&changed, &[key().public()]).is_err());
        prop_assert!(verify(&file[..cut.index(file.len())], &[key().public()]).is_err());
        prop_assert!(verify(&[&file[..], &added[..]].concat(), &[key().public()]).is_err());
    }
}

#[test]
fn every_single_byte_of_a_file_counts() {
    let file = small(ProofReader::Customer).signed(&key()).unwrap().into_bytes();
    assert!(verify(&file, &[key().public()]).is_ok());
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 1;
        assert!(verify(&changed, &[key().public()]).is_err(), "byte {place}");
        changed[place] = b' ';
        assert!(changed == file || verify(&changed, &[key().public()]).is_err(), "byte {place}");
    }
}

#[test]
fn file_of_another_desk_is_named_by_its_key() {
    let other = ProofKey::of_seed(&[8; 32]);
    let file = small(ProofReader::Provider).signed(&other).unwrap();
    let flaw = verify(file.as_bytes(), &[key().public()]);
    assert_eq!(flaw, Err(Flaw::OtherKey { key: other.public() }));
    assert!(verify(file.as_bytes(), &[key().public(), other.public()]).is_ok());
    assert_eq!(verify(b"{}", &[key().public()]), Err(Flaw::NoProof));
}

#[test]
fn file_of_a_newer_form_says_so() {
    let proof = Proof { format: FORMAT + 1, ..small(ProofReader::Provider) };
    assert_eq!(verified(&proof), Err(Flaw::Newer));
}

#[test]
fn customers_file_has_no_internal_word_and_its_chain_is_whole() {
    let (customer, provider) = (small(ProofReader::Customer), small(ProofReader::Provider));
    let written = |proof: &Proof| proof.signed(&key()).unwrap();
    assert!(written(&provider).contains("no paga") && !written(&customer).contains("no paga"));
    assert!(verified(&customer).unwrap().is_good());
    let ends = [&customer, &provider].map(|proof| proof.history.last().unwrap().digest.clone());
    assert_eq!(ends[0], ends[1], "both tell of one history");
}

/// A desk cannot hide what changes figures behind a digest of its chain.
#[test]
fn withheld_entry_of_a_kind_that_changes_figures_is_found() {
    let mut hidden = small(ProofReader::Provider);
    let contact = hidden.history.last_mut().unwrap();
    let EntryText::Whole { salt, document } = &contact.text else { panic!("{contact:?}") };
    let content = chain::content(salt, document);
    contact.text = EntryText::Withheld { content };
    let version = contact.version;
    let verdict = verified(&hidden).unwrap();
    assert!(verdict.findings.contains(&Finding::Withheld { version }), "{:?}", verdict.findings);
    assert!(!verdict.findings.contains(&Finding::Chain { version }));
}

/// What the desk signs although it is wrong is found as well.
#[test]
fn wrong_figures_entries_and_order_are_found_though_they_are_signed() {
    let findings = |proof: &Proof| verified(proof).unwrap().findings;
    let mut told = small(ProofReader::Provider);
    told.told[0].used_s -= 1;
    let verdict = verified(&told).unwrap();
    assert!(!verdict.is_good() && !verdict.clocks[0].agrees() && verdict.findings.is_empty());

    let mut untold = small(ProofReader::Provider);
    untold.told.clear();
    assert!(!verified(&untold).unwrap().is_good());

    let mut moved = small(ProofReader::Provider);
    moved.history[1].at = moved.history[1].at.plus(1);
    let both = [Finding::Chain { version: 2 }, Finding::Text { version: 2 }];
    assert_eq!(findings(&moved), both);

    let mut short = small(ProofReader::Customer);
    short.history.remove(1);
    assert!(findings(&short).contains(&Finding::Chain { version: 3 }));
    assert!(findings(&short).contains(&Finding::History));

    let mut counted = small(ProofReader::Provider);
    counted.counted[0].target_s += 60;
    let of = counted.counted[0];
    assert_eq!(findings(&counted), [Finding::Counted { kind: of.kind, cycle: of.cycle }]);

    let mut uncounted = small(ProofReader::Provider);
    uncounted.counted.clear();
    assert!(findings(&uncounted).contains(&Finding::Counted { kind: of.kind, cycle: of.cycle }));

    let mut lost = small(ProofReader::Provider);
    lost.calendars.clear();
    assert!(findings(&lost).contains(&Finding::Calendar { hours: hours(1) }));
}
