//! Waiting reasons of the provider's own: as a file and as a form, in versions, and offered by kind.

use desk::settings::{
    Outcome, Request, SettingsFile, SettingsReport, Subject, WAITING_ID, apply, change_entry, entry, export,
    history,
};
use desk::store::Engine;
use desk::waiting_reasons::offered;
use domain::actor::{Actor, Role};
use domain::case::PauseReason;
use domain::i18n::Language;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{START, TestDesk, both_engines, staff};

both_engines! {
    no_waiting_reason_is_offered_until_one_is_set,
    random_waiting_reasons_come_back_as_they_were_applied,
    wrong_waiting_reasons_are_told_by_line_and_key,
    waiting_reasons_count_from_their_day_on_and_retired_ones_are_not_offered,
    waiting_reasons_are_read_by_supervisors_and_changed_by_administrators,
}

fn a_reason(code: &str, kind: PauseReason, state: &str) -> String {
    let kind = kind.code();
    format!(
        "[[reasons]]\ncode = \"{code}\"\nkind = \"{kind}\"\nes = \"{code} es\"\nen = \"{code} en\"\npt = \"{code} pt\"\n\
         state = \"{state}\"\n"
    )
}

async fn applied_from(at: &TestDesk, text: &str, days: i64) -> SettingsReport {
    let files = vec![SettingsFile { subject: Subject::Waiting, text: text.to_owned() }];
    let effective_from = at.desk.now().plus(days * 86_400);
    apply(&at.desk, &Actor::System, files, Request::Apply { effective_from }).await.unwrap()
}

/// What an agent is offered, in Spanish.
async fn offers(at: &TestDesk) -> Vec<(PauseReason, String)> {
    let waits = offered(&at.desk, &staff(Role::Agent), Language::Es).await.unwrap();
    waits.into_iter().map(|wait| (wait.kind, wait.name)).collect()
}

async fn unchanged(at: &TestDesk) {
    let files = export(&at.desk, &Actor::System, at.desk.now()).await.unwrap();
    let request = Request::Apply { effective_from: at.desk.now() };
    let report = apply(&at.desk, &Actor::System, files.clone(), request).await.unwrap();
    assert_eq!((report.changes, report.problems), (vec![], vec![]), "{files:?}");
    let fields = entry(&at.desk, &Actor::System, Subject::Waiting, WAITING_ID, at.desk.now()).await.unwrap();
    let request = Request::DryRun { effective_from: at.desk.now() };
    let administrator = staff(Role::Administrator);
    let (read, report) =
        change_entry(&at.desk, &administrator, Subject::Waiting, fields.clone(), request).await.unwrap();
    assert_eq!((report.changes, report.problems), (vec![], vec![]), "{fields:?}");
    // An empty list is a field without a row.
    assert!(read == fields || fields.get("reasons").is_some_and(String::is_empty), "{read:?}");
}

async fn no_waiting_reason_is_offered_until_one_is_set(engine: Engine) {
    let at = TestDesk::open(engine).await;
    assert_eq!(offers(&at).await, []);
    unchanged(&at).await;
}

async fn random_waiting_reasons_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let codes = proptest::collection::btree_map("[a-z][a-z_0-9]{0,12}", (0..4_usize, any::<bool>()), 0..12);
    for _ in 0..8 {
        let codes = codes.new_tree(&mut runner).unwrap().current();
        let reason = |(code, (kind, is_retired)): (&String, &(usize, bool))| {
            a_reason(code, PauseReason::ALL[*kind], if *is_retired { "retired" } else { "active" })
        };
        let text: String = codes.iter().map(reason).collect();
        let text = if text.is_empty() { "reasons = []\n".to_owned() } else { text };
        assert_eq!(applied_from(&at, &text, 0).await.problems, [], "{text}");
        unchanged(&at).await;
        at.clock.advance(60);
    }
}

async fn wrong_waiting_reasons_are_told_by_line_and_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let right = a_reason("customs", PauseReason::SparePart, "active")
        + &a_reason("permit", PauseReason::Customer, "active");
    for (from, to, key, line) in [
        ("code = \"permit\"", "code = \"Permiso\"", "reasons[2].code", "code = \"Permiso\""),
        ("code = \"permit\"", "code = \"customs\"", "reasons[2].code", "code = \"customs\""),
        ("pt = \"permit pt\"", "pt = \"\"", "reasons[2].pt", "pt = \"\""),
        ("kind = \"customer\"", "kind = \"lunch\"", "reasons[2].kind", "kind = \"lunch\""),
    ] {
        let text = right.replacen(from, to, 1);
        let report = applied_from(&at, &text, 0).await;
        assert_eq!(report.outcome, Outcome::Refused, "{to}");
        let problem = &report.problems[0];
        assert_eq!((&*problem.key, text.lines().nth(problem.line - 1).unwrap()), (key, line), "{to}");
    }
    assert_eq!(offers(&at).await, [], "nothing was written");
}

async fn waiting_reasons_count_from_their_day_on_and_retired_ones_are_not_offered(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = a_reason("customs", PauseReason::SparePart, "active")
        + &a_reason("old", PauseReason::Customer, "retired");
    assert_eq!(applied_from(&at, &text, 1).await.outcome, Outcome::Written);
    assert_eq!(offers(&at).await, []);
    at.clock.advance(86_400);
    assert_eq!(offers(&at).await, [(PauseReason::SparePart, "customs es".to_owned())]);
    let versions = history(&at.desk, &Actor::System).await.unwrap();
    let newest = versions.iter().find(|version| version.subject == Subject::Waiting).unwrap();
    let keys: Vec<_> = newest.fields.as_ref().unwrap().iter().map(|change| change.key.as_str()).collect();
    assert!(keys.contains(&"reasons.customs") && keys.contains(&"reasons.old"), "{keys:?}");
}

async fn waiting_reasons_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let file = SettingsFile {
        subject: Subject::Waiting,
        text: a_reason("customs", PauseReason::SparePart, "active"),
    };
    for (role, reads, changes) in [
        (Role::Technician, false, false),
        (Role::Agent, false, false),
        (Role::Supervisor, true, false),
        (Role::Administrator, true, true),
    ] {
        let actor = staff(role);
        assert!(offered(&at.desk, &actor, Language::Es).await.is_ok(), "{role:?}");
        let read = entry(&at.desk, &actor, Subject::Waiting, WAITING_ID, START).await;
        assert_eq!(read.is_ok(), reads, "{role:?}");
        let request = Request::Apply { effective_from: START };
        assert_eq!(apply(&at.desk, &actor, vec![file.clone()], request).await.is_ok(), changes, "{role:?}");
    }
    assert!(offered(&at.desk, &Actor::Anonymous, Language::Es).await.is_err());
}
