//! Visits of a case.

use serde_json::{Value, json};

use crate::support::client::NO_CASE;
use crate::support::program::{ALL, CASES, Program, code, json_of, report, technician, window};
use crate::support::{Demo, Server};

#[test]
fn visit_is_offered_answered_agreed_and_cancelled_by_the_rules_of_the_pages() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let (number, technician) = (program.open("k"), technician(&program));
    let stage = || json_of(&program.get(&format!("/cases/{number}/visits")))["visits"].clone();
    let steer = |what: &str, body: Value| {
        let answer = program.steer(&number, &format!("visits/{what}"), &body);
        (answer.status(), json_of(&answer))
    };
    assert_eq!(stage(), json!([]));
    let [second, third, fourth, fifth] = [2, 3, 4, 5].map(window);
    let offer = json!({ "windows": [third, second], "technician": technician, "note": "Con repuesto" });
    let (status, refused) = steer("offer", offer.clone());
    assert_eq!((status, &refused["rule"]), (422, &json!("visit.contact_first")), "{refused}");
    program.post(&format!("/cases/{number}/contacts"), "", &json!({ "channel": "phone" }));
    assert_eq!(steer("offer", offer).0, 200);
    let offered = stage();
    assert_eq!(
        (&offered[0]["stage"], &offered[0]["technician"]["name"]),
        (&json!("offered"), &json!("Rosa Marín"))
    );
    assert_eq!(offered[0]["windows"][0], second, "the earliest first");
    let told = |answer: &str| json!({ "answer": answer, "who": "Ana Rivas", "channel": "phone" });
    let mut other = told("propose");
    other["windows"] = json!([fourth]);
    assert_eq!(steer("answer", other).0, 200);
    let (status, refused) = steer("confirm", json!({ "window": window(9) }));
    assert_eq!((status, &refused["rule"]), (422, &json!("visit.not_named")));
    assert_eq!(steer("confirm", json!({ "window": fourth })).0, 200);
    let agreed = stage();
    assert_eq!((&agreed[0]["stage"], &agreed[0]["window"]), (&json!("agreed"), &fourth));
    let (status, done) = steer("cancel", json!({ "by": "customer", "reason": "La sede estará cerrada" }));
    assert_eq!((status, stage()[0]["stage"].clone()), (200, json!("called_off")), "{done}");
    let agreement =
        json!({ "window": fifth, "technician": technician, "who": "Ana Rivas", "channel": "phone" });
    assert_eq!(steer("agree", agreement).0, 200);
    assert_eq!(stage()[1]["stage"], "agreed");
    // Another case finds the technician booked, unless it says why not.
    let another = program.open("k2");
    program.post(&format!("/cases/{another}/contacts"), "", &json!({ "channel": "phone" }));
    let mut clash = json!({ "windows": [fifth], "technician": technician });
    let refused = program.steer(&another, "visits/offer", &clash);
    assert_eq!((refused.status(), json_of(&refused)["rule"].clone()), (422, json!("visit.booked")));
    clash["despite"] = "Van dos técnicos".into();
    assert_eq!(program.steer(&another, "visits/offer", &clash).status(), 200);
}

#[test]
fn wrong_fields_of_visits_are_told_and_each_step_needs_the_version() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    for (what, body, fields) in [
        ("offer", json!({}), &["windows", "technician"][..]),
        ("offer", json!({ "windows": [], "technician": 2 }), &["windows"]),
        ("offer", json!({ "windows": [{ "from": "x" }], "technician": 2 }), &["windows"]),
        ("answer", json!({ "answer": "accept", "who": "Ana Rivas", "channel": "phone" }), &["window"]),
        ("answer", json!({ "answer": "perhaps" }), &["answer", "who", "channel"]),
        ("confirm", json!({}), &["window"]),
        ("agree", json!({}), &["window", "technician", "who", "channel"]),
        ("cancel", json!({ "by": "all" }), &["by", "reason"]),
    ] {
        let answer = program.steer(&number, &format!("visits/{what}"), &body);
        assert_eq!((answer.status(), code(&answer)), (422, "fields".to_owned()), "{what}: {}", answer.text());
        let errors = json_of(&answer)["errors"].clone();
        let named: Vec<&str> =
            errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{what}");
    }
    let path = format!("/cases/{number}/visits/cancel");
    let cancel = json!({ "by": "us", "reason": "No hace falta" });
    assert_eq!(program.post(&path, "", &cancel).status(), 428);
    assert_eq!(program.post(&path, "If-Match: \"9\"\r\n", &cancel).status(), 412);
    let nobody = json!({ "windows": [window(2)], "technician": 999_999 });
    let refused = program.steer(&number, "visits/offer", &nobody);
    assert_eq!(
        (refused.status(), json_of(&refused)["rule"].clone()),
        (422, json!("visit.no_such_technician"))
    );
}

#[test]
fn visits_of_another_scope_are_absent_and_a_booking_there_is_not_named() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let (number, technician) = (program.open("k"), technician(&program));
    let agreement =
        json!({ "window": window(5), "technician": technician, "who": "Ana Rivas", "channel": "phone" });
    assert_eq!(program.steer(&number, "visits/agree", &agreement).status(), 200);
    let foreign = Program::new(&server, CASES, &["--country", "CO"]);
    let body = |number: &str, what: &str| {
        let answer = match what {
            "" => foreign.get(&format!("/cases/{number}/visits")),
            what => {
                foreign.post(&format!("/cases/{number}/visits/{what}"), "If-Match: \"2\"\r\n", &agreement)
            }
        };
        assert_eq!(answer.status(), 404, "{what}");
        answer.body()
    };
    for what in ["", "agree"] {
        assert_eq!(body(&number, what), body(NO_CASE, what), "{what}");
    }
    let mut colombian = report();
    colombian["contract"] = "CPS-CO-002107-95".into();
    colombian["serial"] = "MXQ3410ABC".into();
    colombian["country"] = "CO".into();
    colombian["contact_phone"] = "300 555 0142".into();
    let opened = foreign.post("/cases", "Idempotency-Key: k\r\n", &colombian);
    let opened = json_of(&opened)["number"].as_str().unwrap().to_owned();
    let refused = foreign.steer(&opened, "visits/agree", &agreement);
    assert_eq!((refused.status(), json_of(&refused)["rule"].clone()), (422, json!("visit.absent")));
    assert!(!refused.text().contains("VE"), "{}", refused.text());
    let reader = Program::new(&server, "read_cases", &[]);
    assert_eq!(reader.get(&format!("/cases/{number}/visits")).status(), 200);
    assert_eq!(reader.steer(&number, "visits/cancel", &json!({ "by": "us", "reason": "x" })).status(), 403);
    let worker = Program::new(&server, "work_cases", &[]);
    for number in [number.as_str(), NO_CASE] {
        assert_eq!(worker.get(&format!("/cases/{number}/visits")).status(), 403);
    }
}
