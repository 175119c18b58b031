//! Settings in force.

use serde_json::json;

use crate::support::program::{ALL, CASES, Program, code, json_of};
use crate::support::{Demo, Server};

#[test]
fn plans_calendars_and_formats_in_force_are_read() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let plans = json_of(&program.get("/settings/plans"))["plans"].clone();
    let applied = json_of(&program.get("/entitlement?contract=CPS-VE-004213-58&serial=FOC2614A1B2"));
    let plan = plans.as_array().unwrap().iter().find(|plan| plan["name"] == applied["plan"]["name"]).unwrap();
    for (told, target) in
        plan["targets"].as_array().unwrap().iter().zip(applied["plan"]["targets"].as_array().unwrap())
    {
        assert_eq!(told["first_response_s"], target["first_response_s"]);
        assert_eq!(told["resolution_s"], target["resolution_s"]);
    }
    assert_eq!(plan["matrix"], applied["plan"]["matrix"]);
    let calendars = json_of(&program.get("/settings/calendars"))["calendars"].clone();
    let calendar =
        calendars.as_array().unwrap().iter().find(|it| it["id"] == plan["calendar"]["id"]).unwrap();
    assert_eq!(calendar["name"], plan["calendar"]["name"]);
    assert!(!calendar["hours"].as_array().unwrap().is_empty());
    let formats = json_of(&program.get("/settings/formats"));
    assert_eq!(formats["cases"].as_array().unwrap().len(), 3);
    let patterns = formats["contracts"].to_string();
    assert!(patterns.contains("CPS-VE-######-##"), "{patterns}");
    assert!(formats["serials"].as_array().unwrap().iter().any(|format| format["code"] == "cisco"));
    let wrong = program.get("/settings/plans?at=now");
    assert_eq!((wrong.status(), &json_of(&wrong)["errors"][0]["field"]), (422, &json!("at")));
}

#[test]
fn settings_are_for_tokens_that_may_read_them() {
    let server = Server::start(Demo::On);
    let without = Program::new(&server, CASES, &[]);
    for path in ["/settings/plans", "/settings/calendars", "/settings/formats"] {
        let answer = without.get(path);
        assert_eq!((answer.status(), code(&answer)), (403, "not_permitted".to_owned()), "{path}");
    }
    assert_eq!(Program::new(&server, "read_settings", &[]).get("/settings/formats").status(), 200);
}
