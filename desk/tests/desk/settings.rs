//! Settings as files: export, application, refusals, and the preview for open cases.

use desk::settings::{
    Outcome, Reason, Request, SettingsFile, SettingsReport, Subject, apply, export, history,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Author, Category, Channel, Command, PauseReason, Verdict};
use domain::i18n::Language;
use domain::text::{Note, PersonName};
use domain::time::Instant;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{START, TestDesk, a_case, both_engines, execute, staff};

both_engines! {
    applying_an_export_changes_nothing,
    random_settings_come_back_as_they_were_applied,
    a_changed_target_counts_for_cases_opened_from_then_on,
    a_planned_change_counts_from_its_date,
    a_new_calendar_and_a_plan_on_it_are_added_in_one_go,
    a_wrong_file_is_refused_whole_with_line_and_key,
    a_file_older_than_another_persons_change_is_refused,
    an_earlier_export_takes_an_earlier_version_up_again,
    the_preview_counts_open_cases_that_would_be_due_otherwise,
    the_history_names_author_and_change,
    settings_are_read_by_supervisors_and_changed_by_administrators,
    a_new_plan_is_there_at_once_whatever_its_date,
    an_entry_of_a_planned_name_is_refused,
    the_preview_counts_waiting_and_reopened_cases,
}

async fn exported(at: &TestDesk) -> Vec<SettingsFile> {
    export(&at.desk, &Actor::System, at.desk.now()).await.unwrap()
}

async fn shown(at: &TestDesk, files: &[SettingsFile]) -> SettingsReport {
    let request = Request::DryRun { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, files.to_vec(), request).await.unwrap()
}

async fn applied(at: &TestDesk, files: &[SettingsFile]) -> SettingsReport {
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, files.to_vec(), request).await.unwrap()
}

/// The files with a passage replaced, which must exist.
fn with(files: &[SettingsFile], subject: Subject, from: &str, to: &str) -> Vec<SettingsFile> {
    let replaced = |file: &SettingsFile| {
        assert!(file.subject != subject || file.text.contains(from), "{from} is not in {}", file.text);
        let text = if file.subject == subject { file.text.replacen(from, to, 1) } else { file.text.clone() };
        SettingsFile { subject: file.subject, text }
    };
    files.iter().map(replaced).collect()
}

/// The P1 targets of the first plan, Venezuela's default.
const P1: &str = "[plan.targets.P1]\nfirst_response = \"15m\"\nnext_update = \"1h\"\nresolution = \"8h\"\n";

async fn applying_an_export_changes_nothing(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let report = shown(&at, &exported(&at).await).await;
    assert_eq!((report.outcome, report.changes, report.problems), (Outcome::Shown, vec![], vec![]));
    assert!(report.unchanged >= 6 && report.left.is_empty(), "{}", report.unchanged);
    let written = applied(&at, &exported(&at).await).await;
    assert_eq!((written.outcome, written.changes.len()), (Outcome::Written, 0));
    assert!(written.message(Language::En).contains("There is nothing to change."));
}

/// A calendar as text, from numbers.
fn a_calendar((name, opens, length, holidays, closures): (u32, u32, u32, bool, Vec<(u32, u32)>)) -> String {
    let hours = format!("[\"{opens:02}:30-{:02}:00\", \"20:00-20:00:30\"]", opens + 1 + length);
    let holidays = if holidays { "holidays = \"CO\"\nworked_holidays = [2027-05-01]\n" } else { "" };
    let closure = |(day, hour): &(u32, u32)| {
        let part = if *hour == 0 { String::new() } else { format!("hours = \"{hour:02}:00-24:00\"\n") };
        let date = format!("date = 2027-03-{:02}", day + 1);
        format!("[[calendar.closures]]\n{date}\nname = \"Cierre \\\"{hour}\\\"\"\n{part}")
    };
    let closures = closures.iter().map(closure).collect::<Vec<_>>().concat();
    format!(
        "[[calendar]]\nname = \"Calendario {name}\"\n{holidays}[calendar.hours]\nmonday = {hours}\nfriday = [\"22:00-06:00\"]\n{closures}"
    )
}

/// A plan with it as text.
fn a_plan(name: u32, minutes: u32, levels: &[u8], days: u32, wait: Option<u32>) -> String {
    let wait = wait.map_or_else(String::new, |minutes| format!("no_show_wait = \"{minutes}m\"\n"));
    let target = |priority: u32| {
        let first = minutes.min(60);
        let (update, resolution) = (minutes * priority, minutes * priority * 10);
        format!(
            "[plan.targets.P{priority}]\nfirst_response = \"{first}m\"\nnext_update = \"{update}m\"\nresolution = \"{resolution}m\"\n"
        )
    };
    let targets: String = (1..=4).map(target).collect();
    let row = "[\"P1\", \"P2\", \"P3\", \"P4\"]";
    format!(
        "[[plan]]\nname = \"Plan {name}\"\ncalendar = \"Calendario {name}\"\nwarning_levels = {levels:?}\n{wait}{targets}
[plan.matrix]\ncritical = {row}\nhigh = {row}\nmedium = {row}\nlow = {row}
[plan.closing]\nreminder_days = [{days}]\ndecision_days = {}\nreopen_days = {days}\nreopen_budget = \"remaining\"
[plan.waiting]\nmax_total_days = {days}
[plan.survey]\ndue_days = {days}\nopen_days = {days}\nretry = \"{minutes}m\"\nlow_scale_at_most = 3\n",
        days + 1
    )
}

async fn random_settings_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let closures = prop::collection::vec((0_u32..31, 0_u32..24), 0..4);
    let calendar = (0_u32..5, 0_u32..10, 0_u32..9, any::<bool>(), closures);
    let levels = prop::collection::btree_set(1_u8..=100, 0..5);
    let plan = (1_u32..90, levels, 1_u32..200, prop::option::of(1_u32..60));
    for _ in 0..12 {
        let (calendar, (minutes, levels, days, wait)) =
            (calendar.clone(), plan.clone()).new_tree(&mut runner).unwrap().current();
        let levels: Vec<u8> = levels.into_iter().collect();
        let plan = a_plan(calendar.0, minutes, &levels, days, wait);
        let files = [
            SettingsFile { subject: Subject::Calendars, text: a_calendar(calendar) },
            SettingsFile { subject: Subject::Plans, text: plan },
        ];
        let report = applied(&at, &files).await;
        assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]), "{files:?}");
        // Applied again, as given and as exported.
        assert_eq!(shown(&at, &files).await.changes, vec![], "{files:?}");
        assert_eq!(shown(&at, &exported(&at).await).await.changes, vec![], "{files:?}");
    }
}

async fn first_response_of_a_stranger(at: &TestDesk) -> i64 {
    let case = a_case(&at.desk).await;
    let mut connection = at.connection().await;
    let document: String = sqlx::Row::get(
        &sqlx::query("SELECT document FROM case_events WHERE case_number = $1 AND version = 1")
            .bind(case.number.as_compact())
            .fetch_one(&mut connection)
            .await
            .unwrap(),
        0,
    );
    let opened: serde_json::Value = serde_json::from_str(&document).unwrap();
    opened["event"]["opened"]["terms"]["targets"][0]["attention_s"].as_i64().unwrap()
}

async fn a_changed_target_counts_for_cases_opened_from_then_on(engine: Engine) {
    let at = TestDesk::open(engine).await;
    assert_eq!(first_response_of_a_stranger(&at).await, 15 * 60);
    let files = with(&exported(&at).await, Subject::Plans, P1, &P1.replace("15m", "10m"));
    let report = shown(&at, &files).await;
    let [change] = &report.changes[..] else { panic!("{:?}", report.changes) };
    let fields: Vec<_> =
        change.fields.iter().flatten().map(|field| (&*field.key, field.to.as_deref())).collect();
    assert_eq!(fields, [("targets.P1.first_response", Some("\"10m\""))]);
    assert_eq!(first_response_of_a_stranger(&at).await, 15 * 60, "a dry run writes nothing");
    assert_eq!(applied(&at, &files).await.outcome, Outcome::Written);
    assert_eq!(first_response_of_a_stranger(&at).await, 10 * 60);
}

async fn a_planned_change_counts_from_its_date(engine: Engine) {
    const DAY_S: i64 = 24 * 3600;
    let at = TestDesk::open(engine).await;
    let files = with(&exported(&at).await, Subject::Plans, P1, &P1.replace("15m", "10m"));
    let request = Request::Apply { effective_from: START.plus(DAY_S) };
    let report = apply(&at.desk, &Actor::System, files, request).await.unwrap();
    assert_eq!(report.effective_from, START.plus(DAY_S));
    assert_eq!(first_response_of_a_stranger(&at).await, 15 * 60);

    // A change meanwhile is detected and reported.
    let report = shown(&at, &with(&exported(&at).await, Subject::Plans, P1, &P1.replace("1h", "2h"))).await;
    assert!(report.changes[0].supersedes && report.message(Language::En).contains("no longer takes effect"));
    at.clock.advance(DAY_S);
    assert_eq!(first_response_of_a_stranger(&at).await, 10 * 60);
}

async fn a_new_calendar_and_a_plan_on_it_are_added_in_one_go(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let files = [
        SettingsFile { subject: Subject::Calendars, text: a_calendar((7, 8, 3, true, vec![])) },
        SettingsFile { subject: Subject::Plans, text: a_plan(7, 30, &[50, 90], 3, None) },
    ];
    let report = applied(&at, &files).await;
    assert!(report.changes.iter().all(|change| change.fields.is_none()), "{:?}", report.changes);
    assert_eq!((report.outcome, report.changes.len(), report.left.len()), (Outcome::Written, 2, 6));
    let contracts = "number,organisation,country,plan,valid_from,valid_to
CPS-VE-004213-58,Banco Cumbre,VE,Plan 7,2026-01-01,2026-12-31\n";
    let mode = desk::import::Mode::Apply;
    let imported = desk::import::import_contracts(&at.desk, &Actor::System, contracts.as_bytes(), mode).await;
    assert_eq!(imported.unwrap().outcome, desk::import::Outcome::Written);
    // An existing name is that entry, not a second one.
    assert_eq!(shown(&at, &files).await.changes, vec![]);
}

/// Edits of an exported file that are refused: the text, its replacement, and the key and line of the problem.
const WRONG_EDITS: [(Subject, &str, &str, &str, &str); 8] = [
    (
        Subject::Plans,
        "response = \"15m\"",
        "response = \"61m\"",
        "plan[1].targets.P1.first_response",
        "first_response = \"61m\"",
    ),
    (
        Subject::Plans,
        "response = \"15m\"",
        "response = \"soon\"",
        "plan[1].targets.P1.first_response",
        "first_response = \"soon\"",
    ),
    (Subject::Plans, "[50, 75, 90, 100]", "[75, 50]", "plan[1].warning_levels", "warning_levels = [75, 50]"),
    (
        Subject::Plans,
        "reminder_days = [1, 3]",
        "reminder_days = [3, 9]",
        "plan[1].closing.reminder_days",
        "reminder_days = [3, 9]",
    ),
    (Subject::Plans, "id = 1", "id = 99", "plan[1].id", "id = 99"),
    (
        Subject::Plans,
        "next_update = \"1h\"",
        "next_news = \"1h\"",
        "plan[1].targets.P1.next_news",
        "next_news = \"1h\"",
    ),
    (
        Subject::Calendars,
        "= [\"08:00-12:00",
        "= [\"08:00-25:00",
        "calendar[1].hours.monday[1]",
        "monday = [\"08:00-25:00\", \"13:00-17:00\"]",
    ),
    (
        Subject::Calendars,
        "holidays = \"VE\"",
        "holidays = \"BR\"",
        "calendar[1].holidays",
        "holidays = \"BR\"",
    ),
];

async fn a_wrong_file_is_refused_whole_with_line_and_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let files = exported(&at).await;
    let places = async |subject, from: &str, to: &str| {
        let files = with(&files, subject, from, to);
        let report = applied(&at, &files).await;
        assert_eq!(report.outcome, Outcome::Refused, "{from} → {to}");
        let text = &files.iter().find(|file| file.subject == subject).unwrap().text;
        let line_of = |line: usize| text.lines().nth(line - 1).unwrap_or_default().to_owned();
        let told = report.problems.iter();
        told.map(|problem| (problem.key.clone(), line_of(problem.line))).collect::<Vec<_>>()
    };
    for (subject, from, to, key, line) in WRONG_EDITS {
        let told = places(subject, from, to).await;
        assert_eq!(told.first(), Some(&(key.to_owned(), line.to_owned())), "{from} → {to}: {told:?}");
    }
    let broken = SettingsFile { subject: Subject::Plans, text: "[[plan]]\nname = \n".to_owned() };
    let report = applied(&at, &[broken]).await;
    assert_eq!((report.outcome, report.problems[0].line), (Outcome::Refused, 2));
    assert!(
        report.message(Language::En).contains("! plans.toml, line 2: "),
        "{}",
        report.message(Language::En)
    );
    assert_eq!(exported(&at).await, files, "nothing was written");
}

/// The files without the versions that their entries were exported in.
fn without_versions(files: &[SettingsFile]) -> Vec<SettingsFile> {
    let without = |file: &SettingsFile| {
        // A version may stand alone between two empty lines.
        let lines = file.text.lines().filter(|line| !line.is_empty() && !line.starts_with("version = "));
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        SettingsFile { subject: file.subject, text }
    };
    files.iter().map(without).collect()
}

async fn a_file_older_than_another_persons_change_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read = exported(&at).await;
    let one = with(&read, Subject::Plans, P1, &P1.replace("15m", "10m"));
    assert_eq!(applied(&at, &one).await.outcome, Outcome::Written);
    let other = with(&read, Subject::Plans, P1, &P1.replace("8h", "6h"));
    let report = applied(&at, &other).await;
    assert_eq!(report.outcome, Outcome::Refused);
    let [problem] = &report.problems[..] else { panic!("{:?}", report.problems) };
    assert_eq!((&problem.reason, problem.field().as_str()), (&Reason::ChangedMeanwhile, "version"));
    // What is so already is no change, whoever made it.
    assert_eq!(applied(&at, &one).await.outcome, Outcome::Written);
    // Without a version the author means it.
    assert_eq!(applied(&at, &without_versions(&other)).await.outcome, Outcome::Written);
}

async fn an_earlier_export_takes_an_earlier_version_up_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let before = exported(&at).await;
    at.clock.advance(60);
    applied(&at, &with(&before, Subject::Plans, P1, &P1.replace("15m", "10m"))).await;
    at.clock.advance(60);
    assert_ne!(without_versions(&exported(&at).await), without_versions(&before));
    let earlier = export(&at.desk, &Actor::System, START).await.unwrap();
    assert_eq!(without_versions(&earlier), without_versions(&before));
    applied(&at, &earlier).await;
    assert_eq!(without_versions(&exported(&at).await), without_versions(&earlier));
    assert_eq!(first_response_of_a_stranger(&at).await, 15 * 60);
}

async fn the_preview_counts_open_cases_that_would_be_due_otherwise(engine: Engine) {
    let at = TestDesk::open(engine).await;
    // Without a register all have the default plan: P1, first response 15 minutes, opened at 10:00.
    for _ in 0..3 {
        a_case(&at.desk).await;
    }
    at.clock.advance(6 * 60);
    let files = exported(&at).await;
    let preview = shown(&at, &with(&files, Subject::Plans, P1, &P1.replace("15m", "5m"))).await.preview;
    assert_eq!((preview.reached, preview.sooner, preview.later, preview.breached), (3, 3, 0, 3));
    // Due at 10:05 instead of 10:15.
    assert_eq!((preview.sooner_most_s, preview.later_most_s), (600, 0));

    // Closed from noon on: eight business hours end two days later at noon instead of the next day at 10:00.
    let files = with(
        &files,
        Subject::Calendars,
        "monday = [\"08:00-12:00\", \"13:00-17:00\"]",
        "monday = [\"08:00-12:00\"]",
    );
    let report = shown(&at, &files).await;
    let preview = report.preview;
    assert_eq!((preview.reached, preview.sooner, preview.later, preview.breached), (3, 0, 3, 0));
    // Four hours of Monday are missing: from Tuesday 10:00 to Tuesday 15:00, over lunch.
    assert_eq!(preview.later_most_s, 5 * 3600);
    let words = report.message(Language::Es);
    assert!(words.contains("3 después (hasta 5 h)"), "{words}");
    // Another country's plan concerns none of them.
    let files = exported(&at).await;
    let text = &files.iter().find(|file| file.subject == Subject::Plans).unwrap().text;
    let (first, second) = text.split_at(text.rfind("first_response = \"15m\"").unwrap());
    let plans = format!("{first}{}", second.replacen("15m", "5m", 1));
    let preview = shown(&at, &[SettingsFile { subject: Subject::Plans, text: plans }]).await.preview;
    assert_eq!(preview.reached, 0);
}

async fn the_history_names_author_and_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let boss = staff(Role::Administrator);
    let files = with(&exported(&at).await, Subject::Plans, P1, &P1.replace("15m", "10m"));
    let request = Request::Apply { effective_from: START };
    apply(&at.desk, &boss, files, request).await.unwrap();
    let versions = history(&at.desk, &boss).await.unwrap();
    // Three countries with plan and calendar, the standing provider, formats (of numbers and of serials), causes and waiting reasons, and the change.
    assert_eq!(versions.len(), 12);
    let newest = &versions[0];
    assert_eq!(newest.recorded, Some((START, Author::from(&boss))));
    let [field] = &newest.fields.as_ref().unwrap()[..] else { panic!("{newest:?}") };
    assert_eq!((&*field.key, field.from.as_deref()), ("targets.P1.first_response", Some("\"15m\"")));
    assert!(
        versions[1..]
            .iter()
            .all(|version| version.recorded.is_none() && version.effective_from == Instant(0))
    );
}

async fn settings_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let files = exported(&at).await;
    let request = Request::Apply { effective_from: START };
    for (role, reads, changes) in [
        (Role::Technician, false, false),
        (Role::Agent, false, false),
        (Role::Supervisor, true, false),
        (Role::Administrator, true, true),
    ] {
        let actor = staff(role);
        assert_eq!(export(&at.desk, &actor, START).await.is_ok(), reads, "{role:?}");
        assert_eq!(apply(&at.desk, &actor, files.clone(), request).await.is_ok(), changes, "{role:?}");
    }
}

async fn a_new_plan_is_there_at_once_whatever_its_date(engine: Engine) {
    const MONTH_S: i64 = 30 * 24 * 3600;
    let at = TestDesk::open(engine).await;
    let files = [
        SettingsFile { subject: Subject::Calendars, text: a_calendar((7, 8, 3, true, vec![])) },
        SettingsFile { subject: Subject::Plans, text: a_plan(7, 30, &[50, 90], 3, None) },
    ];
    let request = Request::Apply { effective_from: START.plus(MONTH_S) };
    apply(&at.desk, &Actor::System, files.to_vec(), request).await.unwrap();
    assert_eq!(shown(&at, &files).await.changes, vec![], "no second one of the name");
    assert_eq!(shown(&at, &exported(&at).await).await.changes, vec![]);
    // A case can be opened under such a contract, and an older one corrected to it.
    let contracts = "number,organisation,country,plan,valid_from,valid_to
CPS-VE-004213-58,Banco Cumbre,VE,plan  7,2026-01-01,2026-12-31\n";
    let mode = desk::import::Mode::Apply;
    let imported = desk::import::import_contracts(&at.desk, &Actor::System, contracts.as_bytes(), mode).await;
    assert_eq!(imported.unwrap().outcome, desk::import::Outcome::Written);
    a_case(&at.desk).await;
}

async fn an_entry_of_a_planned_name_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let files = exported(&at).await;
    let name = "name = \"Estándar Venezuela\"";
    let renamed = with(&files, Subject::Plans, name, "name = \"Oro\"");
    let request = Request::Apply { effective_from: START.plus(3600) };
    let report = apply(&at.desk, &Actor::System, renamed, request).await.unwrap();
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
    let twin = a_plan(7, 30, &[], 3, None)
        .replace("Plan 7", " ORO ")
        .replace("Calendario 7", &report_calendar(&files));
    let report = applied(&at, &[SettingsFile { subject: Subject::Plans, text: twin }]).await;
    let keys: Vec<_> = report.problems.iter().map(|problem| &*problem.key).collect();
    assert_eq!((report.outcome, keys), (Outcome::Refused, vec!["plan[1].name"]));
}

/// The name of the first calendar of an export.
fn report_calendar(files: &[SettingsFile]) -> String {
    let line = files[0].text.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap();
    line.trim_end_matches('"').to_owned()
}

async fn the_preview_counts_waiting_and_reopened_cases(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let agent = staff(Role::Agent);
    let note = |text| Note::parse(text).unwrap();
    let (waits, reopened) = (a_case(&at.desk).await.number, a_case(&at.desk).await.number);
    at.clock.advance(60);
    for number in [waits, reopened] {
        execute(&at.desk, &agent, number, Command::LogContact { channel: Channel::Phone, note: None }).await;
    }
    let until = at.clock.now().plus(2 * 24 * 3600);
    let pause = Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None };
    execute(&at.desk, &agent, waits, pause).await;
    let (cause, solution) = (note("Fuente dañada"), note("Se reemplazó la fuente"));
    execute(
        &at.desk,
        &agent,
        reopened,
        Command::Resolve {
            category: Category::Hardware,
            cause,
            solution,
            chosen: None,
            classification: None,
        },
    )
    .await;
    let (channel, who) = (Some(Channel::Phone), PersonName::parse("Luis Peña").ok());
    execute(
        &at.desk,
        &agent,
        reopened,
        Command::Verify { verdict: Verdict::Works, channel, who, said: None },
    )
    .await;
    execute(
        &at.desk,
        &Actor::Customer(reopened),
        reopened,
        Command::Reopen { said: note("Volvió a fallar") },
    )
    .await;

    let four_hours = with(&exported(&at).await, Subject::Plans, P1, &P1.replace("8h", "4h"));
    let preview = shown(&at, &four_hours).await.preview;
    assert_eq!((preview.reached, preview.sooner, preview.later, preview.breached), (2, 2, 0, 0));
}
