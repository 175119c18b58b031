//! The document: its operations, its examples and its page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::{FORM, NO_CASE};
use crate::support::program::{ALL, JSON, Program, document, in_days, json_of, window};
use crate::support::{Demo, Server};

#[test]
fn every_operation_of_the_document_exists_and_every_example_of_it_works() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let paths = program.document.0["paths"].as_object().unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{path} {method}");
            let sent = filled(&program, path);
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let examples: Vec<String> = parameters
                .map(|parameter| program.document.resolve(parameter))
                .filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| {
                    let example = parameter["schema"]["examples"][0].as_str()?;
                    Some(format!("{}={example}", parameter["name"].as_str().unwrap()))
                })
                .collect();
            if !examples.is_empty() && !path.contains("{number}") {
                let asked = format!("{sent}?{}", examples.join("&"));
                assert_eq!(program.get(&asked).status(), 200, "{asked}");
            }
            let token = format!("Authorization: Bearer {}\r\n", program.token);
            let status = if operation["responses"]["200"]["content"].get("text/event-stream").is_some() {
                // It has no end.
                program.server.head(&format!("GET /api/v1{sent} HTTP/1.1\r\n{token}\r\n")).status()
            } else {
                let head = format!("{token}{JSON}If-Match: *\r\nIdempotency-Key: k\r\n");
                let answer =
                    program.server.ask(&method.to_uppercase(), &format!("/api/v1{sent}"), &head, b"{}");
                answer.status()
            };
            assert_ne!(status, 405, "{path} {method}");
            if !path.contains("{number}") {
                assert_ne!(status, 404, "{path} {method}: its example is there");
            }
            let without = program.server.ask(&method.to_uppercase(), &format!("/api/v1{sent}"), "", b"");
            // What is open says so.
            let is_open = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert!(without.status() == 401 || is_open, "{path} {method}");
            let answers = operation["responses"].as_object().unwrap();
            let is_paced = answers.values().any(|answer| answer["headers"]["RateLimit"].is_object());
            assert_ne!(is_paced, is_open, "{path} {method}");
            let Some(body) = operation.get("requestBody") else { continue };
            if is_open {
                make_token(&program, &body["content"]["application/x-www-form-urlencoded"]);
                continue;
            }
            let json = body["content"].get("application/json");
            let content = json.unwrap_or(&body["content"]["multipart/form-data"]);
            let problems = program.document.problems(&content["schema"], &content["example"]);
            assert!(problems.is_empty(), "{path}: {problems:?}");
            if json.is_none() {
                // Files are sent by a test of their own.
                continue;
            }
            run_example(&program, path, &content["example"]);
        }
    }
    // A schema that nothing uses describes nothing.
    let text = program.document.0.to_string();
    for name in program.document.0["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("#/components/schemas/{name}\"")), "{name}");
    }
}

#[test]
fn optional_members_of_requests_take_null_exactly_where_the_document_says_so() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("null");
    let mut tried = 0;
    for (path, item) in program.document.0["paths"].as_object().unwrap() {
        let Some(content) = item["post"]["requestBody"]["content"].get("application/json") else { continue };
        let schema = program.document.resolve(&content["schema"]);
        let required = schema["required"].as_array().unwrap();
        for (name, member) in schema["properties"].as_object().unwrap() {
            if required.iter().any(|it| it == name) || schema["additionalProperties"] != false {
                continue;
            }
            let mut sent = content["example"].clone();
            sent[name] = Value::Null;
            let head = format!("If-Match: *\r\nIdempotency-Key: {path}.{name}\r\n");
            let path = filled(&program, &path.replace("{number}", &number));
            let answer = program.post(&path, &head, &sent);
            let takes_null = program.document.problems(member, &Value::Null).is_empty();
            assert_eq!(answer.status() != 400, takes_null, "{path} {name}: {}", answer.text());
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Sends the example of a token's request, with the program's own secret.
fn make_token(program: &Program<'_>, content: &Value) {
    let problems = program.document.problems(&content["schema"], &content["example"]);
    assert!(problems.is_empty(), "{problems:?}");
    let pairs = content["example"].as_object().unwrap().iter().map(|(name, value)| match name.as_str() {
        "client_secret" => format!("client_secret={}", program.token),
        name => format!("{name}={}", value.as_str().unwrap()),
    });
    let form = pairs.collect::<Vec<_>>().join("&");
    let answer = program.server.ask("POST", "/api/v1/token", FORM, form.as_bytes());
    assert_eq!(answer.status(), 200, "{}", answer.text());
}

/// A path with the examples of its parameters. No case has the number.
fn filled(program: &Program<'_>, path: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        None => part.to_owned(),
        Some("number") => NO_CASE.to_owned(),
        Some(name) => {
            let parameter = &program.document.0["components"]["parameters"][format!("path_{name}")];
            parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned)
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Commands that need a time that passes, or another technician or contact: a rule may refuse their examples.
///
/// An arrival in the second of the first contact may be that contact, and stays.
const ELSEWHERE: [&str; 7] = [
    "close",
    "duplicate",
    "visits/reassign",
    "visits/no-show",
    "visits/did-not-come",
    "visits/undo-miss",
    "visits/undo-arrival",
];

/// Sends the example of an operation to a case that is ready for it.
fn run_example(program: &Program<'_>, path: &str, example: &Value) {
    let key = format!("Idempotency-Key: {}\r\n", path.replace('/', "-"));
    let Some(what) = path.strip_prefix("/cases/{number}/") else {
        let done = if path.starts_with("/monitoring/") { 200 } else { 201 };
        assert_eq!(program.post(path, &key, example).status(), done, "{path}");
        return;
    };
    let number = program.open(what);
    let ready = |before: &str, body: Value| {
        let done = program.steer(&number, before, &body);
        assert_eq!(done.status(), 200, "{before} before {what}: {}", done.text());
    };
    let technician = || json_of(&program.get("/people?role=technician"))["people"][0]["id"].clone();
    let resolution = json!({ "category": "hardware", "cause": "Fuente", "solution": "Se cambió" });
    match what {
        "wait" | "resolve" | "visits/offer" | "contacts/undo" => {
            ready("contacts", json!({ "channel": "phone" }));
        }
        "participants/remove" => {
            ready("participants", json!({ "name": "Eva Díaz", "mail": "eva.diaz@cumbre.example" }));
        }
        "resume" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready("wait", json!({ "reason": "customer", "until": in_days(1) }));
        }
        "verify" | "close" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready("resolve", resolution);
        }
        "reopen" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready("resolve", resolution);
            ready("verify", json!({ "verdict": "works", "channel": "phone", "who": "Ana Rivas" }));
        }
        "visits/move"
        | "visits/reassign"
        | "visits/arrive"
        | "visits/start"
        | "visits/end"
        | "visits/undo-arrival"
        | "visits/no-show"
        | "visits/did-not-come"
        | "visits/undo-miss" => {
            ready("contacts", json!({ "channel": "phone" }));
            let mut agreement =
                json!({ "window": window(6), "technician": technician(), "who": "Ana Rivas" });
            agreement["channel"] = "phone".into();
            agreement["despite"] = "Es una prueba".into();
            ready("visits/agree", agreement);
            if ["visits/start", "visits/end", "visits/undo-arrival"].contains(&what) {
                ready("visits/arrive", json!({}));
            }
            if what == "visits/end" {
                ready("visits/start", json!({}));
            }
        }
        "visits/answer" | "visits/confirm" | "visits/cancel" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready(
                "visits/offer",
                json!({ "windows": [window(3)], "technician": technician(), "despite": "Es una prueba" }),
            );
        }
        _ => {}
    }
    let mut example = example.clone();
    // The dates of the examples are far away, so that they are never in the past.
    match what {
        "wait" => example["until"] = in_days(2).into(),
        "visits/offer" => {
            example["windows"] = json!([window(2)]);
            example["technician"] = technician();
            example["despite"] = "Es una prueba".into();
        }
        "visits/move" => {
            example["windows"] = json!([window(7)]);
            example["technician"] = technician();
            example["despite"] = "Es una prueba".into();
        }
        "visits/reassign" => example["technician"] = technician(),
        "duplicate" => example["of"] = program.open("the other of a duplicate").into(),
        "visits/agree" => {
            example["window"] = window(2);
            example["technician"] = technician();
            example["despite"] = "Es una prueba".into();
        }
        "visits/confirm" => {
            let window = window(4);
            let proposed =
                json!({ "answer": "propose", "windows": [window], "who": "Ana Rivas", "channel": "phone" });
            ready("visits/answer", proposed);
            example["window"] = window;
            example["despite"] = "Es una prueba".into();
        }
        _ => {}
    }
    let answer = program.steer(&number, what, &example);
    let told = ELSEWHERE.contains(&what) && json_of(&answer)["rule"].is_string();
    assert!(answer.status() == 200 || told, "{path}: {}", answer.text());
}

#[test]
fn page_of_the_api_shows_each_operation_without_a_script() {
    let server = Server::start(Demo::Off);
    let answer = server.ask("GET", "/api", "", b"");
    let page = answer.text();
    assert_eq!(answer.status(), 200);
    let document = document(&server);
    for item in document.0["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    assert!(page.contains("id=\"precondition_failed\""));
    // No bundle, and nothing from elsewhere. The renderer's own lines of data end every page.
    assert!(!page.contains("type=\"module\"") && !page.contains("<script src"), "{page}");
    assert!(page.contains("hashed.vigia.css"));
}

#[test]
fn answers_may_get_members_later_and_requests_refuse_unknown_ones() {
    let server = Server::start(Demo::Off);
    let document = document(&server);
    let is_closed = |name: &str| document.schema(name).get("additionalProperties").is_some();
    for item in document.0["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let mut waiting: Vec<&Value> = vec![&operation["responses"]];
            let mut followed = BTreeSet::new();
            while let Some(value) = waiting.pop() {
                assert!(value.get("additionalProperties").is_none(), "{value}");
                waiting.extend(value.as_object().into_iter().flat_map(|members| members.values()));
                waiting.extend(value.as_array().into_iter().flatten());
                if value["$ref"].as_str().is_some_and(|name| followed.insert(name)) {
                    waiting.push(document.resolve(value));
                }
            }
            for media in
                operation["requestBody"]["content"].as_object().into_iter().flat_map(|all| all.values())
            {
                let name = media["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
                // What monitoring systems send grows with their versions.
                let is_foreign = ["AlertmanagerMessage", "ZabbixMessage"].contains(&name);
                assert!(is_closed(name) != is_foreign, "{name}");
            }
        }
    }
}
