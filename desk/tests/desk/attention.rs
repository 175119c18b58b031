//! Assignees, updates, pauses, revisions and corrections over the store, on every engine.

use desk::Desk;
use desk::DeskError;
use desk::cases::candidates::candidates;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::queue::{Filter, Whose, queue};
use desk::cases::read::read_case;
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::people::keep::{Keep, keep};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role};
use domain::case::{
    Assignee, AssignmentCommand, AssignmentRefusal, Case, Channel, Command, ContractRef, Event,
    MESSAGES_PER_HOUR, MessageCommand, MessageEvent, MessageRefusal, PauseReason, PriorityInputs, Refusal,
    ResumeCause, RevisionCommand, RevisionEvent, RevisionRefusal, SlaClock, Status, TimerState,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::{Entitlement, ValidationReason};
use domain::i18n::Language;
use domain::priority::{Priority, Severity, Urgency};
use domain::serial::Serial;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use domain::view::{CasePage, QueueState};

use crate::support::{
    QueuedMail, TestDesk, a_case, add_staff, an_opening, both_engines, mails, note, page, reason, staff,
};

both_engines! {
    case_has_one_assignee_and_the_queue_filters_by_it,
    customer_update_is_mailed_in_the_thread_and_sets_the_next_target,
    customer_message_is_shown_and_ends_the_pause_for_the_customer,
    priority_change_is_mailed_to_the_customer_with_its_reason,
    corrected_serial_changes_the_plan_and_is_mailed,
    undo_contact_restores_the_case,
}

const HOUR: i64 = 3600;

fn clock(page: &CasePage, kind: SlaMetric) -> Option<SlaClock> {
    page.clocks.iter().find(|clock| clock.kind == kind).copied()
}

/// A member of the staff, as an actor and as an assignee.
async fn person(desk: &Desk, name: &str, role: Role) -> (Actor, Assignee) {
    let mail = format!("{}@vigia.example", name.to_lowercase());
    let staff = add_staff(desk, name, &mail, role, Language::Es).await;
    (Actor::Staff(staff.clone()), Assignee { id: staff.id, name: staff.name })
}

fn hold(command: AssignmentCommand) -> Command {
    Command::Assignment(command)
}

async fn case_has_one_assignee_and_the_queue_filters_by_it(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let (ana, ana_is) = person(desk, "Anabel", Role::Agent).await;
    let (luis, luis_is) = person(desk, "Luisana", Role::Agent).await;
    let (number, free) = (a_case(desk).await.number, a_case(desk).await.number);
    // Two claims at once: one succeeds, the other is refused with the assignee's name.
    let (one, two) = tokio::join!(
        execute_command(desk, &ana, number, Expected::Version(1), hold(AssignmentCommand::Claim)),
        execute_command(desk, &luis, number, Expected::Version(1), hold(AssignmentCommand::Claim)),
    );
    let lost = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    let [DeskError::Refused(Refusal::Assignment(AssignmentRefusal::AssignedTo(name)))] = lost.as_slice()
    else {
        panic!("{lost:?}")
    };
    let (first, first_is, second_is) =
        if *name == ana_is.name { (ana, ana_is, luis_is) } else { (luis, luis_is, ana_is) };
    let whose = async |whose, state| {
        let filter = Filter { whose, state, ..Filter::default() };
        let page = queue(desk, &first, filter, 1).await.unwrap();
        assert_eq!(page.paging.total, i64::try_from(page.snapshot.rows.len()).unwrap());
        page.snapshot.rows.iter().map(|row| (row.number, row.mark.assignee.clone())).collect::<Vec<_>>()
    };
    let mine = Whose::Of(first_is.id);
    assert_eq!(whose(mine, QueueState::Open).await, [(number, Some(first_is.clone()))]);
    assert_eq!(whose(mine, QueueState::Only(Status::New)).await.len(), 1);
    assert_eq!(whose(mine, QueueState::Ended).await.len(), 0);
    assert_eq!(whose(Whose::Nobodys, QueueState::Open).await, [(free, None)]);
    assert_eq!(whose(Whose::Anybodys, QueueState::Open).await.len(), 2);

    // A name from outside is ignored.
    let forged = Assignee { id: second_is.id, name: "Mallory".into() };
    let hand_on = |to| hold(AssignmentCommand::Transfer { to, reason: reason("Conoce la sede del cliente") });
    let seen = page(desk, number).await.version;
    execute_command(desk, &first, number, Expected::Version(seen), hand_on(forged)).await.unwrap();
    assert_eq!(page(desk, number).await.mark.assignee.as_ref(), Some(&second_is));
    let supervisor = staff(Role::Supervisor);
    let stale =
        execute_command(desk, &supervisor, number, Expected::Version(seen), hand_on(first_is.clone())).await;
    assert!(matches!(stale, Err(DeskError::Conflict { .. })), "who comes second is shown");
    let nobody = Assignee { id: PersonId(9999), name: "Nadie".into() };
    let refused =
        execute_command(desk, &supervisor, number, Expected::Version(seen + 1), hand_on(nobody)).await;
    let unknown = Refusal::Assignment(AssignmentRefusal::UnknownPerson);
    assert!(matches!(refused, Err(DeskError::Refused(refused)) if refused == unknown));
    keep(desk, &Actor::System, first_is.id, vec![Keep::Deactivate]).await.unwrap();
    let refused =
        execute_command(desk, &supervisor, number, Expected::Version(seen + 1), hand_on(first_is)).await;
    assert!(matches!(refused, Err(DeskError::Refused(refused)) if refused == unknown));
    let (_, offered) = candidates(desk, &supervisor, number).await.unwrap();
    assert_eq!(offered.into_iter().map(|one| one.person).collect::<Vec<_>>(), [second_is]);
    assert!(candidates(desk, &Actor::Customer(number), number).await.is_err());
    // The customer sees nothing of this.
    let seen = read_case(desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!((seen.history.len(), seen.mark.assignee), (1, None));
}

async fn customer_update_is_mailed_in_the_thread_and_sets_the_next_target(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    test.clock.advance(300);
    let spoken = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(desk, &agent, number, Expected::Version(1), spoken).await.unwrap();
    let update = clock(&page(desk, number).await, SlaMetric::NextUpdate).unwrap();
    assert_eq!((update.cycle, update.target_s, update.used_s), (1, HOUR / 2, 0));
    // Warned of like any target, once per level.
    for _ in 0..20 {
        test.clock.advance(60);
        scheduler::tick(desk).await.unwrap();
    }
    let file = page(desk, number).await;
    let warned = |file: &CasePage| {
        let is_update = |e: &&domain::case::Recorded| {
            matches!(e.event, Event::Warned { clock: SlaMetric::NextUpdate, cycle: 1, .. })
        };
        file.history.iter().filter(is_update).count()
    };
    assert_eq!(warned(&file), 1);
    let by = test.clock.now().plus(3 * HOUR);
    let news =
        MessageCommand::SendUpdate { text: note("El repuesto sale hoy.\nLlega mañana."), next: Some(by) };
    execute_command(desk, &agent, number, Expected::Version(file.version), Command::Message(news))
        .await
        .unwrap();
    let file = page(desk, number).await;
    assert!(clock(&file, SlaMetric::NextUpdate).is_none());
    let committed = clock(&file, SlaMetric::CommittedUpdate).unwrap();
    assert_eq!(committed.reading(&file.hours.spans, file.now).due, Some(by));
    let mails = mails(&test, number).await;
    let QueuedMail { subject, text, thread, .. } = &mails[1];
    assert!(subject.starts_with(&format!("Caso {number}: novedades · ")), "{subject}");
    for words in ["El repuesto sale hoy.", "Llega mañana.", "PRÓXIMA NOVEDAD", "/track/"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(thread.is_some(), "one thread");
    let customer = read_case(desk, &Actor::Customer(number), number).await.unwrap();
    let told = customer.history.iter().any(|entry| {
        matches!(&entry.event, Event::Message(MessageEvent::UpdateSent { text }) if text.as_str().contains("repuesto"))
    });
    assert!(told && clock(&customer, SlaMetric::CommittedUpdate).is_some());
    assert_eq!(Case::from_history(&file.history).unwrap().clocks(&file.hours.spans, file.now), file.clocks);
}

async fn customer_message_is_shown_and_ends_the_pause_for_the_customer(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    let customer = Actor::Customer(number);
    let write = |text: &str| Command::Message(MessageCommand::Write { text: note(text) });
    let wait = Command::Pause {
        reason: PauseReason::Customer,
        detail: None,
        until: test.clock.now().plus(24 * HOUR),
        allowed_by: PersonName::parse("Andrés Quintero").ok(),
    };
    execute_command(
        desk,
        &agent,
        number,
        Expected::Version(1),
        Command::LogContact { channel: Channel::Phone, note: None },
    )
    .await
    .unwrap();
    execute_command(desk, &agent, number, Expected::Version(2), wait).await.unwrap();
    test.clock.advance(HOUR);
    execute_command(desk, &customer, number, Expected::Any, write("Ya cambié el cable")).await.unwrap();
    let file = page(desk, number).await;
    assert_eq!((file.status, file.mark.unanswered), (Status::InProgress, Some(test.clock.now())));
    let last = &file.history.last().unwrap().event;
    assert!(matches!(last, Event::Resumed { cause: ResumeCause::CustomerAnswered }));
    let rows = queue(desk, &agent, Filter::default(), 1).await.unwrap().snapshot.rows;
    assert_eq!(rows[0].mark.unanswered, Some(test.clock.now()), "the queue shows it");
    let theirs = read_case(desk, &customer, number).await.unwrap();
    let wire = serde_json::to_string(&theirs).unwrap();
    assert!(wire.contains("Ya cambié el cable") && !wire.contains("Andrés"));
    for _ in 1..MESSAGES_PER_HOUR {
        execute_command(desk, &customer, number, Expected::Any, write("¿Hola?")).await.unwrap();
    }
    let refused = execute_command(desk, &customer, number, Expected::Any, write("¿Hola?")).await;
    let many = Refusal::Message(MessageRefusal::TooManyMessages);
    assert!(matches!(refused, Err(DeskError::Refused(refused)) if refused == many));
    let other = a_case(desk).await.number;
    for actor in [Actor::Customer(other), Actor::Anonymous, agent.clone()] {
        let refused = execute_command(desk, &actor, number, Expected::Any, write("Soy yo")).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    }
    let text = note("Lo vemos ya");
    let news = Command::Message(MessageCommand::SendUpdate { text, next: None });
    execute_command(desk, &agent, number, Expected::Any, news).await.unwrap();
    assert_eq!(page(desk, number).await.mark.unanswered, None);
}

async fn priority_change_is_mailed_to_the_customer_with_its_reason(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    let to = PriorityInputs { severity: Severity::Low, urgency: Urgency::Low };
    let weigh = RevisionCommand::Reprioritize { to, reason: reason("Es una consulta") };
    let agent = staff(Role::Agent);
    execute_command(desk, &agent, number, Expected::Version(1), Command::Revision(weigh)).await.unwrap();
    let file = page(desk, number).await;
    assert_eq!((file.priority, file.priority_inputs), (Priority::P4, to));
    assert_eq!(file.opening.report.severity, Severity::Critical, "as the customer stated");
    let change = Command::ChangePriority { to: Priority::P2, reason: reason("Lo pide la gerencia") };
    execute_command(desk, &agent, number, Expected::Version(2), change).await.unwrap();
    let mails = mails(&test, number).await;
    let subject = format!("Caso {number}: cambió la prioridad");
    assert_eq!(mails.iter().filter(|mail| mail.subject.starts_with(&subject)).count(), 2);
    for words in ["de Crítica a Baja", "Es una consulta", "PRIORIDAD P4"] {
        assert!(mails[1].text.contains(words), "{words}: {}", mails[1].text);
    }
    assert!(mails[2].text.contains("Lo pide la gerencia"));
}

async fn corrected_serial_changes_the_plan_and_is_mailed(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    // An unregistered serial: default targets in default hours.
    let mut wish = an_opening("a-wrong-serial-0001");
    wish.report.serial = Serial::parse("ZZZZ9999").unwrap();
    let opened = desk::cases::open::open_case(desk, &Actor::Anonymous, wish).await.unwrap();
    let number = opened.number;
    let before = page(desk, number).await;
    assert_eq!(before.opening.coverage, Entitlement::NeedsValidation(ValidationReason::UnknownSerial));
    test.clock.advance(300);
    let right = ContractRef {
        contract: Some(ContractNumber::parse(demo::CARACAS.contract, default_formats()).unwrap()),
        serial: Serial::parse(demo::CARACAS.serial).unwrap(),
    };
    let correct = |to| {
        let reason = reason("El serial se leyó mal");
        Command::Revision(RevisionCommand::Correct { to, reason, resolved: None })
    };
    let agent = staff(Role::Agent);
    execute_command(desk, &agent, number, Expected::Version(1), correct(right.clone())).await.unwrap();
    let file = page(desk, number).await;
    let usual = page(desk, a_case(desk).await.number).await;
    assert_eq!(file.opening.coverage, Entitlement::Covered);
    assert_eq!((&file.opening.terms, &file.opening.hours), (&usual.opening.terms, &usual.opening.hours));
    assert_eq!((&file.customer, &file.equipment), (&usual.customer, &usual.equipment));
    let attention = clock(&file, SlaMetric::FirstResponse).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 300));
    assert_eq!(attention.target_s, clock(&usual, SlaMetric::FirstResponse).unwrap().target_s);
    let rows = queue(desk, &agent, Filter::default(), 1).await.unwrap().snapshot.rows;
    let row = rows.iter().find(|row| row.number == number).unwrap();
    assert_eq!((row.coverage, &row.hours), (Entitlement::Covered, &file.opening.hours));
    let Event::Opened(opening) = &file.history[0].event else { panic!("an opening") };
    assert_eq!(opening.report.serial.as_str(), "ZZZZ9999", "the original stands");
    let again = execute_command(desk, &agent, number, Expected::Version(2), correct(right)).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::Revision(_)))));
    let theirs = read_case(desk, &Actor::Customer(number), number).await.unwrap();
    let Event::Revision(RevisionEvent::Corrected(told)) = &theirs.history[1].event else { panic!("told") };
    assert!(told.resolved.customer.is_empty());
}

async fn undo_contact_restores_the_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let (number, agent) = (a_case(desk).await.number, staff(Role::Agent));
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(desk, &agent, number, Expected::Version(1), contact).await.unwrap();
    let undoable_contact = page(desk, number).await.undoable_contact.unwrap();
    assert_eq!((undoable_contact.contact, undoable_contact.at), (2, test.clock.now()));
    let theirs = read_case(desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!(theirs.undoable_contact, None, "it is no business of the customer's");

    test.clock.advance(60);
    let back = Command::Revision(RevisionCommand::UndoContact { contact: undoable_contact.contact });
    execute_command(desk, &agent, number, Expected::Version(2), back.clone()).await.unwrap();
    let file = page(desk, number).await;
    assert_eq!((file.status, file.undoable_contact), (Status::New, None));
    let attention = clock(&file, SlaMetric::FirstResponse).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 60));
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    let again = execute_command(desk, &agent, number, Expected::Version(3), back).await;
    let nothing = Refusal::Revision(RevisionRefusal::NothingToUndo);
    assert!(matches!(again, Err(DeskError::Refused(refused)) if refused == nothing));
}
