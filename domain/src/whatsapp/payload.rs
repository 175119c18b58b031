//! What the Cloud API posts: messages of customers, and what became of those that the desk sent. Members that are not read may be
//! there or not.

use serde::Deserialize;
use thiserror::Error;

use super::{ApiFailure, GraphId, SentState, TEXT_CHARS_MAX};
use crate::time::Instant;

/// The most messages of a payload, and the most reports.
pub const MESSAGES_MAX: usize = 1000;
/// The only kind of object that is read.
const OBJECT: &str = "whatsapp_business_account";
/// The only product that is read.
const PRODUCT: &str = "whatsapp";
/// The only field of an account whose changes are read.
const FIELD: &str = "messages";
/// The most characters of an id.
const ID_CHARS_MAX: usize = 200;
/// The most characters of a name.
const NAME_CHARS_MAX: usize = 200;

/// Why a payload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PayloadProblem {
    /// It is of another object than an account of WhatsApp Business.
    #[error("the object is no account of WhatsApp Business")]
    Object,
    /// It has more than [`MESSAGES_MAX`] messages or reports.
    #[error("more than {MESSAGES_MAX} messages")]
    TooMany,
    /// A message or report has no id, sender or time of the known forms.
    #[error("a message without id, sender or time")]
    Malformed,
}

/// A body as it was posted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Payload {
    object: String,
    entry: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Entry {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Change {
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: Changed,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Changed {
    messaging_product: String,
    metadata: Metadata,
    contacts: Vec<Card>,
    messages: Vec<RawMessage>,
    statuses: Vec<RawStatus>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Metadata {
    phone_number_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Card {
    wa_id: String,
    profile: Profile,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Profile {
    name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawMessage {
    from: String,
    id: String,
    timestamp: String,
    #[serde(rename = "type")]
    kind: String,
    text: Option<RawText>,
    image: Option<RawMedia>,
    document: Option<RawMedia>,
    button: Option<RawButton>,
    interactive: Option<RawInteractive>,
    reaction: Option<RawReaction>,
    context: Option<RawContext>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct RawText {
    body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct RawMedia {
    id: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    filename: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct RawButton {
    text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawInteractive {
    button_reply: Option<RawReply>,
    list_reply: Option<RawReply>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct RawReply {
    title: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawReaction {
    emoji: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawContext {
    id: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawStatus {
    id: String,
    status: String,
    biz_opaque_callback_data: String,
    errors: Vec<RawError>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct RawError {
    code: i64,
    title: String,
    message: String,
}

choices! {
    /// A kind of message that the desk does not take: its sender is told of in words.
    pub enum UnsupportedKind: "whatsapp.kind" {
        /// A voice message or music.
        Audio = "audio",
        /// A video.
        Video = "video",
        /// A sticker.
        Sticker = "sticker",
        /// A place on a map.
        Location = "location",
        /// Cards of contacts.
        Contacts = "contacts",
        /// A sign under a message.
        Reaction = "reaction",
        /// Anything else.
        Other = "other",
    }
}

/// A picture or a document, which the desk fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// What the API knows it by: it stands in an address.
    pub id: GraphId,
    /// The sender's name of it; empty for a picture.
    pub name: String,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Words, typed or chosen by a button.
    Text(String),
    /// A file with its caption, which may be empty.
    Media(Media, String),
    /// What the desk does not take, with the sign of a reaction.
    Unsupported(UnsupportedKind, String),
}

/// A message of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Its id, the same in repetitions.
    pub id: String,
    /// The sender's number: digits with the country's code.
    pub from: String,
    /// The sender's name, as they call themselves; may be empty.
    pub name: String,
    /// When it was sent.
    pub at: Instant,
    /// The id of the message that it answers.
    pub answers: Option<String>,
    /// What it says.
    pub content: Content,
}

/// What became of a message of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// Its id.
    pub id: String,
    /// What the desk sent along; empty for none.
    pub token: String,
    /// How it stands.
    pub state: SentState,
    /// Why it failed.
    pub failure: Option<ApiFailure>,
}

/// What a payload has for one number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The messages, in their order.
    pub messages: Vec<Incoming>,
    /// The reports, in their order.
    pub statuses: Vec<StatusReport>,
}

impl Payload {
    /// What it has for a number. What it has for others is left out: one app may serve several.
    ///
    /// # Errors
    /// See [`PayloadProblem`].
    pub fn of_number(self, number: &GraphId) -> Result<Received, PayloadProblem> {
        if self.object != OBJECT {
            return Err(PayloadProblem::Object);
        }
        let mut received = Received::default();
        for change in self.entry.into_iter().flat_map(|entry| entry.changes) {
            let Change { field, value } = change;
            let is_ours = field == FIELD && value.metadata.phone_number_id == number.as_str();
            if !is_ours {
                continue;
            }
            if value.messaging_product != PRODUCT {
                return Err(PayloadProblem::Malformed);
            }
            if value.messages.len() > MESSAGES_MAX || value.statuses.len() > MESSAGES_MAX {
                return Err(PayloadProblem::TooMany);
            }
            for message in value.messages {
                received.messages.push(message.read(&value.contacts)?);
            }
            for status in value.statuses {
                received.statuses.extend(status.read()?);
            }
        }
        let is_too_much = received.messages.len() > MESSAGES_MAX || received.statuses.len() > MESSAGES_MAX;
        if is_too_much { Err(PayloadProblem::TooMany) } else { Ok(received) }
    }
}

impl RawMessage {
    fn read(self, cards: &[Card]) -> Result<Incoming, PayloadProblem> {
        let is_number =
            (5..=20).contains(&self.from.len()) && self.from.bytes().all(|byte| byte.is_ascii_digit());
        let id = id(self.id).ok_or(PayloadProblem::Malformed)?;
        let at = time(&self.timestamp).filter(|_| is_number).ok_or(PayloadProblem::Malformed)?;
        let card = cards.iter().find(|card| card.wa_id == self.from);
        let name = card.map(|card| line(&card.profile.name)).unwrap_or_default();
        let answers = self.context.and_then(|context| context.id).and_then(self::id);
        let content = match (self.kind.as_str(), self.text, self.image, self.document) {
            ("text", Some(text), ..) => words(&text.body),
            ("image", _, Some(media), _) | ("document", _, _, Some(media)) => media.read(),
            ("button", ..) => self.button.and_then(|button| words(&button.text)),
            ("interactive", ..) => {
                let chosen = self.interactive.and_then(|told| told.button_reply.or(told.list_reply));
                chosen.and_then(|reply| words(&reply.title))
            }
            _ => None,
        };
        let sign = || self.reaction.map(|reaction| line(&reaction.emoji)).unwrap_or_default();
        let content = content.unwrap_or_else(|| Content::Unsupported(unsupported(&self.kind), sign()));
        Ok(Incoming { id, from: self.from, name, at, answers, content })
    }
}

impl RawMedia {
    /// The file; `None` for an id that is none.
    fn read(self) -> Option<Content> {
        let media = Media { id: GraphId::parse(&self.id).ok()?, name: line(&self.filename) };
        Some(Content::Media(media, cut(&self.caption)))
    }
}

impl RawStatus {
    /// The report; `None` for a state that the desk does not keep.
    fn read(self) -> Result<Option<StatusReport>, PayloadProblem> {
        let id = id(self.id).ok_or(PayloadProblem::Malformed)?;
        let state = SentState::from_code(&self.status).filter(|state| *state != SentState::Queued);
        let failure = self.errors.first().map(|error| {
            let title = if error.title.is_empty() { &error.message } else { &error.title };
            ApiFailure::new(error.code, title)
        });
        let token = self.biz_opaque_callback_data;
        Ok(state.map(|state| StatusReport {
            id,
            token: if token.len() <= ID_CHARS_MAX { token } else { String::new() },
            state,
            failure: failure.filter(|_| state == SentState::Failed),
        }))
    }
}

/// An id of visible characters.
fn id(text: String) -> Option<String> {
    let is_id = (1..=ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_id.then_some(text)
}

/// A time in seconds since 1970, before the year 2100.
fn time(text: &str) -> Option<Instant> {
    let seconds: u32 = text.parse().ok()?;
    Some(Instant(i64::from(seconds)))
}

/// Words, unless there are none.
fn words(text: &str) -> Option<Content> {
    let text = cut(text);
    (!text.trim().is_empty()).then_some(Content::Text(text))
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(TEXT_CHARS_MAX).collect()
}

/// A text on one line.
fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(NAME_CHARS_MAX).collect()
}

fn unsupported(kind: &str) -> UnsupportedKind {
    UnsupportedKind::from_code(kind).unwrap_or(UnsupportedKind::Other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NUMBER: &str = "106540352242922";

    /// A payload in the shape of the documentation.
    fn payload(messages: &Value, statuses: &Value) -> Value {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{
                "id": "102290129340398",
                "changes": [{
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER },
                        "contacts": [{ "profile": { "name": "Luis Peña" }, "wa_id": "584145550142" }],
                        "messages": messages,
                        "statuses": statuses,
                    },
                }],
            }],
        })
    }

    fn message(kind: &str, content: Value) -> Value {
        let mut message = json!({
            "from": "584145550142", "id": "wamid.HBgL", "timestamp": "1764550000", "type": kind,
            "context": { "from": "15550783881", "id": "wamid.OURS" },
        });
        message[kind] = content;
        message
    }

    fn read(payload: Value) -> Result<Received, PayloadProblem> {
        let number = GraphId::parse(NUMBER).unwrap();
        serde_json::from_value::<Payload>(payload).unwrap().of_number(&number)
    }

    fn content(kind: &str, content: Value) -> Content {
        read(payload(&json!([message(kind, content)]), &json!([]))).unwrap().messages.remove(0).content
    }

    #[test]
    fn text_has_sender_time_and_the_message_that_it_answers() {
        let received =
            read(payload(&json!([message("text", json!({ "body": "Sigue sin red" }))]), &json!([]))).unwrap();
        let [only] = &received.messages[..] else { panic!("one") };
        assert_eq!(
            (only.from.as_str(), only.name.as_str(), only.at),
            ("584145550142", "Luis Peña", Instant(1_764_550_000))
        );
        assert_eq!((only.id.as_str(), only.answers.as_deref()), ("wamid.HBgL", Some("wamid.OURS")));
        assert_eq!(only.content, Content::Text("Sigue sin red".into()));
    }

    #[test]
    fn files_and_buttons_are_read_and_other_kinds_are_named() {
        let media = |name: &str| Media { id: GraphId::parse("1479537139650973").unwrap(), name: name.into() };
        assert_eq!(
            content(
                "image",
                json!({ "id": "1479537139650973", "mime_type": "image/jpeg", "caption": "La luz" })
            ),
            Content::Media(media(""), "La luz".into())
        );
        assert_eq!(
            content("document", json!({ "id": "1479537139650973", "filename": "acta.pdf" })),
            Content::Media(media("acta.pdf"), String::new())
        );
        assert_eq!(
            content("button", json!({ "text": "Ya funciona", "payload": "x" })),
            Content::Text("Ya funciona".into())
        );
        let chosen = json!({ "type": "button_reply", "button_reply": { "id": "a", "title": "Sí" } });
        assert_eq!(content("interactive", chosen), Content::Text("Sí".into()));
        assert_eq!(
            content("reaction", json!({ "message_id": "wamid.x", "emoji": "👍" })),
            Content::Unsupported(UnsupportedKind::Reaction, "👍".into())
        );
        for (kind, named) in [("audio", UnsupportedKind::Audio), ("hologram", UnsupportedKind::Other)] {
            assert_eq!(content(kind, json!({})), Content::Unsupported(named, String::new()));
        }
        // A picture whose id would leave the address.
        let outside = content("image", json!({ "id": "../me?fields=" }));
        assert_eq!(outside, Content::Unsupported(UnsupportedKind::Other, String::new()));
    }

    #[test]
    fn reports_have_state_token_and_failure() {
        let statuses = json!([
            { "id": "wamid.A", "status": "delivered", "timestamp": "1", "recipient_id": "5", "biz_opaque_callback_data": "msg_1" },
            { "id": "wamid.B", "status": "failed", "errors": [{ "code": 131_026, "title": "Message undeliverable" }] },
            { "id": "wamid.C", "status": "deleted" },
        ]);
        let received = read(payload(&json!([]), &statuses)).unwrap();
        let [delivered, failed] = &received.statuses[..] else { panic!("two") };
        assert_eq!((delivered.token.as_str(), delivered.state), ("msg_1", SentState::Delivered));
        assert_eq!(failed.failure, Some(ApiFailure::new(131_026, "Message undeliverable")));
    }

    #[test]
    fn what_is_no_payload_of_the_number_is_refused_or_left_out() {
        let with = |pointer: &str, value: Value| {
            let mut changed = payload(&json!([message("text", json!({ "body": "x" }))]), &json!([]));
            *changed.pointer_mut(pointer).unwrap() = value;
            read(changed)
        };
        let value = "/entry/0/changes/0/value";
        assert_eq!(with("/object", "page".into()), Err(PayloadProblem::Object));
        assert_eq!(with(&format!("{value}/messaging_product"), "sms".into()), Err(PayloadProblem::Malformed));
        assert_eq!(
            with(&format!("{value}/metadata/phone_number_id"), "99999".into()),
            Ok(Received::default())
        );
        assert_eq!(with("/entry/0/changes/0/field", "account_alerts".into()), Ok(Received::default()));
        for (member, wrong) in [
            ("from", "+58 414"),
            ("from", ""),
            ("id", ""),
            ("id", "a b"),
            ("timestamp", "yesterday"),
            ("timestamp", "-1"),
        ] {
            let refused = with(&format!("{value}/messages/0/{member}"), wrong.into());
            assert_eq!(refused, Err(PayloadProblem::Malformed), "{member} {wrong:?}");
        }
        let crowd = vec![message("text", json!({ "body": "x" })); MESSAGES_MAX + 1];
        assert_eq!(read(payload(&Value::from(crowd), &json!([]))), Err(PayloadProblem::TooMany));
    }

    #[test]
    fn long_words_are_cut_and_control_characters_leave_names() {
        let mut long = payload(&json!([message("text", json!({ "body": "ñ".repeat(10_000) }))]), &json!([]));
        long["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] =
            "Luis\u{0}\n\u{1b}[31m".into();
        let only = read(long).unwrap().messages.remove(0);
        assert_eq!(only.content, Content::Text("ñ".repeat(TEXT_CHARS_MAX)));
        assert_eq!(only.name, "Luis [31m");
    }

    /// Any JSON of small depth.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map(
                    prop_oneof![
                        Just("id"),
                        Just("text"),
                        Just("body"),
                        Just("from"),
                        Just("image"),
                        Just("errors")
                    ]
                    .prop_map(str::to_owned),
                    inner,
                    0..5,
                )
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_a_payload_or_refused(messages in any_json(), statuses in any_json()) {
            let number = GraphId::parse(NUMBER).unwrap();
            if let Ok(payload) = serde_json::from_value::<Payload>(payload(&messages, &statuses)) {
                let _ = payload.of_number(&number);
            }
        }

        #[test]
        fn any_kind_of_message_is_said_in_words_or_is_a_file(kind in "[a-z_]{0,12}", members in any_json()) {
            let whole = payload(&json!([message(&kind, members)]), &json!([]));
            let number = GraphId::parse(NUMBER).unwrap();
            if let Ok(payload) = serde_json::from_value::<Payload>(whole) {
                let _ = payload.of_number(&number);
            }
        }
    }
}
