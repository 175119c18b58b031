//! Passkeys over the real router: what the pages offer, and what is asked of a browser. Answers of devices are tested in desk.

mod support;

use support::{Answer, Demo, Person, Server};

const ADMINISTRATOR: &str = "administracion@vigia.example";

fn post(server: &Server, path: &str, cookie: &str, body: &str) -> Answer {
    let head = format!("Content-Type: application/x-www-form-urlencoded\r\nCookie: {cookie}\r\n");
    server.ask("POST", path, &head, body.as_bytes())
}

#[test]
fn sign_in_offers_passkeys_where_the_address_can_have_them() {
    let server = Server::start(Demo::On);
    let page = server.ask("GET", "/desk/sign-in", "Accept: text/html\r\n", b"").text();
    assert!(
        page.contains("data-passkey=\"/desk/sign-in/passkey\"") && page.contains("navigator.credentials")
    );
    assert!(!page.contains(".wasm"), "no bundle");
    let number = Server::start_with(Demo::On, &[("VIGIA_PUBLIC_URL", "http://192.0.2.7")]);
    let page = number.ask("GET", "/desk/sign-in", "Accept: text/html\r\n", b"").text();
    assert!(!page.contains("data-passkey"));
    let asked = post(&number, "/desk/sign-in/passkey/ask", "", "step=");
    assert_eq!(asked.status(), 422);
    assert!(asked.text().contains("no puede tener llaves de acceso"), "{}", asked.text());
}

#[test]
fn challenge_belongs_to_the_browser_by_a_cookie() {
    let server = Server::start(Demo::On);
    let asked = post(&server, "/desk/sign-in/passkey/ask", "", "step=");
    assert_eq!((asked.status(), asked.header("content-type").as_str()), (200, "application/json"));
    let cookie = asked.header("set-cookie");
    assert!(cookie.starts_with("vigia-passkey=") && cookie.contains("HttpOnly"), "{cookie}");
    let options: serde_json::Value = serde_json::from_str(&asked.text()).unwrap();
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], serde_json::json!([]), "whoever it is");
    let secret = cookie.split(';').next().unwrap();
    for (cookie, answer) in [("", "%7B%7D"), (secret, "%7B%7D"), (secret, "")] {
        let refused =
            post(&server, "/desk/sign-in/passkey", cookie, &format!("answer={answer}&next=%2Fdesk"));
        assert_eq!(refused.status(), 401);
        assert!(refused.text().contains("La llave de acceso no se pudo comprobar"), "{}", refused.text());
        assert!(!refused.header("set-cookie").contains("vigia-session"));
    }
    let gone = post(&server, "/desk/sign-in/passkey/ask", "", "step=0000");
    assert_eq!(gone.status(), 422, "no sign-in waits");
}

#[test]
fn page_of_passkeys_is_for_the_staff_and_shared_accounts_have_none() {
    let server = Server::start(Demo::On);
    let boss = Person::sign_in(&server, ADMINISTRATOR);
    let page = boss.get("/desk/account/passkeys");
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("Dispositivos de confianza") && !page.text().contains(".wasm"));
    let form = "act=begin&name=Llave&password=demostracion-vigia";
    let shared = post(&server, "/desk/account/passkeys", &boss.cookie, form);
    assert_eq!(shared.status(), 422);
    assert!(shared.text().contains("la comparten todos"), "{}", shared.text());
    let stranger = post(&server, "/desk/account/passkeys", "", form);
    assert!(stranger.header("location").starts_with("/desk/sign-in"), "{}", stranger.status());
}

#[test]
fn page_of_the_second_factor_leads_back_into_the_own_account_alone() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let page = agent.get("/desk/account/proof?next=https://evil.example/");
    assert_eq!(page.status(), 200);
    // An account without a second factor has none to give.
    let page = page.text();
    assert!(page.contains("href=\"/desk/account\" class=\"button button--main\"") && page.contains("Confirmado"), "{page}");
    assert!(!page.contains(".wasm"), "no bundle");
    let shared = post(&server, "/desk/account/proof", &agent.cookie, "code=000000&next=%2Fdesk%2Faccount");
    assert_eq!(shared.status(), 422);
    assert!(shared.text().contains("la comparten todos"), "{}", shared.text());
    let stranger = post(&server, "/desk/account/proof", "", "code=000000");
    assert!(stranger.header("location").starts_with("/desk/sign-in"), "{}", stranger.status());
}

#[test]
fn limits_of_sessions_are_settled_by_a_plain_form() {
    let server = Server::start(Demo::On);
    let boss = Person::sign_in(&server, ADMINISTRATOR);
    let path = "/desk/admin/sessions";
    let page = boss.get(path).text();
    assert!(page.contains("name=\"idle-agent\"") && page.contains("value=\"120\""), "{page}");
    let form = |minutes: &str| {
        ["agent", "technician", "supervisor", "administrator"]
            .map(|role| format!("idle-{role}={minutes}&longest-{role}=8"))
            .join("&")
    };
    for wrong in ["4", "121", "", "media+hora"] {
        let refused = post(&server, path, &boss.cookie, &form(wrong));
        assert_eq!(refused.status(), 422, "{wrong}");
        assert!(refused.text().contains("de 5 a 120"), "{wrong}");
    }
    let saved = post(&server, path, &boss.cookie, &form("30"));
    assert_eq!((saved.status(), saved.header("location").as_str()), (303, "/desk/admin/sessions?done=saved"));
    assert!(boss.get(path).text().contains("value=\"30\""));
    let supervisor = Person::sign_in(&server, "supervisor@vigia.example");
    assert_eq!(post(&server, path, &supervisor.cookie, &form("30")).status(), 403);
}
