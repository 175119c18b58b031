//! The audit log.

use serde_json::json;

use crate::support::program::{ALL, CASES, Program, code, json_of};
use crate::support::{Demo, Server};

#[test]
fn audit_log_tells_what_programs_did_and_were_refused() {
    let server = Server::start(Demo::On);
    let (reader, other) = (Program::new(&server, ALL, &[]), Program::new(&server, CASES, &[]));
    assert_eq!(code(&other.get("/audit")), "not_permitted");
    let listed = json_of(&reader.get("/cases?limit=3"));
    let shown = listed["cases"].as_array().unwrap().len();
    let entries = |query: &str| json_of(&reader.get(&format!("/audit?{query}")))["entries"].clone();
    let refused = entries("kind=forbidden");
    assert_eq!(refused[0]["details"], "GET /api/v1/audit");
    assert_eq!(
        (&refused[0]["by"]["type"], &refused[0]["by"]["name"]),
        (&json!("integration"), &json!("Zabbix"))
    );
    assert_eq!(entries("kind=listed")[0]["details"], format!("cases: {shown}"));
    let given = entries("kind=access_given");
    let tokens = given.as_array().unwrap().iter().filter(|one| one["details"] == "Integration: Zabbix");
    assert_eq!(tokens.count(), 2, "{given}");
    let first = json_of(&reader.get("/audit?limit=1"));
    let next = first["next"].as_str().unwrap();
    let second = json_of(&reader.get(&format!("/audit?limit=1&cursor={next}")));
    assert!(second["entries"][0]["id"].as_i64() < first["entries"][0]["id"].as_i64());
    for (query, field) in
        [("kind=x", "kind"), ("since=ayer", "since"), ("country=XX", "country"), ("q=x", "q")]
    {
        let answer = reader.get(&format!("/audit?{query}"));
        assert_eq!(
            (answer.status(), &json_of(&answer)["errors"][0]["field"]),
            (422, &json!(field)),
            "{query}"
        );
    }
}
