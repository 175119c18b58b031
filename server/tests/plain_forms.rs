//! Forms without a script: a refused form comes back on its page, with everything that was typed.

mod support;

use serde_json::json;
use support::client::limited;
use support::{Answer, Demo, Person, Server, open_case};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn post(server: &Server, path: &str, body: &str) -> Answer {
    server.ask("POST", path, FORM, body.as_bytes())
}

/// Asserts a whole page with this status that holds all of `parts`.
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
    // The case has no field for an answer yet: the page shows what was written.
    is_page(
        &post(&server, &case, "answer=still_fails&said=Sigue+apagado"),
        422,
        &["Lo que usted escribió", "Sigue apagado"],
    );
    is_page(&post(&server, &case, "answer=works&said="), 422, &["El conmutador se apaga solo."]);
    // A cancelled case has no field for a message.
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
    let refused = limited(|| post(&server, &format!("{case}/message"), "text=Hay+humo+en+el+cuarto"));
    is_page(&refused, 429, &["Hay humo en el cuarto", "Demasiadas consultas"]);
}

#[test]
fn a_correction_that_met_another_one_comes_back_upon_what_the_case_says_now() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let tracking = open_case(&server, "0123456789abcdef0123");
    let case = format!("/track/{tracking}");
    let amend = |seen: &str, phone: &str, mail: &str| {
        let form = format!(
            "seen={seen}&name=Ana+Rivas&phone={phone}&second=&mail={mail}%40cumbre.example\
             &fault=El+conmutador+se+apaga+solo.&reason=Cambi%C3%B3"
        );
        post(&server, &format!("{case}/amend"), &form)
    };
    assert_eq!(amend("1", "0212+555+0199", "ana").status(), 303, "the other one");
    let met = amend("1", "%2B58+212+555+0142", "ana.rivas");
    is_page(
        &met,
        422,
        &[
            "Otra persona cambió estos datos",
            "Esto cambió mientras usted escribía",
            "de +58 212 555 0142 a +58 212 555 0199",
            "value=\"+58 212 555 0199\"",
            "value=\"ana.rivas@cumbre.example\"",
            "value=\"Cambió\"",
        ],
    );
    let number = tracking.split('-').next().unwrap();
    let (_, page) = agent.call("case_file", &json!({ "number": number }));
    let seen = page["version"].to_string();
    assert!(met.text().contains(&format!("name=\"seen\" value=\"{seen}\"")), "it rests on version {seen}");
    assert_eq!(amend(&seen, "%2B58+212+555+0199", "ana.rivas").status(), 303, "the next one is taken");
    let (_, page) = agent.call("case_file", &json!({ "number": number }));
    let contact = &page["opening"]["report"]["contact"];
    assert!(contact["phone"].to_string().contains("0199"), "the other correction stands: {contact}");
    assert_eq!(contact["mail"], "ana.rivas@cumbre.example");
}

#[test]
fn a_form_that_takes_up_a_case_which_goes_on_again_keeps_what_was_typed() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let tracking = open_case(&server, "0123456789abcdef0123");
    let number = tracking.split('-').next().unwrap();
    let report = "key=0123456789abcdef0124&reporter=Ana+Rivas&contract=CPS-VE-004213-58&serial=FOC2614A1B2\
                  &platform=network&country=VE&location=Torre+Avila&contact_same=yes&contact_phone=0212+555+0142\
                  &contact_mail=ana%40cumbre.example&fault=Otra+vez+se+apaga&severity=high&urgency=high";
    let customers = post(&server, &format!("/track/{tracking}/follow"), report);
    let see = format!("href=\"/track/{tracking}\"");
    is_page(&customers, 422, &["Ese caso sigue abierto", "Otra vez se apaga", "value=\"Ana Rivas\"", &see]);
    let head = format!("Cookie: {}\r\n{FORM}", agent.cookie);
    let staffs = server.ask("POST", &format!("/desk/cases/{number}/follow"), &head, report.as_bytes());
    let see = format!("href=\"/desk/cases/{number}\"");
    is_page(&staffs, 422, &["Ese caso sigue abierto", "Otra vez se apaga", "value=\"Ana Rivas\"", &see]);
    // A page that was not posted to has no reply.
    is_page(
        &server.ask("GET", &format!("/track/{tracking}/follow"), "", b""),
        422,
        &["Ese caso sigue abierto"],
    );
}

#[test]
fn an_agent_who_opens_a_case_gets_its_number_and_not_the_customer_s_link() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let open = |key: &str, who: &str| {
        let form = json!({
            "reporter": "Ana Rivas", "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "platform": "network",
            "country": "VE", "location": "Torre Avila", "contact_same": "yes", "contact_phone": "0212 555 0142",
            "contact_mail": "ana@cumbre.example", "fault": "Se apaga solo.", "severity": "high", "urgency": "high",
        });
        let (status, opened) =
            agent.call("open_case", &json!({ "key": key, "form": form, "who": who, "follows": "" }));
        assert_eq!(status, 200, "{opened}");
        opened.as_str().unwrap().to_owned()
    };
    let number = open("0123456789abcdef0125", "staff");
    assert!(number.starts_with("VE") && !number.contains('-'), "{number}");
    assert_eq!(agent.call("case_file", &json!({ "number": number })).0, 200);
    assert!(
        open("0123456789abcdef0126", "customer").contains('-'),
        "the customer's form leads to their page"
    );
}
