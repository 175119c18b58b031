//! Cases: opening, reading, lists and search, also over the command line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::{FORM, NO_CASE};
use crate::support::program::{ALL, JSON, Program, code, json_of, report};
use crate::support::{Demo, Server, open_case, until};

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
