//! Files of visits and CSV files over the real router: which are accepted, how they are served, and to whom.

mod support;

use std::fmt::Write as _;

use serde_json::{Value, json};
use support::{Answer, Demo, Person, Server, open_case};

const PHOTO: &[u8] = b"\xFF\xD8\xFF\xE1\x00\x18Exif\0\0<script>alert(1)</script>";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
const HTML: &[u8] = b"<!doctype html><script>alert(1)</script>";
const MIB: usize = 1024 * 1024;

/// Actions of technicians on site.
trait OnSite {
    fn visit(&self, number: &str, command: &Value) -> u16;
    /// Posts files as a form does; `accept` says whether a page is asked for.
    fn upload(&self, number: &str, accept: &str, files: &[(&str, &[u8])]) -> Answer;
}

impl OnSite for Person<'_> {
    fn visit(&self, number: &str, command: &Value) -> u16 {
        let (_, file) = self.call("case_file", &json!({ "number": number }));
        let arguments = json!({ "number": number, "seen": file["version"], "command": { "visit": command } });
        self.call("work_case", &arguments).0
    }

    fn upload(&self, number: &str, accept: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"in\"\r\n\r\n3\r\n".to_vec();
        for (name, content) in files {
            let mut head = String::new();
            write!(
                head,
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: image/jpeg\r\n\r\n"
            )
            .unwrap();
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let head = format!(
            "Cookie: {}\r\nAccept: {accept}\r\nContent-Type: multipart/form-data; boundary=edge\r\n",
            self.cookie
        );
        self.server.ask("POST", &format!("/desk/cases/{number}/files"), &head, &body)
    }
}

/// A customer's case with the technician on site, and its tracking link.
fn on_site(person: &Person<'_>) -> (String, String) {
    let tracking = open_case(person.server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap().to_owned();
    let (_, technicians) = person.call("technicians", &json!({}));
    let technician = technicians[0].clone();
    let (_, page) = person
        .call("queue_page", &json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 }));
    let now = page["snapshot"]["now"].as_i64().unwrap();
    let word = json!({ "who": "Ana Rivas", "channel": "phone" });
    let meeting = json!({ "window": { "from": now + 3600, "to": now + 7200 }, "technician": technician });
    let agree = json!({ "agree": { "meeting": meeting, "word": word } });
    assert_eq!(person.visit(&number, &agree), 200);
    assert_eq!(person.visit(&number, &json!("arrive")), 200);
    (number, tracking)
}

fn files(person: &Person<'_>, number: &str) -> Vec<Value> {
    let (_, page) = person.call("case_file", &json!({ "number": number }));
    let visits = page["visits"].as_array().unwrap();
    visits.last().unwrap()["files"].as_array().unwrap().clone()
}

#[test]
fn files_are_stored_by_content_and_served_with_their_case() {
    let server = Server::start(Demo::On);
    let technician = Person::sign_in(&server, "tecnica@vigia.example");
    let (number, tracking) = on_site(&technician);

    // The sender's file name is ignored: the first bytes decide the type.
    for (name, content) in [("foto.jpg", SVG), ("foto.png", HTML), ("vacio.jpg", b"")] {
        let answer = technician.upload(&number, "*/*", &[(name, content)]);
        assert_eq!(answer.status(), 422, "{name}");
        assert!(!answer.text().is_empty() && !answer.header("content-type").contains("html"));
    }
    assert!(files(&technician, &number).is_empty());

    let answer = technician.upload(&number, "*/*", &[("C:\\\\x\\\\page.html", PHOTO)]);
    assert_eq!(answer.status(), 201, "{}", answer.text());
    let kept = files(&technician, &number).pop().unwrap();
    assert_eq!((kept["kind"].as_str(), kept["name"].as_str()), (Some("jpeg"), Some("page.html.jpg")));
    let id = kept["id"].as_str().unwrap();

    let staffs = format!("/desk/cases/{number}/files/{id}");
    let theirs = format!("/track/{tracking}/files/{id}");
    let agent = Person::sign_in(&server, "agente@vigia.example");
    for answer in [technician.get(&staffs), agent.get(&staffs), server.ask("GET", &theirs, "", b"")] {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.body(), PHOTO, "as it came");
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-disposition").starts_with("inline; filename=\"page.html.jpg\""));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let forged = theirs.replace(&tracking[tracking.len() - 4..], "0000");
    for path in [&staffs, &forged, &format!("{theirs}0"), &format!("/track/{tracking}/files/../../{id}")] {
        let answer = server.ask("GET", path, "", b"");
        assert_ne!(answer.status(), 200, "{path}");
        assert!(answer.body() != PHOTO);
    }

    // A document is only ever downloaded.
    assert_eq!(technician.upload(&number, "*/*", &[("acta.pdf", b"%PDF-1.4\n%%EOF")]).status(), 201);
    let id = files(&technician, &number)[1]["id"].as_str().unwrap().to_owned();
    let document = technician.get(&format!("/desk/cases/{number}/files/{id}"));
    assert_eq!(document.header("content-type"), "application/pdf");
    assert!(document.header("content-disposition").starts_with("attachment; filename=\"acta.pdf\""));

    // Without a script: a redirect to the page, with the error in its address.
    let answer = technician.upload(&number, "text/html", &[("", b""), ("foto.jpg", SVG)]);
    assert_eq!(answer.status(), 303);
    assert_eq!(
        answer.header("location"),
        format!(
            "/desk/agenda?in=3&of={number}&kept=0&problem=unknown_kind&file=foto.jpg&more=0#files-{number}"
        )
    );
    let head =
        format!("Cookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n", technician.cookie);
    let removed = server.ask("POST", &format!("/desk/cases/{number}/files/{id}/remove"), &head, b"in=3");
    assert_eq!(removed.header("location"), format!("/desk/agenda?in=3#files-{number}"));
    assert_eq!(files(&technician, &number).len(), 1);
    assert_eq!(technician.get(&format!("/desk/cases/{number}/files/{id}")).status(), 404);
}

#[test]
fn an_upload_that_fails_in_part_names_its_stored_and_its_refused_files() {
    let server = Server::start(Demo::On);
    let technician = Person::sign_in(&server, "tecnica@vigia.example");
    let (number, _) = on_site(&technician);
    let with = |byte: &[u8]| [PHOTO, byte].concat();
    let (first, second) = (with(b"1"), with(b"2"));
    let files_sent: [(&str, &[u8]); 4] =
        [("uno.jpg", &first), ("dibujo.svg", SVG), ("dos.jpg", &second), ("otra vez.jpg", &first)];
    let answer = technician.upload(&number, "text/html", &files_sent);
    assert_eq!(files(&technician, &number).len(), 2);
    let location = answer.header("location");
    // The visit is in an hour, today or tomorrow at the site.
    let day = |ahead: &str| technician.get(location.replace("in=3", ahead).split('#').next().unwrap()).text();
    let page = ["in=0", "in=1"].map(day).concat();
    for words in
        ["Se guardaron 2 archivos.", "dibujo.svg: Solo se aceptan", "otra vez.jpg: Ese archivo ya está"]
    {
        assert!(page.contains(words), "{words} by {location}");
    }

    let third = with(b"3");
    let answer = technician.upload(&number, "*/*", &[("tres.jpg", &third), ("vacio.jpg", b"")]);
    assert_eq!(answer.status(), 422);
    let words = answer.text();
    assert!(words.contains("Se guardó 1 archivo.") && words.contains("vacio.jpg: "), "{words}");

    // A body that breaks off is no form; the reply still tells of the stored files.
    let body = [
        b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cuatro.jpg\"\r\n\r\n"
            .as_slice(),
        &with(b"4"),
        b"\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cinco.jpg\"\r\n\r\n",
        PHOTO,
    ]
    .concat();
    let head =
        format!("Cookie: {}\r\nContent-Type: multipart/form-data; boundary=edge\r\n", technician.cookie);
    let answer = server.ask("POST", &format!("/desk/cases/{number}/files"), &head, &body);
    let words = answer.text();
    assert!(words.contains("Se guardó 1 archivo.") && words.contains("cinco.jpg: "), "{words}");
    assert_eq!((answer.status(), files(&technician, &number).len()), (400, 4));
}

#[test]
fn large_requests_have_one_place_and_strangers_none() {
    let server = Server::start(Demo::On);
    let technician = Person::sign_in(&server, "tecnica@vigia.example");
    let (number, tracking) = on_site(&technician);
    let mut photo = PHOTO.to_vec();
    photo.resize(7 * MIB, 7);
    assert_eq!(technician.upload(&number, "*/*", &[("grande.jpg", &photo)]).status(), 201);
    photo.resize(8 * MIB + 1, 8);
    let small = [PHOTO, b"2"].concat();
    let answer = technician.upload(&number, "*/*", &[("enorme.jpg", &photo), ("otra.jpg", &small)]);
    assert_eq!(answer.status(), 422);
    assert_eq!(files(&technician, &number).len(), 2, "what comes after it is still read");

    // On all other routes a quarter of a megabyte is the most.
    let head =
        format!("Cookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n", technician.cookie);
    for path in [
        "/",
        "/api/work_case",
        &format!("/track/{tracking}/message"),
        &format!("/desk/cases/{number}/files/0/remove"),
    ] {
        assert_eq!(server.ask("POST", path, &head, &photo[..MIB]).status(), 413, "{path}");
    }

    let stranger = Person { server: &server, cookie: "vigia-session=nobody".to_owned() };
    assert_eq!(stranger.upload(&number, "*/*", &[("foto.jpg", PHOTO)]).status(), 401);
    let page = stranger.upload(&number, "text/html", &[("foto.jpg", PHOTO)]);
    assert_eq!((page.status(), &*page.header("location")), (303, "/desk/sign-in?next=/desk/agenda"));
    let elsewhere = "Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n";
    let head = format!(
        "Cookie: {}\r\n{elsewhere}Content-Type: multipart/form-data; boundary=x\r\n",
        technician.cookie
    );
    let forged = server.ask("POST", &format!("/desk/cases/{number}/files"), &head, b"--x--\r\n");
    assert_eq!(forged.status(), 403, "no other site's form");
}

#[test]
fn report_csv_is_served_to_supervisors_alone() {
    let server = Server::start(Demo::On);
    let [figures, missed] =
        ["/desk/reports/promises.csv", "/desk/reports/promises/missed.csv?clock=attention"];
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let supervisor = Person::sign_in(&server, "supervisor@vigia.example");
    for path in [figures, missed] {
        let stranger = server.ask("GET", path, "", b"");
        assert_eq!(stranger.status(), 303, "{path}");
        assert!(stranger.header("location").contains("/desk/sign-in?next=/desk/reports/promises"), "{path}");
        assert_eq!(agent.get(path).status(), 403, "{path}");
        let file = supervisor.get(path);
        assert_eq!(
            (file.status(), &*file.header("content-type")),
            (200, "text/csv; charset=utf-8"),
            "{path}"
        );
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"vigia-"), "{path}");
        assert_eq!(file.header("cache-control"), "no-store", "{path}");
    }
    let text = supervisor.get(figures).text();
    assert!(
        text.starts_with("\u{feff}Desde;Hasta;Qué;Agrupado por;Grupo;Promesas;Cumplidas;Incumplidas;"),
        "{text}"
    );
    for line in
        [";Primer contacto;Total;", ";Resolución;Prioridad;P1;", ";Novedad;País;México;", ";Abiertos;Total;"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    // Every line has as many cells as the first.
    let cells = |line: &str| {
        let outside = line.split('"').step_by(2).map(|part| part.matches(';').count());
        outside.sum::<usize>()
    };
    assert!(text.lines().all(|line| cells(line) == 11), "{text}");
    let none = supervisor.get("/desk/reports/promises.csv?from=2001-01-01&to=2001-01-31").text();
    assert!(
        none.contains("2001-01-01;2001-01-31;Primer contacto;Total;;0;0;0;;;;"),
        "nothing of nothing: {none}"
    );
}
