//! Causes of faults: as a file and as a form, in versions, chosen when a case is resolved, and counted.

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::causes::offered;
use desk::reports::{causes_csv, causes_report};
use desk::settings::{
    CAUSES_ID, Fields, Outcome, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry,
    export, history, planned,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Command, Event, Refusal, Verdict};
use domain::case_number::CaseNumber;
use domain::causes::{CauseCode, CauseRefusal};
use domain::i18n::Language;
use domain::reports::{Days, SlaReportFilter};
use domain::survey::Need;
use domain::text::PersonName;
use domain::time::Instant;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{
    START, TestDesk, a_case, both_engines, caracas_sheet, contact, execute, explain, note, page, staff,
};

both_engines! {
    standing_causes_are_exported_and_applied_without_a_change,
    random_trees_come_back_as_they_were_applied,
    wrong_trees_are_told_by_line_and_key_all_at_once,
    causes_count_from_their_day_on_and_are_taken_up_again,
    tree_older_than_another_change_is_refused,
    form_of_causes_says_what_the_file_says,
    chosen_cause_stands_in_the_history_by_its_name_of_then,
    cause_that_is_not_offered_is_refused,
    required_cause_must_be_chosen,
    customers_do_not_read_the_cause,
    resolutions_are_counted_by_category_and_cause,
    supervisors_read_causes_and_agents_choose_from_them,
    report_of_causes_reads_its_index,
}

const SMALL: &str = "\
choice = \"optional\"

[[categories]]
code = \"nets\"
es = \"Redes\"
en = \"Nets\"
pt = \"Redes pt\"

[[categories]]
code = \"old\"
es = \"Viejo\"
en = \"Old\"
pt = \"Velho\"
state = \"retired\"

[[causes]]
category = \"nets\"
code = \"cable\"
es = \"Cable\"
en = \"Cable en\"
pt = \"Cabo\"

[[causes]]
category = \"nets\"
code = \"hub\"
es = \"Concentrador\"
en = \"Hub\"
pt = \"Hub pt\"

[[causes]]
category = \"old\"
code = \"modem\"
es = \"Módem\"
en = \"Modem\"
pt = \"Modem pt\"
";

async fn exported(at: &TestDesk, moment: Instant) -> String {
    let files = export(&at.desk, &Actor::System, moment).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::Causes).unwrap().text
}

async fn applied_from(at: &TestDesk, text: &str, effective_from: Instant) -> SettingsReport {
    let files = vec![SettingsFile { subject: Subject::Causes, text: text.to_owned() }];
    apply(&at.desk, &Actor::System, files, Request::Apply { effective_from }).await.unwrap()
}

async fn applied(at: &TestDesk, text: &str) -> SettingsReport {
    applied_from(at, text, at.desk.now()).await
}

/// What an agent is offered, as category and causes.
async fn offers(at: &TestDesk) -> Vec<(String, Vec<String>)> {
    let causes = offered(&at.desk, &staff(Role::Agent), Language::Es).await.unwrap();
    let groups = causes.categories.into_iter();
    groups.map(|group| (group.name, group.causes.into_iter().map(|cause| cause.name).collect())).collect()
}

fn resolving(cause: &str) -> Command {
    Command::Resolve {
        category: domain::case::Category::Hardware,
        cause: note("Se partió"),
        solution: note("Se cambió"),
        chosen: CauseCode::parse(cause).ok(),
        classification: None,
    }
}

/// A case whose customer was contacted.
async fn contacted(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    number
}

async fn refused(at: &TestDesk, number: CaseNumber, cause: &str) -> Refusal {
    let outcome =
        execute_command(&at.desk, &staff(Role::Agent), number, Expected::Any, resolving(cause)).await;
    match outcome {
        Err(DeskError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// The classification in a case's history, in Spanish.
async fn classified(at: &TestDesk, number: CaseNumber) -> Option<String> {
    let page = page(&at.desk, number).await;
    page.history.iter().find_map(|entry| match &entry.event {
        Event::Resolved { classification, .. } => classification.as_ref().map(|of| of.name(Language::Es)),
        _ => None,
    })
}

async fn standing_causes_are_exported_and_applied_without_a_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = exported(&at, at.desk.now()).await;
    assert!(text.contains("version = 0\nchoice = \"optional\"\n"), "{text}");
    let report = applied(&at, &text).await;
    assert_eq!((report.changes, report.problems, report.unchanged), (vec![], vec![], 1));
    let offers = offers(&at).await;
    let names: Vec<&str> = offers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["Redes", "Servidores", "Software", "Centros de datos", "Cómputo", "Impresión", "General"]
    );
}

/// A tree of so many categories, and of causes given by the place of their category, state and name.
fn a_tree(categories: usize, causes: &[(usize, bool, String)], is_required: bool) -> String {
    let choice = if is_required { "required" } else { "optional" };
    let mut text = format!("choice = \"{choice}\"\ncategories = []\ncauses = []\n");
    if categories > 0 {
        text = format!("choice = \"{choice}\"\n");
        if causes.is_empty() {
            text.push_str("causes = []\n");
        }
        let category = |at| {
            format!(
                "[[categories]]\ncode = \"c{at}\"\nes = \"Uno {at}\"\nen = \"One {at}\"\npt = \"Um {at}\"\n"
            )
        };
        text.extend((0..categories).map(category));
        let cause = |(at, (of, is_retired, name)): (usize, &(usize, bool, String))| {
            let state = if *is_retired { "retired" } else { "active" };
            format!(
                "[[causes]]\ncategory = \"c{}\"\ncode = \"x{at}\"\nes = '{name}'\nen = '{name}'\npt = '{name}'\n\
                 state = \"{state}\"\n",
                of % categories
            )
        };
        text.extend(causes.iter().enumerate().map(cause));
    }
    text
}

async fn random_trees_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let cause = (0..8_usize, any::<bool>(), "[a-zñ][a-zñ ]{0,20}[a-z]");
    let trees = (0..8_usize, proptest::collection::vec(cause, 0..30), any::<bool>());
    for _ in 0..12 {
        let (categories, causes, is_required) = trees.new_tree(&mut runner).unwrap().current();
        let text = a_tree(categories, &causes, is_required);
        let report = applied(&at, &text).await;
        assert_eq!(report.problems, [], "{text}");
        let out = exported(&at, at.desk.now()).await;
        let again = applied(&at, &out).await;
        assert_eq!((again.changes, again.problems, again.unchanged), (vec![], vec![], 1), "{out}");
        let fields =
            entry(&at.desk, &Actor::System, Subject::Causes, CAUSES_ID, at.desk.now()).await.unwrap();
        let (read, formed) = form(&at, fields.clone(), false).await;
        assert_eq!((formed.changes, formed.problems), (vec![], vec![]), "{fields:?}");
        assert_eq!(read, fields);
        at.clock.advance(60);
    }
}

async fn wrong_trees_are_told_by_line_and_key_all_at_once(engine: Engine) {
    let at = TestDesk::open(engine).await;
    for (from, to, key, line) in [
        ("code = \"cable\"", "code = \"El cable\"", "causes[1].code", "code = \"El cable\""),
        ("en = \"Hub\"", "en = \" \"", "causes[2].en", "en = \" \""),
        ("pt = \"Velho\"", "pt = \"\"", "categories[2].pt", "pt = \"\""),
        ("code = \"hub\"", "code = \"cable\"", "causes[2].code", "code = \"cable\""),
        ("code = \"old\"", "code = \"nets\"", "categories[2].code", "code = \"nets\""),
        ("category = \"old\"", "category = \"new\"", "causes[3].category", "category = \"new\""),
        ("\"retired\"", "\"gone\"", "categories[2].state", "state = \"gone\""),
        ("\"optional\"", "\"perhaps\"", "choice", "choice = \"perhaps\""),
        ("es = \"Cable\"", "es = \"Cable\"\nfr = \"Câble\"", "causes[1].fr", "fr = \"Câble\""),
    ] {
        let text = SMALL.replacen(from, to, 1);
        let report = applied(&at, &text).await;
        assert_eq!(report.outcome, Outcome::Refused, "{to}");
        let told: Vec<_> = report.problems.iter().map(|it| (it.key.as_str(), it.line)).collect();
        let (found, at_line) = told[0];
        assert_eq!((found, text.lines().nth(at_line - 1).unwrap()), (key, line), "{told:?}");
    }
    let twice = SMALL.replacen("\"Cable en\"", "\"\"", 1).replacen("\"Módem\"", "\"\"", 1);
    let report = applied(&at, &twice).await;
    let keys: Vec<_> = report.problems.iter().map(desk::settings::FileProblem::field).collect();
    assert_eq!(keys, ["causes.0.en", "causes.2.es"]);
    assert!(
        report.message(Language::En).contains("! causes.toml, line "),
        "{}",
        report.message(Language::En)
    );
    assert_eq!(offers(&at).await.len(), 7, "nothing was written");
}

async fn causes_count_from_their_day_on_and_are_taken_up_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (before, later) = (exported(&at, START).await, START.plus(86_400));
    applied_from(&at, SMALL, later).await;
    assert_eq!(offers(&at).await.len(), 7);
    let reader = staff(Role::Supervisor);
    assert_eq!(planned(&at.desk, &reader, Subject::Causes).await.unwrap(), Some(later));
    at.clock.advance(86_400);
    assert_eq!(
        offers(&at).await,
        [("Redes".to_owned(), vec!["Cable".to_owned(), "Concentrador".to_owned()])]
    );
    let versions = history(&at.desk, &reader).await.unwrap();
    let of_causes: Vec<_> = versions.iter().filter(|version| version.subject == Subject::Causes).collect();
    let keys = of_causes[0].fields.as_ref().unwrap();
    assert!(keys.iter().any(|change| change.key == "causes.cable" && change.from.is_none()), "{keys:?}");
    assert!(keys.iter().any(|change| change.key == "causes.printer_paper" && change.to.is_none()));
    // What was exported at an earlier moment names no version.
    let earlier = exported(&at, START).await;
    assert!(!earlier.contains("\nversion"), "{earlier}");
    assert_eq!(earlier.lines().last(), before.lines().last());
    assert_eq!(applied(&at, &earlier).await.outcome, Outcome::Written);
    assert_eq!(offers(&at).await.len(), 7);
}

async fn tree_older_than_another_change_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read = exported(&at, at.desk.now()).await;
    applied(&at, SMALL).await;
    let late = applied(&at, &read.replacen("es = \"Redes\"", "es = \"Enlaces\"", 1)).await;
    assert_eq!((late.outcome, late.problems[0].field()), (Outcome::Refused, "version".to_owned()));
}

async fn form(at: &TestDesk, fields: Fields, is_saved: bool) -> (Fields, SettingsReport) {
    let effective_from = at.desk.now();
    let request =
        if is_saved { Request::Apply { effective_from } } else { Request::DryRun { effective_from } };
    change_entry(&at.desk, &staff(Role::Administrator), Subject::Causes, fields, request).await.unwrap()
}

async fn form_of_causes_says_what_the_file_says(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read =
        async || entry(&at.desk, &Actor::System, Subject::Causes, CAUSES_ID, at.desk.now()).await.unwrap();
    let fields = read().await;
    assert_eq!(fields["causes.10.category"], "servers", "more rows than one digit counts");
    let (same, report) = form(&at, fields.clone(), false).await;
    assert_eq!((report.changes, report.problems, same), (vec![], vec![], fields.clone()));

    let put = |fields: &mut Fields, row: usize, of: [(&str, &str); 6]| {
        fields.extend(of.map(|(part, text)| (format!("causes.{row}.{part}"), text.to_owned())));
    };
    let row = |code: &'static str, name: &'static str| {
        [
            ("category", "networks"),
            ("code", code),
            ("es", name),
            ("en", name),
            ("pt", name),
            ("state", "active"),
        ]
    };
    let mut typed = fields.clone();
    put(&mut typed, 200, row("", ""));
    put(&mut typed, 201, row("satellite", " Enlace  satelital "));
    typed.insert("causes.0.state".to_owned(), "retired".to_owned());
    let (_, report) = form(&at, typed, true).await;
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
    let keys: Vec<_> = report.changes[0].fields.iter().flatten().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["causes.network_link", "causes.satellite"]);
    let (_, networks) = &offers(&at).await[0];
    assert_eq!(networks.last().unwrap(), "Enlace satelital");
    assert!(!networks.contains(&"Enlace o proveedor de Internet".to_owned()));

    let mut moved = read().await;
    for part in ["code", "es", "en", "pt", "state"] {
        let (one, other) =
            (moved[&format!("causes.1.{part}")].clone(), moved[&format!("causes.2.{part}")].clone());
        moved.insert(format!("causes.1.{part}"), other);
        moved.insert(format!("causes.2.{part}"), one);
    }
    let (_, report) = form(&at, moved, true).await;
    let changes = report.changes[0].fields.as_ref().unwrap();
    let keys: Vec<_> = changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["causes"], "another order changes no row");
    assert!(changes[0].to.as_ref().unwrap().starts_with("network_link, network_device, network_cabling, "));

    let mut wrong = read().await;
    put(&mut wrong, 60, row("Con Espacio", "x"));
    let (_, report) = form(&at, wrong, true).await;
    let last = report.problems[0].field();
    assert_eq!(last.rsplit_once('.').unwrap().1, "code", "{last}");
}

async fn chosen_cause_stands_in_the_history_by_its_name_of_then(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    applied(&at, SMALL).await;
    let (number, without) = (contacted(&at).await, contacted(&at).await);
    execute(&at.desk, &staff(Role::Agent), number, resolving("cable")).await;
    execute(&at.desk, &staff(Role::Agent), without, resolving("")).await;
    applied(&at, &SMALL.replace("\"Cable\"", "\"Cordón\"").replace("\"Redes\"", "\"Enlaces\"")).await;
    assert_eq!(classified(&at, number).await.as_deref(), Some("Redes › Cable"));
    assert_eq!(classified(&at, without).await, None);
}

async fn cause_that_is_not_offered_is_refused(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = contacted(&at).await;
    assert_eq!(
        refused(&at, number, "cable").await,
        Refusal::Cause(CauseRefusal::NotOffered),
        "of no version"
    );
    applied(&at, &SMALL.replacen("code = \"hub\"", "code = \"hub\"\nstate = \"retired\"", 1)).await;
    for cause in ["hub", "modem", "network_link"] {
        assert_eq!(refused(&at, number, cause).await, Refusal::Cause(CauseRefusal::NotOffered), "{cause}");
    }
    execute(&at.desk, &staff(Role::Agent), number, resolving("cable")).await;
}

async fn required_cause_must_be_chosen(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = contacted(&at).await;
    applied(&at, &SMALL.replacen("optional", "required", 1)).await;
    let choice = offered(&at.desk, &staff(Role::Agent), Language::Es).await.unwrap().choice;
    assert_eq!(choice, Need::Required);
    assert_eq!(refused(&at, number, "").await, Refusal::Cause(CauseRefusal::Required));
    execute(&at.desk, &staff(Role::Agent), number, resolving("hub")).await;
}

async fn customers_do_not_read_the_cause(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = a_case(&at.desk).await;
    let number = opened.number;
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    execute(&at.desk, &staff(Role::Agent), number, resolving("user_error")).await;
    let page = read_case(&at.desk, &Actor::Customer(number), number).await.unwrap();
    let shown = page.history.iter().find_map(|entry| match &entry.event {
        Event::Resolved { solution, classification, .. } => {
            Some((solution.to_string(), classification.clone()))
        }
        _ => None,
    });
    assert_eq!(shown, Some(("Se cambió".to_owned(), None)));
}

fn this_november() -> SlaReportFilter {
    let days = Days::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap();
    SlaReportFilter { days, country: None, priority: None, contract: None }
}

async fn resolutions_are_counted_by_category_and_cause(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let boss = staff(Role::Supervisor);
    applied(&at, SMALL).await;
    let (one, other) = (contacted(&at).await, contacted(&at).await);
    execute(&at.desk, &staff(Role::Agent), one, resolving("cable")).await;
    execute(&at.desk, &staff(Role::Agent), other, resolving("")).await;
    // It still fails: the next resolution counts as well.
    let fails = Command::Verify {
        verdict: Verdict::StillFails,
        channel: Some(domain::case::Channel::Phone),
        who: PersonName::parse("Luis Peña").ok(),
        said: None,
    };
    execute(&at.desk, &staff(Role::Agent), one, fails).await;
    execute(&at.desk, &staff(Role::Agent), one, resolving("hub")).await;
    // A tree without them: their figures and names stay.
    applied(&at, "choice = \"optional\"\ncategories = []\ncauses = []\n").await;

    let report = causes_report(&at.desk, &boss, this_november(), Language::En).await.unwrap();
    assert_eq!((report.total, report.without), (3, 1));
    let [nets] = &report.categories[..] else { panic!("{report:?}") };
    assert_eq!((nets.name.as_str(), nets.count), ("Nets", 2));
    let causes: Vec<_> = nets.causes.iter().map(|cause| (cause.name.as_str(), cause.count)).collect();
    assert_eq!(causes, [("Cable en", 1), ("Hub", 1)]);
    let country = Some(domain::country::Country::Mx);
    let abroad = SlaReportFilter { country, ..this_november() };
    assert_eq!(causes_report(&at.desk, &boss, abroad, Language::En).await.unwrap().total, 0);

    let file = causes_csv(&at.desk, &boss, this_november(), caracas_sheet()).await.unwrap();
    assert_eq!(file.name, "vigia-casos-resueltos-por-causa-2026-11-01-2026-11-30.csv");
    let lines: Vec<&str> = file.text.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "2026-11-01;2026-11-30;nets;Redes;cable;Cable;1",
            "2026-11-01;2026-11-30;nets;Redes;hub;Concentrador;1",
            "2026-11-01;2026-11-30;;Sin causa elegida;;;1",
        ]
    );
}

async fn supervisors_read_causes_and_agents_choose_from_them(engine: Engine) {
    let at = TestDesk::open(engine).await;
    for (role, chooses, reads, changes) in [
        (Role::Technician, true, false, false),
        (Role::Agent, true, false, false),
        (Role::Supervisor, true, true, false),
        (Role::Administrator, true, true, true),
    ] {
        let actor = staff(role);
        assert_eq!(offered(&at.desk, &actor, Language::Es).await.is_ok(), chooses, "{role:?}");
        let read = entry(&at.desk, &actor, Subject::Causes, CAUSES_ID, at.desk.now()).await;
        assert_eq!(read.is_ok(), reads, "{role:?}");
        let report = causes_report(&at.desk, &actor, this_november(), Language::Es).await;
        assert_eq!(report.is_ok(), reads, "{role:?}");
        let files = vec![SettingsFile { subject: Subject::Causes, text: SMALL.to_owned() }];
        let request = Request::Apply { effective_from: START };
        assert_eq!(apply(&at.desk, &actor, files, request).await.is_ok(), changes, "{role:?}");
    }
    assert!(offered(&at.desk, &Actor::Anonymous, Language::Es).await.is_err());
}

async fn report_of_causes_reads_its_index(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&at).await;
    let sql = "SELECT COUNT(cause) FROM milestones WHERE step = 'resolved' AND day BETWEEN '2026-11-01' AND '2026-11-30'";
    explain::is_served_by(&mut connection, engine, sql, "milestones_by_cause").await;
}
