//! What requests leave in the log: one line each, and no secret.

use serde_json::Value;

use crate::support::client::FORM;
use crate::support::{Demo, Server, open_case};

const PASSWORD: &str = "SECRETO-plantado-1";
const TOKEN: &str = "vigia_5ec4e70a5ec4e70a5ec4e70a";

#[test]
fn log_has_one_line_for_each_entry_and_no_secret() {
    let server = Server::start_with(Demo::On, &[("VIGIA_LOG_FORMAT", "json")]);
    let tracking = open_case(&server, "0123456789abcdef0805");
    let code = tracking.split_once('-').unwrap().1;
    server.get(&format!("/track/{tracking}"));
    server.get("/nada%0D%0A%7B%22level%22%3A%22ERROR%22%7D?x=%1b%5b31m");
    server.ask(
        "GET",
        "/healthz",
        "User-Agent: a\tb\"}{\"level\":\"ERROR\r\nReferer: https://evil.example/\u{1b}[31m\r\n",
        b"",
    );
    let wrong = format!("mail=agente%40vigia.example&password={PASSWORD}");
    assert_eq!(server.ask("POST", "/desk/sign-in", FORM, wrong.as_bytes()).status(), 401);
    server.ask("GET", "/api/v1/me", &format!("Authorization: Bearer {TOKEN}\r\n"), b"");
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| !line.is_empty()).collect();
    assert!(!lines.is_empty(), "the server writes a log");
    for line in lines {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
    for secret in [PASSWORD, TOKEN, code, "\u{1b}"] {
        assert!(!log.contains(secret), "{secret:?} in {log}");
    }
}
