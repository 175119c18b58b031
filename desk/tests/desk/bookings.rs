//! Clashes of technicians' bookings, on every engine.

use desk::DeskError;
use desk::cases::bookings::booked;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::cases::visits::{agenda, answer_visit};
use desk::import::{Mode, import_travel};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::visit::{
    ClashKind, Conflicts, CustomerStatement, Held, Meeting, Side, Technician, VisitAnswer, VisitCommand,
    VisitEvent, VisitRefusal, Windows,
};
use domain::case::{Channel, Command, Event, Refusal};
use domain::case_number::CaseNumber;
use domain::text::PersonName;
use domain::time::Span;
use sqlx::{Executor, Row};

use crate::support::{TestDesk, a_form, an_opening, both_engines, note, staff};
use crate::visits::{ask, file, hire, window};

both_engines! {
    clashing_booking_is_refused_unless_a_reason_is_given,
    offered_windows_are_held_until_the_offer_is_answered,
    offered_windows_are_held_for_rows_of_older_versions,
    travel_times_are_imported_by_pairs_of_sites,
}

async fn case_at(test: &TestDesk, sample: &demo::Sample, key: &str) -> CaseNumber {
    let report = a_form(sample).report().unwrap();
    open_case(&test.desk, &Actor::Anonymous, OpenCase { report, ..an_opening(key) }).await.unwrap().number
}

fn agree(technician: &Technician, window: Span) -> VisitCommand {
    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    VisitCommand::Agree { meeting: Meeting { window, technician: technician.clone() }, word }
}

async fn despite(test: &TestDesk, number: CaseNumber, command: VisitCommand) -> Result<u32, DeskError> {
    let seen = file(&test.desk, number).await.version;
    let reason = note("Queda de camino");
    let command = Command::VisitDespite { command, reason, conflicts: Conflicts::default() };
    execute_command(&test.desk, &staff(Role::Agent), number, Expected::Version(seen), command).await
}

fn refused(outcome: Result<u32, DeskError>) -> Option<ClashKind> {
    match outcome {
        Err(DeskError::Refused(Refusal::Visit(VisitRefusal::Booked(clash)))) => Some(clash.kind),
        other => {
            other.unwrap();
            None
        }
    }
}

const fn tight(gap_min: u32, travel_min: u32) -> ClashKind {
    ClashKind::TooTight { gap_min, travel_min }
}

async fn clashing_booking_is_refused_unless_a_reason_is_given(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let caracas = case_at(&test, &demo::CARACAS, "caracas").await;
    let maracaibo = case_at(&test, &demo::MARACAIBO, "maracaibo").await;
    ask(&test, caracas, agree(&rosa, window(26, 2))).await.unwrap();
    let at = |after_h, hours| agree(&rosa, window(after_h, hours));
    assert_eq!(refused(ask(&test, maracaibo, at(27, 2)).await), Some(ClashKind::Overlap));
    assert_eq!(refused(ask(&test, maracaibo, at(28, 2)).await), Some(tight(0, 180)));
    assert!(file(&test.desk, maracaibo).await.visits.is_empty(), "nothing came of it");

    despite(&test, maracaibo, at(28, 2)).await.unwrap();
    let page = file(&test.desk, maracaibo).await;
    let overruled = page.history.iter().find_map(|entry| match &entry.event {
        Event::Visit { what: VisitEvent::Overruled { clashes, reason, .. }, .. } => Some((clashes, reason)),
        _ => None,
    });
    let (clashes, reason) = overruled.expect("the word is kept");
    assert_eq!((clashes[0].number, reason.as_str()), (caracas, "Queda de camino"));
    let customer = Actor::Customer(maracaibo);
    let shown = desk::cases::read::read_case(&test.desk, &customer, maracaibo).await.unwrap();
    assert!(!format!("{:?}", shown.history).contains("Overruled"), "other customers' cases stay theirs");
    assert!(shown.site.is_none());

    // Both visits show it, in queue, wall and agenda.
    let (agent, filter) = (staff(Role::Agent), desk::cases::queue::Filter::default());
    let page = desk::cases::queue::queue(&test.desk, &agent, filter, 1).await.unwrap();
    assert_eq!(page.snapshot.clashing, [caracas, maracaibo]);
    let snapshot = desk::cases::wall::snapshot(&test.desk, &staff(Role::Agent)).await.unwrap();
    let places: Vec<_> = snapshot.rows.iter().map(|row| (row.number, row.place.as_str())).collect();
    assert_eq!(snapshot.clashing, [caracas, maracaibo]);
    assert!(places.contains(&(caracas, "Torre Ávila, Caracas")), "{places:?}");
    assert!(places.contains(&(maracaibo, "Planta Maracaibo")), "{places:?}");
    let entries = agenda(&test.desk, &staff(Role::Supervisor), 1).await.unwrap().entries;
    let told: Vec<_> =
        entries.iter().map(|entry| (entry.number, entry.clashes.first().map(|clash| clash.number))).collect();
    assert_eq!(told, [(caracas, Some(maracaibo)), (maracaibo, Some(caracas))]);
    assert_eq!(entries[1].customer, "Lácteos del Zulia");
    assert_eq!(entries[1].equipment, "Arista 7050SX3");
    let site = entries[1].site.clone().unwrap();
    assert_eq!((site.name.as_str(), site.city()), ("Planta Maracaibo", Some("Maracaibo")));

    // Free hours do not clash, nor does a visit that was called off.
    let third = case_at(&test, &demo::CARACAS, "third").await;
    assert_eq!(refused(ask(&test, third, at(26, 2)).await), Some(ClashKind::Overlap));
    let off = VisitCommand::CallOff { by: Side::Us, reason: note("Ya no hace falta.") };
    ask(&test, caracas, off).await.unwrap();
    let snapshot = desk::cases::wall::snapshot(&test.desk, &staff(Role::Agent)).await.unwrap();
    assert!(snapshot.clashing.is_empty());
    ask(&test, third, at(20, 2)).await.unwrap();
    assert_eq!(check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn offered_windows_are_held_until_the_offer_is_answered(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let first = case_at(&test, &demo::CARACAS, "first").await;
    let second = case_at(&test, &demo::CARACAS, "second").await;
    for number in [first, second] {
        let contact = Command::LogContact { channel: Channel::Phone, note: None };
        execute_command(&test.desk, &staff(Role::Agent), number, Expected::Version(1), contact)
            .await
            .unwrap();
    }
    let offer = |all: &[(i64, i64)]| VisitCommand::Offer {
        windows: Windows::new(all.iter().map(|(after, hours)| window(*after, *hours)).collect()).unwrap(),
        technician: rosa.clone(),
        note: None,
    };
    ask(&test, first, offer(&[(26, 2), (50, 2)])).await.unwrap();
    let known = booked(&test.desk, &staff(Role::Agent), second).await.unwrap();
    assert_eq!(known.bookings.len(), 1);
    assert_eq!((known.bookings[0].number, known.bookings[0].held), (first, Held::Offered));
    assert_eq!(known.place.city.as_deref(), Some("Caracas"));
    assert_eq!(refused(ask(&test, second, offer(&[(51, 2)])).await), Some(ClashKind::Overlap));
    assert_eq!(refused(ask(&test, second, offer(&[(30, 2)])).await), None, "between them");
    let link = sqlx::query("SELECT body_text FROM outbox WHERE case_number = $1 AND kind = 'visit'")
        .bind(first.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    let text = test.desk.tokens().unsealed(&link.get::<String, _>(0));
    let link = text.split_once("/visit/").unwrap().1.split_whitespace().next().unwrap().to_owned();
    answer_visit(&test.desk, &link, None, VisitAnswer::Accept { window: window(26, 2) }).await.unwrap();
    assert_eq!(refused(ask(&test, second, offer(&[(51, 2)])).await), None, "the other window is free");
    let shown = booked(&test.desk, &Actor::Customer(first), second).await;
    assert!(shown.is_err(), "for the staff alone");
}

/// An offer of an older version, without its windows in the row.
async fn offered_windows_are_held_for_rows_of_older_versions(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let first = case_at(&test, &demo::CARACAS, "first").await;
    let second = case_at(&test, &demo::CARACAS, "second").await;
    ask(&test, first, agree(&rosa, window(26, 2))).await.unwrap();
    let older = "UPDATE visits SET held = NULL, held_from_utc_s = 0, held_to_utc_s = 253402300799";
    test.connection().await.execute(older).await.unwrap();
    assert_eq!(refused(ask(&test, second, agree(&rosa, window(27, 2))).await), Some(ClashKind::Overlap));
    assert_eq!(refused(ask(&test, second, agree(&rosa, window(50, 2))).await), None);
}

async fn travel_times_are_imported_by_pairs_of_sites(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let system = &Actor::System;
    let header = "organisation,site,other_organisation,other_site,minutes\n";
    let row = "Banco Cumbre del Ávila,\"Torre Ávila, Caracas\",Lácteos del Zulia,Planta Maracaibo,";
    let csv = |rows: &str| format!("{header}{rows}").into_bytes();
    let shown = import_travel(&test.desk, system, &csv(&format!("{row}95\n")), Mode::DryRun).await.unwrap();
    assert!(shown.bad.is_empty(), "{:?}", shown.bad);
    let unknown = csv("Banco Cumbre del Ávila,Nowhere,Lácteos del Zulia,Planta Maracaibo,95\n");
    let wrong = import_travel(&test.desk, system, &unknown, Mode::Apply).await.unwrap();
    assert_eq!(wrong.bad.len(), 1);
    import_travel(&test.desk, system, &csv(&format!("{row}95\n")), Mode::Apply).await.unwrap();
    let agent = staff(Role::Agent);
    assert!(import_travel(&test.desk, &agent, &csv(&format!("{row}95\n")), Mode::Apply).await.is_err());

    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let caracas = case_at(&test, &demo::CARACAS, "caracas").await;
    let maracaibo = case_at(&test, &demo::MARACAIBO, "maracaibo").await;
    ask(&test, caracas, agree(&rosa, window(26, 2))).await.unwrap();
    let at = |after_h| agree(&rosa, window(after_h, 2));
    assert_eq!(refused(ask(&test, maracaibo, at(29)).await), Some(tight(60, 95)));
    assert_eq!(refused(ask(&test, maracaibo, at(30)).await), None);
}
