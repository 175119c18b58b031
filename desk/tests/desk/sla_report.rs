//! The SLA report, on every engine: figures, the cases behind them, and the rows of both.

use chrono::NaiveDate;
use desk::Desk;
use desk::DeskError;
use desk::backfill::Backfill;
use desk::cases::open::{OpenCase, open_case};
use desk::customers::colleagues::{Invited, name_member};
use desk::customers::report::own_report;
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::reports::{
    Separators, SheetFor, breaches, breaches_after, breaches_csv, sla_report, sla_report_csv,
};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::calendar::Month;
use domain::case::{
    AskedBy, Channel, Command, MessageCommand, PauseReason, RevisionCommand, TerminationCommand, Verdict,
};
use domain::case_number::CaseNumber;
use domain::company::Standing;
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::page::Paging;
use domain::priority::Priority;
use domain::reports::{CaseVolume, Days, Figures, Late, SlaReport, SlaReportFilter};
use domain::sla_plan::SlaMetric;
use domain::text::{Note, PersonName, Reason};
use sqlx::{Executor, Row};

use crate::support::{
    TestDesk, a_form, an_opening, both_engines, caracas_sheet, contact, execute, explain, resolve, snapshot,
    staff,
};

both_engines! {
    sla_report_counts_what_its_cases_say,
    sla_report_omits_an_undone_contact,
    sla_report_counts_days_of_the_site_and_is_permitted_to_supervisors,
    backfill_writes_sla_records_of_older_histories_once,
    sla_report_queries_are_served_by_indexes,
    companys_report_has_the_figures_that_the_provider_sees_of_its_contracts,
    breaches_csv_holds_more_rows_than_one_portion,
    sla_report_files_match_their_snapshots_in_every_language,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn november() -> SlaReportFilter {
    let days = Days::new(day("2026-11-01"), day("2026-11-30")).unwrap();
    SlaReportFilter { days, country: None, priority: None, contract: None }
}

fn december() -> SlaReportFilter {
    SlaReportFilter { days: Days::new(day("2026-12-01"), day("2026-12-31")).unwrap(), ..november() }
}

/// A case at a site covered day and night: first response within ten minutes, updates within thirty, resolution within
/// four hours.
async fn a_case(test: &TestDesk, key: &str) -> CaseNumber {
    let report = a_form(&demo::CARACAS).report().unwrap();
    open_case(&test.desk, &Actor::Anonymous, OpenCase { report, ..an_opening(key) }).await.unwrap().number
}

fn word(verdict: Verdict) -> Command {
    let who = PersonName::parse("Luis Peña").ok();
    Command::Verify { verdict, channel: Some(Channel::Phone), who, said: None }
}

async fn report(desk: &Desk, filter: SlaReportFilter) -> SlaReport {
    sla_report(desk, &staff(Role::Supervisor), filter).await.unwrap()
}

fn total(report: &SlaReport, kind: SlaMetric) -> Figures {
    report.kinds.iter().find(|figures| figures.kind == kind).unwrap().total
}

/// One with the target met, one breached, one cancelled before.
async fn three_cases(test: &TestDesk) -> [CaseNumber; 3] {
    let agent = staff(Role::Agent);
    let cases = [a_case(test, "kept").await, a_case(test, "missed").await, a_case(test, "cancelled").await];
    test.clock.advance(5 * MINUTE);
    execute(&test.desk, &agent, cases[0], contact()).await;
    let reason = Reason::parse("Ya no hace falta").unwrap();
    let cancel = TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason };
    execute(&test.desk, &agent, cases[2], Command::Termination(cancel)).await;
    test.clock.advance(10 * MINUTE);
    scheduler::tick(&test.desk).await.unwrap();
    cases
}

async fn sla_report_counts_what_its_cases_say(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (agent, supervisor) = (staff(Role::Agent), staff(Role::Supervisor));
    let empty = report(&test.desk, november()).await;
    assert!(empty.kinds.iter().all(|kind| kind.total == Figures::default()), "nothing of nothing");
    assert_eq!((empty.cases.total, empty.pending), (CaseVolume::default(), 0));

    let [kept, missed, _] = three_cases(&test).await;
    let so_far = report(&test.desk, november()).await;
    let expected = Figures { met: 1, breached: 1, median_s: Some(300), ninetieth_s: Some(300) };
    assert_eq!(total(&so_far, SlaMetric::FirstResponse), expected, "the other goes on");
    assert_eq!(total(&so_far, SlaMetric::Resolution), Figures::default());
    let list =
        async |filter| breaches(&test.desk, &supervisor, filter, SlaMetric::FirstResponse, 9).await.unwrap();
    let found = list(november()).await;
    assert_eq!(found.page.paging, Paging { total: 1, page: 1, pages: 1 });
    let [row] = &found.page.rows[..] else { panic!("{found:?}") };
    assert_eq!((row.number, row.target_s, row.late), (missed, 600, Late::Still(300)));
    assert_eq!((row.priority, row.country), (Priority::P1, Country::Ve));
    assert!(!row.customer.is_empty());

    // Later entries change nothing.
    test.clock.advance(5 * MINUTE);
    execute(&test.desk, &agent, missed, contact()).await;
    let weigh =
        Command::ChangePriority { to: Priority::P4, reason: Reason::parse("Hay alternativa").unwrap() };
    execute(&test.desk, &agent, missed, weigh).await;
    test.clock.advance(HOUR);
    let expected = Figures { ninetieth_s: Some(1200), ..expected };
    let later = report(&test.desk, november()).await;
    assert_eq!(total(&later, SlaMetric::FirstResponse), expected);
    let found = list(SlaReportFilter { priority: Some(Priority::P1), ..november() }).await;
    assert_eq!(found.page.rows[0].late, Late::By(600));
    assert_eq!(
        list(SlaReportFilter { priority: Some(Priority::P4), ..november() }).await.page.paging.total,
        0
    );

    // Resolved, reopened and resolved again: each cycle has its own target.
    execute(&test.desk, &agent, kept, resolve("Otra fuente")).await;
    execute(&test.desk, &agent, kept, word(Verdict::StillFails)).await;
    test.clock.advance(HOUR);
    execute(&test.desk, &agent, kept, resolve("Otra fuente")).await;
    scheduler::tick(&test.desk).await.unwrap();
    let report_now = report(&test.desk, november()).await;
    assert_eq!(total(&report_now, SlaMetric::Resolution).met, 2);
    assert_eq!(report_now.cases.total, CaseVolume { opened: 3, resolved: 2, reopened: 1 });
    let of = |priority| report_now.cases.by_priority.iter().find(|(line, _)| *line == priority).unwrap().1;
    assert_eq!((of(Priority::P1).opened, of(Priority::P4).opened), (3, 0), "as they were opened");

    let contract = |number: &str| ContractNumber::parse(number, default_formats()).ok();
    for (filter, due) in [
        (SlaReportFilter { country: Some(Country::Mx), ..november() }, 0),
        (SlaReportFilter { country: Some(Country::Ve), ..november() }, 2),
        (SlaReportFilter { contract: contract(demo::CARACAS.contract), ..november() }, 2),
        (SlaReportFilter { contract: contract(demo::BOGOTA.contract), ..november() }, 0),
        (december(), 0),
    ] {
        let told = report(&test.desk, filter.clone()).await;
        assert_eq!(total(&told, SlaMetric::FirstResponse).due(), due, "{filter:?}");
    }
    assert_eq!(check(&test.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies, []);
    assert_files(&test.desk, missed).await;
}

/// The files say what the pages say.
async fn assert_files(desk: &Desk, missed: CaseNumber) {
    let supervisor = staff(Role::Supervisor);
    let file = sla_report_csv(desk, &supervisor, november(), caracas_sheet()).await.unwrap().text;
    assert!(file.starts_with("\u{feff}Desde;Hasta;Qué;"), "{file}");
    assert!(file.contains("2026-11-01;2026-11-30;Primer contacto;Total;;2;1;1;50,0;300;1200;"), "{file}");
    assert!(file.contains("2026-11-01;2026-11-30;Llegada al sitio;Total;;0;0;0;;;;"), "{file}");
    assert!(file.contains("2026-11-01;2026-11-30;Reabiertos;Total;;;;;;;;1"), "{file}");
    let kind = SlaMetric::FirstResponse;
    let file = breaches_csv(desk, &supervisor, november(), kind, caracas_sheet()).await.unwrap();
    assert_eq!(file.name, "vigia-promesas-incumplidas-primer-contacto-2026-11-01-2026-11-30.csv");
    let file = file.text;
    let line = file.lines().find(|line| line.contains(&missed.to_string())).unwrap();
    assert!(line.contains(";P1;2026-11-23 10:10;10;10;se detuvo;America/Caracas"), "{line}");
}

async fn sla_report_omits_an_undone_contact(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let agent = staff(Role::Agent);
    let number = a_case(&test, "slip").await;
    test.clock.advance(MINUTE);
    execute(&test.desk, &agent, number, contact()).await;
    let attention = async || total(&report(&test.desk, november()).await, SlaMetric::FirstResponse);
    assert_eq!(attention().await.met, 1);
    execute(&test.desk, &agent, number, Command::Revision(RevisionCommand::UndoContact { contact: 2 })).await;
    assert_eq!(attention().await, Figures::default(), "it goes on");
    assert_eq!(check(&test.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies, []);
}

async fn sla_report_counts_days_of_the_site_and_is_permitted_to_supervisors(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    // Half past eleven at night on 30 November in Caracas, which is December in UTC.
    test.clock.advance(7 * 24 * HOUR + 13 * HOUR + 30 * MINUTE);
    let number = a_case(&test, "night").await;
    test.clock.advance(5 * MINUTE);
    execute(&test.desk, &staff(Role::Agent), number, contact()).await;
    test.clock.advance(HOUR);
    a_case(&test, "past-midnight").await;
    let (before, after) = (report(&test.desk, november()).await, report(&test.desk, december()).await);
    assert_eq!((before.cases.total.opened, after.cases.total.opened), (1, 1));
    let kept = |report: &SlaReport| total(report, SlaMetric::FirstResponse).met;
    assert_eq!((kept(&before), kept(&after)), (1, 0));
    let last = Days::new(day("2026-11-30"), day("2026-11-30")).unwrap();
    let one_day = report(&test.desk, SlaReportFilter { days: last, ..november() }).await;
    assert_eq!((one_day.cases.total.opened, kept(&one_day)), (1, 1));
    assert_eq!(before.month.to_string(), "2026-12");

    for role in [Role::Agent, Role::Technician] {
        let (actor, kind) = (staff(role), SlaMetric::FirstResponse);
        let refused = sla_report(&test.desk, &actor, november()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
        let refused = breaches(&test.desk, &actor, november(), kind, 1).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
        let refused = sla_report_csv(&test.desk, &actor, november(), caracas_sheet()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
        let refused = breaches_csv(&test.desk, &actor, november(), kind, caracas_sheet()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    }
}

async fn backfill_writes_sla_records_of_older_histories_once(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let agent = staff(Role::Agent);
    let [kept, missed, _] = three_cases(&test).await;
    let news = MessageCommand::SendUpdate { text: Note::parse("Seguimos en ello").unwrap(), next: None };
    execute(&test.desk, &agent, kept, Command::Message(news)).await;
    let until = test.clock.now().plus(2 * HOUR);
    let pause = Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None };
    execute(&test.desk, &agent, kept, pause).await;
    let weight = domain::case::PriorityInputs {
        severity: domain::priority::Severity::Low,
        urgency: domain::priority::Urgency::Low,
    };
    let reason = Reason::parse("Se mide de nuevo").unwrap();
    execute(
        &test.desk,
        &agent,
        missed,
        Command::Revision(RevisionCommand::Reprioritize { to: weight, reason }),
    )
    .await;
    test.clock.advance(6 * HOUR);
    scheduler::tick(&test.desk).await.unwrap();
    execute(&test.desk, &agent, missed, contact()).await;
    execute(&test.desk, &agent, missed, resolve("Otra fuente")).await;
    let before = report(&test.desk, november()).await;
    assert!(before.kinds.iter().any(|kind| kind.total.due() > 0));

    let mut connection = test.connection().await;
    for step in [
        "DROP TABLE promises_to_bring_in",
        "DROP TABLE promises",
        "DROP TABLE milestones",
        "ALTER TABLE cases DROP COLUMN first_priority",
        "DROP TABLE causes",
        "DELETE FROM _sqlx_migrations WHERE version IN (12, 20, 40)",
    ] {
        connection.execute(step).await.unwrap();
    }
    let desk = test.another().await;
    let bare = report(&desk, november()).await;
    assert_eq!((bare.pending, total(&bare, SlaMetric::FirstResponse).due()), (3, 0));
    assert_eq!(Backfill::SlaRecords.run(&desk).await.unwrap(), 3);
    assert_eq!(report(&desk, november()).await, before);
    assert_eq!(Backfill::SlaRecords.run(&desk).await.unwrap(), 0, "once");
    assert_eq!(check(&desk, SchedulerState::UpToDate).await.unwrap().inconsistencies, []);
    // The integrity check finds a missing row.
    connection.execute("DELETE FROM promises WHERE outcome = 'missed'").await.unwrap();
    let found = check(&desk, SchedulerState::UpToDate).await.unwrap().inconsistencies;
    assert!(found.iter().any(|finding| finding.to_string().contains("promises.outcome")), "{found:?}");
}

async fn sla_report_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in [
        (
            "SELECT COUNT(*) FROM promises
             WHERE outcome IN ('kept', 'missed')
               AND clock IN ('attention', 'update', 'committed', 'on_site', 'resolution')
               AND day BETWEEN '2026-11-01' AND '2026-11-30'",
            "promises_by_outcome",
        ),
        (
            "SELECT p.case_number FROM promises p
             WHERE p.outcome = 'missed' AND p.day BETWEEN '2026-11-01' AND '2026-11-30' AND p.clock = 'attention'
             ORDER BY p.day DESC, p.case_number DESC, p.cycle DESC LIMIT 50",
            "promises_by_outcome",
        ),
        (
            "SELECT COUNT(*) FROM milestones WHERE day BETWEEN '2026-11-01' AND '2026-11-30'",
            "milestones_by_day",
        ),
        ("SELECT COUNT(*) FROM cases WHERE opened_utc_s >= 50 AND opened_utc_s < 90", "cases_by_opening"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

async fn companys_report_has_the_figures_that_the_provider_sees_of_its_contracts(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    three_cases(&test).await;
    let foreign = a_form(&demo::BOGOTA).report().unwrap();
    let wish = OpenCase { report: foreign, ..an_opening("foreign") };
    open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap();
    let mut connection = test.connection().await;
    let mut companies = Vec::new();
    for sample in [demo::CARACAS, demo::BOGOTA] {
        let row =
            sqlx::query("SELECT organisation_id FROM contracts WHERE number = $1").bind(sample.contract);
        companies.push(row.fetch_one(&mut connection).await.unwrap().get::<i64, _>(0));
    }
    drop(connection);
    let (own, other) = (companies[0], companies[1]);
    let mail = MailAddress::parse("jefa@cumbre.example").unwrap();
    let invited = Invited { company: own, mail: mail.clone(), language: Language::Es };
    name_member(&test.desk, &staff(Role::Administrator), invited, Standing::Member).await.unwrap();
    let chief = Actor::Contact(mail);
    let november_of = |company| own_report(&test.desk, &chief, company, Month::new(2026, 11));
    let seen = november_of(Some(own)).await.unwrap().report;
    // The company's other contract has no case.
    let contract = ContractNumber::parse(demo::CARACAS.contract, default_formats()).ok();
    let of_contract = SlaReportFilter { contract, ..november() };
    let by_provider = report(&test.desk, of_contract.clone()).await;
    assert_eq!((&seen.kinds, &seen.cases, seen.pending), (&by_provider.kinds, &by_provider.cases, 0));
    assert_eq!((total(&seen, SlaMetric::FirstResponse).due(), seen.cases.total.opened), (2, 3));
    assert_eq!(november_of(None).await.unwrap().report, seen, "the first company is the only one");

    // A stranger knows the number of the contract, and no equipment under it.
    let planted = IntakeForm { serial: "FOC2614Z9Z9".into(), ..a_form(&demo::CARACAS) };
    let wish = OpenCase { report: planted.report().unwrap(), ..an_opening("planted") };
    open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap();
    assert_eq!(report(&test.desk, of_contract).await.cases.total.opened, 4, "the provider sees it");
    assert_eq!(november_of(Some(own)).await.unwrap().report, seen, "the company does not");

    for company in [Some(other), Some(i64::MAX), Some(0)] {
        assert!(matches!(november_of(company).await, Err(DeskError::NotFound)), "{company:?}");
    }
    let nobody = Actor::Contact(MailAddress::parse("nobody@cumbre.example").unwrap());
    assert!(matches!(own_report(&test.desk, &nobody, None, None).await, Err(DeskError::NotFound)));
    for actor in [Actor::Anonymous, staff(Role::Supervisor), Actor::System] {
        let refused = own_report(&test.desk, &actor, Some(own), None).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
}

async fn breaches_csv_holds_more_rows_than_one_portion(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test, "many").await;
    let mut connection = test.connection().await;
    // More than one portion of a file, on few days: a portion ends in the middle of a day.
    for some in (0..5_250).collect::<Vec<i64>>().chunks(250) {
        let row = |cycle: &i64| {
            let (number, day) = (number.as_compact(), 1 + cycle % 28);
            format!(
                "('{number}', 'attention', {cycle}, 'missed', 0, '2026-11-{day:02}', 'VE', 'P1', 600, 660)"
            )
        };
        let rows = some.iter().map(row).collect::<Vec<_>>().join(", ");
        let text = format!(
            "INSERT INTO promises (case_number, clock, cycle, outcome, settled_utc_s, day, country, priority,
                                   target_s, used_s) VALUES {rows}"
        );
        connection.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    }
    let supervisor = staff(Role::Supervisor);
    let kind = SlaMetric::FirstResponse;
    let file = breaches_csv(&test.desk, &supervisor, november(), kind, caracas_sheet()).await.unwrap();
    assert_eq!(file.text.lines().count(), 1 + 5_250);
    // A program walks through the same, each once.
    let (mut walked, mut after) = (0, None);
    loop {
        let step = breaches_after(&test.desk, &supervisor, &november(), kind, after.as_ref()).await.unwrap();
        walked += step.rows.len();
        match step.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(walked, 5_250);
    assert!(breaches_after(&test.desk, &staff(Role::Agent), &november(), kind, None).await.is_err());
}

async fn sla_report_files_match_their_snapshots_in_every_language(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let agent = staff(Role::Agent);
    let [kept, missed, _] = three_cases(&test).await;
    execute(&test.desk, &agent, missed, contact()).await;
    execute(&test.desk, &agent, kept, resolve("Otra fuente")).await;
    execute(&test.desk, &agent, kept, word(Verdict::StillFails)).await;
    test.clock.advance(HOUR);
    execute(&test.desk, &agent, kept, resolve("Otra fuente")).await;
    a_case(&test, "goes-on").await;
    test.clock.advance(HOUR);
    scheduler::tick(&test.desk).await.unwrap();
    // A name that a spreadsheet would take for a formula, and one with separators and quotes.
    let mut connection = test.connection().await;
    for (number, customer) in [(kept, "=1+1"), (missed, "Cumbre, S.A.; \"el banco\"")] {
        sqlx::query("UPDATE cases SET customer = $2 WHERE number = $1")
            .bind(number.as_compact())
            .bind(customer)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let (mut figures, mut lists) = (Vec::new(), Vec::new());
    for language in Language::ALL {
        let reading = SheetFor { language, separators: Separators::of(language, None) };
        let supervisor = staff(Role::Supervisor);
        let file = sla_report_csv(&test.desk, &supervisor, november(), reading).await.unwrap();
        figures.push((language, format!("{}\n{}", file.name, snapshot::visible(&file.text))));
        for kind in [SlaMetric::FirstResponse, SlaMetric::NextUpdate] {
            let file = breaches_csv(&test.desk, &supervisor, november(), kind, reading).await.unwrap();
            lists.push((language, format!("{}\n{}", file.name, snapshot::visible(&file.text))));
        }
    }
    snapshot::holds("file_of_promises_kept", &snapshot::in_each_language(&figures));
    snapshot::holds("file_of_promises_missed", &snapshot::in_each_language(&lists));
}
