//! One status for each kind of error, on every route, over the real router.

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::client::{
    AMENDED, Client, FORM, NO_CASE, NO_LINK, REPORT, all_are, form, limited, note, priority,
};
use support::{Demo, Server, open_case, sign_in};

#[test]
fn unpermitted_request_is_403() {
    let server = Server::start(Demo::On);
    let tracking = &open_case(&server, "0123456789abcdef0123");
    let number = &tracking[..12];
    let [agent, technician] = ["agente", "tecnica"].map(|name| Client::staff(&server, name));
    let report = json!({ "wanted": { "days": null, "country": null, "priority": null, "contract": null } });
    all_are(
        403,
        &[
            ("a report", agent.get("/desk/reports/promises.csv")),
            ("a report of waits", agent.get("/desk/reports/pauses.csv")),
            ("breaches", agent.get("/desk/reports/promises/missed.csv")),
            ("a report of causes", agent.get("/desk/reports/causes.csv")),
            ("causes", agent.post("/desk/admin/causes", "choice=required")),
            ("a report as a function", agent.call("promises_report", &report)),
            ("a mail", agent.get("/desk/mails/1/body")),
            ("a mail of the triage list", technician.post("/desk/triage/1", "act=discard")),
            ("a kind of mail", agent.get("/desk/mails/kinds/opening/es/body")),
            ("mails as a function", agent.call("mails", &json!({ "state": null, "page": 1 }))),
            ("a mail once more", agent.post("/desk/mails/1", "")),
            ("all mails once more", agent.post("/desk/mails/again", "")),
            ("a command", technician.work(number, 1, &priority("P1"))),
            ("a survey's queue", technician.call("survey_queue", &json!({ "page": 1 }))),
            ("a survey's call", technician.post(&format!("/desk/survey/calls/{number}"), "act=refuse")),
            (
                "a low score",
                agent.post(
                    "/desk/survey/follow-ups",
                    &format!("number={number}&outcome=settled&note=Se+visita"),
                ),
            ),
            // Only the customer may write as the customer.
            ("a message", agent.post(&format!("/track/{tracking}/message"), "text=Hola")),
            ("a cancellation", agent.post(&format!("/track/{tracking}/cancel"), "confirmed=yes")),
            ("an answer", agent.post(&format!("/track/{tracking}"), "answer=works")),
            ("an answer to a visit", agent.post(&format!("/track/{tracking}/visit"), "answer=decline")),
            ("an answer to a survey", agent.post("/survey/0", "a=5")),
            (
                "a message as a function",
                agent.call("write_to_desk", &json!({ "tracking": tracking, "text": "Hola" })),
            ),
            ("the wall's stream", Client::stranger(&server).get("/events/board")),
        ],
    );
}

#[test]
fn unsigned_request_is_401_for_functions_and_the_sign_in_for_pages() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let stranger = Client::stranger(&server);
    all_are(
        401,
        &[
            ("a file", stranger.call("case_file", &json!({ "number": number }))),
            ("canned replies", stranger.call("replies", &json!({ "number": number }))),
            ("a command", stranger.work(number, 1, &note())),
            ("the queue", stranger.call("survey_queue", &json!({ "page": 1 }))),
            ("causes", stranger.call("offered_causes", &json!({}))),
            ("a search", stranger.call("find_cases", &json!({ "text": "Ana" }))),
            ("mails", stranger.call("mails", &json!({ "state": null, "page": 1 }))),
            ("an upload by a script", stranger.upload(number, "*/*")),
            (
                "a wrong password",
                stranger.post("/desk/sign-in", "mail=agente%40vigia.example&password=otra-clave"),
            ),
        ],
    );
    let photo = format!("/desk/cases/{number}/files/0123456789abcdef0123456789abcdef");
    for (answer, next) in [
        (
            stranger.get("/desk/reports/promises.csv?country=VE&priority=P1"),
            "/desk/reports/promises.csv%3Fcountry%3DVE%26priority%3DP1".to_owned(),
        ),
        (stranger.get("/desk/mails/1/body"), "/desk/mails/1/body".to_owned()),
        (stranger.get("/desk/mails/kinds/opening/es/body"), "/desk/mails/kinds/opening/es/body".to_owned()),
        (stranger.get(&photo), photo.clone()),
        (
            stranger.get(&format!("/desk/cases/{number}/account.pdf")),
            format!("/desk/cases/{number}/account.pdf"),
        ),
        (stranger.post("/desk/intake", REPORT), "/desk/intake".to_owned()),
        (
            stranger.post(&format!("/desk/cases/{number}/follow"), REPORT),
            format!("/desk/cases/{number}/follow"),
        ),
        (
            stranger.post(&format!("/desk/cases/{number}/resolve"), "seen=1"),
            format!("/desk/cases/{number}/resolve"),
        ),
        (stranger.post("/desk/survey/follow-ups", "number=1"), "/desk/survey/follow-ups".to_owned()),
        // A route without a page of its own leads back to the page of its form.
        (stranger.post("/desk/mails/again", ""), "/desk/mails".to_owned()),
        (stranger.post(&format!("{photo}/remove"), "in=3"), "/desk/agenda".to_owned()),
        (stranger.upload(number, "text/html"), "/desk/agenda".to_owned()),
    ] {
        assert_eq!((answer.status(), answer.header("location")), (303, format!("/desk/sign-in?next={next}")));
    }
}

#[test]
fn sign_in_returns_to_the_requested_page() {
    let server = Server::start(Demo::On);
    let post = |referer: &str| {
        let head = format!("{FORM}Referer: {referer}\r\n");
        server.ask("POST", "/desk/mails/again", &head, b"").header("location")
    };
    // The page that a form was posted from, unless it is another site's.
    let here = format!("http://{}/desk/mails?state=dead", server.host());
    assert_eq!(post(&here), "/desk/sign-in?next=/desk/mails%3Fstate%3Ddead");
    for elsewhere in
        ["http://evil.example/desk/x", &format!("http://{}//evil.example", server.host()), "desk/x"]
    {
        assert_eq!(post(elsewhere), "/desk/sign-in?next=/desk/mails", "{elsewhere}");
    }
    let asked = server.ask("GET", "/desk/reports/pauses.csv?reason=parts", "", b"").header("location");
    assert_eq!(asked, "/desk/sign-in?next=/desk/reports/pauses.csv%3Freason%3Dparts");
    // A wrong password does not lose it.
    let wrong =
        "mail=supervisor%40vigia.example&password=otra-clave&next=/desk/reports/pauses.csv%3Freason%3Dparts";
    let page = server.ask("POST", "/desk/sign-in", FORM, wrong.as_bytes()).text();
    for part in [
        "value=\"/desk/reports/pauses.csv?reason=parts\"",
        "value=\"supervisor@vigia.example\"",
        "role=\"alert\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let right = wrong.replace("otra-clave", "demostracion-vigia");
    let signed_in = server.ask("POST", "/desk/sign-in", FORM, right.as_bytes());
    assert_eq!(
        (signed_in.status(), &*signed_in.header("location")),
        (303, "/desk/reports/pauses.csv?reason=parts")
    );
}

#[test]
fn missing_case_is_404() {
    let server = Server::start(Demo::On);
    let tracking = &open_case(&server, "0123456789abcdef0123");
    let number = &tracking[..12];
    let stranger = Client::stranger(&server);
    let [agent, admin] = ["agente", "administracion"].map(|name| Client::staff(&server, name));
    let file = "0123456789abcdef0123456789abcdef";
    all_are(
        404,
        &[
            ("a case's page", stranger.get(&format!("/track/{NO_LINK}"))),
            ("a visit's page", stranger.get(&format!("/visit/{NO_LINK}"))),
            ("a survey's page", stranger.get(&format!("/survey/{NO_LINK}"))),
            ("a case's page of the staff", agent.get(&format!("/desk/cases/{NO_CASE}"))),
            ("a mail's page", admin.get("/desk/mails/999999")),
            ("a mail", admin.get("/desk/mails/999999/body")),
            ("a kind of mail", admin.get("/desk/mails/kinds/none/es/body")),
            ("a case's file", stranger.get(&format!("/track/{tracking}/files/{file}"))),
            ("the file of no case", stranger.get(&format!("/track/{NO_LINK}/files/{file}"))),
            ("a case's file for the staff", agent.get(&format!("/desk/cases/{number}/files/{file}"))),
            ("no account yet", agent.get(&format!("/desk/cases/{number}/account.pdf"))),
            ("an answer", stranger.post(&format!("/track/{NO_LINK}"), "answer=works")),
            ("a message", stranger.post(&format!("/track/{NO_LINK}/message"), "text=Hola")),
            ("a cancellation", stranger.post(&format!("/track/{NO_LINK}/cancel"), "confirmed=yes")),
            ("an amendment", stranger.post(&format!("/track/{NO_LINK}/amend"), AMENDED)),
            ("a follow-up", stranger.post(&format!("/track/{NO_LINK}/follow"), REPORT)),
            ("an answer to the visit of a case", stranger.post(&format!("/track/{NO_LINK}/visit"), "answer=decline")),
            ("an answer to a visit", stranger.post(&format!("/visit/{NO_LINK}"), "answer=decline")),
            ("an answer to a survey", stranger.post(&format!("/survey/{NO_LINK}"), "a=5")),
            ("a follow-up by the staff", agent.post(&format!("/desk/cases/{NO_CASE}/follow"), REPORT)),
            ("a survey's call", agent.post(&format!("/desk/survey/calls/{NO_CASE}"), "act=refuse")),
            (
                "a low score",
                admin.post("/desk/survey/follow-ups", &format!("number={NO_CASE}&outcome=settled&note=Se+visita")),
            ),
            ("a mail once more", admin.post("/desk/mails/999999", "")),
            ("a mail of the triage list", admin.post("/desk/triage/999999", "act=discard")),
            ("the page of one", admin.get("/desk/triage/999999")),
            ("an upload", agent.upload(NO_CASE, "*/*")),
            ("a case as a function", stranger.call("tracked_case", &json!({ "tracking": NO_LINK }))),
            ("a visit as a function", stranger.call("visit_by_link", &json!({ "link": NO_LINK }))),
            ("a survey as a function", stranger.call("survey_form", &json!({ "token": NO_LINK }))),
            ("a file as a function", agent.call("case_file", &json!({ "number": NO_CASE }))),
            ("a command", agent.work(NO_CASE, 1, &note())),
            ("a mail as a function", admin.call("mail", &json!({ "id": "999999" }))),
            ("a customer", agent.call("read_customer", &json!({ "id": 999_999 }))),
            (
                "a form as a function",
                stranger.call("start_form", &json!({ "who": "customer", "follows": NO_LINK })),
            ),
            (
                "a previous case",
                stranger.call(
                    "open_case",
                    &json!({ "key": "0123456789abcdef0201", "form": form(), "who": "customer", "follows": NO_LINK }),
                ),
            ),
        ],
    );
}

#[test]
fn conflicting_change_is_409() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let agent = Client::staff(&server, "agente");
    assert_eq!(agent.work(number, 1, &note()).status(), 200, "a note rests on no version");
    let again = REPORT.replace("0200", "0123").replace("apaga+solo", "apaga+cada+hora");
    all_are(
        409,
        &[
            ("a command", agent.work(number, 1, &priority("P1"))),
            ("other content under the same key", Client::stranger(&server).post("/", &again)),
        ],
    );
}

/// Each page that comes back is drawn whole, however many are drawn at the same time.
#[test]
fn parallel_submissions_with_different_content_are_asked_about() {
    let server = Server::start(Demo::On);
    open_case(&server, "0123456789abcdef0123");
    let again = REPORT.replace("0200", "0123").replace("apaga+solo", "apaga+cada+hora");
    let ask = || (0..3).map(|_| Client::stranger(&server).post("/", &again).status()).collect::<Vec<_>>();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().flat_map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(statuses, [409; 12]);
}

/// A command that steers a case rests on a version; the wire format cannot leave it out.
#[test]
fn steering_command_without_version_is_refused() {
    let server = Server::start(Demo::On);
    let number = &open_case(&server, "0123456789abcdef0123")[..12];
    let agent = Client::staff(&server, "agente");
    let version = || {
        let file: Value =
            serde_json::from_str(&agent.call("case_file", &json!({ "number": number })).text()).unwrap();
        file["version"].as_u64().unwrap()
    };
    let before = version();
    let without = agent.call("work_case", &json!({ "number": number, "command": priority("P1") }));
    assert_eq!(without.status(), 400);
    let any = agent.call("work_case", &json!({ "number": number, "seen": "any", "command": priority("P1") }));
    assert_eq!(any.status(), 400);
    for ahead in [u32::MAX, 2] {
        assert_eq!(agent.work(number, ahead, &priority("P1")).status(), 409, "no version yet: {ahead}");
    }
    assert_eq!(version(), before, "nothing was done");
    assert_eq!(agent.work(number, 1, &priority("P1")).status(), 200);
}

#[test]
fn refusal_by_a_rule_is_422() {
    let server = Server::start(Demo::On);
    let tracking = &open_case(&server, "0123456789abcdef0123");
    let number = &tracking[..12];
    let stranger = Client::stranger(&server);
    let [agent, supervisor] = ["agente", "supervisor"].map(|name| Client::staff(&server, name));
    all_are(
        422,
        &[
            ("an empty form", stranger.post("/", "")),
            ("an empty form of the staff", agent.post("/desk/intake", "")),
            ("links without an address", stranger.post("/links", "mail=")),
            ("a previous case that is open", stranger.post(&format!("/track/{tracking}/follow"), REPORT)),
            ("the same by the staff", agent.post(&format!("/desk/cases/{number}/follow"), REPORT)),
            ("an answer without a solution", stranger.post(&format!("/track/{tracking}"), "answer=works")),
            (
                "an answer without a text",
                stranger.post(&format!("/track/{tracking}"), "answer=came_back&said="),
            ),
            ("a message without a text", stranger.post(&format!("/track/{tracking}/message"), "text=")),
            (
                "a cancellation without confirmation",
                stranger.post(&format!("/track/{tracking}/cancel"), "reason="),
            ),
            ("an amendment of nothing", stranger.post(&format!("/track/{tracking}/amend"), "seen=1")),
            ("no visit to answer", stranger.post(&format!("/track/{tracking}/visit"), "answer=decline")),
            ("no windows", stranger.post(&format!("/track/{tracking}/visit"), "answer=accept&window=x")),
            ("a filter", supervisor.get("/desk/reports/promises.csv?country=XX")),
            ("a filter of causes", supervisor.get("/desk/reports/causes.csv?from=ayer")),
            ("a resolution without a text", agent.post(&format!("/desk/cases/{number}/resolve"), "seen=1")),
            ("a filter of waits", supervisor.get("/desk/reports/pauses.csv?reason=lunch")),
            ("a call without an outcome", agent.post(&format!("/desk/survey/calls/{number}"), "act=attempt")),
            (
                "a low score without an outcome",
                supervisor.post("/desk/survey/follow-ups", &format!("number={number}")),
            ),
            ("a command", agent.work(number, 1, &json!("resume"))),
            ("a file without a visit", agent.upload(number, "*/*")),
            (
                "an answer as a function",
                stranger.call("answer_case", &json!({ "tracking": tracking, "answer": "works", "said": "" })),
            ),
            (
                "a previous case that is open, as a function",
                stranger.call("start_form", &json!({ "who": "customer", "follows": tracking })),
            ),
            (
                "a form as a function",
                stranger.call(
                    "open_case",
                    &json!({ "key": "0123456789abcdef0201", "form": {}, "who": "customer", "follows": "" }),
                ),
            ),
        ],
    );
    // The page of a closed question says why nothing was taken.
    let late = stranger.post(&format!("/track/{tracking}"), "answer=works").text();
    assert!(late.contains("El conmutador se apaga solo."), "the case's page");
}

#[test]
fn exceeded_rate_limit_is_429() {
    let server = Server::start(Demo::On);
    let stranger = Client::stranger(&server);
    let tracking = &open_case(&server, "0123456789abcdef0123");
    let guess = || stranger.post("/desk/sign-in", "mail=nadie%40vigia.example&password=otra-clave").status();
    assert!((0..60).any(|_| guess() == 429), "a guesser is stopped");
    let offer = json!({ "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B2", "country": "VE" });
    assert!((0..2000).any(|_| stranger.call("offer", &offer).status() == 429));
    all_are(
        429,
        &[
            ("an answer", limited(|| stranger.post(&format!("/track/{tracking}"), "answer=works"))),
            ("a message", limited(|| stranger.post(&format!("/track/{tracking}/message"), "text=Hola"))),
            (
                "a cancellation",
                limited(|| stranger.post(&format!("/track/{tracking}/cancel"), "confirmed=yes")),
            ),
            ("an amendment", limited(|| stranger.post(&format!("/track/{tracking}/amend"), AMENDED))),
            (
                "an answer to a visit",
                limited(|| stranger.post(&format!("/track/{tracking}/visit"), "answer=decline")),
            ),
            (
                "an answer by a visit's link",
                limited(|| stranger.post(&format!("/visit/{NO_LINK}"), "answer=decline")),
            ),
            ("an answer to a survey", limited(|| stranger.post(&format!("/survey/{NO_LINK}"), "a=5"))),
            ("lost links", limited(|| stranger.post("/links", "mail=ana%40cumbre.example"))),
            (
                "a message as a function",
                limited(|| stranger.call("write_to_desk", &json!({ "tracking": tracking, "text": "Hola" }))),
            ),
        ],
    );
}

#[test]
fn store_failure_is_503() {
    // A write past the limit fails, as on a full disk, and does not end the process.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_vigia")]);
    let server = Server::start_by(command, Demo::On, &[]);
    let tracking = &open_case(&server, "0123456789abcdef0123");
    let number = &tracking[..12];
    let stranger = Client::stranger(&server);
    let agent = Client::staff(&server, "agente");
    let process = server.process().to_string();
    let limited = Command::new("prlimit").args(["--pid", &process, "--fsize=1:unlimited"]).status();
    assert!(limited.unwrap().success());
    let opened = stranger.post("/", REPORT);
    assert!(opened.text().contains("El conmutador se apaga solo."), "what was typed is still there");
    all_are(
        503,
        &[
            ("a case", opened),
            ("a call", agent.post("/desk/intake", REPORT)),
            ("a message", stranger.post(&format!("/track/{tracking}/message"), "text=Hola")),
            ("a cancellation", stranger.post(&format!("/track/{tracking}/cancel"), "confirmed=yes")),
            ("an amendment", stranger.post(&format!("/track/{tracking}/amend"), AMENDED)),
            ("a command", agent.work(number, 1, &note())),
            ("a sign-in", sign_in(&server, "supervisor@vigia.example")),
            ("a sign-out", agent.post("/desk/sign-out", "")),
            ("a message as a function", stranger.call("write_to_desk", &json!({ "tracking": tracking, "text": "Hola" }))),
            (
                "a case as a function",
                stranger.call(
                    "open_case",
                    &json!({ "key": "0123456789abcdef0201", "form": form(), "who": "customer", "follows": "" }),
                ),
            ),
        ],
    );
}
