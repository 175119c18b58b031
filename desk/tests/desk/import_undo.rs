//! Undoing imports over renamed, merged and corrected entries, on every engine.

use desk::cases::open::open_case;
use desk::import::{
    Doubt, ImportFile, ImportStep, Mode, Outcome, UndoError, confirm_import, next_step, stage_import,
    undo_import,
};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{
    Entry, EntryKey, MergeError, Resolved, SaveError, Saved, Target, entry, list, merge, save,
};
use desk::register::{ListQuery, Listed};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::register::{ImportKind, RegisterKind};
use domain::serial::Serial;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::{TestDesk, an_opening, both_engines, staff};

both_engines! {
    equipment_goes_back_to_the_site_it_stood_at_though_another_has_its_name,
    contract_goes_back_to_the_organisation_of_its_country,
    contract_goes_back_to_an_organisation_that_was_renamed,
    contract_whose_former_organisation_was_merged_stays,
    equipment_goes_back_to_its_site_over_a_merge_of_customers,
    contract_goes_back_to_a_plan_that_was_renamed,
    import_with_a_corrected_serial_is_not_undone,
    imports_of_the_same_rows_are_undone_one_after_another,
    contract_is_not_taken_from_equipment_that_followed_it,
    serial_that_was_corrected_is_doubted_and_leads_on_after_the_undo,
}

fn admin() -> Actor {
    staff(Role::Administrator)
}

async fn imported(test: &TestDesk, kind: ImportKind, text: &str) -> i64 {
    let file = ImportFile { name: "a.csv".to_owned(), bytes: text.as_bytes().to_vec() };
    let id = stage_import(&test.desk, &admin(), kind, file).await.unwrap();
    let (record, step) = next_step(&test.desk, &admin(), id).await.unwrap();
    let ImportStep::Preview { digest, .. } = step else { panic!("{record:?} {step:?}") };
    let report = confirm_import(&test.desk, &admin(), id, digest, Mode::ApplyConfirmed).await.unwrap();
    assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    id
}

/// Rows of number, organisation, country and plan.
fn contracts(rows: &[[&str; 4]]) -> String {
    let rows = rows.iter().map(|row| format!("{},2026-01-01,2026-12-31\n", row.join(",")));
    format!("number,organisation,country,plan,valid_from,valid_to\n{}", rows.collect::<String>())
}

/// Rows of serial, model, contract, site and address.
fn equipment(rows: &[[&str; 5]]) -> String {
    let rows = rows.iter().map(|[serial, model, contract, site, address]| {
        format!("{serial},Cisco,{model},network,{contract},{site},{address},VE,America/Caracas\n")
    });
    let rows: String = rows.collect();
    format!("serial,manufacturer,model,platform,contract,site,address,country,zone\n{rows}")
}

const PLAN: &str = "Estándar Venezuela";
const OTHER_PLAN: &str = "Estándar México";
const ONE: &str = "CT-2026-0001";
const TWO: &str = "CT-2026-0002";
const SERIAL: &str = "FOC2614A1B2";

fn contract(number: &str) -> EntryKey {
    EntryKey::Contract(number.to_owned())
}

fn piece(serial: &str) -> EntryKey {
    EntryKey::Equipment(serial.to_owned())
}

async fn found(test: &TestDesk, key: &EntryKey) -> Entry {
    match entry(&test.desk, &admin(), key).await.unwrap() {
        Resolved::Entry(entry) => *entry,
        Resolved::Pointer(into) => panic!("{key:?} leads to {into:?}"),
    }
}

/// What an entry says, without its version.
async fn said(test: &TestDesk, key: &EntryKey) -> (desk::register::Fields, i64) {
    let Entry { fields, owner, .. } = found(test, key).await;
    (fields, owner.id)
}

async fn owner(test: &TestDesk, number: &str) -> EntryKey {
    EntryKey::Organisation(found(test, &contract(number)).await.owner.id)
}

async fn change(test: &TestDesk, key: &EntryKey, field: &str, value: &str) -> Result<EntryKey, SaveError> {
    let Entry { version, mut fields, .. } = found(test, key).await;
    fields.insert(field.to_owned(), value.to_owned());
    let target = Target::Existing { key: key.clone(), version };
    save(&test.desk, &admin(), target, fields, Saved::Confirmed).await
}

async fn merged(test: &TestDesk, from: &EntryKey, into: &EntryKey) -> Result<(), MergeError> {
    let versions = (found(test, from).await.version, found(test, into).await.version);
    merge(&test.desk, &admin(), (from, versions.0), (into, versions.1)).await
}

async fn undone(test: &TestDesk, id: i64) {
    undo_import(&test.desk, &admin(), id).await.unwrap();
    let checked = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(checked.inconsistencies, vec![]);
}

async fn refused(test: &TestDesk, id: i64) -> Vec<String> {
    match undo_import(&test.desk, &admin(), id).await {
        Err(UndoError::Changes(keys)) => keys,
        other => panic!("{other:?}"),
    }
}

async fn names(test: &TestDesk) -> Vec<String> {
    let listed = list(&test.desk, &admin(), &ListQuery::all(RegisterKind::Organisation)).await.unwrap();
    let Listed::Organisations(page) = listed else { panic!("{listed:?}") };
    let mut names: Vec<_> =
        page.rows.into_iter().map(|row| format!("{} {}", row.name, row.country.code())).collect();
    names.sort();
    names
}

/// Two customers with a contract each, and equipment of the first at its site "Torre".
async fn two_customers(engine: Engine) -> TestDesk {
    let test = TestDesk::open(engine).await;
    let both = contracts(&[[ONE, "Banco Sur", "VE", PLAN], [TWO, "Clínica Norte", "VE", PLAN]]);
    imported(&test, ImportKind::Contracts, &both).await;
    imported(&test, ImportKind::Equipment, &equipment(&[[SERIAL, "9300", ONE, "Torre", "Av. Principal 1"]]))
        .await;
    // The other customer has a site of that name, too, at another address.
    imported(
        &test,
        ImportKind::Equipment,
        &equipment(&[["FOC2614A1C3", "9300", TWO, "Torre", "Calle Norte 2"]]),
    )
    .await;
    test
}

async fn equipment_goes_back_to_the_site_it_stood_at_though_another_has_its_name(engine: Engine) {
    let test = two_customers(engine).await;
    let before = said(&test, &piece(SERIAL)).await;
    let moved = equipment(&[[SERIAL, "9300", TWO, "Torre", "Calle Norte 2"]]);
    let id = imported(&test, ImportKind::Equipment, &moved).await;
    assert_ne!(said(&test, &piece(SERIAL)).await.0["site_id"], before.0["site_id"]);
    undone(&test, id).await;
    assert_eq!(said(&test, &piece(SERIAL)).await, before);
}

async fn contract_goes_back_to_the_organisation_of_its_country(engine: Engine) {
    let test = two_customers(engine).await;
    let before = said(&test, &contract(ONE)).await;
    let id = imported(&test, ImportKind::Contracts, &contracts(&[[ONE, "Banco Sur", "CO", PLAN]])).await;
    assert_eq!(names(&test).await, ["Banco Sur CO", "Banco Sur VE", "Clínica Norte VE"]);
    undone(&test, id).await;
    assert_eq!(said(&test, &contract(ONE)).await, before);
    assert_eq!(names(&test).await, ["Banco Sur VE", "Clínica Norte VE"]);
}

async fn contract_goes_back_to_an_organisation_that_was_renamed(engine: Engine) {
    let test = two_customers(engine).await;
    let before = owner(&test, ONE).await;
    let id = imported(&test, ImportKind::Contracts, &contracts(&[[ONE, "Clínica Norte", "VE", PLAN]])).await;
    change(&test, &before, "name", "Banco del Sur").await.unwrap();
    undone(&test, id).await;
    assert_eq!(owner(&test, ONE).await, before);
}

async fn contract_whose_former_organisation_was_merged_stays(engine: Engine) {
    let test = two_customers(engine).await;
    let former = owner(&test, ONE).await;
    let third = contracts(&[["CT-2026-0003", "Seguros Este", "VE", PLAN]]);
    imported(&test, ImportKind::Contracts, &third).await;
    let id = imported(&test, ImportKind::Contracts, &contracts(&[[ONE, "Clínica Norte", "VE", PLAN]])).await;
    merged(&test, &former, &owner(&test, "CT-2026-0003").await).await.unwrap();
    let before = said(&test, &contract(ONE)).await;
    assert_eq!(refused(&test, id).await, [ONE]);
    assert_eq!(said(&test, &contract(ONE)).await, before);
}

async fn equipment_goes_back_to_its_site_over_a_merge_of_customers(engine: Engine) {
    let test = two_customers(engine).await;
    let other = equipment(&[["FOC2614A1D4", "9300", ONE, "Sede", "Av. Dos 2"]]);
    imported(&test, ImportKind::Equipment, &other).await;
    let before = said(&test, &piece(SERIAL)).await.0["site_id"].clone();
    let id =
        imported(&test, ImportKind::Equipment, &equipment(&[[SERIAL, "9300", ONE, "Sede", "Av. Dos 2"]]))
            .await;
    merged(&test, &owner(&test, ONE).await, &owner(&test, TWO).await).await.unwrap();
    undone(&test, id).await;
    let fields = said(&test, &piece(SERIAL)).await.0;
    assert_eq!((&fields["site_id"], fields["site"].as_str()), (&before, "Torre (Banco Sur)"));
}

async fn contract_goes_back_to_a_plan_that_was_renamed(engine: Engine) {
    let test = two_customers(engine).await;
    let id =
        imported(&test, ImportKind::Contracts, &contracts(&[[ONE, "Banco Sur", "VE", OTHER_PLAN]])).await;
    let mut connection = test.connection().await;
    let rename = format!("UPDATE plans SET name = 'Plan nuevo' WHERE name = '{PLAN}'");
    connection.execute(AssertSqlSafe(rename)).await.unwrap();
    undone(&test, id).await;
    assert_eq!(said(&test, &contract(ONE)).await.0["plan"], "Plan nuevo");
}

async fn import_with_a_corrected_serial_is_not_undone(engine: Engine) {
    let test = two_customers(engine).await;
    let other = equipment(&[[SERIAL, "9500", ONE, "Torre", "Av. Principal 1"]]);
    let id = imported(&test, ImportKind::Equipment, &other).await;
    let now = change(&test, &piece(SERIAL), "serial", "FOC2614A1B9").await.unwrap();
    assert_eq!(refused(&test, id).await, [SERIAL]);
    assert_eq!(found(&test, &now).await.fields["model"], "9500");
}

async fn imports_of_the_same_rows_are_undone_one_after_another(engine: Engine) {
    let test = two_customers(engine).await;
    let file = |plan| contracts(&[[ONE, "Banco Sur", "VE", plan], ["CT-2026-0009", "Banco Sur", "VE", plan]]);
    let before = said(&test, &contract(ONE)).await;
    let first = imported(&test, ImportKind::Contracts, &file(OTHER_PLAN)).await;
    let between = said(&test, &contract(ONE)).await;
    let second = imported(&test, ImportKind::Contracts, &file("Estándar Colombia")).await;
    assert!(!refused(&test, first).await.is_empty());
    undone(&test, second).await;
    assert_eq!(said(&test, &contract(ONE)).await, between);
    undone(&test, first).await;
    assert_eq!(said(&test, &contract(ONE)).await, before);
    assert!(entry(&test.desk, &admin(), &contract("CT-2026-0009")).await.is_err());
    // A change by hand between the two still counts.
    let first = imported(&test, ImportKind::Contracts, &file(OTHER_PLAN)).await;
    change(&test, &contract(ONE), "valid_to", "2027-12-31").await.unwrap();
    let second = imported(&test, ImportKind::Contracts, &file(OTHER_PLAN)).await;
    undone(&test, second).await;
    assert_eq!(refused(&test, first).await, [ONE]);
}

async fn contract_is_not_taken_from_equipment_that_followed_it(engine: Engine) {
    let test = two_customers(engine).await;
    let id = imported(&test, ImportKind::Contracts, &contracts(&[[ONE, "Clínica Norte", "VE", PLAN]])).await;
    change(&test, &piece(SERIAL), "site", "Torre").await.unwrap();
    change(&test, &piece(SERIAL), "model", "9200").await.unwrap();
    assert_eq!(refused(&test, id).await, [SERIAL]);
}

async fn serial_that_was_corrected_is_doubted_and_leads_on_after_the_undo(engine: Engine) {
    let test = two_customers(engine).await;
    let mut opening = an_opening("on-the-former-serial");
    opening.report.serial = Serial::parse(SERIAL).unwrap();
    opening.report.contract = ContractNumber::parse(ONE, default_formats()).ok();
    open_case(&test.desk, &Actor::Anonymous, opening).await.unwrap();
    let now = change(&test, &piece(SERIAL), "serial", "XYZ99900").await.unwrap();
    test.clock.advance(60);

    let text = equipment(&[[SERIAL, "9300", ONE, "Torre", "Av. Principal 1"]]);
    let file = ImportFile { name: "a.csv".to_owned(), bytes: text.clone().into_bytes() };
    let id = stage_import(&test.desk, &admin(), ImportKind::Equipment, file).await.unwrap();
    let (_, step) = next_step(&test.desk, &admin(), id).await.unwrap();
    let ImportStep::Preview { report, .. } = step else { panic!("{step:?}") };
    let doubts: Vec<_> = report.doubtful.iter().map(|doubtful| doubtful.doubt.clone()).collect();
    assert!(doubts.contains(&Doubt::CorrectedTo { serial: "XYZ99900".to_owned() }), "{doubts:?}");
    let fields = found(&test, &now).await.fields;
    let mut again = fields.clone();
    again.insert("serial".to_owned(), SERIAL.to_owned());
    let target = Target::New { kind: RegisterKind::Equipment, organisation: None };
    let asked = save(&test.desk, &admin(), target, again, Saved::Asked).await;
    assert!(
        matches!(&asked, Err(SaveError::Doubtful(doubts)) if doubts.iter().any(|(_, doubt)| matches!(doubt, Doubt::CorrectedTo { .. }))),
        "{asked:?}"
    );

    let id = imported(&test, ImportKind::Equipment, &text).await;
    assert_eq!(found(&test, &piece(SERIAL)).await.title, SERIAL);
    undone(&test, id).await;
    let led = entry(&test.desk, &admin(), &piece(SERIAL)).await.unwrap();
    assert_eq!(led, Resolved::Pointer(now));
}
