//! Backfills of older cases: a failed one is tried again, and others do not wait for it.

use desk::backfill::{Backfill, serve_with};
use desk::store::Engine;
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio_util::sync::CancellationToken;

use crate::support::{TestDesk, a_case, both_engines};

both_engines! {
    failed_backfill_is_tried_again,
    backfill_stops_when_the_desk_stops,
}

/// Number of listed cases.
async fn listed(test: &TestDesk, list: &str) -> i64 {
    let count = sqlx::query(AssertSqlSafe(format!("SELECT COUNT(*) FROM {list}")));
    count.fetch_one(&mut test.connection().await).await.unwrap().get(0)
}

async fn run(test: &TestDesk, statement: &'static str) {
    test.connection().await.execute(statement).await.unwrap();
}

async fn failed_backfill_is_tried_again(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    for statement in [
        "INSERT INTO ranks_to_bring_in SELECT 1 - is_open, number FROM cases",
        "INSERT INTO overlaps_to_bring_in SELECT number FROM cases",
        "INSERT INTO promises_to_bring_in SELECT number FROM cases",
        "UPDATE cases SET fault = ''",
        "ALTER TABLE cases RENAME COLUMN fault TO another_name",
    ] {
        run(&test, statement).await;
    }
    assert!(Backfill::Ranks.run(&test.desk).await.is_err());

    // The database is repaired during the wait before the next attempt.
    let waits = std::cell::Cell::new(0);
    let wait = async || {
        waits.set(waits.get() + 1);
        assert_eq!(listed(&test, "ranks_to_bring_in").await, 1);
        for other in ["overlaps_to_bring_in", "promises_to_bring_in"] {
            assert_eq!(listed(&test, other).await, 0, "{other} did not wait");
        }
        run(&test, "ALTER TABLE cases RENAME COLUMN another_name TO fault").await;
    };
    serve_with(test.desk.clone(), CancellationToken::new(), wait).await;
    assert_eq!(waits.get(), 1);
    assert_eq!(listed(&test, "ranks_to_bring_in").await, 0);
    let row = sqlx::query("SELECT fault FROM cases").fetch_one(&mut test.connection().await).await.unwrap();
    assert!(!row.get::<String, _>(0).is_empty());
}

async fn backfill_stops_when_the_desk_stops(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    run(&test, "DROP TABLE ranks_to_bring_in").await;
    let stop = CancellationToken::new();
    let wait = async || stop.cancel();
    // Without the repair it would never end.
    serve_with(test.desk.clone(), stop.clone(), wait).await;
    assert!(stop.is_cancelled());
}
