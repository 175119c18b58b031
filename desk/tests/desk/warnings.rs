//! Warnings by mail, on every engine: recipients, language, hours, once on any number of nodes, and gathered.

use desk::Desk;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::lab::demo;
use desk::lab::integrity_check::{Inconsistency, SchedulerState, check};
use desk::people::keep::{Keep, keep};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, Role, Staff};
use domain::case::{AssignmentCommand, Audience, Channel, Command, Event, MessageCommand};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::text::Note;
use sqlx::Row;

use crate::support::{TestDesk, a_form, add_staff, an_opening, both_engines, note};

both_engines! {
    warnings_are_mailed_once_per_level_to_assignee_and_supervisors,
    unassigned_case_warns_supervisors,
    target_used_up_at_closing_time_warns_at_closing_time,
    warning_at_night_is_mailed_at_opening_time_if_it_still_holds,
    warning_at_night_waits_for_opening_time_after_an_outage,
    warnings_of_many_cases_are_gathered_in_one_mail,
    stale_warnings_escalate_to_supervisors,
    customer_message_is_mailed_to_the_assignee,
    new_p1_is_urgent_until_an_agent_takes_it,
    integrity_check_finds_missing_warning_mails_and_notices,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// A member of the staff, as an actor.
async fn person(desk: &Desk, name: &str, role: Role, language: Language) -> Actor {
    Actor::Staff(add_staff(desk, name, &address(name), role, language).await)
}

fn address(name: &str) -> String {
    format!("{}@vigia.example", name.to_lowercase())
}

/// A warning in the outbox.
#[derive(Debug)]
struct Mail {
    recipient: String,
    subject: String,
    text: String,
    kind: String,
    language: String,
}

/// The warnings queued since the first `seen`.
async fn mails(test: &TestDesk, seen: &mut usize) -> Vec<Mail> {
    let rows = sqlx::query(
        "SELECT recipient, subject, body_text, kind, language FROM outbox
         WHERE kind IN ('warning', 'warnings') ORDER BY id",
    )
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    let read = |row: &sqlx::any::AnyRow| Mail {
        recipient: row.get(0),
        subject: row.get(1),
        text: row.get(2),
        kind: row.get(3),
        language: row.get(4),
    };
    let new = rows.iter().skip(*seen).map(read).collect();
    *seen = rows.len();
    new
}

fn to(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.recipient.split('@').next().unwrap()).collect()
}

/// Runs the scheduler on two nodes at once, and then on one that has just started.
async fn time_acts(test: &TestDesk) {
    let other = test.another().await;
    let (one, two) = tokio::join!(scheduler::tick(&test.desk), scheduler::tick(&other));
    one.unwrap();
    two.unwrap();
    scheduler::tick(&test.another().await).await.unwrap();
}

/// A case assigned to `assignee`; its first response is due within ten minutes, day and night.
async fn held(test: &TestDesk, key: &str, assignee: &Actor) -> CaseNumber {
    let opened = open_case(&test.desk, &Actor::Anonymous, an_opening(key)).await.unwrap();
    let claim = Command::Assignment(AssignmentCommand::Claim);
    execute_command(&test.desk, assignee, opened.number, Expected::Version(1), claim).await.unwrap();
    opened.number
}

/// A case of the lowest priority at a site closed at night, with a committed update at 22:00.
async fn promised_for_the_night(test: &TestDesk, key: &str, assignee: &Actor) -> CaseNumber {
    let mut form = a_form(&demo::MARACAIBO);
    (form.severity, form.urgency) = ("low".to_owned(), "low".to_owned());
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    execute_command(
        &test.desk,
        assignee,
        number,
        Expected::Version(1),
        Command::Assignment(AssignmentCommand::Claim),
    )
    .await
    .unwrap();
    let next = test.clock.now().plus(12 * HOUR);
    let contact = MessageCommand::Contact { channel: Channel::Phone, note: None, next };
    execute_command(&test.desk, assignee, number, Expected::Version(2), Command::Message(contact))
        .await
        .unwrap();
    number
}

async fn warnings_are_mailed_once_per_level_to_assignee_and_supervisors(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Pt).await;
    person(&test.desk, "Sofia", Role::Supervisor, Language::En).await;
    person(&test.desk, "Adela", Role::Administrator, Language::Es).await;
    let number = held(&test, "one", &ana).await;
    let mut seen = 0;
    // Ten minutes: half, three quarters, nine tenths, and all of them. Warnings within five minutes of a mail are
    // gathered. Five minutes after nine tenths the staff has not acted.
    for (after_s, told, words) in [
        (299, &[][..], ""),
        (300, &["anabel"], "50%"),
        (450, &[], ""),
        (540, &[], ""),
        (599, &[], ""),
        (600, &["anabel"], "prazo vencido"),
        (839, &[], ""),
        (840, &["sofia"], "overdue"),
        (2000, &[], ""),
    ] {
        test.clock.advance(crate::support::START.plus(after_s).since(test.clock.now()));
        time_acts(&test).await;
        let new = mails(&test, &mut seen).await;
        assert_eq!(to(&new), told, "after {after_s} s: {new:?}");
        for mail in &new {
            assert!(mail.subject.contains(&number.to_string()), "{}", mail.subject);
            assert!(mail.text.contains(&format!("/desk/cases/{}", number.as_compact())), "{}", mail.text);
            assert_eq!(mail.kind, "warning");
        }
        for mail in &new {
            assert!(mail.subject.contains(words), "{}", mail.subject);
            let (language, greeting) = if mail.recipient.starts_with("anabel") {
                ("pt", "um chamado seu")
            } else {
                ("en", "Anabel is on this case")
            };
            assert_eq!(mail.language, language);
            assert!(mail.text.contains(greeting), "{}", mail.text);
        }
    }
    let left = "SELECT (SELECT COUNT(*) FROM warnings) + (SELECT COUNT(*) FROM notices)";
    let left = sqlx::query(left).fetch_one(&mut test.connection().await).await.unwrap();
    assert_eq!(left.get::<i64, _>(0), 0);
}

async fn unassigned_case_warns_supervisors(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let adela = person(&test.desk, "Adela", Role::Administrator, Language::Es).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    let Actor::Staff(Staff { id: gone, .. }) = &ana else { panic!("staff") };
    open_case(&test.desk, &Actor::Anonymous, an_opening("nobodys")).await.unwrap();
    held(&test, "of-somebody-who-left", &ana).await;
    keep(&test.desk, &Actor::System, *gone, vec![Keep::Deactivate]).await.unwrap();
    let mut seen = 0;
    test.clock.advance(450);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["adela"], "without supervisors, who keeps the desk");
    assert!(new[0].subject.contains("y 1 más"), "both cases in one mail: {new:?}");
    person(&test.desk, "Sofia", Role::Supervisor, Language::Es).await;
    test.clock.advance(225);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["sofia"]);
    drop(adela);
}

async fn target_used_up_at_closing_time_warns_at_closing_time(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    // Maracaibo closes at six; the first response is due within the last hour of the day.
    test.clock.advance(7 * HOUR);
    let mut form = a_form(&demo::MARACAIBO);
    (form.severity, form.urgency) = ("low".to_owned(), "low".to_owned());
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening("closing-time-0001") };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    execute_command(
        &test.desk,
        &ana,
        number,
        Expected::Version(1),
        Command::Assignment(AssignmentCommand::Claim),
    )
    .await
    .unwrap();
    let mut seen = 0;
    test.clock.advance(HOUR - 1);
    time_acts(&test).await;
    mails(&test, &mut seen).await;
    test.clock.advance(1);
    time_acts(&test).await;
    assert_eq!(mails(&test, &mut seen).await.len(), 0, "she was told a second ago");
    test.clock.advance(5 * MINUTE - 1);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["anabel"], "just after six, and somebody is still there: {new:?}");
    let text = new[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("plazo agotado"), "{text}");
    // The breach comes with the first second of the next morning; earlier warnings are not repeated.
    test.clock.advance(14 * HOUR - 5 * MINUTE + 2);
    time_acts(&test).await;
    assert_eq!(mails(&test, &mut seen).await.len(), 0);
    let row = sqlx::query("SELECT settled_utc_s, due_utc_s, day FROM promises WHERE clock = 'attention'")
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    let now = test.clock.now().0;
    let found: (i64, i64, String) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(found, (now, now - 1 - 14 * HOUR, "2026-11-24".to_owned()), "counted today");
}

async fn warning_at_night_is_mailed_at_opening_time_if_it_still_holds(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    person(&test.desk, "Sofia", Role::Supervisor, Language::Es).await;
    let (late, told) = (
        promised_for_the_night(&test, "late", &ana).await,
        promised_for_the_night(&test, "told", &ana).await,
    );
    let mut seen = 0;
    // 16:00, open: half of the target.
    test.clock.advance(6 * HOUR);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["anabel"], "both in one");
    assert!(new[0].text.matches("50 %").count() >= 2, "{}", new[0].text);
    // 19:00, 20:48 and 22:01, closed: three further levels, and no mail.
    for minutes in [180, 108, 73] {
        test.clock.advance(minutes * MINUTE);
        time_acts(&test).await;
    }
    let warned = test.connection().await;
    assert_eq!(warned_of(warned, late).await, 4, "on record at the time");
    assert_eq!(mails(&test, &mut seen).await.len(), 0);
    let news =
        MessageCommand::SendUpdate { text: Note::parse("Ya llegó el repuesto.").unwrap(), next: None };
    execute_command(&test.desk, &ana, told, Expected::Any, Command::Message(news)).await.unwrap();
    // 07:59:59 and 08:00.
    test.clock.advance(10 * HOUR - 2 * MINUTE - 1 + MINUTE);
    time_acts(&test).await;
    assert_eq!(mails(&test, &mut seen).await.len(), 0);
    test.clock.advance(1);
    time_acts(&test).await;
    let mut new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["anabel"], "whoever can act comes first");
    test.clock.advance(5 * MINUTE);
    time_acts(&test).await;
    new.extend(mails(&test, &mut seen).await);
    assert_eq!(to(&new), ["anabel", "sofia"], "one each, of the case that still presses");
    for mail in &new {
        let expected = format!("Caso {late}: Novedad comprometida, plazo vencido");
        assert!(mail.subject.starts_with(&format!("{expected} · ")), "{}", mail.subject);
        assert!(mail.subject.contains("Maracaibo"), "where it is: {}", mail.subject);
    }
    time_acts(&test).await;
    assert_eq!(mails(&test, &mut seen).await.len(), 0);
}

async fn warning_at_night_waits_for_opening_time_after_an_outage(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    promised_for_the_night(&test, "late", &ana).await;
    let mut seen = 0;
    // Recorded at 22:01 on Monday and due at 08:00 on Tuesday, but no node is up until 20:00.
    test.clock.advance(12 * HOUR + MINUTE);
    scheduler::tick(&test.desk).await.unwrap();
    test.clock.advance(22 * HOUR - MINUTE);
    let next = scheduler::tick(&test.another().await).await.unwrap();
    assert_eq!(mails(&test, &mut seen).await.len(), 0);
    assert!(next.is_some_and(|next| next <= test.clock.now().plus(12 * HOUR)), "{next:?}");
    // Wednesday, 08:00.
    test.clock.advance(12 * HOUR);
    time_acts(&test).await;
    assert_eq!(to(&mails(&test, &mut seen).await), ["anabel"]);
}

async fn warnings_of_many_cases_are_gathered_in_one_mail(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    let luis = person(&test.desk, "Luisana", Role::Agent, Language::Es).await;
    person(&test.desk, "Sofia", Role::Supervisor, Language::Es).await;
    for key in 0..40 {
        held(&test, &format!("ana-{key}"), &ana).await;
    }
    for key in 0..5 {
        held(&test, &format!("luis-{key}"), &luis).await;
    }
    // A day without staff: four levels of two targets of 45 cases.
    test.clock.advance(26 * HOUR);
    time_acts(&test).await;
    let mut seen = 0;
    let new = mails(&test, &mut seen).await;
    let of = |name: &str| new.iter().filter(|mail| mail.recipient == address(name)).collect::<Vec<_>>();
    let [about_all] = of("Anabel").try_into().unwrap();
    assert!(about_all.subject.contains("y 39 más"), "{}", about_all.subject);
    assert_eq!(about_all.kind, "warnings");
    assert!(about_all.text.contains("Y 20 casos más en la cola"), "{}", about_all.text);
    let [for_luisana] = of("Luisana").try_into().unwrap();
    assert!(for_luisana.subject.contains("y 4 más"), "{}", for_luisana.subject);
    for promise in ["Primer contacto", "Resolución"] {
        assert!(for_luisana.text.matches(promise).count() >= 5, "{}", for_luisana.text);
    }
    assert_eq!(of("Sofia").len(), 0, "those who hold them come first");
    test.clock.advance(5 * MINUTE);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["sofia"]);
    assert!(new[0].subject.contains("y 44 más"), "{}", new[0].subject);
    assert!(check(&test.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies.is_empty());
}

async fn stale_warnings_escalate_to_supervisors(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    person(&test.desk, "Sofia", Role::Supervisor, Language::Es).await;
    let (left, worked) = (held(&test, "left", &ana).await, held(&test, "worked", &ana).await);
    let mut seen = 0;
    test.clock.advance(9 * MINUTE);
    time_acts(&test).await;
    assert_eq!(to(&mails(&test, &mut seen).await), ["anabel"], "nine tenths of two cases");
    test.clock.advance(MINUTE);
    let command = Command::AddNote { audience: Audience::Internal, text: note("Voy en camino.") };
    execute_command(&test.desk, &ana, worked, Expected::Any, command).await.unwrap();
    test.clock.advance(4 * MINUTE);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    let for_sofia: Vec<_> = new.iter().filter(|mail| mail.recipient == address("Sofia")).collect();
    assert_eq!(for_sofia.len(), 1, "{new:?}");
    assert!(for_sofia[0].subject.contains(&left.to_string()), "{}", for_sofia[0].subject);
    assert!(!for_sofia[0].text.contains(&worked.to_string()), "somebody is at it");
}

async fn customer_message_is_mailed_to_the_assignee(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    person(&test.desk, "Sofia", Role::Supervisor, Language::Es).await;
    let nobodys = open_case(&test.desk, &Actor::Anonymous, an_opening("nobodys")).await.unwrap().number;
    let number = held(&test, "held", &ana).await;
    for case in [nobodys, number] {
        let spoken = Command::LogContact { channel: Channel::Phone, note: None };
        execute_command(&test.desk, &ana, case, Expected::Any, spoken).await.unwrap();
    }
    let write = async |number: CaseNumber| {
        test.clock.advance(MINUTE);
        let wrote = Command::Message(MessageCommand::Write { text: note("¿Hay novedades?") });
        execute_command(&test.desk, &Actor::Customer(number), number, Expected::Any, wrote).await.unwrap();
        time_acts(&test).await;
    };
    let mut seen = 0;
    write(nobodys).await;
    assert_eq!(mails(&test, &mut seen).await.len(), 0, "the queue says so");
    write(number).await;
    let new = mails(&test, &mut seen).await;
    assert_eq!(to(&new), ["anabel"], "at once");
    let subject = format!("Caso {number}: respondió el cliente · ");
    assert!(new[0].subject.starts_with(&subject), "{}", new[0].subject);
    assert!(new[0].text.contains("Mensaje del cliente"), "{}", new[0].text);
    for _ in 0..3 {
        write(number).await;
        assert_eq!(mails(&test, &mut seen).await.len(), 0, "gathered");
    }
    test.clock.advance(2 * MINUTE);
    time_acts(&test).await;
    assert_eq!(to(&mails(&test, &mut seen).await), ["anabel"], "all of them in one");
    write(number).await;
    let news = MessageCommand::SendUpdate { text: note("Ya llegó el repuesto."), next: None };
    execute_command(&test.desk, &ana, number, Expected::Any, Command::Message(news)).await.unwrap();
    test.clock.advance(10 * MINUTE);
    time_acts(&test).await;
    let new = mails(&test, &mut seen).await;
    let for_ana: Vec<_> = new.iter().filter(|mail| mail.recipient == address("Anabel")).collect();
    assert!(for_ana.is_empty(), "it was answered meanwhile: {for_ana:?}");
    assert!(check(&test.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies.is_empty());
}

async fn new_p1_is_urgent_until_an_agent_takes_it(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    let open = async |key: &str, weight: &str| {
        test.clock.advance(1);
        let mut form = a_form(&demo::MARACAIBO);
        (form.severity, form.urgency) = (weight.to_owned(), weight.to_owned());
        let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
        open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number
    };
    let (one, two) = (open("urgent-1", "critical").await, open("urgent-2", "critical").await);
    open("calm", "low").await;
    let urgent = async || desk::cases::wall::urgent(&test.desk, &ana).await.unwrap();
    assert_eq!(urgent().await, [one, two], "the oldest first");
    let claim = Command::Assignment(AssignmentCommand::Claim);
    execute_command(&test.desk, &ana, one, Expected::Version(1), claim).await.unwrap();
    assert_eq!(urgent().await, [two]);
    let spoken = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(&test.desk, &ana, two, Expected::Version(1), spoken).await.unwrap();
    assert_eq!(urgent().await, []);
    let stranger = desk::cases::wall::urgent(&test.desk, &Actor::Anonymous).await;
    assert!(stranger.is_err());
}

async fn integrity_check_finds_missing_warning_mails_and_notices(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let ana = person(&test.desk, "Anabel", Role::Agent, Language::Es).await;
    let number = held(&test, "proof", &ana).await;
    test.clock.advance(5 * MINUTE);
    time_acts(&test).await;
    let mut connection = test.connection().await;
    for wrong in [
        "INSERT INTO notices (person_id, case_number, about, cycle, level, since_utc_s, turn_utc_s)
         SELECT 1, number, 'answer', 0, 0, 0, 0 FROM cases",
        "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject,
                             body_text, body_html, state, attempts, created_utc_s, next_attempt_utc_s,
                             leased_until_utc_s)
         SELECT id + 1, 'again', case_number, kind, language, recipient_name, recipient, subject, body_text,
                body_html, state, attempts, created_utc_s + 299, next_attempt_utc_s, leased_until_utc_s
         FROM outbox WHERE kind = 'warning'",
    ] {
        sqlx::query(wrong).execute(&mut connection).await.unwrap();
    }
    let found = check(&test.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies;
    let untold =
        Inconsistency::Overdue { case: number, what: "a notice to somebody of the staff".to_owned() };
    assert!(found.contains(&untold), "{found:?}");
    let gathered = Inconsistency::NotGathered { recipient: address("Anabel"), after_s: 299 };
    assert!(found.contains(&gathered), "{found:?}");
}

async fn warned_of(mut connection: sqlx::AnyConnection, number: CaseNumber) -> usize {
    let rows = sqlx::query("SELECT document FROM case_events WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let entry = |row: &sqlx::any::AnyRow| {
        serde_json::from_str::<domain::case::Recorded>(&row.get::<String, _>(0)).unwrap().event
    };
    rows.iter().map(entry).filter(|event| matches!(event, Event::Warned { .. })).count()
}
