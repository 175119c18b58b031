//! Forms that are sent without a script: what cannot be taken comes back on its page, with everything that was typed.

mod support;

use serde_json::json;
use support::{Answer, Demo, Person, Server, open_case};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn post(server: &Server, path: &str, body: &str) -> Answer {
    server.ask("POST", path, FORM, body.as_bytes())
}

/// That an answer is a whole page with this status, which holds all of `parts`.
#[track_caller]
fn is_page(answer: &Answer, status: u16, parts: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status(), status, "{page}");
    for part in ["<!DOCTYPE html>", "</html>"].iter().chain(parts) {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn invalid_amendment_returns_its_input_and_field_error() {
    let server = Server::start(Demo::Off);
    let case = format!("/track/{}", open_case(&server, "0123456789abcdef0123"));
    let path = format!("{case}/amend");
    let wrong = post(
        &server,
        &path,
        "seen=1&name=Ana+Rivas+Mora&phone=12&second=&mail=ana%40&fault=Cambia+%3C%2Ftextarea%3E%3Cb+id%3D%22out%22%3E&reason=Me+equivoqu%C3%A9",
    );
    is_page(
        &wrong,
        422,
        &[
            "<details open class=\"card\">",
            "id=\"amend-phone-error\"",
            "id=\"amend-mail-error\"",
            "value=\"Ana Rivas Mora\"",
            "value=\"12\"",
            "value=\"ana@\"",
            "value=\"Me equivoqué\"",
            "name=\"seen\" value=\"1\"",
            "Cambia &lt;/textarea>&lt;b id=\"out\">",
        ],
    );
    assert!(!wrong.text().contains("<b id=\"out\">"), "what was typed is text");
    assert!(!wrong.text().contains("id=\"amend-name-error\""), "what is right has no error");
    is_page(&server.ask("GET", &path, "", b""), 200, &["id=\"amend-phone\""]);
    let right = post(
        &server,
        &path,
        "seen=1&name=Ana+Rivas&phone=0212+555+0177&second=&mail=ana%40cumbre.example\
         &fault=El+conmutador+se+apaga+solo.&reason=Otro+n%C3%BAmero",
    );
    assert_eq!((right.status(), right.header("location")), (303, case), "{}", right.text());
}

#[test]
fn refused_case_forms_return_their_input() {
    let server = Server::start(Demo::Off);
    let case = format!("/track/{}", open_case(&server, "0123456789abcdef0123"));
    let long = "muy+largo+".repeat(500);
    let shown = long.replace('+', " ");
    is_page(
        &post(&server, &format!("{case}/message"), &format!("text={long}")),
        422,
        &["id=\"message-error\"", &shown],
    );
    is_page(
        &post(&server, &format!("{case}/cancel"), "reason=Ya+no+hace+falta"),
        422,
        &["id=\"cancel-confirmed-error\"", "value=\"Ya no hace falta\""],
    );
    // There is nothing to answer yet, and no field for it: the page tells what was written.
    is_page(
        &post(&server, &case, "answer=still_fails&said=Sigue+apagado"),
        422,
        &["Lo que usted escribió", "Sigue apagado"],
    );
    is_page(&post(&server, &case, "answer=works&said="), 422, &["El conmutador se apaga solo."]);
    // Once it is cancelled there is no field for a message any more.
    assert_eq!(post(&server, &format!("{case}/cancel"), "confirmed=yes").status(), 303);
    is_page(
        &post(&server, &format!("{case}/message"), "text=Una+cosa+m%C3%A1s"),
        422,
        &["Lo que usted escribió", "Una cosa más"],
    );
}

#[test]
fn invalid_visit_answer_returns_its_times_and_note() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let tracking = open_case(&server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap();
    let (_, technicians) = agent.call("technicians", &json!({}));
    let (_, queue) = agent
        .call("queue_page", &json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 }));
    let now = queue["snapshot"]["now"].as_i64().unwrap();
    let window = json!({ "from": now + 3600, "to": now + 7200 });
    let agree = json!({ "agree": {
        "meeting": { "window": window, "technician": technicians[0] },
        "word": { "who": "Ana Rivas", "channel": "phone" },
    } });
    let wish = json!({ "number": number, "seen": 1, "command": { "visit": agree } });
    assert_eq!(agent.call("work_case", &wish).0, 200);
    let wrong = post(
        &server,
        &format!("/track/{tracking}/visit"),
        "answer=propose&revision=1&from1=2020-03-17T14%3A30&minutes1=240&from2=&minutes2=60&note=Por+la+puerta+sur",
    );
    is_page(
        &wrong,
        422,
        &[
            "id=\"propose-error\"",
            "value=\"2020-03-17T14:30\"",
            "<option selected value=\"240\">",
            "Por la puerta sur",
        ],
    );
    let declined = post(
        &server,
        &format!("/track/{tracking}/visit"),
        &format!("answer=decline&revision=1&note={}", "no+".repeat(2000)),
    );
    is_page(&declined, 422, &["id=\"decline-note-error\"", &"no ".repeat(1999)]);
}

#[test]
fn rate_limited_message_returns_its_input() {
    let server = Server::start(Demo::Off);
    let case = format!("/track/{}", open_case(&server, "0123456789abcdef0123"));
    let question = json!({ "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "country": "VE" });
    let json = "Content-Type: application/json\r\n";
    let look_up = || server.ask("POST", "/api/offer", json, question.to_string().as_bytes()).status();
    assert!((0..2000).any(|_| look_up() == 429), "the address has used its allowance up");
    let refused = post(&server, &format!("{case}/message"), "text=Hay+humo+en+el+cuarto");
    is_page(&refused, 429, &["Hay humo en el cuarto", "Demasiadas consultas"]);
}
