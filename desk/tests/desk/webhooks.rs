//! Webhooks: rows in the transaction of their event; who hears of what.

use std::collections::BTreeSet;

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::lab::demo;
use desk::store::Engine;
use desk::webhooks::{About, add_webhook, remove_webhook};
use domain::actor::{Actor, Role};
use domain::case::{Assignee, AssignmentCommand, Command};
use domain::country::Country;
use domain::i18n::Language;
use domain::webhook::{DeliveryState, WebhookEvent};
use futures::future::join_all;

use crate::support::receiver::{Receiver, TAKEN};
use crate::support::webhooks::{add, admin, bodies, deliver, deliveries, new, seen, with_register};
use crate::support::{
    a_case, a_form, add_staff, an_opening, both_engines, contact, count, execute, resolve, staff,
};

both_engines! {
    opening_writes_a_delivery_for_each_webhook_that_hears_of_it,
    openings_of_one_batch_each_have_their_delivery,
    command_writes_a_delivery_with_its_entry_or_nothing,
    webhook_hears_of_its_events_and_its_country_alone,
    node_hears_of_a_webhook_that_another_added,
}

async fn opening_writes_a_delivery_for_each_webhook_that_hears_of_it(engine: Engine) {
    let at = with_register(engine).await;
    let before = a_case(&at.desk).await.number;
    let receiver = Receiver::open(TAKEN).await;
    let one = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    let two = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    add(&at.desk, &receiver, &[WebhookEvent::Closed]).await;
    let opened = open_case(&at.desk, &Actor::Anonymous, an_opening("once")).await.unwrap().number;
    let again = open_case(&at.desk, &Actor::Anonymous, an_opening("once")).await.unwrap().number;
    assert_eq!(opened, again);
    assert_ne!(opened, before);
    assert_eq!(
        count(&at, "SELECT COUNT(*) FROM webhook_deliveries").await,
        2,
        "one for each that hears of it"
    );
    for id in [one, two] {
        let told = deliveries(&at.desk, id).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].about, About::Case(opened, WebhookEvent::Opened));
        assert_eq!((told[0].state, told[0].attempts), (DeliveryState::Queued, 0));
    }
    assert_eq!(deliver(&at.desk).await, 2);
    assert_eq!(deliver(&at.desk).await, 0, "once");
    let body = format!("opened {} 1", opened.as_compact());
    assert_eq!(bodies(&receiver), [body.clone(), body]);
    let received = receiver.received();
    assert_ne!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    assert_eq!(received[0].first_line(), "POST /hook HTTP/1.1");
    assert_eq!(received[0].header("webhook-timestamp"), at.clock.now().0.to_string());
    let view = seen(&at.desk, one).await;
    let last = view.last.unwrap();
    assert_eq!((view.queued, view.dead, last.status, last.failure), (0, 0, Some(204), None));
}

async fn openings_of_one_batch_each_have_their_delivery(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    let keys: Vec<String> = (0..40).map(|key| format!("batch-{key}")).collect();
    let agent = staff(Role::Agent);
    let opening = keys.iter().map(|key| open_case(&at.desk, &agent, an_opening(key)));
    let opened: BTreeSet<String> =
        join_all(opening).await.into_iter().map(|opened| opened.unwrap().number.as_compact()).collect();
    assert_eq!(opened.len(), 40);
    let unmatched = "SELECT COUNT(*) FROM webhook_deliveries d WHERE NOT EXISTS
                     (SELECT 1 FROM case_events e WHERE e.seq = d.seq AND e.case_number = d.case_number)";
    assert_eq!(count(&at, unmatched).await, 0, "each has the number of its entry");
    assert_eq!(count(&at, "SELECT COUNT(DISTINCT seq) FROM webhook_deliveries").await, 40);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM webhook_deliveries").await, 80);
}

async fn command_writes_a_delivery_with_its_entry_or_nothing(engine: Engine) {
    let at = with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    let ana = add_staff(&at.desk, "Ana Rivas", "ana@vigia.example", Role::Agent, Language::Es).await;
    let agent = staff(Role::Agent);
    execute(&at.desk, &agent, number, contact()).await;
    let to = Assignee { id: ana.id, name: String::new() };
    let assign = Command::Assignment(AssignmentCommand::Assign { to });
    execute(&at.desk, &admin(), number, assign).await;
    let stale = execute_command(&at.desk, &agent, number, Expected::Exactly(1), contact()).await;
    assert!(matches!(stale, Err(DeskError::Conflict { .. })), "{stale:?}");
    execute(&at.desk, &agent, number, resolve("Se cambió la fuente")).await;
    assert_eq!(deliver(&at.desk).await, 3);
    let compact = number.as_compact();
    let mut told = bodies(&receiver);
    told.sort();
    let versions =
        [format!("assigned {compact} 3"), format!("contacted {compact} 2"), format!("resolved {compact} 4")];
    assert_eq!(told, versions);
    assert!(deliveries(&at.desk, id).await.iter().all(|told| told.state == DeliveryState::Delivered));
}

async fn webhook_hears_of_its_events_and_its_country_alone(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let bogota = new(&receiver.url(), &[WebhookEvent::Opened, WebhookEvent::Contacted], Some(Country::Co));
    let (id, _) = add_webhook(&at.desk, &admin(), bogota).await.unwrap();
    let agent = staff(Role::Agent);
    let caracas = a_case(&at.desk).await.number;
    let own = OpenCase { report: a_form(&demo::BOGOTA).report().unwrap(), ..an_opening("own") };
    let bogota = open_case(&at.desk, &agent, own).await.unwrap().number;
    for number in [caracas, bogota] {
        execute(&at.desk, &agent, number, contact()).await;
        execute(&at.desk, &agent, number, resolve("Se cambió la fuente")).await;
    }
    let told: Vec<_> = deliveries(&at.desk, id).await.into_iter().map(|told| told.about).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for event in [WebhookEvent::Opened, WebhookEvent::Contacted] {
        assert!(told.contains(&About::Case(bogota, event)), "{told:?}");
    }
}

async fn node_hears_of_a_webhook_that_another_added(engine: Engine) {
    let at = with_register(engine).await;
    let other = at.another().await;
    let number = a_case(&other).await.number;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    let opened = a_case(&other).await.number;
    execute(&other, &staff(Role::Agent), number, contact()).await;
    assert_eq!(deliveries(&at.desk, id).await.len(), 2);
    remove_webhook(&at.desk, &admin(), id).await.unwrap();
    execute(&other, &staff(Role::Agent), opened, contact()).await;
    assert_eq!(count(&at, "SELECT COUNT(*) FROM webhook_deliveries").await, 0);
    other.close().await;
}
