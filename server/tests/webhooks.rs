//! Webhooks over the real binary: a receiver on this machine verifies what it gets.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use support::client::{Client, FORM};
use support::schema::Document;
use support::{Demo, Server, open_case, until};

const PAGE: &str = "/desk/admin/webhooks";
const EVENTS: &str = "&event_opened=yes&event_contacted=yes&event_priority_changed=yes";
const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A request as it came.
struct Request {
    head: String,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap_or_else(|| panic!("no {name}")).1
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether one of the signatures is of this secret, as a library of Standard Webhooks verifies it.
    fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed =
            format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        self.header("webhook-signature").split(' ').any(|signature| {
            let code = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.chain_update(&signed).verify_slice(&code).is_ok()
        })
    }
}

/// A receiver, for as long as the test runs.
struct Listener {
    url: String,
    requests: Receiver<Request>,
    answer: Arc<Mutex<String>>,
}

impl Listener {
    fn open(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer.to_owned()));
        let (told, requests) = channel();
        let answering = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = Vec::new();
                let mut more = [0; 4096];
                loop {
                    let count = stream.read(&mut more).unwrap_or(0);
                    bytes.extend_from_slice(&more[..count]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let whole = text.split_once("\r\n\r\n").filter(|(head, body)| {
                        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
                        length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
                    });
                    if let Some((head, body)) = whole {
                        let _ = stream.write_all(answering.lock().unwrap().as_bytes());
                        if told.send(Request { head: head.to_owned(), body: body.to_owned() }).is_err() {
                            return;
                        }
                    }
                    if whole.is_some() || count == 0 {
                        break;
                    }
                }
            }
        });
        Self { url, requests, answer }
    }

    fn next(&self) -> Request {
        self.requests.recv().unwrap()
    }

    fn now_answers(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A server whose receivers stand on this machine.
fn server() -> Server {
    Server::start_with(Demo::On, &[("VIGIA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1")])
}

/// Adds a webhook; its secret.
fn add(administrator: &Client, url: &str) -> String {
    let added = administrator.post(PAGE, &format!("name=ERP&url={}&scope={EVENTS}", encoded(url)));
    let page = added.text();
    assert_eq!((added.status(), added.header("cache-control")), (200, "no-store".to_owned()), "{page}");
    secret(&page)
}

fn secret(page: &str) -> String {
    let rest = page.split_once("whsec_").unwrap_or_else(|| panic!("no secret in {page}")).1;
    format!("whsec_{}", rest.split('<').next().unwrap())
}

#[test]
fn case_is_told_signed_in_the_shape_of_the_api() {
    let server = server();
    let administrator = Client::staff(&server, "administracion");
    let receiver = Listener::open(TAKEN);
    let secret = add(&administrator, &receiver.url);
    let tracking = open_case(&server, "0123456789abcdef0301");
    let number = tracking.split('-').next().unwrap();
    let request = receiver.next();
    assert!(request.is_signed_by(&secret) && !request.is_signed_by("whsec_AAAA"));
    assert!(request.header("webhook-id").starts_with("msg_"));
    assert_eq!(request.header("content-type"), "application/json");
    let told = request.json();
    assert_eq!((&told["type"], &told["version"]), (&"case.opened".into(), &1.into()));
    assert_eq!(told["data"]["case"]["number"], number);
    assert_eq!(told["data"]["entry"]["kind"], "opened");
    assert_eq!(told["timestamp"], told["data"]["case"]["opened_at"]);

    let answer = server.ask("GET", "/api/v1/openapi.json", "", b"");
    let document = Document(serde_json::from_str(&answer.text()).unwrap());
    let schema_of = |kind: &str| {
        document.0["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"].clone()
    };
    let problems = document.problems(&schema_of("case.opened"), &told);
    assert!(problems.is_empty(), "{problems:#?}");

    // What the API gives, and no more: the case as a token reads it.
    let token = server.run(&["token", "add", "--name", "ERP", "--grant", "read_cases"]);
    let head = format!("Authorization: Bearer {}\r\n", token.lines().last().unwrap());
    let read: Value =
        serde_json::from_str(&server.ask("GET", &format!("/api/v1/cases/{number}"), &head, b"").text())
            .unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&read), names(&told["data"]["case"]));
    assert_eq!(read["contact"], told["data"]["case"]["contact"]);

    let agent = Client::staff(&server, "agente");
    assert_eq!(agent.work(number, 1, &support::client::priority("P1")).status(), 200);
    let changed = receiver.next().json();
    assert_eq!(
        (&changed["type"], &changed["data"]["case"]["version"]),
        (&"case.priority_changed".into(), &2.into())
    );
    let problems = document.problems(&schema_of("case.priority_changed"), &changed);
    assert!(problems.is_empty(), "{problems:#?}");

    let page = until("the delivery on the page", || {
        Some(administrator.get(&format!("{PAGE}/1")).text())
            .filter(|page| page.matches("HTTP 204").count() >= 3)
    });
    assert!(page.contains(request.header("webhook-id")), "{page}");
    assert!(!page.contains(&secret), "a secret is shown once");
    assert!(!server.log().contains(&secret));
}

#[test]
fn administrator_adds_tests_pauses_rotates_and_removes_a_webhook() {
    let server = server();
    let administrator = Client::staff(&server, "administracion");
    let wrong = administrator.post(PAGE, "name=&url=hooks&scope=ZZ");
    assert_eq!(wrong.status(), 422);
    for part in [
        "id=\"name-error\"",
        "id=\"url-error\"",
        "id=\"scope-error\"",
        "id=\"events-error\"",
        "value=\"hooks\"",
    ] {
        assert!(wrong.text().contains(part), "{part} in {}", wrong.text());
    }
    let receiver = Listener::open("HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\n<b>sin luz</");
    let first = add(&administrator, &receiver.url);
    let again = administrator.post(PAGE, &format!("name=ERP&url={}&scope={EVENTS}", encoded(&receiver.url)));
    assert_eq!(again.status(), 422);
    assert!(
        again.text().contains("id=\"name-error\"") && !again.text().contains("whsec_"),
        "{}",
        again.text()
    );
    let one = format!("{PAGE}/1");
    let deed = |deed: &str| administrator.post(&one, &format!("deed={deed}"));
    let done = |name: &str| {
        let answer = deed(name);
        assert_eq!((answer.status(), answer.header("location")), (303, format!("{one}?deed={name}")));
        assert_eq!(administrator.get(&answer.header("location")).status(), 200);
    };
    done("test");
    let test = receiver.next();
    assert_eq!(test.json()["type"], "test");
    assert!(test.is_signed_by(&first));
    let page = until("the failure on the page", || {
        Some(administrator.get(&one).text()).filter(|page| page.contains("HTTP 500"))
    });
    assert!(page.contains("&lt;b&gt;sin luz&lt;/") && !page.contains("<b>sin luz"), "{page}");

    receiver.now_answers(TAKEN);
    assert!(administrator.get(&one).text().contains("name=\"rotated\" value=\"0\""));
    let rotated = deed("rotate&rotated=0");
    let second = secret(&rotated.text());
    assert_eq!(rotated.status(), 200);
    // The page is loaded once more, and the browser sends its form again.
    let reloaded = deed("rotate&rotated=0");
    assert_eq!((reloaded.status(), reloaded.header("location")), (303, one.clone()));
    done("pause");
    assert_eq!(deed("pause").status(), 404);
    open_case(&server, "0123456789abcdef0302");
    done("resume");
    // The test that failed is tried again, and the case that was opened in the pause is told.
    let told = [receiver.next(), receiver.next()];
    assert!(told.iter().all(|request| request.is_signed_by(&first) && request.is_signed_by(&second)));
    assert!(told.iter().any(|request| request.json()["type"] == "case.opened"));
    assert!(told.iter().any(|request| request.header("webhook-id") == test.header("webhook-id")));
    assert_eq!(deed("replay_all").status(), 404, "no dead letter");
    let removed = deed("remove");
    assert_eq!((removed.status(), removed.header("location")), (303, format!("{PAGE}?deed=remove")));
    assert_eq!(administrator.get(&one).status(), 404);
    assert_eq!(deed("test").status(), 404);
    assert_eq!(administrator.post(&format!("{PAGE}/x"), "deed=test").status(), 404);
    assert_eq!(deed("dance").status(), 404);
}

#[test]
fn channels_of_chat_programs_are_told_in_their_formats_and_settings_are_changed() {
    let server = server();
    let administrator = Client::staff(&server, "administracion");
    let (slack, teams, mattermost) = (
        Listener::open("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        Listener::open("HTTP/1.1 202 Accepted\r\n\r\n"),
        Listener::open("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
    let dials = format!("name=x&url={}&scope=&format=slack&language=en{EVENTS}", encoded(&slack.url));
    let refused = administrator.post(PAGE, &format!("{dials}&event_call_requested=yes"));
    assert_eq!(refused.status(), 422);
    assert!(
        refused.text().contains("id=\"events-error\"") && refused.text().contains("formato firmado"),
        "{}",
        refused.text()
    );
    for (format, listener) in [("slack", &slack), ("teams", &teams), ("mattermost", &mattermost)] {
        let form = format!(
            "name={format}&url={}&scope=&format={format}&language=en{EVENTS}",
            encoded(&format!("{}/T0/secreto", listener.url))
        );
        let added = administrator.post(PAGE, &form);
        assert_eq!(added.status(), 303, "no secret is shown: {}", added.text());
        let page = administrator.get(&added.header("location")).text();
        assert!(page.contains("http://127.0.0.1:") && !page.contains("/T0/secreto</"), "{page}");
        assert!(
            !administrator.get(PAGE).text().contains("/T0/secreto"),
            "an address of a channel is a secret"
        );
    }
    let tracking = open_case(&server, "0123456789abcdef0305");
    let number = tracking.split('-').next().unwrap();
    let link = format!("/desk/cases/{number}");
    let told = slack.next().json();
    assert!(told["text"].as_str().unwrap().ends_with("case opened"), "{told}");
    let blocks = told["blocks"].as_array().unwrap();
    assert!(blocks.iter().all(|block| block["type"] == "section"), "{told}");
    assert!(blocks[0]["text"]["text"].as_str().unwrap().contains(&format!("{link}|")), "{told}");
    let fields = blocks[1]["fields"].as_array().unwrap();
    assert!(fields.len() <= 10 && fields.iter().all(|field| field["verbatim"] == true), "{told}");
    let due = fields.iter().find(|field| field["text"].as_str().unwrap().starts_with("*Due*")).unwrap();
    assert!(due["text"].as_str().unwrap().contains("UTC-04:00"), "{due}");
    for private in ["ana@", "Ana Rivas"] {
        assert!(!told.to_string().contains(private), "{private} in {told}");
    }
    let card = teams.next().json();
    let content = &card["attachments"][0]["content"];
    assert_eq!((&card["type"], &content["type"]), (&"message".into(), &"AdaptiveCard".into()));
    assert!(content["actions"][0]["url"].as_str().unwrap().ends_with(&link), "{card}");
    let text = mattermost.next().json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains(&link) && !text.contains('@'), "{text}");

    // The webhook of Mattermost becomes one of the desk's own format, elsewhere.
    let receiver = Listener::open(TAKEN);
    let one = format!("{PAGE}/3");
    let change = |revision: u32, url: &str| {
        let fields =
            format!("deed=edit&revision={revision}&name=ERP&url={}&scope=VE&format=standard", encoded(url));
        administrator.post(&one, &format!("{fields}&language=es&event_opened=yes"))
    };
    let refused = change(0, "https://10.0.0.1/x");
    assert_eq!(refused.status(), 422);
    assert!(
        refused.text().contains("id=\"url-error\"") && refused.text().contains("10.0.0.1"),
        "{}",
        refused.text()
    );
    let changed = change(0, &receiver.url);
    assert_eq!((changed.status(), changed.header("location")), (303, format!("{one}?deed=edit")));
    let stale = change(0, &slack.url);
    assert_eq!(stale.status(), 422, "the form saw less than there is");
    let sees = |page: &str, revision: u32| page.contains(&format!("name=\"revision\" value=\"{revision}\""));
    assert!(sees(&stale.text(), 1), "it was told: {}", stale.text());
    let wrong = change(0, "https://10.0.0.1/x").text();
    assert!(sees(&wrong, 0), "it was not told yet: {wrong}");
    let history = administrator.get(&one).text();
    assert!(history.contains("mattermost") && history.contains(" → "), "{history}");
    assert_eq!(administrator.post(&one, "deed=test").status(), 303);
    assert_eq!(receiver.next().json()["type"], "test");
}

#[test]
fn webhooks_are_for_administrators_alone() {
    let server = server();
    let receiver = Listener::open(TAKEN);
    add(&Client::staff(&server, "administracion"), &receiver.url);
    let supervisor = Client::staff(&server, "supervisor");
    let form = format!("name=ERP&url={}&scope={EVENTS}", encoded(&receiver.url));
    for path in [PAGE.to_owned(), format!("{PAGE}/1")] {
        assert_eq!(supervisor.get(&path).status(), 403, "{path}");
        assert_eq!(Client::stranger(&server).post(&path, &form).status(), 303, "{path}");
        let foreign = format!("{FORM}Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n");
        assert_eq!(server.ask("POST", &path, &foreign, form.as_bytes()).status(), 403, "{path}");
    }
    assert_eq!(supervisor.post(PAGE, &form).status(), 403);
    for deed in ["test", "edit", "pause", "resume", "rotate", "remove", "replay_all"] {
        assert_eq!(supervisor.post(&format!("{PAGE}/1"), &format!("deed={deed}")).status(), 403, "{deed}");
    }
}

#[test]
fn address_of_the_provider_own_network_is_refused_and_gets_no_connection() {
    let server = Server::start(Demo::On);
    let administrator = Client::staff(&server, "administracion");
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let port = canary.local_addr().unwrap().port();
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("http://127.0.0.1:{port}/"),
    ] {
        let refused = administrator.post(PAGE, &format!("name=ERP&url={}&scope={EVENTS}", encoded(&url)));
        assert_eq!(refused.status(), 422, "{url}");
        assert!(refused.text().contains("id=\"url-error\""), "{url}");
    }
    assert!(canary.accept().is_err(), "no connection");
}

#[test]
fn network_that_is_no_longer_allowed_gets_no_connection() {
    let server = server();
    let receiver = Listener::open(TAKEN);
    add(&Client::staff(&server, "administracion"), &receiver.url);
    let server = server.restart(Demo::On, &[]);
    let administrator = Client::staff(&server, "administracion");
    assert_eq!(administrator.post(&format!("{PAGE}/1"), "deed=test").status(), 303);
    until("the refusal on the page", || {
        Some(administrator.get(&format!("{PAGE}/1")).text())
            .filter(|page| page.contains("dirección no permitida"))
    });
    assert!(receiver.requests.try_recv().is_err());
}
