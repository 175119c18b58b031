//! Problems: their words, and those of layers around the API.

use serde_json::json;

use crate::support::client::NO_CASE;
use crate::support::program::{ALL, Program, code, json_of};
use crate::support::{Demo, Server};

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
fn content_that_is_too_large_is_a_problem_whether_its_length_is_told_or_not() {
    let server = Server::start(Demo::Off);
    let program = Program::new(&server, ALL, &[]);
    let large = program.post("/cases", "Idempotency-Key: k\r\n", &json!({ "fault": "x".repeat(300 * 1024) }));
    assert_eq!((large.status(), code(&large)), (413, "too_large".to_owned()));
    assert_eq!(large.header("content-language"), "en");
    assert!(!large.header("x-request-id").is_empty(), "the headers of every answer are there");
    // A stranger gets the same: the limit stands before the token.
    let body = vec![b'x'; 300 * 1024];
    let stranger = server.ask("POST", "/api/v1/cases", "", &body);
    assert_eq!(
        (stranger.status(), stranger.header("content-type")),
        (413, "application/problem+json".to_owned())
    );
}

#[test]
fn answers_beside_the_api_are_no_problems() {
    let server = Server::start(Demo::Off);
    let wrong_method = server.ask("DELETE", "/api/v1/openapi.json", "", b"");
    assert_eq!((wrong_method.status(), code(&wrong_method)), (405, "method_not_allowed".to_owned()));
    let foreign = "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    let refused = server.ask("POST", "/api/v1/cases", foreign, b"{}");
    assert_eq!((refused.status(), code(&refused)), (403, "not_permitted".to_owned()));
    for path in ["/api/v1x", "/nothing"] {
        let answer = server.ask("GET", path, "", b"");
        assert_ne!(answer.header("content-type"), "application/problem+json", "{path}");
    }
}
