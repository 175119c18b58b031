//! The formats of serials as a setting: file, form, versions, and what they mean for imports and forms.

use desk::DeskError;
use desk::import::{Doubt, Mode, Outcome as Imported, import_contracts, import_equipment};
use desk::settings::{
    Fields, FileProblem, Outcome, Reason, Request, SERIAL_FORMATS_ID, SettingsFile, SettingsReport, Subject,
    apply, change_entry, entry, export, history, planned, try_serial_formats,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::i18n::Language;
use domain::priority::Platform;
use domain::serial::{
    Reason as SerialReason, SerialFormatProblem, SerialFormats, SerialProblem, standing_formats,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{TestDesk, both_engines, staff};

both_engines! {
    desk_that_has_set_none_has_the_standing_serial_formats,
    random_serial_formats_come_back_as_they_were_applied,
    import_and_form_judge_serials_by_the_formats_in_force,
    planned_serial_formats_count_from_their_day,
    wrong_serial_formats_are_told_with_line_and_key,
    late_change_of_serial_formats_is_refused,
    earlier_serial_formats_are_taken_up_again,
    serial_is_tried_on_formats_that_are_not_saved,
    serial_formats_are_read_by_supervisors_and_changed_by_administrators,
    serial_formats_of_another_process_are_noticed,
}

const DAY_S: i64 = 24 * 3600;

/// An own format of a maker without a standing one; its equipment prints.
const ACME: &str = "[[formats]]\ncode = \"acme\"\nmanufacturer = \"Acme\"\nmask = \"'AC'<yy:9{2}><ww:9{2}>9{4}\"\nplatform = \"printing\"\n";

async fn sent(test: &TestDesk, text: &str, request: Request) -> SettingsReport {
    let file = SettingsFile { subject: Subject::SerialFormats, text: text.to_owned() };
    apply(&test.desk, &Actor::System, vec![file], request).await.unwrap()
}

async fn applied(test: &TestDesk, text: &str) -> SettingsReport {
    sent(test, text, Request::Apply { effective_from: test.desk.now() }).await
}

async fn exported(test: &TestDesk) -> String {
    let files = export(&test.desk, &Actor::System, test.desk.now()).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::SerialFormats).unwrap().text
}

async fn fields_at(test: &TestDesk, at: domain::time::Instant) -> Fields {
    entry(&test.desk, &staff(Role::Supervisor), Subject::SerialFormats, SERIAL_FORMATS_ID, at).await.unwrap()
}

async fn fields(test: &TestDesk) -> Fields {
    fields_at(test, test.desk.now()).await
}

/// Whether the desk recognises a serial of a maker.
fn knows(test: &TestDesk, maker: &str, serial: &str) -> bool {
    let today = "2026-11-22".parse().unwrap();
    test.desk.serial_formats().check_against(maker, serial, today).valid
}

async fn desk_that_has_set_none_has_the_standing_serial_formats(engine: Engine) {
    let test = TestDesk::open(engine).await;
    assert_eq!(*test.desk.serial_formats(), SerialFormats::default());
    let text = exported(&test).await;
    assert!(text.contains("# off ") && !text.contains("[[formats]]"), "{text}");
    let report = applied(&test, &text).await;
    assert_eq!((report.outcome, report.changes, report.unchanged), (Outcome::Written, vec![], 1));
    let read = fields(&test).await;
    let request = Request::DryRun { effective_from: test.desk.now() };
    let boss = staff(Role::Administrator);
    let (again, report) =
        change_entry(&test.desk, &boss, Subject::SerialFormats, read.clone(), request).await.unwrap();
    assert_eq!((again, report.changes, report.problems), (read, vec![], vec![]));
}

async fn random_serial_formats_come_back_as_they_were_applied(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let check = prop::sample::select(vec![("", "9"), ("luhn-10", "9"), ("iso7064-97-10", "9{2}")]);
    let platform = prop::sample::select(vec!["", "network", "printing"]);
    let date = prop::sample::select(vec![
        ("", ""),
        ("<yy:9{2}><ww:9{2}>", "year_from = 1990\n"),
        ("<yyyy:9{4}><mm:9{2}>", ""),
        ("<y:9><m:[0-9]>", "months = \"123456789XYZ\"\n"),
    ]);
    let codes: Vec<String> = standing_formats().iter().map(|format| format.code().to_owned()).collect();
    let off = prop::sample::subsequence(codes, 0..5);
    let set = (prop::collection::vec((check, platform, date), 0..6), off);
    for _ in 0..10 {
        let (random, off) = set.new_tree(&mut runner).unwrap().current();
        let row = |(at, ((check, places), platform, (date, rule)))| {
            let line = |key: &str, value: &str| {
                if value.is_empty() { String::new() } else { format!("{key} = \"{value}\"\n") }
            };
            let (check, platform) = (line("check", check), line("platform", platform));
            format!(
                "[[formats]]\ncode = \"f{at}\"\nmanufacturer = \"Fábrica {at}\"\nmask = \"{date}9{{4}}-{places}\"\n{check}{platform}{rule}"
            )
        };
        let rows: String = random.iter().copied().enumerate().map(row).collect();
        let text = format!("off = {off:?}\n{rows}");
        let report = applied(&test, &text).await;
        assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]), "{text}");
        for again in [&text, &exported(&test).await] {
            let request = Request::DryRun { effective_from: test.desk.now() };
            assert_eq!(sent(&test, again, request).await.changes, vec![], "{again}");
        }
        let formats = test.desk.serial_formats();
        assert_eq!((formats.own().len(), formats.off().len()), (random.len(), off.len()));
    }
    let versions = history(&test.desk, &staff(Role::Supervisor)).await.unwrap();
    let ours = versions.iter().filter(|version| version.subject == Subject::SerialFormats).count();
    assert!(ours > 5, "{ours}");
}

/// What the import doubts of a serial of a maker, on the platform network.
async fn doubted(test: &TestDesk, maker: &str, serial: &str) -> Option<Doubt> {
    let csv = format!(
        "serial,manufacturer,model,platform,contract,site,address,country,zone
{serial},{maker},X1,network,CPS-VE-004213-58,Torre,Av. 1,VE,America/Caracas\n"
    );
    let report = import_equipment(&test.desk, &Actor::System, csv.as_bytes(), Mode::DryRun).await.unwrap();
    assert_eq!(report.bad, vec![]);
    report.doubtful.into_iter().map(|doubtful| doubtful.doubt).next()
}

async fn import_and_form_judge_serials_by_the_formats_in_force(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let csv = "number,organisation,country,plan,valid_from,valid_to
CPS-VE-004213-58,Banco Cumbre,VE,Estándar Venezuela,2026-01-01,2027-06-30\n";
    let report = import_contracts(&test.desk, &Actor::System, csv.as_bytes(), Mode::Apply).await.unwrap();
    assert_eq!(report.outcome, Imported::Written);
    assert_eq!(doubted(&test, "Acme", "ZX810001").await, None, "no format of the maker is known");
    let cisco = Doubt::NotItsMakers { manufacturer: "Cisco".to_owned() };
    assert_eq!(doubted(&test, "Cisco", "ZX810001").await, Some(cisco));

    assert_eq!(applied(&test, &format!("off = [\"cisco\"]\n{ACME}")).await.outcome, Outcome::Written);
    let acme = Doubt::NotItsMakers { manufacturer: "Acme".to_owned() };
    assert_eq!(doubted(&test, "Acme", "ZX810001").await, Some(acme));
    assert_eq!(doubted(&test, "Cisco", "ZX810001").await, None, "the format is off");
    let platform = Doubt::OtherPlatform { platform: Platform::Printing };
    assert_eq!(doubted(&test, "acme", "AC25130042").await, Some(platform.clone()));
    for language in Language::ALL {
        let words = platform.message(language);
        assert!(!words.contains("%{") && !words.contains("import."), "{words}");
    }
    // A date of manufacture that lies ahead fits no format.
    assert!(knows(&test, "Acme", "AC25130042") && !knows(&test, "Acme", "AC90130042"));
}

async fn planned_serial_formats_count_from_their_day(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let from = test.desk.now().plus(DAY_S);
    assert_eq!(sent(&test, ACME, Request::Apply { effective_from: from }).await.outcome, Outcome::Written);
    let boss = staff(Role::Supervisor);
    assert_eq!(planned(&test.desk, &boss, Subject::SerialFormats).await.unwrap(), Some(from));
    assert!(knows(&test, "Acme", "ZX810001"));
    test.clock.advance(DAY_S);
    assert!(!knows(&test, "Acme", "ZX810001"));
    assert_eq!(planned(&test.desk, &boss, Subject::SerialFormats).await.unwrap(), None);
}

async fn wrong_serial_formats_are_told_with_line_and_key(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let head = "[[formats]]\ncode = \"b\"\nmanufacturer = \"Beta\"\n";
    let wide = format!("mask = \"{}\"\n", vec!["9{1,60}"; 50_000].join("|"));
    let empty = format!("mask = \"{}9999\"\n", "''".repeat(50_000));
    for (rest, key, line) in [
        ("mask = \"'AN-9\"\n", "formats[2].mask", 10),
        ("mask = \"\"\n", "formats[2].mask", 10),
        (wide.as_str(), "formats[2].mask", 10),
        (empty.as_str(), "formats[2].mask", 10),
        ("mask = \"9{3}\"\n", "formats[2].mask", 10),
        ("mask = \"<week:9{2}>9{4}\"\n", "formats[2].mask", 10),
        ("mask = \"<ww:9>9{4}\"\n", "formats[2].mask", 10),
        ("mask = \"9{6}\"\ncheck = \"luhn\"\n", "formats[2].check", 11),
        ("mask = \"A{6}9\"\ncheck = \"luhn-10\"\n", "formats[2].check", 11),
        ("mask = \"9{6}\"\nplatform = \"toaster\"\n", "formats[2].platform", 11),
        ("mask = \"<yy:9{2}>9{6}\"\nyear_from = 20\n", "formats[2].year_from", 11),
        ("mask = \"9{6}\"\nyear_from = 2000\n", "formats[2].year_from", 11),
        ("mask = \"<yy:9{2}>9{6}\"\nyear_from = \"now\"\n", "formats[2].year_from", 11),
        ("mask = \"<m:X>9{6}\"\nmonths = \"JFM\"\n", "formats[2].months", 11),
        ("mask = \"9{6}\"\ncolour = \"red\"\n", "formats[2].colour", 11),
    ] {
        let report = applied(&test, &format!("{ACME}\n{head}{rest}")).await;
        assert_eq!(report.outcome, Outcome::Refused, "{rest}");
        let told: Vec<_> =
            report.problems.iter().map(|problem| (problem.key.as_str(), problem.line)).collect();
        assert_eq!(told, [(key, line)], "{rest}");
        for language in Language::ALL {
            let words = report.problems[0].message(language);
            assert!(words.contains("serial_formats.toml") && !words.contains("%{"), "{words}");
        }
    }
    let many: String = (0..=64).map(|at| ACME.replace("\"acme\"", &format!("\"a{at}\""))).collect();
    for (text, key, problem) in [
        (many, "formats", SerialFormatProblem::TooMany),
        (format!("{ACME}{ACME}"), "formats[2].code", SerialFormatProblem::Repeated),
        (
            "off = [\"cisco\", \"no_such\"]\n".to_owned(),
            "off",
            SerialFormatProblem::UnknownStanding("no_such".to_owned()),
        ),
    ] {
        let report = applied(&test, &text).await;
        let told: Vec<_> = report.problems.into_iter().map(|problem| (problem.key, problem.reason)).collect();
        assert_eq!(told, [(key.to_owned(), Reason::SerialFormats(problem))]);
    }
    assert_eq!(*test.desk.serial_formats(), SerialFormats::default(), "nothing was written");
}

async fn late_change_of_serial_formats_is_refused(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut late = fields(&test).await;
    assert_eq!(applied(&test, ACME).await.outcome, Outcome::Written);
    late.insert("off".to_owned(), "cisco".to_owned());
    let request = Request::Apply { effective_from: test.desk.now() };
    let (_, report) =
        change_entry(&test.desk, &staff(Role::Administrator), Subject::SerialFormats, late, request)
            .await
            .unwrap();
    let told: Vec<_> = report.problems.iter().map(FileProblem::field).collect();
    assert_eq!((told, &report.problems[0].reason), (vec!["version".to_owned()], &Reason::ChangedMeanwhile));
    assert_eq!(test.desk.serial_formats().off(), [""; 0]);
}

async fn earlier_serial_formats_are_taken_up_again(engine: Engine) {
    let test = TestDesk::open(engine).await;
    assert_eq!(applied(&test, ACME).await.outcome, Outcome::Written);
    let first = test.desk.now();
    test.clock.advance(60);
    assert_eq!(applied(&test, "off = [\"cisco\", \"hp_pc\"]\n").await.outcome, Outcome::Written);
    assert_eq!(test.desk.serial_formats().own(), []);
    let boss = staff(Role::Administrator);
    let versions = history(&test.desk, &boss).await.unwrap();
    let newest = &versions[0];
    let keys: Vec<_> = newest.fields.iter().flatten().map(|field| field.key.as_str()).collect();
    assert_eq!((newest.subject, keys), (Subject::SerialFormats, vec!["off", "formats.acme"]));
    let earlier = fields_at(&test, first).await;
    assert_eq!(earlier.get("formats.0.code").map(String::as_str), Some("acme"));
    test.clock.advance(60);
    let request = Request::Apply { effective_from: test.desk.now() };
    let (_, report) =
        change_entry(&test.desk, &boss, Subject::SerialFormats, earlier, request).await.unwrap();
    assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]));
    assert!(knows(&test, "Acme", "AC25130042") && test.desk.serial_formats().off().is_empty());
}

async fn serial_is_tried_on_formats_that_are_not_saved(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut own = fields(&test).await;
    for (part, text) in
        [("code", "acme"), ("manufacturer", "Acme"), ("mask", "'AC'<yy:9{2}><ww:9{2}>9{4}"), ("months", "")]
    {
        own.insert(format!("formats.0.{part}"), text.to_owned());
    }
    own.insert("off".to_owned(), "cisco".to_owned());
    let tried = |fields: &Fields, value: &str| {
        try_serial_formats(&test.desk, &staff(Role::Supervisor), fields, value).unwrap()
    };
    let found = tried(&own, "ac-2513-0042").unwrap().unwrap();
    let first = &found.recognition.matches[0];
    assert_eq!((first.format.as_str(), first.as_data().as_str()), ("acme", "year=2025;week=13"));
    assert_eq!(found.reasons, []);
    let wrong = tried(&own, "AC25990042").unwrap().unwrap();
    assert_eq!(wrong.reasons, [("Acme".to_owned(), SerialReason::BadWeek)]);
    assert!(tried(&own, "FOC0913A1B2").unwrap().unwrap().recognition.flagged_unknown, "it is off");
    assert_eq!(tried(&own, "N/A"), Some(Err(SerialProblem::Placeholder)));
    own.insert("formats.0.mask".to_owned(), "'AC".to_owned());
    assert_eq!(tried(&own, "AC25130042"), None);
    assert_eq!(*test.desk.serial_formats(), SerialFormats::default(), "nothing was saved");
    let refused = try_serial_formats(&test.desk, &staff(Role::Agent), &own, "AC25130042");
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
}

async fn serial_formats_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let read = fields(&test).await;
    let request = Request::DryRun { effective_from: test.desk.now() };
    for role in [Role::Supervisor, Role::Agent, Role::Technician] {
        let refused =
            change_entry(&test.desk, &staff(role), Subject::SerialFormats, read.clone(), request).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?}");
    }
    for actor in [staff(Role::Agent), Actor::Anonymous] {
        let now = test.desk.now();
        let refused = entry(&test.desk, &actor, Subject::SerialFormats, SERIAL_FORMATS_ID, now).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
}

async fn serial_formats_of_another_process_are_noticed(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let other = test.another().await;
    assert_eq!(applied(&test, ACME).await.outcome, Outcome::Written);
    assert_eq!(*other.serial_formats(), SerialFormats::default());
    other.refresh_formats().await.unwrap();
    assert_eq!(other.serial_formats(), test.desk.serial_formats());
}
