//! Screens that become displays by a code, over HTTP.

mod support;

use std::io::Read as _;

use support::client::{Client, FORM};
use support::{Answer, Demo, Server, until};

const ADMIN: &str = "/desk/admin/displays";

/// The cookie that an answer sets, as a browser sends it back.
fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer.headers("set-cookie");
    let found = set.iter().find(|cookie| cookie.starts_with(name));
    found.unwrap_or_else(|| panic!("{name} in {set:?}")).split(';').next().unwrap().to_owned()
}

/// The code that a waiting screen shows.
fn code(page: &Answer) -> String {
    let text = page.text();
    let (_, after) = text.split_once("pair__code").unwrap();
    let (_, after) = after.split_once("aria-hidden=\"true\">").unwrap();
    after.split_once('<').unwrap().0.to_owned()
}

fn get(server: &Server, path: &str, cookie: &str) -> Answer {
    let head = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    server.ask("GET", path, &head, b"")
}

#[test]
fn screen_turns_into_the_wall_when_its_code_is_typed_and_leaves_it_when_revoked() {
    let server = Server::start(Demo::On);
    let first = get(&server, "/wall", "");
    assert_eq!((first.status(), first.header("location")), (303, "/pair".to_owned()));
    let waiting = get(&server, "/pair", "");
    assert_eq!(waiting.status(), 200);
    let (screen, shown) = (cookie(&waiting, "vigia-screen="), code(&waiting));
    assert_eq!(code(&get(&server, "/pair", &screen)), shown, "loaded again it shows the same code");
    assert_eq!(get(&server, "/pair/state", &screen).status(), 204);

    let supervisor = Client::staff(&server, "supervisor");
    let form = |code: &str| {
        format!("action=pair&code={}&name=Sala+norte&scope=CO", code.replace(' ', "+").to_lowercase())
    };
    let paired = supervisor.post(ADMIN, &form(&shown));
    assert_eq!((paired.status(), paired.header("location")), (303, format!("{ADMIN}?done=pair")));
    let again = supervisor.post(ADMIN, &form(&shown));
    assert_eq!(again.status(), 422, "a code is good for one time");
    assert!(again.text().contains("id=\"code-error\"") && again.text().contains("value=\"Sala norte\""));

    assert_eq!(get(&server, "/pair/state", &screen).status(), 200);
    let gone = get(&server, "/pair", &screen);
    assert_eq!((gone.status(), gone.header("location")), (303, "/board".to_owned()));
    let display = cookie(&gone, "vigia-display=");
    assert_eq!(get(&server, "/board", &display).status(), 200);
    assert_eq!(get(&server, "/wall", &display).header("location"), "/board");
    // The visit is noted beside the answer.
    let list = until("the display's visit", || {
        Some(supervisor.get(ADMIN).text()).filter(|list| list.contains("En línea"))
    });
    assert!(list.contains("Sala norte") && list.contains("Colombia"), "{list}");

    // Its stream ends with where the screen goes on.
    let host = server.host();
    let mut stream = server
        .send(format!("GET /events/board HTTP/1.1\r\nHost: {host}\r\nCookie: {display}\r\n\r\n").as_bytes());
    let id = list.split_once("/revoke\"").unwrap().0.rsplit_once("/displays/").unwrap().1.to_owned();
    let revoked = supervisor.post(&format!("{ADMIN}/{id}/revoke"), "");
    assert_eq!((revoked.status(), revoked.header("location")), (303, format!("{ADMIN}?done=revoke")));
    let mut heard = Vec::new();
    until("the end of the stream", || {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).unwrap();
        heard.extend_from_slice(&part[..count]);
        String::from_utf8_lossy(&heard).contains("event: ended\ndata: /pair").then_some(())
    });
    assert_eq!(get(&server, "/board", &display).status(), 303);
    assert_eq!(get(&server, "/wall", &display).header("location"), "/pair");
    assert!(supervisor.get(ADMIN).text().contains("Revocada"));
    assert_eq!(supervisor.post(&format!("{ADMIN}/{id}/revoke"), "").status(), 404);
}

#[test]
fn wrong_fields_of_a_pairing_are_told_and_kept() {
    let server = Server::start(Demo::On);
    let admin = Client::staff(&server, "administracion");
    let answer = admin.post(ADMIN, "action=pair&code=ABC&name=&scope=ZZ");
    let page = answer.text();
    assert_eq!(answer.status(), 422, "{page}");
    for part in ["id=\"code-error\"", "id=\"name-error\"", "id=\"scope-error\"", "value=\"ABC\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // A guess comes back every half minute, however slow this machine is.
    let refused = (0..60).find(|guess| {
        let form = format!("action=pair&code=BBBB{:02}&name=Sala&scope=", 22 + guess % 8);
        admin.post(ADMIN, &form).status() == 429
    });
    assert!(refused.is_some_and(|guess| guess >= 20), "{refused:?}");
}

#[test]
fn wall_that_was_cut_off_when_its_display_was_revoked_leaves_its_cases() {
    let server = Server::start(Demo::On);
    let waiting = get(&server, "/pair", "");
    let supervisor = Client::staff(&server, "supervisor");
    let form = format!("action=pair&code={}&name=Sala&scope=", code(&waiting).replace(' ', "+"));
    assert_eq!(supervisor.post(ADMIN, &form).status(), 303);
    let screen = cookie(&waiting, "vigia-screen=");
    let display = cookie(&get(&server, "/pair", &screen), "vigia-display=");
    // The first answer may be lost: asked once more, the screen is the same display.
    assert_eq!(cookie(&get(&server, "/pair", &screen), "vigia-display="), display);
    let list = supervisor.get(ADMIN).text();
    let id = list.split_once("/revoke\"").unwrap().0.rsplit_once("/displays/").unwrap().1.to_owned();
    assert_eq!(supervisor.post(&format!("{ADMIN}/{id}/revoke"), "").status(), 303);
    // No stream was open. The wall connects again.
    let stream = get(&server, "/events/board?page=wall&after=1", &display);
    assert_eq!((stream.status(), stream.header("content-type")), (200, "text/event-stream".to_owned()));
    assert_eq!(stream.text().matches("event:").count(), 1, "{}", stream.text());
    assert!(stream.text().contains("event: ended\ndata: /pair"), "{}", stream.text());
    // A wall of the staff whose session is over; a page that is no wall.
    assert!(get(&server, "/events/board?page=wall", "").text().contains("event: ended\ndata: /board"));
    assert_eq!(get(&server, "/events/board", &display).status(), 403);
}

#[test]
fn screen_that_keeps_no_cookie_is_not_loaded_again_and_monitors_take_no_place() {
    let server = Server::start(Demo::On);
    assert_eq!(get(&server, "/pair/state", "").status(), 404);
    assert_eq!(get(&server, "/pair/state", "vigia-screen=old").status(), 200, "its code is over");
    for _ in 0..40 {
        assert_eq!(server.ask("HEAD", "/pair", "", b"").status(), 200);
    }
    assert_eq!(get(&server, "/pair", "").status(), 200);
}

#[test]
fn link_of_a_display_is_shown_once_and_works() {
    let server = Server::start(Demo::On);
    let supervisor = Client::staff(&server, "supervisor");
    let made = supervisor.post(ADMIN, "action=link&link_name=Pasillo&link_scope=");
    let page = made.text();
    assert_eq!(made.status(), 200, "{page}");
    let link = page.split_once("/board/").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert_eq!(made.header("cache-control"), "no-store");
    assert!(!supervisor.get(ADMIN).text().contains(&link));
    assert_eq!(get(&server, &format!("/board/{link}"), "").header("location"), "/board");
    let wrong = supervisor.post(ADMIN, "action=link&link_name=&link_scope=");
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().contains("id=\"link_name-error\""));
}

#[test]
fn agents_and_other_sites_pair_no_display() {
    let server = Server::start(Demo::On);
    let agent = Client::staff(&server, "agente");
    assert_eq!(agent.get(ADMIN).status(), 403);
    assert_eq!(agent.post(ADMIN, "action=pair&code=BBBB22&name=Sala&scope=").status(), 403);
    assert_eq!(agent.post(&format!("{ADMIN}/1/revoke"), "").status(), 403);
    assert_eq!(Client::stranger(&server).post(ADMIN, "action=pair").status(), 303);
    let foreign = format!("{FORM}Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n");
    assert_eq!(server.ask("POST", ADMIN, &foreign, b"action=pair").status(), 403);
}
