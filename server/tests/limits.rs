//! Safety from the network, over the real router: headers, cookies, cross-site writes, sizes, rate limits.

mod support;

use std::collections::BTreeSet;
use std::io::{Read, Write};

use serde_json::json;
use support::client::limited;
use support::{Answer, Demo, Person, Server, open_case, sign_in};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const KIB: usize = 1024;

/// Answers of every kind, each with its name and expected status.
fn answers(server: &Server) -> Vec<(&'static str, u16, Answer)> {
    let agent = Person::sign_in(server, "agente@vigia.example");
    let page = json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 });
    let tracking = open_case(server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap().to_owned();
    let stream = |path: &str| {
        server.head(&format!(
            "GET {path} HTTP/1.1\r\nCookie: {}\r\nAccept: text/event-stream\r\n\r\n",
            agent.cookie
        ))
    };
    let get = |path: &str| server.ask("GET", path, "", b"");
    let start = br#"{"who":"customer","follows":""}"#;
    vec![
        ("the form", 200, get("/")),
        ("a case's page", 200, get(&format!("/track/{tracking}"))),
        ("a case's file", 200, agent.get(&format!("/desk/cases/{number}"))),
        ("no page", 404, get("/nowhere")),
        ("no case", 404, get("/track/VE2600000121-00000000000000000000000000000000")),
        ("a redirect", 303, get("/board")),
        ("a chosen language", 303, get("/?lang=en")),
        ("a server function", 200, server.ask("POST", "/api/start_form", JSON, start)),
        ("a server function without sense", 400, server.ask("POST", "/api/start_form", JSON, b"{")),
        (
            "a server function for the staff",
            401,
            server.ask("POST", "/api/queue_page", JSON, page.to_string().as_bytes()),
        ),
        ("a form without sense", 422, server.ask("POST", "/", FORM, b"")),
        ("another method", 405, server.ask("DELETE", "/", "", b"")),
        ("too large", 413, server.ask("POST", "/", FORM, &vec![b'a'; 300 * KIB])),
        ("from another site", 403, server.ask("POST", "/", "Sec-Fetch-Site: cross-site\r\n", b"")),
        ("the wall's stream", 200, stream("/events/board")),
        ("a case's stream", 200, stream(&format!("/events/case/{tracking}"))),
        ("a stream for the staff", 403, get("/events/board")),
        ("a file for spreadsheets", 303, get("/desk/reports/pauses.csv")),
        ("no document", 404, get(&format!("/track/{tracking}/account.pdf"))),
        ("the time", 200, get("/time")),
        ("health", 200, get("/healthz")),
    ]
}

#[test]
fn every_answer_has_security_headers() {
    let server = Server::start(Demo::On);
    let mut ids = BTreeSet::new();
    let answers = answers(&server);
    for (what, status, answer) in &answers {
        assert_eq!(answer.status(), *status, "{what}: {}", answer.text());
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers(name), [value], "{what}: {name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{what}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
            "{what}: {policy}"
        );
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
        for name in ["server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"] {
            assert_eq!(answer.headers(name), Vec::<String>::new(), "{what}: {name}");
        }
        ids.insert(answer.header("x-request-id"));
    }
    assert_eq!(ids.len(), answers.len(), "each has an id of its own: {ids:?}");
    // A file that is named after its content is cached for good, and carries no further header.
    let kept = server.ask("GET", "/pkg/manifest.json", "", b"");
    assert_eq!((kept.status(), &*kept.header("cache-control")), (200, "public, max-age=31536000, immutable"));
    assert_eq!(kept.header("x-content-type-options"), "nosniff");
    assert!(kept.header("content-security-policy").starts_with("default-src 'none'"));
}

#[test]
fn every_page_has_its_own_nonce() {
    let server = Server::start(Demo::Off);
    let nonce = |path: &str| {
        let answer = server.ask("GET", path, "", b"");
        let policy = answer.header("content-security-policy");
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
        let page = answer.text();
        assert!(nonce.len() >= 16 && page.contains(&format!("nonce=\"{nonce}\"")), "{path}: {nonce}");
        // Every script of the page carries it.
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")) || tag.contains("json"), "{path}: {tag}");
        }
        nonce
    };
    let paths = ["/", "/", "/", "/desk/sign-in", "/nowhere"];
    let nonces: BTreeSet<String> = paths.into_iter().map(nonce).collect();
    assert_eq!(nonces.len(), paths.len(), "{nonces:?}");
}

#[test]
fn cookies_are_http_only_and_same_site() {
    for (url, names, secure) in [
        (
            "http://localhost:8080",
            ["vigia-language", "vigia-session", "vigia-session", "vigia-display", "vigia-browser"],
            false,
        ),
        (
            "https://casos.example.com",
            [
                "__Host-vigia-language",
                "__Host-vigia-session",
                "__Host-vigia-session",
                "__Host-vigia-display",
                "__Host-vigia-browser",
            ],
            true,
        ),
    ] {
        let server = Server::start_with(Demo::On, &[("VIGIA_PUBLIC_URL", url)]);
        let said = server.run(&["display", "add", "--name", "Sala", "--country", "VE", "--public-url", url]);
        let board = said.split(url).nth(1).unwrap().trim().to_owned();
        let signed_in = sign_in(&server, "agente@vigia.example");
        let session = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let signed_out = server.ask("POST", "/desk/sign-out", &format!("Cookie: {session}\r\n"), b"");
        let given = [
            (server.ask("GET", "/?lang=pt", "", b""), &names[..1]),
            // The session, and the token by which the browser is recognised.
            (signed_in, &[names[1], names[4]][..]),
            (signed_out, &names[2..3]),
            (server.ask("GET", &board, "", b""), &names[3..4]),
        ];
        for (answer, names) in &given {
            let cookies = answer.headers("set-cookie");
            assert_eq!(cookies.len(), names.len(), "{url}: {names:?}: {cookies:?}");
        }
        let cookies = given.iter().flat_map(|(answer, names)| {
            answer
                .headers("set-cookie")
                .into_iter()
                .zip(*names)
                .map(move |(cookie, name)| (answer, cookie, name))
        });
        for (answer, cookie, name) in cookies {
            assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
            for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
                assert!(cookie.contains(part), "{part} in {cookie}");
            }
            assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
            assert!(!cookie.contains("Domain"), "{cookie}");
            let strict = answer.headers("strict-transport-security");
            assert_eq!(!strict.is_empty(), secure, "{url}: {strict:?}");
        }
        // No other page sets one.
        for path in ["/", "/nowhere", "/desk/sign-in", "/healthz", "/board/0000"] {
            assert_eq!(
                server.ask("GET", path, "", b"").headers("set-cookie"),
                Vec::<String>::new(),
                "{path}"
            );
        }
    }
}

#[test]
fn writes_from_other_sites_are_refused_and_change_nothing() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let open = || {
        let figures = server.metrics();
        figures.lines().find_map(|line| line.strip_prefix("vigia_cases_open ").map(str::to_owned)).unwrap()
    };
    let before = open();
    let foreign = [
        "Sec-Fetch-Site: cross-site\r\n".to_owned(),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        "Origin: https://evil.example\r\n".to_owned(),
        "Origin: null\r\n".to_owned(),
        // Another port is another site.
        "Origin: http://127.0.0.1:1\r\n".to_owned(),
        // The browser's own `Sec-Fetch-Site` counts, whatever other headers say.
        format!("Sec-Fetch-Site: cross-site\r\nOrigin: http://{}\r\n", server.host()),
    ];
    let types =
        [FORM, JSON, "Content-Type: text/plain\r\n", "Content-Type: multipart/form-data; boundary=x\r\n", ""];
    let paths = [
        "/",
        "/api/open_case",
        "/api/work_case",
        "/api/start_form",
        "/desk/sign-in",
        "/desk/sign-out",
        "/desk/intake",
        "/desk/cases/VE2600000121/files",
        "/desk/survey/follow-ups",
        "/track/VE2600000121-0/cancel",
        "/visit/x",
        "/survey/x",
    ];
    for site in &foreign {
        for content in types {
            for path in paths {
                let head = format!("{site}{content}Cookie: {}\r\n", agent.cookie);
                let answer = server.ask("POST", path, &head, br#"{"who":"customer","follows":""}"#);
                assert_eq!(answer.status(), 403, "{path} {head}");
                assert_eq!(answer.headers("set-cookie"), Vec::<String>::new(), "{path} {head}");
            }
        }
        // A link in a mail is a cross-site request that only reads.
        assert_eq!(server.ask("GET", "/", site, b"").status(), 200, "{site}");
    }
    assert_eq!(open(), before);
    let signed_in =
        |head: &str| server.ask("POST", "/api/signed_in", &format!("{JSON}{head}"), b"{}").status();
    let cookie = format!("Cookie: {}\r\n", agent.cookie);
    for own in [
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n",
        &format!("Origin: http://{}\r\n", server.host()),
        "",
    ] {
        assert_eq!(signed_in(&format!("{cookie}{own}")), 200, "the session was not ended: {own}");
    }
}

#[test]
fn oversized_body_is_refused_unread() {
    let server = Server::start(Demo::Off);
    for (path, content) in
        [("/", FORM), ("/api/open_case", JSON), ("/track/x/message", FORM), ("/desk/sign-in", FORM)]
    {
        // Announced and never sent: a server that waited for the body would not answer.
        let announced = format!("POST {path} HTTP/1.1\r\n{content}Content-Length: {}\r\n\r\n", 300 * KIB);
        assert_eq!(server.head(&announced).status(), 413, "{path}");
        // Not announced: the server reads no further than the limit.
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{content}", server.host());
        let mut stream = server.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
        let chunk = format!("{:x}\r\n{}\r\n", 64 * KIB, "a".repeat(64 * KIB));
        for _ in 0..6 {
            // The server may have closed the connection already.
            let _ = stream.write_all(chunk.as_bytes());
        }
        let _ = stream.write_all(b"0\r\n\r\n");
        let mut whole = Vec::new();
        let _ = stream.read_to_end(&mut whole);
        let line = String::from_utf8_lossy(&whole).lines().next().unwrap_or_default().to_owned();
        let status: u16 = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(413);
        assert!((400..500).contains(&status), "{path}: {line}");
    }
    // Headers have a limit as well.
    let long = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "a".repeat(1024 * KIB));
    assert!(matches!(server.head(&long).status(), 0 | 431), "no more than that is read");
    assert_eq!(server.ask("GET", "/healthz", "", b"").status(), 200);
}

#[test]
fn half_a_request_delays_no_other() {
    let server = Server::start(Demo::Off);
    let half =
        format!("POST / HTTP/1.1\r\nHost: {}\r\n{FORM}Content-Length: 1000\r\n\r\nreporter=", server.host());
    let held: Vec<_> = (0..200).map(|_| server.send(half.as_bytes())).collect();
    let unfinished: Vec<_> = (0..200).map(|_| server.send(b"GET / HTTP/1.1\r\nHost: ")).collect();
    assert_eq!(server.ask("GET", "/", "", b"").status(), 200);
    assert_eq!(server.ask("POST", "/", FORM, b"").status(), 422);
    drop((held, unfinished));
}

#[test]
fn entitlement_checks_are_rate_limited() {
    let server = Server::start(Demo::Off);
    let question = br#"{"contract":"CPS-VE-004213-58","serial":"FOC2614A1B2","country":"VE"}"#;
    let asked = || server.ask("POST", "/api/offer", JSON, question).status();
    assert_eq!(asked(), 200);
    let refused = (0..2000).find(|_| asked() == 429);
    assert!(refused.is_some_and(|tries| tries >= 50), "{refused:?}");
    let link = "/track/VE2600000121-00000000000000000000000000000000/message";
    assert_eq!(limited(|| server.ask("POST", link, FORM, b"text=Hola")).status(), 429);
    assert_eq!(server.ask("GET", "/", "", b"").status(), 200, "whoever looks nothing up is not slowed down");
}

/// A whole contact centre stands behind one address.
#[test]
fn staff_has_a_higher_rate_limit_than_strangers() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let question = json!({ "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "country": "VE" });
    let stranger = || server.ask("POST", "/api/offer", JSON, question.to_string().as_bytes()).status();
    assert!((0..2000).any(|_| stranger() == 429), "the address has used its allowance up");
    // More than any allowance, from the same address.
    for nth in 0..200 {
        assert_eq!(agent.call("offer", &question).0, 200, "{nth}");
    }
}

/// Only the customer may write as the customer, by whatever link the staff reached the page.
#[test]
fn customer_message_is_refused_to_signed_in_staff() {
    let server = Server::start(Demo::On);
    let report = "key=0123456789abcdef0123&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2&platform=network\
                  &country=VE&location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142&contact_mail=ana%40cumbre.example\
                  &fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high";
    let opened = server.ask("POST", "/", FORM, report.as_bytes());
    let tracking = opened.header("location").rsplit('/').next().unwrap().to_owned();
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let says = |head: &str, text: &str| {
        let body = format!("text={text}");
        server.ask("POST", &format!("/track/{tracking}/message"), &format!("{FORM}{head}"), body.as_bytes())
    };
    assert_eq!(says(&format!("Cookie: {}\r\n", agent.cookie), "DeOtro").status(), 403);
    assert_eq!(says("", "DelCliente").status(), 303);
    let page = server.get(&format!("/track/{tracking}"));
    assert!(page.contains("DelCliente") && !page.contains("DeOtro"));
}
