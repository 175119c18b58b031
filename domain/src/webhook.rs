//! Webhooks: addresses of other systems that hear of events by signed requests, and channels of chat programs.

mod chat;

use thiserror::Error;

use crate::case::visit::VisitEvent;
use crate::case::{AssignmentEvent, Event, MessageEvent, RevisionEvent, Termination};
use crate::text::legible;

pub use chat::ChatNotice;

/// The most characters of a webhook's name.
pub const WEBHOOK_NAME_CHARS_MAX: usize = 60;

/// The most webhooks of a desk: every opening writes a row for each that hears of it.
pub const WEBHOOKS_MAX: usize = 20;

/// A warning from this level on, in per cent, is a breach.
const BREACH_LEVEL: u8 = 100;

/// Id of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(pub i64);

choices! {
    /// What a webhook is told of.
    #[derive(PartialOrd, Ord)]
    pub enum WebhookEvent: "webhook.event" {
        /// A case was opened.
        Opened = "opened",
        /// A person of the desk contacted the customer.
        Contacted = "contacted",
        /// The assignee changed.
        Assigned = "assigned",
        /// The priority changed.
        PriorityChanged = "priority_changed",
        /// The customer wrote a message.
        CustomerWrote = "customer_wrote",
        /// A visit was agreed.
        VisitAgreed = "visit_agreed",
        /// A warning level of a target was reached.
        TargetWarned = "target_warned",
        /// A target was breached.
        TargetBreached = "target_breached",
        /// The case was resolved.
        Resolved = "resolved",
        /// The case was reopened.
        Reopened = "reopened",
        /// The case was closed.
        Closed = "closed",
        /// The case was cancelled.
        Cancelled = "cancelled",
        /// An agent asked the exchange for a call.
        CallRequested = "call_requested",
    }
}

impl WebhookEvent {
    /// What webhooks hear of an event; `None` for what they do not hear of.
    #[must_use]
    pub const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Opened(_) => Self::Opened,
            Event::Contacted { .. } => Self::Contacted,
            Event::Assignment(
                AssignmentEvent::Claimed { .. }
                | AssignmentEvent::Released { .. }
                | AssignmentEvent::Assigned { .. }
                | AssignmentEvent::Transferred { .. },
            ) => Self::Assigned,
            Event::PriorityChanged { .. } | Event::Revision(RevisionEvent::Reprioritized { .. }) => {
                Self::PriorityChanged
            }
            Event::Message(MessageEvent::CustomerWrote { .. }) => Self::CustomerWrote,
            Event::Visit { what: VisitEvent::Agreed { .. }, .. } => Self::VisitAgreed,
            Event::Warned { level, .. } if *level >= BREACH_LEVEL => Self::TargetBreached,
            Event::Warned { .. } => Self::TargetWarned,
            Event::Resolved { .. } => Self::Resolved,
            Event::Reopened { .. } => Self::Reopened,
            Event::Closed { .. } | Event::Terminated(Termination::Duplicate { .. }) => Self::Closed,
            Event::Terminated(Termination::Cancelled { .. }) => Self::Cancelled,
            _ => return None,
        })
    }

    /// The `type` of its payloads.
    #[must_use]
    pub fn type_name(self) -> String {
        match self {
            Self::CallRequested => "call.requested".to_owned(),
            of_case => format!("case.{}", of_case.code()),
        }
    }
}

choices! {
    /// How the bodies of a webhook are written.
    #[derive(Default)]
    pub enum WebhookFormat: "webhook.format" {
        /// The desk's own: the case as the API gives it, signed as Standard Webhooks.
        #[default]
        Standard = "standard",
        /// A message for an incoming webhook of Slack.
        Slack = "slack",
        /// A card for a webhook of Workflows in Microsoft Teams.
        Teams = "teams",
        /// A message for an incoming webhook of Mattermost.
        Mattermost = "mattermost",
    }
}

impl WebhookFormat {
    /// Whether people read it in a channel. Their programs verify no signature: the address itself is the secret.
    #[must_use]
    pub const fn is_chat(self) -> bool {
        match self {
            Self::Standard => false,
            Self::Slack | Self::Teams | Self::Mattermost => true,
        }
    }

    /// Whether it tells of an event. A channel of people cannot dial.
    #[must_use]
    pub fn hears(self, event: WebhookEvent) -> bool {
        !self.is_chat() || event != WebhookEvent::CallRequested
    }
}

choices! {
    /// A setting of a webhook, as its history names it.
    pub enum WebhookSetting: "webhook.setting" {
        /// Its name.
        Name = "name",
        /// The receiver's address, of which the history keeps the host alone.
        Url = "url",
        /// What it hears of.
        Events = "events",
        /// The cases that it hears of.
        Scope = "scope",
        /// How its bodies are written.
        Format = "format",
        /// The language of its messages.
        Language = "language",
    }
}

choices! {
    /// How a delivery stands.
    pub enum DeliveryState: "webhook.stands" {
        /// It waits for its first or next attempt.
        Queued = "queued",
        /// The receiver took it.
        Delivered = "delivered",
        /// No attempt is left.
        Dead = "dead",
    }
}

choices! {
    /// Why an attempt failed.
    pub enum DeliveryFailure: "webhook.failure" {
        /// The receiver's name has no address.
        NameUnknown = "name_unknown",
        /// The address is not one to which the desk connects. No connection was made.
        AddressRefused = "address_refused",
        /// No connection came about.
        Unreachable = "unreachable",
        /// The receiver's certificate is not valid, or TLS failed otherwise.
        Tls = "tls",
        /// The exchange took too long.
        TimedOut = "timed_out",
        /// The connection ended before there was an answer, or the answer is not HTTP.
        Broken = "broken",
        /// The receiver redirects. Redirects are not followed.
        Redirected = "redirected",
        /// The receiver answered with another status than 2xx.
        Refused = "refused",
        /// The desk could not read the case.
        CaseUnread = "case_unread",
        /// The webhook was paused for too long.
        Paused = "paused",
        /// The agent who asked for the call waits no longer.
        TooLate = "too_late",
        /// The format that the webhook has since then does not tell of it.
        Unheard = "unheard",
        /// The customer wrote by WhatsApp longer than a day ago, and no template is set.
        NoTemplate = "no_template",
    }
}

/// The name of a webhook on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookName(String);

/// The name is empty, or longer than [`WEBHOOK_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a webhook's name has from 1 to {WEBHOOK_NAME_CHARS_MAX} characters")]
pub struct WebhookNameLength;

impl WebhookName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`WebhookNameLength`].
    pub fn parse(typed: &str) -> Result<Self, WebhookNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=WEBHOOK_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(WebhookNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla_plan::SlaMetric;

    #[test]
    fn name_of_a_webhook_is_one_line_of_sixty_characters() {
        assert_eq!(WebhookName::parse("  ERP \n de  Caracas ").unwrap().as_str(), "ERP de Caracas");
        assert!(WebhookName::parse(" \t ").is_err());
        assert!(WebhookName::parse(&"x".repeat(WEBHOOK_NAME_CHARS_MAX)).is_ok());
        assert!(WebhookName::parse(&"x".repeat(WEBHOOK_NAME_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn warning_at_the_whole_target_is_a_breach() {
        let warned = |level| Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level };
        assert_eq!(WebhookEvent::of(&warned(99)), Some(WebhookEvent::TargetWarned));
        assert_eq!(WebhookEvent::of(&warned(100)), Some(WebhookEvent::TargetBreached));
        assert_eq!(WebhookEvent::of(&Event::VerificationReminded { nth: 1 }), None);
        assert_eq!(WebhookEvent::Opened.type_name(), "case.opened");
        assert_eq!(WebhookEvent::CallRequested.type_name(), "call.requested");
    }
}
