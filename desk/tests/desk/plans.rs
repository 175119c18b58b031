//! Default plans: present after every start, and current unless a person changed them.

use desk::store::Engine;
use domain::sla_plan::SlaPlan;
use sqlx::{AnyConnection, Row};

use crate::support::{TestDesk, both_engines};

both_engines![
    country_that_is_new_to_a_database_gets_its_default_plan,
    default_plan_gets_one_version_when_the_default_counts_a_later_one,
    default_plan_that_somebody_changed_stays,
];

/// Versions and terms of a plan, latest last.
async fn versions(connection: &mut AnyConnection, plan: i64) -> Vec<(i64, SlaPlan)> {
    let rows = sqlx::query("SELECT version, terms FROM plans WHERE id = $1 ORDER BY version")
        .bind(plan)
        .fetch_all(connection)
        .await
        .unwrap();
    let read = |row: &sqlx::any::AnyRow| (row.get(0), serde_json::from_str(row.get(1)).unwrap());
    rows.iter().map(read).collect()
}

/// Gives the plan of Colombia an earlier version of the default.
async fn outdate(test: &TestDesk, recorded_by: Option<&str>) {
    let terms = serde_json::to_string(&SlaPlan::default()).unwrap();
    let older = terms.replacen(r#""version":1"#, r#""version":0"#, 1);
    sqlx::query("UPDATE plans SET terms = $1, recorded_by = $2 WHERE id = 2")
        .bind(&older)
        .bind(recorded_by)
        .execute(&mut test.connection().await)
        .await
        .unwrap();
}

async fn country_that_is_new_to_a_database_gets_its_default_plan(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = test.connection().await;
    for sql in ["DELETE FROM plans WHERE id = 3", "DELETE FROM calendars WHERE id = 3"] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    test.another().await;
    assert_eq!(versions(&mut connection, 3).await, [(1, SlaPlan::default())]);
    assert_eq!(versions(&mut connection, 1).await.len(), 1, "others stay");
}

async fn default_plan_gets_one_version_when_the_default_counts_a_later_one(engine: Engine) {
    let test = TestDesk::open(engine).await;
    outdate(&test, None).await;
    for _ in 0..2 {
        test.another().await;
    }
    let held = versions(&mut test.connection().await, 2).await;
    let counted: Vec<_> = held.iter().map(|(version, terms)| (*version, terms.version())).collect();
    assert_eq!(counted, [(1, 0), (2, 1)]);
}

async fn default_plan_that_somebody_changed_stays(engine: Engine) {
    let test = TestDesk::open(engine).await;
    outdate(&test, Some("\"system\"")).await;
    test.another().await;
    assert_eq!(versions(&mut test.connection().await, 2).await.len(), 1);
}
