//! Pauses: their limits, and the messages that end them.

use super::{DAY, HOUR, customer, message, opened, wait};
use domain::case::{Command, Event, PauseReason, Refusal, ResumeCause, Status};
use domain::priority::Priority;
use domain::sla_plan::{SlaPlan, WaitingRules};

use crate::case::{History, agent, caracas, contact, eight_to_five};

#[test]
fn customer_message_ends_a_pause_for_the_customer_alone() {
    for (waits_for, status) in [
        (PauseReason::Customer, Status::InProgress),
        (PauseReason::SparePart, Status::OnHold),
        (PauseReason::ThirdParty, Status::OnHold),
        (PauseReason::AgreedDate, Status::OnHold),
    ] {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        history.at(0, contact());
        history.ask(HOUR, wait(waits_for, monday.plus(5 * HOUR)), &agent(), &hours).unwrap();
        history.ask(2 * HOUR, message("Ya lo reinicié"), &customer, &hours).unwrap();
        assert_eq!(history.case().status(), status, "{waits_for:?}");
        let ended = history.entries().iter().any(
            |entry| matches!(entry.event, Event::Resumed { cause } if cause == ResumeCause::CustomerAnswered),
        );
        assert_eq!(ended, waits_for == PauseReason::Customer);
    }
}

#[test]
fn pauses_together_are_limited_by_the_plan() {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let terms = SlaPlan::default().with_waiting(WaitingRules { max_total_days: 3 });
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(0, contact());
    let until = |days| wait(PauseReason::SparePart, monday.plus(days * DAY));
    let refused = Err(Refusal::WaitedTooLong { days: 3 });
    assert_eq!(history.ask(0, until(4), &agent(), &hours), refused);
    history.ask(0, until(3), &agent(), &hours).unwrap();
    // Ended early: the actual length counts, not the expected one.
    history.ask(DAY, Command::Resume, &agent(), &hours).unwrap();
    assert_eq!(history.ask(2 * DAY, until(5), &agent(), &hours), refused);
    history.ask(2 * DAY, until(4), &agent(), &hours).unwrap();
}

#[test]
fn older_histories_deserialise() {
    let before = r#"{"paused":{"reason":"customer","detail":null,"until":1795440000}}"#;
    assert!(matches!(serde_json::from_str::<Event>(before), Ok(Event::Paused { allowed_by: None, .. })));
    let terms = serde_json::to_value(SlaPlan::default()).unwrap();
    let mut older = terms.clone();
    older.as_object_mut().unwrap().remove("waiting");
    assert_eq!(serde_json::from_value::<SlaPlan>(older).unwrap(), SlaPlan::default());
}
