//! Short-lived tokens by client credentials.

use serde_json::{Value, json};

use crate::support::client::{Client, FORM};
use crate::support::program::{ALL, Program, json_of};
use crate::support::{Answer, Demo, Server};

fn ask(server: &Server, head: &str, form: &str) -> Answer {
    server.ask("POST", "/api/v1/token", &format!("{FORM}{head}"), form.as_bytes())
}

fn me(server: &Server, token: &str) -> Answer {
    server.ask("GET", "/api/v1/me", &format!("Authorization: Bearer {token}\r\n"), b"")
}

#[test]
fn short_lived_token_does_what_the_long_lived_one_may_and_ends_with_it() {
    let server = Server::start(Demo::On);
    let program = Program::new(&server, "read_cases,work_cases", &["--country", "VE"]);
    let form = format!("grant_type=client_credentials&client_id=1&client_secret={}", program.token);
    let made = ask(&server, "", &form);
    let token = json_of(&made);
    assert_eq!((made.status(), made.header("cache-control")), (200, "no-store".to_owned()), "{token}");
    let problems = program.document.problems(program.document.schema("AccessToken"), &token);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(token["scope"], "read_cases work_cases");
    let short = token["access_token"].as_str().unwrap();
    let known = me(&server, short);
    assert_eq!((known.status(), json_of(&known)), (200, json_of(&program.get("/me"))));
    // No figure of it can be changed, and it renews itself never.
    for at in [9, 12, short.len() - 1] {
        let mut other = short.to_owned();
        let figure = if short.as_bytes()[at] == b'1' { "2" } else { "1" };
        other.replace_range(at..=at, figure);
        assert_eq!(me(&server, &other).status(), 401, "{at}");
    }
    let again = format!("grant_type=client_credentials&client_id=1&client_secret={short}");
    assert_eq!(ask(&server, "", &again).status(), 401);
    let administrator = Client::staff(&server, "administracion");
    assert_eq!(administrator.post("/desk/admin/integrations/1/revoke", "").status(), 303);
    assert_eq!(me(&server, short).status(), 401, "it ends with the integration");
    assert_eq!(ask(&server, "", &form).status(), 401);
}

#[test]
fn errors_of_token_requests_are_those_of_oauth() {
    let server = Server::start(Demo::Off);
    let program = Program::new(&server, ALL, &[]);
    let right = format!("client_id=1&client_secret={}", program.token);
    for (form, status, error) in [
        (
            format!("grant_type=client_credentials&client_id=2&client_secret={}", program.token),
            401,
            "invalid_client",
        ),
        ("grant_type=client_credentials&client_id=1&client_secret=vigia_1".to_owned(), 401, "invalid_client"),
        ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
        (right.clone(), 400, "invalid_request"),
        (format!("grant_type=password&{right}"), 400, "unsupported_grant_type"),
        (format!("grant_type=client_credentials&{right}&scope=everything"), 400, "invalid_scope"),
        (format!("grant_type=client_credentials&{right}&client_id=1"), 400, "invalid_request"),
    ] {
        let answer = ask(&server, "", &form);
        let told: Value = json_of(&answer);
        assert_eq!((answer.status(), &told["error"]), (status, &json!(error)), "{form}");
        let problems = program.document.problems(program.document.schema("TokenError"), &told);
        assert!(problems.is_empty(), "{problems:?}");
        let challenge = if status == 401 { "Basic realm=\"vigia\"" } else { "" };
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
    let no_form = server.ask("POST", "/api/v1/token", "Content-Type: application/json\r\n", b"{}");
    assert_eq!((no_form.status(), &json_of(&no_form)["error"]), (400, &json!("invalid_request")));
    let wanted = ask(&server, "", &format!("grant_type=client_credentials&{right}&scope=read_cases"));
    assert_eq!(wanted.status(), 200);
    let guess = |_| {
        ask(
            &server,
            "Accept-Language: en\r\n",
            "grant_type=client_credentials&client_id=1&client_secret=vigia_1",
        )
    };
    let limited = (0..80).map(guess).find(|answer| answer.status() == 429).expect("guesses are limited");
    assert_eq!(
        (limited.header("content-type"), limited.header("content-language")),
        ("application/problem+json".to_owned(), "en".to_owned())
    );
}
