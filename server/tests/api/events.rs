//! Events of cases.

use std::io::Read;
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::program::{ALL, CASES, Program, code, json_of, report};
use crate::support::{Answer, Demo, Server, until};

/// An open stream, with what was heard.
pub(crate) struct Stream {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Stream {
    fn open(program: &Program<'_>, more: &str) -> Self {
        let head = format!("Authorization: Bearer {}\r\n{more}", program.token);
        Self::at(program.server, "/api/v1/events", &head)
    }

    /// A stream of another path, with the headers that its reader needs.
    pub(crate) fn at(server: &Server, path: &str, head: &str) -> Self {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{head}\r\n", server.host());
        let mut stream = server.send(request.as_bytes());
        let head = Answer::read_head(&mut stream);
        assert_eq!((head.status(), head.header("content-type")), (200, "text/event-stream".to_owned()));
        assert_eq!(head.header("cache-control"), "no-store");
        Self { stream, heard: Vec::new() }
    }

    /// Reads on until the text is there; the number and the data of the event that has it.
    pub(crate) fn hear(&mut self, part: &str) -> (String, Value) {
        until(part, || {
            let text = String::from_utf8_lossy(&self.heard).into_owned();
            let found = text.split("\n\n").find(|event| event.contains(part) && event.contains("data: "));
            if let Some(event) = found.filter(|_| text.ends_with('\n') || text.ends_with('\r')) {
                let line = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
                };
                return Some((line("id: "), serde_json::from_str(&line("data: ")).unwrap()));
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).unwrap();
            assert!(count > 0, "the stream ended: {text}");
            self.heard.extend_from_slice(&bytes[..count]);
            None
        })
    }

    /// Reads to the end.
    fn ends(mut self) -> String {
        let _ = self.stream.read_to_end(&mut self.heard);
        String::from_utf8_lossy(&self.heard).into_owned()
    }
}

#[test]
fn changes_of_cases_are_told_in_scope_and_what_was_missed_is_brought() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let mut stream = Stream::open(&program, "");
    let (start, _) = stream.hear("event: start");
    let colombian = Program::new(&server, CASES, &["--country", "CO"]);
    let mut foreign = Stream::open(&colombian, "");
    foreign.hear("event: start");
    let number = program.open("k");
    let (seq, case) = stream.hear(&number);
    let problems = program.document.problems(program.document.schema("CaseEvent"), &case);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        (&case["number"], &case["status"], &case["version"]),
        (&json!(number), &json!("new"), &json!(1))
    );
    assert!(seq.parse::<i64>().unwrap() > start.parse::<i64>().unwrap());
    // A reader of another scope hears the case of its own that was opened later, and never this one.
    let mut own = report();
    own["contract"] = "CPS-CO-002107-95".into();
    own["serial"] = "MXQ3410ABC".into();
    own["country"] = "CO".into();
    own["contact_phone"] = "300 555 0142".into();
    let opened = colombian.post("/cases", "Idempotency-Key: k\r\n", &own);
    assert_eq!(opened.status(), 201, "{}", opened.text());
    foreign.hear(json_of(&opened)["number"].as_str().unwrap());
    assert!(!String::from_utf8_lossy(&foreign.heard).contains(&number));
    drop(stream);
    let noted = program.post(&format!("/cases/{number}/notes"), "", &json!({ "text": "x" }));
    assert_eq!(noted.status(), 200);
    let mut again = Stream::open(&program, &format!("Last-Event-ID: {seq}\r\n"));
    let (later, case) = again.hear(&number);
    assert_eq!(case["version"], 2);
    assert!(later.parse::<i64>().unwrap() > seq.parse::<i64>().unwrap());
    let mut unknown = Stream::open(&program, "Last-Event-ID: 999999999\r\n");
    unknown.hear("event: reset");
}

#[test]
fn stream_needs_a_permission_has_a_limit_and_ends_with_its_token() {
    let server = Server::start(Demo::On);
    let opener = Program::new(&server, "open_cases", &[]);
    let refused = opener.get("/events");
    assert_eq!((refused.status(), code(&refused)), (403, "not_permitted".to_owned()));
    let program = Program::new(&server, CASES, &[]);
    assert_eq!(program.get("/events?after=x").status(), 422);
    let mut streams: Vec<Stream> = (0..16).map(|_| Stream::open(&program, "")).collect();
    let full = program.get("/events");
    assert_eq!((full.status(), code(&full)), (429, "too_often".to_owned()));
    assert_eq!(full.header("retry-after"), "10");
    let last = streams.pop().unwrap();
    let administrator = Client::staff(&server, "administracion");
    assert_eq!(administrator.post("/desk/admin/integrations/2/revoke", "").status(), 303);
    assert!(last.ends().contains("event: start"));
}
