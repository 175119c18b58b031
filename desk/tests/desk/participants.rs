//! Other people on a case: their links, their mails, what they may, and how their part ends.

use desk::DeskError;
use desk::access::tokens::TrackingLink;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::cases::tracking::{Held, LinkError, held};
use desk::customers::cases::{Filter, Standing, own_cases};
use desk::inbound::delivery::{OwnMailbox, State, Taken, deliver};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due};
use desk::proof::prove;
use desk::retention::erase_case;
use desk::search::catch_up;
use desk::store::Engine;
use domain::actor::{Actor, ParticipantId, ParticipantOf, Role};
use domain::case::{
    Amendment, Author, Change, Channel, Command, Contact, ErasureReason, Event, MessageCommand, MessageEvent,
    ParticipantCommand, ParticipantEvent, ParticipantRefusal, Refusal, RevisionCommand, TerminationCommand,
    Verdict,
};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::{PersonName, Reason};
use sqlx::Row;

use crate::support::{TestDesk, a_case, both_engines, execute, note, page, resolve, staff};

both_engines! {
    participant_gets_a_link_of_their_own_and_copies_until_they_leave,
    participant_reads_the_case_and_no_address_of_others,
    mail_of_a_participant_is_their_message,
    case_of_a_participant_stands_in_their_list_with_their_own_link,
    case_leaves_the_list_of_a_participant_with_their_link,
    stranger_invites_nobody_before_the_case_is_seen,
    erased_case_has_no_participants,
    participant_is_told_of_the_end_and_asked_for_nothing,
}

const EVA: &str = "eva.diaz@example.com";

fn invite(mail: &str) -> Command {
    Command::Participant(ParticipantCommand::Invite {
        name: PersonName::parse("Eva Díaz").unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        language: Language::Pt,
    })
}

fn link(at: &TestDesk, number: CaseNumber, id: u32) -> String {
    at.desk.tokens().tracking(TrackingLink::of_participant(number, ParticipantId(id)))
}

async fn eva(at: &TestDesk, number: CaseNumber) -> Actor {
    held(&at.desk, &link(at, number, 1)).await.unwrap().actor(None)
}

async fn is_gone(at: &TestDesk, tracking: &str) -> bool {
    matches!(held(&at.desk, tracking).await, Err(LinkError::Desk(DeskError::NotFound)))
}

/// Kind, recipient, recipient's name, language and text of the mails of a case.
async fn mails(at: &TestDesk, number: CaseNumber) -> Vec<[String; 5]> {
    let rows = sqlx::query(
        "SELECT kind, recipient, recipient_name, language, body_text FROM outbox WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(&mut at.connection().await)
    .await
    .unwrap();
    let read = |row: &sqlx::any::AnyRow| {
        [0, 1, 2, 3, 4].map(|place| at.desk.tokens().unsealed(&row.get::<String, _>(place)))
    };
    rows.iter().map(read).collect()
}

fn update(text: &str) -> Command {
    Command::Message(MessageCommand::SendUpdate { text: note(text), next: None })
}

async fn participant_gets_a_link_of_their_own_and_copies_until_they_leave(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = a_case(&at.desk).await;
    let number = opened.number;
    execute(&at.desk, &Actor::Customer(number), number, invite(EVA)).await;
    let theirs = link(&at, number, 1);
    let all = mails(&at, number).await;
    let [kind, recipient, name, language, text] = all.last().unwrap();
    assert_eq!([kind.as_str(), recipient, name, language], ["participant_invited", EVA, "", "pt"]);
    assert!(text.contains(&format!("/track/{theirs}")), "{text}");
    assert!(text.trim_end().ends_with(&format!("/track/{theirs}/leave")), "{text}");
    for word in [opened.tracking.as_str(), "Eva", "Luis", "conmutador", "%{", "letter."] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let Held { participant, .. } = held(&at.desk, &theirs).await.unwrap();
    let name = PersonName::parse("Eva Díaz").unwrap();
    assert_eq!(participant, Some(ParticipantOf { number, id: ParticipantId(1), name }));

    execute(&at.desk, &staff(Role::Agent), number, update("Vamos en camino.")).await;
    let copies = async || {
        let all = mails(&at, number).await;
        all.into_iter().filter(|mail| mail[0] == "participant_copy").collect::<Vec<_>>()
    };
    let [copy] = copies().await.try_into().unwrap();
    assert_eq!(&copy[1..4], [EVA, "Eva Díaz", "pt"]);
    assert!(copy[4].contains("Vamos en camino.") && copy[4].contains("Eva Díaz"), "{}", copy[4]);
    assert!(copy[4].contains(&theirs) && !copy[4].contains(&opened.tracking), "{}", copy[4]);

    // One tap in a mail reader, for participants alone.
    let header = format!("List-Unsubscribe: <https://vigia.example/track/{theirs}/leave>");
    let written = delivered(&at).await;
    assert_eq!(written.iter().filter(|text| text.contains(&header)).count(), 2, "invitation and copy");
    for text in &written {
        assert_eq!(
            text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
            text.contains(EVA),
            "{text}"
        );
    }

    // What waits for who left is not sent.
    execute(&at.desk, &staff(Role::Agent), number, update("Estamos cerca.")).await;
    let leave = Command::Participant(ParticipantCommand::Leave);
    execute(&at.desk, &eva(&at, number).await, number, leave).await;
    assert!(is_gone(&at, &theirs).await);
    let [_, emptied] = copies().await.try_into().unwrap();
    assert!(!emptied.concat().contains(EVA) && !emptied[4].contains("cerca"), "{emptied:?}");
    let written = delivered(&at).await;
    assert!(written.len() == 1 && !written[0].contains(EVA), "the contact's alone: {written:?}");
    execute(&at.desk, &staff(Role::Agent), number, update("Llegamos.")).await;
    assert_eq!(copies().await.len(), 2);
    // Who is invited again gets another link.
    execute(&at.desk, &staff(Role::Agent), number, invite(EVA)).await;
    assert!(is_gone(&at, &theirs).await && !is_gone(&at, &link(&at, number, 2)).await);
    let remove = ParticipantCommand::Remove { participant: ParticipantId(2) };
    execute(&at.desk, &Actor::Customer(number), number, Command::Participant(remove)).await;
    assert!(is_gone(&at, &link(&at, number, 2)).await);
    let file = page(&at.desk, number).await;
    let kinds: Vec<_> = file.history.iter().map(|entry| entry.event.kind()).collect();
    assert_eq!(
        kinds.iter().filter(|kind| kind.starts_with("participant:")).copied().collect::<Vec<_>>(),
        ["participant:invited", "participant:left", "participant:invited", "participant:removed"]
    );
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    let written = delivered(&at).await;
    assert!(written.iter().all(|text| !text.contains(EVA)), "{written:?}");
}

/// The mails that are due, as they are sent.
async fn delivered(at: &TestDesk) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let address = MailAddress::parse("mesa@vigia.example").unwrap();
    let sender = Sender { name: "Vigía".into(), address, replies: ReplyAddresses::Shared };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    deliver_due(&at.desk, &transport, &Settings::default()).await.unwrap();
    std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap().replace("\r\n ", " "))
        .collect()
}

async fn participant_reads_the_case_and_no_address_of_others(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    for mail in [EVA, "otra@example.com"] {
        execute(&at.desk, &Actor::Customer(number), number, invite(mail)).await;
    }
    let eva = eva(&at, number).await;
    let seen = read_case(&at.desk, &eva, number).await.unwrap();
    assert_eq!(seen.participants, []);
    let text = serde_json::to_string(&seen.history).unwrap();
    assert!(!text.contains("otra@example.com") && !text.contains(EVA), "{text}");
    let contact = page(&at.desk, number).await.opening.report.contact;
    let new = MailAddress::parse("nuevo@example.com").unwrap();
    let what = Amendment {
        contact: Change::between(&contact, Contact { mail: new, ..contact.clone() }),
        location: None,
        fault: None,
        reason: Reason::parse("Otro correo.").unwrap(),
    };
    let amend = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
    execute(&at.desk, &staff(Role::Agent), number, amend).await;
    let seen = serde_json::to_string(&read_case(&at.desk, &eva, number).await.unwrap()).unwrap();
    for hidden in [contact.mail.to_string(), "nuevo@example.com".to_owned(), contact.phone.e164()] {
        assert!(!seen.contains(&hidden), "{hidden} in {seen}");
    }
    assert!(seen.contains("Luis"), "the contact's name is known: {seen}");
    assert!(matches!(prove(&at.desk, &eva, number).await, Err(DeskError::NotFound)));
    let contacts = read_case(&at.desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!(contacts.participants.len(), 2, "the contact sees whom to remove");
    for command in [
        Command::Termination(TerminationCommand::CancelOwn { reason: None }),
        Command::Participant(ParticipantCommand::Remove { participant: ParticipantId(2) }),
        invite("tercera@example.com"),
    ] {
        let refused = execute_command(&at.desk, &eva, number, Expected::Any, command).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
    }
    let other = a_case(&at.desk).await.number;
    assert!(matches!(read_case(&at.desk, &eva, other).await, Err(DeskError::NotFound)));
}

async fn mail_of_a_participant_is_their_message(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, invite(EVA)).await;
    let tag = at.desk.tokens().reply_tag(number);
    let address = MailAddress::parse("mesa@vigia.example").unwrap();
    let mailbox = OwnMailbox { address, authserv_id: None };
    let mail = |id: &str, from: &str| {
        format!(
            "From: Eva <{from}>\r\nTo: mesa+{tag}@vigia.example\r\nMessage-ID: <{id}@example.com>\r\n\
             Subject: Re: caso\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n¿Cuándo vienen?\r\n"
        )
    };
    let came = async |text: String| match deliver(&at.desk, text.as_bytes(), &mailbox).await.unwrap() {
        Taken::Now { state, .. } => state,
        Taken::Before => panic!("taken before"),
    };
    assert_eq!(came(mail("a", EVA)).await, State::Joined);
    assert_eq!(came(mail("b", "nadie@example.com")).await, State::Waiting);
    let last = page(&at.desk, number).await.history.pop().unwrap();
    assert!(matches!(&last.by, Author::Participant { id: ParticipantId(1), .. }), "{:?}", last.by);
    assert!(matches!(last.event, Event::Message(MessageEvent::CustomerWrote { .. })));
}

async fn case_of_a_participant_stands_in_their_list_with_their_own_link(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, invite(EVA)).await;
    let signed_in = Actor::Contact(MailAddress::parse(EVA).unwrap());
    let listed = async || own_cases(&at.desk, &signed_in, &Filter::default(), None).await.unwrap();
    let found = listed().await;
    let links: Vec<&str> = found.cases.iter().map(|case| case.tracking.as_str()).collect();
    assert_eq!((links, found.counts), (vec![link(&at, number, 1).as_str()], (1, 0)));
    let remove = Command::Participant(ParticipantCommand::Remove { participant: ParticipantId(1) });
    execute(&at.desk, &staff(Role::Agent), number, remove).await;
    assert!(listed().await.cases.is_empty());
}

async fn case_leaves_the_list_of_a_participant_with_their_link(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = a_case(&at.desk).await;
    execute(&at.desk, &staff(Role::Agent), opened.number, invite(EVA)).await;
    let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute(&at.desk, &Actor::Customer(opened.number), opened.number, cancel).await;
    catch_up(&at.desk).await.unwrap();
    let ended = Filter { standing: Standing::Ended, ..Filter::default() };
    let listed = async |address: &str| {
        let signed_in = Actor::Contact(MailAddress::parse(address).unwrap());
        let found = own_cases(&at.desk, &signed_in, &ended, None).await.unwrap();
        (found.cases.len(), found.counts, found.places.len())
    };
    at.clock.advance(90 * 86_400 - 1);
    assert_eq!(listed(EVA).await, (1, (0, 1), 1));
    at.clock.advance(1);
    assert!(is_gone(&at, &link(&at, opened.number, 1)).await);
    assert_eq!(listed(EVA).await, (0, (0, 0), 0), "it would open nothing");
    // The contact's link says that it has expired, and offers another one.
    assert_eq!(listed("luis.pena@example.com").await, (1, (0, 1), 1));
}

async fn stranger_invites_nobody_before_the_case_is_seen(engine: Engine) {
    // Without a register no contract covers the case.
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    let refused =
        execute_command(&at.desk, &Actor::Customer(number), number, Expected::Any, invite(EVA)).await;
    let why = Refusal::Participant(ParticipantRefusal::Unverified);
    assert!(matches!(&refused, Err(DeskError::Refused(told)) if *told == why), "{refused:?}");
    assert_eq!(mails(&at, number).await.len(), 1, "the opening alone");
    execute(&at.desk, &staff(Role::Agent), number, invite(EVA)).await;
    assert!(!is_gone(&at, &link(&at, number, 1)).await);
}

async fn erased_case_has_no_participants(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &Actor::Customer(number), number, invite(EVA)).await;
    let eva = eva(&at, number).await;
    let write = Command::Message(MessageCommand::Write { text: note("Soy Eva.") });
    execute(&at.desk, &eva, number, write).await;
    let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute(&at.desk, &Actor::Customer(number), number, cancel).await;
    erase_case(&at.desk, &Actor::System, number, ErasureReason::Request).await.unwrap();
    assert!(is_gone(&at, &link(&at, number, 1)).await);
    let rows =
        sqlx::query("SELECT document FROM case_events").fetch_all(&mut at.connection().await).await.unwrap();
    for row in rows {
        let document: String = row.get(0);
        assert!(!document.contains(EVA) && !document.contains("Eva"), "{document}");
    }
    let erased = page(&at.desk, number).await;
    let invited = erased.history.iter().find_map(|entry| match &entry.event {
        Event::Participant(ParticipantEvent::Invited(participant)) => Some(participant.clone()),
        _ => None,
    });
    assert!(invited.unwrap().mail.is_erased());
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn participant_is_told_of_the_end_and_asked_for_nothing(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (number, agent) = (a_case(&at.desk).await.number, staff(Role::Agent));
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    for command in [invite(EVA), contact, resolve("Se cambió la fuente.")] {
        execute(&at.desk, &agent, number, command).await;
    }
    let works = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    execute(&at.desk, &Actor::Customer(number), number, works).await;
    let all = mails(&at, number).await;
    let [_, recipient, _, _, text] = all.iter().find(|mail| mail[0] == "participant_copy").unwrap();
    assert_eq!(recipient, EVA);
    assert!(text.contains("O CHAMADO TERMINOU") && text.contains("o contato do chamado pode"), "{text}");
    for of_contact in ["com você", "pesquisa", "você pode reabrir", "%{", "letter."] {
        assert!(!text.contains(of_contact), "{of_contact} in {text}");
    }
}
