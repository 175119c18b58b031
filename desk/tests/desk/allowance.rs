//! The allowance of mails that strangers cause, and the mails that are never held.

use crate::support::{TestDesk, a_case, a_form, a_report, an_opening, both_engines, nth_mail, staff};
use desk::DeskError;
use desk::access::limits::Source;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, OpenCaseError, OpenedCase, open_case};
use desk::cases::read::read_case;
use desk::outbox::{Mail, ReplyAddresses, Sender, Settings, Transport, deliver_due, list, read, retry};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{
    AmendForm, AskedBy, Command, Event, Origin, RevisionCommand, RevisionEvent, TerminationCommand,
};
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::mail_allowance::Hold;
use domain::text::Reason;
use domain::view::MailState;

both_engines! {
    covered_openings_are_mailed_at_once_without_limit,
    openings_by_staff_use_up_no_allowance,
    mailbox_allowance_counts_every_mail_that_a_stranger_causes,
    mails_of_unverified_cases_quote_nothing_that_was_typed,
    sender_allowance_limits_mails_per_network_and_day,
    held_mail_shows_its_hold_on_case_page_and_mail_list,
    mails_are_never_held_once_staff_works_on_the_case,
    rate_limit_applies_to_unvalidated_openings_alone,
    case_numbers_continue_beyond_six_digits,
    held_mails_go_to_the_new_address_once_it_is_amended,
    sender_allowance_stays_used_up_when_the_address_is_amended,
    mailbox_allowance_counts_every_spelling_of_an_amended_address,
}

const VICTIM: &str = "victim@example.com";

/// A stranger's opening: without a register its contract is unknown, with one its serial is.
fn unverified(key: &str, mail: &str) -> OpenCase {
    let form = IntakeForm {
        serial: "FOC2614Z9Z9".to_owned(),
        contact_mail: mail.to_owned(),
        reporter: "Compre Barato".to_owned(),
        contact_name: "Gane Dinero".to_owned(),
        location: "Visite casino.example".to_owned(),
        fault: "Llame ya al 0900 y gane un premio.".to_owned(),
        ..a_form(&desk::lab::demo::CARACAS)
    };
    OpenCase { report: form.report().unwrap(), ..an_opening(key) }
}

fn from(address: &str, wish: OpenCase) -> OpenCase {
    OpenCase { source: Some(Source::of(address.parse().unwrap())), ..wish }
}

async fn open(at: &TestDesk, wish: OpenCase) -> OpenedCase {
    open_case(&at.desk, &Actor::Anonymous, wish).await.unwrap()
}

/// The newest mail.
async fn newest(at: &TestDesk) -> Mail {
    let total = list(&at.desk, &Actor::System, None, 1).await.unwrap().paging.total;
    read(&at.desk, &Actor::System, nth_mail(&at.desk, total).await).await.unwrap()
}

/// Sends all due mails. Gives their number.
async fn deliver(at: &TestDesk) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let sender = Sender {
        name: "Vigía".into(),
        address: MailAddress::parse("mesa@vigia.example").unwrap(),
        replies: ReplyAddresses::Shared,
    };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    deliver_due(&at.desk, &transport, &Settings::default()).await.unwrap()
}

async fn covered_openings_are_mailed_at_once_without_limit(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    for nth in 0..40 {
        open(&at, from("192.0.2.1", an_opening(&format!("covered-{nth}")))).await;
    }
    assert_eq!(deliver(&at).await, 40);
}

async fn openings_by_staff_use_up_no_allowance(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let agent = staff(Role::Agent);
    for nth in 0..10 {
        let wish = OpenCase { origin: Origin::Telephone, ..unverified(&format!("call-{nth}"), VICTIM) };
        open_case(&at.desk, &agent, wish).await.unwrap();
    }
    assert_eq!(deliver(&at).await, 10);
    // The customer's own allowance in the portal is not used up.
    for nth in 0..3 {
        open(&at, unverified(&format!("portal-{nth}"), VICTIM)).await;
    }
    assert_eq!(deliver(&at).await, 3);
    let agents = read(&at.desk, &Actor::System, nth_mail(&at.desk, 1).await).await.unwrap();
    assert!(agents.text.contains("Llame ya al 0900"), "an agent wrote it down: {}", agents.text);
}

async fn mailbox_allowance_counts_every_mail_that_a_stranger_causes(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    for nth in 0..20 {
        let opened = open(&at, unverified(&format!("cancelled-{nth}"), VICTIM)).await;
        let reason = Some(Reason::parse("Compre barato en casino.example").unwrap());
        let command = Command::Termination(TerminationCommand::CancelOwn { reason });
        let customer = Actor::Customer(opened.number);
        execute_command(&at.desk, &customer, opened.number, Expected::Any, command).await.unwrap();
    }
    assert_eq!(deliver(&at).await, 3, "openings and cancellations together");
    for hour in 1..30 {
        at.clock.advance(3600);
        let sent = deliver(&at).await;
        assert!(sent <= 3, "{sent} in hour {hour}");
    }
}

async fn mails_of_unverified_cases_quote_nothing_that_was_typed(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = open(&at, unverified("words", VICTIM)).await;
    let customer = Actor::Customer(opened.number);
    let opening = newest(&at).await;
    let reason = Some(Reason::parse("Compre barato en casino.example").unwrap());
    let command = Command::Termination(TerminationCommand::CancelOwn { reason });
    execute_command(&at.desk, &customer, opened.number, Expected::Any, command).await.unwrap();
    let cancelled = newest(&at).await;
    assert_ne!(opening.message_id, cancelled.message_id);
    for mail in [opening, cancelled] {
        let subject = &mail.line.seen.subject;
        let (_, about) = subject.split_once(" · ").unwrap();
        assert_eq!(about, "Redes, Venezuela", "what it is about, in the desk's own words");
        for text in [&mail.text, &mail.html] {
            assert!(text.contains(&opened.number.grouped()), "{text}");
            let link = format!("https://vigia.example/track/{}-…", opened.number.as_compact());
            assert!(text.contains(&link), "{text}");
            for word in
                ["Compre", "Barato", "Gane", "casino", "premio", "0900", "FOC2614Z9Z9", "CPS-VE", "555 0142"]
            {
                assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word} in {text}");
            }
            assert!(!text.contains("%{") && !text.contains("letter."), "{text}");
        }
        assert_eq!(mail.recipient_name, "");
    }
    let covered = a_case(&at.desk).await;
    let mail = newest(&at).await;
    assert!(mail.text.contains(&a_report().fault.to_string()), "{}: {}", covered.number, mail.text);
}

async fn sender_allowance_limits_mails_per_network_and_day(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    // Different addresses within one customer's IPv6 network.
    for nth in 0..30 {
        let address = format!("2001:db8:1:{nth:x}::1");
        open(&at, from(&address, unverified(&format!("spray-{nth}"), &format!("v{nth}@example.com")))).await;
    }
    assert_eq!(deliver(&at).await, 20);
    open(&at, from("192.0.2.1", unverified("elsewhere", "elsewhere@example.com"))).await;
    assert_eq!(deliver(&at).await, 1, "others have their own");
    let held = list(&at.desk, &Actor::System, Some(MailState::Dead), 1).await.unwrap();
    assert_eq!(held.paging.total, 10);
    assert!(held.rows.iter().all(|line| line.seen.hold == Some(Hold::Sender)));
    // A held mail is sent by hand.
    retry(&at.desk, &staff(Role::Supervisor), held.rows[0].id).await.unwrap();
    assert_eq!(deliver(&at).await, 1);
    assert_eq!(read(&at.desk, &Actor::System, held.rows[0].id).await.unwrap().line.seen.hold, None);
    at.clock.advance(24 * 3600);
    open(&at, from("2001:db8:1::9", unverified("next-day", "next@example.com"))).await;
    assert_eq!(deliver(&at).await, 1, "a day later");
}

async fn held_mail_shows_its_hold_on_case_page_and_mail_list(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut opened = Vec::new();
    for nth in 0..4 {
        opened.push(open(&at, unverified(&format!("held-{nth}"), VICTIM)).await);
    }
    deliver(&at).await;
    let held = async |case: &OpenedCase| {
        let customer = Actor::Customer(case.number);
        read_case(&at.desk, &customer, case.number).await.unwrap().number_held
    };
    assert_eq!(held(&opened[2]).await, None);
    assert_eq!(held(&opened[3]).await, Some(Hold::Mailbox));
    let waiting = list(&at.desk, &Actor::System, Some(MailState::Queued), 1).await.unwrap();
    let [line] = waiting.rows.try_into().unwrap();
    assert_eq!(line.seen.hold, Some(Hold::Mailbox));
    assert_eq!(line.next_attempt_at, at.clock.now().plus(3600));
    let file = read_case(&at.desk, &staff(Role::Agent), opened[3].number).await.unwrap();
    assert_eq!(file.mails[0].hold, Some(Hold::Mailbox));
    // The staff sends it, and then there is nothing left to send by hand.
    retry(&at.desk, &staff(Role::Supervisor), line.id).await.unwrap();
    assert_eq!(held(&opened[3]).await, None);
    assert_eq!(deliver(&at).await, 1);
    let again = retry(&at.desk, &staff(Role::Supervisor), line.id).await;
    assert!(matches!(again, Err(DeskError::Refused(domain::case::Refusal::DoneAlready))));
}

async fn mails_are_never_held_once_staff_works_on_the_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut cases = Vec::new();
    for nth in 0..6 {
        cases.push(open(&at, unverified(&format!("taken-{nth}"), VICTIM)).await);
    }
    assert_eq!(deliver(&at).await, 3);
    for case in &cases {
        let command = Command::Termination(TerminationCommand::Cancel {
            asked_by: AskedBy::Customer,
            reason: Reason::parse("El cliente lo pidió por teléfono.").unwrap(),
        });
        execute_command(&at.desk, &staff(Role::Supervisor), case.number, Expected::Any, command)
            .await
            .unwrap();
    }
    assert_eq!(deliver(&at).await, 6);
}

async fn rate_limit_applies_to_unvalidated_openings_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut taken = 0;
    let crowded = loop {
        let mail = format!("v{taken}@example.com");
        match open_case(&at.desk, &Actor::Anonymous, unverified(&format!("flood-{taken}"), &mail)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 1000, "nothing stops it");
    };
    assert!(matches!(crowded, OpenCaseError::TooOften(_)), "{crowded:?}");
    assert_eq!(taken, 200);
    // A repeated submission gets its answer, and covered cases and those by the staff continue.
    open(&at, unverified("flood-0", "v0@example.com")).await;
    open(&at, an_opening("covered")).await;
    let call = OpenCase { origin: Origin::Telephone, ..unverified("call", VICTIM) };
    open_case(&at.desk, &staff(Role::Agent), call).await.unwrap();
    at.clock.advance(60);
    open(&at, unverified("a-minute-later", VICTIM)).await;
}

async fn case_numbers_continue_beyond_six_digits(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    let mut connection = at.connection().await;
    sqlx::query("UPDATE case_numbers SET last = 999999").execute(&mut connection).await.unwrap();
    let opened = open(&at, an_opening("a-million")).await;
    assert_eq!(opened.number.sequence(), 1_000_000);
    let page = read_case(&at.desk, &Actor::Customer(opened.number), opened.number).await.unwrap();
    assert_eq!(page.number, opened.number);
    assert_eq!(at.desk.tokens().case(&opened.tracking).map(|link| link.number), Some(opened.number));
}

/// The customer amends the mail address of a case.
async fn moved(at: &TestDesk, opened: &OpenedCase, mail: &str) {
    let customer = Actor::Customer(opened.number);
    let seen = read_case(&at.desk, &customer, opened.number).await.unwrap().opening.report;
    let form = AmendForm { mail: mail.into(), reason: "Mal escrito".into(), ..AmendForm::of(&seen) };
    let what = Box::new(form.read(&seen).unwrap());
    let command = Command::Revision(RevisionCommand::Amend { what, undelivered: 0 });
    execute_command(&at.desk, &customer, opened.number, Expected::Any, command).await.unwrap();
}

async fn held_mails_go_to_the_new_address_once_it_is_amended(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut last = open(&at, unverified("shared-0", VICTIM)).await;
    for nth in 1..4 {
        last = open(&at, unverified(&format!("shared-{nth}"), VICTIM)).await;
    }
    let file = read_case(&at.desk, &staff(Role::Agent), last.number).await.unwrap();
    assert_eq!(file.number_held, Some(Hold::Mailbox));
    assert_eq!(file.undelivered, None, "nothing is wrong with the address");
    moved(&at, &last, "right@example.com").await;
    let file = read_case(&at.desk, &staff(Role::Agent), last.number).await.unwrap();
    assert_eq!(file.number_held, None);
    assert!(file.mails.iter().all(|mail| mail.recipient == "right@example.com"));
    let Event::Revision(RevisionEvent::Amended { resent: 0, .. }) = &file.history[1].event else {
        panic!("no mail was refused: {:?}", file.history[1])
    };
    assert_eq!(newest(&at).await.recipient_name, "");
    assert_eq!(deliver(&at).await, 5, "three for one mailbox, two for the other");
}

async fn sender_allowance_stays_used_up_when_the_address_is_amended(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut last = None;
    for nth in 0..21 {
        let wish = unverified(&format!("spray-{nth}"), &format!("p{nth}@example.com"));
        last = Some(open(&at, from("192.0.2.1", wish)).await);
    }
    let last = last.unwrap();
    for nth in 0..3 {
        moved(&at, &last, &format!("q{nth}@example.com")).await;
        let told = newest(&at).await.line.seen;
        assert_eq!((told.hold, told.state), (Some(Hold::Sender), MailState::Dead));
    }
    assert_eq!(deliver(&at).await, 20);
    let file = read_case(&at.desk, &staff(Role::Agent), last.number).await.unwrap();
    assert_eq!((file.number_held, file.undelivered), (Some(Hold::Sender), None));
}

async fn mailbox_allowance_counts_every_spelling_of_an_amended_address(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let covered = a_case(&at.desk).await;
    for nth in 0..5 {
        moved(&at, &covered, &format!("victim+{nth}@example.com")).await;
    }
    assert!(deliver(&at).await <= 4, "the number, and three of what the customer did");
}
