//! Contacts, messages, and the updates that are owed to the customer.

use super::{DAY, HOUR, MINUTE, customer, logged, message, news, note, of, opened, reason, wait};
use domain::actor::Actor;
use domain::case::{
    Audience, Channel, ClockState, Command, MESSAGES_PER_HOUR, MessageCommand, MessageRefusal, PauseReason,
    Refusal, TimerState, UnansweredMessages,
};
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;

use crate::case::{History, agent, contact, resolve};

#[test]
fn edge_08_first_response_is_met_by_a_person_on_any_channel() {
    for channel in Channel::ALL {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        history.ask(MINUTE, message("¿Hay novedades?"), &customer, &hours).unwrap();
        let now = monday.plus(2 * MINUTE);
        // The customer's own message meets no target.
        assert_eq!(
            of(&history.case(), SlaMetric::FirstResponse, &hours, now).unwrap().run,
            TimerState::Running
        );
        assert_eq!(history.case().unanswered(), Some(monday.plus(MINUTE)));
        let speak = Command::LogContact { channel, note: None };
        history.ask(3 * MINUTE, speak.clone(), &agent(), &hours).unwrap();
        let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, now.plus(HOUR)).unwrap();
        assert_eq!((attention.run, attention.used_s), (TimerState::Stopped, 3 * MINUTE), "{channel:?}");
        assert_eq!(history.case().unanswered(), None);
        history.ask(10 * MINUTE, message("Sigue igual"), &customer, &hours).unwrap();
        history.ask(20 * MINUTE, message("¿Siguen ahí?"), &customer, &hours).unwrap();
        let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(30 * MINUTE)).unwrap();
        assert_eq!(
            (update.cycle, update.used_s, update.run),
            (1, 27 * MINUTE, TimerState::Running),
            "{channel:?}"
        );
        assert_eq!(history.case().unanswered(), Some(monday.plus(10 * MINUTE)), "the oldest of them");
        history.ask(30 * MINUTE, speak, &agent(), &hours).unwrap();
        let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(31 * MINUTE)).unwrap();
        assert_eq!((update.cycle, update.used_s, update.breach), (2, MINUTE, None), "{channel:?}");
    }
}

#[test]
fn unanswered_messages_count_since_the_last_reply() {
    let unanswered_messages =
        |history: &History| UnansweredMessages::of(history.entries(), history.case().unanswered()?);
    let (mut history, hours, monday) = opened();
    let customer = customer(&history);
    assert_eq!(unanswered_messages(&history), None, "nothing was written");
    history.ask(MINUTE, message("¿Hay novedades?"), &customer, &hours).unwrap();
    history.ask(2 * MINUTE, logged(), &agent(), &hours).unwrap();
    assert_eq!(unanswered_messages(&history), None, "it was answered");
    history.ask(3 * MINUTE, message("Sigue igual"), &customer, &hours).unwrap();
    let inward = Command::AddNote { audience: Audience::Internal, text: note("Llamar mañana") };
    history.ask(4 * MINUTE, inward, &agent(), &hours).unwrap();
    history.ask(5 * MINUTE, message("¿Siguen ahí?"), &customer, &hours).unwrap();
    let waits = UnansweredMessages { count: 2, at: monday.plus(5 * MINUTE), newest: note("¿Siguen ahí?") };
    assert_eq!(unanswered_messages(&history), Some(waits), "a note is no answer, and a contact was one");
    history.ask(6 * MINUTE, news("Vamos en camino.", None), &agent(), &hours).unwrap();
    assert_eq!(unanswered_messages(&history), None);
}

#[test]
fn edge_09_update_target_begins_with_the_first_contact() {
    let (mut history, hours, monday) = opened();
    let kinds = |history: &History, after_s| {
        let clocks = history.case().clocks(&hours.spans, monday.plus(after_s));
        clocks.iter().map(|clock| clock.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&history, 0), [SlaMetric::FirstResponse, SlaMetric::Resolution]);
    // A mail is no contact: first response runs on, and no other target replaces it.
    history.ask(MINUTE, news("Recibimos su caso", None), &agent(), &hours).unwrap();
    assert_eq!(kinds(&history, MINUTE), [SlaMetric::FirstResponse, SlaMetric::Resolution]);
    let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, monday.plus(5 * MINUTE)).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 5 * MINUTE));
    history.ask(6 * MINUTE, logged(), &agent(), &hours).unwrap();
    assert_eq!(
        kinds(&history, 7 * MINUTE),
        [SlaMetric::FirstResponse, SlaMetric::NextUpdate, SlaMetric::Resolution]
    );
    let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(7 * MINUTE)).unwrap();
    assert_eq!((update.target_s, update.used_s), (HOUR, MINUTE));
    history.ask(HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(9 * HOUR)).unwrap();
    assert_eq!((update.run, update.breach), (TimerState::Stopped, None), "the solution is the last news");
}

#[test]
fn update_meets_its_target_unless_it_is_late() {
    let (mut history, hours, monday) = opened();
    history.at(0, contact());
    history.ask(30 * MINUTE, news("El repuesto salió del almacén", None), &agent(), &hours).unwrap();
    let late = monday.plus(30 * MINUTE + 2 * HOUR);
    assert_eq!(
        of(&history.case(), SlaMetric::NextUpdate, &hours, late).unwrap().reading(&hours.spans, late).state,
        ClockState::Breached
    );
    history.ask(30 * MINUTE + 2 * HOUR, logged(), &agent(), &hours).unwrap();
    let past = history.case().past_updates(&hours.spans, late);
    let told: Vec<_> = past.iter().map(|clock| (clock.cycle, clock.used_s, clock.breach.is_some())).collect();
    assert_eq!(told, [(1, 30 * MINUTE, false), (2, 2 * HOUR, true)]);
    // Warnings come once per cycle, as for every target.
    let due = history.case().due_commands(&hours, late.plus(45 * MINUTE));
    let levels: Vec<_> = due
        .iter()
        .filter_map(|command| match command {
            Command::Warn { clock: SlaMetric::NextUpdate, cycle: 3, level } => Some(*level),
            _ => None,
        })
        .collect();
    assert_eq!(levels, [50, 75]);
}

#[test]
fn edge_19_committed_update_is_never_paused() {
    let (mut history, hours, monday) = opened();
    let by = monday.plus(5 * HOUR);
    let promise = Command::Message(MessageCommand::Contact { channel: Channel::Phone, note: None, next: by });
    history.ask(MINUTE, promise, &agent(), &hours).unwrap();
    let committed = |history: &History, after_s: i64| {
        let now = monday.plus(after_s);
        let clock = of(&history.case(), SlaMetric::CommittedUpdate, &hours, now).unwrap();
        (clock.reading(&hours.spans, now), clock)
    };
    assert_eq!(committed(&history, HOUR).0.due, Some(by));
    assert!(of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(HOUR)).is_none(), "in its place");
    history.ask(HOUR, wait(PauseReason::SparePart, monday.plus(3 * HOUR)), &agent(), &hours).unwrap();
    let reading = committed(&history, 2 * HOUR).0;
    assert_eq!((reading.due, reading.state), (Some(by), ClockState::Running));
    // Other targets follow the pause and the priority as usual.
    let change = Command::ChangePriority { to: Priority::P3, reason: reason("Hay respaldo") };
    history.ask(4 * HOUR, change, &agent(), &hours).unwrap();
    let resolution = of(&history.case(), SlaMetric::Resolution, &hours, monday.plus(4 * HOUR)).unwrap();
    assert_eq!((resolution.target_s, resolution.used_s), (24 * HOUR, 2 * HOUR));
    assert_eq!(committed(&history, 4 * HOUR).0.due, Some(by));
    assert_eq!(committed(&history, 5 * HOUR).0.state, ClockState::Warning);
    let (reading, clock) = committed(&history, 5 * HOUR + 1);
    assert_eq!(
        (reading.state, clock.breach.map(|breach| breach.at)),
        (ClockState::Breached, Some(by.plus(1)))
    );
    // The update is late: the plan's interval begins, and the breach of the committed time remains.
    history.ask(6 * HOUR, news("Llegó el repuesto", None), &agent(), &hours).unwrap();
    let case = history.case();
    let update = of(&case, SlaMetric::NextUpdate, &hours, monday.plus(6 * HOUR)).unwrap();
    assert_eq!((update.cycle, update.target_s, update.used_s), (1, 4 * HOUR, 0));
    let past = case.past_updates(&hours.spans, monday.plus(7 * HOUR));
    assert!(past.len() == 1 && past[0].kind == SlaMetric::CommittedUpdate && past[0].breach.is_some());
}

#[test]
fn committed_update_outside_hours_is_due_at_its_moment() {
    let (mut history, hours, monday) = opened();
    let tonight = monday.plus(14 * HOUR);
    let promise =
        Command::Message(MessageCommand::Contact { channel: Channel::Phone, note: None, next: tonight });
    history.ask(MINUTE, promise, &agent(), &hours).unwrap();
    let now = monday.plus(13 * HOUR);
    let clock = of(&history.case(), SlaMetric::CommittedUpdate, &hours, now).unwrap();
    let reading = clock.reading(&hours.spans, now);
    assert_eq!((reading.due, reading.remaining_s, reading.counting), (Some(tonight), HOUR, true));
    let explained = history.case().explain(SlaMetric::CommittedUpdate, &hours.spans, now);
    assert_eq!(explained.iter().map(|stretch| stretch.counted_s).sum::<i64>(), clock.used_s);
    for (after_s, refusal) in [(0, MessageRefusal::UpdateInThePast), (31 * DAY, MessageRefusal::UpdateTooFar)]
    {
        let command = news("Le llamo luego", Some(now.plus(after_s)));
        assert_eq!(history.ask(13 * HOUR, command, &agent(), &hours), Err(Refusal::Message(refusal)));
    }
}

#[test]
fn customer_messages_are_limited_and_refused_once_closed() {
    let (mut history, hours, _) = opened();
    let customer = customer(&history);
    for _ in 0..MESSAGES_PER_HOUR {
        history.ask(MINUTE, message("Hola"), &customer, &hours).unwrap();
    }
    let refused = |refusal| Err(Refusal::Message(refusal));
    let again = history.ask(HOUR, message("Hola"), &customer, &hours);
    assert_eq!(again, refused(MessageRefusal::TooManyMessages));
    history.ask(HOUR + MINUTE, message("Hola"), &customer, &hours).unwrap();
    for other in [agent(), Actor::Anonymous] {
        let refused = history.ask(2 * HOUR, message("Soy el cliente"), &other, &hours);
        assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
    }
    history.ask(3 * HOUR, logged(), &agent(), &hours).unwrap();
    history.ask(3 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    let reason = reason("Sin respuesta");
    history.ask(4 * HOUR, Command::CloseUnconfirmed { reason }, &agent(), &hours).unwrap();
    assert_eq!(history.ask(5 * HOUR, message("Gracias"), &customer, &hours), refused(MessageRefusal::Closed));
}
