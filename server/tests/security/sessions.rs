//! Sessions that were planted, and sessions whose person has left.

use std::io::Read as _;

use crate::support::client::{FORM, PAGE};
use crate::support::{Answer, Demo, Person, Server, until};

#[test]
fn planted_session_is_not_kept_by_the_sign_in() {
    let server = Server::start(Demo::On);
    let planted = format!("vigia-session={}", "a1".repeat(32));
    let head = format!("{FORM}Cookie: {planted}\r\n");
    let form = b"mail=agente%40vigia.example&password=demostracion-vigia";
    let signed_in = server.ask("POST", "/desk/sign-in", &head, form);
    let set: Vec<String> = signed_in
        .headers("set-cookie")
        .iter()
        .map(|line| line.split(';').next().unwrap().to_owned())
        .collect();
    let session = set.iter().find(|cookie| cookie.starts_with("vigia-session=")).unwrap();
    assert_ne!(*session, planted);
    let reads =
        |cookie: &str| server.ask("GET", "/desk", &format!("{PAGE}Cookie: {cookie}\r\n"), b"").status();
    assert_eq!(reads(session), 200);
    assert!((300..400).contains(&reads(&planted)), "what was planted opens nothing");
    // Signed in again, it is another one.
    let again = Person::sign_in(&server, "agente@vigia.example");
    assert_ne!(again.cookie, *session);
}

#[test]
fn open_stream_and_session_end_with_the_service_of_their_person() {
    let server = Server::start(Demo::On);
    let agent = Person::sign_in(&server, "agente@vigia.example");
    let head = format!(
        "GET /events/board HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
        server.host(),
        agent.cookie
    );
    let mut stream = server.send(head.as_bytes());
    assert_eq!(Answer::read_head(&mut stream).status(), 200);
    server.run(&["user", "deactivate", "agente@vigia.example"]);
    let next = server.ask("GET", "/desk", &format!("{PAGE}Cookie: {}\r\n", agent.cookie), b"");
    assert!((300..400).contains(&next.status()), "the next request is a stranger's");
    // It ends by itself: the read comes to the end of the answer.
    let mut received = [0; 4096];
    until("the end of the stream", || matches!(stream.read(&mut received), Ok(0) | Err(_)).then_some(()));
}
