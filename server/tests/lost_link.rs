//! Lost links over the real router: the same answer for every address, and a mail to the customer alone.

mod support;

use std::thread::park_timeout;
use std::time::{Duration, Instant};

use support::{Answer, Demo, Person, Server, open_case};

const PROXY: (&str, &str) = ("VIGIA_TRUSTED_PROXIES", "127.0.0.1");
const SUBJECT: &str = "Los enlaces de sus casos abiertos";

fn ask(server: &Server, from: &str, body: &str) -> Answer {
    let head = format!("Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: {from}\r\n");
    server.ask("POST", "/links", &head, body.as_bytes())
}

/// All that an answer tells, without the headers that differ between any two answers.
fn told(answer: &Answer) -> (u16, Vec<String>, String) {
    let names = ["location", "set-cookie", "content-type", "content-length", "cache-control"];
    (answer.status(), names.iter().flat_map(|name| answer.headers(name)).collect(), answer.text())
}

#[test]
fn lost_link_answer_is_the_same_for_known_and_unknown_addresses() {
    let server = Server::start_with(Demo::On, &[PROXY]);
    let supervisor = Person::sign_in(&server, "supervisor@vigia.example");
    let link = open_case(&server, "submission-of-a-lost-link");
    let number = link.split('-').next().unwrap();
    let known = ask(&server, "192.0.2.1", &format!("mail=ana%40cumbre.example&number={number}"));
    let unknown = ask(&server, "192.0.2.2", "mail=nobody%40cumbre.example&number=");
    let foreign = ask(&server, "192.0.2.3", &format!("mail=nobody%40cumbre.example&number={number}"));
    assert_eq!((known.status(), known.header("location").as_str()), (303, "/links?sent=yes"));
    assert_eq!(told(&known), told(&unknown));
    assert_eq!(told(&known), told(&foreign));
    let page = server.get("/links?sent=yes");
    assert!(page.contains("Revise su correo") && !page.contains("cumbre.example"), "{page}");
    let begun = Instant::now();
    let mails = loop {
        let mails = supervisor.get("/desk/mails").text();
        if mails.contains(SUBJECT) {
            break mails;
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "no mail was queued: {mails}");
        park_timeout(Duration::from_millis(5));
    };
    assert!(mails.contains("ana@cumbre.example") && !mails.contains("nobody@cumbre.example"), "{mails}");
}

#[test]
fn lost_link_form_returns_errors_with_its_input() {
    let server = Server::start(Demo::Off);
    let form = server.get("/links");
    assert!(form.contains("action=\"/links\"") && !form.contains("_bg.wasm"), "a plain form: {form}");
    assert!(server.get("/").contains("href=\"/links\""), "the first page leads there");
    let wrong = ask(&server, "192.0.2.1", "mail=ana.rivas&number=VE26-004213-93");
    assert_eq!(wrong.status(), 422);
    let page = wrong.text();
    for part in [
        "id=\"mail-error\"",
        "id=\"number-error\"",
        "value=\"ana.rivas\"",
        "VE26-004213-93",
        "aria-invalid=\"true\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn lost_link_requests_are_rate_limited_per_address() {
    let server = Server::start_with(Demo::Off, &[PROXY]);
    let asked =
        |from: &str, nth: usize| ask(&server, from, &format!("mail=nobody{nth}%40example.com&number="));
    let taken = (0..30).filter(|nth| asked("192.0.2.1", *nth).status() == 303).count();
    assert_eq!(taken, 10);
    let refused = asked("192.0.2.1", 99);
    assert_eq!(refused.status(), 429);
    let page = refused.text();
    assert!(page.contains("llame al centro de contacto") && page.contains("nobody99@example.com"), "{page}");
    assert_eq!(asked("192.0.2.2", 100).status(), 303, "others have their own");
}
