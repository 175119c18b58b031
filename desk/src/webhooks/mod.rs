//! Webhooks: other systems are told of events by signed requests ([Standard Webhooks](https://www.standardwebhooks.com)).
//!
//! A delivery is a row for a webhook and an entry of a history, written in the entry's transaction. Workers ([`work`])
//! lease rows and send them. A lease expires, so a killed process loses none; then the receiver gets a repetition with the
//! same id.
//!
//! A row holds no body. The body is made from the history up to its entry, each time that it is sent. So it says the same in
//! all attempts, and nothing that was erased.
//!
//! Updates for customers who write by WhatsApp are deliveries as well ([`whatsapp`]).
//!
//! The desk connects to judged addresses alone ([`Egress`]): otherwise a webhook would reach into the provider's network.

mod address;
mod administration;
mod changes;
mod deliveries;
mod egress;
mod exchange;
mod fetch;
mod outcome;
mod receiver;
mod signature;
mod subscriptions;
mod sweep;
pub mod whatsapp;
mod worker;

pub use address::{AllowedNetwork, Judgement, judge};
pub use administration::{
    LIST, LastAttempt, NewWebhook, WebhookError, WebhookView, add_webhook, list_webhooks, pause_webhook,
    read_webhook, remove_webhook, resume_webhook, rotate_secret,
};
pub use changes::{HISTORY, WebhookChange, change_webhook, list_changes};
pub use deliveries::{About, DELIVERIES_PAGE, DeliveryView, Replay, list_deliveries, replay, send_test};
pub use egress::{Egress, Resolve};
pub(crate) use fetch::{Fetch, Fetched, fetch};
pub use receiver::{ReceiverUrl, UrlProblem};
pub(crate) use subscriptions::{
    CHANGES, DELIVERIES, Deliverable, Subscriptions, of_opening, queue, queue_call,
};
pub use sweep::sweep;
pub use worker::{Payloads, Settings, Shape, Told, deliver_due, work};
