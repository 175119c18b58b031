//! The register by hand: lists, changes, history and merges, on every engine.

use desk::cases::open::open_case;
use desk::contracts::entitlement::{Question, check_entitlement};
use desk::import::{CellProblem, Mode, Outcome, import_contracts, import_equipment};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{
    CasesOf, Entry, EntryKey, FieldProblem, Fields, ListQuery, Listed, MergeError, Resolved, SaveError,
    Saved, Target, Within, alike, cases_of, entry, list, merge, preview_merge, promises_of, register_history,
    save, walk,
};
use desk::search::{catch_up, customer, look_up};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::EntitlementView;
use domain::register::{RegisterChange, RegisterKind};
use domain::search::{Force, Found};
use domain::serial::Serial;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::{TestDesk, a_case, an_opening, both_engines, explain, page, staff};

both_engines! {
    lists_are_searched_filtered_and_paged,
    lists_are_walked_by_their_keys_and_each_entry_is_met_once,
    changed_contract_has_a_history_and_open_cases_keep_their_plan,
    wrong_fields_are_told_by_the_rules_of_the_import,
    entry_read_before_another_change_is_not_written_over,
    doubtful_serial_is_written_once_it_is_confirmed,
    renamed_customer_is_found_with_its_cases,
    merged_organisations_are_one_with_contracts_sites_and_cases,
    merged_spellings_of_a_serial_are_one_piece_of_equipment,
    corrected_serial_keeps_its_cases_and_its_entitlement,
    import_means_merged_entries_by_their_former_names,
    only_administrators_write_and_the_staff_reads,
    register_lists_are_served_by_indexes,
}

fn admin() -> Actor {
    staff(Role::Administrator)
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn found(test: &TestDesk, key: &EntryKey) -> Entry {
    match entry(&test.desk, &staff(Role::Agent), key).await.unwrap() {
        Resolved::Entry(entry) => *entry,
        Resolved::Pointer(into) => panic!("{key:?} leads to {into:?}"),
    }
}

/// Changes some fields of an entry as it stands.
async fn change(test: &TestDesk, key: &EntryKey, other: &[(&str, &str)]) -> Result<EntryKey, SaveError> {
    let Entry { version, fields: mut all, .. } = found(test, key).await;
    all.extend(fields(other));
    let target = Target::Existing { key: key.clone(), version };
    save(&test.desk, &admin(), target, all, Saved::Asked).await
}

async fn add(
    test: &TestDesk,
    kind: RegisterKind,
    organisation: Option<i64>,
    pairs: &[(&str, &str)],
) -> Result<EntryKey, SaveError> {
    save(&test.desk, &admin(), Target::New { kind, organisation }, fields(pairs), Saved::Asked).await
}

async fn history(test: &TestDesk, key: &EntryKey) -> Vec<RegisterChange> {
    let entities = [key.text()].into_iter().chain(found(test, key).await.former).collect::<Vec<_>>();
    let page = register_history(&test.desk, &admin(), key.kind(), &entities, 1).await.unwrap();
    page.rows.into_iter().map(|row| row.change).collect()
}

fn contract() -> EntryKey {
    EntryKey::Contract(demo::CARACAS.contract.to_owned())
}

fn switch() -> EntryKey {
    EntryKey::Equipment(demo::CARACAS.serial.to_owned())
}

async fn owner(test: &TestDesk) -> i64 {
    found(test, &contract()).await.owner.id
}

async fn open_numbers(test: &TestDesk, key: &EntryKey) -> Vec<String> {
    let entry = found(test, key).await;
    let page = cases_of(&test.desk, &staff(Role::Agent), &entry, CasesOf::Open, 1).await.unwrap();
    page.rows.into_iter().map(|row| row.number.as_compact()).collect()
}

async fn is_whole(test: &TestDesk) {
    let checked = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(checked.inconsistencies, vec![]);
}

async fn equipment_page(test: &TestDesk, query: ListQuery) -> (Vec<String>, i64) {
    let listed = list(&test.desk, &staff(Role::Agent), &query).await.unwrap();
    let Listed::Equipment(page) = listed else { panic!("{listed:?}") };
    (page.rows.into_iter().map(|row| row.serial).collect(), page.paging.total)
}

async fn lists_are_searched_filtered_and_paged(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let all = ListQuery::all(RegisterKind::Equipment);
    let (serials, total) = equipment_page(&test, all.clone()).await;
    let mut sorted = serials.clone();
    sorted.sort();
    assert_eq!((serials.len(), &serials), (usize::try_from(total.min(50)).unwrap(), &sorted));
    let searched = ListQuery { text: "cisco avila".to_owned(), ..all.clone() };
    let (serials, _) = equipment_page(&test, searched).await;
    assert!(
        serials.contains(&demo::CARACAS.serial.to_owned())
            && !serials.contains(&demo::BOGOTA.serial.to_owned())
    );
    let colombian = ListQuery { country: Some(demo::BOGOTA.country), ..all.clone() };
    let (serials, of_country) = equipment_page(&test, colombian).await;
    assert!(serials.contains(&demo::BOGOTA.serial.to_owned()) && of_country < total);
    let within =
        ListQuery::within(RegisterKind::Equipment, Within::Contract(demo::CARACAS.contract.to_owned()));
    assert!(equipment_page(&test, within).await.0.contains(&demo::CARACAS.serial.to_owned()));
    assert_eq!(equipment_page(&test, ListQuery { text: "-".to_owned(), ..all.clone() }).await.1, 0);
    let last = ListQuery { page: 999, ..all };
    assert_eq!(equipment_page(&test, last).await.1, total);

    for (force, sample) in
        [(Force::Over, demo::EXPIRED), (Force::NotYet, demo::FUTURE), (Force::InForce, demo::CARACAS)]
    {
        let query = ListQuery { force: Some(force), ..ListQuery::all(RegisterKind::Contract) };
        let listed = list(&test.desk, &staff(Role::Agent), &query).await.unwrap();
        let Listed::Contracts(page) = listed else { panic!("{listed:?}") };
        assert!(page.rows.iter().all(|row| row.force == force), "{force:?}");
        assert!(page.rows.iter().any(|row| row.number == sample.contract), "{force:?}");
    }
    for kind in [RegisterKind::Organisation, RegisterKind::Site] {
        let text = if kind == RegisterKind::Site { "torre avila" } else { "cumbre" };
        let query = ListQuery { text: text.to_owned(), ..ListQuery::all(kind) };
        assert_eq!(
            list(&test.desk, &staff(Role::Agent), &query).await.unwrap().paging().total,
            1,
            "{kind:?}"
        );
    }
}

/// The keys of a list, walked in steps of two.
async fn walked(test: &TestDesk, query: &ListQuery) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), None);
    loop {
        let step = walk(&test.desk, &staff(Role::Agent), query, after.as_ref(), 2).await.unwrap();
        match step.listed {
            Listed::Organisations(page) => keys.extend(page.rows.iter().map(|row| row.id.to_string())),
            Listed::Contracts(page) => keys.extend(page.rows.into_iter().map(|row| row.number)),
            Listed::Sites(page) => keys.extend(page.rows.iter().map(|row| row.id.to_string())),
            Listed::Equipment(page) => keys.extend(page.rows.into_iter().map(|row| row.serial)),
        }
        match step.next {
            Some(next) => after = Some(next),
            None => break keys,
        }
    }
}

async fn lists_are_walked_by_their_keys_and_each_entry_is_met_once(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let colombian = Some(demo::BOGOTA.country);
    for (kind, country) in RegisterKind::ALL.into_iter().flat_map(|kind| [(kind, None), (kind, colombian)]) {
        let query = ListQuery { country, ..ListQuery::all(kind) };
        let all = walked(&test, &query).await;
        let total = list(&test.desk, &staff(Role::Agent), &query).await.unwrap().paging().total;
        assert_eq!(i64::try_from(all.len()).unwrap(), total, "{kind:?} {country:?}");
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len(), "{kind:?}");
    }
    let searched = ListQuery { text: "cisco avila".to_owned(), ..ListQuery::all(RegisterKind::Equipment) };
    let found = walked(&test, &searched).await;
    assert!(found.contains(&demo::CARACAS.serial.to_owned()), "{found:?}");
    let nothing = ListQuery { text: "!".to_owned(), ..searched };
    assert!(walked(&test, &nothing).await.is_empty());
    assert!(walk(&test.desk, &Actor::Anonymous, &nothing, None, 2).await.is_err());
}

async fn changed_contract_has_a_history_and_open_cases_keep_their_plan(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let case = a_case(&test.desk).await.number;
    let before = page(&test.desk, case).await;
    let other =
        [("plan", "Estándar Venezuela"), ("contact_name", "Ana Rivas"), ("contact_phone", "0212 555 0142")];
    assert_eq!(change(&test, &contract(), &other).await.unwrap(), contract());
    let now = found(&test, &contract()).await;
    assert_eq!((now.version, now.fields["contact_phone"].as_str()), (2, "+58 212 555 0142"));
    let said = history(&test, &contract()).await;
    let Some(RegisterChange::Edited { fields }) = said.first() else { panic!("{said:?}") };
    let changed: Vec<_> = fields.iter().map(|field| (field.field.as_str(), field.to.as_str())).collect();
    assert_eq!(
        changed,
        [
            ("plan", "Estándar Venezuela"),
            ("contact_name", "Ana Rivas"),
            ("contact_phone", "+58 212 555 0142")
        ]
    );
    let recorded = register_history(&test.desk, &admin(), RegisterKind::Contract, &[contract().text()], 1)
        .await
        .unwrap();
    assert_eq!((recorded.rows[0].by.as_deref(), recorded.rows[0].at), (Some("Marta Salas"), test.desk.now()));
    let after = page(&test.desk, case).await;
    assert_eq!(before.clocks, after.clocks);
    // A form that is sent as it stands changes nothing.
    change(&test, &contract(), &[]).await.unwrap();
    assert_eq!(found(&test, &contract()).await.version, 2);
    is_whole(&test).await;
}

fn problems(result: Result<EntryKey, SaveError>) -> Vec<(&'static str, FieldProblem)> {
    match result {
        Err(SaveError::Fields(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

async fn wrong_fields_are_told_by_the_rules_of_the_import(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let wrong =
        change(&test, &contract(), &[("valid_from", "2026-02-30"), ("plan", "Oro"), ("contact_mail", "a@")])
            .await;
    let fields: Vec<_> = problems(wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["plan", "valid_from", "contact_mail"]);
    let ends = change(&test, &contract(), &[("valid_from", "2026-02-01"), ("valid_to", "2026-01-01")]).await;
    assert_eq!(problems(ends), [("valid_to", FieldProblem::Cell(CellProblem::EndsBeforeItBegins))]);
    let elsewhere = change(&test, &switch(), &[("site", "Luna")]).await;
    assert!(matches!(problems(elsewhere).as_slice(), [("site", FieldProblem::NoSuchSite { .. })]));
    let taken = change(&test, &switch(), &[("serial", demo::BOGOTA.serial)]).await;
    assert!(problems(taken).contains(&("serial", FieldProblem::Taken)));
    let known = add(
        &test,
        RegisterKind::Contract,
        Some(owner(&test).await),
        &[
            ("number", demo::CARACAS.contract),
            ("country", "CO"),
            ("plan", "Estándar Venezuela"),
            ("valid_from", "2026-01-01"),
            ("valid_to", "2026-12-31"),
        ],
    );
    let fields: Vec<_> = problems(known.await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["country", "number"]);
    assert!(history(&test, &contract()).await.iter().all(|change| *change == RegisterChange::Added));
}

async fn entry_read_before_another_change_is_not_written_over(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let Entry { version, mut fields, .. } = found(&test, &switch()).await;
    change(&test, &switch(), &[("model", "Catalyst 9300-24P")]).await.unwrap();
    fields.insert("model".to_owned(), "Catalyst 9200".to_owned());
    let late =
        save(&test.desk, &admin(), Target::Existing { key: switch(), version }, fields, Saved::Asked).await;
    assert!(matches!(late, Err(SaveError::ChangedMeanwhile)), "{late:?}");
    assert_eq!(found(&test, &switch()).await.fields["model"], "Catalyst 9300-24P");
}

async fn doubtful_serial_is_written_once_it_is_confirmed(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let site = found(&test, &switch()).await.fields["site"].clone();
    let new = [
        ("serial", "ABC12345"),
        ("manufacturer", "Cisco"),
        ("model", ""),
        ("platform", "network"),
        ("contract", demo::CARACAS.contract),
        ("site", site.as_str()),
    ];
    let asked = add(&test, RegisterKind::Equipment, None, &new).await;
    assert!(matches!(&asked, Err(SaveError::Doubtful(doubts)) if doubts[0].0 == "serial"), "{asked:?}");
    let target = Target::New { kind: RegisterKind::Equipment, organisation: None };
    let key = save(&test.desk, &admin(), target, fields(&new), Saved::Confirmed).await.unwrap();
    assert_eq!(key, EntryKey::Equipment("ABC12345".to_owned()));
    assert_eq!(history(&test, &key).await, [RegisterChange::Added]);
    let found = look_up(&test.desk, &staff(Role::Agent), "ABC12345").await.unwrap();
    assert_eq!(found.register.equipment.len(), 1);
}

/// The numbers of cases that a text finds.
async fn cases(test: &TestDesk, text: &str) -> usize {
    match look_up(&test.desk, &staff(Role::Agent), text).await.unwrap().cases {
        Found::Cases(rows) | Found::Many(rows) => rows.len(),
        Found::Case(_) => 1,
        Found::Nothing => 0,
    }
}

async fn renamed_customer_is_found_with_its_cases(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    catch_up(&test.desk).await.unwrap();
    assert_eq!(cases(&test, "banco cumbre").await, 1);
    let key = EntryKey::Organisation(owner(&test).await);
    change(&test, &key, &[("name", "Banco Horizonte")]).await.unwrap();
    catch_up(&test.desk).await.unwrap();
    assert_eq!((cases(&test, "banco horizonte").await, cases(&test, "cumbre").await), (1, 0));
    let found = look_up(&test.desk, &staff(Role::Agent), "horizonte").await.unwrap();
    assert_eq!(found.card.unwrap().customer.name, "Banco Horizonte");
    is_whole(&test).await;
}

async fn merged_organisations_are_one_with_contracts_sites_and_cases(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number.as_compact();
    catch_up(&test.desk).await.unwrap();
    let from = EntryKey::Organisation(owner(&test).await);
    let into =
        add(&test, RegisterKind::Organisation, None, &[("name", "Banco Horizonte"), ("country", "VE")])
            .await
            .unwrap();
    let EntryKey::Organisation(target) = into else { panic!("{into:?}") };
    // A site of the same name at another address stays beside it.
    let site = found(&test, &switch()).await.fields["site"].clone();
    let other = [
        ("name", site.as_str()),
        ("address", "Calle 7, Valencia"),
        ("country", "VE"),
        ("zone", "America/Caracas"),
    ];
    add(&test, RegisterKind::Site, Some(target), &other).await.unwrap();

    let preview = preview_merge(&test.desk, &admin(), &from, &into).await.unwrap();
    assert!(preview.contracts >= 1 && preview.sites >= 1 && preview.cases == 1, "{preview:?}");
    let versions = (preview.from.version, preview.into.version);
    let late = merge(&test.desk, &admin(), (&from, versions.0 + 1), (&into, versions.1)).await;
    assert!(matches!(late, Err(MergeError::ChangedMeanwhile)));
    merge(&test.desk, &admin(), (&from, versions.0), (&into, versions.1)).await.unwrap();
    catch_up(&test.desk).await.unwrap();

    let led = entry(&test.desk, &staff(Role::Agent), &from).await.unwrap();
    assert_eq!(led, Resolved::Pointer(into.clone()));
    let EntryKey::Organisation(gone) = from else { panic!("{from:?}") };
    let card = customer(&test.desk, &staff(Role::Agent), gone).await.unwrap().unwrap();
    assert_eq!(card.customer.id, target);
    assert_eq!(found(&test, &contract()).await.owner.id, target);
    assert_eq!(found(&test, &switch()).await.fields["site"], format!("{site} (Banco Cumbre del Ávila)"));
    assert_eq!(open_numbers(&test, &into).await, [number]);
    // The site bears the former name now, and its case is found by that.
    assert_eq!((cases(&test, "horizonte").await, cases(&test, "cumbre").await), (1, 1));
    let said = history(&test, &into).await;
    assert!(
        said.contains(&RegisterChange::MergedFrom { name: "Banco Cumbre del Ávila".to_owned() }),
        "{said:?}"
    );
    assert!(said.contains(&RegisterChange::MergedInto { name: "Banco Horizonte".to_owned() }), "{said:?}");
    let again = add(
        &test,
        RegisterKind::Organisation,
        None,
        &[("name", "Banco Cumbre del Ávila"), ("country", "VE")],
    )
    .await;
    assert_eq!(problems(again), [("name", FieldProblem::Merged { into: "Banco Horizonte".to_owned() })]);
    is_whole(&test).await;
}

/// A second record of the switch in Caracas, misspelled.
const MISSPELLED: &str = "F0C26I4A1B2";

async fn misspell(test: &TestDesk) -> EntryKey {
    let Entry { mut fields, .. } = found(test, &switch()).await;
    fields.insert("serial".to_owned(), MISSPELLED.to_owned());
    let target = Target::New { kind: RegisterKind::Equipment, organisation: None };
    save(&test.desk, &admin(), target, fields, Saved::Confirmed).await.unwrap()
}

async fn merged_spellings_of_a_serial_are_one_piece_of_equipment(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let wrong = misspell(&test).await;
    let mut opening = an_opening("misspelled");
    opening.report.serial = Serial::parse(MISSPELLED).unwrap();
    let number = open_case(&test.desk, &Actor::Anonymous, opening).await.unwrap().number.as_compact();
    let right = found(&test, &switch()).await;
    assert_eq!(alike(&test.desk, &admin(), &right).await.unwrap(), [MISSPELLED]);
    let foreign = EntryKey::Equipment(demo::BOGOTA.serial.to_owned());
    let refused = preview_merge(&test.desk, &admin(), &wrong, &foreign).await;
    assert!(matches!(refused, Err(MergeError::OtherSerial)), "{refused:?}");
    merge(&test.desk, &admin(), (&wrong, 1), (&switch(), right.version)).await.unwrap();
    let led = entry(&test.desk, &staff(Role::Agent), &wrong).await.unwrap();
    assert_eq!(led, Resolved::Pointer(switch()));
    assert_eq!(open_numbers(&test, &switch()).await, [number]);
    let found = look_up(&test.desk, &staff(Role::Agent), MISSPELLED).await.unwrap();
    let serials: Vec<&str> = found.register.equipment.iter().map(|found| found.serial.as_str()).collect();
    assert_eq!(serials, [demo::CARACAS.serial], "by what an old label says");
    is_whole(&test).await;
}

async fn covers(test: &TestDesk, serial: &str) -> bool {
    let question = Question {
        contract: ContractNumber::parse(demo::CARACAS.contract, default_formats()).ok(),
        serial: Serial::parse(serial).ok(),
        country: Some(demo::CARACAS.country),
    };
    let seen = check_entitlement(&test.desk, &staff(Role::Agent), &question).await.unwrap().seen;
    matches!(seen, EntitlementView::Covered { .. })
}

async fn corrected_serial_keeps_its_cases_and_its_entitlement(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number.as_compact();
    let key = change(&test, &switch(), &[("serial", "FOC2614A1B9")]).await.unwrap();
    assert_eq!(key, EntryKey::Equipment("FOC2614A1B9".to_owned()));
    assert_eq!(open_numbers(&test, &key).await, [number]);
    assert!(covers(&test, "FOC2614A1B9").await && covers(&test, demo::CARACAS.serial).await);
    // Back again: the pointer turns round.
    assert_eq!(change(&test, &key, &[("serial", demo::CARACAS.serial)]).await.unwrap(), switch());
    assert_eq!(found(&test, &switch()).await.former, ["FOC2614A1B9"]);
    assert_eq!(history(&test, &switch()).await.len(), 3);
    let supervisor = staff(Role::Supervisor);
    assert_eq!(promises_of(&test.desk, &supervisor, &found(&test, &switch()).await).await.unwrap(), vec![]);
    is_whole(&test).await;
}

async fn import_means_merged_entries_by_their_former_names(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let wrong = misspell(&test).await;
    let right = found(&test, &switch()).await;
    merge(&test.desk, &admin(), (&wrong, 1), (&switch(), right.version)).await.unwrap();
    let from = found(&test, &EntryKey::Organisation(owner(&test).await)).await;
    let into =
        add(&test, RegisterKind::Organisation, None, &[("name", "Banco Horizonte"), ("country", "VE")])
            .await
            .unwrap();
    merge(&test.desk, &admin(), (&from.key, from.version), (&into, 1)).await.unwrap();

    let Entry { fields, .. } = found(&test, &contract()).await;
    let csv = format!(
        "number,organisation,country,plan,valid_from,valid_to\n{},{},VE,{},{},{}\n",
        demo::CARACAS.contract,
        from.title,
        fields["plan"],
        fields["valid_from"],
        fields["valid_to"]
    );
    let report = import_contracts(&test.desk, &Actor::System, csv.as_bytes(), Mode::DryRun).await.unwrap();
    assert_eq!((report.unchanged, report.changed.len(), report.created.len()), (1, 0, 0), "{report:?}");

    let Entry { fields, .. } = found(&test, &switch()).await;
    let EntryKey::Site(_) = EntryKey::parse(RegisterKind::Site, &fields["site_id"]).unwrap() else {
        panic!("no site")
    };
    let site = found(&test, &EntryKey::parse(RegisterKind::Site, &fields["site_id"]).unwrap()).await.fields;
    let csv = format!(
        "serial,manufacturer,model,platform,contract,site,address,country,zone\n{MISSPELLED},Cisco,Otro,network,{},\"{}\",\"{}\",VE,{}\n",
        demo::CARACAS.contract,
        site["name"],
        site["address"],
        site["zone"]
    );
    let report = import_equipment(&test.desk, &Actor::System, csv.as_bytes(), Mode::Apply).await.unwrap();
    assert_eq!(
        (report.outcome, report.changed.len(), report.added.len()),
        (Outcome::Written, 1, 0),
        "{report:?}"
    );
    assert_eq!(found(&test, &switch()).await.fields["model"], "Otro");
}

async fn only_administrators_write_and_the_staff_reads(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let Entry { version, fields, .. } = found(&test, &switch()).await;
        let target = Target::Existing { key: switch(), version };
        let refused = save(&test.desk, &staff(role), target, fields, Saved::Asked).await;
        assert!(matches!(refused, Err(SaveError::Desk(desk::DeskError::NotPermitted(_)))), "{role:?}");
        let refused = merge(&test.desk, &staff(role), (&switch(), 1), (&switch(), 1)).await;
        assert!(matches!(refused, Err(MergeError::Desk(desk::DeskError::NotPermitted(_)))), "{role:?}");
    }
    let query = ListQuery::all(RegisterKind::Organisation);
    for actor in [Actor::Anonymous, Actor::Customer(a_case(&test.desk).await.number)] {
        assert!(list(&test.desk, &actor, &query).await.is_err(), "{actor:?}");
        assert!(entry(&test.desk, &actor, &switch()).await.is_err(), "{actor:?}");
    }
}

/// Rows of a large register, for the planner of `PostgreSQL`.
const ROWS: [&str; 5] = [
    "INSERT INTO organisations (id, name, country) SELECT n, 'O' || n, (ARRAY['VE', 'CO', 'MX'])[1 + n % 3]
     FROM generate_series(1000, 3000) AS n",
    "INSERT INTO contracts (number, organisation_id, country, plan_id, valid_from, valid_to)
     SELECT 'K' || n, n, (ARRAY['VE', 'CO', 'MX'])[1 + n % 3], 1, '2026-01-01', '2026-12-31' FROM generate_series(1000, 3000) AS n",
    "INSERT INTO sites (id, organisation_id, name, address, country, zone)
     SELECT n, n, 'S' || n, '', (ARRAY['VE', 'CO', 'MX'])[1 + n % 3], 'America/Caracas' FROM generate_series(1000, 3000) AS n",
    "INSERT INTO equipment (serial, manufacturer, model, platform, site_id, contract_number)
     SELECT 'S' || n, '', '', (ARRAY['network', 'servers', 'printing'])[1 + n % 3], 1000 + n % 2000, 'K' || 1000 + n % 2000
     FROM generate_series(1, 25000) AS n",
    "INSERT INTO register_changes (id, kind, entity, at_utc_s, change)
     SELECT n, 'equipment', 'S' || n % 5000, n, '{}' FROM generate_series(100000, 120000) AS n",
];

async fn register_lists_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    if engine == Engine::Postgres {
        let mut connection = test.connection().await;
        for sql in ROWS {
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }
    let mut connection = explain::at_work(&test).await;
    let key = |table: &str, sqlite: &str| match engine {
        Engine::Sqlite => sqlite.to_owned(),
        Engine::Postgres => format!("{table}_pkey"),
    };
    for (sql, index) in [
        (
            "SELECT e.serial FROM equipment e ORDER BY e.serial LIMIT 50 OFFSET 20000",
            key("equipment", "sqlite_autoindex_equipment_1"),
        ),
        (
            "SELECT e.serial FROM equipment e WHERE e.serial > 'S2' ORDER BY e.serial LIMIT 51",
            key("equipment", "sqlite_autoindex_equipment_1"),
        ),
        (
            "SELECT o.id FROM organisations o WHERE o.id > 1500 ORDER BY o.id LIMIT 51",
            key("organisations", "sqlite_autoindex_organisations_1"),
        ),
        (
            "SELECT o.id FROM organisations o WHERE CAST(o.country AS TEXT) = 'VE' AND o.id > 1500 ORDER BY o.id LIMIT 51",
            key("organisations", "sqlite_autoindex_organisations_1"),
        ),
        (
            "SELECT s.id FROM sites s WHERE CAST(s.country AS TEXT) = 'VE' AND s.id > 1500 ORDER BY s.id LIMIT 51",
            key("sites", "sqlite_autoindex_sites_1"),
        ),
        (
            "SELECT e.serial FROM equipment e JOIN sites s ON s.id = e.site_id
             WHERE CAST(s.country AS TEXT) = 'VE' AND e.serial > 'S2' ORDER BY e.serial LIMIT 51",
            key("equipment", "sqlite_autoindex_equipment_1"),
        ),
        (
            "SELECT e.serial FROM equipment e WHERE e.platform = 'network' ORDER BY e.serial LIMIT 50",
            "equipment_by_platform".to_owned(),
        ),
        (
            // Of a third of all contracts PostgreSQL finds fifty by their numbers or by their country: the sample of the rows decides.
            "SELECT c.number FROM contracts c WHERE c.country = 'VE' ORDER BY c.number LIMIT 50",
            if engine == Engine::Sqlite { "contracts_by_country" } else { "contracts_" }.to_owned(),
        ),
        (
            "SELECT o.id FROM organisations o WHERE o.country = 'VE' ORDER BY o.name, o.id LIMIT 50",
            "organisations_by_country".to_owned(),
        ),
        ("SELECT s.id FROM sites s ORDER BY s.name, s.id LIMIT 50", "sites_by_name".to_owned()),
        (
            "SELECT s.id FROM sites s WHERE s.country = 'VE' ORDER BY s.name, s.id LIMIT 50",
            "sites_by_country".to_owned(),
        ),
        ("SELECT COUNT(*) FROM equipment e WHERE e.site_id = 1500", "equipment_by_site".to_owned()),
        (
            "SELECT change FROM register_changes WHERE kind = 'equipment' AND entity = 'S77' ORDER BY id DESC LIMIT 50",
            "register_changes_by_entity".to_owned(),
        ),
        (
            "SELECT c.number FROM cases c WHERE c.contract_number = 'C' ORDER BY c.opened_utc_s DESC LIMIT 50",
            "cases_by_contract_and_opening".to_owned(),
        ),
        ("SELECT COUNT(*) FROM cases c WHERE c.site_id = 7", "cases_by_site".to_owned()),
    ] {
        explain::is_served_by(&mut connection, engine, sql, &index).await;
    }
}
