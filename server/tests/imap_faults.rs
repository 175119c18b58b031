//! Mailboxes whose server is broken, slow or hostile, and a process that is killed at each point of its work.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use support::client::Client;
use support::inbox::{assert_waiting, borrowed, mail, rows, subject, triage, variables};
use support::scripted::{Act, Scripted};
use support::{Demo, Server, until};

/// A server that can do all that helps.
const ABLE: &str = "IDLE MOVE UIDPLUS";

fn mails(count: usize) -> Vec<String> {
    (0..count).map(mail).collect()
}

/// Variables of the mailbox of a scripted server.
fn at(server: &Scripted) -> Vec<(String, String)> {
    let port = server.port.to_string();
    let keys =
        [("HOST", "127.0.0.1"), ("PORT", &port), ("TLS", "none"), ("USER", "mesa"), ("PASSWORD", "s3cret")];
    variables("support", &keys)
}

fn is_empty(mailbox: &Scripted) -> Option<()> {
    mailbox.with(|folder| folder.mails.is_empty()).then_some(())
}

#[test]
fn cut_and_overlong_answers_lose_no_mail() {
    let mailbox = Scripted::start(ABLE, mails(4), |connection, command| match (connection, command) {
        (0, "") => Act::SayAndClose(b"* BYE full\r\n".to_vec()),
        (1, "") => Act::SayAndClose([b"* OK ".to_vec(), vec![b'x'; 200_000]].concat()),
        (2, command) if command.starts_with("UID SEARCH") => {
            Act::SayAndClose(format!("* SEARCH 1 2 3 4\r\n* 1 FETCH {}\r\n", "(".repeat(60_000)).into_bytes())
        }
        (3, command) if command.starts_with("UID FETCH 1 (UID BODY") => {
            Act::SayAndClose(b"* 1 FETCH (UID 1 BODY[] {500}\r\nFrom: a".to_vec())
        }
        // The mail was small when its size was asked for.
        (4, command) if command.starts_with("UID FETCH 2 (UID BODY") => {
            Act::SayAndClose(b"* 1 FETCH (UID 2 BODY[] {4294967295}\r\nFrom: a".to_vec())
        }
        _ => Act::Serve,
    });
    let server = Server::start_with(Demo::On, &borrowed(&at(&mailbox)));
    until("an empty folder", || is_empty(&mailbox));
    let agent = Client::staff(&server, "agente");
    assert_waiting(&agent, [0, 2, 3].into_iter());
    assert_eq!(mailbox.with(|folder| (folder.moved_to("Vigia"), folder.moved_to("Vigia-refused"))), (3, 1));
    assert!(mailbox.with(|folder| folder.connections) >= 6);
    let log = server.log();
    for said in ["ended the session: full", "sent too much", "closed the connection", "too large"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains("s3cret"), "{log}");
    // It is open now, and a mail that comes in is taken by IDLE.
    mailbox.with(|folder| folder.append(mail(9)));
    until("the mail", || is_empty(&mailbox));
    assert_waiting(&agent, [0, 2, 3, 9].into_iter());
}

#[test]
fn new_numbers_of_a_folder_double_no_mail() {
    let is_restored = Arc::new(AtomicBool::new(false));
    let restored = Arc::clone(&is_restored);
    let mailbox = Scripted::start(ABLE, mails(3), move |connection, _| match connection {
        0 if restored.load(Ordering::SeqCst) => Act::SayAndClose(b"* BYE restored\r\n".to_vec()),
        _ => Act::Serve,
    });
    let server = Server::start_with(Demo::On, &borrowed(&at(&mailbox)));
    until("an empty folder", || is_empty(&mailbox));
    // The server was restored from a backup: the mails are there again, under other numbers.
    mailbox.with(|folder| {
        folder.validity = 2;
        let back: Vec<String> = folder.moved.drain(..).map(|(_, mail)| mail).collect();
        folder.mails = back.into_iter().rev().zip(1..).map(|(mail, uid)| (uid, mail)).collect();
        folder.append(mail(3));
        is_restored.store(true, Ordering::SeqCst);
    });
    until("an empty folder", || is_empty(&mailbox));
    assert_waiting(&Client::staff(&server, "agente"), 0..4);
    assert_eq!(mailbox.with(|folder| (folder.moved_to("Vigia"), folder.connections)), (4, 2));
}

#[test]
fn refused_mail_waits_and_a_server_without_idle_is_asked() {
    let mailbox = Scripted::start("MOVE", mails(3), |_, command| match command {
        "UID FETCH 1 (UID BODY.PEEK[])" => Act::Refuse,
        _ => Act::Serve,
    });
    let mut variables_of = at(&mailbox);
    variables_of.extend(variables("support", &[("POLL_SECONDS", "5")]));
    let server = Server::start_with(Demo::On, &borrowed(&variables_of));
    let agent = Client::staff(&server, "agente");
    until("the other mails", || (triage(&agent).0 == 2).then_some(()));
    mailbox.with(|folder| folder.append(mail(3)));
    until("the later mail", || (triage(&agent).0 == 3).then_some(()));
    assert_waiting(&agent, [1, 2, 3].into_iter());
    assert_eq!(mailbox.with(|folder| folder.mails.len()), 1, "it is in the mailbox still");
    assert!(mailbox.with(|folder| !folder.heard.iter().any(|command| command == "IDLE")));
    let waits = "vigia_mailbox_waiting_mails{mailbox=\"support\"} 1";
    until("the figure", || server.metrics().lines().any(|line| line == waits).then_some(()));
    let page = Client::staff(&server, "administracion").get("/desk/admin/server").text();
    assert!(page.contains("no se han podido recibir: 1"), "{page}");
}

#[test]
fn mail_that_was_moved_as_the_connection_broke_is_waited_for_no_more() {
    let mailbox = Scripted::start(ABLE, mails(2), |connection, command| match (connection, command) {
        (0, command) if command.starts_with("UID MOVE 1 ") => Act::ServeAndClose,
        _ => Act::Serve,
    });
    let server = Server::start_with(Demo::On, &borrowed(&at(&mailbox)));
    until("an empty folder", || is_empty(&mailbox));
    let waits = "vigia_mailbox_waiting_mails{mailbox=\"support\"} 0";
    until("the figure", || server.metrics().lines().any(|line| line == waits).then_some(()));
    for number in 2..5 {
        mailbox.with(|folder| folder.append(mail(number)));
        until("the mail", || is_empty(&mailbox));
    }
    assert_waiting(&Client::staff(&server, "agente"), 0..5);
    // One for each mail that came later, and one before them.
    let idle = mailbox.with(|folder| folder.heard.iter().filter(|command| *command == "IDLE").count());
    assert!(idle <= 4, "the session asks again and again: {idle}");
}

#[test]
fn mail_that_its_server_does_not_hand_over_waits() {
    let mailbox = Scripted::start(ABLE, mails(2), |_, command| match command {
        "UID FETCH 1 (UID BODY.PEEK[])" => Act::Pretend,
        _ => Act::Serve,
    });
    let server = Server::start_with(Demo::On, &borrowed(&at(&mailbox)));
    let waits = "vigia_mailbox_waiting_mails{mailbox=\"support\"} 1";
    until("the figure", || server.metrics().lines().any(|line| line == waits).then_some(()));
    assert_waiting(&Client::staff(&server, "agente"), 1..2);
    assert_eq!(mailbox.with(|folder| folder.mails.len()), 1, "it is in the mailbox still");
}

#[test]
fn silent_server_does_not_hold_the_end_of_the_process() {
    let mailbox = Scripted::start(ABLE, mails(1), |_, command| match command {
        "UID FETCH 1 (UID BODY.PEEK[])" => Act::Hang,
        _ => Act::Serve,
    });
    let mut server = Server::start_with(Demo::Off, &borrowed(&at(&mailbox)));
    until("the fetch", || {
        mailbox.with(|folder| folder.heard.iter().any(|command| command.contains("BODY.PEEK"))).then_some(())
    });
    assert!(server.stop());
    assert!(!server.log().contains("did not end in time"), "{}", server.log());
    assert_eq!(mailbox.with(|folder| folder.mails.len()), 1, "it is in the mailbox still");
}

#[test]
fn account_is_proved_by_an_access_token() {
    let tokens = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/token", tokens.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in tokens.incoming() {
            let (mut stream, mut asked) = (stream.unwrap(), [0; 4096]);
            let _ = stream.read(&mut asked).unwrap();
            let body = "{\"access_token\":\"t0ken\",\"expires_in\":3600,\"token_type\":\"Bearer\"}";
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    let mailbox = Scripted::start("IDLE MOVE AUTH=XOAUTH2", mails(1), |_, _| Act::Serve);
    let port = mailbox.port.to_string();
    let keys = [
        ("HOST", "127.0.0.1"),
        ("PORT", port.as_str()),
        ("TLS", "none"),
        ("USER", "mesa@example.com"),
        ("OAUTH_URL", address.as_str()),
        ("OAUTH_CLIENT_ID", "desk"),
        ("OAUTH_REFRESH_TOKEN", "refresh"),
    ];
    let server = Server::start_with(Demo::On, &borrowed(&variables("support", &keys)));
    until("an empty folder", || is_empty(&mailbox));
    assert_waiting(&Client::staff(&server, "agente"), 0..1);
    let proof = STANDARD.encode("user=mesa@example.com\u{1}auth=Bearer t0ken\u{1}\u{1}");
    assert!(mailbox.with(|folder| folder.heard.contains(&proof)));
    assert!(!server.log().contains("t0ken"));
}

/// A point of the work at a mail.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// Before the mail is sent.
    BeforeFetch,
    /// The mail was sent in part.
    WithinFetch,
    /// The mail was sent: the desk may have it, or not.
    AfterFetch,
    /// The desk has the mail, and it is not moved yet.
    BeforeMove,
    /// The mail is moved, and the process does not know it.
    AfterMove,
}

#[test]
fn process_killed_at_each_point_has_each_mail_once() {
    use Point::{AfterFetch, AfterMove, BeforeFetch, BeforeMove, WithinFetch};
    const POINTS: [Point; 8] =
        [BeforeMove, BeforeFetch, AfterMove, WithinFetch, BeforeMove, AfterFetch, AfterMove, AfterFetch];
    const MAILS: usize = 20;
    let (reached, point) = mpsc::channel();
    // Fetches of each connection, and whether its process is killed already. Each process has one connection.
    let progress = Mutex::new(([0; POINTS.len()], [false; POINTS.len()], reached));
    let mailbox = Scripted::start(ABLE, mails(MAILS), move |connection, command| {
        let Some(point) = POINTS.get(connection) else { return Act::Serve };
        let mut progress = progress.lock().unwrap();
        let (fetches, killed, reached) = &mut *progress;
        if killed[connection] {
            return Act::Hang;
        }
        let is_fetch = command.contains("BODY.PEEK[]");
        fetches[connection] += usize::from(is_fetch);
        let is_here = match point {
            BeforeFetch | WithinFetch | AfterFetch => is_fetch,
            BeforeMove | AfterMove => command.starts_with("UID MOVE"),
        };
        // The first mail of a connection is done as it should be, so that there is work between two kills.
        if fetches[connection] < 2 || !is_here {
            return Act::Serve;
        }
        killed[connection] = true;
        reached.send(*point).unwrap();
        match point {
            BeforeFetch | BeforeMove => Act::Hang,
            WithinFetch => Act::Partly,
            AfterFetch => Act::Serve,
            AfterMove => Act::ServeAndHang,
        }
    });
    let mailbox_variables = at(&mailbox);
    let mut server = Server::start_with(Demo::On, &borrowed(&mailbox_variables));
    let mut kills = 0;
    for expected in POINTS {
        let here = point.recv_timeout(std::time::Duration::from_mins(3)).expect("the point is reached");
        assert_eq!(format!("{here:?}"), format!("{expected:?}"));
        assert!(
            Command::new("kill").args(["-KILL", &server.process().to_string()]).status().unwrap().success()
        );
        assert!(!server.has_ended_well(), "it was killed");
        kills += 1;
        assert!(mailbox.with(|folder| !folder.mails.is_empty()), "there was work left");
        server = server.restart(Demo::On, &borrowed(&mailbox_variables));
    }
    until("an empty folder", || is_empty(&mailbox));
    assert_eq!(kills, POINTS.len());
    assert_waiting(&Client::staff(&server, "agente"), 0..MAILS);
    let moved = mailbox.with(|folder| folder.moved.clone());
    for number in 0..MAILS {
        assert_eq!(moved.iter().filter(|(_, mail)| mail.contains(&subject(number))).count(), 1);
    }
    assert_eq!(rows(&server, "inbound_mails").len(), MAILS);
    server.run(&["check", "database"]);
}
