//! What merges and changes by hand leave behind: history, pointers, doubts; on every engine.

use desk::cases::open::open_case;
use desk::import::{Doubt, Mode, import_contracts, import_equipment, import_travel};
use desk::register::{
    Entry, EntryKey, ListQuery, Listed, PromiseCount, Resolved, SaveError, Saved, Target, entry, list, merge,
    promises_of, register_history, save,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::register::{RegisterChange, RegisterField, RegisterKind};
use domain::serial::Serial;
use domain::sla_plan::SlaMetric;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::{TestDesk, an_opening, both_engines, count, staff};

both_engines! {
    merge_is_in_the_history_of_contracts_sites_and_equipment,
    serial_that_differs_by_leading_zeros_is_doubted,
    promises_are_counted_over_all_spellings_and_for_those_who_read_reports,
}

const CONTRACTS: &str = "number,organisation,country,plan,valid_from,valid_to
CT-2026-0001,Banco Sur,VE,Estándar Venezuela,2026-01-01,2026-12-31
CT-2026-0002,Banco Sur C.A.,VE,Estándar Venezuela,2026-01-01,2026-12-31
";
const EQUIPMENT: &str = "serial,manufacturer,model,platform,contract,site,address,country,zone
0012345,Otro,M1,network,CT-2026-0001,Torre,Av. Principal 1,VE,America/Caracas
7700001,Otro,M1,network,CT-2026-0001,Sede,Av. Segunda 2,VE,America/Caracas
7700002,Otro,M1,network,CT-2026-0002,Torre,Av. Principal 1,VE,America/Caracas
7700003,Otro,M1,network,CT-2026-0002,Sede,Calle Otra 33,VE,America/Caracas
";
const TRAVEL: &str = "organisation,site,other_organisation,other_site,minutes
Banco Sur,Torre,Banco Sur,Sede,20
";

fn admin() -> Actor {
    staff(Role::Administrator)
}

async fn a_register(engine: Engine) -> TestDesk {
    let test = TestDesk::open(engine).await;
    for (text, kind) in [(CONTRACTS, 0), (EQUIPMENT, 1), (TRAVEL, 2)] {
        let report = match kind {
            0 => import_contracts(&test.desk, &Actor::System, text.as_bytes(), Mode::ApplyConfirmed).await,
            1 => import_equipment(&test.desk, &Actor::System, text.as_bytes(), Mode::ApplyConfirmed).await,
            _ => import_travel(&test.desk, &Actor::System, text.as_bytes(), Mode::ApplyConfirmed).await,
        };
        assert!(report.as_ref().unwrap().bad.is_empty(), "{report:?}");
    }
    test
}

async fn found(test: &TestDesk, key: &EntryKey) -> Entry {
    match entry(&test.desk, &admin(), key).await.unwrap() {
        Resolved::Entry(entry) => *entry,
        Resolved::Pointer(into) => panic!("{key:?} leads to {into:?}"),
    }
}

fn piece(serial: &str) -> EntryKey {
    EntryKey::Equipment(serial.to_owned())
}

async fn site_of(test: &TestDesk, serial: &str) -> EntryKey {
    let id = found(test, &piece(serial)).await.fields["site_id"].clone();
    EntryKey::parse(RegisterKind::Site, &id).unwrap()
}

/// The last change of an entry and of those that became one with it.
async fn last(test: &TestDesk, key: &EntryKey) -> RegisterChange {
    let entities: Vec<String> = [key.text()].into_iter().chain(found(test, key).await.former).collect();
    let page = register_history(&test.desk, &admin(), key.kind(), &entities, 1).await.unwrap();
    page.rows.into_iter().next().unwrap().change
}

fn edited(fields: &[(&str, &str, &str)]) -> RegisterChange {
    let field = |(field, from, to): &(&str, &str, &str)| RegisterField {
        field: (*field).to_owned(),
        from: (*from).to_owned(),
        to: (*to).to_owned(),
    };
    RegisterChange::Edited { fields: fields.iter().map(field).collect() }
}

async fn merge_is_in_the_history_of_contracts_sites_and_equipment(engine: Engine) {
    let test = a_register(engine).await;
    let contract = |number: &str| EntryKey::Contract(number.to_owned());
    let owner = async |number: &str| EntryKey::Organisation(found(&test, &contract(number)).await.owner.id);
    let (from, into) = (owner("CT-2026-0001").await, owner("CT-2026-0002").await);
    let (joined, stays) = (site_of(&test, "0012345").await, site_of(&test, "7700002").await);
    let renamed = site_of(&test, "7700001").await;
    let versions = (found(&test, &from).await.version, found(&test, &into).await.version);
    merge(&test.desk, &admin(), (&from, versions.0), (&into, versions.1)).await.unwrap();

    let moved = ("organisation", "Banco Sur", "Banco Sur C.A.");
    assert_eq!(last(&test, &contract("CT-2026-0001")).await, edited(&[moved]));
    assert_eq!(last(&test, &renamed).await, edited(&[moved, ("name", "Sede", "Sede (Banco Sur)")]));
    let site = ("site", "Torre (Banco Sur)", "Torre (Banco Sur C.A.)");
    assert_eq!(last(&test, &piece("0012345")).await, edited(&[site]));
    assert_eq!(last(&test, &stays).await, RegisterChange::MergedFrom { name: "Torre".to_owned() });
    assert_eq!(entry(&test.desk, &admin(), &joined).await.unwrap(), Resolved::Pointer(stays.clone()));
    assert_eq!(site_of(&test, "0012345").await, stays);
    assert_eq!(found(&test, &stays).await.former, [joined.text()]);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM travel_times WHERE minutes = 20").await, 1);
    let ways =
        "SELECT COUNT(*) FROM travel_times t WHERE NOT EXISTS (SELECT 1 FROM sites s WHERE s.id = t.site_id)
                    OR NOT EXISTS (SELECT 1 FROM sites s WHERE s.id = t.other_site_id)";
    assert_eq!(count(&test, ways).await, 0);
}

async fn serial_that_differs_by_leading_zeros_is_doubted(engine: Engine) {
    let test = a_register(engine).await;
    let mut fields = found(&test, &piece("0012345")).await.fields;
    fields.insert("serial".to_owned(), "12345".to_owned());
    let new = || Target::New { kind: RegisterKind::Equipment, organisation: None };
    let asked = save(&test.desk, &admin(), new(), fields.clone(), Saved::Asked).await;
    let Err(SaveError::Doubtful(doubts)) = &asked else { panic!("{asked:?}") };
    assert!(doubts.contains(&("serial", Doubt::LeadingZeros { known: "0012345".to_owned() })), "{doubts:?}");
    save(&test.desk, &admin(), new(), fields, Saved::Confirmed).await.unwrap();
    let listed = list(&test.desk, &admin(), &ListQuery::all(RegisterKind::Equipment)).await.unwrap();
    let Listed::Equipment(page) = listed else { panic!("{listed:?}") };
    assert_eq!(page.paging.total, 5);
}

async fn promises_are_counted_over_all_spellings_and_for_those_who_read_reports(engine: Engine) {
    let test = a_register(engine).await;
    let (former, now) = (piece("0012345"), piece("12345"));
    let mut fields = found(&test, &former).await.fields;
    fields.insert("serial".to_owned(), "12345".to_owned());
    let new = Target::New { kind: RegisterKind::Equipment, organisation: None };
    save(&test.desk, &admin(), new, fields, Saved::Confirmed).await.unwrap();
    let mut connection = test.connection().await;
    for (serial, outcome) in [("0012345", "kept"), ("12345", "missed"), ("7700001", "kept")] {
        let mut opening = an_opening(serial);
        opening.report.serial = Serial::parse(serial).unwrap();
        opening.report.contract = ContractNumber::parse("CT-2026-0001", default_formats()).ok();
        let number = open_case(&test.desk, &Actor::Anonymous, opening).await.unwrap().number.as_compact();
        let sql = format!(
            "INSERT INTO promises (case_number, clock, cycle, outcome, settled_utc_s, day, country, priority, target_s)
             VALUES ('{number}', 'resolution', 1, '{outcome}', 1, '2026-01-01', 'VE', 'P1', 60)"
        );
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let versions = (found(&test, &former).await.version, found(&test, &now).await.version);
    merge(&test.desk, &admin(), (&former, versions.0), (&now, versions.1)).await.unwrap();
    let owner = EntryKey::Organisation(found(&test, &now).await.owner.id);
    let supervisor = staff(Role::Supervisor);
    for (key, met) in [(&now, 1), (&owner, 2)] {
        let counts = promises_of(&test.desk, &supervisor, &found(&test, key).await).await.unwrap();
        assert_eq!(counts, [PromiseCount { metric: SlaMetric::Resolution, met, breached: 1 }]);
    }
    let agents = promises_of(&test.desk, &staff(Role::Agent), &found(&test, &now).await).await;
    assert!(agents.is_err(), "{agents:?}");
}

#[test]
fn control_characters_are_in_no_key() {
    for kind in RegisterKind::ALL {
        assert_eq!(EntryKey::parse(kind, "\0"), None);
        assert_eq!(EntryKey::parse(kind, "CT-2026\n0001"), None);
    }
}
