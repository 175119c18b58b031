//! The survey of a case.

use serde_json::{Value, json};

use crate::support::client::{Client, NO_CASE};
use crate::support::program::{ALL, Program, json_of, report};
use crate::support::{Demo, Server, until};

#[test]
fn answers_of_a_survey_are_read_with_their_questions() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    // The plan of this contract opens the survey at the closing.
    let mut mexican = report();
    mexican["contract"] = "CPS-MX-007256-16".into();
    mexican["serial"] = "2102350ABC10R1000001".into();
    mexican["country"] = "MX".into();
    mexican["contact_phone"] = "55 5512 3456".into();
    let opened = program.post("/cases", "Idempotency-Key: k\r\n", &mexican);
    assert_eq!(opened.status(), 201, "{}", opened.text());
    let number = json_of(&opened)["number"].as_str().unwrap().to_owned();
    let survey = || json_of(&program.get(&format!("/cases/{number}/survey")));
    assert_eq!((&survey()["state"], &survey()["answers"]), (&json!("none"), &json!([])));
    let steer = |what: &str, body: Value| {
        let answer = program.steer(&number, what, &body);
        assert_eq!(answer.status(), 200, "{what}: {}", answer.text());
    };
    steer("contacts", json!({ "channel": "phone" }));
    steer("resolve", json!({ "category": "hardware", "cause": "Fuente", "solution": "Se cambió" }));
    steer("verify", json!({ "verdict": "works", "channel": "phone", "who": "Ana Rivas" }));
    until("the survey", || (survey()["state"] == "open").then_some(()));
    let agent = Client::staff(&server, "agente");
    let answers =
        "act=answer&who=Ana+Rivas&attention=5&solution=4&treatment=5&overall=4&recommend=9&comment=Muy+bien";
    let taken = agent.post(&format!("/desk/survey/calls/{number}"), answers);
    assert_eq!(taken.status(), 303, "{}", taken.text());
    let survey = survey();
    assert_eq!(
        [&survey["state"], &survey["way"], &survey["score"], &survey["recommend"]],
        [&json!("answered"), &json!("telephone"), &json!(4.5), &json!(9)]
    );
    let given = survey["answers"].as_array().unwrap();
    assert_eq!(given.len(), 6);
    assert_eq!((&given[0]["key"], &given[0]["value"]), (&json!("attention"), &json!(5)));
    assert!(given.iter().any(|answer| answer["kind"] == "text" && answer["value"] == "Muy bien"), "{survey}");
    let foreign = Program::new(&server, "read_cases", &["--country", "CO"]);
    let absent = |number: &str| {
        let answer = foreign.get(&format!("/cases/{number}/survey"));
        assert_eq!(answer.status(), 404);
        answer.body()
    };
    assert_eq!(absent(&number), absent(NO_CASE));
    let cases_alone = Program::new(&server, "open_cases", &[]);
    assert_eq!(cases_alone.get(&format!("/cases/{number}/survey")).status(), 403);
    assert_eq!(cases_alone.get(&format!("/cases/{NO_CASE}/survey")).status(), 403);
}
