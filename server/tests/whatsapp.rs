//! WhatsApp Business over the real binary: a stand-in on this machine takes the place of the Graph API.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use support::client::Client;
use support::{Answer, Demo, Server, until};

const PAGE: &str = "/desk/admin/whatsapp";
const NUMBER_ID: &str = "106540352242922";
const TOKEN: &str = "EAAG-access-token";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// A number that no case of the demonstration has.
const CUSTOMER: &str = "584145550199";

/// The stand-in, for as long as the test runs.
struct Graph {
    url: String,
    posted: Receiver<Value>,
    answer: Arc<Mutex<(u16, Value)>>,
}

impl Graph {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v23.0", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((200, json!({ "messages": [{ "id": "wamid.OURS" }] }))));
        let (told, posted) = channel();
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
                        body.len() >= length.map_or(0, |length| length.parse::<usize>().unwrap())
                    });
                    if let Some((head, body)) = whole {
                        assert!(head.contains(&format!("Authorization: Bearer {TOKEN}")), "{head}");
                        let (status, said) = if head.starts_with("POST ") {
                            let (status, said) = answering.lock().unwrap().clone();
                            let _ = told.send(serde_json::from_str(body).unwrap());
                            (status, said)
                        } else {
                            (
                                200,
                                json!({ "verified_name": "Vigía", "display_phone_number": "+58 212 555 0100" }),
                            )
                        };
                        let said = said.to_string();
                        let length = said.len();
                        let _ = write!(
                            stream,
                            "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n\r\n{said}"
                        );
                    }
                    if whole.is_some() || count == 0 {
                        break;
                    }
                }
            }
        });
        Self { url, posted, answer }
    }

    fn now_answers(&self, status: u16, said: Value) {
        *self.answer.lock().unwrap() = (status, said);
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn server() -> Server {
    Server::start_with(Demo::On, &[("VIGIA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1")])
}

fn form(url: &str, more: &str) -> String {
    format!("name=Mesa&phone_number_id={NUMBER_ID}&graph_url={}&scope={more}", encoded(url))
}

/// Adds a number; the address of its page.
fn add(administrator: &Client, graph: &Graph) -> String {
    let secrets =
        format!("&access_token={TOKEN}&app_secret={SECRET}&template_es=aviso_de_caso&code_es=es_MX");
    let added = administrator.post(PAGE, &form(&graph.url, &secrets));
    assert_eq!(added.status(), 303, "{}", added.text());
    added.header("location").split('?').next().unwrap().to_owned()
}

fn signature(body: &[u8]) -> String {
    let mac =
        Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(body).finalize().into_bytes();
    domain::hex::hex(&mac)
}

fn post(server: &Server, hook: &str, body: &[u8], signature: &str) -> Answer {
    let head = format!("Content-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\n");
    server.ask("POST", hook, &head, body)
}

fn payload(id: &str, text: &str, at_s: u64) -> Vec<u8> {
    let message = json!({
        "from": CUSTOMER, "id": id, "timestamp": at_s.to_string(), "type": "text", "text": { "body": text },
    });
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "582125550100", "phone_number_id": NUMBER_ID },
        "contacts": [{ "profile": { "name": "Ana Rivas" }, "wa_id": CUSTOMER }],
        "messages": [message],
    });
    let changes = json!([{ "field": "messages", "value": value }]);
    let whole =
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] });
    whole.to_string().into_bytes()
}

fn now_s() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Opens a case of the customer; its number, once it is found by the telephone.
fn open(server: &Server, agent: &Client) -> String {
    let report = format!(
        "key=0123456789abcdef0401&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2&platform=network\
         &country=VE&location=Torre+Avila&contact_same=yes&contact_phone=%2B{CUSTOMER}\
         &contact_mail=ana%40cumbre.example&fault=El+conmutador+se+apaga+solo.&severity=high&urgency=high"
    );
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let opened = server.ask("POST", "/", kind, report.as_bytes());
    assert_eq!(opened.status(), 303, "{}", opened.text());
    let tracking = opened.header("location").rsplit('/').next().unwrap().to_owned();
    let number = tracking.split('-').next().unwrap().to_owned();
    until("the case by its telephone", || {
        agent.get(&format!("/desk/search?q=%2B{CUSTOMER}")).text().contains(&number).then_some(())
    });
    number
}

#[test]
fn message_is_in_its_case_and_the_answer_goes_out() {
    let (server, graph) = (server(), Graph::open());
    let administrator = Client::staff(&server, "administracion");
    let agent = Client::staff(&server, "agente");
    let page = add(&administrator, &graph);
    let hook = format!("/hooks/whatsapp/{}", page.rsplit('/').next().unwrap());
    let number = open(&server, &agent);

    let body = payload("wamid.A", "Sigue sin <b>red</b>", now_s());
    assert_eq!(post(&server, &hook, &body, "00").status(), 401);
    assert_eq!(post(&server, &hook, &body, &signature(b"other")).status(), 401);
    assert_eq!(server.ask("POST", &hook, "Content-Type: application/json\r\n", &body).status(), 401);
    let file = format!("/desk/cases/{number}");
    assert!(!agent.get(&file).text().contains("Sigue sin"));
    for _ in 0..2 {
        assert_eq!(post(&server, &hook, &body, &signature(&body)).status(), 200);
    }
    let other = payload("wamid.B", "Otra vez", now_s());
    assert_eq!(post(&server, &hook, &other, &signature(&other)).status(), 200);
    let shown = agent.get(&file).text();
    assert!(shown.contains("Sigue sin &lt;b&gt;red") && shown.contains("WhatsApp"), "{shown}");
    for wrong in [&b"{"[..], b"{}", br#"{"object":"page","entry":[]}"#] {
        assert_eq!(post(&server, &hook, wrong, &signature(wrong)).status(), 400);
    }
    assert_eq!(post(&server, "/hooks/whatsapp/99", &body, &signature(&body)).status(), 404);

    graph.now_answers(
        400,
        json!({ "error": { "message": "Message undeliverable", "code": 131_026, "type": "OAuthException" } }),
    );
    let update = json!({ "talk": { "give_news": { "text": "Vamos en camino.", "next": null } } });
    let sent = agent.work(&number, 3, &update);
    assert_eq!(sent.status(), 200, "{}", sent.text());
    let posted = graph.posted.recv().unwrap();
    assert_eq!((&posted["to"], &posted["type"]), (&CUSTOMER.into(), &"text".into()));
    assert!(posted["text"]["body"].as_str().unwrap().ends_with("Vamos en camino."));
    until("the failure on the case's page", || {
        agent.get(&file).text().contains("Message undeliverable (131026)").then_some(())
    });

    // What was not delivered is sent again by hand.
    let listed = administrator.get(&page).text();
    assert!(!listed.contains(TOKEN) && !listed.contains(SECRET), "secrets are not shown");
    graph.now_answers(200, json!({ "messages": [{ "id": "wamid.OURS" }] }));
    let again = administrator.post(&page, "deed=replay");
    assert_eq!((again.status(), again.header("location")), (303, format!("{page}?deed=replay")));
    assert_eq!(graph.posted.recv().unwrap()["biz_opaque_callback_data"], posted["biz_opaque_callback_data"]);
    until("the update as sent", || agent.get(&file).text().contains("WhatsApp: enviado").then_some(()));
    assert!(!server.log().contains(TOKEN) && !server.log().contains(SECRET));
}

#[test]
fn customer_who_wrote_days_ago_gets_a_template() {
    let (server, graph) = (server(), Graph::open());
    let administrator = Client::staff(&server, "administracion");
    let agent = Client::staff(&server, "agente");
    let page = add(&administrator, &graph);
    let hook = format!("/hooks/whatsapp/{}", page.rsplit('/').next().unwrap());
    let number = open(&server, &agent);
    let body = payload("wamid.A", "Sigue sin red", now_s() - 2 * 86_400);
    assert_eq!(post(&server, &hook, &body, &signature(&body)).status(), 200);
    let update = json!({ "talk": { "give_news": { "text": "Llegó el repuesto.", "next": null } } });
    assert_eq!(agent.work(&number, 2, &update).status(), 200);
    let posted = graph.posted.recv().unwrap();
    assert_eq!(posted["template"]["name"], "aviso_de_caso");
    assert_eq!(posted["template"]["language"]["code"], "es_MX");
    until("the template on the case's page", || {
        agent.get(&format!("/desk/cases/{number}")).text().contains("plantilla").then_some(())
    });
}

#[test]
fn administrator_adds_tests_switches_and_removes_a_number() {
    let (server, graph) = (server(), Graph::open());
    let administrator = Client::staff(&server, "administracion");
    assert_eq!(Client::staff(&server, "agente").post(PAGE, &form(&graph.url, "")).status(), 403);
    let wrong = administrator.post(
        PAGE,
        "name=&phone_number_id=%2B58&graph_url=graph&scope=ZZ&access_token=x&app_secret=&template_es=Aviso",
    );
    assert_eq!(wrong.status(), 422);
    for part in ["name", "phone_number_id", "graph_url", "scope", "access_token", "template_es"] {
        assert!(wrong.text().contains(&format!("id=\"{part}-error\"")), "{part} in {}", wrong.text());
    }
    let without = administrator.post(PAGE, &form(&graph.url, ""));
    assert!(without.status() == 422 && without.text().contains("id=\"access_token-error\""));
    let page = add(&administrator, &graph);
    let hook = format!("/hooks/whatsapp/{}", page.rsplit('/').next().unwrap());
    let shown = administrator.get(&page).text();
    let token = shown
        .split_once("Token de verificación")
        .unwrap()
        .1
        .split(|c: char| !c.is_ascii_hexdigit())
        .find(|word| word.len() == 32)
        .unwrap_or_else(|| panic!("no verify token in {shown}"))
        .to_owned();
    let asked = |token: &str, mode: &str| {
        let query = format!("hub.mode={mode}&hub.verify_token={token}&hub.challenge=1158201444");
        server.ask("GET", &format!("{hook}?{query}"), "", b"")
    };
    let right = asked(&token, "subscribe");
    assert_eq!((right.status(), right.text()), (200, "1158201444".to_owned()));
    assert_eq!(asked("00", "subscribe").status(), 403);
    assert_eq!(asked(&token, "other").status(), 403);
    assert_eq!(server.ask("GET", "/hooks/whatsapp/x", "", b"").status(), 404);

    let deed = |deed: &str| administrator.post(&page, &format!("deed={deed}"));
    assert_eq!(deed("test").status(), 303);
    assert!(administrator.get(&page).text().contains("Vigía +58 212 555 0100"));
    assert_eq!(deed("off").status(), 303);
    let body = payload("wamid.A", "Hola", now_s());
    assert_eq!(post(&server, &hook, &body, &signature(&body)).status(), 404, "it comes again");
    assert_eq!(deed("test").status(), 404);
    assert_eq!(deed("on").status(), 303);
    assert_eq!(post(&server, &hook, &body, &signature(&body)).status(), 200);
    let waiting = Client::staff(&server, "agente").get("/desk/triage").text();
    assert!(waiting.contains("Hola") && waiting.contains("Remitente sin verificar"), "{waiting}");
    assert_eq!(deed("remove").status(), 303);
    assert!(!administrator.get(PAGE).text().contains(NUMBER_ID));
}
