//! Reports of supervisors, on every engine: wait overlaps, and surveys by technician.

use desk::DeskError;
use desk::backfill::Backfill;
use desk::cases::open::{OpenCase, open_case};
use desk::cases::visits::technicians;
use desk::lab::demo;
use desk::reports::{Separators, SheetFor, overlaps, overlaps_csv};
use desk::scheduler;
use desk::store::Engine;
use desk::survey::{latest_months, survey_results};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::{Month, Period};
use domain::case::visit::{
    AnswerSource, Conformity, CustomerStatement, Technician, VisitAnswer, VisitCommand, Windows, WorkReport,
};
use domain::case::{
    Answered, AskedBy, Category, Channel, Command, MessageCommand, PauseReason, TerminationCommand, Verdict,
};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::page::Paging;
use domain::reports::{Dimension, OverlapFilter, OverlapList};
use domain::text::{PersonName, Reason};
use domain::time::Span;
use sqlx::{Executor, Row};

use crate::support::{
    START, TestDesk, a_form, an_opening, both_engines, caracas_sheet, contact, execute, note, snapshot, staff,
};
use crate::visits::hire;

both_engines! {
    wait_overlaps_are_reported_with_the_author_of_the_pause,
    backfill_writes_wait_overlaps_of_older_histories_once,
    survey_results_are_grouped_by_technician_on_site,
    wait_overlaps_file_matches_its_snapshot_in_every_language,
}

const HOUR: i64 = 3600;

fn pause(test: &TestDesk, reason: PauseReason, hours: i64) -> Command {
    let until = test.clock.now().plus(hours * HOUR);
    Command::Pause { reason, detail: None, until, allowed_by: None }
}

/// A contacted case at a site that is open from 8 to 18.
async fn a_case(test: &TestDesk, key: &str) -> CaseNumber {
    let report = a_form(&demo::MARACAIBO).report().unwrap();
    let wish = OpenCase { report, ..an_opening(key) };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    execute(&test.desk, &staff(Role::Agent), number, contact()).await;
    test.clock.advance(60);
    number
}

fn november(reason: Option<PauseReason>) -> OverlapFilter {
    let month = Month::new(2026, 11).unwrap();
    OverlapFilter { period: Period { from: month, to: month }, reason }
}

async fn report(test: &TestDesk, filter: OverlapFilter) -> OverlapList {
    overlaps(&test.desk, &staff(Role::Supervisor), filter, 9).await.unwrap()
}

async fn wait_overlaps_are_reported_with_the_author_of_the_pause(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let agent = staff(Role::Agent);
    let for_customer = a_case(&test, "for-customer").await;
    let for_part = a_case(&test, "for-part").await;
    let ended = a_case(&test, "ended").await;
    execute(&test.desk, &agent, for_customer, pause(&test, PauseReason::Customer, 48)).await;
    execute(&test.desk, &agent, for_part, pause(&test, PauseReason::SparePart, 4)).await;
    execute(&test.desk, &agent, ended, pause(&test, PauseReason::Customer, 48)).await;
    test.clock.advance(HOUR);
    assert_eq!(report(&test, november(None)).await.page.paging.total, 0, "nobody has answered");
    // A contact leaves one pause on; a message during the pause for a part, too; a message ends the pause for the
    // customer.
    execute(&test.desk, &agent, for_customer, contact()).await;
    let write = |number, text| {
        let command = Command::Message(MessageCommand::Write { text: note(text) });
        (Actor::Customer(number), number, command)
    };
    let (customer, number, command) = write(for_part, "¿Ya llegó?");
    execute(&test.desk, &customer, number, command).await;
    let (customer, number, command) = write(ended, "Ya lo reinicié");
    execute(&test.desk, &customer, number, command).await;

    test.clock.advance(2 * HOUR);
    let list = report(&test, november(None)).await;
    assert_eq!(list.page.paging, Paging { total: 2, page: 1, pages: 1 });
    let row = list.page.rows.iter().find(|row| row.number == for_customer).unwrap();
    assert_eq!((row.reason, row.answer), (PauseReason::Customer, Answered::Contact));
    assert_eq!((row.set_by.as_str(), row.overlap_s), ("Marta Salas", 2 * HOUR));
    assert!(row.lasts(list.now) && !row.customer.is_empty(), "{row:?}");
    let row = list.page.rows.iter().find(|row| row.number == for_part).unwrap();
    assert_eq!((row.reason, row.answer), (PauseReason::SparePart, Answered::Message));

    // The pause for the part ends by time, the other the next morning. The night is no business time.
    test.clock.advance(HOUR);
    scheduler::tick(&test.desk).await.unwrap();
    test.clock.advance(18 * HOUR);
    execute(&test.desk, &agent, for_customer, Command::Resume).await;
    test.clock.advance(40 * HOUR);
    let list = report(&test, november(None)).await;
    let told = |number| {
        let row = list.page.rows.iter().find(|row| row.number == number).unwrap();
        (row.overlap_s, row.lasts(list.now))
    };
    assert_eq!(told(for_part), (3 * HOUR, false));
    // From 11:03 to 18:00, and from 8:00 to 8:03.
    assert_eq!(told(for_customer), (7 * HOUR, false));
    let only = report(&test, november(Some(PauseReason::SparePart))).await;
    let rows: Vec<_> = only.page.rows.iter().map(|row| row.number).collect();
    assert_eq!((only.page.paging.total, rows), (1, vec![for_part]));
    let before = Period { from: Month::new(2026, 9).unwrap(), to: Month::new(2026, 10).unwrap() };
    let none = report(&test, OverlapFilter { period: before, reason: None }).await;
    assert_eq!((none.page.paging.total, none.page.rows.len()), (0, 0));

    let supervisor = staff(Role::Supervisor);
    let file = overlaps_csv(&test.desk, &supervisor, november(None), caracas_sheet()).await.unwrap().text;
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(file.starts_with("\u{feff}Caso;País;Cliente"), "{file}");
    let line = file.lines().find(|line| line.contains(&for_customer.to_string())).unwrap();
    assert!(line.contains("Marta Salas") && line.contains(";420;America/Caracas"), "{line}");
    assert!(line.contains("2026-11-23 11:03"), "{line}");
    for role in [Role::Agent, Role::Technician] {
        let refused = overlaps(&test.desk, &staff(role), november(None), 1).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
        let refused = overlaps_csv(&test.desk, &staff(role), november(None), caracas_sheet()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    }
}

/// Restores the state of an older version: histories without rows of overlaps.
async fn back_to_before_there_were_rows(test: &TestDesk) {
    let mut connection = test.connection().await;
    for step in [
        "DROP TABLE overlaps_to_bring_in",
        "DROP TABLE pause_overlaps",
        "DROP TABLE warnings",
        "ALTER TABLE surveys DROP COLUMN technician_id",
        "ALTER TABLE surveys DROP COLUMN technician",
        "DELETE FROM _sqlx_migrations WHERE version IN (7, 9)",
    ] {
        connection.execute(step).await.unwrap();
    }
}

async fn backfill_writes_wait_overlaps_of_older_histories_once(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (agent, supervisor) = (staff(Role::Agent), staff(Role::Supervisor));
    // More than one portion of the backfill.
    let mut waited = Vec::new();
    for place in 0..34 {
        let number = a_case(&test, &format!("waited-{place}")).await;
        execute(&test.desk, &agent, number, pause(&test, PauseReason::SparePart, 48)).await;
        test.clock.advance(60);
        execute(&test.desk, &agent, number, contact()).await;
        waited.push(number);
    }
    let untouched = a_case(&test, "without-a-wait").await;
    // The termination ended the pause before its expected end.
    let reason = Reason::parse("Ya no hace falta").unwrap();
    test.clock.advance(HOUR);
    let cancel = TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason };
    execute(&test.desk, &agent, waited[0], Command::Termination(cancel)).await;
    test.clock.advance(5 * HOUR);
    let told = async |desk: &desk::Desk| {
        overlaps_csv(desk, &supervisor, november(None), caracas_sheet()).await.unwrap().text
    };
    let before = told(&test.desk).await;
    assert_eq!(before.lines().count(), 35);
    let cancelled = before.lines().find(|line| line.contains(&waited[0].to_string())).unwrap();
    assert!(cancelled.contains(";127;America/Caracas"), "{cancelled}");

    back_to_before_there_were_rows(&test).await;
    let desk = test.another().await;
    assert_eq!(told(&desk).await.lines().count(), 1, "the schema alone brings none");
    assert_eq!(Backfill::Overlaps.run(&desk).await.unwrap(), 34, "those that waited");
    assert_eq!(told(&desk).await, before);
    assert_eq!(Backfill::Overlaps.run(&desk).await.unwrap(), 0, "once");

    // After a kill in the middle, the next start continues.
    let mut connection = test.connection().await;
    for (statement, number) in [
        ("DELETE FROM pause_overlaps WHERE case_number = $1", waited[7]),
        ("INSERT INTO overlaps_to_bring_in (case_number) VALUES ($1)", waited[7]),
        ("INSERT INTO overlaps_to_bring_in (case_number) VALUES ($1)", untouched),
    ] {
        sqlx::query(statement).bind(number.as_compact()).execute(&mut connection).await.unwrap();
    }
    assert_eq!(Backfill::Overlaps.run(&test.another().await).await.unwrap(), 2);
    assert_eq!(told(&desk).await, before);
    let left = sqlx::query("SELECT COUNT(*) FROM overlaps_to_bring_in").fetch_one(&mut connection).await;
    assert_eq!(left.unwrap().get::<i64, _>(0), 0);
}

/// A completed visit to a case's site.
async fn visited(test: &TestDesk, number: CaseNumber, technician: &Technician) {
    let agent = staff(Role::Agent);
    let from = test.clock.now().plus(HOUR);
    let window = Span::new(from, from.plus(2 * HOUR));
    let windows = Windows::new(vec![window]).unwrap();
    let offer = VisitCommand::Offer { windows, technician: technician.clone(), note: None };
    execute(&test.desk, &agent, number, Command::Visit(offer)).await;
    let who = PersonName::parse("Luis Peña").unwrap();
    let given = AnswerSource::ByStaff(CustomerStatement { who, channel: Channel::Phone });
    let answer = VisitCommand::Answer { answer: VisitAnswer::Accept { window }, given };
    execute(&test.desk, &agent, number, Command::Visit(answer)).await;
    test.clock.advance(HOUR);
    let report = WorkReport::new(note("Se cambió la fuente."), Vec::new()).unwrap();
    let conformity = Conformity::Unsigned { reason: note("Se fue") };
    for command in [VisitCommand::Arrive, VisitCommand::Start, VisitCommand::End { report, conformity }] {
        execute(&test.desk, &agent, number, Command::Visit(command)).await;
        test.clock.advance(60);
    }
}

async fn survey_results_are_grouped_by_technician_on_site(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    hire(&test.desk, "Pedro Salas", "pedro@example.com").await;
    assert_eq!(technicians(&test.desk, &staff(Role::Agent)).await.unwrap().len(), 2);
    let agent = staff(Role::Agent);
    for on_site in [true, true, false] {
        let key = format!("survey-{}", test.clock.now().since(START));
        let number = a_case(&test, &key).await;
        if on_site {
            visited(&test, number, &rosa).await;
        }
        let resolve = Command::Resolve {
            category: Category::Hardware,
            cause: note("Fuente"),
            solution: note("Otra"),
            chosen: None,
            classification: None,
        };
        execute(&test.desk, &agent, number, resolve).await;
        let who = PersonName::parse("Luis Peña").ok();
        let works =
            Command::Verify { verdict: Verdict::Works, channel: Some(Channel::Phone), who, said: None };
        execute(&test.desk, &agent, number, works).await;
    }
    test.clock.advance(5 * 24 * HOUR);
    scheduler::tick(&test.desk).await.unwrap();
    let period = latest_months(test.clock.now()).unwrap();
    let results = survey_results(&test.desk, &staff(Role::Supervisor), period).await.unwrap();
    assert_eq!(results.total.asked, 3);
    let (_, lines) = results.by.iter().find(|(of, _)| *of == Dimension::Technician).unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.group.as_str(), line.asked)).collect();
    assert_eq!(told, [("Rosa Marín", 2)], "whoever was on site, and no one else");
}

async fn wait_overlaps_file_matches_its_snapshot_in_every_language(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    for (key, name, reason) in [
        ("plain", "Marta Salas", PauseReason::Customer),
        ("formula", "=SUM(A1)", PauseReason::SparePart),
        ("separators", "Salas; \"Marta\", de noche", PauseReason::ThirdParty),
    ] {
        let number = a_case(&test, key).await;
        let agent =
            Actor::Staff(Staff { id: PersonId(1), name: name.into(), role: Role::Agent, composed: None });
        execute(&test.desk, &agent, number, pause(&test, reason, 4)).await;
        test.clock.advance(600);
        execute(&test.desk, &agent, number, contact()).await;
    }
    // One pause lasts, the others have ended.
    test.clock.advance(4 * HOUR - 900);
    let mut files = Vec::new();
    for language in Language::ALL {
        let reading = SheetFor { language, separators: Separators::of(language, None) };
        let supervisor = staff(Role::Supervisor);
        let file = overlaps_csv(&test.desk, &supervisor, november(None), reading).await.unwrap();
        files.push((language, format!("{}\n{}", file.name, snapshot::visible(&file.text))));
    }
    snapshot::holds("file_of_waits", &snapshot::in_each_language(&files));
}
