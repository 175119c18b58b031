//! Deliveries to webhooks: leases, retries, dead letters, and the way to the receiver.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use desk::DeskError;
use desk::access::extension::set_extension;
use desk::calls::{Requested, request_call};
use desk::store::Engine;
use desk::webhooks::{
    About, Egress, HISTORY, Replay, Resolve, Settings, add_webhook, deliver_due, pause_webhook, replay,
    sweep, work,
};
use domain::actor::{Actor, Role};
use domain::case::{AskedBy, Command, ErasureReason, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::phone::{Extension, Phone};
use domain::webhook::{DeliveryFailure, DeliveryState, WebhookEvent};
use tokio_util::sync::CancellationToken;

use crate::support::receiver::{BROKEN, Manner, Receiver, TAKEN};
use crate::support::tls_smtp::Authority;
use crate::support::webhooks::{
    Canary, DAY, Names, add, admin, bodies, deliver, deliveries, local, new, seen, with_register,
};
use crate::support::{TestDesk, a_case, add_staff, both_engines, execute, explain, reason, staff};

both_engines! {
    delivery_is_sent_once_by_two_nodes,
    refused_delivery_is_tried_again_later_with_the_same_id_until_it_is_a_dead_letter,
    expired_lease_is_taken_once_more,
    finished_deliveries_are_taken_out_after_thirty_days,
    slow_receiver_delays_no_other,
    redirect_is_not_followed,
    name_that_turns_to_this_machine_gets_no_connection,
    certificate_of_an_unknown_authority_is_refused,
    answer_of_a_receiver_goes_with_the_erased_case,
    request_for_a_call_is_told_once_and_never_late,
    queries_are_served_by_indexes,
    receiver_that_is_told_too_much_gets_the_wait_that_it_asks_for,
}

async fn delivery_is_sent_once_by_two_nodes(engine: Engine) {
    let at = with_register(engine).await;
    let other = at.another().await.with_egress(local());
    let receiver = Receiver::open(TAKEN).await;
    add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    for _ in 0..20 {
        a_case(&at.desk).await;
    }
    let (ours, theirs) = tokio::join!(deliver(&at.desk), deliver(&other));
    assert_eq!(ours + theirs, 20);
    let ids: BTreeSet<String> =
        receiver.received().iter().map(|received| received.header("webhook-id").to_owned()).collect();
    assert_eq!((ids.len(), receiver.received().len()), (20, 20));
    other.close().await;
}

async fn refused_delivery_is_tried_again_later_with_the_same_id_until_it_is_a_dead_letter(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(BROKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((told.state, told.attempts, told.status), (DeliveryState::Queued, 1, Some(500)));
    assert_eq!((told.failure, told.answer.as_deref()), (Some(DeliveryFailure::Refused), Some("no luck !")));
    let wait_s = told.next_attempt_at.unwrap().since(at.clock.now());
    assert!((9..=11).contains(&wait_s), "{wait_s}");
    assert_eq!(deliver(&at.desk).await, 0, "not before its time");
    let begun = at.clock.now();
    let dead = loop {
        let told = deliveries(&at.desk, id).await.remove(0);
        let Some(next) = told.next_attempt_at else { break told };
        at.clock.advance(next.since(at.clock.now()));
        assert_eq!(deliver(&at.desk).await, 1);
    };
    assert_eq!((dead.state, dead.attempts), (DeliveryState::Dead, 15));
    let tried_s = at.clock.now().since(begun);
    assert!((5 * DAY / 2..7 * DAY / 2).contains(&tried_s), "{tried_s}");
    let view = seen(&at.desk, id).await;
    assert_eq!((view.queued, view.dead), (0, 1));
    let tried = receiver.received();
    assert_eq!(tried.len(), 15);
    assert!(tried.iter().all(|one| one.header("webhook-id") == dead.id && one.body == tried[0].body));
    // Each attempt has a time of its own, and so a signature.
    assert_ne!(tried[0].header("webhook-signature"), tried[1].header("webhook-signature"));

    receiver.now_does(TAKEN);
    let unknown = Replay::One("msg_0".to_owned());
    assert!(matches!(replay(&at.desk, &admin(), id, unknown).await, Err(DeskError::NotFound)));
    assert_eq!(replay(&at.desk, &admin(), id, Replay::One(dead.id.clone())).await.unwrap(), 1);
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((told.state, told.attempts, told.failure), (DeliveryState::Delivered, 1, None));
    assert_eq!(receiver.received()[15].header("webhook-id"), dead.id);
    assert!(matches!(replay(&at.desk, &admin(), id, Replay::All).await, Err(DeskError::NotFound)));
}

async fn expired_lease_is_taken_once_more(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(Manner::Silent).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    a_case(&at.desk).await;
    // A node that is killed while it waits for the answer.
    let killed = at.desk.clone();
    let attempt = tokio::spawn(async move { deliver_due(&killed, &Names, &Settings::default()).await });
    receiver.until(1).await;
    attempt.abort();
    receiver.now_does(TAKEN);
    assert_eq!(deliver(&at.desk).await, 0, "the lease holds");
    at.clock.advance(Settings::default().lease_s);
    assert_eq!(deliver(&at.desk).await, 1);
    let received = receiver.received();
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    assert_eq!(deliveries(&at.desk, id).await[0].attempts, 2);
}

async fn finished_deliveries_are_taken_out_after_thirty_days(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 1);
    pause_webhook(&at.desk, &admin(), id).await.unwrap();
    a_case(&at.desk).await;
    at.clock.advance(30 * DAY - 1);
    assert_eq!(sweep(&at.desk).await.unwrap(), 0);
    assert_eq!(deliveries(&at.desk, id).await.len(), 2);
    at.clock.advance(1);
    assert_eq!(sweep(&at.desk).await.unwrap(), 1);
    let left = deliveries(&at.desk, id).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].state, left[0].failure), (DeliveryState::Dead, Some(DeliveryFailure::Paused)));
    at.clock.advance(30 * DAY);
    assert_eq!(sweep(&at.desk).await.unwrap(), 1);
    assert!(deliveries(&at.desk, id).await.is_empty());
}

async fn slow_receiver_delays_no_other(engine: Engine) {
    let at = with_register(engine).await;
    let (slow, quick) = (Receiver::open(Manner::Silent).await, Receiver::open(TAKEN).await);
    let first = add(&at.desk, &slow, &[WebhookEvent::Opened]).await;
    add(&at.desk, &quick, &[WebhookEvent::Opened]).await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(work(at.desk.clone(), Names, stop.clone()));
    for _ in 0..10 {
        a_case(&at.desk).await;
    }
    quick.until(10).await;
    slow.until(Settings::default().per_webhook).await;
    assert!(slow.received().len() < 10, "a receiver has so many places and no more");
    stop.cancel();
    working.await.unwrap();

    // The time limit is of the whole exchange.
    at.clock.advance(Settings::default().lease_s);
    let short = Settings { within: Duration::from_millis(1), ..Settings::default() };
    assert_eq!(deliver_due(&at.desk, &Names, &short).await.unwrap(), 10);
    for told in deliveries(&at.desk, first).await {
        assert_eq!((told.state, told.failure), (DeliveryState::Queued, Some(DeliveryFailure::TimedOut)));
    }
}

async fn redirect_is_not_followed(engine: Engine) {
    let at = with_register(engine).await;
    let (canary, port) = Canary::open();
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/\r\n\r\n");
    let receiver = Receiver::open(Manner::Answers(answer.leak())).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((told.status, told.failure), (Some(307), Some(DeliveryFailure::Redirected)));
    assert!(!canary.met());
}

/// A name that has another address each time that it is asked for.
fn turning(answers: &'static [&'static [&'static str]]) -> Resolve {
    let asked = AtomicUsize::new(0);
    Arc::new(move |_| {
        let nth = asked.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let found: Vec<IpAddr> = answers[nth].iter().map(|address| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(found) })
    })
}

async fn name_that_turns_to_this_machine_gets_no_connection(engine: Engine) {
    for answers in [&[&["9.9.9.9"][..], &["127.0.0.1"]], &[&["9.9.9.9"][..], &["9.9.9.9", "127.0.0.1"]]] {
        let mut at = TestDesk::with_register(engine).await;
        let (canary, port) = Canary::open();
        let answers: &'static [&'static [&'static str]] = Box::leak(answers.to_vec().into_boxed_slice());
        at.desk = at.desk.with_egress(Egress::default().resolving(turning(answers)));
        let url = format!("https://rebinding.example:{port}/");
        let (id, _) = add_webhook(&at.desk, &admin(), new(&url, &WebhookEvent::ALL, None)).await.unwrap();
        a_case(&at.desk).await;
        assert_eq!(deliver(&at.desk).await, 1);
        let told = &deliveries(&at.desk, id).await[0];
        assert_eq!((told.status, told.failure), (None, Some(DeliveryFailure::AddressRefused)));
        assert!(!canary.met());
    }
}

async fn certificate_of_an_unknown_authority_is_refused(engine: Engine) {
    let mut at = TestDesk::with_register(engine).await;
    let authority = Authority::new();
    let receiver = Receiver::over_tls(TAKEN, authority.acceptor("receiver.example")).await;
    let strangers = local().resolving(turning(&[&["127.0.0.1"]]));
    let house = strangers.clone().trusting(authority.pem().as_bytes()).unwrap();
    assert!(Egress::default().trusting(b"no certificate").is_none());
    at.desk = at.desk.with_egress(strangers);
    let url = format!("https://receiver.example:{}/hook", receiver.port);
    let (id, _) = add_webhook(&at.desk, &admin(), new(&url, &WebhookEvent::ALL, None)).await.unwrap();
    let other = format!("https://other.example:{}/hook", receiver.port);
    let (misnamed, _) = add_webhook(&at.desk, &admin(), new(&other, &WebhookEvent::ALL, None)).await.unwrap();
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 2);
    assert_eq!(deliveries(&at.desk, id).await[0].failure, Some(DeliveryFailure::Tls));
    at.clock.advance(60);
    at.desk = at.desk.with_egress(house);
    assert_eq!(deliver(&at.desk).await, 2);
    assert_eq!(deliveries(&at.desk, id).await[0].state, DeliveryState::Delivered);
    assert_eq!(deliveries(&at.desk, misnamed).await[0].failure, Some(DeliveryFailure::Tls), "another name");
    assert_eq!(receiver.received().len(), 1);
}

async fn cancelled(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Se resolvió solo") };
    execute(&at.desk, &staff(Role::Agent), number, Command::Termination(cancel)).await;
    number
}

async fn answer_of_a_receiver_goes_with_the_erased_case(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(BROKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    let number = cancelled(&at).await;
    assert_eq!(deliver(&at.desk).await, 1);
    assert!(deliveries(&at.desk, id).await[0].answer.is_some());
    desk::retention::erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    assert_eq!(deliveries(&at.desk, id).await[0].answer, None);
    at.clock.advance(60);
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((told.attempts, told.answer.as_deref()), (2, None), "nor does an attempt after it leave one");
}

async fn queries_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&at).await;
    for (sql, index) in [
        (
            "SELECT id FROM webhook_deliveries WHERE webhook_id = 7 AND state = 'queued' AND next_attempt_utc_s <= 5
             ORDER BY next_attempt_utc_s, seq LIMIT 8",
            "webhook_deliveries_by_turn",
        ),
        (
            "SELECT MIN(next_attempt_utc_s) FROM webhook_deliveries WHERE webhook_id = 7 AND state = 'queued'",
            "webhook_deliveries_by_turn",
        ),
        (
            "SELECT id FROM webhook_deliveries WHERE webhook_id = 7 ORDER BY created_utc_s DESC, id DESC LIMIT 50",
            "webhook_deliveries_by_time",
        ),
        ("UPDATE webhook_deliveries SET answer = NULL WHERE case_number = 'N7'", "webhook_deliveries_by_case"),
        (
            "SELECT id FROM webhook_deliveries WHERE ended_utc_s <= 5 ORDER BY ended_utc_s LIMIT 100",
            "webhook_deliveries_by_end",
        ),
        (HISTORY.replace("$1", "7").replace("$2", "50").as_str(), "webhook_changes_by_webhook"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

async fn receiver_that_is_told_too_much_gets_the_wait_that_it_asks_for(engine: Engine) {
    let at = with_register(engine).await;
    // As Slack answers beyond a message a second.
    let limited =
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 12\r\n\r\nrate_limited";
    let receiver = Receiver::open(Manner::Answers(limited)).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((told.status, told.answer.as_deref()), (Some(429), Some("rate_limited")));
    assert_eq!(told.next_attempt_at.unwrap().since(at.clock.now()), 600);
}

async fn request_for_a_call_is_told_once_and_never_late(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::CallRequested]).await;
    let who = add_staff(&at.desk, "Ana", "ana@vigia.example", Role::Agent, Language::Es).await;
    let agent = Actor::Staff(who.clone());
    let extension = Extension::try_from("204".to_owned()).unwrap();
    set_extension(&at.desk, &agent, who.id, Some(extension)).await.unwrap();
    let phone = Phone::parse(Country::Ve, "0412 555 0142").unwrap();
    let ask = async || request_call(&at.desk, &agent, &phone, None).await.unwrap();
    assert_eq!(ask().await, Requested::Told);
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!(bodies(&receiver), ["call 1"]);
    // Within seconds it would be the same press.
    at.clock.advance(6);
    assert_eq!(ask().await, Requested::Told);
    at.clock.advance(61);
    deliver(&at.desk).await;
    assert_eq!(bodies(&receiver).len(), 1, "the agent waits no longer");
    let late =
        deliveries(&at.desk, id).await.into_iter().find(|one| one.state == DeliveryState::Dead).unwrap();
    assert_eq!((late.about, late.failure), (About::Call, Some(DeliveryFailure::TooLate)));
}
