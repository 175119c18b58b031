//! Every face on the real binary answers with its own bundle, under a policy that lets it run.

mod support;

use std::collections::BTreeSet;
use std::thread;

use domain::case_number::CaseNumber;
use support::{Demo, Person, Server};

#[test]
fn every_face_loads_its_own_bundle() {
    let server = Server::start(Demo::Off);
    for (path, status, bundle, other) in [
        ("/", "200", "form", "track"),
        ("/track/VE2600000121-00000000000000000000000000000000", "404", "track", "form"),
        ("/opened/VE2600000121-00000000000000000000000000000000", "404", "track", "form"),
        ("/nowhere", "404", "form", "workspace"),
        ("/desk/nowhere", "404", "workspace", "admin"),
        ("/desk/admin/nowhere", "404", "admin", "workspace"),
    ] {
        let answer = server.get(path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {}",
            &answer[..40.min(answer.len())]
        );
        assert!(answer.contains(&format!("/pkg/hashed.{bundle}.js")), "{path} loads {bundle}");
        assert!(!answer.contains(&format!("/pkg/hashed.{other}.js")), "{path} does not load {other}");
        assert!(answer.contains(&format!("/pkg/hashed.{bundle}.es.json")), "{path} loads its words");
        assert!(!answer.contains(&format!("/pkg/hashed.{bundle}.en.json")), "{path} loads no other language");
        let policy = answer.lines().find(|line| line.to_lowercase().starts_with("content-security-policy:"));
        let nonce = policy.and_then(|policy| policy.split("'nonce-").nth(1)?.split('\'').next());
        assert!(
            answer.contains(&format!("nonce=\"{}\"", nonce.unwrap_or("none"))),
            "{path}: the script may run"
        );
    }
    assert!(server.get("/board").starts_with("HTTP/1.1 303"), "no wall for strangers");
}

/// The sign-in needs no bundle: its form works without a script.
#[test]
fn sign_in_page_loads_no_bundle() {
    let server = Server::start(Demo::Off);
    let page = server.ask("GET", "/desk/sign-in", "", b"");
    assert_eq!(page.status(), 200);
    assert!(!page.text().contains(".js"), "no script");
    assert!(!page.text().contains(".wasm"), "no WebAssembly");
}

#[test]
fn pages_are_compressed_when_accepted() {
    let server = Server::start(Demo::Off);
    let plain = server.ask("GET", "/", "", b"");
    assert_eq!(plain.header("content-encoding"), "");
    let short = server.ask("GET", "/", "Accept-Encoding: gzip, deflate, br\r\n", b"");
    assert_eq!(short.header("content-encoding"), "gzip");
    assert!(short.body().len() * 2 < plain.body().len(), "{} of {}", short.body().len(), plain.body().len());
}

/// Search engines and previews of links show them.
#[test]
fn pages_have_titles_and_descriptions() {
    let page = Server::start(Demo::Off).ask("GET", "/", "", b"").text();
    assert!(
        page.contains("<meta name=\"description\" content=\"Abra un caso de soporte"),
        "{}",
        &page[..600]
    );
}

/// The form's script reads its start data from one element, and hydrates another.
#[test]
fn form_embeds_its_hydration_data() {
    let server = Server::start(Demo::Off);
    let page = server.ask("GET", "/", "", b"").text();
    let carrier = page.split_once("id=\"form-start\">").and_then(|(_, rest)| rest.split_once("</script>"));
    let start: serde_json::Value = serde_json::from_str(carrier.unwrap().0).unwrap();
    let key = start["start"]["key"].as_str().unwrap();
    assert!(page.contains("<div id=\"form-place\"><form "), "the form alone is taken over");
    assert_eq!(page.matches(key).count(), 2, "its key is carried once, and stands in the form");

    let nowhere = server.ask("GET", "/track/VE2600000121-00000000000000000000000000000000/follow", "", b"");
    assert_eq!(nowhere.status(), 404);
    assert!(!nowhere.text().contains("form-start"), "a case that nobody holds starts no form");
}

/// A contract number names its country by its shape. A location abroad is asked about, and accepted once confirmed.
#[test]
fn location_abroad_is_confirmed_without_script() {
    let server = Server::start(Demo::Off);
    let report = "key=0123456789abcdef0123&reporter=Ana+Rivas&contract=CPS-CO-002107-95&serial=MXQ3410ABC&platform=servers\
                  &country=VE&location=Torre+Central&contact_same=yes&contact_phone=0212+555+0142&contact_mail=ana%40cumbre.example\
                  &fault=El+servidor+se+apaga+solo.&severity=high&urgency=high";
    let send = |more: &str| {
        let head = "Content-Type: application/x-www-form-urlencoded\r\n";
        server.ask("POST", "/", head, format!("{report}{more}").as_bytes())
    };
    let asked = send("");
    assert_eq!(asked.status(), 422);
    let page = asked.text();
    for part in ["de Colombia", "name=\"abroad\"", "value=\"Torre Central\"", "El servidor se apaga solo."] {
        assert!(page.contains(part), "{part}");
    }
    let taken = send("&abroad=yes");
    assert_eq!(taken.status(), 303);
    assert!(taken.header("location").starts_with("/opened/VE"), "{}", taken.header("location"));
}

/// The head of a page is written last, when other requests are being answered.
#[test]
fn titles_of_pages_that_are_asked_for_at_once_are_their_own() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let queue = agent.get("/desk").text();
    let links: BTreeSet<&str> =
        queue.split("\"/desk/cases/").skip(1).filter_map(|link| link.get(..12)).collect();
    let mut pages = vec![("/desk".to_owned(), "Cola de casos".to_owned())];
    pages.extend(links.into_iter().take(5).map(|number| {
        let grouped = CaseNumber::parse(number).unwrap().grouped();
        (format!("/desk/cases/{number}"), grouped)
    }));
    let own = format!("Cookie: {}\r\n", agent.cookie);
    thread::scope(|scope| {
        for head in ["", &own].into_iter().cycle().take(8) {
            scope.spawn(|| {
                for (page, title) in pages.iter().cycle().take(90) {
                    let text = server.ask("GET", page, head, b"").text();
                    assert!(
                        text.contains(&format!("<title>{title} · ")),
                        "{page}: {title} is not in its head"
                    );
                }
            });
        }
    });
}
