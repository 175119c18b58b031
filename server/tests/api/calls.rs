//! Telephone calls: the operation, and the stream of the agent at whose extension it rings.

use serde_json::{Value, json};

use crate::events::Stream;
use crate::support::client::Client;
use crate::support::program::{CASES, Program, code, json_of};
use crate::support::{Demo, Person, Server};

const AGENT: &str = "agente";
const OTHER: &str = "supervisor";

fn call(state: &str, more: &Value) -> Value {
    let mut call =
        json!({ "id": "1764547200.17", "state": state, "number": "0412 555 0142", "country": "VE" });
    for (name, value) in more.as_object().into_iter().flatten() {
        call[name] = value.clone();
    }
    call
}

/// The stream of a person's calls.
fn calls_of(server: &Server, who: &str) -> Stream {
    let cookie = Person::sign_in(server, &format!("{who}@vigia.example")).cookie;
    Stream::at(server, "/events/calls", &format!("Cookie: {cookie}\r\n"))
}

#[test]
fn call_is_told_to_its_agent_and_to_no_other() {
    let server = Server::start(Demo::On);
    let set = Client::staff(&server, AGENT).post("/desk/account", "act=extension&extension=204");
    assert_eq!(set.status(), 303, "{}", set.text());
    let exchange = Program::new(&server, "report_calls", &[]);
    let (mut own, mut other) = (calls_of(&server, AGENT), calls_of(&server, OTHER));
    assert_eq!((own.hear("event: call").1, other.hear("event: call").1), (Value::Null, Value::Null));
    let reported = exchange.post("/calls", "", &call("ringing", &json!({ "extension": "204" })));
    assert_eq!(reported.status(), 201, "{}", reported.text());
    assert!(json_of(&reported)["agent"]["id"].is_i64());
    let (_, told) = own.hear("\"state\":\"ringing\"");
    assert_eq!((&told["number"], &told["direction"]), (&json!("+58 412 555 0142"), &json!("incoming")));
    // Both of one kind: what is told to the other comes after what was told to the first.
    let second = json!({ "id": "2", "agent": format!("{OTHER}@vigia.example") });
    exchange.post("/calls", "", &call("answered", &second));
    let (_, theirs) = other.hear("\"state\":\"");
    assert_eq!(theirs["state"], "answered");
    exchange.post("/calls", "", &call("ended", &json!({ "length_s": 40 })));
    own.hear("\"state\":\"ended\"");
}

#[test]
fn report_names_what_is_wrong_at_its_field_and_needs_its_permission() {
    let server = Server::start(Demo::On);
    let exchange = Program::new(&server, "report_calls", &["--country", "VE"]);
    let wrong = json!({ "id": "", "state": "busy", "extension": "2a", "at": "now", "length_s": -1 });
    let refused = exchange.post("/calls", "", &wrong);
    assert_eq!(refused.status(), 422, "{}", refused.text());
    let body = json_of(&refused);
    let fields: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["id", "state", "extension", "at", "length_s"]);
    let unknown = exchange.post("/calls", "", &call("ringing", &json!({ "extension": "999" })));
    assert_eq!((unknown.status(), &json_of(&unknown)["agent"]), (201, &Value::Null));
    let twice = exchange.post("/calls", "", &call("ringing", &json!({ "extension": "999" })));
    assert_eq!(twice.status(), 201);
    let other = Program::new(&server, CASES, &[]).post("/calls", "", &call("ringing", &json!({})));
    assert_eq!((other.status(), code(&other)), (403, "not_permitted".to_owned()));
    let stranger = server.ask("GET", "/events/calls", "", b"");
    assert_eq!(stranger.status(), 403);
}
