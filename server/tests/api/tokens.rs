//! Tokens: who is known, and what each may do.

use serde_json::{Value, json};

use crate::support::client::{Client, FORM, NO_CASE};
use crate::support::program::{ALL, CASES, JSON, Program, code, json_of, report};
use crate::support::{Answer, Demo, Person, Server, until};

#[test]
fn request_without_a_good_token_is_401_with_a_challenge_and_cookies_count_for_nothing() {
    let server = Server::start(Demo::On);
    let administrator = Person::sign_in(&server, "administracion@vigia.example");
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
fn case_of_another_scope_is_told_apart_from_an_absent_one_by_nothing() {
    let server = Server::start(Demo::On);
    let number = Program::new(&server, ALL, &[]).open("k");
    let foreign = Program::new(&server, CASES, &["--country", "CO"]);
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
fn opening_in_scope_learns_nothing_of_the_register_of_another_country() {
    let server = Server::start(Demo::On);
    let opened = |program: &Program<'_>, contract: &str, serial: &str| {
        let mut abroad = report();
        abroad["contract"] = contract.into();
        abroad["serial"] = serial.into();
        abroad["country"] = "CO".into();
        abroad["abroad"] = true.into();
        abroad["contact_phone"] = "+58 212 555 0142".into();
        let key = format!("Idempotency-Key: {contract} {serial}\r\n");
        let answer = program.post("/cases", &key, &abroad);
        assert_eq!(answer.status(), 201, "{}", answer.text());
        let number = json_of(&answer)["number"].clone();
        let case = json_of(&program.get(&format!("/cases/{}", number.as_str().unwrap())));
        let listed = json_of(&program.get("/cases?country=CO"))["cases"].clone();
        let listed = listed.as_array().unwrap().iter().find(|listed| listed["number"] == number).cloned();
        (case, listed.unwrap())
    };
    let (contract, serial) = ("CPS-VE-004213-58", "FOC2614A1B2");
    let (known, _) = opened(&Program::new(&server, ALL, &[]), contract, serial);
    assert!(known["customer"].is_string() && known["equipment"] != serial, "{known}");
    let colombian = Program::new(&server, CASES, &["--country", "CO"]);
    let (case, listed) = opened(&colombian, contract, serial);
    assert_eq!(
        [&case["customer"], &case["equipment"], &case["entitlement"], &case["zone"], &listed["place"]],
        [
            &Value::Null,
            &json!(serial),
            &json!("unknown_contract"),
            &json!("America/Bogota"),
            &json!("Torre Avila")
        ]
    );
    // Under a contract of its own, foreign equipment is like equipment that does not exist.
    for serial in [serial, "XXXX9999"] {
        let (case, _) = opened(&colombian, "CPS-CO-002107-95", serial);
        assert!(case["customer"].is_string(), "{case}");
        assert_eq!([&case["equipment"], &case["entitlement"]], [&json!(serial), &json!("unknown_serial")]);
    }
}
