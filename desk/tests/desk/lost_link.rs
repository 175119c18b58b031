//! Lost links: sent to their own address alone, while the requester learns nothing.

use desk::access::limits::Source;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::lost_link::{Lost, ask, send};
use desk::cases::open::{OpenCase, OpenedCase, open_case};
use desk::cases::read::read_case;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::outbox::{Mail, ReplyAddresses, Sender, Settings, Transport, deliver_due, list, read};
use desk::search::catch_up;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{AmendForm, AskedBy, Command, RevisionCommand, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::i18n::{Language, text};
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::text::Reason;
use sqlx::Executor;

use crate::support::{TestDesk, a_form, an_opening, both_engines, explain, nth_mail, staff};

both_engines! {
    lost_links_of_all_open_cases_go_to_their_own_address,
    lost_link_mail_holds_links_that_the_outbox_row_does_not,
    lost_link_request_with_a_number_sends_that_case_alone,
    lost_links_go_to_the_spelling_of_the_address_on_the_case,
    repeated_lost_link_requests_send_one_mail_within_the_allowance,
    lost_link_requests_are_rate_limited_per_network,
    lost_link_queries_are_served_by_indexes,
    lost_links_never_go_to_an_amended_address_of_another_case,
}

const ANA: &str = "ana.rivas@cumbre.example";

/// A case with this contact address, indexed.
async fn case_of(at: &TestDesk, key: &str, mail: &str) -> OpenedCase {
    let form = IntakeForm { contact_mail: mail.to_owned(), ..a_form(&desk::lab::demo::CARACAS) };
    let wish = OpenCase { report: form.report().unwrap(), language: Language::Pt, ..an_opening(key) };
    let opened = open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap();
    catch_up(&at.desk).await.unwrap();
    at.clock.advance(1);
    opened
}

fn lost(mail: &str, number: Option<CaseNumber>) -> Lost {
    let source = Some(Source::of("192.0.2.1".parse().unwrap()));
    Lost { mail: MailAddress::parse(mail).unwrap(), number, source }
}

/// Mails with links so far, oldest first.
async fn links(at: &TestDesk) -> Vec<Mail> {
    let total = list(&at.desk, &Actor::System, None, 1).await.unwrap().paging.total;
    let mut found = Vec::new();
    for id in 1..=total {
        let mail = read(&at.desk, &Actor::System, nth_mail(&at.desk, id).await).await.unwrap();
        if mail.line.seen.subject == text(Language::Pt, "letter.links.subject") {
            found.push(mail);
        }
    }
    found
}

async fn end(at: &TestDesk, case: &OpenedCase) {
    let command = Command::Termination(TerminationCommand::Cancel {
        asked_by: AskedBy::Customer,
        reason: Reason::parse("El cliente lo pidió por teléfono.").unwrap(),
    });
    execute_command(&at.desk, &staff(Role::Supervisor), case.number, Expected::Any, command).await.unwrap();
}

async fn lost_links_of_all_open_cases_go_to_their_own_address(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (ended, first) = (case_of(&at, "ended", ANA).await, case_of(&at, "first", ANA).await);
    let foreign = case_of(&at, "foreign", "luis@cumbre.example").await;
    let newest = case_of(&at, "newest", ANA).await;
    end(&at, &ended).await;
    // The mail goes to the address of the case, whatever spelling was typed.
    send(&at.desk, &lost("Ana.Rivas+casos@Cumbre.example", None)).await.unwrap();
    let [mail] = links(&at).await.try_into().unwrap();
    assert_eq!((mail.line.seen.recipient.as_str(), mail.recipient_name.as_str()), (ANA, ""));
    assert_eq!(mail.line.case, Some(newest.number), "it hangs on the newest");
    assert!(mail.html.contains("lang=\"pt\""), "in the language of the case");
    for written in [&mail.text, &mail.html] {
        for case in [&first, &newest] {
            let link = format!("https://vigia.example/track/{}-…", case.number.as_compact());
            assert!(
                written.contains(&link) && !written.contains(&case.tracking),
                "without its code: {written}"
            );
        }
        for other in [&ended, &foreign] {
            assert!(!written.contains(&other.number.as_compact()), "{written}");
        }
        for word in ["Luis Peña", "conmutador", "FOC2614A1B2", "Torre", "0142", "%{", "letter."] {
            assert!(!written.contains(word), "{word} in {written}");
        }
    }
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn lost_link_mail_holds_links_that_the_outbox_row_does_not(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (first, newest) = (case_of(&at, "first", ANA).await, case_of(&at, "newest", ANA).await);
    send(&at.desk, &lost(ANA, None)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sender = Sender {
        name: "Vigía".into(),
        address: MailAddress::parse("mesa@vigia.example").unwrap(),
        replies: ReplyAddresses::Shared,
    };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    assert_eq!(deliver_due(&at.desk, &transport, &Settings::default()).await.unwrap(), 3);
    // Quoted-printable breaks lines anywhere. Each of the four has a link, one of them twice or more.
    let written = std::fs::read_dir(folder.path()).unwrap().map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        text.replace("=\r\n", "").replace("=3D", "=")
    });
    let both = written.filter(|text| text.contains(&first.tracking) && text.contains(&newest.tracking));
    assert_eq!(both.count(), 1);
    let mut connection = at.connection().await;
    let row = sqlx::query("SELECT id FROM outbox WHERE body_text LIKE $1 OR body_html LIKE $1")
        .bind(format!("%{}%", first.tracking))
        .fetch_optional(&mut connection);
    assert!(row.await.unwrap().is_none());
}

async fn lost_link_request_with_a_number_sends_that_case_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (first, newest) = (case_of(&at, "first", ANA).await, case_of(&at, "newest", ANA).await);
    send(&at.desk, &lost("luis@cumbre.example", Some(first.number))).await.unwrap();
    assert_eq!(links(&at).await.len(), 0, "it is not theirs");
    send(&at.desk, &lost(ANA, Some(first.number))).await.unwrap();
    let [mail] = links(&at).await.try_into().unwrap();
    assert_eq!(mail.line.case, Some(first.number));
    assert!(!mail.text.contains(&newest.number.as_compact()), "{}", mail.text);
}

async fn lost_links_go_to_the_spelling_of_the_address_on_the_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (plain, tagged) =
        (case_of(&at, "plain", ANA).await, case_of(&at, "tagged", "ana.rivas+a@cumbre.example").await);
    send(&at.desk, &lost(ANA, None)).await.unwrap();
    let mails = links(&at).await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        let (own, other) =
            if mail.line.seen.recipient == ANA { (&plain, &tagged) } else { (&tagged, &plain) };
        assert!(mail.text.contains(&own.number.as_compact()), "{}", mail.text);
        assert!(!mail.text.contains(&other.number.as_compact()), "{}", mail.text);
    }
}

async fn repeated_lost_link_requests_send_one_mail_within_the_allowance(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "one", ANA).await;
    for _ in 0..20 {
        send(&at.desk, &lost(ANA, None)).await.unwrap();
    }
    assert_eq!(links(&at).await.len(), 1);
    // Every minute for four hours.
    for _ in 0..240 {
        at.clock.advance(60);
        send(&at.desk, &lost(ANA, None)).await.unwrap();
    }
    let times: Vec<i64> = links(&at).await.iter().map(|mail| mail.line.next_attempt_at.0).collect();
    assert!((8..=16).contains(&times.len()), "{times:?}");
    for at_once in times.windows(4) {
        assert!(at_once[3] - at_once[0] >= 3600, "{times:?}");
    }
    // A request that sends nothing takes no number.
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn lost_link_requests_are_rate_limited_per_network(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let asked = |nth: usize| ask(&at.desk, lost(&format!("nobody{nth}@example.com"), None)).is_ok();
    assert_eq!((0..50).filter(|nth| asked(*nth)).count(), 10);
    let staff = Lost { source: None, ..lost(ANA, None) };
    assert!(ask(&at.desk, staff).is_ok(), "strangers shut nobody of the staff out");
    at.clock.advance(3600);
    assert!(asked(0));
}

async fn lost_link_queries_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&at).await;
    if engine == Engine::Postgres {
        let mailboxes = "INSERT INTO case_mailboxes (mailbox, case_number)
            SELECT 'm' || n % 5003 || '@cumbre.example', 'N' || n FROM generate_series(1, 20000) AS n";
        for sql in [mailboxes, "ANALYZE case_mailboxes"] {
            connection.execute(sql).await.unwrap();
        }
    }
    let index = match engine {
        Engine::Postgres => "case_mailboxes_pkey",
        Engine::Sqlite => "sqlite_autoindex_case_mailboxes_1 (mailbox=?)",
    };
    let sql = "SELECT held.case_number FROM case_mailboxes held JOIN cases ON cases.number = held.case_number
         WHERE held.mailbox = 'm7@cumbre.example' AND cases.status IN ('new', 'in_progress', 'on_hold', 'resolved')
         ORDER BY held.case_number DESC LIMIT 200";
    explain::is_served_by(&mut connection, engine, sql, index).await;
    let waits = "SELECT id FROM outbox WHERE mailbox = 'a7' AND next_attempt_utc_s > 7 AND kind = 'links'
                 AND recipient = 'a7' LIMIT 1";
    explain::is_served_by(&mut connection, engine, waits, "outbox_by_mailbox").await;
}

async fn lost_links_never_go_to_an_amended_address_of_another_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    case_of(&at, "victims-own", ANA).await;
    let bait = case_of(&at, "a-strangers", ANA).await;
    send(&at.desk, &lost(ANA, None)).await.unwrap();
    let customer = Actor::Customer(bait.number);
    let seen = read_case(&at.desk, &customer, bait.number).await.unwrap().opening.report;
    let form = AmendForm {
        mail: "stranger@example.com".to_owned(),
        reason: "Otro correo".to_owned(),
        ..AmendForm::of(&seen)
    };
    let what = Box::new(form.read(&seen).unwrap());
    let amend = Command::Revision(RevisionCommand::Amend { what, undelivered: 0 });
    execute_command(&at.desk, &customer, bait.number, Expected::Any, amend).await.unwrap();
    let [mail] = links(&at).await.try_into().unwrap();
    assert_eq!(mail.line.seen.recipient, ANA, "it is another case's link as well");
}
