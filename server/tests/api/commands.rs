//! Commands to a case.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::program::{ALL, Program, code, in_days, json_of};
use crate::support::{Demo, Server};

#[test]
fn steering_needs_the_version_that_was_read() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let path = format!("/cases/{number}/priority");
    let body = json!({ "priority": "P1", "reason": "Toda la sede" });
    let without = program.post(&path, "", &body);
    assert_eq!((without.status(), code(&without)), (428, "precondition_required".to_owned()));
    for tag in ["\"2\"", "W/\"1\"", "1"] {
        let stale = program.post(&path, &format!("If-Match: {tag}\r\n"), &body);
        assert_eq!((stale.status(), code(&stale)), (412, "precondition_failed".to_owned()), "{tag}");
    }
    let done = program.post(&path, "If-Match: \"1\"\r\n", &body);
    assert_eq!((done.status(), done.header("etag")), (200, "\"2\"".to_owned()), "{}", done.text());
    assert_eq!(json_of(&done), json!({ "number": number, "version": 2 }));
    let again = program.post(&path, "If-Match: \"1\"\r\n", &body);
    assert_eq!(again.status(), 412, "any change counts");
    let refused = program.post(&path, "If-Match: *\r\n", &body);
    assert_eq!((refused.status(), code(&refused)), (422, "refused".to_owned()));
    assert_eq!(json_of(&refused)["rule"], "same_priority");
    // A retried note is written once.
    let note = |tag: &str| {
        program.post(
            &format!("/cases/{number}/notes"),
            &format!("If-Match: {tag}\r\n"),
            &json!({ "text": "x" }),
        )
    };
    assert_eq!((note("\"2\"").status(), note("\"2\"").status()), (200, 412));
}

#[test]
fn case_is_worked_on_from_its_contact_to_its_end() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let post = |what: &str, body: Value| {
        let answer = program.post(&format!("/cases/{number}/{what}"), "", &body);
        assert_eq!(answer.status(), 200, "{what}: {}", answer.text());
    };
    let steer = |what: &str, body: Value| {
        let answer = program.steer(&number, what, &body);
        assert_eq!(answer.status(), 200, "{what}: {}", answer.text());
    };
    let status = || json_of(&program.get(&format!("/cases/{number}?fields=status")))["status"].clone();
    post("contacts", json!({ "channel": "phone", "outcome": "no_answer" }));
    assert_eq!(status(), "new");
    post("contacts", json!({ "channel": "phone", "note": "Confirma la falla" }));
    assert_eq!(status(), "in_progress");
    post("messages", json!({ "text": "Vamos en camino.", "next_update_by": null }));
    post("notes", json!({ "text": "Solo para nosotros" }));
    post("notes", json!({ "text": "También para el cliente", "audience": "public" }));
    steer("wait", json!({ "reason": "spare_part", "until": in_days(2), "detail": "Fuente de poder" }));
    assert_eq!(status(), "on_hold");
    steer("resume", json!({}));
    steer(
        "resolve",
        json!({ "category": "hardware", "cause": "Fuente dañada", "solution": "Se cambió la fuente" }),
    );
    assert_eq!(status(), "resolved");
    let early = program.steer(&number, "close", &json!({ "reason": "No responde" }));
    assert!(early.status() == 200 || json_of(&early)["rule"].is_string(), "{}", early.text());
    if early.status() != 200 {
        steer("verify", json!({ "verdict": "works", "channel": "phone", "who": "Ana Rivas" }));
    }
    assert_eq!(status(), "closed");
    let history = json_of(&program.get(&format!("/cases/{number}/history?limit=200")));
    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries[0]["kind"], "opened");
    let authors: BTreeSet<&str> =
        entries.iter().filter_map(|entry| entry["author"]["name"].as_str()).collect();
    assert_eq!(authors, ["Zabbix"].into());
    assert_eq!((&history["zone"], &entries[0]["origin"]), (&json!("America/Caracas"), &json!("api")));
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = json_of(&program.get(&format!("/cases/{number}/messages?limit=2{cursor}")));
        walked.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let texts: Vec<&str> = walked.iter().filter_map(|entry| entry["text"].as_str()).collect();
    assert_eq!(
        texts,
        ["Confirma la falla", "Vamos en camino.", "Solo para nosotros", "También para el cliente"]
    );
    assert_eq!(walked[3]["audience"], "internal");
    let other = program.open("k2");
    assert_eq!(
        program.steer(&other, "cancel", &json!({ "asked_by": "desk", "reason": "Fue una prueba" })).status(),
        200
    );
    // The staff reads the integration's name in the case.
    let agent = Client::staff(&server, "agente");
    assert!(agent.get(&format!("/desk/cases/{number}")).text().contains("Zabbix"));
}

#[test]
fn wrong_fields_of_commands_are_told_each_at_its_name() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    for (what, body, fields) in [
        ("notes", json!({}), &["text"][..]),
        ("notes", json!({ "text": "x", "audience": "all" }), &["audience"]),
        ("messages", json!({ "text": " ", "next_update_by": "tomorrow" }), &["text", "next_update_by"]),
        ("contacts", json!({ "channel": "fax", "outcome": "none" }), &["channel", "outcome"]),
        ("wait", json!({}), &["reason", "until"]),
        ("priority", json!({ "priority": "P9", "reason": "x" }), &["priority", "reason"]),
        ("resolve", json!({ "chosen_cause": "NO" }), &["category", "cause", "solution", "chosen_cause"]),
        ("verify", json!({ "who": "1" }), &["verdict", "channel", "who"]),
        ("close", json!({}), &["reason"]),
        ("cancel", json!({}), &["asked_by", "reason"]),
    ] {
        let answer = program.steer(&number, what, &body);
        assert_eq!((answer.status(), code(&answer)), (422, "fields".to_owned()), "{what}: {}", answer.text());
        let errors = json_of(&answer)["errors"].clone();
        let named: Vec<&str> =
            errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{what}");
    }
    let unknown = program.steer(&number, "assign", &json!({ "person": 999_999 }));
    assert_eq!((unknown.status(), json_of(&unknown)["rule"].clone()), (422, json!("holding.unknown_person")));
    assert_eq!(program.steer(&number, "assign", &json!({})).status(), 400, "nothing is released by mistake");
}
