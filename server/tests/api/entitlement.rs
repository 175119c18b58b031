//! The entitlement check.

use serde_json::{Value, json};

use crate::support::program::{ALL, CASES, Program, code, json_of, report};
use crate::support::{Demo, Server};

const BOTH: &str = "/entitlement?contract=cps-ve-004213-58&serial=foc2614a1b2";

#[test]
fn entitlement_says_what_the_form_says_with_plan_hours_and_targets() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let found = json_of(&program.get(BOTH));
    assert_eq!(
        [&found["state"], &found["reason"], &found["contract"], &found["serial"]],
        [&json!("covered"), &Value::Null, &json!("CPS-VE-004213-58"), &json!("FOC2614A1B2")]
    );
    assert_eq!(found["summary"], "Covered by your contract.");
    assert!(
        found["customer"]["organisation"].is_string() && found["registered"]["site"].is_string(),
        "{found}"
    );
    assert_eq!(found["service_hours"]["zone"], "America/Caracas");
    let targets = found["plan"]["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 4);
    assert!(targets.iter().all(|target| target["first_response_due_at"].is_string()), "{found}");
    assert_eq!(found["plan"]["matrix"].as_array().unwrap().len(), 16);
    let unknown = json_of(&program.get("/entitlement?contract=CPS-VE-004213-58&serial=XXXX9999"));
    assert_eq!((&unknown["state"], &unknown["reason"]), (&json!("to_validate"), &json!("unknown_serial")));
    let nothing = json_of(&program.get("/entitlement?country=CO"));
    assert_eq!((&nothing["state"], &nothing["summary"]), (&json!("not_asked"), &Value::Null));
    assert_eq!(nothing["service_hours"]["zone"], "America/Bogota");
    // A case that is opened with it has the plan that was told.
    let number = program.open("k");
    let again = json_of(&program.get(BOTH));
    assert_eq!(again["open_case"]["exists"], true, "{again}");
    assert!(again["open_case"]["number"].is_string());
    let case = json_of(&program.get(&format!("/cases/{number}")));
    let of_case = case["targets"].as_array().unwrap().iter().find(|target| target["metric"] == "attention");
    let priority = case["priority"].as_str().unwrap();
    let told = targets.iter().find(|target| target["priority"] == priority).unwrap();
    assert_eq!(of_case.unwrap()["target_s"], told["first_response_s"]);
}

#[test]
fn token_without_the_register_learns_of_a_match_alone_and_another_scope_of_none() {
    let server = Server::start(Demo::On);
    let opener = Program::new(&server, "open_cases", &[]);
    opener.open("k");
    let found = json_of(&opener.get(BOTH));
    assert_eq!((&found["state"], &found["customer"]), (&json!("covered"), &Value::Null));
    assert_eq!(
        found["open_case"],
        json!({ "exists": true, "number": null }),
        "its number is for readers of cases"
    );
    assert_eq!(json_of(&opener.get("/entitlement?serial=FOC2614A1B2"))["state"], "not_asked");
    let foreign = Program::new(&server, CASES, &["--country", "CO"]);
    let without_time = |path: &str| {
        let mut told = json_of(&foreign.get(path));
        for member in ["contract", "serial", "as_of"] {
            told[member].take();
        }
        for target in told["plan"]["targets"].as_array_mut().unwrap() {
            target["first_response_due_at"].take();
        }
        told["service_hours"].take();
        told
    };
    let absent = "/entitlement?contract=CPS-VE-004213-58&serial=XXXX9999";
    assert_eq!(without_time(BOTH), without_time(absent), "foreign equipment is absent");
    assert_eq!(without_time(BOTH)["reason"], "untold");
    let reader = Program::new(&server, "read_cases", &[]);
    assert_eq!(reader.get(BOTH).status(), 403);
}

#[test]
fn open_case_in_scope_is_told_though_another_country_has_one_before_it() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let venezuelan = program.open("k");
    let mut abroad = report();
    abroad["country"] = "CO".into();
    abroad["abroad"] = true.into();
    abroad["contact_phone"] = "+58 212 555 0142".into();
    let opened = program.post("/cases", "Idempotency-Key: abroad\r\n", &abroad);
    assert_eq!(opened.status(), 201, "{}", opened.text());
    let scoped = Program::new(&server, CASES, &["--country", "VE"]);
    let told = json_of(&scoped.get(BOTH))["open_case"].clone();
    assert_eq!(told["exists"], true, "{told}");
    let number = told["number"].as_str().unwrap();
    assert!(number.starts_with("VE") && number <= venezuelan.as_str(), "{number} {venezuelan}");
}

#[test]
fn numbers_that_cannot_be_are_told_in_the_words_of_the_form() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let wrong = program.get("/entitlement?contract=CPS-VE-004213-59&serial=x&country=XX&colour=red");
    assert_eq!((wrong.status(), code(&wrong)), (422, "fields".to_owned()));
    let told = json_of(&wrong)["errors"].clone();
    let mut fields: Vec<&str> =
        told.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["colour", "contract", "country", "serial"]);
    let meant = program.get("/entitlement?contract=CPS-VE-004213-59&contract_meant=true");
    assert_eq!((meant.status(), json_of(&meant)["contract"].clone()), (200, json!("CPS-VE-004213-59")));
}
