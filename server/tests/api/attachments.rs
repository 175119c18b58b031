//! Files of a case by the API.

use serde_json::json;

use crate::support::parts::{PARTS, body};
use crate::support::program::{ALL, Program, code, in_days, json_of, report};
use crate::support::{Answer, Demo, Server};

const PDF: &[u8] = b"%PDF-1.4\n%%EOF";

/// Sends a form with files to a case.
fn send(
    program: &Program<'_>,
    number: &str,
    head: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    let head = format!("Authorization: Bearer {}\r\nAccept-Language: en\r\n{PARTS}{head}", program.token);
    let path = format!("/cases/{number}/attachments");
    let answer = program.server.ask("POST", &format!("/api/v1{path}"), &head, &body(fields, files));
    program.check("POST", &path, &answer);
    answer
}

#[test]
fn files_are_sent_with_a_note_or_a_message_and_read_again() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let list = || json_of(&program.get(&format!("/cases/{number}/attachments")))["attachments"].clone();
    assert_eq!(list(), json!([]));
    let note = [("text", "Registro del equipo.")];
    let added = send(&program, &number, "If-Match: \"1\"\r\n", &note, &[("registro.pdf", PDF)]);
    assert_eq!((added.status(), added.header("etag")), (201, "\"2\"".to_owned()), "{}", added.text());
    let again = send(&program, &number, "If-Match: \"1\"\r\n", &note, &[("registro.pdf", PDF)]);
    assert_eq!(again.status(), 412, "a retry writes nothing twice");
    let message = [("kind", "message"), ("text", "Le mandamos el informe.")];
    assert_eq!(send(&program, &number, "", &message, &[("informe.pdf", PDF)]).status(), 201);
    let all = list();
    let told: Vec<_> =
        all.as_array().unwrap().iter().map(|file| (file["name"].clone(), file["entry"].clone())).collect();
    assert_eq!(told[0], (json!("registro.pdf"), json!(2)));
    assert_eq!((told.len(), &told[1].0), (2, &json!("informe.pdf")));
    let path = format!("/api/v1/cases/{number}/attachments/{}", all[0]["id"].as_str().unwrap());
    let token = format!("Authorization: Bearer {}\r\n", program.token);
    let whole = server.ask("GET", &path, &token, b"");
    assert_eq!((whole.status(), whole.body()), (200, PDF.to_vec()));
    assert!(whole.header("content-disposition").starts_with("attachment; filename=\"registro.pdf\""));
    assert_eq!(server.ask("GET", &path, "", b"").status(), 401);
    let other = program.open("k2");
    let foreign = program.get(&format!("/cases/{other}/attachments/{}", all[0]["id"].as_str().unwrap()));
    assert_eq!((foreign.status(), code(&foreign)), (404, "not_found".to_owned()));
}

#[test]
fn what_is_wrong_with_files_is_told_and_nothing_is_written() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let fields = |answer: &Answer| {
        let problem = json_of(answer);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let text = [("text", "x")];
    let svg: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    assert_eq!(fields(&send(&program, &number, "", &text, &[("a.jpg", svg)])), ["files"]);
    assert_eq!(fields(&send(&program, &number, "", &text, &[])), ["files"]);
    let wrong = [("kind", "fax"), ("audience", "all"), ("color", "red")];
    let told = fields(&send(&program, &number, "", &wrong, &[("a.pdf", PDF)]));
    assert_eq!(told, ["color", "kind", "audience", "text"]);
    let hidden = [("kind", "message"), ("audience", "internal"), ("text", "No le cobren.")];
    assert_eq!(fields(&send(&program, &number, "", &hidden, &[("a.pdf", PDF)])), ["audience"]);
    let json = program.post(&format!("/cases/{number}/attachments"), "", &json!({}));
    assert_eq!((json.status(), code(&json)), (415, "unsupported_media_type".to_owned()));
    let reader = Program::new(&server, "read_cases", &[]);
    assert_eq!(send(&reader, &number, "", &text, &[("a.pdf", PDF)]).status(), 403);
    let elsewhere = Program::new(&server, "work_cases,read_cases", &["--country", "MX"]);
    assert_eq!(send(&elsewhere, &number, "", &text, &[("a.pdf", PDF)]).status(), 404);
    assert_eq!(json_of(&program.get(&format!("/cases/{number}")))["version"], 1);
}

#[test]
fn case_is_set_right_and_its_agreed_visit_moved() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, ALL, &[]);
    let number = program.open("k");
    let steer = |what: &str, body: serde_json::Value| {
        let answer = program.steer(&number, what, &body);
        assert_eq!(answer.status(), 200, "{what}: {}", answer.text());
    };
    steer("impact", json!({ "severity": "low", "urgency": "low", "reason": "Hay un respaldo." }));
    steer(
        "amend",
        json!({ "location": "Torre Norte", "contact_name": "Luis Rivas", "reason": "Se mudaron." }),
    );
    let case = json_of(&program.get(&format!("/cases/{number}")));
    assert_eq!((&case["severity"], &case["location"]), (&json!("low"), &json!("Torre Norte")));
    assert_eq!(
        (&case["contact"]["name"], &case["contact"]["mail"]),
        (&json!("Luis Rivas"), &report()["contact_mail"])
    );
    let wrong = program.steer(&number, "amend", &json!({ "contact_mail": "ana@", "reason": "x" }));
    assert_eq!((wrong.status(), code(&wrong)), (422, "fields".to_owned()));

    let technician = json_of(&program.get("/people?role=technician"))["people"][0]["id"].clone();
    let window = |days: u64| {
        let from = in_days(days);
        let to = chrono::DateTime::parse_from_rfc3339(&from).unwrap() + chrono::Duration::hours(2);
        json!({ "from": from, "to": to.format("%Y-%m-%dT%H:%M:%SZ").to_string() })
    };
    steer("contacts", json!({ "channel": "phone", "next_update_by": in_days(1) }));
    let agreed = |what: &str, more: serde_json::Value| {
        let mut body = json!({
            "technician": technician, "who": "Ana Rivas", "channel": "phone", "despite": "Es una prueba",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        steer(what, body);
    };
    agreed("visits/agree", json!({ "window": window(2) }));
    let [third, fourth] = [3, 4].map(window);
    agreed("visits/move", json!({ "by": "us", "reason": "Falta el repuesto.", "window": third }));
    let visit = || json_of(&program.get(&format!("/cases/{number}/visits")))["visits"][0].clone();
    assert_eq!((&visit()["stage"], &visit()["window"]), (&json!("agreed"), &third));
    let offer = json!({ "by": "customer", "reason": "Estará cerrado.", "technician": technician,
                        "windows": [fourth], "despite": "Es una prueba" });
    steer("visits/move", offer);
    assert_eq!((&visit()["stage"], &visit()["windows"][0]), (&json!("offered"), &fourth));
    let both =
        json!({ "by": "us", "reason": "x", "technician": technician, "window": third, "windows": [fourth] });
    assert_eq!(program.steer(&number, "visits/move", &both).status(), 422);
    // JSON has one kind of number, and a number beyond the range is told at its field.
    for (what, body) in [
        ("contacts/undo", json!({ "contact": 4_294_967_296_i64 })),
        ("contacts/undo", json!({ "contact": -1 })),
        (
            "visits/end",
            json!({ "text": "x", "unsigned_because": "x", "parts": [{ "quantity": 65_536, "name": "Cable" }] }),
        ),
    ] {
        let refused = program.steer(&number, what, &body);
        assert_eq!((refused.status(), code(&refused)), (422, "fields".to_owned()), "{body}");
    }
    let whole = program.steer(&number, "contacts/undo", &json!({ "contact": 1.0 }));
    assert_ne!(whole.status(), 400, "{}", whole.text());
}
