//! `vigia deliver` beside a running desk, and the triage list in the browser.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use support::client::Client;
use support::{Demo, Server, open_case};

/// Takes a mail in by the command line; its exit code and output.
fn deliver(server: &Server, mail: &str) -> (i32, String) {
    let database = format!("sqlite:{}", server.data().join("vigia.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
    command
        .args(["deliver", "--database", &database])
        .current_dir(server.data())
        .env_clear()
        .env("LANG", "es");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    // A process beside the server may warn about the database's second file.
    let failure = if output.status.success() { Vec::new() } else { output.stderr };
    (output.status.code().unwrap(), String::from_utf8([output.stdout, failure].concat()).unwrap())
}

fn mail(id: &str, from: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Otra Persona <{from}>\r\nTo: mesa@vigia.example\r\nMessage-ID: <{id}@example.com>\r\nSubject: {subject}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

#[test]
fn mail_is_taken_in_once_and_a_failure_is_tried_again() {
    let server = Server::start(Demo::On);
    let new = mail("a", "otra@example.com", "Impresora", "No imprime <b>nada</b>");
    assert_eq!(deliver(&server, &new), (0, "Correo recibido: espera clasificación.\n".to_owned()));
    assert_eq!(deliver(&server, &new), (0, "Este correo ya se había recibido.\n".to_owned()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigia"));
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    command.args(["deliver", "--database", nowhere]).env_clear().current_dir(server.data());
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn agent_decides_mails_of_the_triage_list() {
    let server = Server::start(Demo::On);
    let tracking = open_case(&server, "0123456789abcdef0123");
    let number = &tracking[..12];
    let agent = Client::staff(&server, "agente");
    assert!(agent.get("/desk/triage").text().contains("No hay mensajes por clasificar"));
    for (id, subject) in [("a", "Impresora"), ("b", "Oferta")] {
        assert_eq!(deliver(&server, &mail(id, "otra@example.com", subject, "Texto <b>propio</b>")).0, 0);
    }
    let listed = agent.get("/desk/triage").text();
    let here = listed.split("href=\"/desk/triage\"").nth(1).and_then(|rest| rest.split('>').next());
    assert!(here.is_some_and(|link| link.contains("aria-current=\"page\"")), "{here:?}");
    for words in ["Impresora", "Oferta", "otra@example.com", "Sin caso", "/desk/triage/1", "/desk/triage/2"] {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    let shown = agent.get("/desk/triage/1").text();
    assert!(shown.contains("Texto &lt;b&gt;propio&lt;/b&gt;"), "{shown}");

    let bad = agent.post("/desk/triage/1", "act=join&number=VE26-1");
    assert_eq!(bad.status(), 422, "{}", bad.text());
    assert!(bad.text().contains("VE26-1") && bad.text().contains("number-error"), "what was typed is there");
    let joined = agent.post("/desk/triage/1", &format!("act=join&number={number}"));
    assert_eq!(joined.status(), 303, "{}", joined.text());
    assert!(agent.get(&format!("/desk/cases/{number}")).text().contains("otra@example.com"));
    assert_ne!(agent.post("/desk/triage/1", "act=discard").status(), 303, "it is decided");
    assert!(agent.get("/desk/intake?like=mail-2").text().contains("otra@example.com"));
    assert_eq!(agent.post("/desk/triage/2", "act=discard").header("location"), "/desk/triage?done=discarded");
    assert!(agent.get("/desk/triage").text().contains("No hay mensajes por clasificar"));
    assert_eq!(Client::staff(&server, "tecnica").get("/desk/triage").status(), 403);
}

/// A client that speaks LMTP by hand.
struct Lmtp(BufReader<TcpStream>);

impl Lmtp {
    fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// The next answer; of several lines the last.
    fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }
}

#[test]
fn mail_server_hands_mails_over_by_lmtp() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start_with(Demo::On, &[("VIGIA_MAIL_LMTP_LISTEN", &address.to_string())]);
    let mut client = Lmtp(BufReader::new(TcpStream::connect(address).unwrap()));
    assert!(client.answer().starts_with("220 "));
    client.say("LHLO mx.example\r\n");
    assert_eq!(client.answer(), "250 SMTPUTF8");
    client.say("DATA\r\n");
    assert!(client.answer().starts_with("503 "));
    let text = mail("l", "otra@example.com", "Por LMTP", "Uno\r\n..\r\ndos");
    for _ in 0..2 {
        client.say("MAIL FROM:<otra@example.com>\r\nRCPT TO:<a@vigia.example>\r\nRCPT TO:<b@vigia.example>\r\nDATA\r\n");
        let answers: Vec<String> = (0..4).map(|_| client.answer()).collect();
        assert!(answers[3].starts_with("354 "), "{answers:?}");
        client.say(&format!("{text}.\r\n"));
        assert_eq!([client.answer(), client.answer()], ["250 2.0.0 taken", "250 2.0.0 taken"]);
    }
    // A dot between bare line feeds ends nothing: what follows is the same mail, and no command.
    let within = mail("n", "otra@example.com", "Con un punto", "Uno\n.\nMAIL FROM:<a@b>");
    client.say("MAIL FROM:<otra@example.com>\r\nRCPT TO:<a@vigia.example>\r\nDATA\r\n");
    let _ = (client.answer(), client.answer(), client.answer());
    client.say(&format!("{}\n.\r\nRSET\r\n.\r\n", within.trim_end()));
    assert_eq!(client.answer(), "250 2.0.0 taken");
    // It breaks off before the dot: nothing is taken.
    client.say("MAIL FROM:<>\r\nRCPT TO:<a@vigia.example>\r\nDATA\r\n");
    let _ = (client.answer(), client.answer(), client.answer());
    client.say("Subject: Sin punto\r\n\r\nx\r\n");
    drop(client);
    let agent = Client::staff(&server, "agente");
    let listed = agent.get("/desk/triage").text();
    assert_eq!(listed.matches("/desk/triage/").count(), 2, "each once: {listed}");
    assert!(listed.contains("Por LMTP") && !listed.contains("Sin punto"), "{listed}");
    let shown = agent.get("/desk/triage/1").text();
    assert!(shown.contains("Uno\n.\ndos"), "{shown}");
}
