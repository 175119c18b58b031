//! The API over the real binary. Every answer is held against its schema.

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::client::{Client, FORM, NO_CASE};
use support::schema::Document;
use support::{Answer, Demo, Server, open_case, until};

const JSON: &str = "Content-Type: application/json\r\n";
/// All permissions.
const ALL: &str =
    "open_cases,read_cases,work_cases,steer_cases,read_register,read_reports,read_people,read_settings";

/// Another system with a token. Each of its answers is checked.
struct Program<'a> {
    server: &'a Server,
    token: String,
    document: Document,
}

impl<'a> Program<'a> {
    fn new(server: &'a Server, grants: &str, more: &[&str]) -> Self {
        let told = server.run(&[&["token", "add", "--name", "Zabbix", "--grant", grants], more].concat());
        let token = told.lines().last().unwrap().to_owned();
        Self { server, token, document: document(server) }
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    fn post(&self, path: &str, head: &str, body: &Value) -> Answer {
        self.send("POST", path, &format!("{JSON}{head}"), &body.to_string())
    }

    /// Reads the case and posts a command that steers it.
    fn steer(&self, number: &str, what: &str, body: &Value) -> Answer {
        let tag = self.get(&format!("/cases/{number}")).header("etag");
        self.post(&format!("/cases/{number}/{what}"), &format!("If-Match: {tag}\r\n"), body)
    }

    fn send(&self, method: &str, path: &str, head: &str, body: &str) -> Answer {
        let head = format!("Authorization: Bearer {}\r\nAccept-Language: en\r\n{head}", self.token);
        let answer = self.server.ask(method, &format!("/api/v1{path}"), &head, body.as_bytes());
        self.check(method, path, &answer);
        answer
    }

    /// Holds an answer against the document.
    fn check(&self, method: &str, path: &str, answer: &Answer) {
        let (status, text) = (answer.status(), answer.text());
        let value: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{method} {path}: {status} {text}"));
        let problem = status >= 400;
        let kind = if problem { "application/problem+json" } else { "application/json" };
        assert_eq!(answer.header("content-type"), kind, "{method} {path}");
        let schema = if problem {
            self.document.schema("Problem")
        } else {
            let operation = self.operation(method, path);
            let answers = &operation["responses"][status.to_string()];
            &answers["content"]["application/json"]["schema"]
        };
        let problems = self.document.problems(schema, &value);
        assert!(problems.is_empty(), "{method} {path}: {status} {problems:#?}");
        if problem {
            assert_eq!(value["status"], status);
            assert!(
                value["type"].as_str().unwrap().ends_with(&format!("#{}", value["code"].as_str().unwrap()))
            );
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }

    /// The operation of a path as it is sent.
    fn operation(&self, method: &str, path: &str) -> &Value {
        let sent: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == sent.len()
                && parts.iter().zip(&sent).all(|(part, sent)| part.starts_with('{') || part == sent)
        };
        let paths = self.document.0["paths"].as_object().unwrap();
        let (_, item) = paths.iter().find(|(template, _)| fits(template)).unwrap_or_else(|| panic!("{path}"));
        &item[method.to_lowercase()]
    }

    /// Opens a case; its number.
    fn open(&self, key: &str) -> String {
        let opened = self.post("/cases", &format!("Idempotency-Key: {key}\r\n"), &report());
        assert_eq!(opened.status(), 201, "{}", opened.text());
        json_of(&opened)["number"].as_str().unwrap().to_owned()
    }
}

fn document(server: &Server) -> Document {
    let answer = server.ask("GET", "/api/v1/openapi.json", "", b"");
    assert_eq!(answer.status(), 200);
    Document(serde_json::from_str(&answer.text()).unwrap())
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text()).unwrap()
}

fn code(answer: &Answer) -> String {
    json_of(answer)["code"].as_str().unwrap().to_owned()
}

fn report() -> Value {
    json!({ "reporter": "Ana Rivas", "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "platform": "network",
            "country": "VE", "location": "Torre Avila", "contact_same": true, "contact_phone": "0212 555 0142",
            "contact_mail": "ana@cumbre.example", "fault": "El conmutador se apaga solo.", "severity": "high",
            "urgency": "high" })
}

#[test]
fn request_without_a_good_token_is_401_with_a_challenge_and_cookies_count_for_nothing() {
    let server = Server::start(Demo::On);
    let administrator = support::Person::sign_in(&server, "administracion@vigia.example");
    let cookie = format!("Cookie: {}\r\n", administrator.cookie);
    for (head, code, challenge) in [
        (String::new(), "token_missing", "Bearer realm=\"vigia\""),
        (cookie, "token_missing", "Bearer realm=\"vigia\""),
        ("Authorization: Basic YTpi\r\n".to_owned(), "token_missing", "Bearer realm=\"vigia\""),
        (
            "Authorization: Bearer vigia_0000\r\n".to_owned(),
            "token_wrong",
            "Bearer realm=\"vigia\", error=\"invalid_token\"",
        ),
    ] {
        for path in ["/api/v1/me", "/api/v1/cases", "/api/v1/nothing", "/api/v1"] {
            let answer = server.ask("GET", path, &head, b"");
            assert_eq!((answer.status(), self::code(&answer)), (401, code.to_owned()), "{path}");
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
    }
    // Neither does a server function of the pages take a token.
    let token = Program::new(&server, ALL, &[]).token;
    let answer =
        server.ask("POST", "/api/signed_in", &format!("{JSON}Authorization: Bearer {token}\r\n"), b"{}");
    assert_eq!(answer.status(), 401);
}

#[test]
fn administrator_makes_a_token_that_is_shown_once_and_revokes_it() {
    const PAGE: &str = "/desk/admin/integrations";
    let server = Server::start(Demo::On);
    let administrator = Client::staff(&server, "administracion");
    let wrong = administrator.post(PAGE, "name=&per_minute=0&scope=ZZ");
    assert_eq!(wrong.status(), 422);
    for part in ["id=\"name-error\"", "id=\"per_minute-error\"", "id=\"scope-error\"", "id=\"grants-error\""]
    {
        assert!(wrong.text().contains(part), "{part} in {}", wrong.text());
    }
    let scoped = administrator.post(PAGE, "name=ERP&per_minute=60&scope=VE&grant_read_reports=yes");
    assert!(scoped.status() == 422 && scoped.text().contains("value=\"ERP\""), "{}", scoped.text());
    let made = administrator.post(PAGE, "name=ERP&per_minute=60&scope=VE&grant_read_cases=yes");
    let page = made.text();
    assert_eq!((made.status(), made.header("cache-control")), (200, "no-store".to_owned()), "{page}");
    let token = page.split_once("vigia_").unwrap().1.split_once('<').unwrap().0;
    let head = format!("Authorization: Bearer vigia_{token}\r\n");
    let me = server.ask("GET", "/api/v1/me", &head, b"");
    let expected = json!({ "id": 1, "name": "ERP", "grants": ["read_cases"], "country": "VE", "requests_per_minute": 60 });
    assert_eq!((me.status(), json_of(&me)), (200, expected));
    let list = until("the use of the token", || {
        Some(administrator.get(PAGE).text()).filter(|list| !list.contains("nunca"))
    });
    assert!(list.contains("ERP") && !list.contains(token), "{list}");
    let revoked = administrator.post(&format!("{PAGE}/1/revoke"), "");
    assert_eq!((revoked.status(), revoked.header("location")), (303, format!("{PAGE}?done=revoke")));
    assert_eq!(server.ask("GET", "/api/v1/me", &head, b"").status(), 401);
    assert!(administrator.get(PAGE).text().contains("Revocada"));
    assert_eq!(administrator.post(&format!("{PAGE}/1/revoke"), "").status(), 404);
    let supervisor = Client::staff(&server, "supervisor");
    assert_eq!(supervisor.get(PAGE).status(), 403);
    assert_eq!(supervisor.post(PAGE, "name=ERP&per_minute=60&scope=&grant_read_cases=yes").status(), 403);
    assert_eq!(supervisor.post(&format!("{PAGE}/1/revoke"), "").status(), 403);
    assert_eq!(Client::stranger(&server).post(PAGE, "name=ERP").status(), 303);
    let foreign = format!("{FORM}Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n");
    assert_eq!(server.ask("POST", PAGE, &foreign, b"name=ERP").status(), 403);
}

#[test]
fn requests_of_a_token_are_limited_and_what_is_left_is_told() {
    let server = Server::start(Demo::Off);
    let program = Program::new(&server, "read_cases", &["--per-minute", "3"]);
    for left in [2, 1, 0] {
        let answer = program.get("/me");
        assert_eq!(
            (answer.status(), answer.header("ratelimit-policy")),
            (200, "\"minute\";q=3;w=60".to_owned())
        );
        assert!(answer.header("ratelimit").starts_with(&format!("\"minute\";r={left};t=")), "{left}");
    }
    let refused = program.get("/me");
    assert_eq!((refused.status(), code(&refused)), (429, "too_often".to_owned()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    // Another token has its own.
    assert_eq!(Program::new(&server, "read_cases", &[]).get("/me").status(), 200);
    let guess = |_| server.ask("GET", "/api/v1/me", "Authorization: Bearer vigia_1\r\n", b"").status();
    assert!((0..80).map(guess).any(|status| status == 429), "guesses are limited");
}

#[test]
fn case_is_opened_once_for_a_key_by_the_rules_and_words_of_the_form() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("alarm 4711");
    assert_eq!(program.open("alarm 4711"), number, "a repetition is the same case");
    assert_ne!(program.open("\"alarm 4712\""), number);
    let without = program.post("/cases", "", &report());
    assert_eq!((without.status(), code(&without)), (400, "idempotency_key_required".to_owned()));
    let mut other = report();
    other["fault"] = "Ahora falla otra cosa.".into();
    let under_one_key = program.post("/cases", "Idempotency-Key: alarm 4711\r\n", &other);
    assert_eq!((under_one_key.status(), code(&under_one_key)), (409, "idempotency_key_reused".to_owned()));
    assert_eq!(json_of(&under_one_key)["case"], number);

    let mut wrong = report();
    wrong["serial"] = "".into();
    wrong["contact_phone"] = "12".into();
    let refused = program.post("/cases", "Idempotency-Key: alarm 4713\r\n", &wrong);
    assert_eq!((refused.status(), code(&refused)), (422, "fields".to_owned()));
    let told = json_of(&refused)["errors"].clone();
    let form = server.ask(
        "POST",
        "/api/open_case",
        &format!("{JSON}Accept-Language: en\r\n"),
        json!({ "key": "0123456789abcdef0001", "who": "customer", "follows": "", "form": {
            "reporter": "Ana Rivas", "contract": "CPS-VE-004213-58", "serial": "", "platform": "network", "country": "VE",
            "location": "Torre Avila", "contact_same": "yes", "contact_phone": "12", "contact_mail": "ana@cumbre.example",
            "fault": "El conmutador se apaga solo.", "severity": "high", "urgency": "high" } })
        .to_string()
        .as_bytes(),
    );
    let words: Vec<Value> = json_of(&form)["fields"].as_array().unwrap().clone();
    let words: Vec<Value> = words.iter().map(|pair| json!({ "field": pair[0], "detail": pair[1] })).collect();
    assert_eq!(told, Value::Array(words), "the same words as at the form's fields");

    for (body, status, code) in [
        ("{", 400, "malformed"),
        ("[]", 400, "malformed"),
        ("{\"serial\": 7}", 400, "malformed"),
        ("{\"seriall\": \"x\"}", 400, "malformed"),
        ("{}", 422, "fields"),
    ] {
        let answer = program.send("POST", "/cases", &format!("{JSON}Idempotency-Key: k\r\n"), body);
        assert_eq!((answer.status(), self::code(&answer)), (status, code.to_owned()), "{body}");
    }
    let form = program.send("POST", "/cases", &format!("{FORM}Idempotency-Key: k\r\n"), "serial=x");
    assert_eq!((form.status(), code(&form)), (415, "unsupported_media_type".to_owned()));
}

#[test]
fn case_is_read_whole_or_by_fields_and_its_etag_is_its_version() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let answer = program.get(&format!("/cases/{number}"));
    let case = json_of(&answer);
    assert_eq!((answer.status(), answer.header("etag")), (200, "\"1\"".to_owned()));
    let members = program.document.schema("Case")["properties"].as_object().unwrap();
    assert_eq!(
        case.as_object().unwrap().keys().collect::<BTreeSet<_>>(),
        members.keys().collect(),
        "all members"
    );
    assert_eq!((&case["status"], &case["zone"]), (&json!("new"), &json!("America/Caracas")));
    assert_eq!(case["contact"]["name"], "Ana Rivas");
    assert_eq!(case["targets"][0]["metric"], "attention");
    let some = json_of(&program.get(&format!("/cases/{number}?fields=status,zone")));
    assert_eq!(some, json!({ "number": number, "status": "new", "zone": "America/Caracas" }));
    let wrong = program.get(&format!("/cases/{number}?fields=status,colour"));
    assert_eq!((wrong.status(), json_of(&wrong)["errors"][0]["field"].clone()), (422, json!("fields")));
    let unknown = program.get(&format!("/cases/{number}?colour=red"));
    assert_eq!((unknown.status(), json_of(&unknown)["errors"][0]["field"].clone()), (422, json!("colour")));
    let absent = program.get(&format!("/cases/{NO_CASE}"));
    assert_eq!((absent.status(), code(&absent)), (404, "not_found".to_owned()));
    assert_eq!(program.get("/cases/nothing").status(), 404);
    assert_eq!(program.get("/nothing").status(), 404);
    let wrong = program.send("DELETE", &format!("/cases/{number}"), "", "");
    assert_eq!((wrong.status(), code(&wrong)), (405, "method_not_allowed".to_owned()));
    assert!(wrong.header("allow").contains("GET"), "{}", wrong.header("allow"));
}

#[test]
fn case_of_another_scope_is_told_apart_from_an_absent_one_by_nothing() {
    let server = Server::start(Demo::On);
    let number = Program::new(&server, ALL, &[]).open("k");
    let cases = "open_cases,read_cases,work_cases,steer_cases";
    let foreign = Program::new(&server, cases, &["--country", "CO"]);
    let commands = [
        ("notes", json!({ "text": "Hola" })),
        ("messages", json!({ "text": "Hola" })),
        ("contacts", json!({ "channel": "phone" })),
        ("wait", json!({ "reason": "customer", "until": "2099-01-01T00:00:00Z" })),
        ("resume", json!({})),
        ("priority", json!({ "priority": "P1", "reason": "Toda la sede" })),
        ("assign", json!({ "person": 1 })),
        ("resolve", json!({ "category": "hardware", "cause": "x", "solution": "y" })),
        ("verify", json!({ "verdict": "works", "channel": "phone" })),
        ("close", json!({ "reason": "No responde" })),
        ("cancel", json!({ "asked_by": "desk", "reason": "Fue una prueba" })),
    ];
    let body = |answer: Answer| {
        assert_eq!(answer.status(), 404);
        answer.body()
    };
    for part in ["", "/history", "/messages"] {
        let of = |number: &str| body(foreign.get(&format!("/cases/{number}{part}")));
        assert_eq!(of(&number), of(NO_CASE), "{part}");
    }
    for (what, sent) in &commands {
        let of = |number: &str| {
            body(foreign.post(&format!("/cases/{number}/{what}"), "If-Match: \"9\"\r\n", sent))
        };
        assert_eq!(of(&number), of(NO_CASE), "{what}");
    }
    let listed = json_of(&foreign.get("/cases"))["cases"].clone();
    let listed = listed.as_array().unwrap();
    assert!(!listed.is_empty() && listed.iter().all(|case| case["country"] == "CO"), "{listed:?}");
    assert_eq!(json_of(&foreign.get(&format!("/search?q={number}")))["cases"], json!([]));
    let opened = foreign.post("/cases", "Idempotency-Key: k\r\n", &report());
    assert_eq!((opened.status(), code(&opened)), (403, "not_permitted".to_owned()));
}

#[test]
fn token_does_what_was_granted_and_nothing_else() {
    let server = Server::start(Demo::On);
    let number = Program::new(&server, ALL, &[]).open("k");
    let opener = Program::new(&server, "open_cases", &[]);
    opener.open("k");
    for path in [
        "/cases".to_owned(),
        format!("/cases/{number}"),
        format!("/cases/{NO_CASE}"),
        "/search?q=ana".to_owned(),
    ] {
        let answer = opener.get(&path);
        assert_eq!((answer.status(), code(&answer)), (403, "not_permitted".to_owned()), "{path}");
    }
    let reader = Program::new(&server, "read_cases", &[]);
    assert_eq!(reader.post("/cases", "Idempotency-Key: k\r\n", &report()).status(), 403);
    assert_eq!(reader.post(&format!("/cases/{number}/notes"), "", &json!({ "text": "x" })).status(), 403);
    let worker = Program::new(&server, "read_cases,work_cases", &[]);
    assert_eq!(worker.post(&format!("/cases/{number}/notes"), "", &json!({ "text": "x" })).status(), 200);
    let steered = worker.steer(&number, "cancel", &json!({ "asked_by": "desk", "reason": "Fue una prueba" }));
    assert_eq!(steered.status(), 403);
}

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

/// A time some days from now, by the server's own clock.
fn in_days(days: u64) -> String {
    let now = std::time::SystemTime::now() + std::time::Duration::from_secs(days * 86_400);
    let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = domain::time::Instant(i64::try_from(seconds).unwrap()).to_chrono().unwrap();
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
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

#[test]
fn cases_are_listed_filtered_and_walked_by_cursors() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    // The scheduler may write beside the test, so the case need not be the newest change.
    let first = json_of(&program.get("/cases?limit=200"));
    let place = first["cases"].as_array().unwrap().iter().position(|case| case["number"] == number).unwrap();
    let members = program.document.schema("ListedCase")["properties"].as_object().unwrap();
    let case = first["cases"][place].as_object().unwrap();
    assert_eq!(case.keys().collect::<BTreeSet<_>>(), members.keys().collect(), "all members");
    let walk = |filter: &str| {
        let (mut numbers, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = json_of(&program.get(&format!("/cases?limit=3&fields=status{filter}{cursor}")));
            let cases = page["cases"].as_array().unwrap();
            numbers.extend(cases.iter().map(|case| case["number"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break numbers,
            }
        }
    };
    let all = walk("");
    assert!(all.len() > 5, "{all:?}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "none twice");
    let parts = ["VE", "CO", "MX"].map(|country| walk(&format!("&country={country}")));
    assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), all.len());
    assert!(walk("&status=new&assignee=none&priority=P2").contains(&number));
    assert!(walk("&changed_since=2099-01-01T00:00:00Z").is_empty());
    let opened = case["changed_at"].as_str().unwrap();
    assert!(walk(&format!("&changed_since={opened}")).contains(&number));
    for (query, field) in [
        ("status=old", "status"),
        ("country=XX", "country"),
        ("priority=P9", "priority"),
        ("assignee=me", "assignee"),
        ("changed_since=yesterday", "changed_since"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=7", "cursor"),
        ("fields=colour", "fields"),
        ("page=2", "page"),
        ("status=new&status=closed", "status"),
    ] {
        let answer = program.get(&format!("/cases?{query}"));
        assert_eq!(answer.status(), 422, "{query}");
        assert_eq!(json_of(&answer)["errors"][0]["field"], field, "{query}");
    }
    assert_eq!(program.get("/search").status(), 422);
    let found = json_of(&program.get(&format!("/search?q={number}")));
    assert_eq!(found["cases"][0]["number"], number);
    until("the terms of the case", || {
        let found = json_of(&program.get("/search?q=conmutador%20apaga"));
        found["cases"].as_array().unwrap().iter().any(|case| case["number"] == number.as_str()).then_some(())
    });
}

#[test]
fn every_operation_of_the_document_exists_and_every_example_of_it_works() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let paths = program.document.0["paths"].as_object().unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{path} {method}");
            for parameter in operation["parameters"].as_array().unwrap() {
                program.document.resolve(parameter);
            }
            let sent = path.replace("{number}", NO_CASE);
            let answer = program.server.ask(
                &method.to_uppercase(),
                &format!("/api/v1{sent}"),
                &format!(
                    "Authorization: Bearer {}\r\n{JSON}If-Match: *\r\nIdempotency-Key: k\r\n",
                    program.token
                ),
                b"{}",
            );
            assert_ne!(answer.status(), 405, "{path} {method}");
            if path == &sent {
                assert_ne!(answer.status(), 404, "{path} {method}");
            }
            let without = program.server.ask(&method.to_uppercase(), &format!("/api/v1{sent}"), "", b"");
            assert_eq!(without.status(), 401, "{path} {method}");
            let Some(body) = operation.get("requestBody") else { continue };
            let content = &body["content"]["application/json"];
            let problems = program.document.problems(&content["schema"], &content["example"]);
            assert!(problems.is_empty(), "{path}: {problems:?}");
            run_example(&program, path, &content["example"]);
        }
    }
    // A schema that nothing uses describes nothing.
    let text = program.document.0.to_string();
    for name in program.document.0["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("#/components/schemas/{name}\"")), "{name}");
    }
}

/// Sends the example of an operation to a case that is ready for it.
fn run_example(program: &Program<'_>, path: &str, example: &Value) {
    let key = format!("Idempotency-Key: {}\r\n", path.replace('/', "-"));
    let Some(what) = path.strip_prefix("/cases/{number}/") else {
        assert_eq!(program.post(path, &key, example).status(), 201, "{path}");
        return;
    };
    let number = program.open(what);
    let ready = |before: &str, body: Value| {
        let done = program.steer(&number, before, &body);
        assert_eq!(done.status(), 200, "{before} before {what}: {}", done.text());
    };
    let resolution = json!({ "category": "hardware", "cause": "Fuente", "solution": "Se cambió" });
    match what {
        "wait" | "resolve" => ready("contacts", json!({ "channel": "phone" })),
        "resume" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready("wait", json!({ "reason": "customer", "until": in_days(1) }));
        }
        "verify" | "close" => {
            ready("contacts", json!({ "channel": "phone" }));
            ready("resolve", resolution);
        }
        _ => {}
    }
    let mut example = example.clone();
    if what == "wait" {
        // The example's date is far away, so that it is never in the past.
        example["until"] = in_days(2).into();
    }
    let answer = program.steer(&number, what, &example);
    let early = what == "close" && json_of(&answer)["rule"].is_string();
    assert!(answer.status() == 200 || early, "{path}: {}", answer.text());
}

#[test]
fn problem_speaks_the_callers_language() {
    let server = Server::start(Demo::Off);
    let token = Program::new(&server, ALL, &[]).token;
    for (language, tag, words) in [
        ("es", "es-MX", "No existe."),
        ("pt", "pt-BR", "Não existe."),
        ("en", "en", "There is no such thing."),
    ] {
        let head = format!("Authorization: Bearer {token}\r\nAccept-Language: {tag}\r\n");
        let answer = server.ask("GET", &format!("/api/v1/cases/{NO_CASE}"), &head, b"");
        assert_eq!(
            (answer.header("content-language"), &json_of(&answer)["detail"]),
            (language.to_owned(), &json!(words))
        );
    }
}

#[test]
fn case_of_a_customer_is_seen_by_programs_too() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let program = Program::new(&server, "read_cases", &["--country", "VE"]);
    let case = json_of(&program.get(&format!("/cases/{}", &tracking[..12])));
    assert_eq!(case["reporter"], "Ana Rivas");
    let code = tracking.split_once('-').unwrap().1;
    assert!(!case.to_string().contains(code), "the customer's link is the customer's");
}

#[test]
fn command_line_lists_shows_opens_and_notes_cases_over_the_api() {
    let server = Server::start(Demo::On);
    let token = Program::new(&server, ALL, &[]).token;
    let folder = tempfile::tempdir().unwrap();
    let (secret, file) = (folder.path().join("token"), folder.path().join("case.json"));
    std::fs::write(&secret, format!("{token}\n")).unwrap();
    std::fs::write(&file, report().to_string()).unwrap();
    let url = format!("http://{}", server.host());
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vigia"));
        command.args(["cases", "--public-url", &url]).args(arguments).current_dir(folder.path());
        let ran = command.env_clear().env("LANG", "en_US.UTF-8").env("VIGIA_TOKEN", &token).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
    };
    let file = file.to_str().unwrap();
    let (code, number, said) = run(&["open", file, "--key", "7"]);
    assert_eq!(code, 0, "{said}");
    let number = number.trim();
    assert_eq!(run(&["open", file, "--key", "7"]).1.trim(), number, "one key is one case");
    let shown = run(&["show", number, "--token-file", secret.to_str().unwrap()]).1;
    assert!(shown.contains("Ana Rivas") && shown.contains("status            new"), "{shown}");
    assert_eq!(run(&["note", number, "Revisado", "--public"]).0, 0);
    let listed = run(&["list", "--status", "new", "--limit", "200"]).1;
    assert!(listed.lines().any(|line| line.starts_with(number)), "{listed}");
    let json: Value = serde_json::from_str(&run(&["list", "--json", "--limit", "200"]).1).unwrap();
    assert!(json["cases"].as_array().unwrap().iter().any(|case| case["number"] == number), "{json}");
    let (code, _, said) = run(&["list", "--status", "old"]);
    assert!(code == 1 && said.contains("status: It must be one of"), "{code} {said}");
    let (code, _, said) = run(&["show", NO_CASE]);
    assert!(code == 1 && said.contains("There is no such thing."), "{code} {said}");
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
