//! Links to cases that are renewed, over the real router: the one before is answered as one that never was.

mod support;

use std::io::Read as _;

use support::client::FORM;
use support::{Answer, Demo, Person, Server, open_case, post_report, until};

const ABSENT: &str = "VE2600421393-0123456789abcdef0123456789abcdef";

fn renew(server: &Server, tracking: &str) -> Answer {
    server.ask("POST", &format!("/track/{tracking}/renew"), FORM, b"")
}

/// What a page says: nonces and the link that it repeats differ between any two.
fn said(text: &str, tracking: &str) -> String {
    let main = text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
    main.map_or(text, |(main, _)| main).replace(tracking, "…")
}

/// Status and content of an answer.
fn told(server: &Server, path: &str, tracking: &str) -> (u16, String) {
    let answer = server.ask("GET", &path.replace("{}", tracking), "Accept: text/html\r\n", b"");
    (answer.status(), said(&answer.text(), tracking))
}

/// The last part of a link that a mail has, from the folder that the server writes mails to. `whose` stands behind the number.
fn mailed(server: &Server, number: &str, whose: &str) -> String {
    let start = format!("/track/{number}-{whose}-");
    until("the mail with the link", || {
        std::fs::read_dir(server.data().join("mail")).ok()?.flatten().find_map(|file| {
            let text = std::fs::read_to_string(file.path()).ok()?.replace("=\r\n", "");
            let (_, rest) = text.split_once(&start)?;
            Some(format!("{number}-{whose}-{}", rest.get(..32)?))
        })
    })
}

#[test]
fn renewed_link_is_answered_as_an_absent_one_and_its_stream_ends() {
    let server = Server::start(Demo::On);
    let old = open_case(&server, "submission-of-a-renewal");
    let number = old.split('-').next().unwrap().to_owned();
    let page = server.get(&format!("/track/{old}"));
    assert!(page.contains(&format!("action=\"/track/{old}/renew\"")), "{page}");

    let head =
        format!("GET /events/case/{old} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.host());
    let mut stream = server.send(head.as_bytes());
    assert_eq!(Answer::read_head(&mut stream).status(), 200);

    let renewed = renew(&server, &old);
    assert_eq!((renewed.status(), renewed.header("location").as_str()), (303, "/links?renewed=mailed"));
    let answer = server.get("/links?renewed=mailed");
    assert!(answer.contains("El enlace nuevo va en camino"), "{answer}");

    // The stream says that it is over, and ends.
    let mut received = String::new();
    stream.read_to_string(&mut received).unwrap();
    assert!(received.contains("event: ended"), "{received}");

    for path in [
        "/track/{}",
        "/track/{}/follow",
        "/track/{}/account.pdf",
        "/track/{}/proof.json",
        "/track/{}/files/0123456789abcdef0123456789abcdef",
        "/track/{}/message-files/0123456789abcdef0123456789abcdef",
        "/events/case/{}",
    ] {
        let (status, text) = told(&server, path, &old);
        assert_eq!(status, 404, "{path}: {text}");
        assert_eq!((status, text), told(&server, path, ABSENT), "{path}");
    }
    for form in ["renew", "cancel", "amend", "message"] {
        let post = |tracking: &str| {
            server.ask("POST", &format!("/track/{tracking}/{form}"), FORM, b"confirmed=yes&text=Hola")
        };
        let (gone, absent) = (post(&old), post(ABSENT));
        assert_eq!((gone.status(), absent.status()), (404, 404), "{form}");
        assert_eq!(said(&gone.text(), &old), said(&absent.text(), ABSENT), "{form}");
    }
    let next = mailed(&server, &number, "1");
    assert!(server.get(&format!("/track/{next}")).contains("Renovar el enlace"));

    // The form that opened the case is sent once more: by whom is not known.
    let again = post_report(&server, "submission-of-a-renewal");
    let page = again.text();
    assert_eq!(again.status(), 409, "{page}");
    assert!(page.contains("el enlace de ese caso se renovó") && page.contains("href=\"/links\""), "{page}");
    assert!(!page.contains(&next) && !page.contains(&number), "{page}");
}

#[test]
fn staff_sees_renewed_links_masked() {
    let server = Server::start(Demo::On);
    let old = open_case(&server, "submission-of-a-masked-one");
    let number = old.split('-').next().unwrap().to_owned();
    renew(&server, &old);
    let next = mailed(&server, &number, "1");
    let supervisor = Person::sign_in(&server, "supervisor@vigia.example");
    // Staff has no say in the customer's name.
    let path = format!("/track/{next}/renew");
    let refused = server.ask("POST", &path, &format!("{FORM}Cookie: {}\r\n", supervisor.cookie), b"");
    assert_eq!(refused.status(), 403);
    let mails = supervisor.get("/desk/mails").text();
    let address = mails
        .split("href=\"")
        .find(|part| part.starts_with("/desk/mails/") && !part.starts_with("/desk/mails/kinds"));
    let address = address.unwrap().split('"').next().unwrap();
    for shown in [supervisor.get(address).text(), supervisor.get(&format!("{address}/body")).text()] {
        assert!(!shown.contains(&next) && !shown.contains(&old), "{shown}");
    }
}

#[test]
fn participant_has_a_link_of_their_own_until_they_leave_or_are_removed() {
    let server = Server::start(Demo::On);
    let contact = open_case(&server, "submission-of-an-invitation");
    let number = contact.split('-').next().unwrap().to_owned();
    let post = |path: String, body: &str| server.ask("POST", &path, FORM, body.as_bytes());
    let wrong = post(format!("/track/{contact}/participants"), "name=Eva&mail=eva&language=pt");
    assert_eq!(wrong.status(), 422);
    let page = wrong.text();
    assert!(page.contains("value=\"eva\"") && page.contains("id=\"invite-mail-error\""), "{page}");
    let invite = |mail: &str| {
        let body = format!("name=Eva+D%C3%ADaz&mail={mail}%40example.com&language=pt");
        let invited = post(format!("/track/{contact}/participants"), &body);
        let address = format!("/track/{contact}");
        assert_eq!((invited.status(), invited.header("location")), (303, address), "{}", invited.text());
    };
    invite("eva");
    let theirs = mailed(&server, &number, "p1");
    let page = server.get(&format!("/track/{theirs}"));
    assert!(page.contains("Dejar el caso") && page.contains(&format!("/track/{theirs}/message")), "{page}");
    for forbidden in ["/cancel\"", "/amend\"", "/renew\"", "/participants\"", "proof.json", &contact] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    for (form, body) in
        [("cancel", "confirmed=yes"), ("renew", ""), ("participants", "name=Luis&mail=luis%40example.com")]
    {
        assert_eq!(post(format!("/track/{theirs}/{form}"), body).status(), 403, "{form}");
    }
    assert_eq!(post(format!("/track/{theirs}/message"), "text=Hola").status(), 303);
    assert_eq!(told(&server, "/track/{}/proof.json", &theirs).0, 404);

    // Opening the mail's link does nothing; one tap of a mail reader does.
    let opened = server.ask("GET", &format!("/track/{theirs}/leave"), "", b"");
    assert_eq!((opened.status(), opened.header("location")), (303, format!("/track/{theirs}")));
    let one_tap = server.ask(
        "POST",
        &format!("/track/{theirs}/leave"),
        "Content-Type: multipart/form-data; boundary=b\r\n",
        b"--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
    );
    assert_eq!(one_tap.status(), 200, "{}", one_tap.text());
    for path in ["/track/{}", "/track/{}/proof.json"] {
        assert_eq!(told(&server, path, &theirs), told(&server, path, ABSENT), "{path}");
    }

    // The page of who is removed ends.
    invite("otra");
    let again = mailed(&server, &number, "p2");
    assert_eq!(post(format!("/track/{again}/leave"), "").header("location"), "/links?renewed=left");
    invite("tercera");
    let again = mailed(&server, &number, "p3");
    let head =
        format!("GET /events/case/{again} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.host());
    let mut stream = server.send(head.as_bytes());
    assert_eq!(Answer::read_head(&mut stream).status(), 200);
    assert_eq!(post(format!("/track/{contact}/participants/3/remove"), "").status(), 303);
    let mut received = String::new();
    stream.read_to_string(&mut received).unwrap();
    assert!(received.contains("event: ended"), "{received}");
    assert_eq!(told(&server, "/track/{}", &again), told(&server, "/track/{}", ABSENT));
}
