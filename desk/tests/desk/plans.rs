//! The standing plans of countries: there after every start, and as late as the default.

use domain::sla_plan::SlaPlan;
use sqlx::{AnyConnection, Row};

use crate::support::desks;

/// Version and terms of a plan, the latest last.
async fn versions(connection: &mut AnyConnection, plan: i64) -> Vec<(i64, SlaPlan)> {
    let rows = sqlx::query("SELECT version, terms FROM plans WHERE id = $1 ORDER BY version")
        .bind(plan)
        .fetch_all(connection)
        .await
        .unwrap();
    let read = |row: &sqlx::any::AnyRow| (row.get(0), serde_json::from_str(row.get(1)).unwrap());
    rows.iter().map(read).collect()
}

#[tokio::test]
async fn a_country_that_is_new_to_a_database_gets_its_standing_plan() {
    for test in desks().await {
        let mut connection = test.connection().await;
        for sql in ["DELETE FROM plans WHERE id = 3", "DELETE FROM calendars WHERE id = 3"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        test.another().await;
        let mut connection = test.connection().await;
        assert_eq!(versions(&mut connection, 3).await, [(1, SlaPlan::default())], "{}", test.engine);
        assert_eq!(versions(&mut connection, 1).await.len(), 1, "{}: others stay", test.engine);
    }
}

#[tokio::test]
async fn a_standing_plan_gets_a_version_when_the_default_counts_a_later_one() {
    for test in desks().await {
        let mut connection = test.connection().await;
        let older = serde_json::to_string(&SlaPlan::default()).unwrap().replacen(
            r#""version":1"#,
            r#""version":0"#,
            1,
        );
        sqlx::query("UPDATE plans SET terms = $1 WHERE id = 2")
            .bind(&older)
            .execute(&mut connection)
            .await
            .unwrap();
        for _ in 0..2 {
            test.another().await;
        }
        let mut connection = test.connection().await;
        let held = versions(&mut connection, 2).await;
        let counted: Vec<_> = held.iter().map(|(version, terms)| (*version, terms.version())).collect();
        assert_eq!(counted, [(1, 0), (2, 1)], "{}: once", test.engine);
    }
}
