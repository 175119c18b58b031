//! Mails from mailboxes of a real Dovecot, by the real binary.

mod support;

use support::client::Client;
use support::dovecot::{Dovecot, PASSWORD};
use support::inbox::{assert_waiting, borrowed, mail, reply, rows, subject, triage, variables};
use support::{Demo, Server, open_case, until};

/// Variables of a mailbox at the server, by TLS.
fn at(dovecot: &Dovecot, name: &str, user: &str) -> Vec<(String, String)> {
    let port = dovecot.secure.to_string();
    variables(
        name,
        &[
            ("HOST", "localhost"),
            ("PORT", &port),
            ("CA_FILE", &dovecot.authority()),
            ("USER", user),
            ("PASSWORD", PASSWORD),
        ],
    )
}

/// The sum of a series over all mailboxes.
fn sum(server: &Server, series: &str) -> f64 {
    let figures = server.metrics();
    let of_series = figures.lines().filter(|line| line.starts_with(&format!("{series}{{")));
    of_series.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn two_workers_at_one_folder_take_each_mail_once() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut inbox = dovecot.client("mesa");
    for number in 0..12 {
        inbox.append("INBOX", mail(number).as_bytes());
    }
    let large = format!("{}{}", mail(99), "x".repeat(76) + "\r\n")
        .replace("No imprime.", &"largo\r\n".repeat(4_800_000));
    inbox.append("INBOX", large.as_bytes());
    let mut mailboxes = at(&dovecot, "first", "mesa");
    let port = dovecot.plain.to_string();
    mailboxes.extend(at(&dovecot, "second", "mesa"));
    mailboxes.extend(variables("second", &[("PORT", &port), ("TLS", "starttls")]));
    let server = Server::start_with(Demo::On, &borrowed(&mailboxes));
    let agent = Client::staff(&server, "agente");
    until("an empty folder", || (inbox.count("INBOX", "MESSAGES") == 0).then_some(()));
    // Both wait by IDLE now, and both hear of these.
    for number in 12..16 {
        inbox.append("INBOX", mail(number).as_bytes());
    }
    until("the mails that came later", || (triage(&agent).0 == 16).then_some(()));
    until("an empty folder", || (inbox.count("INBOX", "MESSAGES") == 0).then_some(()));
    assert_waiting(&agent, 0..16);
    let taken = inbox.subjects("Vigia");
    assert!((0..16).all(|number| taken.contains(&subject(number))), "{taken:?}");
    assert!(!taken.contains(&subject(99)));
    assert!(inbox.subjects("Vigia-refused").contains(&subject(99)));
    assert!(server.log().contains("a mail was refused: it is too large"), "{}", server.log());
    // A mail that both have fetched counts once.
    assert!((sum(&server, "vigia_mailbox_taken_total") - 16.0).abs() < 0.1, "{}", server.metrics());
    assert!((sum(&server, "vigia_mailbox_reached") - 2.0).abs() < 0.1);
    let page = Client::staff(&server, "administracion").get("/desk/admin/server").text();
    for part in ["El buzón first está abierto desde", "El buzón second está abierto desde", "Último correo"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(PASSWORD) && !server.log().contains(PASSWORD));
}

#[test]
fn mail_that_stays_in_its_folder_is_marked_as_read_and_taken_once() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut inbox = dovecot.client("mesa");
    inbox.run("CREATE \"Atenci&APM-n\"");
    for number in 0..3 {
        inbox.append("\"Atenci&APM-n\"", mail(number).as_bytes());
    }
    let mut mailboxes = at(&dovecot, "support", "mesa");
    mailboxes.extend(variables("support", &[("FOLDER", "Atención"), ("TAKEN", "seen")]));
    let server = Server::start_with(Demo::On, &borrowed(&mailboxes));
    until("read mails", || (inbox.count("\"Atenci&APM-n\"", "UNSEEN") == 0).then_some(()));
    assert_eq!(inbox.count("\"Atenci&APM-n\"", "MESSAGES"), 3);
    let server = server.restart(Demo::On, &borrowed(&mailboxes));
    // Even if they are not read any more.
    inbox.run("SELECT \"Atenci&APM-n\"");
    inbox.run("UID STORE 1:* -FLAGS.SILENT (\\Seen)");
    inbox.run("CLOSE");
    inbox.append("\"Atenci&APM-n\"", mail(3).as_bytes());
    until("read mails", || (inbox.count("\"Atenci&APM-n\"", "UNSEEN") == 0).then_some(()));
    assert_waiting(&Client::staff(&server, "agente"), 0..4);
}

#[test]
fn killed_process_loses_no_mail_and_doubles_none() {
    const STEPS: usize = 6;
    const PORTION: usize = 15;
    const MAILS: usize = STEPS * PORTION;
    let Some(dovecot) = Dovecot::start() else { return };
    let mut mailboxes = at(&dovecot, "support", "mesa");
    mailboxes.push(("VIGIA_MAIL_AUTHSERV_ID".to_owned(), "mx.vigia.example".to_owned()));
    let mut server = Server::start_with(Demo::On, &[]);
    let case = open_case(&server, "0123456789abcdef0123")[..12].to_owned();
    let mut inbox = dovecot.client("mesa");
    // Eight: a case takes ten messages within an hour.
    let is_reply = |number: &usize| number.is_multiple_of(12);
    let mut killed_at_work = 0;
    for step in 0..STEPS {
        // Each step has work of its own, however fast the one before was.
        for number in step * PORTION..(step + 1) * PORTION {
            let mail = if is_reply(&number) { reply(number, &case) } else { mail(number) };
            inbox.append("INBOX", mail.as_bytes());
        }
        let before = inbox.count("INBOX", "MESSAGES");
        server = server.restart(Demo::On, &borrowed(&mailboxes));
        // Some mails are done, and the process is in the midst of another one.
        let left = until("some mails", || {
            Some(inbox.count("INBOX", "MESSAGES")).filter(|left| *left + 1 + step % 4 <= before)
        });
        let process = server.process().to_string();
        assert!(std::process::Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
        killed_at_work += usize::from(left > 0);
    }
    assert!(killed_at_work >= 3, "killed only {killed_at_work} times while there was work");
    server = server.restart(Demo::On, &borrowed(&mailboxes));
    until("an empty folder", || (inbox.count("INBOX", "MESSAGES") == 0).then_some(()));
    assert_waiting(&Client::staff(&server, "agente"), (0..MAILS).filter(|number| !is_reply(number)));
    assert_eq!(rows(&server, "inbound_mails").len(), MAILS);
    let events = rows(&server, "case_events");
    for number in (0..MAILS).filter(is_reply) {
        let told = events.iter().filter(|event| event.contains(&case) && event.contains(&subject(number)));
        assert_eq!(told.count(), 1, "message {number}");
    }
    server.run(&["check", "database"]);
}

#[test]
fn doctor_signs_in_and_says_what_a_server_refuses() {
    let Some(dovecot) = Dovecot::start() else { return };
    dovecot.client("mesa").append("INBOX", mail(0).as_bytes());
    let server = Server::start_with(Demo::Off, &[]);
    let doctor = |mailboxes: &[(String, String)]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vigia"));
        command.arg("doctor").current_dir(server.data()).env_clear().env("LANG", "en");
        let output = command.envs(mailboxes.iter().map(|(name, value)| (name, value))).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let right = at(&dovecot, "support", "mesa");
    let told = doctor(&right);
    assert!(
        told.contains("mailbox support answers and accepts the account; mails in the folder: 1"),
        "{told}"
    );
    for (key, value, said) in [
        ("PASSWORD", "other-s3cret", "refused the account"),
        ("FOLDER", "None", "refused to open the folder"),
        ("HOST", "127.0.0.1", "no TLS"),
        ("PORT", "1", "no connection"),
    ] {
        let mut wrong = right.clone();
        wrong.extend(variables("support", &[(key, value)]));
        let told = doctor(&wrong);
        assert!(told.contains("WRONG") && told.contains(said), "{key}: {told}");
        assert!(!told.contains("s3cret") && !told.contains(PASSWORD), "{told}");
    }
    let mut unknown = right;
    unknown.retain(|(name, _)| !name.ends_with("CA_FILE"));
    assert!(doctor(&unknown).contains("no TLS"), "a certificate of an unknown authority");
    assert_eq!(dovecot.client("mesa").count("INBOX", "UNSEEN"), 1, "looking changes nothing");
}
