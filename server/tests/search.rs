//! The search over the real router: a page with an address of its own, without a script, for the staff alone.

mod support;

use serde_json::json;
use support::{Answer, Demo, Person, Server, until};

/// Asks for a page as a browser does.
fn page(server: &Server, cookie: &str, path: &str) -> Answer {
    server.ask("GET", path, &format!("Cookie: {cookie}\r\nAccept: text/html\r\n"), b"")
}

#[test]
fn search_results_have_an_address_and_a_number_redirects_to_its_case() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let first = json!({ "state": "open", "country": null, "whose": "anybodys", "page": 1 });
    let (_, queue) = agent.call("queue_page", &first);
    let number = queue["snapshot"]["rows"][0]["number"].as_str().unwrap().to_owned();
    let (_, file) = agent.call("case_file", &json!({ "number": number }));
    let contact = &file["opening"]["report"]["contact"];
    let mail = contact["mail"].as_str().unwrap().to_owned();
    let digits: String = contact["phone"]["e164"].as_str().unwrap().chars().skip(6).collect();

    let found = format!("href=\"/desk/cases/{number}\"");
    let path = format!("/desk/search?q={}+{digits}", mail.replace('@', "%40"));
    let text = until("the case in the search", || {
        let answer = page(&server, &agent.cookie, &path);
        assert_eq!(answer.status(), 200, "{}", answer.text());
        Some(answer.text()).filter(|text| text.contains(&found))
    });
    assert!(text.contains("action=\"/desk/search\"") && text.contains("name=\"q\""), "{text}");
    assert!(text.contains(contact["name"].as_str().unwrap()), "{text}");

    let answer = page(&server, &agent.cookie, &format!("/desk/search?q={number}"));
    assert!((300..400).contains(&answer.status()), "{}", answer.status());
    assert_eq!(answer.header("location"), format!("/desk/cases/{number}"));
    let nothing = page(&server, &agent.cookie, "/desk/search");
    assert_eq!(nothing.status(), 200);
    assert!(!nothing.text().contains("/desk/cases/"), "nothing was looked for");
    let hostile = page(&server, &agent.cookie, "/desk/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22%27%25");
    assert_eq!(hostile.status(), 200);
    assert!(!hostile.text().contains("<script>alert(1)"), "what was typed is text");
}

#[test]
fn search_redirects_strangers_to_the_sign_in() {
    let server = Server::start(Demo::Off);
    let answer = page(&server, "", "/desk/search?q=pena");
    assert!((300..400).contains(&answer.status()), "{}", answer.status());
    assert!(
        answer.header("location").starts_with("/desk/sign-in?next=/desk/search"),
        "{:?}",
        answer.header("location")
    );
    let asked = json!({ "text": "pena" }).to_string();
    let head = "Content-Type: application/json\r\n";
    assert_eq!(server.ask("POST", "/api/find_cases", head, asked.as_bytes()).status(), 401);
}
