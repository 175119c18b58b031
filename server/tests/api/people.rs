//! People.

use serde_json::json;

use crate::support::program::{ALL, CASES, Program, code, json_of};
use crate::support::{Demo, Server};

#[test]
fn staff_is_listed_without_secrets_and_mail_addresses_are_read_one_by_one() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let answer = program.get("/people");
    let text = answer.text();
    assert!(!text.contains('@') && !text.contains("argon") && !text.contains("factor"), "{text}");
    let all = json_of(&answer)["people"].clone();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 4, "{all:?}");
    let technicians = json_of(&program.get("/people?role=technician"))["people"].clone();
    assert_eq!(technicians[0]["name"], "Rosa Marín");
    let first = json_of(&program.get("/people?limit=1"));
    let next = first["next"].as_str().unwrap();
    let rest = json_of(&program.get(&format!("/people?cursor={next}")));
    assert_eq!((rest["people"].as_array().unwrap().len(), &rest["next"]), (3, &json!(null)));
    let id = &technicians[0]["id"];
    let one = json_of(&program.get(&format!("/people/{id}")));
    assert_eq!((&one["mail"], &one["service"]), (&json!("tecnica@vigia.example"), &json!("active")));
    assert!(one["zone"].is_string());
    assert!(json_of(&program.get("/people?service=ended"))["people"].as_array().unwrap().is_empty());
    for (query, field) in
        [("role=boss", "role"), ("service=x", "service"), ("country=XX", "country"), ("q=x", "q")]
    {
        let answer = program.get(&format!("/people?{query}"));
        assert_eq!(
            (answer.status(), &json_of(&answer)["errors"][0]["field"]),
            (422, &json!(field)),
            "{query}"
        );
    }
    for path in ["/people/999999", "/people/x"] {
        let answer = program.get(path);
        assert_eq!((answer.status(), code(&answer)), (404, "not_found".to_owned()), "{path}");
    }
}

#[test]
fn people_are_for_tokens_that_may_read_them() {
    let server = Server::start(Demo::On);
    let without = Program::new(&server, CASES, &[]);
    for path in ["/people", "/people/1", "/people/999999"] {
        let answer = without.get(path);
        assert_eq!((answer.status(), code(&answer)), (403, "not_permitted".to_owned()), "{path}");
    }
    assert_eq!(Program::new(&server, "read_people", &[]).get("/people").status(), 200);
}
