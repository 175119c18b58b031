//! Composed roles: what they permit, and that a case out of their scope is absent at every door.

use std::collections::BTreeSet;

use desk::DeskError;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::sign_in::{Attempt, Use, session, sign_in};
use desk::access::staff::people;
use desk::cases::bookings::booked;
use desk::cases::candidates::candidates;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::listing::{CaseFilter, list_cases};
use desk::cases::queue::{Filter, Whose, queue};
use desk::cases::read::read_case;
use desk::cases::wall;
use desk::documents::closing_report::closing_account;
use desk::lab::demo::{BOGOTA, CARACAS, MARACAIBO, Sample};
use desk::people::composed::{
    ComposeError, compose, composed_role, composed_roles, give, recompose, retire, take_away,
};
use desk::people::keep::{Keep, keep};
use desk::proof::prove;
use desk::reach::exists_for;
use desk::register::{EntryKey, Resolved, entry, merge};
use desk::search::{customer, look_up, search};
use desk::store::Engine;
use desk::survey::case_survey;
use desk::wording::replies_for;
use domain::actor::{
    Actor, CaseReach, Composition, CompositionProblem, OrganisationReach, Permit, Role, RoleId, RoleName,
    RoleScope, RoleTemplate, Staff,
};
use domain::case::{
    Assignee, AssignmentCommand, AssignmentRefusal, Audience, Command, LinkCommand, LinkKind, Refusal,
};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::proof::verify;
use domain::search::Found;
use sqlx::{Executor, Row};

use crate::customers::case_of;
use crate::support::{TestDesk, add_staff, both_engines, explain, note, staff};

both_engines! {
    agency_sees_its_customers_at_every_door_and_others_are_absent,
    countries_narrow_every_door,
    technician_sees_the_cases_that_are_theirs,
    case_is_assigned_within_the_scope_of_the_assignee_alone,
    linked_case_out_of_reach_is_absent,
    changed_role_is_in_force_with_the_next_request,
    role_is_composed_given_taken_and_retired_by_administrators_alone,
    composed_role_never_replaces_an_administrator,
    merged_organisation_stays_in_the_scope,
    holders_of_a_role_are_found_by_an_index,
}

const PASSWORD: &str = "una-clave-de-prueba-larga";
const MAIL: &str = "norte@agencia.example";

fn admin() -> Actor {
    staff(Role::Administrator)
}

async fn company(at: &TestDesk, sample: &Sample) -> i64 {
    let row = sqlx::query("SELECT organisation_id FROM contracts WHERE number = $1").bind(sample.contract);
    row.fetch_one(&mut at.connection().await).await.unwrap().get(0)
}

/// Every permit that knows scopes.
fn scoped() -> BTreeSet<Permit> {
    Permit::ALL.into_iter().filter(|permit| permit.knows_scope()).collect()
}

fn composition(scope: RoleScope, organisations: &[i64]) -> Composition {
    Composition {
        name: RoleName::parse("Agencia Norte").unwrap(),
        like: Role::Agent,
        permits: scoped(),
        scope,
        organisations: organisations.iter().copied().collect(),
    }
}

fn listed() -> RoleScope {
    RoleScope { organisations: OrganisationReach::Listed, ..RoleScope::default() }
}

/// A person with the role, and the secret of their session.
async fn holder(at: &TestDesk, composed: Composition) -> (RoleId, Staff, String) {
    let id = compose(&at.desk, &admin(), composed).await.unwrap();
    let person = add_staff(&at.desk, "Nora Paz", MAIL, Role::Agent, Language::Es).await;
    give(&at.desk, &admin(), id, person.id).await.unwrap();
    let attempt = Attempt {
        mail: MAIL,
        password: PASSWORD,
        source: Source::UNKNOWN,
        browser: None,
        device: Device::parse(""),
    };
    let secret = sign_in(&at.desk, attempt).await.unwrap().session;
    (id, person, secret)
}

/// The actor of a session now.
async fn actor(at: &TestDesk, secret: &str) -> Actor {
    session(&at.desk, secret, Use::Watches).await.unwrap().unwrap()
}

/// Cases in Caracas and Bogotá, of two customers.
async fn two_cases(at: &TestDesk) -> (CaseNumber, CaseNumber) {
    let here = case_of(at, "here", "ana@cumbre.example", &CARACAS).await.number;
    let there = case_of(at, "there", "otra@andina.example", &BOGOTA).await.number;
    (here, there)
}

/// A number that no case has.
fn absent() -> CaseNumber {
    CaseNumber::new(Country::Co, 2026, 99_000).unwrap()
}

/// The cases of every list that an actor can read, by the name of the list.
async fn lists(at: &TestDesk, actor: &Actor) -> Vec<(&'static str, BTreeSet<CaseNumber>)> {
    let desk = &at.desk;
    let page = queue(desk, actor, Filter::default(), 1).await.unwrap();
    let counted = page.counts.states.iter().max().copied().unwrap_or_default();
    assert_eq!(usize::try_from(counted).unwrap(), page.snapshot.rows.len(), "counts say what the list shows");
    let shown: BTreeSet<_> = page.snapshot.rows.iter().map(|row| row.number).collect();
    assert!(page.snapshot.clashing.iter().all(|number| shown.contains(number)));
    let wall = wall::snapshot(desk, actor).await.unwrap();
    let missed = wall::missed(desk, actor, 0).await.unwrap().unwrap();
    let found = match search(desk, actor, "peña").await.unwrap() {
        Found::Nothing => BTreeSet::new(),
        Found::Case(number) => BTreeSet::from([number]),
        Found::Cases(rows) | Found::Many(rows) => rows.iter().map(|row| row.number).collect(),
    };
    let listed = list_cases(desk, actor, &CaseFilter::default(), None, 50).await.unwrap();
    vec![
        ("queue", shown),
        ("wall", wall.rows.iter().map(|row| row.number).collect()),
        ("missed changes", missed.iter().map(|change| change.row.number).collect()),
        ("search", found),
        ("list", listed.cases.iter().map(|case| case.row.number).collect()),
    ]
}

/// What every door says of a case: whether it is there, by the name of the door.
async fn doors(at: &TestDesk, actor: &Actor, number: CaseNumber) -> Vec<(&'static str, bool)> {
    fn there<T>(result: Result<T, DeskError>) -> bool {
        match result {
            Ok(_) => true,
            Err(DeskError::NotFound) => false,
            Err(error) => panic!("{error}"),
        }
    }
    let desk = &at.desk;
    let command = Command::AddNote { audience: Audience::Internal, text: note("Se llamó al sitio.") };
    let by_number = search(desk, actor, &number.as_compact()).await.unwrap();
    let looked_up = look_up(desk, actor, &number.as_compact()).await.unwrap();
    vec![
        ("case file", there(read_case(desk, actor, number).await)),
        ("command", there(execute_command(desk, actor, number, Expected::Any, command).await)),
        ("replies", there(replies_for(desk, actor, number).await)),
        ("candidates", there(candidates(desk, actor, number).await)),
        ("bookings", there(booked(desk, actor, number).await)),
        ("survey", there(case_survey(desk, actor, number).await)),
        ("proof", there(prove(desk, actor, number).await)),
        ("stream", exists_for(desk, actor, number).await.unwrap()),
        ("search by number", matches!(by_number, Found::Case(found) if found == number)),
        ("look-up by number", matches!(looked_up.cases, Found::Case(found) if found == number)),
    ]
}

async fn sees_exactly(at: &TestDesk, actor: &Actor, own: CaseNumber, foreign: CaseNumber) {
    for (list, cases) in lists(at, actor).await {
        assert_eq!(cases, BTreeSet::from([own]), "{list}");
    }
    for (door, is_there) in doors(at, actor, own).await {
        assert!(is_there, "own case at {door}");
    }
    for (door, is_there) in doors(at, actor, foreign).await {
        assert!(!is_there, "foreign case at {door}");
    }
    for (door, is_there) in doors(at, actor, absent()).await {
        assert!(!is_there, "absent case at {door}");
    }
    // A case that is not closed has no report either.
    assert!(matches!(closing_account(&at.desk, actor, foreign).await, Err(DeskError::NotFound)));
}

async fn agency_sees_its_customers_at_every_door_and_others_are_absent(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let theirs = company(&at, &CARACAS).await;
    let (_, _, secret) = holder(&at, composition(listed(), &[theirs])).await;
    let agent = actor(&at, &secret).await;
    sees_exactly(&at, &agent, here, there).await;
    // The card of a customer knows no scope.
    assert!(customer(&at.desk, &agent, theirs).await.unwrap().is_none());
    let everything = lists(&at, &staff(Role::Agent)).await;
    assert!(everything.iter().all(|(_, cases)| cases.len() == 2), "others see what they saw");
}

async fn countries_narrow_every_door(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let scope = RoleScope { countries: BTreeSet::from([Country::Ve]), ..RoleScope::default() };
    let (_, _, secret) = holder(&at, composition(scope, &[])).await;
    let agent = actor(&at, &secret).await;
    for (list, cases) in lists(&at, &agent).await {
        assert_eq!(cases, BTreeSet::from([here]), "{list}");
    }
    assert!(matches!(read_case(&at.desk, &agent, there).await, Err(DeskError::NotFound)));
    assert!(read_case(&at.desk, &agent, here).await.is_ok());
}

async fn technician_sees_the_cases_that_are_theirs(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let scope = RoleScope { cases: CaseReach::Own, ..RoleScope::default() };
    let (_, person, secret) = holder(&at, composition(scope, &[])).await;
    let technician = actor(&at, &secret).await;
    assert!(lists(&at, &technician).await.iter().all(|(_, cases)| cases.is_empty()));
    let to = Assignee { id: person.id, name: person.name.clone() };
    let assign = Command::Assignment(AssignmentCommand::Assign { to });
    execute_command(&at.desk, &staff(Role::Supervisor), here, Expected::Any, assign).await.unwrap();
    sees_exactly(&at, &technician, here, there).await;
    let mine = Filter { whose: Whose::Of(person.id), ..Filter::default() };
    assert_eq!(queue(&at.desk, &technician, mine, 1).await.unwrap().counts.mine, 1);
}

async fn case_is_assigned_within_the_scope_of_the_assignee_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let theirs = company(&at, &CARACAS).await;
    let (_, person, _) = holder(&at, composition(listed(), &[theirs])).await;
    let supervisor = staff(Role::Supervisor);
    let assign = || {
        let to = Assignee { id: person.id, name: person.name.clone() };
        Command::Assignment(AssignmentCommand::Assign { to })
    };
    let refused = execute_command(&at.desk, &supervisor, there, Expected::Any, assign()).await;
    assert!(
        matches!(refused, Err(DeskError::Refused(Refusal::Assignment(AssignmentRefusal::UnknownPerson)))),
        "{refused:?}"
    );
    let offered = async |number| {
        let (_, people) = candidates(&at.desk, &supervisor, number).await.unwrap();
        people.iter().any(|candidate| candidate.person.id == person.id)
    };
    assert!(!offered(there).await && offered(here).await);
    execute_command(&at.desk, &supervisor, here, Expected::Any, assign()).await.unwrap();
}

async fn linked_case_out_of_reach_is_absent(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let theirs = company(&at, &CARACAS).await;
    let (_, _, secret) = holder(&at, composition(listed(), &[theirs])).await;
    let agent = actor(&at, &secret).await;
    let relate = |other| Command::Link(LinkCommand::Relate { other, known: None });
    let foreign = execute_command(&at.desk, &agent, here, Expected::Any, relate(there)).await.unwrap_err();
    let missing = execute_command(&at.desk, &agent, here, Expected::Any, relate(absent())).await.unwrap_err();
    assert_eq!(foreign.to_string(), missing.to_string());
    execute_command(&at.desk, &staff(Role::Agent), here, Expected::Any, relate(there)).await.unwrap();
    let seen = read_case(&at.desk, &agent, here).await.unwrap();
    assert!(seen.links.is_empty());
    assert!(!serde_json::to_string(&seen).unwrap().contains(&there.as_compact()));
    let proof = prove(&at.desk, &agent, here).await.unwrap();
    assert!(!proof.contains(&there.as_compact()));
    assert!(verify(proof.as_bytes(), &[at.desk.proof_key()]).unwrap().is_good());
    let whole = read_case(&at.desk, &staff(Role::Agent), here).await.unwrap();
    assert!(whole.links.iter().any(|link| link.kind == LinkKind::Related));
    assert!(prove(&at.desk, &staff(Role::Agent), here).await.unwrap().contains(&there.as_compact()));
}

async fn changed_role_is_in_force_with_the_next_request(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (here, there) = two_cases(&at).await;
    let (one, other) = (company(&at, &CARACAS).await, company(&at, &BOGOTA).await);
    let (id, person, secret) = holder(&at, composition(listed(), &[one])).await;
    let before = actor(&at, &secret).await;
    recompose(&at.desk, &admin(), id, 1, composition(listed(), &[other])).await.unwrap();
    let after = actor(&at, &secret).await;
    // Open streams compare the actor, and end.
    assert_ne!(before, after);
    sees_exactly(&at, &after, there, here).await;
    let outdated = recompose(&at.desk, &admin(), id, 1, composition(listed(), &[one])).await;
    assert!(matches!(outdated, Err(ComposeError::ChangedMeanwhile)));
    take_away(&at.desk, &admin(), id, person.id).await.unwrap();
    assert!(read_case(&at.desk, &actor(&at, &secret).await, here).await.is_ok());
}

async fn role_is_composed_given_taken_and_retired_by_administrators_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let theirs = company(&at, &CARACAS).await;
    let role = composition(listed(), &[theirs]);
    for other in [Role::Agent, Role::Technician, Role::Supervisor] {
        assert!(compose(desk, &staff(other), role.clone()).await.is_err(), "{other:?}");
        assert!(composed_roles(desk, &staff(other)).await.is_err(), "{other:?}");
    }
    let (id, person, secret) = holder(&at, role.clone()).await;
    // Its holder gives nothing, whatever the role permits.
    let nora = actor(&at, &secret).await;
    assert!(give(desk, &nora, id, person.id).await.is_err());
    assert!(matches!(compose(desk, &admin(), role.clone()).await, Err(ComposeError::NameTaken)));
    let unknown = Composition { organisations: BTreeSet::from([987_654]), ..role.clone() };
    let unknown = Composition { name: RoleName::parse("Otra").unwrap(), ..unknown };
    assert!(matches!(compose(desk, &admin(), unknown).await, Err(ComposeError::UnknownOrganisation)));
    let mut wide = Composition { name: RoleName::parse("Otra").unwrap(), ..role.clone() };
    wide.permits.insert(Permit::ReadReports);
    assert!(matches!(
        compose(desk, &admin(), wide).await,
        Err(ComposeError::Composition(CompositionProblem::KnowNoScope(_)))
    ));
    assert!(matches!(retire(desk, &admin(), id).await, Err(ComposeError::HasHolders)));
    let shown = people(desk, &admin()).await.unwrap();
    assert!(shown.iter().any(|one| one.id == person.id && one.composed.as_deref() == Some("Agencia Norte")));
    take_away(desk, &admin(), id, person.id).await.unwrap();
    retire(desk, &admin(), id).await.unwrap();
    assert!(matches!(give(desk, &admin(), id, person.id).await, Err(ComposeError::Retired)));
    let (view, versions) = composed_role(desk, &admin(), id).await.unwrap();
    assert!(view.retired_at.is_some() && view.holders.is_empty());
    assert_eq!(versions.len(), 1);
    // The name is free again.
    compose(desk, &admin(), role).await.unwrap();
}

async fn composed_role_never_replaces_an_administrator(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let boss =
        add_staff(desk, "Lucía Ferrer", "jefa@vigia.example.org", Role::Administrator, Language::Es).await;
    let template = RoleTemplate::FieldTechnician;
    let role = Composition {
        like: template.like(),
        permits: template.permits(),
        ..composition(template.scope(), &[])
    };
    let id = compose(desk, &admin(), role).await.unwrap();
    assert!(matches!(give(desk, &admin(), id, boss.id).await, Err(ComposeError::Administrator)));
    let ana = add_staff(desk, "Ana Rivas", "ana@vigia.example.org", Role::Agent, Language::Es).await;
    give(desk, &admin(), id, ana.id).await.unwrap();
    // Another standing role takes the composed one away.
    keep(desk, &admin(), ana.id, vec![Keep::Role(Role::Administrator)]).await.unwrap();
    let (view, _) = composed_role(desk, &admin(), id).await.unwrap();
    assert!(view.holders.is_empty());
}

async fn merged_organisation_stays_in_the_scope(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let into = company(&at, &MARACAIBO).await;
    let twin = "INSERT INTO organisations (id, name, country) SELECT MAX(id) + 1, 'Agencia C. A.', 'VE' FROM organisations RETURNING id";
    let from: i64 = sqlx::query(twin).fetch_one(&mut at.connection().await).await.unwrap().get(0);
    let (id, _, _) = holder(&at, composition(listed(), &[from])).await;
    let version = async |id| match entry(&at.desk, &admin(), &EntryKey::Organisation(id)).await.unwrap() {
        Resolved::Entry(entry) => entry.version,
        Resolved::Pointer(_) => panic!("it is there"),
    };
    let versions = (version(from).await, version(into).await);
    let (one, other) = (EntryKey::Organisation(from), EntryKey::Organisation(into));
    merge(&at.desk, &admin(), (&one, versions.0), (&other, versions.1)).await.unwrap();
    let (view, _) = composed_role(&at.desk, &admin(), id).await.unwrap();
    assert_eq!(view.composition.organisations, BTreeSet::from([into]));
}

async fn holders_of_a_role_are_found_by_an_index(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&at).await;
    if engine == Engine::Postgres {
        for sql in [
            "INSERT INTO people (id, name, mail, role, password_hash, language, active, composed_role_id)
             SELECT 1000 + n, 'N', 'r' || n, 'agent', '', 'es', 1, n % 500 FROM generate_series(1, 20000) AS n",
            "ANALYZE",
        ] {
            connection.execute(sql).await.unwrap();
        }
    }
    let holders = "SELECT id, name FROM people WHERE composed_role_id = 7 ORDER BY name, id";
    explain::is_served_by(&mut connection, engine, holders, "people_by_composed_role").await;
}
