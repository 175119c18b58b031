//! Files with messages over the real router: which are taken, how they are served, and to whom; with a script and without.

mod support;

use serde_json::{Value, json};
use support::parts::{PARTS, body};
use support::{Answer, Demo, Person, Server, open_case};

/// A picture of four by two pixels, with a comment.
const PICTURE: &[u8] = b"\x89PNG\x0D\x0A\x1A\x0A\x00\x00\x00\x0DIHDR\x00\x00\x00\x04\x00\x00\x00\x02\x08\x02\x00\x00\x00\xF0\xCA\xEA4\x00\x00\x00\x14tEXtComment\x00secret placeh\x0F\xA9\x8D\x00\x00\x00\x10IDATx\xDAcPhp\x80#\x06d\x0E\x00Z\x1A\x07\x01{\xBDbz\x00\x00\x00\x00IEND\xAEB`\x82";
const PDF: &[u8] = b"%PDF-1.4\n%%EOF";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
const MIB: usize = 1024 * 1024;

fn post(server: &Server, path: &str, head: &str, body: &[u8]) -> Answer {
    server.ask("POST", path, &format!("{head}{PARTS}"), body)
}

/// Sends a customer's message; `accept` says whether a page is asked for.
fn write_to(server: &Server, tracking: &str, accept: &str, text: &str, files: &[(&str, &[u8])]) -> Answer {
    let head = format!("Accept: {accept}\r\n");
    post(server, &format!("/track/{tracking}/message"), &head, &body(&[("text", text)], files))
}

/// The case file, as an agent reads it.
fn case_file(agent: &Person<'_>, number: &str) -> Value {
    agent.call("case_file", &json!({ "number": number })).1
}

/// A server with a case, its tracking link and its number.
fn with_a_case() -> (Server, String, String) {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap().to_owned();
    (server, tracking, number)
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|part| part == words)
}

#[test]
fn files_of_a_message_are_downloads_for_its_readers_alone() {
    let (server, tracking, number) = with_a_case();
    let files: [(&str, &[u8]); 2] = [("../<img onerror=alert(1)>.html", PICTURE), ("acta.pdf", PDF)];
    let answer = write_to(&server, &tracking, "text/plain", "Se apaga así.", &files);
    assert_eq!(answer.status(), 201, "{}", answer.text());

    let agent = Person::sign_in(&server, "agente@vigia.example");
    let message = case_file(&agent, &number)["files"][0].clone();
    let names: Vec<_> =
        message["files"].as_array().unwrap().iter().map(|file| file["name"].clone()).collect();
    assert_eq!(names, [json!("img onerror=alert(1) .html.png"), json!("acta.pdf")]);
    let id = |at: usize| message["files"][at]["id"].as_str().unwrap().to_owned();
    let page = server.get(&format!("/track/{tracking}"));
    let thumbnail = format!("/track/{tracking}/message-files/{}/thumbnail", id(0));
    assert!(page.contains(&thumbnail) && page.contains("acta.pdf") && page.contains("PDF · 1 KB"), "{page}");
    assert!(!page.contains("<img onerror"), "a name is text");
    let (staffs, theirs) =
        (format!("/desk/cases/{number}/message-files"), format!("/track/{tracking}/message-files"));
    assert!(
        agent.get(&format!("/desk/cases/{number}")).text().contains(&format!("{staffs}/{}/thumbnail", id(0)))
    );

    let own = |path: &str| server.ask("GET", path, "", b"");
    for (whole, small) in [
        (agent.get(&format!("{staffs}/{}", id(0))), agent.get(&format!("{staffs}/{}/thumbnail", id(0)))),
        (own(&format!("{theirs}/{}", id(0))), own(&thumbnail)),
    ] {
        assert_eq!((whole.status(), small.status()), (200, 200));
        assert_eq!(
            (whole.header("content-type"), small.header("content-type")),
            ("image/png".into(), "image/jpeg".into())
        );
        assert!(
            whole
                .header("content-disposition")
                .starts_with("attachment; filename=\"img onerror_alert(1) .html.png\"")
        );
        assert!(!holds(&whole.body(), b"secret place"), "it was drawn anew");
        for answer in [whole, small] {
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        }
    }
    let document = own(&format!("{theirs}/{}", id(1)));
    assert_eq!(
        (document.body(), document.header("content-type")),
        (PDF.to_vec(), "application/pdf".to_owned())
    );
    assert!(document.header("content-disposition").starts_with("attachment; filename=\"acta.pdf\""));
    assert_eq!(own(&format!("{theirs}/{}/thumbnail", id(1))).status(), 404);

    let other = open_case(&server, "0123456789abcdef0124");
    let forged = theirs.replace(&tracking[tracking.len() - 4..], "0000");
    for foreign in [
        format!("{staffs}/{}", id(0)),
        format!("{forged}/{}", id(0)),
        format!("{theirs}/{}0", id(0)),
        format!("/track/{other}/message-files/{}", id(0)),
        format!("/track/{other}/message-files/{}/thumbnail", id(0)),
        format!("/track/{tracking}/files/{}", id(0)),
    ] {
        let answer = own(&foreign);
        assert_ne!(answer.status(), 200, "{foreign}");
        assert!(!holds(&answer.body(), b"PNG"));
    }
    assert_eq!(agent.get(&format!("/desk/cases/{}/message-files/{}", &other[..12], id(0))).status(), 404);
}

#[test]
fn refused_file_leaves_the_words_and_writes_nothing() {
    let (server, tracking, number) = with_a_case();
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let version = case_file(&agent, &number)["version"].clone();
    let files: [(&str, &[u8]); 3] =
        [("bien.png", PICTURE), ("foto.jpg", SVG), ("rota.jpg", b"\xFF\xD8\xFF\xE1")];
    let answer = write_to(&server, &tracking, "text/plain", "Se apaga así.", &files);
    assert_eq!(answer.status(), 422);
    let words = answer.text();
    let lines: Vec<_> = words.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "files"), "{words}");
    assert!(
        lines[1].starts_with("foto.jpg: Solo se aceptan") && lines[2].starts_with("rota.jpg: "),
        "{words}"
    );

    let page = write_to(&server, &tracking, "text/html", "Se apaga &lt;así&gt;", &files);
    assert_eq!(page.status(), 422);
    let text = page.text();
    for part in [
        "Se apaga &amp;lt;así",
        "id=\"message-files-error\"",
        "foto.jpg: Solo se aceptan",
        "enctype=\"multipart/form-data\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let empty = write_to(&server, &tracking, "text/plain", " ", &[("bien.png", PICTURE)]);
    assert!(empty.status() == 422 && empty.text().starts_with("text\n"), "{}", empty.text());
    let mut large = PDF.to_vec();
    large.resize(8 * MIB + 1, 7);
    let answer = write_to(
        &server,
        &tracking,
        "text/plain",
        "Grande",
        &[("enorme.pdf", &large), ("bien.png", PICTURE)],
    );
    assert!(answer.status() == 422 && answer.text().contains("enorme.pdf: "), "{}", answer.text());
    assert_eq!(case_file(&agent, &number)["version"], version);

    // Without a file the same form is an ordinary message.
    let answer = write_to(&server, &tracking, "text/html", "Sin fotos", &[("", b"")]);
    assert_eq!(
        (answer.status(), answer.header("location")),
        (303, format!("/track/{tracking}")),
        "{}",
        answer.text()
    );
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let earlier = server.ask("POST", &format!("/track/{tracking}/message"), form, b"text=De+antes");
    assert_eq!(earlier.status(), 303, "a page of an earlier version");
    let page = server.get(&format!("/track/{tracking}"));
    assert!(page.contains("Sin fotos") && page.contains("De antes"));
}

#[test]
fn only_the_case_s_people_send_files() {
    let (server, tracking, number) = with_a_case();
    let forged = tracking.replace(&tracking[tracking.len() - 4..], "0000");
    let one: [(&str, &[u8]); 1] = [("foto.png", PICTURE)];
    assert_eq!(write_to(&server, &forged, "text/plain", "Hola", &one).status(), 404);
    let path = format!("/desk/cases/{number}/messages");
    let note = |text: &str, files: &[(&str, &[u8])]| body(&[("what", "internal"), ("text", text)], files);
    assert_eq!(post(&server, &path, "Accept: text/plain\r\n", &note("Hola", &one)).status(), 401);
    let elsewhere = "Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n";
    let from_elsewhere =
        post(&server, &format!("/track/{tracking}/message"), elsewhere, &body(&[("text", "x")], &one));
    assert_eq!(from_elsewhere.status(), 403, "no other site's form");

    let agent = Person::sign_in(&server, "agente@vigia.example");
    let head = |accept: &str| format!("Cookie: {}\r\nAccept: {accept}\r\n", agent.cookie);
    let by_staff = post(
        &server,
        &format!("/track/{tracking}/message"),
        &head("text/plain"),
        &body(&[("text", "x")], &one),
    );
    assert_eq!(by_staff.status(), 403, "the staff does not write as the customer");
    assert_eq!(post(&server, &path, &head("text/plain"), &note("Nota con foto", &one)).status(), 201);
    // Without a script: the form on the page of the case.
    let page = agent.get(&format!("/desk/cases/{number}")).text();
    assert!(page.contains("<noscript>") && page.contains(&format!("action=\"{path}\"")), "{page}");
    let page = post(&server, &path, &head("text/html"), &note("Lo que escribí", &[("foto.png", SVG)]));
    assert_eq!(page.status(), 422);
    let text = page.text();
    assert!(text.contains("Lo que escribí") && text.contains("id=\"plain-files-error\""), "{text}");
    let update = body(&[("what", "update"), ("next", ""), ("text", "Vamos")], &one);
    let done = post(&server, &path, &head("text/html"), &update);
    assert_eq!(
        (done.status(), done.header("location")),
        (303, format!("/desk/cases/{number}")),
        "{}",
        done.text()
    );
    let seen = server.get(&format!("/track/{tracking}"));
    assert_eq!(seen.matches("<img src=\"/track/").count(), 1, "the note is internal");
    assert_eq!(case_file(&agent, &number)["files"].as_array().unwrap().len(), 2);
}

/// The fields of the case form.
fn report(key: &str) -> Vec<(&str, &str)> {
    vec![
        ("key", key),
        ("reporter", "Ana Rivas"),
        ("contract", "CPS-VE-004213-58"),
        ("serial", "FOC2614A1B2"),
        ("platform", "network"),
        ("country", "VE"),
        ("location", "Torre Avila"),
        ("contact_same", "yes"),
        ("contact_phone", "0212 555 0142"),
        ("contact_mail", "ana@cumbre.example"),
        ("fault", "El conmutador se apaga solo."),
        ("severity", "high"),
        ("urgency", "high"),
    ]
}

#[test]
fn case_is_opened_with_files_by_a_script_and_without_one() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let files: [(&str, &[u8]); 2] = [("panel.png", PICTURE), ("acta.pdf", PDF)];
    let send = |key: &str, accept: &str, files: &[(&str, &[u8])]| {
        post(&server, "/", &format!("Accept: {accept}\r\n"), &body(&report(key), files))
    };
    let by_script = send("0123456789abcdef0301", "application/json", &files);
    assert_eq!(by_script.status(), 201, "{}", by_script.text());
    let tracking = by_script.text();
    let again = send("0123456789abcdef0301", "application/json", &files);
    assert_eq!((again.status(), again.text()), (201, tracking.clone()), "a retry is the same case");
    let number = tracking.split('-').next().unwrap().to_owned();
    let kept = case_file(&agent, &number)["files"].clone();
    assert_eq!((kept.as_array().unwrap().len(), &kept[0]["version"]), (1, &json!(1)));
    assert_eq!(kept[0]["files"].as_array().unwrap().len(), 2, "and its files are there once");
    let id = kept[0]["files"][0]["id"].as_str().unwrap();
    let thumbnail = format!("/track/{tracking}/message-files/{id}/thumbnail");
    assert!(server.get(&format!("/track/{tracking}")).contains(&thumbnail));
    assert_eq!(server.ask("GET", &thumbnail, "", b"").status(), 200);
    assert!(agent.get(&format!("/desk/cases/{number}")).text().contains(&format!("{id}/thumbnail")));
    let other: [(&str, &[u8]); 1] = [("otra.pdf", b"%PDF-1.5\n%%EOF")];
    let asked = send("0123456789abcdef0301", "application/json", &other);
    let error: Value = serde_json::from_str(&asked.text()).unwrap();
    assert_eq!(asked.status(), 409, "a file that the case lacks would be lost");
    assert!(error["sent_before"]["key"].is_string(), "{error}");

    let plain = send("0123456789abcdef0302", "text/html", &files);
    assert_eq!(plain.status(), 303, "{}", plain.text());
    let tracking = plain.header("location").rsplit('/').next().unwrap().to_owned();
    assert!(server.get(&format!("/track/{tracking}")).contains("acta.pdf"));
    // A browser sends a part without a name for an input without a file.
    assert_eq!(send("0123456789abcdef0303", "text/html", &[("", b"")]).status(), 303);
}

#[test]
fn refused_file_of_an_opening_leaves_the_form_and_opens_nothing() {
    let server = Server::start(Demo::On);
    let send = |accept: &str, files: &[(&str, &[u8])]| {
        let form = body(&report("0123456789abcdef0311"), files);
        post(&server, "/", &format!("Accept: {accept}\r\n"), &form)
    };
    let refused = send("application/json", &[("bien.png", PICTURE), ("foto.jpg", SVG)]);
    let error: Value = serde_json::from_str(&refused.text()).unwrap();
    assert_eq!(refused.status(), 422);
    assert!(error["files"].as_str().unwrap().starts_with("foto.jpg: "), "{error}");
    let page = send("text/html", &[("foto.jpg", SVG)]);
    let text = page.text();
    assert_eq!(page.status(), 422);
    assert!(text.contains("form-files-error") && text.contains("El conmutador se apaga solo."), "{text}");
    let many: Vec<(&str, &[u8])> = (0..7).map(|_| ("acta.pdf", PDF)).collect();
    assert_eq!(send("application/json", &many).status(), 422, "more than an opening may have");
    // The key opened nothing so far.
    assert_eq!(send("application/json", &[("bien.png", PICTURE)]).status(), 201);
}

#[test]
fn pace_of_files_counts_small_forms_leaves_the_words_and_stops_neither_text_nor_staff() {
    let server = Server::start(Demo::On);
    let one: [(&str, &[u8]); 1] = [("acta.pdf", PDF)];
    let keys = std::cell::Cell::new(0);
    let fields = || {
        keys.set(keys.get() + 1);
        format!("0123456789abcdef{:04}", keys.get())
    };
    let send = |path: &str, head: &str, files: &[(&str, &[u8])]| {
        post(&server, path, head, &body(&report(&fields()), files))
    };
    // The allowance refills with time, so it is used until it is refused.
    let refused = |accept: &str| {
        let mut answers = (0..20).map(|_| send("/", &format!("Accept: {accept}\r\n"), &one));
        answers.find(|answer| answer.status() == 422).unwrap()
    };
    let told: Value = serde_json::from_str(&refused("application/json").text()).unwrap();
    assert!(told["files"].as_str().unwrap().contains("sin archivos"), "{told}");
    let page = refused("text/html").text();
    assert!(page.contains("sin archivos") && page.contains("El conmutador se apaga solo."), "{page}");
    // A large file is not waited for.
    let words = body(&report(&fields()), &[("video.pdf", &[b'a'; 1024])]);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n{PARTS}Content-Length: {}\r\n\r\n",
        server.host(),
        20 * MIB
    );
    let begun = &words[..words.len() - b"\r\n--edge--\r\n".len()];
    let mut stream = server.send(&[head.as_bytes(), begun].concat());
    assert_eq!(Answer::read_head(&mut stream).status(), 422);

    let without = send("/", "Accept: application/json\r\n", &[]);
    assert_eq!(without.status(), 201, "{}", without.text());
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let head = format!("Cookie: {}\r\nAccept: application/json\r\n", agent.cookie);
    let by_staff = send("/desk/intake", &head, &one);
    assert_eq!(by_staff.status(), 201, "{}", by_staff.text());
}

#[test]
fn files_of_an_opening_are_as_large_together_as_the_form_says() {
    let server = Server::start(Demo::On);
    assert!(server.get("/").contains("8 MB cada uno y 32 MB juntos, 6 en total"));
    let mut large = PDF.to_vec();
    large.resize(8 * MIB, 7);
    let send = |key: &str, files: &[(&str, &[u8])]| {
        post(&server, "/", "Accept: application/json\r\n", &body(&report(key), files))
    };
    let whole: Vec<(&str, &[u8])> =
        ["1.pdf", "2.pdf", "3.pdf", "4.pdf"].map(|name| (name, &large[..])).into();
    let more = [&whole[..], &[("5.pdf", PDF)]].concat();
    let refused = send("0123456789abcdef0501", &more);
    let told: Value = serde_json::from_str(&refused.text()).unwrap();
    assert!(refused.status() == 422 && told["files"].as_str().unwrap().contains("32 MB"), "{told}");
    assert_eq!(send("0123456789abcdef0501", &whole).status(), 201);
}
