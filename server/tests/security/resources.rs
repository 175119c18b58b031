//! Requests that are made to be expensive. Each is refused, and the server goes on.

use crate::support::client::FORM;
use crate::support::program::{ALL, JSON, Program};
use crate::support::{Demo, Server};

const MIB: usize = 1024 * 1024;

#[test]
fn password_of_ten_megabytes_is_refused_unread() {
    let server = Server::start(Demo::On);
    // Announced and never sent: a server that read it would not answer.
    let huge =
        server.head(&format!("POST /desk/sign-in HTTP/1.1\r\n{FORM}Content-Length: {}\r\n\r\n", 10 * MIB));
    assert_eq!(huge.status(), 413);
    // Within the limit of a form it is wrong, like any other.
    let form = format!("mail=agente%40vigia.example&password={}", "a".repeat(200 * 1024));
    let long = server.ask("POST", "/desk/sign-in", FORM, form.as_bytes());
    assert!((400..500).contains(&long.status()), "{}", long.status());
    assert_eq!(server.ask("GET", "/healthz", "", b"").status(), 200);
}

#[test]
fn nested_and_repeated_input_is_refused() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let bearer = format!("{JSON}Authorization: Bearer {}\r\nIdempotency-Key: k\r\n", program.token);
    for body in ["[".repeat(100_000), "{\"a\":".repeat(40_000), format!("{{{}}}", "\"a\":1,".repeat(30_000))]
    {
        let answer = server.ask("POST", "/api/v1/cases", &bearer, body.as_bytes());
        assert!((400..500).contains(&answer.status()), "{}", answer.status());
        let answer = server.ask("POST", "/api/signed_in", JSON, body.as_bytes());
        assert!((400..500).contains(&answer.status()), "{}", answer.status());
    }
    let fields = "a=1&".repeat(50_000);
    let answer = server.ask("POST", "/", FORM, fields.as_bytes());
    assert!((400..500).contains(&answer.status()), "{}", answer.status());
    assert_eq!(server.ask("GET", "/healthz", "", b"").status(), 200);
}
