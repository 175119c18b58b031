//! Texts that a provider writes: canned replies and the words of mails, on their pages and in a case.

mod support;

use serde_json::json;
use support::client::{Client, NO_CASE, all_are};
use support::{Answer, Demo, Server, open_case};

const REPLIES: &str = "/desk/admin/replies";
const OPENING: &str = "/desk/admin/mail-texts/opening";

/// A value as a form sends it.
fn encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[track_caller]
fn holds(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in parts {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// The digest of the preview on a page.
fn previewed(page: &Answer) -> String {
    let text = page.text();
    let after = text.split_once("name=\"previewed\" value=\"").unwrap().1;
    after.split('"').next().unwrap().to_owned()
}

/// Previews the form, and saves it.
#[track_caller]
fn save(client: &Client<'_>, address: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = client.post(address, &form(&[fields, &[("action", "preview")]].concat()));
    holds(&shown, 200, &["value=\"save\""]);
    let digest = previewed(&shown);
    client.post(address, &form(&[fields, &[("previewed", &digest), ("action", "save")]].concat()))
}

#[test]
fn canned_reply_is_put_right_saved_and_offered_in_the_case() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let admin = Client::staff(&server, "administracion");
    let agent = Client::staff(&server, "agente");
    holds(&admin.get(REPLIES), 200, &["Aún no hay ninguna.", "/desk/admin/replies/new"]);
    holds(&admin.get("/desk/admin/replies/new"), 200, &["name=\"text.pt\"", "lang=\"pt\"", "{agent}"]);
    let wrong = [("name", "Saludo"), ("state", "offered"), ("text.es", "Hola {nombre}")];
    let refused = admin.post("/desk/admin/replies/new", &form(&wrong));
    holds(
        &refused,
        422,
        &["id=\"text-es-error\"", "Hola {nombre}", "{nombre} no existe", "value=\"Saludo\""],
    );
    let right = [("name", "Saludo"), ("state", "offered"), ("text.es", "Hola {name}:\r\nsoy {agent}.")];
    let saved = save(&admin, "/desk/admin/replies/new", &right);
    assert_eq!((saved.status(), saved.header("location")), (303, format!("{REPLIES}?saved=yes")));
    holds(&admin.get(REPLIES), 200, &["href=\"/desk/admin/replies/1\"", "Español"]);
    holds(
        &admin.get("/desk/admin/changes"),
        200,
        &["Saludo", "Respuesta preparada", "/desk/admin/replies/1?at="],
    );

    let replies = agent.call("replies", &json!({ "number": number }));
    holds(&replies, 200, &["Saludo", "Hola Ana Rivas:"]);
    assert!(!replies.text().contains("{agent}"), "{}", replies.text());
    assert_eq!(agent.call("replies", &json!({ "number": NO_CASE })).status(), 404);
    assert_eq!(Client::stranger(&server).call("replies", &json!({ "number": number })).status(), 401);
}

#[test]
fn words_of_a_mail_are_tried_saved_and_sent_to_the_next_customer() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let admin = Client::staff(&server, "administracion");
    holds(&admin.get("/desk/admin/mail-texts"), 200, &[OPENING, "Texto estándar"]);
    let page = admin.get(OPENING);
    holds(&page, 200, &["name=\"es.subject\"", "name=\"case\"", "name=\"version\" value=\"0\""]);
    assert!(!page.text().contains("?at=0"), "these are the standard words");

    let wrong = [("version", "0"), ("es.subject", "Su caso"), ("case", number), ("action", "show")];
    let refused = admin.post(OPENING, &form(&wrong));
    holds(&refused, 422, &["id=\"es-subject-error\"", "Falta {number}", "value=\"Su caso\""]);
    let words =
        [("version", "0"), ("es.subject", "Andina: {number}"), ("es.closing", "Un saludo.\r\nAndina")];
    let tried = |case: &str, action: &str| {
        let trial = [("case", case), ("language", "es"), ("action", action)];
        admin.post(OPENING, &form(&[&words[..], &trial].concat()))
    };
    holds(&tried("1", "show"), 422, &["id=\"case-error\"", "Escriba el número de un caso."]);
    holds(
        &tried(NO_CASE, "show"),
        422,
        &["No hay ningún caso con este número.", "value=\"Andina: {number}\""],
    );
    holds(
        &tried(number, "show"),
        200,
        &[&format!("<b>Andina: {}", &number[..4]), "Un saludo.\nAndina", "Ana Rivas, recibimos su caso"],
    );
    holds(&tried(number, "send"), 200, &["administracion@vigia.example"]);

    let saved = save(&admin, OPENING, &words);
    assert_eq!(saved.header("location"), "/desk/admin/mail-texts?saved=yes", "{}", saved.text());
    holds(&admin.get(OPENING), 200, &["value=\"Andina: {number}\"", "/desk/admin/mail-texts/opening?at=0"]);
    holds(
        &admin.get("/desk/admin/changes"),
        200,
        &["Asunto · Español", "Apertura", "mail-texts/opening?at="],
    );
    open_case(&server, "0123456789abcdef0124");
    holds(&admin.get("/desk/mails"), 200, &[&format!("Andina: {}-", &number[..4])]);
    // Back to the standard words.
    let standard = admin.get("/desk/admin/mail-texts/opening?at=0");
    holds(&standard, 200, &["name=\"version\" value=\"1\""]);
    assert!(!standard.text().contains("Andina: {number}"));
    assert_eq!(save(&admin, OPENING, &[("version", "1"), ("es.subject", "")]).status(), 303);
    holds(&admin.get("/desk/admin/mail-texts"), 200, &["Texto estándar"]);
    assert_eq!(admin.get("/desk/admin/mail-texts/warning").status(), 404);
}

#[test]
fn administrators_write_texts_supervisors_read_them_and_nobody_else_does() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let agent = Client::staff(&server, "agente");
    let reply = form(&[("name", "Saludo"), ("state", "offered"), ("text.es", "Hola")]);
    let words = form(&[("es.closing", "Hola"), ("case", NO_CASE), ("action", "send")]);
    for address in [REPLIES, "/desk/admin/mail-texts", OPENING] {
        assert_eq!(supervisor.get(address).status(), 200, "{address}");
        assert_eq!(agent.get(address).status(), 403, "{address}");
        let led = server.ask("GET", address, "Accept: text/html\r\n", b"");
        let location = format!("/desk/sign-in?next={address}");
        assert_eq!((led.status(), led.header("location")), (302, location));
    }
    holds(&supervisor.get(OPENING), 200, &["readonly", "Solo un administrador puede cambiarlo."]);
    assert!(!supervisor.get(OPENING).text().contains("name=\"case\""));
    all_are(
        403,
        &[
            ("a reply of a supervisor", supervisor.post("/desk/admin/replies/new", &reply)),
            ("a reply of an agent", agent.post("/desk/admin/replies/new", &reply)),
            ("words of a supervisor", supervisor.post(OPENING, &words)),
            ("words of an agent", agent.post(OPENING, &words)),
        ],
    );
}

#[test]
fn texts_are_exported_and_applied_on_the_command_line() {
    let server = Server::start(Demo::Off);
    server.run(&["settings", "export", "out"]);
    let folder = server.data().parent().unwrap().join("out");
    let file = folder.join("canned_replies.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        format!("{text}\n[[reply]]\nname = \"Saludo\"\n[reply.text]\nes = \"Hola {{name}}\"\n"),
    )
    .unwrap();
    let mails = folder.join("mail_texts.toml");
    let text = std::fs::read_to_string(&mails).unwrap();
    std::fs::write(
        &mails,
        text.replacen("version = 0\n", "version = 0\nes = { closing = \"Hasta luego\" }\n", 1),
    )
    .unwrap();
    server.run(&["settings", "apply", "out", "--apply"]);
    let told = server.run(&["settings", "history"]);
    assert!(
        told.contains("Saludo (canned_replies.toml)") && told.contains("opening (mail_texts.toml)"),
        "{told}"
    );
}
