//! Rate limits of strangers over the real router. They do not lock out the staff or other strangers.

mod support;

use std::time::Instant;

use serde_json::json;
use support::client::limited;
use support::{Answer, Demo, Person, Server};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const PROXY: (&str, &str) = ("VIGIA_TRUSTED_PROXIES", "127.0.0.1");

fn from(address: &str) -> String {
    format!("{FORM}X-Forwarded-For: {address}\r\n")
}

/// Opens a case by the plain form; `head` identifies the sender.
fn open(server: &Server, path: &str, head: &str, nth: usize) -> Answer {
    let report = format!(
        "key=submission-{nth:010}&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2&platform=network\
         &country=VE&location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142\
         &contact_mail=ana{nth}%40cumbre.example&fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high"
    );
    server.ask("POST", path, head, report.as_bytes())
}

#[test]
fn openings_are_rate_limited_per_address() {
    let server = Server::start_with(Demo::On, &[PROXY]);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let begun = Instant::now();
    let taken = (0..60).filter(|nth| open(&server, "/", &from("192.0.2.1"), *nth).status() == 303).count();
    // One comes back every 20 seconds.
    assert!((30..35 + begun.elapsed().as_secs() / 20).contains(&(taken as u64)), "{taken}");
    let refused = open(&server, "/", &from("192.0.2.1"), 100);
    assert_eq!(refused.status(), 429);
    assert!(refused.text().contains("El conmutador se apaga solo."), "what was typed is still there");
    assert!(refused.text().contains("llame al centro de contacto"));
    // Other addresses and the staff are not limited.
    assert_eq!(open(&server, "/", &from("192.0.2.2"), 101).status(), 303);
    let staff = format!("{}Cookie: {}\r\n", from("192.0.2.1"), agent.cookie);
    for nth in 200..240 {
        assert_eq!(open(&server, "/desk/intake", &staff, nth).status(), 303, "{nth}");
    }
    assert!(server.log().contains("refused by a rate limit"), "{}", server.log());
    assert!(!server.log().contains("192.0.2.1"), "without personal data");
}

#[test]
fn openings_are_rate_limited_per_network() {
    let server = Server::start_with(Demo::On, &[PROXY]);
    let hop = |nth: usize| open(&server, "/", &from(&format!("2001:db8:1:{nth:x}::1")), nth).status();
    let begun = Instant::now();
    let taken = (0..200).filter(|nth| hop(*nth) == 303).count();
    // One comes back every 5 seconds.
    assert!((120..130 + begun.elapsed().as_secs() / 5).contains(&(taken as u64)), "{taken}");
    assert_eq!(open(&server, "/", &from("2001:db8:2::1"), 999).status(), 303);
}

/// Every write by a link has the limit: another link is no way around it.
#[test]
fn writes_by_link_are_rate_limited() {
    let server = Server::start(Demo::Off);
    let question = json!({ "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "country": "VE" });
    let look_up = || server.ask("POST", "/api/offer", JSON, question.to_string().as_bytes()).status();
    assert!((0..2000).any(|_| look_up() == 429), "the address has used its allowance up");
    let link = "VE2600000121-00000000000000000000000000000000";
    for (path, body) in [
        (format!("/track/{link}"), "answer=works"),
        (format!("/track/{link}/cancel"), "confirmed=yes"),
        (format!("/track/{link}/message"), "text=Hola"),
        (format!("/track/{link}/visit"), "answer=decline"),
        (format!("/visit/{link}"), "answer=decline"),
        (format!("/survey/{link}"), "a=5"),
    ] {
        assert_eq!(limited(|| server.ask("POST", &path, FORM, body.as_bytes())).status(), 429, "{path}");
    }
    for (name, arguments) in [
        ("answer_case", json!({ "tracking": link, "answer": "works", "said": "" })),
        ("write_to_desk", json!({ "tracking": link, "text": "Hola" })),
        ("cancel_case", json!({ "tracking": link, "confirmed": "yes", "reason": "" })),
    ] {
        let path = format!("/api/{name}");
        let answer = limited(|| server.ask("POST", &path, JSON, arguments.to_string().as_bytes()));
        assert_eq!(answer.status(), 429, "{path}: {}", answer.text());
    }
    assert_eq!(server.ask("GET", "/", "", b"").status(), 200, "whoever looks at the form is not slowed down");
}

fn sign_in(server: &Server, head: &str, mail: &str, password: &str) -> Answer {
    let body = format!("mail={}&password={password}", mail.replace('@', "%40"));
    server.ask("POST", "/desk/sign-in", head, body.as_bytes())
}

fn is_in(answer: &Answer) -> bool {
    answer.header("set-cookie").starts_with("vigia-session=")
}

const RIGHT: &str = "demostracion-vigia";

#[test]
fn failed_sign_ins_block_their_own_network_alone() {
    let server = Server::start_with(Demo::On, &[PROXY]);
    let agent = "agente@vigia.example";
    let first = sign_in(&server, &from("192.0.2.1"), agent, RIGHT);
    let browser = first.headers("set-cookie")[1].split(';').next().unwrap().to_owned();
    assert!(browser.starts_with("vigia-browser="), "{browser}");
    // Made-up accounts, then hers, and another person's passwords: one network's tries end.
    let tries = |mail: String| sign_in(&server, &from("192.0.2.1"), &mail, "no-es-esta-clave").status();
    assert!((0..40).any(|nth| tries(format!("nobody{nth}@vigia.example")) == 429));
    assert_eq!(tries(agent.to_owned()), 429);
    assert!(!is_in(&sign_in(&server, &from("192.0.2.1"), agent, RIGHT)), "from there nobody new comes in");
    let known = format!("{}Cookie: {browser}\r\n", from("192.0.2.1"));
    assert!(is_in(&sign_in(&server, &known, agent, RIGHT)), "a browser that signed in before passes");
    assert!(is_in(&sign_in(&server, &from("198.51.100.7"), agent, RIGHT)), "and whoever is elsewhere");
    let log = server.log();
    assert!(log.contains("a sign-in failed") && log.contains("refused by a rate limit"), "{log}");
    for personal in ["192.0.2.1", "nobody1", "agente@", "no-es-esta-clave"] {
        assert!(!log.contains(personal), "{personal} in {log}");
    }
}
