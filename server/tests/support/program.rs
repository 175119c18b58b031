//! Another system with a token. Each of its answers is held against the document of the API.

use serde_json::{Value, json};

use super::schema::Document;
use super::{Answer, Server};

pub const JSON: &str = "Content-Type: application/json\r\n";
/// All permissions.
pub const ALL: &str = "open_cases,read_cases,work_cases,steer_cases,read_register,read_reports,read_people,read_settings,\
     report_calls,report_alerts,read_audit";
/// All permissions about cases.
pub const CASES: &str = "open_cases,read_cases,work_cases,steer_cases";

/// Another system with a token. Each of its answers is checked.
pub struct Program<'a> {
    pub server: &'a Server,
    pub token: String,
    pub document: Document,
}

impl<'a> Program<'a> {
    pub fn new(server: &'a Server, grants: &str, more: &[&str]) -> Self {
        // Tests that wait ask often: the quota must not end them.
        let pace: &[&str] = if more.contains(&"--per-minute") { &[] } else { &["--per-minute", "60000"] };
        let command = ["token", "add", "--name", "Zabbix", "--grant", grants];
        let told = server.run(&[&command[..], more, pace].concat());
        let token = told.lines().last().unwrap().to_owned();
        Self { server, token, document: document(server) }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    pub fn post(&self, path: &str, head: &str, body: &Value) -> Answer {
        self.send("POST", path, &format!("{JSON}{head}"), &body.to_string())
    }

    /// Reads the case and posts a command that steers it.
    pub fn steer(&self, number: &str, what: &str, body: &Value) -> Answer {
        let tag = self.get(&format!("/cases/{number}")).header("etag");
        self.post(&format!("/cases/{number}/{what}"), &format!("If-Match: {tag}\r\n"), body)
    }

    pub fn send(&self, method: &str, path: &str, head: &str, body: &str) -> Answer {
        let head = format!("Authorization: Bearer {}\r\nAccept-Language: en\r\n{head}", self.token);
        let answer = self.server.ask(method, &format!("/api/v1{path}"), &head, body.as_bytes());
        self.check(method, path, &answer);
        answer
    }

    /// Holds an answer against the document.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
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
    pub fn operation(&self, method: &str, path: &str) -> &Value {
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
    pub fn open(&self, key: &str) -> String {
        let opened = self.post("/cases", &format!("Idempotency-Key: {key}\r\n"), &report());
        assert_eq!(opened.status(), 201, "{}", opened.text());
        json_of(&opened)["number"].as_str().unwrap().to_owned()
    }
}

/// The document of a server.
pub fn document(server: &Server) -> Document {
    let answer = server.ask("GET", "/api/v1/openapi.json", "", b"");
    assert_eq!(answer.status(), 200);
    Document(serde_json::from_str(&answer.text()).unwrap())
}

/// The body of an answer.
pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text()).unwrap()
}

/// The code of a problem.
pub fn code(answer: &Answer) -> String {
    json_of(answer)["code"].as_str().unwrap().to_owned()
}

/// A report as a program sends it.
pub fn report() -> Value {
    json!({ "reporter": "Ana Rivas", "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "platform": "network",
            "country": "VE", "location": "Torre Avila", "contact_same": true, "contact_phone": "0212 555 0142",
            "contact_mail": "ana@cumbre.example", "fault": "El conmutador se apaga solo.", "severity": "high",
            "urgency": "high" })
}

/// A time some days from now, by the server's own clock.
pub fn in_days(days: u64) -> String {
    let now = std::time::SystemTime::now() + std::time::Duration::from_secs(days * 86_400);
    let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = domain::time::Instant(i64::try_from(seconds).unwrap()).to_chrono().unwrap();
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A window of two hours, some days from now.
pub fn window(days: u64) -> Value {
    let from = in_days(days);
    let to = chrono::DateTime::parse_from_rfc3339(&from).unwrap() + chrono::Duration::hours(2);
    json!({ "from": from, "to": to.format("%Y-%m-%dT%H:%M:%SZ").to_string() })
}

/// The technician of the demonstration.
pub fn technician(program: &Program<'_>) -> Value {
    json_of(&program.get("/people?role=technician"))["people"][0]["id"].clone()
}
