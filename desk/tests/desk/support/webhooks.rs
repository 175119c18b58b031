//! Webhooks of tests: receivers on this machine, and bodies that name what they tell.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use desk::Desk;
use desk::store::{Engine, StoreError};
use desk::webhooks::{
    AllowedNetwork, DeliveryView, Egress, NewWebhook, Payloads, ReceiverUrl, Settings, Shape, Told,
    WebhookView, add_webhook, deliver_due, list_deliveries, read_webhook,
};
use domain::actor::{Actor, Role, Scope};
use domain::country::Country;
use domain::i18n::Language;
use domain::webhook::{WebhookEvent, WebhookFormat, WebhookId, WebhookName};
use futures::future::BoxFuture;

use super::receiver::Receiver;
use super::{TestDesk, staff};

pub(crate) const DAY: i64 = 86_400;

/// Bodies that name what they tell.
#[derive(Clone)]
pub(crate) struct Names;

impl Payloads for Names {
    fn body<'a>(
        &'a self,
        _: &'a Desk,
        told: Told,
        _: Shape,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
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

pub(crate) fn admin() -> Actor {
    staff(Role::Administrator)
}

pub(crate) fn local() -> Egress {
    Egress::default().allowing(vec![AllowedNetwork::parse("127.0.0.1").unwrap()])
}

pub(crate) async fn with_register(engine: Engine) -> TestDesk {
    let mut at = TestDesk::with_register(engine).await;
    at.desk = at.desk.with_egress(local());
    at
}

/// Each has a name of its own: two of one name and address are one form that was sent twice.
pub(crate) fn new(url: &str, events: &[WebhookEvent], country: Option<Country>) -> NewWebhook {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NewWebhook {
        name: WebhookName::parse(&format!("ERP {}", NEXT.fetch_add(1, Ordering::Relaxed))).unwrap(),
        url: ReceiverUrl::parse(url).unwrap(),
        events: events.iter().copied().collect(),
        scope: Scope { country },
        format: WebhookFormat::Standard,
        language: Language::Es,
    }
}

pub(crate) async fn add(desk: &Desk, receiver: &Receiver, events: &[WebhookEvent]) -> WebhookId {
    add_webhook(desk, &admin(), new(&receiver.url(), events, None)).await.unwrap().0
}

pub(crate) async fn deliveries(desk: &Desk, id: WebhookId) -> Vec<DeliveryView> {
    list_deliveries(desk, &admin(), id, 1).await.unwrap().rows
}

pub(crate) async fn seen(desk: &Desk, id: WebhookId) -> WebhookView {
    read_webhook(desk, &admin(), id).await.unwrap()
}

pub(crate) async fn deliver(desk: &Desk) -> usize {
    deliver_due(desk, &Names, &Settings::default()).await.unwrap()
}

pub(crate) fn bodies(receiver: &Receiver) -> Vec<String> {
    receiver.received().into_iter().map(|received| received.body).collect()
}

/// A listener to which nobody may connect.
pub(crate) struct Canary(TcpListener);
impl Canary {
    pub(crate) fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        (Self(listener), port)
    }

    /// Whether a connection has come: the system accepts it before anybody asks.
    pub(crate) fn met(&self) -> bool {
        self.0.accept().is_ok()
    }
}
