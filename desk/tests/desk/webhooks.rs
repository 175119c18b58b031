//! Webhooks: rows in the transaction of their event, leases, retries, dead letters; who hears of what.

use std::collections::BTreeSet;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use desk::access::extension::set_extension;
use desk::calls::{Requested, request_call};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::lab::demo;
use desk::store::{Engine, StoreError};
use desk::webhooks::{
    About, AllowedNetwork, DeliveryView, Egress, NewWebhook, Payloads, ReceiverUrl, Replay, Resolve,
    Settings, Told, UrlProblem, WebhookError, WebhookView, add_webhook, deliver_due, list_deliveries,
    list_webhooks, pause_webhook, read_webhook, remove_webhook, replay, resume_webhook, rotate_secret,
    send_test, sweep, work,
};
use desk::{Desk, DeskError};
use domain::actor::{Actor, Role, Scope};
use domain::case::{AskedBy, Assignee, AssignmentCommand, Command, ErasureReason, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::phone::{Extension, Phone};
use domain::webhook::{DeliveryFailure, DeliveryState, WEBHOOKS_MAX, WebhookEvent, WebhookId, WebhookName};
use futures::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use crate::support::receiver::{BROKEN, Manner, Receiver, TAKEN};
use crate::support::tls_smtp::Authority;
use crate::support::{
    TestDesk, a_case, a_form, add_staff, an_opening, both_engines, contact, count, execute, explain, reason,
    resolve, staff,
};

both_engines! {
    opening_writes_a_delivery_for_each_webhook_that_hears_of_it,
    openings_of_one_batch_each_have_their_delivery,
    command_writes_a_delivery_with_its_entry_or_nothing,
    webhook_hears_of_its_events_and_its_country_alone,
    node_hears_of_a_webhook_that_another_added,
    delivery_is_sent_once_by_two_nodes,
    refused_delivery_is_tried_again_later_with_the_same_id_until_it_is_a_dead_letter,
    expired_lease_is_taken_once_more,
    paused_webhook_waits_and_goes_on,
    finished_deliveries_are_taken_out_after_thirty_days,
    slow_receiver_delays_no_other,
    redirect_is_not_followed,
    name_that_turns_to_this_machine_gets_no_connection,
    certificate_of_an_unknown_authority_is_refused,
    rotated_secret_signs_beside_the_former_one_for_a_day,
    form_that_is_sent_twice_adds_one_webhook,
    test_is_sent_and_told,
    request_for_a_call_is_told_once_and_never_late,
    removed_webhook_is_gone_with_its_deliveries,
    answer_of_a_receiver_goes_with_the_erased_case,
    webhooks_are_for_administrators_alone,
    address_is_judged_when_it_is_saved,
    queries_are_served_by_indexes,
}

const DAY: i64 = 86_400;

/// Bodies that name what they tell.
#[derive(Clone)]
struct Names;

impl Payloads for Names {
    fn body<'a>(&'a self, _: &'a Desk, told: Told) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(async move {
            Ok(Some(match told {
                Told::Test(_) => "test".to_owned(),
                Told::Call { request, .. } => format!("call {request}"),
                Told::Entry { number, version, event } => {
                    format!("{} {} {version}", event.code(), number.as_compact())
                }
            }))
        })
    }
}

fn admin() -> Actor {
    staff(Role::Administrator)
}

fn local() -> Egress {
    Egress::default().allowing(vec![AllowedNetwork::parse("127.0.0.1").unwrap()])
}

async fn with_register(engine: Engine) -> TestDesk {
    let mut at = TestDesk::with_register(engine).await;
    at.desk = at.desk.with_egress(local());
    at
}

/// Each has a name of its own: two of one name and address are one form that was sent twice.
fn new(url: &str, events: &[WebhookEvent], country: Option<Country>) -> NewWebhook {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NewWebhook {
        name: WebhookName::parse(&format!("ERP {}", NEXT.fetch_add(1, Ordering::Relaxed))).unwrap(),
        url: ReceiverUrl::parse(url).unwrap(),
        events: events.iter().copied().collect(),
        scope: Scope { country },
    }
}

async fn add(desk: &Desk, receiver: &Receiver, events: &[WebhookEvent]) -> WebhookId {
    add_webhook(desk, &admin(), new(&receiver.url(), events, None)).await.unwrap().0
}

async fn deliveries(desk: &Desk, id: WebhookId) -> Vec<DeliveryView> {
    list_deliveries(desk, &admin(), id, 1).await.unwrap().rows
}

async fn seen(desk: &Desk, id: WebhookId) -> WebhookView {
    read_webhook(desk, &admin(), id).await.unwrap()
}

async fn deliver(desk: &Desk) -> usize {
    deliver_due(desk, &Names, &Settings::default()).await.unwrap()
}

fn bodies(receiver: &Receiver) -> Vec<String> {
    receiver.received().into_iter().map(|received| received.body).collect()
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

async fn paused_webhook_waits_and_goes_on(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Opened]).await;
    pause_webhook(&at.desk, &admin(), id).await.unwrap();
    assert!(matches!(pause_webhook(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    assert!(matches!(send_test(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    a_case(&at.desk).await;
    assert_eq!(deliver(&at.desk).await, 0);
    assert_eq!(seen(&at.desk, id).await.queued, 1);
    resume_webhook(&at.desk, &admin(), id).await.unwrap();
    assert!(matches!(resume_webhook(&at.desk, &admin(), id).await, Err(DeskError::NotFound)));
    assert_eq!(deliver(&at.desk).await, 1);
    assert_eq!(receiver.received().len(), 1);
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

/// A listener to which nobody may connect.
struct Canary(TcpListener);

impl Canary {
    fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        (Self(listener), port)
    }

    /// Whether a connection has come: the system accepts it before anybody asks.
    fn met(&self) -> bool {
        self.0.accept().is_ok()
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

async fn rotated_secret_signs_beside_the_former_one_for_a_day(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let (id, first) =
        add_webhook(&at.desk, &admin(), new(&receiver.url(), &[WebhookEvent::Opened], None)).await.unwrap();
    let second = rotate_secret(&at.desk, &admin(), id, None).await.unwrap().unwrap();
    // The form was sent once more.
    assert_eq!(rotate_secret(&at.desk, &admin(), id, None).await.unwrap(), None);
    assert!(first.starts_with("whsec_") && second.starts_with("whsec_") && first != second);
    for wait_s in [0, DAY - 1, 1] {
        at.clock.advance(wait_s);
        a_case(&at.desk).await;
        assert_eq!(deliver(&at.desk).await, 1);
    }
    let signatures: Vec<usize> =
        receiver.received().iter().map(|one| one.header("webhook-signature").split(' ').count()).collect();
    assert_eq!(signatures, [2, 2, 1]);
    let stored = count(&at, "SELECT COUNT(*) FROM webhooks WHERE secret_nonce LIKE 'whsec%'").await;
    assert_eq!(stored, 0, "no secret is stored");
    let seen = seen(&at.desk, id).await.rotated_at;
    assert!(seen.is_some() && rotate_secret(&at.desk, &admin(), id, seen).await.unwrap().is_some());
}

async fn form_that_is_sent_twice_adds_one_webhook(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let form = new(&receiver.url(), &WebhookEvent::ALL, None);
    add_webhook(&at.desk, &admin(), form.clone()).await.unwrap();
    let again = add_webhook(&at.desk, &admin(), form).await;
    assert!(matches!(again, Err(WebhookError::Same)), "{again:?}");
    assert_eq!(list_webhooks(&at.desk, &admin()).await.unwrap().len(), 1);
}

async fn test_is_sent_and_told(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &[WebhookEvent::Closed]).await;
    assert_eq!(seen(&at.desk, id).await.last, None);
    let sent = send_test(&at.desk, &admin(), id).await.unwrap();
    assert_eq!(deliver(&at.desk).await, 1);
    let told = &deliveries(&at.desk, id).await[0];
    assert_eq!((&told.id, told.about, told.state), (&sent, About::Test, DeliveryState::Delivered));
    assert_eq!(bodies(&receiver), ["test"]);
    assert_eq!(receiver.received()[0].header("webhook-id"), sent);
}

async fn removed_webhook_is_gone_with_its_deliveries(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    let number = a_case(&at.desk).await.number;
    remove_webhook(&at.desk, &admin(), id).await.unwrap();
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    assert_eq!(count(&at, "SELECT COUNT(*) FROM webhook_deliveries").await, 0);
    assert_eq!(deliver(&at.desk).await, 0);
    assert!(list_webhooks(&at.desk, &admin()).await.unwrap().is_empty());
    for refused in [
        remove_webhook(&at.desk, &admin(), id).await,
        rotate_secret(&at.desk, &admin(), id, None).await.map(drop),
        read_webhook(&at.desk, &admin(), WebhookId(0)).await.map(drop),
    ] {
        assert!(matches!(refused, Err(DeskError::NotFound)), "{refused:?}");
    }
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

async fn webhooks_are_for_administrators_alone(engine: Engine) {
    let at = with_register(engine).await;
    let receiver = Receiver::open(TAKEN).await;
    let id = add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let (desk, other) = (&at.desk, staff(role));
        let adding = add_webhook(desk, &other, new(&receiver.url(), &WebhookEvent::ALL, None)).await;
        assert!(matches!(adding, Err(WebhookError::Desk(DeskError::NotPermitted(_)))), "{adding:?}");
        for refused in [
            list_webhooks(desk, &other).await.map(drop),
            read_webhook(desk, &other, id).await.map(drop),
            list_deliveries(desk, &other, id, 1).await.map(drop),
            rotate_secret(desk, &other, id, None).await.map(drop),
            pause_webhook(desk, &other, id).await,
            resume_webhook(desk, &other, id).await,
            remove_webhook(desk, &other, id).await,
            send_test(desk, &other, id).await.map(drop),
            replay(desk, &other, id, Replay::All).await.map(drop),
        ] {
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?} {refused:?}");
        }
    }
    for _ in 1..WEBHOOKS_MAX {
        add(&at.desk, &receiver, &WebhookEvent::ALL).await;
    }
    let beyond = add_webhook(&at.desk, &admin(), new(&receiver.url(), &WebhookEvent::ALL, None)).await;
    assert!(matches!(beyond, Err(WebhookError::TooMany)), "{beyond:?}");
}

async fn address_is_judged_when_it_is_saved(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let (canary, port) = Canary::open();
    for (url, problem) in [
        (format!("https://127.0.0.1:{port}/"), UrlProblem::AddressRefused),
        (format!("https://localhost:{port}/"), UrlProblem::AddressRefused),
        ("http://9.9.9.9/".to_owned(), UrlProblem::Plain),
    ] {
        let refused = add_webhook(&at.desk, &admin(), new(&url, &WebhookEvent::ALL, None)).await;
        assert!(matches!(refused, Err(WebhookError::Url(found)) if found == problem), "{url} {refused:?}");
    }
    assert!(!canary.met());
    assert!(list_webhooks(&at.desk, &admin()).await.unwrap().is_empty());
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
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
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
    assert_eq!(ask().await, Requested::Told);
    at.clock.advance(61);
    deliver(&at.desk).await;
    assert_eq!(bodies(&receiver).len(), 1, "the agent waits no longer");
    let late =
        deliveries(&at.desk, id).await.into_iter().find(|one| one.state == DeliveryState::Dead).unwrap();
    assert_eq!((late.about, late.failure), (About::Call, Some(DeliveryFailure::TooLate)));
}
