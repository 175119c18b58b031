//! JSON of earlier versions, which must be readable forever. Nothing is removed here; a changed shape is added.

use std::fmt::Debug;

use domain::calendar::Closure;
use domain::calendar::week::DayPart;
use domain::case::{Event, PauseReason, RevisionEvent};
use domain::provider::{Accent, Provider};
use domain::sla_plan::{ClosingRules, LowScore, SlaPlan, SurveyRules, WaitingRules};
use domain::view::{CaseBadge, CaseRow, Snapshot};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::samples::*;

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

/// A value as it was serialised before it had these fields.
fn without(value: &impl Serialize, fields: &[&str]) -> String {
    let mut json = serde_json::to_value(value).unwrap();
    let object = json.as_object_mut().unwrap();
    for field in fields {
        assert!(object.remove(*field).is_some(), "{field} is not written any more");
    }
    json.to_string()
}

fn assert_read_as<T: DeserializeOwned + PartialEq + Debug>(json: &str, expected: &T) {
    assert_eq!(&read::<T>(json), expected);
}

#[test]
fn pause_without_allowed_by_is_read() {
    let json = r#"{"paused": {"reason": "customer", "detail": null, "until": 1795453200}}"#;
    let expected =
        Event::Paused { reason: PauseReason::Customer, detail: None, until: at(300), allowed_by: None };
    assert_read_as(json, &expected);
}

#[test]
fn amendment_without_resent_mails_is_read() {
    let json = r#"{"revision": {"amended": {"what": {"reason": "Era otro."}}}}"#;
    let Event::Revision(RevisionEvent::Amended { what, resent }) = read(json) else { panic!("an amendment") };
    assert_eq!((what.reason, what.contact, resent), (reason("Era otro."), None, 0));
}

#[test]
fn plan_without_closing_rules_is_read() {
    let json = r#"{
        "version": 1,
        "targets": [
            {"attention_s": 900, "update_s": 3600, "resolution_s": 28800},
            {"attention_s": 900, "update_s": 3600, "resolution_s": 28800},
            {"attention_s": 900, "update_s": 3600, "resolution_s": 28800},
            {"attention_s": 900, "update_s": 3600, "resolution_s": 28800}
        ],
        "warning_levels": [50, 75, 90, 100],
        "matrix": {
            "version": 1,
            "rows": [
                ["P1", "P1", "P2", "P3"],
                ["P1", "P2", "P3", "P3"],
                ["P2", "P3", "P3", "P4"],
                ["P3", "P3", "P4", "P4"]
            ]
        }
    }"#;
    assert_read_as(json, &SlaPlan::new(1, [targets(); 4], vec![50, 75, 90, 100], matrix()).unwrap());
}

#[test]
fn missing_rules_have_their_defaults_of_then() {
    // A case keeps the terms of its opening: rules that they lack must not change.
    let left_out = SlaPlan::new(1, [targets(); 4], Vec::new(), matrix()).unwrap();
    assert_eq!(left_out.waiting(), &WaitingRules { max_total_days: 90 });
    let ClosingRules { reminder_days, decision_days, reopen_days, reopen_budget } = left_out.closing();
    assert_eq!((reminder_days.as_slice(), *decision_days, *reopen_days), (&[1, 3][..], 5, 5));
    assert_eq!(*reopen_budget, domain::sla_plan::ReopenBudget::Fresh);
    let SurveyRules { due_days, open_days, retry_s, low, questionnaire, asks } = read("{}");
    assert_eq!((due_days, open_days, retry_s, questionnaire, asks), (2, 15, 14_400, None, None));
    assert_eq!(low, LowScore { scale_at_most: 2, recommend_at_most: Some(4) });
}

#[test]
fn closure_of_a_whole_day_is_read() {
    let json = r#"{"date": "2026-11-24", "name": "Día local"}"#;
    let date = "2026-11-24".parse().unwrap();
    assert_read_as(json, &Closure { date, part: DayPart::WHOLE, name: "Día local".into() });
}

#[test]
fn rows_without_badges_are_read() {
    let snapshot = super::queues::snapshot();
    let Some(row) = snapshot.rows.first() else { panic!("a row") };
    let expected = CaseRow { mark: CaseBadge { assignee: None, unanswered: None }, ..row.clone() };
    assert_read_as(&without(row, &["mark"]), &expected);
    let counts = [0; domain::case::Band::ALL.len()];
    assert_read_as(&without(&snapshot, &["more"]), &Snapshot { more: counts, ..snapshot.clone() });
}

#[test]
fn command_without_next_update_is_read() {
    let json = r#"{"contact_and_claim": {"channel": "phone", "note": null}}"#;
    let expected = domain::case::Command::ContactAndClaim {
        channel: domain::case::Channel::Phone,
        note: None,
        next: None,
    };
    assert_read_as(json, &expected);
}

#[test]
fn provider_that_todays_rules_would_refuse_is_read() {
    let name = "N".repeat(100);
    let json = format!(
        r##"{{"name": "{name}", "accent": "#f2b705", "zone": "America/Caracas",
            "hotlines": [{{"country": "VE", "words": "12 AB", "digits": "12 33"}}, {{"country": "VE", "words": "12 AB", "digits": "12 33"}}],
            "mail": {{"from_name": "{name}", "signature": "1\n2\n3\n4\n5"}}}}"##
    );
    let provider = read::<Provider>(&json);
    assert!(Accent::parse("#f2b705").is_err(), "the rule of new values");
    assert_eq!(provider.accent.unwrap().by_day().to_string(), "#f2b705");
    assert_eq!((provider.name.as_str(), provider.hotlines.as_slice().len()), (&*name, 2));
    assert_eq!(provider.mail.signature.unwrap().as_str().lines().count(), 5);
}
