//! Fields that a form or an operation does not have, sent all the same.

use serde_json::json;

use crate::support::client::{AMENDED, Client};
use crate::support::program::{ALL, Program, report};
use crate::support::{Demo, Person, Server, open_case};

/// Names of columns and of what only the desk may settle.
const FOREIGN: [&str; 8] =
    ["id", "number", "role", "active", "assignee", "opened_at", "closed_at", "password_hash"];

#[test]
fn operation_refuses_fields_that_it_does_not_have() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("fields");
    let version = || program.get(&format!("/cases/{number}")).header("etag");
    let before = version();
    for field in FOREIGN {
        let mut note = json!({ "text": "Revisado" });
        note[field] = json!(1);
        let answer = program.post(&format!("/cases/{number}/notes"), "", &note);
        assert!(matches!(answer.status(), 400 | 422), "{field}: {}", answer.status());
        let mut opening = report();
        opening[field] = json!(1);
        let answer = program.post("/cases", &format!("Idempotency-Key: {field}\r\n"), &opening);
        assert!(matches!(answer.status(), 400 | 422), "{field}: {}", answer.status());
    }
    assert_eq!(version(), before, "nothing was written");
}

#[test]
fn form_of_the_own_account_changes_no_role() {
    let server = Server::start(Demo::On);
    let agent = Client::staff(&server, "agente");
    for act in ["language", "password", "extension"] {
        agent.post(
            "/desk/account",
            &format!("act={act}&language=es&role=administrator&id=1&mail=administracion%40vigia.example"),
        );
    }
    assert_eq!(agent.get("/desk/admin/people").status(), 403);
    assert_eq!(agent.call("people", &json!({})).status(), 403);
}

#[test]
fn amendment_by_a_link_changes_neither_place_nor_priority() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0802");
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let file = || agent.call("case_file", &json!({ "number": &tracking[..12] })).1;
    let before = file();
    let form = format!(
        "{AMENDED}&location=INTRUSO&serial=INTRUSO&contract=INTRUSO&severity=low&priority=P4&country=CO"
    );
    let sent = Client::stranger(&server).post(&format!("/track/{tracking}/amend"), &form);
    assert_eq!(sent.status(), 303, "{}", sent.text());
    let after = file();
    assert_ne!(before["version"], after["version"], "what the customer may amend is amended");
    assert!(!after.to_string().contains("INTRUSO"), "{after}");
}
