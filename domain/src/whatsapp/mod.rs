//! WhatsApp Business: what the Cloud API sends and takes, and the rules of the channel (`docs/decisions/0068`).

mod payload;
mod place;
mod template;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::time::Instant;

pub use payload::{
    Content, Incoming, MESSAGES_MAX, Media, Payload, PayloadProblem, Received, StatusReport, UnsupportedKind,
};
pub use place::{Candidate, Placed, Standing, WaitsFor, place};
pub use template::{Template, TemplateProblem, Templates, variable};

/// For how long after the customer's last message free text is sent, in seconds: a day. Outside of it WhatsApp takes templates alone.
pub const WINDOW_S: i64 = 86_400;
/// The most characters of a text.
pub const TEXT_CHARS_MAX: usize = 4096;
/// The most numbers of a desk.
pub const NUMBERS_MAX: usize = 20;

/// Whether free text may be sent to a customer who wrote last at `wrote`.
#[must_use]
pub const fn is_window_open(wrote: Instant, now: Instant) -> bool {
    now.since(wrote) < WINDOW_S
}

choices! {
    /// How an update stands that is sent by WhatsApp.
    #[derive(PartialOrd, Ord)]
    pub enum SentState: "whatsapp_sent" {
        /// It waits for its first or next attempt.
        Queued = "queued",
        /// WhatsApp took it.
        Sent = "sent",
        /// The customer's telephone has it.
        Delivered = "delivered",
        /// The customer saw it.
        Read = "read",
        /// It was not delivered.
        Failed = "failed",
    }
}

impl SentState {
    /// The state after a report. Reports come late and in any order: an earlier one changes nothing, and a failure ends only what did
    /// not arrive.
    #[must_use]
    pub fn after(self, told: Self) -> Self {
        match (self, told) {
            (Self::Delivered | Self::Read, Self::Failed) | (Self::Failed, Self::Queued | Self::Sent) => self,
            (_, Self::Failed) | (Self::Failed, _) => told,
            _ => self.max(told),
        }
    }
}

choices! {
    /// In which form an update is sent.
    pub enum SentForm: "whatsapp_form" {
        /// With the agent's words.
        Text = "text",
        /// As a template that names the case: the customer wrote longer than a day ago.
        Template = "template",
    }
}

choices! {
    /// Why an attempt to send an update failed.
    pub enum UnsentReason: "whatsapp_unsent" {
        /// The customer wrote longer than a day ago, and no template is set.
        NoTemplate = "no_template",
        /// The number was switched off.
        Off = "off",
        /// The case could not be read, or its contact writes by WhatsApp no more.
        Unread = "unread",
        /// The API refused it.
        Refused = "refused",
        /// The API was not reached.
        Unreachable = "unreachable",
    }
}

choices! {
    /// A setting of a number, as its history names it.
    pub enum WhatsAppSetting: "whatsapp.setting" {
        /// Its name.
        Name = "name",
        /// What the Cloud API knows the number by.
        PhoneNumberId = "phone_number_id",
        /// The address of the Graph API.
        GraphUrl = "graph_url",
        /// The cases that it belongs to.
        Scope = "scope",
        /// The templates.
        Templates = "templates",
        /// The access token, of which the history keeps nothing.
        AccessToken = "access_token",
        /// The app secret, of which the history keeps nothing.
        AppSecret = "app_secret",
    }
}

/// What the Cloud API says of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiFailure {
    /// Its code; 0 when the API did not say.
    pub code: i64,
    /// Its title, as the API words it.
    pub title: String,
}

impl ApiFailure {
    /// The most characters of a title.
    const TITLE_CHARS_MAX: usize = 300;

    /// A failure with a title on one line.
    #[must_use]
    pub fn new(code: i64, title: &str) -> Self {
        let words =
            title.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let title = words.collect::<Vec<_>>().join(" ").chars().take(Self::TITLE_CHARS_MAX).collect();
        Self { code, title }
    }

    /// Whether another attempt would fail as well. The recipient cannot be reached, the window has closed, or the request,
    /// the token or the template is wrong.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(
            self.code,
            10 | 100
                | 190
                | 131_005
                | 131_008
                | 131_009
                | 131_021
                | 131_026
                | 131_030
                | 131_031
                | 131_047
                | 131_051
                | 132_000..=132_999 | 133_010
        )
    }
}

/// An update of an agent that was sent by WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentUpdate {
    /// Version of the case's entry with the update.
    pub version: u32,
    /// How it stands.
    pub state: SentState,
    /// In which form it is sent; `None` before the first attempt.
    pub form: Option<SentForm>,
    /// Why the last attempt failed.
    pub failure: Option<UnsentReason>,
    /// What the API said of that, or of a failure after it had taken it.
    pub said: Option<ApiFailure>,
}

/// What the Graph API knows a number or a file by: digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphId(String);

/// The text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an id has from 5 to 30 digits")]
pub struct NotAnId;

impl GraphId {
    /// Parses an id. Blanks around it are left out.
    ///
    /// # Errors
    /// [`NotAnId`].
    pub fn parse(typed: &str) -> Result<Self, NotAnId> {
        let typed = typed.trim();
        let is_id = (5..=30).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit());
        if is_id { Ok(Self(typed.to_owned())) } else { Err(NotAnId) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An access token or an app secret. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiSecret(String);

/// The text is no secret of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret has from 8 to 1000 characters without blanks")]
pub struct NotASecret;

impl ApiSecret {
    /// Parses a secret. It goes into a header field, so it has visible characters of ASCII alone.
    ///
    /// # Errors
    /// [`NotASecret`].
    pub fn parse(typed: &str) -> Result<Self, NotASecret> {
        let typed = typed.trim();
        let is_secret =
            (8..=1000).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_graphic());
        if is_secret { Ok(Self(typed.to_owned())) } else { Err(NotASecret) }
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSecret")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn free_text_is_sent_within_a_day() {
        let wrote = Instant(1_000_000);
        assert!(is_window_open(wrote, wrote.plus(WINDOW_S - 1)));
        assert!(!is_window_open(wrote, wrote.plus(WINDOW_S)));
    }

    #[test]
    fn failure_ends_what_did_not_arrive_alone() {
        use SentState::{Delivered, Failed, Queued, Read, Sent};
        assert_eq!(Queued.after(Delivered), Delivered);
        assert_eq!(Delivered.after(Sent), Delivered);
        assert_eq!(Sent.after(Failed), Failed);
        assert_eq!(Read.after(Failed), Read);
        assert_eq!(Failed.after(Sent), Failed);
        assert_eq!(Failed.after(Read), Read);
    }

    proptest! {
        #[test]
        fn reports_in_any_order_end_alike(reports in proptest::sample::subsequence(
            vec![SentState::Sent, SentState::Delivered, SentState::Read], 1..=3,
        ).prop_shuffle()) {
            let last = reports.iter().copied().fold(SentState::Queued, SentState::after);
            prop_assert_eq!(Some(last), reports.into_iter().max());
        }
    }

    #[test]
    fn wrong_ids_and_secrets_are_refused_and_secrets_are_not_printed() {
        assert_eq!(GraphId::parse(" 106540352242922 ").unwrap().as_str(), "106540352242922");
        for wrong in ["", "1234", "10654035224292x", "../me"] {
            assert!(GraphId::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "short", "with a blank", "line\r\nend", "ñandúñandú"] {
            assert!(ApiSecret::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", ApiSecret::parse("EAAG1234567890").unwrap()), "ApiSecret");
    }

    #[test]
    fn title_of_a_failure_is_one_line_and_some_failures_are_final() {
        let failure = ApiFailure::new(131_026, " Message\n undeliverable \u{7}");
        assert_eq!(failure.title, "Message undeliverable");
        assert!(failure.is_final());
        assert!(!ApiFailure::new(130_429, "Rate limit hit").is_final());
    }
}
