//! Clashes of bookings, and the reason that overrules them.

use crate::case::{self, History, agent, caracas, eight_to_five};
use domain::actor::PersonId;
use domain::case::visit::{
    Booking, Clash, ClashKind, Conflicts, CustomerStatement, Held, Meeting, Stage, Technician, VisitCommand,
    VisitEvent, Windows, clashes,
};
use domain::case::{Channel, Command, Event};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::priority::Priority;
use domain::site::{Site, SiteId, Travel, Whereabouts};
use domain::text::{Note, PersonName};
use domain::time::{Instant, Span};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const ROSA: PersonId = PersonId(9);

fn number(sequence: u32) -> CaseNumber {
    CaseNumber::new(Country::Ve, 2026, sequence).unwrap()
}

fn place(id: i64, address: &str) -> Whereabouts {
    Whereabouts::from(&Site { id: SiteId(id), name: "Sede".into(), address: address.into() })
}

fn span(from_min: i64, to_min: i64) -> Span {
    Span::new(Instant(from_min * MINUTE), Instant(to_min * MINUTE))
}

/// Rosa is booked from ten to twelve at a site in Caracas.
fn held() -> Booking {
    Booking {
        number: number(1),
        technician: ROSA,
        windows: vec![span(600, 720)],
        held: Held::Agreed,
        place: place(1, "Av. Urdaneta, Caracas"),
    }
}

fn against(window: Span, place: &Whereabouts, travel: &Travel) -> Option<ClashKind> {
    let found = clashes(number(2), ROSA, &[window], place, &[held()], travel);
    assert!(found.len() <= 1);
    found.first().map(|clash| clash.kind)
}

#[test]
fn overlapping_windows_clash() {
    let (here, travel) = (place(1, "Av. Urdaneta, Caracas"), Travel::default());
    for overlapping in [span(540, 601), span(719, 800), span(620, 640), span(500, 900), span(600, 720)] {
        assert_eq!(against(overlapping, &here, &travel), Some(ClashKind::Overlap), "{overlapping:?}");
    }
    for apart in [span(480, 600), span(720, 840)] {
        assert_eq!(against(apart, &here, &travel), None, "at the same site nobody travels: {apart:?}");
    }
}

#[test]
fn windows_clash_when_the_gap_is_shorter_than_the_travel() {
    let tight = |gap_min, travel_min| Some(ClashKind::TooTight { gap_min, travel_min });
    let mut travel = Travel::default();
    let across_town = place(2, "La Urbina, caracas");
    assert_eq!(against(span(749, 840), &across_town, &travel), tight(29, 30));
    assert_eq!(against(span(750, 840), &across_town, &travel), None, "to the minute");
    assert_eq!(against(span(480, 571), &across_town, &travel), tight(29, 30), "before it as well");
    let far = place(3, "Av. Libertador, Maracaibo");
    assert_eq!(against(span(750, 840), &far, &travel), tight(30, 180));
    assert_eq!(
        against(span(750, 840), &Whereabouts::default(), &travel),
        tight(30, 180),
        "nobody knows where"
    );
    travel.pairs.push((SiteId(1), SiteId(2), 95));
    assert_eq!(against(span(750, 840), &across_town, &travel), tight(30, 95), "as their pair says");
}

#[test]
fn bookings_of_other_technicians_and_of_the_case_itself_never_clash() {
    let (here, travel) = (place(1, "Av. Urdaneta, Caracas"), Travel::default());
    let of = |case, technician| clashes(case, technician, &[span(600, 720)], &here, &[held()], &travel);
    assert!(of(number(1), ROSA).is_empty(), "moved within its own window");
    assert!(of(number(2), PersonId(10)).is_empty(), "another technician");
    let mut offered = Booking { held: Held::Offered, ..held() };
    offered.windows.push(span(900, 960));
    let found = clashes(number(2), ROSA, &[span(930, 990)], &here, &[offered], &travel);
    let told = found.iter().map(|clash| (clash.held, clash.window)).collect::<Vec<_>>();
    assert_eq!(told, [(Held::Offered, span(900, 960))], "the window that its customer may still take");
}

#[test]
fn override_reason_is_recorded_before_the_booking() {
    let (spans, opened) = eight_to_five();
    let mut history = History::opened(opened, Priority::P2);
    history.at(0, case::contact());
    let technician = Technician { id: ROSA, name: "Rosa Marín".into() };
    let window = Span::new(opened.plus(26 * HOUR), opened.plus(28 * HOUR));
    let windows = Windows::new(vec![window]).unwrap();
    let offer = VisitCommand::Offer { windows, technician: technician.clone(), note: None };
    let case = history.case();
    assert_eq!(offer.books(&case), Some((ROSA, vec![window])));
    let clash = Clash { number: number(1), window, held: Held::Agreed, kind: ClashKind::Overlap };
    let reason = Note::parse("Queda en el mismo edificio").unwrap();
    let despite = |command, clashes: &[Clash]| Command::VisitDespite {
        command,
        reason: reason.clone(),
        conflicts: Conflicts { clashes: clashes.to_vec(), absences: Vec::new() },
    };
    history.ask(600, despite(offer, &[clash]), &agent(), &caracas(&spans)).unwrap();
    let told: Vec<&Event> = history.entries().iter().rev().take(2).map(|entry| &entry.event).collect();
    let Event::Visit { visit, what: VisitEvent::Overruled { clashes, reason: kept, .. } } = told[1] else {
        panic!("{told:?}");
    };
    assert_eq!((clashes.as_slice(), kept), ([clash].as_slice(), &reason));
    assert!(matches!(told[0], Event::Visit { visit: of, what: VisitEvent::Offered { .. } } if of == visit));
    assert_eq!(history.case().visits().latest().unwrap().holds(), Some((Held::Offered, vec![window])));

    // Without a clash nothing is overruled or recorded.
    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    let agree = VisitCommand::Agree { meeting: Meeting { window, technician }, word };
    history.ask(700, despite(agree, &[]), &agent(), &caracas(&spans)).unwrap();
    let overruled = |event: &Event| matches!(event, Event::Visit { what: VisitEvent::Overruled { .. }, .. });
    assert_eq!(history.entries().iter().filter(|entry| overruled(&entry.event)).count(), 1);
    let case = history.case();
    assert!(matches!(case.visits().latest().unwrap().stage, Stage::Agreed(_)));
    let other = Technician { id: PersonId(10), name: "Pedro Gil".into() };
    let reassign = VisitCommand::Reassign { technician: other, note: None };
    assert_eq!(reassign.books(&case), Some((PersonId(10), vec![window])), "at the agreed time");
    assert_eq!(VisitCommand::Arrive.books(&case), None);
    // A command from the wire has no clashes: the desk looks them up.
    let json = serde_json::to_value(despite(VisitCommand::Arrive, &[clash])).unwrap();
    let read: Command = serde_json::from_value(json).unwrap();
    assert_eq!(read, despite(VisitCommand::Arrive, &[]));
}
