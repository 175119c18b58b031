//! The number formats as a setting: file, form, versions, and what they mean for new and for registered contracts.

use desk::DeskError;
use desk::cases::open::open_case;
use desk::import::{CellProblem, Mode, Outcome as Imported, RowProblem, import_contracts, import_equipment};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{EntryKey, SaveError, Saved, Target, save};
use desk::search::{catch_up, search};
use desk::settings::{
    FORMATS_ID, Fields, FileProblem, Outcome, Reason, Request, SettingsFile, SettingsReport, Subject, apply,
    change_entry, entry, export, history, try_formats,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractFormats, ContractNumberProblem};
use domain::country::Country;
use domain::register::RegisterKind;
use domain::search::Found;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{TestDesk, a_case, an_opening, both_engines, staff};

both_engines! {
    desk_that_has_set_none_has_the_standing_formats,
    random_formats_come_back_as_they_were_applied,
    new_contracts_have_a_format_in_force_and_registered_ones_stay,
    planned_formats_count_from_their_day,
    wrong_formats_are_told_with_line_and_key,
    value_is_tried_on_formats_that_are_not_saved,
    formats_are_read_by_supervisors_and_changed_by_administrators,
    formats_of_another_process_are_noticed,
    prefix_begins_with_the_next_case_and_every_number_is_found,
}

const DAY_S: i64 = 24 * 3600;

/// Formats of a provider's own, for Venezuela.
const OWN: &str = "[[contracts]]\ncountry = \"VE\"\nmask = \"'AN'-9{5}-9{2}\"\ncheck = \"iso7064-97-10\"\n";

async fn sent(test: &TestDesk, text: &str, request: Request) -> SettingsReport {
    let file = SettingsFile { subject: Subject::Formats, text: text.to_owned() };
    apply(&test.desk, &Actor::System, vec![file], request).await.unwrap()
}

async fn applied(test: &TestDesk, text: &str) -> SettingsReport {
    sent(test, text, Request::Apply { effective_from: test.desk.now() }).await
}

async fn exported(test: &TestDesk) -> String {
    let files = export(&test.desk, &Actor::System, test.desk.now()).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::Formats).unwrap().text
}

async fn fields(test: &TestDesk) -> Fields {
    entry(&test.desk, &staff(Role::Supervisor), Subject::Formats, FORMATS_ID, test.desk.now()).await.unwrap()
}

/// Imports one contract. Gives the problem of its number.
async fn imported(test: &TestDesk, number: &str) -> Option<CellProblem> {
    let csv = format!(
        "number,organisation,country,plan,valid_from,valid_to\n{number},Banco Cumbre,VE,Estándar Venezuela,2026-01-01,2027-06-30\n"
    );
    let report = import_contracts(&test.desk, &Actor::System, csv.as_bytes(), Mode::Apply).await.unwrap();
    let bad = report.bad.into_iter().next();
    assert_eq!(bad.is_some(), report.outcome == Imported::Refused);
    bad.map(|bad| match bad.problem {
        RowProblem::Cell(problem) if bad.column == Some("number") => problem,
        other => panic!("{other:?}"),
    })
}

async fn desk_that_has_set_none_has_the_standing_formats(engine: Engine) {
    let test = TestDesk::open(engine).await;
    assert_eq!(*test.desk.formats(), ContractFormats::default());
    let text = exported(&test).await;
    assert!(
        text.contains("mask = \"'CPS'-'VE'-9{6}-9{2}\"") && text.contains("check = \"iso7064-97-10\""),
        "{text}"
    );
    let report = applied(&test, &text).await;
    assert_eq!((report.outcome, report.changes, report.unchanged), (Outcome::Written, vec![], 1));
    let read = fields(&test).await;
    let request = Request::DryRun { effective_from: test.desk.now() };
    let (again, report) =
        change_entry(&test.desk, &staff(Role::Administrator), Subject::Formats, read.clone(), request)
            .await
            .unwrap();
    assert_eq!((again, report.changes, report.problems), (read, vec![], vec![]));
}

async fn random_formats_come_back_as_they_were_applied(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let check =
        prop::sample::select(vec![("", "9"), ("luhn-10", "9"), ("iso7064-97-10", "9{2}"), ("damm", "[0-9]")]);
    let country = prop::sample::select(vec!["", "VE", "CO", "MX"]);
    let format = (country, 1_u32..9, check);
    let formats = prop::collection::vec(format, 1..6);
    for _ in 0..10 {
        let random = formats.new_tree(&mut runner).unwrap().current();
        let row = |(at, (country, digits, (check, places))): (usize, &(&str, u32, (&str, &str)))| {
            let country =
                if country.is_empty() { String::new() } else { format!("country = \"{country}\"\n") };
            let check = if check.is_empty() { String::new() } else { format!("check = \"{check}\"\n") };
            format!("[[contracts]]\n{country}mask = \"9{{{digits}}}-9{{{}}}-{places}\"\n{check}", at + 1)
        };
        let text: String = random.iter().enumerate().map(row).collect();
        let report = applied(&test, &text).await;
        assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]), "{text}");
        for again in [&text, &exported(&test).await] {
            assert_eq!(
                sent(&test, again, Request::DryRun { effective_from: test.desk.now() }).await.changes,
                vec![]
            );
        }
        assert_eq!(test.desk.formats().current().len(), random.len());
    }
    // Each earlier state can be looked at; the newest comes first.
    let versions = history(&test.desk, &staff(Role::Supervisor)).await.unwrap();
    let of_formats = versions.iter().filter(|version| version.subject == Subject::Formats).count();
    assert!(of_formats > 5, "{of_formats}");
}

async fn new_contracts_have_a_format_in_force_and_registered_ones_stay(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    assert_eq!(applied(&test, OWN).await.outcome, Outcome::Written);
    // A registered contract is read, changed and referred to.
    let former = demo::CARACAS.contract;
    assert!(test.desk.formats().parse(former).is_ok());
    assert_eq!(test.desk.formats().country_of(&former.to_owned().try_into().unwrap()), Some(Country::Ve));
    assert_eq!(imported(&test, former).await, None);
    let equipment = format!(
        "serial,manufacturer,model,platform,contract,site,address,country,zone
FOC2614ZZZ9,Cisco,Catalyst 9300,network,{former},Torre Norte,Av. Principal 1,VE,America/Caracas\n"
    );
    let report =
        import_equipment(&test.desk, &Actor::System, equipment.as_bytes(), Mode::Apply).await.unwrap();
    assert_eq!((report.outcome, report.bad), (Imported::Written, vec![]));
    // A new one of a former format is not.
    let problem = imported(&test, "CT-2026-0001").await;
    assert!(
        matches!(&problem, Some(CellProblem::Contract(ContractNumberProblem::UnknownFormat { patterns })) if patterns == &["AN-#####-##"]),
        "{problem:?}"
    );
    // One of the format in force is, with its check.
    let checked = |body: &str| -> Vec<String> {
        let numbers = (0..100).map(|check| format!("{body}-{check:02}"));
        numbers.filter(|number| test.desk.formats().parse_new(number).is_ok()).collect()
    };
    let right = checked("AN-00042");
    assert_eq!(right.len(), 1, "{right:?}");
    assert_eq!(imported(&test, &right[0]).await, None);
    let wrong = if right[0].ends_with('1') { "AN-00042-02" } else { "AN-00042-01" };
    assert!(imported(&test, wrong).await.is_some());
    // By hand as well.
    let organisation =
        match desk::register::entry(&test.desk, &staff(Role::Agent), &EntryKey::Contract(former.to_owned()))
            .await
            .unwrap()
        {
            desk::register::Resolved::Entry(entry) => entry.owner.id,
            other @ desk::register::Resolved::Pointer(_) => panic!("{other:?}"),
        };
    let new = |number: &str| {
        let pairs = [
            ("number", number),
            ("country", "VE"),
            ("plan", "Estándar Venezuela"),
            ("valid_from", "2026-01-01"),
            ("valid_to", "2027-01-01"),
        ];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect::<desk::register::Fields>()
    };
    let target = || Target::New { kind: RegisterKind::Contract, organisation: Some(organisation) };
    let refused =
        save(&test.desk, &staff(Role::Administrator), target(), new("CT-2026-0001"), Saved::Asked).await;
    assert!(matches!(refused, Err(SaveError::Fields(problems)) if problems[0].0 == "number"));
    let number = checked("AN-00043").remove(0);
    save(&test.desk, &staff(Role::Administrator), target(), new(&number), Saved::Asked).await.unwrap();
}

async fn planned_formats_count_from_their_day(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let report = sent(&test, OWN, Request::Apply { effective_from: test.desk.now().plus(DAY_S) }).await;
    assert_eq!(report.outcome, Outcome::Written);
    assert_eq!(imported(&test, "CT-2026-0001").await, None);
    test.clock.advance(DAY_S);
    assert!(imported(&test, "CT-2026-0002").await.is_some());
    assert_eq!(imported(&test, "CT-2026-0001").await, None, "it is in the register");
}

async fn wrong_formats_are_told_with_line_and_key(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let first = "[[contracts]]\nmask = \"'CT'-9{4}\"\n";
    for (second, key, line) in [
        ("[[contracts]]\nmask = \"'AN-9\"\n", "contracts[2].mask", 4),
        ("[[contracts]]\nmask = \"\"\n", "contracts[2].mask", 4),
        ("[[contracts]]\nmask = \"9{70}\"\n", "contracts[2].mask", 4),
        ("[[contracts]]\nmask = \"'CT'-9{4}\"\n", "contracts[2].mask", 4),
        ("[[contracts]]\nmask = \"9{6}\"\ncheck = \"luhn\"\n", "contracts[2].check", 5),
        ("[[contracts]]\nmask = \"A{6}9\"\ncheck = \"luhn-10\"\n", "contracts[2].check", 5),
        ("[[contracts]]\nmask = \"X{6}9\"\ncheck = \"luhn-36\"\n", "contracts[2].check", 5),
        ("[[contracts]]\nmask = \"9{6}9\"\ncheck = \"iso7064-37-2\"\n", "contracts[2].check", 5),
        ("[[contracts]]\ncountry = \"BR\"\nmask = \"9{6}\"\n", "contracts[2].country", 4),
        ("[[contracts]]\nmask = \"9{6}\"\ncolour = \"red\"\n", "contracts[2].colour", 5),
    ] {
        let report = applied(&test, &format!("{first}{second}")).await;
        assert_eq!(report.outcome, Outcome::Refused, "{second}");
        let told: Vec<_> =
            report.problems.iter().map(|problem| (problem.key.as_str(), problem.line)).collect();
        assert_eq!(told, [(key, line)], "{second}");
        for language in domain::i18n::Language::ALL {
            let words = report.problems[0].message(language);
            assert!(words.contains("formats.toml") && !words.contains("%{"), "{words}");
        }
    }
    assert_eq!(applied(&test, "contracts = []\n").await.problems.len(), 1);
    assert_eq!(*test.desk.formats(), ContractFormats::default(), "nothing was written");
    // A form older than another person's change.
    let read = fields(&test).await;
    assert_eq!(applied(&test, OWN).await.outcome, Outcome::Written);
    let mut late = read;
    late.insert("contracts.0.mask".to_owned(), "'ZZ'-9{4}".to_owned());
    late.remove("contracts.0.check");
    let request = Request::Apply { effective_from: test.desk.now() };
    let (_, report) =
        change_entry(&test.desk, &staff(Role::Administrator), Subject::Formats, late, request).await.unwrap();
    let told: Vec<_> = report.problems.iter().map(FileProblem::field).collect();
    assert_eq!((told, &report.problems[0].reason), (vec!["version".to_owned()], &Reason::ChangedMeanwhile));
}

async fn value_is_tried_on_formats_that_are_not_saved(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut own = fields(&test).await;
    own.insert("contracts.0.mask".to_owned(), "'AN'-9{4}".to_owned());
    own.insert("contracts.0.check".to_owned(), String::new());
    let tried = |fields: &Fields, value: &str| {
        try_formats(&test.desk, &staff(Role::Supervisor), fields, value).unwrap()
    };
    let (number, country) = tried(&own, "an 0042").unwrap().unwrap();
    assert_eq!((number.as_str(), country), ("AN-0042", Some(Country::Ve)));
    assert!(tried(&own, "CPS-VE-004213-58").unwrap().is_err(), "a former format is none of a new contract");
    assert!(tried(&own, "CPS-CO-002107-95").unwrap().is_ok());
    assert!(matches!(tried(&own, "AN-00"), Some(Err(ContractNumberProblem::TooShort { missing: 2, .. }))));
    own.insert("contracts.0.mask".to_owned(), "'AN".to_owned());
    assert_eq!(tried(&own, "AN-0042"), None);
    assert_eq!(*test.desk.formats(), ContractFormats::default(), "nothing was saved");
    let refused = try_formats(&test.desk, &staff(Role::Agent), &own, "AN-0042");
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
}

async fn formats_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let read = fields(&test).await;
    let request = Request::DryRun { effective_from: test.desk.now() };
    for role in [Role::Supervisor, Role::Agent, Role::Technician] {
        let refused = change_entry(&test.desk, &staff(role), Subject::Formats, read.clone(), request).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?}");
    }
    for actor in [staff(Role::Agent), Actor::Anonymous] {
        let refused = entry(&test.desk, &actor, Subject::Formats, FORMATS_ID, test.desk.now()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
}

async fn formats_of_another_process_are_noticed(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let other = test.another().await;
    assert_eq!(applied(&test, OWN).await.outcome, Outcome::Written);
    assert_eq!(*other.formats(), ContractFormats::default());
    other.refresh_formats().await.unwrap();
    assert_eq!(other.formats(), test.desk.formats());
}

async fn prefix_begins_with_the_next_case_and_every_number_is_found(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let before = a_case(&test.desk).await.number;
    assert_eq!(applied(&test, "[cases]\nVE = \"an\"\n").await.outcome, Outcome::Written);
    assert!(exported(&test).await.contains("[cases]\nVE = \"AN\""), "{}", exported(&test).await);
    let after =
        open_case(&test.desk, &Actor::Anonymous, an_opening("prefix-000000001")).await.unwrap().number;
    assert_eq!((before.sequence() + 1, before.country()), (after.sequence(), after.country()));
    assert!(before.to_string().starts_with("VE26-") && after.to_string().starts_with("AN-VE26-"), "{after}");
    // Taken away again, the series goes on.
    assert_eq!(applied(&test, "").await.outcome, Outcome::Written);
    let last = open_case(&test.desk, &Actor::Anonymous, an_opening("prefix-000000002")).await.unwrap().number;
    assert_eq!((last.sequence(), last.to_string().starts_with("VE26-")), (after.sequence() + 1, true));
    // Each is found by its number as written and by its sequence, and by its link.
    catch_up(&test.desk).await.unwrap();
    for text in ["AN-2", "an2", "an-26-2", "an-ve26-000002", "an peña 2", "an ve26-2"] {
        let found = search(&test.desk, &staff(Role::Agent), text).await.unwrap();
        assert!(
            matches!(&found, Found::Cases(rows) if rows.len() == 1 && rows[0].number == after),
            "{text}: {found:?}"
        );
    }
    for number in [before, after, last] {
        for text in [number.to_string(), number.as_compact().to_lowercase()] {
            let found = search(&test.desk, &staff(Role::Agent), &text).await.unwrap();
            assert!(matches!(found, Found::Case(found) if found == number), "{text}: {found:?}");
        }
        let part = format!("VE26-{}", number.sequence());
        let found = search(&test.desk, &staff(Role::Agent), &part).await.unwrap();
        let Found::Cases(cases) = found else { panic!("{found:?}") };
        assert_eq!(cases.iter().map(|case| case.number).collect::<Vec<_>>(), [number]);
    }
    let checked = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(checked.inconsistencies, vec![]);
    for (text, key) in [
        ("VE = \"A1\"", "cases.VE"),
        ("VE = \"ABCDE\"", "cases.VE"),
        ("VE = \"CO\"", "cases.VE"),
        ("BR = \"AN\"", "cases.BR"),
    ] {
        let report = applied(&test, &format!("[cases]\n{text}\n")).await;
        let told: Vec<_> =
            report.problems.iter().map(|problem| (problem.key.as_str(), problem.line)).collect();
        assert_eq!(told, [(key, 2)], "{text}");
    }
}
