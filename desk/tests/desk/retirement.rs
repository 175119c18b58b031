//! Retired plans: who keeps them, who can choose them, and the way back.

use desk::import::{CellProblem, Mode, Outcome as Imported, RowProblem, import_contracts};
use desk::lab::demo;
use desk::register::{EntryKey, FieldProblem, Resolved, SaveError, Saved, Target, entry, save, suggestions};
use desk::settings::{
    Fields, Outcome, Reason, Request, SettingsReport, Subject, change_entry, export, overview, plan_contracts,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::i18n::Language;
use domain::sla_plan::PlanStatus;
use sqlx::Executor;

use crate::support::{TestDesk, both_engines, explain, staff};

both_engines! {
    retiring_a_plan_shows_the_contracts_that_keep_it,
    retired_plan_is_kept_by_its_contracts_and_chosen_by_no_other,
    retired_plan_is_taken_back,
    retirement_planned_for_later_counts_from_then,
    default_plan_of_a_country_is_not_retired,
    contracts_of_a_plan_are_served_by_an_index,
}

const DAY_S: i64 = 24 * 3600;

/// The plan of the demonstration's contract in Caracas, by id and name, with its number of contracts.
async fn plan(test: &TestDesk) -> (i64, String, i64) {
    let Resolved::Entry(contract) =
        entry(&test.desk, &staff(Role::Agent), &EntryKey::Contract(demo::CARACAS.contract.to_owned()))
            .await
            .unwrap()
    else {
        panic!("the contract is a pointer")
    };
    let name = contract.fields["plan"].clone();
    let all = overview(&test.desk, &staff(Role::Supervisor)).await.unwrap().plans;
    let plan = all.into_iter().find(|plan| plan.name == name).unwrap();
    (plan.id, name, plan.contracts)
}

async fn set(test: &TestDesk, id: i64, status: &str, request: Request) -> SettingsReport {
    let administrator = staff(Role::Administrator);
    let now = test.desk.now();
    let mut fields: Fields =
        desk::settings::entry(&test.desk, &administrator, Subject::Plans, id, now).await.unwrap();
    fields.insert("status".to_owned(), status.to_owned());
    change_entry(&test.desk, &administrator, Subject::Plans, fields, request).await.unwrap().1
}

async fn retire(test: &TestDesk, id: i64) {
    let report = set(test, id, "retired", Request::Apply { effective_from: test.desk.now() }).await;
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
}

/// Registers the contract of Caracas anew with a plan, by hand.
async fn by_hand(test: &TestDesk, plan: &str) -> Result<EntryKey, SaveError> {
    let key = EntryKey::Contract(demo::CARACAS.contract.to_owned());
    let Resolved::Entry(found) = entry(&test.desk, &staff(Role::Agent), &key).await.unwrap() else {
        panic!("the contract is a pointer")
    };
    let mut fields = found.fields.clone();
    fields.insert("plan".to_owned(), plan.to_owned());
    let target = Target::Existing { key, version: found.version };
    save(&test.desk, &staff(Role::Administrator), target, fields, Saved::Asked).await
}

/// Imports one contract. Gives the problem of its plan.
async fn imported(test: &TestDesk, number: &str, plan: &str) -> Option<CellProblem> {
    let csv = format!(
        "number,organisation,country,plan,valid_from,valid_to\n{number},Banco Cumbre,VE,{plan},2026-01-01,2027-06-30\n"
    );
    let report = import_contracts(&test.desk, &Actor::System, csv.as_bytes(), Mode::Apply).await.unwrap();
    let problem = report.bad.into_iter().next().map(|bad| bad.problem);
    assert_eq!(problem.is_some(), report.outcome == Imported::Refused);
    problem.map(|problem| match problem {
        RowProblem::Cell(problem) => problem,
        other => panic!("{other:?}"),
    })
}

async fn retiring_a_plan_shows_the_contracts_that_keep_it(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (id, name, contracts) = plan(&test).await;
    let report = set(&test, id, "retired", Request::DryRun { effective_from: test.desk.now() }).await;
    let [retired] = &report.retired[..] else { panic!("{:?}", report.retired) };
    assert_eq!((&retired.name, i64::try_from(retired.contracts.total).unwrap()), (&name, contracts));
    assert!(retired.contracts.first.iter().any(|contract| contract.number == demo::CARACAS.contract));
    let words = report.message(Language::En);
    assert!(words.contains("is retired. Contracts that keep it:"), "{words}");
    assert!(words.contains(demo::CARACAS.contract), "{words}");
    assert_eq!(
        plan_contracts(&test.desk, &staff(Role::Supervisor), id).await.unwrap(),
        retired.contracts,
        "the page shows the same"
    );
    assert!(plan_contracts(&test.desk, &staff(Role::Agent), id).await.is_err());
    let same = set(&test, id, "active", Request::DryRun { effective_from: test.desk.now() }).await;
    assert_eq!((same.changes, same.retired), (vec![], vec![]));
}

async fn retired_plan_is_kept_by_its_contracts_and_chosen_by_no_other(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (id, name, _) = plan(&test).await;
    retire(&test, id).await;
    let listed = overview(&test.desk, &staff(Role::Supervisor)).await.unwrap().plans;
    assert_eq!(listed.iter().find(|plan| plan.id == id).unwrap().status, PlanStatus::Retired);
    assert!(!suggestions(&test.desk, &staff(Role::Administrator), None).await.unwrap().plans.contains(&name));

    // Its contract is changed in other ways, by hand and by file.
    by_hand(&test, &name).await.unwrap();
    assert_eq!(imported(&test, demo::CARACAS.contract, &name).await, None);
    // A new one cannot choose it.
    let problem = imported(&test, "CT-2026-0001", &name).await.unwrap();
    let CellProblem::RetiredPlan { found, choices } = &problem else { panic!("{problem:?}") };
    assert_eq!((found, choices.contains(&name), choices.is_empty()), (&name, false, false));
    // Nor can its own, once it has been changed.
    let other = choices[0].clone();
    by_hand(&test, &other).await.unwrap();
    let Err(SaveError::Fields(problems)) = by_hand(&test, &name).await else { panic!("chosen again") };
    let told = problems.iter().find(|(field, _)| *field == "plan");
    assert!(matches!(told, Some((_, FieldProblem::Cell(CellProblem::RetiredPlan { .. })))), "{problems:?}");
    // Exported and applied, nothing changes.
    let files = export(&test.desk, &Actor::System, test.desk.now()).await.unwrap();
    assert!(files.iter().any(|file| file.text.contains("status = \"retired\"")));
    let request = Request::DryRun { effective_from: test.desk.now() };
    let report = desk::settings::apply(&test.desk, &Actor::System, files, request).await.unwrap();
    assert_eq!((report.changes, report.problems), (vec![], vec![]));
}

async fn retired_plan_is_taken_back(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (id, name, _) = plan(&test).await;
    retire(&test, id).await;
    assert!(imported(&test, "CT-2026-0001", &name).await.is_some());
    test.clock.advance(60);
    let report = set(&test, id, "active", Request::Apply { effective_from: test.desk.now() }).await;
    assert_eq!((report.outcome, report.retired), (Outcome::Written, vec![]));
    assert_eq!(imported(&test, "CT-2026-0001", &name).await, None);
}

async fn retirement_planned_for_later_counts_from_then(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (id, name, _) = plan(&test).await;
    let request = Request::Apply { effective_from: test.desk.now().plus(DAY_S) };
    assert_eq!(set(&test, id, "retired", request).await.outcome, Outcome::Written);
    assert_eq!(imported(&test, "CT-2026-0001", &name).await, None);
    test.clock.advance(DAY_S);
    assert!(imported(&test, "CT-2026-0002", &name).await.is_some());
}

async fn default_plan_of_a_country_is_not_retired(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let report = set(&test, 1, "retired", Request::Apply { effective_from: test.desk.now() }).await;
    assert_eq!(report.outcome, Outcome::Refused);
    let [problem] = &report.problems[..] else { panic!("{:?}", report.problems) };
    assert_eq!((&problem.reason, problem.field().as_str()), (&Reason::DefaultPlan, "status"));
    let report = set(&test, 1, "gone", Request::Apply { effective_from: test.desk.now() }).await;
    assert_eq!(report.problems[0].field(), "status");
}

/// Contracts on many plans, for the planner of `PostgreSQL`.
const ROWS: [&str; 2] = [
    "INSERT INTO organisations (id, name, country) SELECT n, 'O' || n, 'VE' FROM generate_series(1000, 1100) AS n",
    "INSERT INTO contracts (number, organisation_id, country, plan_id, valid_from, valid_to)
     SELECT 'K' || n, 1000 + n % 100, 'VE', 1 + n % 997, '2026-01-01', '2026-12-31' FROM generate_series(1, 20000) AS n",
];

async fn contracts_of_a_plan_are_served_by_an_index(engine: Engine) {
    let test = TestDesk::open(engine).await;
    if engine == Engine::Postgres {
        let mut connection = test.connection().await;
        for sql in ROWS {
            connection.execute(sql).await.unwrap();
        }
    }
    let mut connection = explain::at_work(&test).await;
    let sql = "SELECT c.number, c.organisation_id FROM contracts c WHERE c.plan_id = 7 ORDER BY c.number";
    explain::is_served_by(&mut connection, engine, sql, "contracts_by_plan").await;
}
