//! The outbox on both engines, with a folder and with mail servers of many kinds.

use std::path::Path;
use std::time::Duration;

use crate::support::smtp::{Manner, Server};
use crate::support::{TestDesk, a_case, a_report, an_opening, both_engines, nth_mail, staff};
use desk::Desk;
use desk::DeskError;
use desk::cases::open::{OpenCase, OpenedCase, open_case};
use desk::inbound::delivery::{OwnMailbox, State, Taken, deliver as take_in};
use desk::live::feed;
use desk::outbox::{
    MailId, ReplyAddresses, Roots, Sender, Settings, SmtpSettings, Tls, Transport, deliver_due, list, read,
    retry, work,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::i18n::{Language, text};
use domain::mail_address::MailAddress;
use domain::view::MailState;
use sqlx::Row;
use tokio_util::sync::CancellationToken;

both_engines! {
    opening_queues_one_mail_and_a_refused_opening_none,
    rolled_back_opening_leaves_no_mail,
    opening_mail_states_number_and_target_in_text_and_html,
    markup_typed_by_customers_is_escaped_in_mails,
    deferred_mail_is_sent_again_unchanged,
    refused_mail_is_a_dead_letter_at_once_and_can_be_retried_by_hand,
    mail_deferred_for_a_day_becomes_a_dead_letter,
    silent_mail_server_delays_no_other_mail,
    mail_counts_as_sent_when_quit_is_never_answered,
    crash_before_recording_delivery_sends_the_same_mail_again,
    parallel_workers_send_each_mail_once,
    worker_wakes_on_a_new_case,
    control_characters_in_a_name_stop_no_worker,
    malformed_address_is_a_dead_letter_and_other_mails_are_sent,
    unverified_openings_send_three_mails_an_hour_to_one_mailbox,
    outbox_rows_hold_no_link_that_opens_a_case,
    each_case_has_a_reply_address_of_its_own_where_the_mailbox_takes_them,
}

pub(crate) fn sender() -> Sender {
    Sender {
        name: "Vigía".into(),
        address: MailAddress::parse("mesa@vigia.example").unwrap(),
        replies: ReplyAddresses::Shared,
    }
}

pub(crate) fn over_smtp(server: &Server) -> Transport {
    Transport::Smtp(SmtpSettings {
        host: "127.0.0.1".into(),
        port: server.port,
        tls: Tls::None,
        roots: Roots::default(),
        login: None,
        sender: sender(),
        hello: "vigia.example".into(),
    })
}

fn to_folder(path: &Path) -> Transport {
    Transport::Folder { path: path.to_owned(), sender: sender() }
}

/// Long time limits, for all tests in which the server answers.
pub(crate) fn usual() -> Settings {
    Settings::default()
}

/// Sends all due mails.
pub(crate) async fn deliver(desk: &Desk, transport: &Transport) -> usize {
    deliver_due(desk, transport, &usual()).await.unwrap()
}

pub(crate) async fn state(desk: &Desk, id: i64) -> (MailState, u32) {
    let line = read(desk, &Actor::System, nth_mail(desk, id).await).await.unwrap().line;
    (line.seen.state, line.attempts)
}

async fn queued(desk: &Desk) -> i64 {
    list(desk, &Actor::System, None, 1).await.unwrap().paging.total
}

/// Contents of the `.eml` files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    files.sort();
    files
}

/// Decodes quoted-printable (RFC 2045, 6.7).
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'=' && tail.len() > 1 {
            let code = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) async fn open_for(desk: &Desk, key: &str, mail: &str) -> OpenedCase {
    let mut report = a_report();
    report.contact.mail = MailAddress::parse(mail).unwrap();
    open_case(desk, &Actor::Anonymous, OpenCase { report, ..an_opening(key) }).await.unwrap()
}

async fn opening_queues_one_mail_and_a_refused_opening_none(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let display = Actor::Customer(a_case(desk).await.number);
    assert_eq!(queued(desk).await, 1);

    let telephone = OpenCase { origin: domain::case::Origin::Telephone, ..an_opening("by-a-customer") };
    assert!(open_case(desk, &display, telephone).await.is_err());
    assert_eq!(queued(desk).await, 1, "refused");

    let first = open_case(desk, &Actor::Anonymous, an_opening("twice")).await.unwrap();
    let second = open_case(desk, &Actor::Anonymous, an_opening("twice")).await.unwrap();
    assert_eq!(first.number, second.number);
    assert_eq!(queued(desk).await, 2, "sent twice");
}

async fn rolled_back_opening_leaves_no_mail(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    // The mail's row is refused after other writes of the transaction.
    let mut connection = at.connection().await;
    let taken = "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject,
                     body_text, body_html, state, attempts, created_utc_s, next_attempt_utc_s, leased_until_utc_s)
                 VALUES (1, 'x', 'VE2600421392', 'opening', 'es', '', 'a@b.example', '', '', '', 'sent', 1, 0, 0, 0)";
    sqlx::query(taken).execute(&mut connection).await.unwrap();
    sqlx::query("CREATE UNIQUE INDEX one_mail_a_language ON outbox (language)")
        .execute(&mut connection)
        .await
        .unwrap();
    assert!(open_case(&at.desk, &Actor::Anonymous, an_opening("in-vain")).await.is_err());
    for table in ["SELECT COUNT(*) FROM cases", "SELECT COUNT(*) FROM case_events"] {
        let (count,): (i64,) = sqlx::query_as(table).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(queued(&at.desk).await, 1);
    // It leaves nothing behind, not even a used number.
    sqlx::query("DELETE FROM outbox").execute(&mut connection).await.unwrap();
    let opened = open_case(&at.desk, &Actor::Anonymous, an_opening("at-last")).await.unwrap();
    assert_eq!((opened.number.sequence(), queued(&at.desk).await), (1, 1));
}

async fn opening_mail_states_number_and_target_in_text_and_html(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    for (language, moment, what) in [
        (Language::Es, "lunes 23 de noviembre de 2026, 10:00 (hora de Caracas, UTC-04:00)", "Falla"),
        (Language::En, "Monday 23 November 2026, 10:00 (Caracas time, UTC-04:00)", "Fault"),
        (Language::Pt, "segunda-feira, 23 de novembro de 2026, 10:00 (hora de Caracas, UTC-04:00)", "Falha"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let wish = OpenCase { language, ..an_opening(language.code()) };
        let opened = open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap();
        assert_eq!(deliver(&at.desk, &to_folder(folder.path())).await, 1);
        let [eml] = files(folder.path()).try_into().unwrap();
        let (head, body) = eml.split_once("\r\n\r\n").unwrap();
        let subject = text(language, "letter.opening.subject");
        let word = subject.split(' ').next().unwrap();
        assert!(head.contains(&format!("Subject: {word}")), "{head}");
        assert!(head.contains(&opened.number.to_string()), "{head}");
        assert!(head.contains("\r\nTo: =?utf-8?b?THVpcyBQZcOxYQ==?= <luis.pena@example.com>\r\n"), "{head}");
        assert!(head.contains("\r\nAuto-Submitted: auto-generated\r\n"));
        assert!(head.contains(&format!("\r\nContent-Language: {}\r\n", language.code())));
        assert!(head.contains("@vigia.example>"));
        let boundary = head.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 4, "{body}");
        let part = |place: usize, kind: &str| {
            let (head, body) = parts[place].split_once("\r\n\r\n").unwrap();
            assert!(head.contains(kind) && head.contains("quoted-printable"), "{head}");
            unquoted(body)
        };
        let (plain, html) = (part(1, "text/plain"), part(2, "text/html"));
        for part in [&plain, &html] {
            let joined = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(joined.contains(&opened.number.grouped()), "{joined}");
            assert!(joined.contains(&opened.number.spoken(language)), "{joined}");
            assert!(joined.contains(moment), "{joined}");
            assert!(joined.contains(what) && joined.contains("no enciende desde las 9:40"));
            assert!(joined.contains(&format!("https://vigia.example/track/{}", opened.tracking)));
            assert!(joined.contains("0800 CPS 0000") && joined.contains("800 CPS MEX 0"));
            assert!(!joined.contains("%{") && !joined.contains("letter."), "{joined}");
        }
        let long = |line: &&str| line.chars().count() > 76 && !line.contains("/track/");
        let text = read(&at.desk, &Actor::System, nth_mail(&at.desk, queued(&at.desk).await).await)
            .await
            .unwrap()
            .text;
        assert_eq!(text.lines().find(long), None, "{text}");
    }
}

async fn each_case_has_a_reply_address_of_its_own_where_the_mailbox_takes_them(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let tag = at.desk.tokens().reply_tag(number);
    let folder = tempfile::tempdir().unwrap();
    let sender = Sender { replies: ReplyAddresses::PerCase, ..sender() };
    let address = sender.address.clone();
    assert_eq!(deliver(&at.desk, &Transport::Folder { path: folder.path().to_owned(), sender }).await, 1);
    let [eml] = files(folder.path()).try_into().unwrap();
    let (head, _) = eml.split_once("\r\n\r\n").unwrap();
    let field = |name: &str| head.split("\r\n").find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(field("Reply-To:").ends_with(&format!("<mesa+{tag}@vigia.example>")), "{head}");
    assert!(field("From:").ends_with("<mesa@vigia.example>"), "bounces and filters know one address: {head}");
    // A program that keeps neither subject nor thread keeps the address.
    let reply = format!(
        "From: luis.pena@example.com\r\nTo: mesa+{tag}@vigia.example\r\nMessage-ID: <r@x>\r\nSubject: x\r\n\r\nYa volvió.\r\n"
    );
    let mailbox = OwnMailbox { address, authserv_id: None };
    let taken = take_in(&at.desk, reply.as_bytes(), &mailbox).await.unwrap();
    assert_eq!(taken, Taken::Now { state: State::Joined, reason: None, case: Some(number) });
}

async fn markup_typed_by_customers_is_escaped_in_mails(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut report = a_report();
    report.location = domain::text::Location::parse("<img src=https://evil.example/x> & \"co\"").unwrap();
    let opened =
        open_case(&at.desk, &Actor::Anonymous, OpenCase { report, ..an_opening("markup") }).await.unwrap();
    let mail = read(&at.desk, &Actor::System, nth_mail(&at.desk, 1).await).await.unwrap();
    assert!(mail.html.contains("&lt;img src=https://evil.example/x&gt; &amp; &quot;co&quot;"));
    assert!(!mail.html.contains("<img"));
    assert!(mail.text.contains("<img src=https://evil.example/x> & \"co\""));
    let subject = &mail.line.seen.subject;
    assert!(subject.starts_with(&format!("Caso {} abierto · ", opened.number)), "{subject}");
    assert!(!subject.contains("img"), "what it is about is the register's word: {subject}");
}

async fn deferred_mail_is_sent_again_unchanged(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::PutsOff, Manner::TalksNonsense, Manner::Takes]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(state(&at.desk, 1).await, (MailState::Queued, 1));
    assert_eq!(deliver(&at.desk, &transport).await, 0, "not before its time");

    at.clock.advance(72);
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(state(&at.desk, 1).await, (MailState::Queued, 2));
    at.clock.advance(216);
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(state(&at.desk, 1).await, (MailState::Sent, 3));

    let taken = server.next().await;
    assert_eq!(taken.from, "MAIL FROM:<mesa@vigia.example>");
    assert_eq!(taken.to, ["RCPT TO:<luis.pena@example.com>"]);
    let mail = read(&at.desk, &Actor::System, nth_mail(&at.desk, 1).await).await.unwrap();
    assert_eq!(taken.header("Message-ID"), mail.message_id);
    assert_eq!((mail.line.seen.sent_at, mail.line.trouble), (Some(at.clock.now()), None));
    assert_eq!(server.left(), []);
}

async fn refused_mail_is_a_dead_letter_at_once_and_can_be_retried_by_hand(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::Refuses]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(state(&at.desk, 1).await, (MailState::Dead, 1));
    at.clock.advance(48 * 3600);
    assert_eq!(deliver(&at.desk, &transport).await, 0);
    let dead = list(&at.desk, &staff(Role::Supervisor), Some(MailState::Dead), 1).await.unwrap();
    assert_eq!((dead.paging.total, dead.rows.len()), (1, 1));
    assert!(dead.rows[0].trouble.as_ref().unwrap().contains("550"));

    let agent = retry(&at.desk, &staff(Role::Agent), nth_mail(&at.desk, 1).await).await;
    assert!(matches!(agent, Err(DeskError::NotPermitted(_))));
    assert!(matches!(
        read(&at.desk, &Actor::Anonymous, nth_mail(&at.desk, 1).await).await,
        Err(DeskError::NotPermitted(_))
    ));
    let nothing = retry(&at.desk, &staff(Role::Supervisor), MailId(9)).await;
    assert!(matches!(nothing, Err(DeskError::NotFound)));

    server.behave(Manner::Takes);
    retry(&at.desk, &staff(Role::Supervisor), nth_mail(&at.desk, 1).await).await.unwrap();
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    server.next().await;
    assert_eq!(state(&at.desk, 1).await, (MailState::Sent, 1));
    let again = retry(&at.desk, &staff(Role::Supervisor), nth_mail(&at.desk, 1).await).await;
    assert!(matches!(again, Err(DeskError::Refused(domain::case::Refusal::DoneAlready))));
}

async fn mail_deferred_for_a_day_becomes_a_dead_letter(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::PutsOff]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    let mut tries = 0;
    while state(&at.desk, 1).await.0 == MailState::Queued {
        tries += deliver(&at.desk, &transport).await;
        at.clock.advance(600);
        assert!(tries < 100);
    }
    assert_eq!(tries, 13);
    let lasted = at.clock.now().since(crate::support::START);
    assert!((19 * 3600..31 * 3600).contains(&lasted), "{lasted}");
    assert_eq!(server.left(), []);
}

async fn silent_mail_server_delays_no_other_mail(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::FallsSilent, Manner::Takes]).await;
    let transport = over_smtp(&server);
    let (one, two) = (
        open_for(&at.desk, "one", "uno@example.com").await,
        open_for(&at.desk, "two", "dos@example.com").await,
    );
    assert_ne!(one.number, two.number);
    let impatient = Settings { send_within: Duration::from_secs(3), ..usual() };
    assert_eq!(deliver_due(&at.desk, &transport, &impatient).await.unwrap(), 2);
    let mut states = [state(&at.desk, 1).await, state(&at.desk, 2).await];
    states.sort_by_key(|(state, _)| state.code());
    assert_eq!(states, [(MailState::Queued, 1), (MailState::Sent, 1)]);
    server.next().await;
    at.clock.advance(72);
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    server.next().await;
}

async fn mail_counts_as_sent_when_quit_is_never_answered(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::NeverSaysGoodbye]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(state(&at.desk, 1).await, (MailState::Sent, 1));
    server.next().await;
}

async fn crash_before_recording_delivery_sends_the_same_mail_again(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::TakesInSilence, Manner::Takes]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    let (desk, way) = (at.desk.clone(), transport.clone());
    let worker = tokio::spawn(async move { deliver_due(&desk, &way, &usual()).await });
    let first = server.next().await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());

    let heir = at.another().await;
    assert_eq!(deliver(&heir, &transport).await, 0, "the lease still holds");
    at.clock.advance(usual().lease_s);
    assert_eq!(deliver(&heir, &transport).await, 1);
    let second = server.next().await;
    assert_eq!(first, second, "the same bytes, Message-ID and all");
    assert_eq!(state(&heir, 1).await, (MailState::Sent, 2));
}

async fn parallel_workers_send_each_mail_once(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::Takes]).await;
    let transport = over_smtp(&server);
    for number in 0..30 {
        open_for(&at.desk, &number.to_string(), &format!("a{number}@example.com")).await;
    }
    let other = at.another().await;
    let settings = usual();
    let (mine, theirs) = tokio::join!(
        deliver_due(&at.desk, &transport, &settings),
        deliver_due(&other, &transport, &settings)
    );
    assert_eq!(mine.unwrap() + theirs.unwrap(), 30);
    let mut ids: Vec<String> = server.left().iter().map(|mail| mail.header("Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 30, "each once");
}

async fn worker_wakes_on_a_new_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::Takes]).await;
    let stop = CancellationToken::new();
    let feeding = tokio::spawn(feed::serve(at.desk.clone(), stop.clone()));
    let working = tokio::spawn(work(at.desk.clone(), over_smtp(&server), stop.clone()));
    for _ in 0..3 {
        a_case(&at.desk).await;
        server.next().await;
    }
    stop.cancel();
    working.await.unwrap();
    feeding.await.unwrap();
}

async fn control_characters_in_a_name_stop_no_worker(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::Takes]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    a_case(&at.desk).await;
    // Bypasses every check on input.
    let mut connection = at.connection().await;
    sqlx::query("UPDATE outbox SET recipient_name = $1 WHERE id = (SELECT MIN(id) FROM outbox)")
        .bind("Eve\r\nBcc: eve@evil.example\u{1b}")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(deliver(&at.desk, &transport).await, 2);
    for _ in 0..2 {
        let taken = server.next().await;
        assert_eq!(taken.to, ["RCPT TO:<luis.pena@example.com>"]);
        assert!(!taken.data.contains("\nBcc"));
    }
}

async fn malformed_address_is_a_dead_letter_and_other_mails_are_sent(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::Takes]).await;
    a_case(&at.desk).await;
    a_case(&at.desk).await;
    let mut connection = at.connection().await;
    let broken = "UPDATE outbox SET recipient = 'nobody' WHERE id = (SELECT MIN(id) FROM outbox)";
    sqlx::query(broken).execute(&mut connection).await.unwrap();
    assert_eq!(deliver(&at.desk, &over_smtp(&server)).await, 2);
    server.next().await;
    assert_eq!(state(&at.desk, 1).await, (MailState::Dead, 1));
    assert_eq!(state(&at.desk, 2).await, (MailState::Sent, 1));
}

async fn unverified_openings_send_three_mails_an_hour_to_one_mailbox(engine: Engine) {
    // Without a register every case is unverified.
    let at = TestDesk::open(engine).await;
    let folder = tempfile::tempdir().unwrap();
    let transport = to_folder(folder.path());
    // In every spelling of the mailbox.
    let spelled = |nth: usize| match nth % 4 {
        0 => "victim@example.com".to_owned(),
        1 => "VICTIM@example.com".to_owned(),
        2 => format!("victim+{nth}@example.com"),
        _ => format!("Victim+a.{nth}@Example.com"),
    };
    for number in 0..100 {
        open_for(&at.desk, &number.to_string(), &spelled(number)).await;
    }
    open_for(&at.desk, "bystander", "bystander@example.com").await;
    assert_eq!(deliver(&at.desk, &transport).await, 4, "three and the bystander's");
    let dead = list(&at.desk, &Actor::System, Some(MailState::Dead), 1).await.unwrap();
    assert!(dead.paging.total > 20, "the rest is laid before the supervisors");
    for hour in 1..48 {
        at.clock.advance(3600);
        let sent = deliver(&at.desk, &transport).await;
        assert!(sent <= 3, "{sent} in hour {hour}");
    }
    assert_eq!(queued(&at.desk).await, 101, "every case was opened and kept its mail");
    let waiting = list(&at.desk, &Actor::System, Some(MailState::Queued), 1).await.unwrap();
    assert_eq!(waiting.paging.total, 0);
}

/// The table or a copy of it gives no access to a case.
async fn outbox_rows_hold_no_link_that_opens_a_case(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let opened = a_case(&at.desk).await;
    let (number, code) = opened.tracking.split_once('-').unwrap();
    let read = async || {
        sqlx::query("SELECT body_text, body_html FROM outbox")
            .fetch_one(&mut at.connection().await)
            .await
            .map(|row| [row.get::<String, _>(0), row.get::<String, _>(1)])
            .unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    for body in read().await {
        assert!(body.contains(number) && !body.contains(code), "{body}");
    }
    assert_eq!(deliver(&at.desk, &to_folder(folder.path())).await, 1);
    let [eml] = files(folder.path()).try_into().unwrap();
    assert!(eml.replace("=\r\n", "").matches(&opened.tracking).count() >= 2, "{eml}");
    // Nor after the mail was sent.
    for body in read().await {
        assert!(!body.contains(code), "{body}");
    }
}
