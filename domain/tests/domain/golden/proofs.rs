//! The proof of a case.

use domain::case::{Audience, Author, ClockState, Event, Origin, Recorded, SlaCompliance};
use domain::proof::{Counted, Entry, EntryText, FORMAT, Figure, LogEntry, Proof, ProofCalendar, ProofReader};
use domain::sla_plan::SlaMetric;

use super::calendars::calendar;
use super::samples::{at, hours, hours_kept, note, number};
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    vec![
        golden!("proof_reader", ProofReader in ALL),
        golden!("proof_figure", Figure, [figure(), running()]),
        golden!("proof_counted", Counted, [counted()]),
        golden!("proof_log", LogEntry, [log()]),
        golden!("proof_calendar", ProofCalendar, [proof_calendar()]),
        golden!("proof_text", EntryText { Whole, Reduced, Withheld, Erased }, texts()),
        golden!("proof_entry", Entry, [entry()]),
        golden!("proof", Proof, [proof()]),
    ]
}

fn figure() -> Figure {
    Figure {
        kind: SlaMetric::FirstResponse,
        cycle: 1,
        target_s: 1_800,
        used_s: 2_400,
        state: ClockState::Breached,
        due: None,
        breached_at: Some(at(31)),
    }
}

fn running() -> Figure {
    Figure {
        kind: SlaMetric::Resolution,
        cycle: 2,
        target_s: 28_800,
        used_s: 600,
        state: ClockState::Running,
        due: Some(at(470)),
        breached_at: None,
    }
}

fn counted() -> Counted {
    Counted {
        kind: SlaMetric::FirstResponse,
        cycle: 1,
        outcome: SlaCompliance::Breached,
        at: at(31),
        target_s: 1_800,
        used_s: Some(2_400),
    }
}

fn log() -> LogEntry {
    LogEntry { id: 7, digest: "00ff".into() }
}

fn proof_calendar() -> ProofCalendar {
    let hours = hours();
    ProofCalendar { hours: hours_kept(), calendar: calendar(None), zone: hours.zone, spans: hours.spans }
}

fn recorded() -> Box<Recorded> {
    let event = Event::Noted { audience: Audience::Public, text: note("Vamos en camino") };
    Box::new(Recorded { version: 2, at: at(5), by: Author::System, origin: Origin::Workspace, event })
}

fn texts() -> Vec<EntryText> {
    let content = || "0a0b".to_owned();
    vec![
        EntryText::Whole { salt: "5a17".into(), document: "{}".into() },
        EntryText::Reduced { content: content(), recorded: recorded() },
        EntryText::Withheld { content: content() },
        EntryText::Erased { content: content(), recorded: recorded() },
    ]
}

fn entry() -> Entry {
    let text = EntryText::Withheld { content: "0a0b".into() };
    Entry { seq: 40, version: 2, at: at(5), kind: "noted".into(), digest: "0c0d".into(), text }
}

fn proof() -> Proof {
    Proof {
        format: FORMAT,
        provider: "Vigía".into(),
        desk: "https://vigia.example".into(),
        case: number(),
        reader: ProofReader::Customer,
        made_at: at(60),
        log: Some(log()),
        told: vec![figure()],
        counted: vec![counted()],
        calendars: vec![proof_calendar()],
        history: vec![entry()],
    }
}
