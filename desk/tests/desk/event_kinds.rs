//! The kind of each entry, which agrees with its document, also for entries of older versions.

use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::case::Recorded;
use serde_json::Value;
use sqlx::{Executor, Row};

use crate::support::{TestDesk, a_case, both_engines};

both_engines! {
    event_kinds_are_the_tags_of_the_stored_events,
    migration_fills_event_kinds_from_their_documents,
    event_kind_follows_from_its_document,
    integrity_check_finds_a_kind_that_differs_from_its_document,
}

/// Every kind of the first version with kinds, with its event as stored.
const STORED: [(&str, &str); 55] = [
    ("warned", r#"{"warned":{}}"#),
    ("contacted", r#"{"contacted":{}}"#),
    ("opened", r#"{"opened":{}}"#),
    ("noted", r#"{"noted":{}}"#),
    ("visit:offered", r#"{"visit":{"visit":1,"what":{"offered":{}}}}"#),
    ("visit:proposed", r#"{"visit":{"visit":1,"what":{"proposed":{}}}}"#),
    ("visit:declined", r#"{"visit":{"visit":1,"what":{"declined":{}}}}"#),
    ("visit:agreed", r#"{"visit":{"visit":1,"what":{"agreed":{}}}}"#),
    ("visit:moved", r#"{"visit":{"visit":1,"what":{"moved":{}}}}"#),
    ("visit:called_off", r#"{"visit":{"visit":1,"what":{"called_off":{}}}}"#),
    ("visit:missed", r#"{"visit":{"visit":1,"what":{"missed":{}}}}"#),
    ("visit:miss_taken_back", r#"{"visit":{"visit":1,"what":"miss_taken_back"}}"#),
    ("visit:arrived", r#"{"visit":{"visit":1,"what":"arrived"}}"#),
    ("visit:arrival_taken_back", r#"{"visit":{"visit":1,"what":"arrival_taken_back"}}"#),
    ("visit:started", r#"{"visit":{"visit":1,"what":"started"}}"#),
    ("visit:ended", r#"{"visit":{"visit":1,"what":{"ended":{}}}}"#),
    ("visit:reassigned", r#"{"visit":{"visit":1,"what":{"reassigned":{}}}}"#),
    ("visit:overruled", r#"{"visit":{"visit":1,"what":{"overruled":{}}}}"#),
    ("visit:attached", r#"{"visit":{"visit":1,"what":{"attached":{}}}}"#),
    ("visit:detached", r#"{"visit":{"visit":1,"what":{"detached":{}}}}"#),
    ("survey:fell_due", r#"{"survey":{"fell_due":{}}}"#),
    ("survey:attempted", r#"{"survey":{"attempted":{}}}"#),
    ("survey:call_back_agreed", r#"{"survey":{"call_back_agreed":{}}}"#),
    ("survey:refused", r#"{"survey":{"refused":{}}}"#),
    ("survey:answered", r#"{"survey":{"answered":{}}}"#),
    ("survey:lapsed", r#"{"survey":"lapsed"}"#),
    ("survey:follow_up_opened", r#"{"survey":"follow_up_opened"}"#),
    ("survey:followed_up", r#"{"survey":{"followed_up":{}}}"#),
    ("talk:news_given", r#"{"talk":{"news_given":{}}}"#),
    ("talk:news_promised", r#"{"talk":{"news_promised":{}}}"#),
    ("talk:customer_wrote", r#"{"talk":{"customer_wrote":{}}}"#),
    ("holding:claimed", r#"{"holding":{"claimed":{}}}"#),
    ("holding:released", r#"{"holding":{"released":{}}}"#),
    ("holding:assigned", r#"{"holding":{"assigned":{}}}"#),
    ("holding:transferred", r#"{"holding":{"transferred":{}}}"#),
    ("contact_attempted", r#"{"contact_attempted":{}}"#),
    ("paused", r#"{"paused":{}}"#),
    ("resumed", r#"{"resumed":{}}"#),
    ("priority_changed", r#"{"priority_changed":{}}"#),
    ("resolved", r#"{"resolved":{}}"#),
    ("verified", r#"{"verified":{}}"#),
    ("verification_reminded", r#"{"verification_reminded":{}}"#),
    ("verification_unanswered", r#""verification_unanswered""#),
    ("closed", r#"{"closed":{}}"#),
    ("reopened", r#"{"reopened":{}}"#),
    ("revision:weighed", r#"{"revision":{"weighed":{}}}"#),
    ("revision:corrected", r#"{"revision":{"corrected":{}}}"#),
    ("revision:contact_taken_back", r#"{"revision":{"contact_taken_back":{}}}"#),
    ("revision:amended", r#"{"revision":{"amended":{}}}"#),
    ("withdrawn:cancelled", r#"{"withdrawn":{"cancelled":{}}}"#),
    ("withdrawn:duplicate", r#"{"withdrawn":{"duplicate":{}}}"#),
    ("link:related", r#"{"link":{"related":{}}}"#),
    ("link:unrelated", r#"{"link":{"unrelated":{}}}"#),
    ("link:followed_by", r#"{"link":{"followed_by":{}}}"#),
    ("link:has_duplicate", r#"{"link":{"has_duplicate":{}}}"#),
];

/// The tags of a stored event, from the outermost to the innermost.
fn tags(event: &Value) -> String {
    let (tag, content) = match event {
        Value::String(tag) => return tag.clone(),
        Value::Object(tagged) => tagged.iter().next().unwrap(),
        other => panic!("no event: {other}"),
    };
    match (tag.as_str(), content) {
        ("visit", content) => format!("visit:{}", tags(&content["what"])),
        ("holding" | "talk" | "revision" | "survey" | "withdrawn" | "link", content) => {
            format!("{tag}:{}", tags(content))
        }
        _ => tag.clone(),
    }
}

/// Kinds and documents of the whole history.
async fn history(test: &TestDesk) -> Vec<(String, String)> {
    let rows = sqlx::query("SELECT kind, document FROM case_events ORDER BY seq")
        .fetch_all(&mut test.connection().await)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Restores the state of an older version: documents without kinds.
async fn back_to_before_there_were_kinds(test: &TestDesk) {
    let mut connection = test.connection().await;
    for step in
        ["ALTER TABLE case_events DROP COLUMN kind", "DELETE FROM _sqlx_migrations WHERE version = 23"]
    {
        connection.execute(step).await.unwrap();
    }
}

async fn event_kinds_are_the_tags_of_the_stored_events(engine: Engine) {
    let test = TestDesk::open(engine).await;
    demo::load(&test.desk).await.unwrap();
    let history = history(&test).await;
    assert!(history.len() > 40, "{}", history.len());
    for (kind, document) in &history {
        let stored: Value = serde_json::from_str(document).unwrap();
        let recorded: Recorded = serde_json::from_str(document).unwrap();
        assert_eq!(recorded.event.kind(), tags(&stored["event"]), "{document}");
        assert_eq!(kind, recorded.event.kind(), "{document}");
    }
}

async fn migration_fills_event_kinds_from_their_documents(engine: Engine) {
    let test = TestDesk::open(engine).await;
    demo::load(&test.desk).await.unwrap();
    let before = history(&test).await;
    back_to_before_there_were_kinds(&test).await;
    test.another().await;
    assert_eq!(history(&test).await, before);
}

async fn event_kind_follows_from_its_document(engine: Engine) {
    let test = TestDesk::open(engine).await;
    back_to_before_there_were_kinds(&test).await;
    let mut connection = test.connection().await;
    for (seq, (kind, event)) in (1_i64..).zip(STORED) {
        assert_eq!(tags(&serde_json::from_str(event).unwrap()), kind);
        // Typed text is no tag, whatever it looks like.
        let name = r#"\"event\":{\"opened\":{\"warned\":"#;
        let document = format!(
            r#"{{"version":1,"at":0,"by":{{"staff":{{"id":1,"name":"{name}"}}}},"origin":"workspace","event":{event}}}"#
        );
        sqlx::query(
            "INSERT INTO case_events (seq, case_number, version, at_utc_s, document) VALUES ($1, 'N', $1, 0, $2)",
        )
        .bind(seq)
        .bind(document)
        .execute(&mut connection)
        .await
        .unwrap();
    }
    test.another().await;
    let kinds: Vec<String> = history(&test).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, STORED.map(|(kind, _)| kind));
}

async fn integrity_check_finds_a_kind_that_differs_from_its_document(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    assert_eq!(check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    test.connection().await.execute("UPDATE case_events SET kind = 'noted'").await.unwrap();
    let inconsistencies = check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
    let found = inconsistencies.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    assert!(found.contains(r#"case_events.kind is Some("noted")"#), "{found}");
}
