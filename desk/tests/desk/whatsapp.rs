//! WhatsApp Business over the store, against a stand-in for its API: messages come in once and in their case, updates go out.

use desk::inbound::triage::{InboundId, join, list, read};
use desk::inbound::whatsapp::{TakeError, take};
use desk::store::Engine;
use desk::webhooks::whatsapp::{
    NewNumber, NumberError, Secrets, add_number, change_number, hook, is_verify_token, list_number_changes,
    read_number, remove_number, replay_updates, switch_off, switch_on, test_number, verify_token,
};
use desk::webhooks::{Egress, ReceiverUrl, UrlProblem};
use desk::{Desk, DeskError};
use domain::actor::{Actor, Role, Scope};
use domain::case::{Channel, Command, Event, MessageCommand, MessageEvent, Origin, PauseReason, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::time::Instant;
use domain::webhook::{WebhookId, WebhookName};
use domain::whatsapp::{
    ApiFailure, ApiSecret, GraphId, SentForm, SentState, SentUpdate, Template, Templates, UnsentReason,
    WINDOW_S, WhatsAppSetting,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::graph::Graph;
use crate::support::webhooks::{admin, deliver, with_register};
use crate::support::{
    TestDesk, a_case, both_engines, contact, count, execute, explain, note, page, reason, resolve, staff,
};

both_engines! {
    message_is_one_of_the_customer_once_and_ends_the_wait,
    numbers_that_fit_no_case_or_several_wait_for_triage,
    number_in_a_text_and_an_answer_count_for_the_contact_alone,
    update_goes_out_as_text_within_a_day_and_as_a_template_after_it,
    failures_and_reports_are_shown_on_the_update,
    file_is_kept_with_its_message_and_a_missing_one_is_told,
    signature_is_that_of_the_app_secret,
    number_is_changed_tested_switched_and_removed,
    number_of_another_country_has_no_case,
    erased_case_keeps_no_number,
    conversations_and_updates_are_served_by_indexes,
}

const PHONE_NUMBER_ID: &str = "106540352242922";
/// The contact's number of every case that these tests open.
const CONTACT: &str = "582125550142";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn settings(graph: &Graph, templates: Vec<Template>) -> NewNumber {
    NewNumber {
        name: WebhookName::parse("Mesa").unwrap(),
        phone_number_id: GraphId::parse(PHONE_NUMBER_ID).unwrap(),
        graph_url: ReceiverUrl::parse(&graph.url()).unwrap(),
        scope: Scope { country: None },
        templates: Templates::new(templates),
    }
}

fn secrets() -> Secrets {
    Secrets {
        access_token: ApiSecret::parse("EAAG-access-token").ok(),
        app_secret: ApiSecret::parse(SECRET).ok(),
    }
}

fn template() -> Template {
    Template::parse(Language::Es, "aviso_de_caso", "es_MX").unwrap().unwrap()
}

async fn number(at: &TestDesk, graph: &Graph, templates: Vec<Template>) -> WebhookId {
    add_number(&at.desk, &admin(), settings(graph, templates), secrets()).await.unwrap()
}

fn payload(messages: &Value, statuses: &Value) -> Vec<u8> {
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "582125550100", "phone_number_id": PHONE_NUMBER_ID },
        "contacts": [{ "profile": { "name": "Luis Peña" }, "wa_id": CONTACT }],
        "messages": messages,
        "statuses": statuses,
    });
    let changes = json!([{ "field": "messages", "value": value }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
        .to_string()
        .into_bytes()
}

fn message(id: &str, from: &str, at: Instant, text: &str) -> Value {
    json!({ "from": from, "id": id, "timestamp": at.0.to_string(), "type": "text", "text": { "body": text } })
}

async fn receive(desk: &Desk, id: WebhookId, messages: Value) -> Result<(), TakeError> {
    let hook = hook(desk, id).await.unwrap().unwrap();
    take(desk, &hook, &payload(&messages, &json!([]))).await
}

async fn says(at: &TestDesk, id: WebhookId, wamid: &str, from: &str, text: &str) {
    receive(&at.desk, id, json!([message(wamid, from, at.clock.now(), text)])).await.unwrap();
}

async fn report(desk: &Desk, id: WebhookId, status: Value) {
    let hook = hook(desk, id).await.unwrap().unwrap();
    take(desk, &hook, &payload(&json!([]), &json!([status]))).await.unwrap();
}

/// A case that the index knows.
async fn known_case(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    desk::search::catch_up(&at.desk).await.unwrap();
    number
}

/// The customer's messages of a case.
async fn messages(desk: &Desk, number: CaseNumber) -> Vec<String> {
    let told = |entry: &domain::case::Recorded| match &entry.event {
        Event::Message(MessageEvent::CustomerWrote { text }) => {
            assert_eq!(entry.origin, Origin::WhatsApp);
            Some(text.as_str().to_owned())
        }
        _ => None,
    };
    page(desk, number).await.history.iter().filter_map(told).collect()
}

async fn update(desk: &Desk, number: CaseNumber, text: &str) {
    let command = Command::Message(MessageCommand::SendUpdate { text: note(text), next: None });
    execute(desk, &staff(Role::Agent), number, command).await;
}

async fn sent(desk: &Desk, number: CaseNumber) -> Vec<SentUpdate> {
    page(desk, number).await.whatsapp
}

async fn message_is_one_of_the_customer_once_and_ends_the_wait(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let case = known_case(&at).await;
    execute(&at.desk, &staff(Role::Agent), case, contact()).await;
    let until = at.desk.now().plus(86_400);
    let wait = Command::Pause {
        reason: PauseReason::Customer,
        detail: Some(reason("Falta el acta")),
        until,
        allowed_by: None,
    };
    execute(&at.desk, &staff(Role::Agent), case, wait).await;
    assert_eq!(page(&at.desk, case).await.status, Status::OnHold);
    let sent = json!([message("wamid.A", CONTACT, at.clock.now(), "El acta va en camino 👍")]);
    // WhatsApp sends twice, and two nodes take both at once.
    let other = at.another().await;
    let (ours, theirs) = tokio::join!(receive(&at.desk, id, sent.clone()), receive(&other, id, sent.clone()));
    assert!(ours.is_ok() && theirs.is_ok());
    receive(&at.desk, id, sent).await.unwrap();
    assert_eq!(messages(&at.desk, case).await, ["El acta va en camino 👍"]);
    assert_eq!(page(&at.desk, case).await.status, Status::InProgress, "the wait has ended");
    assert_eq!(count(&at, "SELECT COUNT(*) FROM inbound_mails").await, 1);
    let hook = hook(&at.desk, id).await.unwrap().unwrap();
    assert!(matches!(take(&at.desk, &hook, b"[]").await, Err(TakeError::Malformed)));
    other.close().await;
}

async fn numbers_that_fit_no_case_or_several_wait_for_triage(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let first = known_case(&at).await;
    says(&at, id, "wamid.A", "584145559999", &format!("Soy del caso {first}")).await;
    let second = known_case(&at).await;
    says(&at, id, "wamid.B", CONTACT, "Sigue sin red").await;
    let waiting = list(&at.desk, &staff(Role::Agent), 1).await.unwrap().rows;
    let told: Vec<_> = waiting
        .iter()
        .map(|line| (line.sender.as_str(), line.reason.unwrap().code(), line.channel))
        .collect();
    assert_eq!(
        told,
        [
            ("+582125550142", "several_cases", Channel::WhatsApp),
            ("+584145559999", "unverified_sender", Channel::WhatsApp),
        ]
    );
    assert!(messages(&at.desk, first).await.is_empty() && messages(&at.desk, second).await.is_empty());
    let shown = read(&at.desk, &staff(Role::Agent), waiting[0].id).await.unwrap();
    assert_eq!((shown.own.as_str(), shown.whole.trim()), ("Sigue sin red", "Sigue sin red"));
    // The contact's own message, and a stranger's as a note. The first begins a conversation.
    join(&at.desk, &staff(Role::Agent), waiting[0].id, second).await.unwrap();
    join(&at.desk, &staff(Role::Agent), waiting[1].id, first).await.unwrap();
    assert_eq!(messages(&at.desk, second).await, ["Sigue sin red"]);
    assert!(messages(&at.desk, first).await.is_empty());
    let again = join(&at.desk, &staff(Role::Agent), InboundId(waiting[0].id.0), second).await;
    assert!(matches!(again, Err(DeskError::Refused(_))));
    says(&at, id, "wamid.C", CONTACT, "¿Alguna novedad?").await;
    assert_eq!(messages(&at.desk, second).await, ["Sigue sin red", "¿Alguna novedad?"]);
    // Another country's spelling of the same number, and a kind that is not taken.
    let voice = json!([{ "from": CONTACT, "id": "wamid.D", "timestamp": at.clock.now().0.to_string(), "type": "audio" }]);
    receive(&at.desk, id, voice).await.unwrap();
    assert_eq!(messages(&at.desk, second).await[2], "[WhatsApp: audio; el sistema no lo recibe]");
}

async fn number_in_a_text_and_an_answer_count_for_the_contact_alone(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let (first, second) = (known_case(&at).await, known_case(&at).await);
    says(&at, id, "wamid.A", CONTACT, &format!("Del {first}: ya hay luz")).await;
    assert_eq!(messages(&at.desk, first).await.len(), 1);
    update(&at.desk, first, "Gracias, vamos a verificar.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    says(&at, id, "wamid.B", CONTACT, &format!("Del {second}: nada todavía")).await;
    assert_eq!(messages(&at.desk, second).await.len(), 1);
    let mut answer = message("wamid.C", CONTACT, at.clock.now(), "Listo");
    answer["context"] = json!({ "id": "wamid.OURS1" });
    receive(&at.desk, id, json!([answer.clone()])).await.unwrap();
    assert_eq!(messages(&at.desk, first).await.len(), 2);
    // The same answer from a number of no contact.
    answer["from"] = "584145559999".into();
    answer["id"] = "wamid.D".into();
    receive(&at.desk, id, json!([answer])).await.unwrap();
    assert_eq!(messages(&at.desk, first).await.len(), 2);
    assert_eq!(list(&at.desk, &staff(Role::Agent), 1).await.unwrap().rows.len(), 1);
}

async fn update_goes_out_as_text_within_a_day_and_as_a_template_after_it(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, vec![template()]).await;
    let case = known_case(&at).await;
    update(&at.desk, case, "Nadie escribió por WhatsApp.").await;
    assert_eq!(deliver(&at.desk).await, 0);
    says(&at, id, "wamid.A", CONTACT, "Sigue sin red").await;
    at.clock.advance(WINDOW_S - 1);
    update(&at.desk, case, "El técnico va en camino.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    let posted = graph.posted();
    assert_eq!((&posted[0]["to"], &posted[0]["type"]), (&CONTACT.into(), &"text".into()));
    let body = posted[0]["text"]["body"].as_str().unwrap();
    assert_eq!(body, format!("Caso {case}\nEl técnico va en camino."));
    assert_eq!(graph.tokens(), ["EAAG-access-token"]);
    at.clock.advance(1);
    update(&at.desk, case, "Llegó el repuesto.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    let sent_by_template = &graph.posted()[1];
    assert_eq!(sent_by_template["template"]["name"], "aviso_de_caso");
    assert_eq!(sent_by_template["template"]["language"]["code"], "es_MX");
    let parameters = &sent_by_template["template"]["components"][0]["parameters"];
    assert_eq!(parameters[0]["text"], case.to_string());
    assert!(parameters[1]["text"].as_str().unwrap().starts_with("El conmutador principal"));
    assert!(!sent_by_template.to_string().contains("repuesto"), "a template says no words of the agent");
    let forms: Vec<_> = sent(&at.desk, case).await.iter().map(|sent| (sent.state, sent.form)).collect();
    let taken = |form| (SentState::Sent, Some(form));
    assert_eq!(forms, [taken(SentForm::Text), taken(SentForm::Template)]);
    // The mails are sent besides.
    let mails = "SELECT COUNT(*) FROM outbox WHERE kind = 'news'";
    assert_eq!(count(&at, mails).await, 3);
    // A new message opens the window again, without a template as well.
    change_number(&at.desk, &admin(), id, 0, settings(&graph, Vec::new()), Secrets::default()).await.unwrap();
    update(&at.desk, case, "Sin plantilla.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    let last = sent(&at.desk, case).await.pop().unwrap();
    assert_eq!((last.state, last.failure), (SentState::Failed, Some(UnsentReason::NoTemplate)));
    assert_eq!(graph.posted().len(), 2, "nothing was posted");
}

async fn failures_and_reports_are_shown_on_the_update(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let case = known_case(&at).await;
    says(&at, id, "wamid.A", CONTACT, "Sigue sin red").await;
    // An error that passes is tried again.
    graph.refuses(500, 131_000, "Something went wrong");
    update(&at.desk, case, "Vamos en camino.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    let waits = sent(&at.desk, case).await.remove(0);
    let said = ApiFailure::new(131_000, "Something went wrong");
    assert_eq!((waits.state, waits.said), (SentState::Queued, Some(said)));
    graph.takes_as("wamid.OURS2");
    at.clock.advance(12);
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!(sent(&at.desk, case).await[0].state, SentState::Sent);
    assert_eq!(sent(&at.desk, case).await[0].said, None);
    report(&at.desk, id, json!({ "id": "wamid.OURS2", "status": "read" })).await;
    report(&at.desk, id, json!({ "id": "wamid.OURS2", "status": "delivered" })).await;
    assert_eq!(sent(&at.desk, case).await[0].state, SentState::Read, "an earlier report changes nothing");
    // One that does not pass ends at once, and is sent again by hand.
    graph.refuses(400, 131_026, "Message undeliverable");
    update(&at.desk, case, "Otra novedad.").await;
    assert_eq!(deliver(&at.desk).await, 1);
    let failed = sent(&at.desk, case).await.remove(1);
    assert_eq!((failed.state, failed.failure), (SentState::Failed, Some(UnsentReason::Refused)));
    assert_eq!(failed.said, Some(ApiFailure::new(131_026, "Message undeliverable")));
    assert_eq!(read_number(&at.desk, &admin(), id).await.unwrap().dead, 1);
    graph.takes_as("wamid.OURS3");
    assert_eq!(replay_updates(&at.desk, &admin(), id).await.unwrap(), 1);
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!(sent(&at.desk, case).await[1].state, SentState::Sent);
    // It is taken, and fails later: the report names what was sent along.
    let token = graph.posted().last().unwrap()["biz_opaque_callback_data"].clone();
    let errors = json!([{ "code": 131_047, "title": "Re-engagement message" }]);
    let failure =
        json!({ "id": "wamid.X", "status": "failed", "biz_opaque_callback_data": token, "errors": errors });
    report(&at.desk, id, failure).await;
    let failed = sent(&at.desk, case).await.remove(1);
    assert_eq!(failed.said, Some(ApiFailure::new(131_047, "Re-engagement message")));
}

async fn file_is_kept_with_its_message_and_a_missing_one_is_told(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let case = known_case(&at).await;
    let document = |wamid: &str, name: &str| {
        json!([{
            "from": CONTACT, "id": wamid, "timestamp": at.clock.now().0.to_string(), "type": "document",
            "document": { "id": "1479537139650973", "filename": name, "caption": "El acta" },
        }])
    };
    // WhatsApp is not reached: the message comes again, and nothing is lost.
    graph.gives(503, b"");
    let refused = receive(&at.desk, id, document("wamid.A", "acta.pdf")).await;
    assert!(matches!(refused, Err(TakeError::Later)));
    assert!(messages(&at.desk, case).await.is_empty());
    graph.gives(200, b"%PDF-1.4 acta");
    receive(&at.desk, id, document("wamid.A", "acta.pdf")).await.unwrap();
    assert_eq!(messages(&at.desk, case).await, ["El acta"]);
    let files = page(&at.desk, case).await.files;
    let named: Vec<_> = files.iter().flat_map(|of| &of.files).map(|file| file.name.as_str()).collect();
    assert_eq!(named, ["acta.pdf"]);
    graph.gives(404, b"");
    receive(&at.desk, id, document("wamid.B", "foto.pdf")).await.unwrap();
    assert!(messages(&at.desk, case).await[1].contains("no fue posible obtener el archivo «foto.pdf»"));
    // A program is told by its name, and not kept.
    graph.gives(200, b"MZ program");
    receive(&at.desk, id, document("wamid.C", "factura.exe")).await.unwrap();
    assert!(messages(&at.desk, case).await[2].contains("factura.exe"));
    assert_eq!(page(&at.desk, case).await.files.len(), 1);
}

async fn signature_is_that_of_the_app_secret(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let hook = hook(&at.desk, id).await.unwrap().unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())
        .unwrap()
        .chain_update(b"{}")
        .finalize()
        .into_bytes();
    let code = domain::hex::hex(&mac);
    assert!(hook.is_signed(&format!("sha256={code}"), b"{}"));
    for wrong in [
        String::new(),
        code.clone(),
        "sha256=".into(),
        format!("sha1={code}"),
        format!("sha256={}", &code[..62]),
    ] {
        assert!(!hook.is_signed(&wrong, b"{}"), "{wrong}");
    }
    assert!(!hook.is_signed(&format!("sha256={code}"), b"{ }"));
    assert!(is_verify_token(&at.desk, id, &verify_token(&at.desk, id)));
    assert!(!is_verify_token(&at.desk, WebhookId(id.0 + 1), &verify_token(&at.desk, id)));
    assert!(!format!("{hook:?}").contains(SECRET));
}

async fn number_is_changed_tested_switched_and_removed(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let missing = add_number(&at.desk, &admin(), settings(&graph, Vec::new()), Secrets::default()).await;
    assert!(matches!(missing, Err(NumberError::NoSecrets)));
    let agent = add_number(&at.desk, &staff(Role::Agent), settings(&graph, Vec::new()), secrets()).await;
    assert!(matches!(agent, Err(NumberError::Desk(DeskError::NotPermitted(_)))));
    let id = number(&at, &graph, Vec::new()).await;
    let same = add_number(&at.desk, &admin(), settings(&graph, Vec::new()), secrets()).await;
    assert!(matches!(same, Err(NumberError::Same)));
    // Without the operator's word the desk does not connect there.
    let closed = at.desk.with_egress(Egress::default());
    let refused = add_number(&closed, &admin(), settings(&graph, Vec::new()), secrets()).await;
    assert!(matches!(refused, Err(NumberError::Url(UrlProblem::AddressRefused))));

    test_number(&at.desk, &admin(), id).await.unwrap();
    let tested = read_number(&at.desk, &admin(), id).await.unwrap().tested.unwrap();
    assert_eq!(tested.came.as_deref(), Ok("Vigía +58 212 555 0100"));

    let named = settings(&graph, vec![template()]);
    change_number(&at.desk, &admin(), id, 0, named.clone(), Secrets::default()).await.unwrap();
    let stale = NewNumber { name: WebhookName::parse("Otra").unwrap(), ..named.clone() };
    let stale = change_number(&at.desk, &admin(), id, 0, stale, Secrets::default()).await;
    assert!(matches!(stale, Err(NumberError::Changed)));
    let changes = list_number_changes(&at.desk, &admin(), id).await.unwrap();
    assert_eq!((changes.len(), changes[0].setting), (1, WhatsAppSetting::Templates));
    assert_eq!(changes[0].current, "aviso_de_caso (es_MX)");
    // The token goes to no other host unless it is given again.
    let other = Graph::open().await;
    let moved = settings(&other, vec![template()]);
    let without = change_number(&at.desk, &admin(), id, 1, moved.clone(), Secrets::default()).await;
    assert!(matches!(without, Err(NumberError::NoSecrets)));
    change_number(&at.desk, &admin(), id, 1, moved, secrets()).await.unwrap();

    let case = known_case(&at).await;
    says(&at, id, "wamid.A", CONTACT, "Sigue sin red").await;
    update(&at.desk, case, "Vamos.").await;
    switch_off(&at.desk, &admin(), id).await.unwrap();
    assert!(hook(&at.desk, id).await.unwrap().is_none());
    assert_eq!(deliver(&at.desk).await, 0);
    let given_up = sent(&at.desk, case).await.remove(0);
    assert_eq!((given_up.state, given_up.failure), (SentState::Failed, Some(UnsentReason::Off)));
    update(&at.desk, case, "Mientras está apagado.").await;
    assert_eq!(sent(&at.desk, case).await.len(), 1);
    switch_on(&at.desk, &admin(), id).await.unwrap();
    assert!(matches!(switch_on(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    remove_number(&at.desk, &admin(), id).await.unwrap();
    for table in [
        "SELECT COUNT(*) FROM whatsapp_numbers",
        "SELECT COUNT(*) FROM whatsapp_secrets",
        "SELECT COUNT(*) FROM whatsapp_conversations",
        "SELECT COUNT(*) FROM webhook_deliveries",
    ] {
        assert_eq!(count(&at, table).await, 0, "{table}");
    }
    assert_eq!(messages(&at.desk, case).await.len(), 1);
}

async fn number_of_another_country_has_no_case(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let of_colombia =
        NewNumber { scope: Scope { country: Some(Country::Co) }, ..settings(&graph, Vec::new()) };
    let id = add_number(&at.desk, &admin(), of_colombia, secrets()).await.unwrap();
    let case = known_case(&at).await;
    says(&at, id, "wamid.A", CONTACT, &format!("Del {case}")).await;
    assert!(messages(&at.desk, case).await.is_empty());
    assert_eq!(list(&at.desk, &staff(Role::Agent), 1).await.unwrap().rows.len(), 1);
}

async fn erased_case_keeps_no_number(engine: Engine) {
    let at = with_register(engine).await;
    let graph = Graph::open().await;
    let id = number(&at, &graph, Vec::new()).await;
    let case = known_case(&at).await;
    says(&at, id, "wamid.A", CONTACT, "Palabras muy personales").await;
    update(&at.desk, case, "Gracias.").await;
    let close = Command::CloseUnconfirmed { reason: reason("Sin respuesta") };
    for command in [contact(), resolve("Se cambió la fuente"), close] {
        execute(&at.desk, &staff(Role::Supervisor), case, command).await;
    }
    desk::retention::erase_case(&at.desk, &Actor::System, case, domain::case::ErasureReason::Request)
        .await
        .unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM whatsapp_conversations").await, 0);
    let rows = "SELECT COUNT(*) FROM inbound_mails WHERE sender LIKE '+%' OR body LIKE '%personales%'";
    assert_eq!(count(&at, rows).await, 0);
    // What was not sent yet is not sent, and what came in does not come in again.
    assert_eq!(deliver(&at.desk).await, 1);
    assert!(graph.posted().is_empty());
    says(&at, id, "wamid.A", CONTACT, "Palabras muy personales").await;
    assert_eq!(count(&at, rows).await, 0);
}

async fn conversations_and_updates_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&at).await;
    for (sql, index) in [
        (
            "SELECT case_number FROM whatsapp_conversations WHERE phone = '+587' AND number_id = 1
             ORDER BY wrote_utc_s DESC LIMIT 50",
            "whatsapp_conversations_by_phone",
        ),
        (
            "SELECT state FROM whatsapp_messages WHERE case_number = 'N7' ORDER BY version",
            "whatsapp_messages_by_case",
        ),
        ("SELECT id FROM whatsapp_messages WHERE delivery_id = 'msg_7'", "whatsapp_messages_by_delivery"),
        ("SELECT id FROM whatsapp_messages WHERE message_id = 'wamid.7'", "whatsapp_messages_by_message"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
