//! Imports that are shown, confirmed, recorded and undone, on every engine.

use desk::cases::open::open_case;
use desk::import::{
    ImportError, ImportFile, ImportStep, Mapping, MatchProblem, Mode, Outcome, UndoError, bad_rows,
    confirm_import, end_missing, give_up_import, import_file, imports, match_columns, matched_columns,
    next_step, stage_import, undo_import,
};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{Entry, EntryKey, Resolved, Saved, Target, entry, save};
use desk::search::catch_up_register;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::i18n::Language;
use domain::register::{ImportKind, ImportState};
use domain::serial::Serial;
use sqlx::Row;

use crate::support::{TestDesk, an_opening, both_engines, count, staff};

both_engines! {
    contracts_that_a_file_lacks_end_on_the_chosen_day_and_are_put_back_by_the_undo,
    import_is_shown_confirmed_recorded_and_undone,
    confirmation_is_refused_when_the_register_changed_meanwhile,
    columns_of_other_names_are_matched_by_hand,
    columns_that_are_not_matched_are_told_and_matched_again,
    confirmation_is_refused_when_the_columns_were_matched_otherwise_meanwhile,
    confirmed_import_is_that_of_the_one_who_confirmed_it,
    file_waits_for_a_day_or_until_it_is_given_up,
    cells_of_wrong_rows_are_no_formulas,
    wrong_rows_are_given_back_with_their_reasons,
    import_with_a_case_or_a_later_change_on_it_is_not_undone,
    undone_changes_are_as_before,
    import_by_the_command_line_is_on_record,
    only_administrators_import_and_supervisors_read,
}

const CONTRACTS: &str = "number,organisation,country,plan,valid_from,valid_to
CPS-VE-004213-58,Banco Cumbre,VE,Estándar Venezuela,2026-01-01,2026-12-31
";
const EQUIPMENT: &str = "serial,manufacturer,model,platform,contract,site,address,country,zone
FOC2614A1B2,Cisco,Catalyst 9300,network,CPS-VE-004213-58,Torre,Av. Principal 1,VE,America/Caracas
";

fn admin() -> Actor {
    staff(Role::Administrator)
}

fn file(name: &str, text: &str) -> ImportFile {
    ImportFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

async fn staged(test: &TestDesk, kind: ImportKind, text: &str) -> i64 {
    stage_import(&test.desk, &admin(), kind, file("C:\\datos\\archivo.csv", text)).await.unwrap()
}

/// The digest of a file's preview.
async fn shown(test: &TestDesk, id: i64) -> String {
    match next_step(&test.desk, &admin(), id).await.unwrap() {
        (_, ImportStep::Preview { digest, .. }) => digest,
        (record, step) => panic!("{record:?} {step:?}"),
    }
}

async fn imported(test: &TestDesk, kind: ImportKind, text: &str) -> i64 {
    let id = staged(test, kind, text).await;
    let digest = shown(test, id).await;
    let report = confirm_import(&test.desk, &admin(), id, digest, Mode::ApplyConfirmed).await.unwrap();
    assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    id
}

async fn counts(test: &TestDesk) -> [i64; 4] {
    [
        count(test, "SELECT COUNT(*) FROM organisations").await,
        count(test, "SELECT COUNT(*) FROM contracts").await,
        count(test, "SELECT COUNT(*) FROM sites").await,
        count(test, "SELECT COUNT(*) FROM equipment").await,
    ]
}

async fn state(test: &TestDesk, id: i64) -> ImportState {
    next_step(&test.desk, &admin(), id).await.unwrap().0.state
}

async fn import_is_shown_confirmed_recorded_and_undone(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let id = staged(&test, ImportKind::Contracts, CONTRACTS).await;
    let (record, _) = next_step(&test.desk, &admin(), id).await.unwrap();
    assert_eq!((record.file_name.as_str(), record.state), ("archivo.csv", ImportState::Shown));
    assert_eq!(counts(&test).await, [0; 4]);
    let digest = shown(&test, id).await;
    confirm_import(&test.desk, &admin(), id, digest.clone(), Mode::Apply).await.unwrap();
    let twice = confirm_import(&test.desk, &admin(), id, digest, Mode::Apply).await;
    assert!(matches!(twice, Err(ImportError::NotFound)), "{twice:?}");
    let equipment = imported(&test, ImportKind::Equipment, EQUIPMENT).await;
    assert_eq!(counts(&test).await, [1, 1, 1, 1]);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM imports WHERE content IS NOT NULL").await, 0);

    let refused = undo_import(&test.desk, &admin(), id).await;
    assert!(matches!(&refused, Err(UndoError::Changes(keys)) if keys == &["FOC2614A1B2"]), "{refused:?}");
    undo_import(&test.desk, &admin(), equipment).await.unwrap();
    assert_eq!(counts(&test).await, [1, 1, 0, 0]);
    undo_import(&test.desk, &admin(), id).await.unwrap();
    assert_eq!(counts(&test).await, [0; 4]);
    let again = undo_import(&test.desk, &admin(), id).await;
    assert!(matches!(again, Err(UndoError::Nothing)), "{again:?}");
    let page = imports(&test.desk, &admin(), 1).await.unwrap();
    let told: Vec<_> =
        page.rows.iter().map(|row| (row.id, row.state, row.counts, row.by.as_deref())).collect();
    let by = Some("Marta Salas");
    assert_eq!(
        told,
        [(equipment, ImportState::Undone, [1, 0, 0], by), (id, ImportState::Undone, [1, 0, 0], by)]
    );
    catch_up_register(&test.desk).await.unwrap();
    assert_eq!(count(&test, "SELECT COUNT(*) FROM register_terms").await, 0);
}

async fn confirmation_is_refused_when_the_register_changed_meanwhile(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let (one, other) = (
        staged(&test, ImportKind::Contracts, CONTRACTS).await,
        staged(&test, ImportKind::Contracts, &CONTRACTS.replace("2026-12-31", "2027-12-31")).await,
    );
    let (of_one, of_other) = (shown(&test, one).await, shown(&test, other).await);
    confirm_import(&test.desk, &admin(), one, of_one, Mode::Apply).await.unwrap();
    let late = confirm_import(&test.desk, &admin(), other, of_other, Mode::Apply).await;
    assert!(matches!(late, Err(ImportError::ChangedMeanwhile)), "{late:?}");
    assert_eq!(state(&test, other).await, ImportState::Shown);
    let anew = shown(&test, other).await;
    confirm_import(&test.desk, &admin(), other, anew, Mode::Apply).await.unwrap();
}

async fn columns_of_other_names_are_matched_by_hand(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let text = "Contrato\tCliente\tPaís\tPlan SLA\tDesde\tHasta\tNotas
CPS-VE-004213-58\tBanco Cumbre\tVE\tEstándar Venezuela\t2026-01-01\t2026-12-31\t-
";
    let id = staged(&test, ImportKind::Contracts, text).await;
    let (_, step) = next_step(&test.desk, &admin(), id).await.unwrap();
    let ImportStep::Columns { header, matches } = step else { panic!("{step:?}") };
    assert_eq!(header.len(), 7);
    let known: Vec<_> =
        matches.iter().filter_map(|(column, name)| Some((*column, name.as_deref()?))).collect();
    assert_eq!(known, [("organisation", "Cliente"), ("country", "País"), ("plan", "Plan SLA")]);
    let mapping: Mapping = [
        ("number", "Contrato"),
        ("organisation", "Cliente"),
        ("country", "País"),
        ("plan", "Plan SLA"),
        ("valid_from", "Desde"),
        ("valid_to", "Hasta"),
    ]
    .map(|(column, name)| (column.to_owned(), name.to_owned()))
    .into();
    match_columns(&test.desk, &admin(), id, mapping).await.unwrap();
    let digest = shown(&test, id).await;
    confirm_import(&test.desk, &admin(), id, digest, Mode::Apply).await.unwrap();
    assert_eq!(counts(&test).await, [1, 1, 0, 0]);
}

async fn columns_that_are_not_matched_are_told_and_matched_again(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let text = "number;organisation;country;plan;valid_from;Fecha;Fecha\n\
                CPS-VE-004213-58;Banco Cumbre;VE;Estándar Venezuela;2026-01-01;2026-12-31;2026-12-30\n";
    let id = staged(&test, ImportKind::Contracts, text).await;
    for (chosen, problem) in [
        ("", MatchProblem::NotChosen),
        ("Fecha", MatchProblem::NamedTwice),
        ("Otra", MatchProblem::NotChosen),
    ] {
        let mapping: Mapping = [("valid_to".to_owned(), chosen.to_owned())].into();
        let refused = match_columns(&test.desk, &admin(), id, mapping).await;
        let Err(ImportError::Unmatched(problems)) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [("valid_to", problem)]);
    }
    let same: Mapping = [("valid_to".to_owned(), "valid_from".to_owned())].into();
    let refused = match_columns(&test.desk, &admin(), id, same).await;
    let Err(ImportError::Unmatched(problems)) = refused else { panic!("{refused:?}") };
    let both = ["valid_from", "valid_to"].map(|column| (column, MatchProblem::ChosenTwice));
    assert_eq!(problems, both);

    let id = staged(&test, ImportKind::Contracts, CONTRACTS).await;
    let (_, step) = matched_columns(&test.desk, &admin(), id).await.unwrap();
    let ImportStep::Columns { matches, .. } = step else { panic!("{step:?}") };
    assert!(matches.iter().all(|(column, name)| name.as_deref() == Some(*column)), "{matches:?}");
}

async fn confirmation_is_refused_when_the_columns_were_matched_otherwise_meanwhile(engine: Engine) {
    let test = TestDesk::open(engine).await;
    imported(&test, ImportKind::Contracts, CONTRACTS).await;
    let id = staged(&test, ImportKind::Equipment, EQUIPMENT).await;
    let digest = shown(&test, id).await;
    let exchanged: Mapping = [("manufacturer", "model"), ("model", "manufacturer")]
        .map(|(column, name)| (column.to_owned(), name.to_owned()))
        .into();
    match_columns(&test.desk, &admin(), id, exchanged).await.unwrap();
    let late = confirm_import(&test.desk, &admin(), id, digest, Mode::ApplyConfirmed).await;
    assert!(matches!(late, Err(ImportError::ChangedMeanwhile)), "{late:?}");
    let (_, step) = next_step(&test.desk, &admin(), id).await.unwrap();
    let ImportStep::Preview { report, .. } = step else { panic!("{step:?}") };
    assert!(report.added[0].values.contains(&("model", "Cisco".to_owned())), "{report:?}");
}

async fn confirmed_import_is_that_of_the_one_who_confirmed_it(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let sent = file("a.csv", CONTRACTS);
    let id = stage_import(&test.desk, &Actor::System, ImportKind::Contracts, sent).await.unwrap();
    assert_eq!(next_step(&test.desk, &admin(), id).await.unwrap().0.by, None);
    let digest = shown(&test, id).await;
    confirm_import(&test.desk, &admin(), id, digest, Mode::Apply).await.unwrap();
    assert_eq!(next_step(&test.desk, &admin(), id).await.unwrap().0.by.as_deref(), Some("Marta Salas"));
}

async fn file_waits_for_a_day_or_until_it_is_given_up(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let id = staged(&test, ImportKind::Contracts, CONTRACTS).await;
    test.clock.advance(24 * 3600 - 1);
    let digest = shown(&test, id).await;
    test.clock.advance(1);
    let (_, step) = next_step(&test.desk, &admin(), id).await.unwrap();
    assert!(matches!(step, ImportStep::Nothing), "{step:?}");
    let late = confirm_import(&test.desk, &admin(), id, digest, Mode::Apply).await;
    assert!(matches!(late, Err(ImportError::NotFound)), "{late:?}");
    assert_eq!(counts(&test).await, [0; 4]);

    let other = staged(&test, ImportKind::Contracts, CONTRACTS).await;
    assert_eq!(count(&test, "SELECT COUNT(*) FROM imports").await, 1, "the old one is gone");
    give_up_import(&test.desk, &staff(Role::Supervisor), other).await.unwrap_err();
    give_up_import(&test.desk, &admin(), other).await.unwrap();
    assert_eq!(count(&test, "SELECT COUNT(*) FROM imports").await, 0);
}

async fn cells_of_wrong_rows_are_no_formulas(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let text = format!("{CONTRACTS}=1+1,@Clínica,VE,+Oro,-1,2026-02-30\n");
    let id = staged(&test, ImportKind::Contracts, &text).await;
    let csv = bad_rows(&test.desk, &admin(), id, Language::Es).await.unwrap();
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.ends_with(",'=1+1,'@Clínica,VE,'+Oro,'-1,2026-02-30"), "{line}");
    }
}

async fn wrong_rows_are_given_back_with_their_reasons(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let text = format!("{CONTRACTS}CPS-VE-004377-51,Clínica,VE,Oro,2026-01-01,2026-02-30\n1,2\n");
    let id = staged(&test, ImportKind::Contracts, &text).await;
    let csv = bad_rows(&test.desk, &admin(), id, Language::Es).await.unwrap();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "Línea,Columna,Motivo,number,organisation,country,plan,valid_from,valid_to");
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(
        lines[1].starts_with("3,valid_to,") && lines[1].ends_with(",Clínica,VE,Oro,2026-01-01,2026-02-30"),
        "{csv}"
    );
    assert!(lines[2].starts_with("4,,") && lines[2].ends_with(",1,2"), "{csv}");
    let digest = shown(&test, id).await;
    let refused = confirm_import(&test.desk, &admin(), id, digest, Mode::Apply).await.unwrap();
    assert_eq!((refused.outcome, state(&test, id).await), (Outcome::Refused, ImportState::Shown));
}

async fn import_with_a_case_or_a_later_change_on_it_is_not_undone(engine: Engine) {
    let test = TestDesk::open(engine).await;
    imported(&test, ImportKind::Contracts, CONTRACTS).await;
    let id = imported(&test, ImportKind::Equipment, EQUIPMENT).await;
    let mut opening = an_opening("on-an-import");
    opening.report.serial = Serial::parse("FOC2614A1B2").unwrap();
    opening.report.contract = ContractNumber::parse("CPS-VE-004213-58", default_formats()).ok();
    let number = open_case(&test.desk, &Actor::Anonymous, opening).await.unwrap().number;
    let refused = undo_import(&test.desk, &admin(), id).await;
    assert!(matches!(&refused, Err(UndoError::Cases(cases)) if cases == &[number]), "{refused:?}");
    assert_eq!((state(&test, id).await, counts(&test).await[3]), (ImportState::Written, 1));

    let second = EQUIPMENT.replace("FOC2614A1B2", "FOC2614A1B3");
    let id = imported(&test, ImportKind::Equipment, &second).await;
    let key = EntryKey::Equipment("FOC2614A1B3".to_owned());
    let Resolved::Entry(found) = entry(&test.desk, &admin(), &key).await.unwrap() else { panic!("no entry") };
    let Entry { version, mut fields, .. } = *found;
    fields.insert("model".to_owned(), "Catalyst 9200".to_owned());
    save(&test.desk, &admin(), Target::Existing { key, version }, fields, Saved::Asked).await.unwrap();
    let refused = undo_import(&test.desk, &admin(), id).await;
    assert!(matches!(&refused, Err(UndoError::Changes(keys)) if keys == &["FOC2614A1B3"]), "{refused:?}");
    let checked = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(checked.inconsistencies, vec![]);
}

async fn undone_changes_are_as_before(engine: Engine) {
    let test = TestDesk::open(engine).await;
    imported(&test, ImportKind::Contracts, CONTRACTS).await;
    imported(&test, ImportKind::Equipment, EQUIPMENT).await;
    let before = async || {
        let mut all = Vec::new();
        for key in [
            EntryKey::Contract("CPS-VE-004213-58".to_owned()),
            EntryKey::Equipment("FOC2614A1B2".to_owned()),
            EntryKey::Site(1),
        ] {
            let Resolved::Entry(found) = entry(&test.desk, &admin(), &key).await.unwrap() else {
                panic!("no entry")
            };
            all.push((found.fields, found.owner));
        }
        all
    };
    let first = before().await;
    let other = CONTRACTS
        .replace("Banco Cumbre", "Banco Horizonte")
        .replace("2026-12-31", "2027-12-31")
        .replace("Venezuela", "México");
    let contracts = imported(&test, ImportKind::Contracts, &other).await;
    undo_import(&test.desk, &admin(), contracts).await.unwrap();
    assert_eq!(before().await, first);
    // What was undone does not stand in the way of the import before it.
    assert_eq!(count(&test, "SELECT COUNT(*) FROM register_changes WHERE import_id IS NULL").await, 0);
    let other = EQUIPMENT
        .replace("9300", "9500")
        .replace("Av. Principal 1", "Av. Nueva 2")
        .replace("network", "servers");
    let equipment = imported(&test, ImportKind::Equipment, &other).await;
    assert_ne!(before().await, first);
    undo_import(&test.desk, &admin(), equipment).await.unwrap();
    assert_eq!(before().await, first);
    assert_eq!(counts(&test).await, [1, 1, 1, 1]);
}

async fn import_by_the_command_line_is_on_record(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let dry = file("/srv/contracts.csv", CONTRACTS);
    import_file(&test.desk, &Actor::System, ImportKind::Contracts, dry.clone(), Mode::DryRun).await.unwrap();
    assert_eq!(imports(&test.desk, &admin(), 1).await.unwrap().paging.total, 0);
    import_file(&test.desk, &Actor::System, ImportKind::Contracts, dry, Mode::Apply).await.unwrap();
    let page = imports(&test.desk, &admin(), 1).await.unwrap();
    let [row] = page.rows.as_slice() else { panic!("{page:?}") };
    assert_eq!((row.file_name.as_str(), row.by.as_deref(), row.counts), ("contracts.csv", None, [1, 0, 0]));
    undo_import(&test.desk, &admin(), row.id).await.unwrap();
    assert_eq!(counts(&test).await, [0; 4]);
}

async fn only_administrators_import_and_supervisors_read(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let id = staged(&test, ImportKind::Contracts, CONTRACTS).await;
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let actor = staff(role);
        let refused = stage_import(&test.desk, &actor, ImportKind::Contracts, file("a.csv", CONTRACTS)).await;
        assert!(matches!(refused, Err(ImportError::NotPermitted(_))), "{role:?}");
        let refused = confirm_import(&test.desk, &actor, id, String::new(), Mode::Apply).await;
        assert!(matches!(refused, Err(ImportError::NotPermitted(_))), "{role:?}");
        let reads = role == Role::Supervisor;
        assert_eq!(next_step(&test.desk, &actor, id).await.is_ok(), reads, "{role:?}");
        assert_eq!(imports(&test.desk, &actor, 1).await.is_ok(), reads, "{role:?}");
        assert!(undo_import(&test.desk, &actor, id).await.is_err(), "{role:?}");
    }
    // What was never shown is not written.
    let unseen = confirm_import(&test.desk, &admin(), id, String::new(), Mode::Apply).await;
    assert!(matches!(unseen, Err(ImportError::ChangedMeanwhile)), "{unseen:?}");
}

/// Number, first and last day of every contract.
async fn days_of_contracts(test: &TestDesk) -> Vec<(String, String, String)> {
    let mut connection = test.connection().await;
    let query = sqlx::query("SELECT number, valid_from, valid_to FROM contracts");
    let rows = query.fetch_all(&mut connection).await.unwrap();
    let mut days: Vec<_> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    days.sort_unstable();
    days
}

async fn contracts_that_a_file_lacks_end_on_the_chosen_day_and_are_put_back_by_the_undo(engine: Engine) {
    const LISTED: &str = "CPS-VE-004377-51";
    const DAY: &str = "2026-12-01";
    let test = TestDesk::with_register(engine).await;
    let before = days_of_contracts(&test).await;
    let text = format!(
        "number,organisation,country,plan,valid_from,valid_to\n\
         {LISTED},Clínica Nueva,VE,Estándar Venezuela,2026-01-01,2026-12-31\n"
    );
    let id = staged(&test, ImportKind::Contracts, &text).await;
    let without = shown(&test, id).await;
    end_missing(&test.desk, &admin(), id, Some(DAY.parse().unwrap())).await.unwrap();
    let (_, ImportStep::Preview { report, digest }) = next_step(&test.desk, &admin(), id).await.unwrap()
    else {
        panic!("no preview");
    };
    // A contract that has not begun by then stays, and so does one that ends before.
    let runs = |(number, first, last): &&(String, String, String)| {
        number != LISTED && first.as_str() <= DAY && DAY < last.as_str()
    };
    let running: Vec<&str> = before.iter().filter(runs).map(|(number, ..)| number.as_str()).collect();
    let ended: Vec<&str> = report.ended.iter().map(|ended| ended.key.as_str()).collect();
    assert_eq!(ended, running);
    assert!(!ended.is_empty() && !report.gone.is_empty());
    assert_eq!(ended.len() + report.gone.len() + 1, before.len());

    // The preview without the choice confirms nothing.
    let other = confirm_import(&test.desk, &admin(), id, without, Mode::ApplyConfirmed).await;
    assert!(matches!(other, Err(ImportError::ChangedMeanwhile)), "{other:?}");
    confirm_import(&test.desk, &admin(), id, digest, Mode::ApplyConfirmed).await.unwrap();
    for ((number, _, last), (_, _, former)) in days_of_contracts(&test).await.into_iter().zip(&before) {
        if number != LISTED {
            let expected = if ended.contains(&number.as_str()) { DAY } else { former };
            assert_eq!(last, expected, "{number}");
        }
    }
    undo_import(&test.desk, &admin(), id).await.unwrap();
    assert_eq!(days_of_contracts(&test).await, before);

    let equipment = staged(&test, ImportKind::Equipment, EQUIPMENT).await;
    let refused = end_missing(&test.desk, &admin(), equipment, Some(DAY.parse().unwrap())).await;
    assert!(matches!(refused, Err(ImportError::NotFound)), "{refused:?}");
}
