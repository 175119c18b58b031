//! An update on its way: free text within the window, else a template.

use std::fmt;
use std::time::Duration;

use domain::case::{Event, MessageEvent};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use domain::webhook::{DeliveryFailure, DeliveryState, WebhookId};
use domain::whatsapp::{
    ApiFailure, ApiSecret, SentForm, SentState, TEXT_CHARS_MAX, Template, Templates, UnsentReason,
    is_window_open, variable,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row};

use super::super::exchange::{Answer, Ask, Attempt, Method, ask};
use super::super::receiver::ReceiverUrl;
use crate::Desk;
use crate::events;
use crate::store::{StoreError, Tx, row};

/// The most bytes of an answer of the Graph API that are read.
pub(super) const ANSWER_BYTES: usize = 16 * 1024;

/// The way to a number's account at the Graph API.
#[derive(Clone)]
pub(crate) struct Line {
    graph_url: String,
    phone_number_id: String,
    access_token: ApiSecret,
    templates: Templates,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("graph_url", &self.graph_url).finish_non_exhaustive()
    }
}

impl Line {
    /// A line as it is stored.
    pub(super) fn read(
        id: WebhookId,
        graph_url: String,
        phone_number_id: String,
        templates: &str,
        access_token: &str,
    ) -> Result<Self, StoreError> {
        let wrong = |what: String| StoreError::inconsistent("whatsapp_numbers", format!("{}: {what}", id.0));
        let templates = serde_json::from_str(templates).map_err(|error| wrong(error.to_string()))?;
        let access_token = ApiSecret::parse(access_token).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { graph_url, phone_number_id, access_token, templates })
    }

    /// An address of the Graph API. What was parsed when it was saved is parsed once more: the program may have become stricter.
    pub(super) fn address(&self, path: &str) -> Result<ReceiverUrl, DeliveryFailure> {
        ReceiverUrl::parse(&format!("{}/{path}", self.graph_url)).map_err(|_| DeliveryFailure::AddressRefused)
    }

    /// The id of the number, as it stands in addresses.
    pub(super) fn phone_number_id(&self) -> &str {
        &self.phone_number_id
    }

    /// The header field that proves the desk to the API.
    pub(super) fn authorization(&self) -> Vec<(&'static str, String)> {
        vec![("Authorization", format!("Bearer {}", self.access_token.expose()))]
    }
}

row! {
    struct LineRow {
        graph_url: String,
        phone_number_id: String,
        templates: String,
        access_token: String,
    }
}

/// The line of a number; `None` for an id of none, and while it is off.
pub(in crate::webhooks) async fn line_of(
    connection: &mut AnyConnection,
    id: WebhookId,
) -> Result<Option<Line>, StoreError> {
    let row: Option<LineRow> = sqlx::query_as(
        "SELECT n.graph_url, n.phone_number_id, n.templates, s.access_token
         FROM whatsapp_numbers n JOIN whatsapp_secrets s ON s.number_id = n.id
         WHERE n.id = $1 AND n.paused_utc_s IS NULL",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    let line =
        |row: LineRow| Line::read(id, row.graph_url, row.phone_number_id, &row.templates, &row.access_token);
    row.map(line).transpose()
}

/// What became of an update in an attempt.
#[derive(Debug, Clone)]
pub(in crate::webhooks) struct SentBy {
    message: i64,
    form: Option<SentForm>,
    /// What WhatsApp knows it by, if it took it.
    message_id: Option<String>,
    said: Option<ApiFailure>,
}

/// An attempt to send an update.
pub(in crate::webhooks) struct Sending {
    pub(in crate::webhooks) attempt: Attempt,
    pub(in crate::webhooks) sent: SentBy,
    /// Whether another attempt would fail as well.
    pub(in crate::webhooks) is_final: bool,
}

impl Sending {
    /// Nothing was sent, and nothing will be.
    fn never(message: i64, failure: DeliveryFailure) -> Self {
        let sent = SentBy { message, form: None, message_id: None, said: None };
        Self { attempt: Attempt::failed(failure), sent, is_final: true }
    }
}

/// What an update says, and to whom.
struct Update {
    number: CaseNumber,
    wa_id: String,
    wrote: Instant,
    language: Language,
    text: String,
    /// The beginning of the fault.
    subject: String,
}

/// Sends an update. `delivery` is what reports name it by.
pub(in crate::webhooks) async fn send(
    desk: &Desk,
    line: &Line,
    message: i64,
    delivery: &str,
    within: Duration,
) -> Sending {
    let update = match update(desk, message).await {
        Ok(Some(update)) => update,
        Ok(None) => return Sending::never(message, DeliveryFailure::CaseUnread),
        Err(error) => {
            tracing::error!(%error, delivery, "an update for WhatsApp could not be read");
            let sent = SentBy { message, form: None, message_id: None, said: None };
            return Sending { attempt: Attempt::failed(DeliveryFailure::CaseUnread), sent, is_final: false };
        }
    };
    let (form, body) = if is_window_open(update.wrote, desk.now()) {
        (SentForm::Text, text_body(&update, delivery))
    } else {
        match line.templates.for_reader(update.language) {
            Some(template) => (SentForm::Template, template_body(&update, template, delivery)),
            None => return Sending::never(message, DeliveryFailure::NoTemplate),
        }
    };
    let (attempt, message_id, said) = posted(desk, line, &body.to_string(), within).await;
    let is_final = said.as_ref().is_some_and(ApiFailure::is_final);
    Sending { attempt, sent: SentBy { message, form: Some(form), message_id, said }, is_final }
}

async fn posted(
    desk: &Desk,
    line: &Line,
    body: &str,
    within: Duration,
) -> (Attempt, Option<String>, Option<ApiFailure>) {
    let url = match line.address(&format!("{}/messages", line.phone_number_id)) {
        Ok(url) => url,
        Err(failure) => return (Attempt::failed(failure), None, None),
    };
    let asked =
        Ask { method: Method::Post, url: &url, headers: line.authorization(), body, most: ANSWER_BYTES };
    match ask(desk.egress(), &asked, within).await {
        Ok(answer) => {
            let attempt = Attempt::answered(answer.status, &answer.body, answer.retry_after_s);
            let said = attempt.failure.and_then(|_| failure_of(&answer));
            let message_id = attempt.failure.is_none().then(|| message_of(&answer)).flatten();
            (attempt, message_id, said)
        }
        Err(failure) => (Attempt::failed(failure), None, None),
    }
}

row! {
    struct UpdateRow {
        case_number: String,
        version: i64,
        wa_id: String,
        wrote_utc_s: i64,
        files: i64,
    }
}

/// An update as it is sent now; `None` when its case is erased, or its contact writes by WhatsApp no more.
async fn update(desk: &Desk, message: i64) -> Result<Option<Update>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row: Option<UpdateRow> = sqlx::query_as(
        "SELECT m.case_number, m.version, c.wa_id,
                (SELECT MAX(w.wrote_utc_s) FROM whatsapp_conversations w
                 WHERE w.phone = c.phone AND w.number_id = m.number_id) AS wrote_utc_s,
                (SELECT COUNT(*) FROM message_files f
                 WHERE f.case_number = m.case_number AND f.version = m.version) AS files
         FROM whatsapp_messages m
         JOIN whatsapp_conversations c ON c.case_number = m.case_number AND c.number_id = m.number_id
         WHERE m.id = $1",
    )
    .bind(message)
    .fetch_optional(&mut *reader)
    .await?;
    let Some(row) = row else {
        reader.done();
        return Ok(None);
    };
    let number = CaseNumber::parse(&row.case_number)
        .map_err(|error| StoreError::inconsistent("whatsapp_messages", format!("{error:?}")))?;
    let history = events::history(&mut reader, number).await?;
    reader.done();
    let said = history.iter().find(|entry| i64::from(entry.version) == row.version);
    let Some(Event::Message(MessageEvent::UpdateSent { text })) = said.map(|entry| &entry.event) else {
        return Ok(None);
    };
    let case = events::fold(&history)?;
    let language = case.opening.language;
    let files = (row.files > 0).then(|| t!(language, "whatsapp.files", count = row.files));
    let text = [Some(text.as_str().to_owned()), files].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    Ok(Some(Update {
        number,
        wa_id: row.wa_id,
        wrote: Instant(row.wrote_utc_s),
        language,
        text,
        subject: case.opening.report.fault.as_str().to_owned(),
    }))
}

fn text_body(update: &Update, delivery: &str) -> Value {
    let head = t!(update.language, "whatsapp.head", number = update.number);
    let words: String = format!("{head}\n{}", update.text).chars().take(TEXT_CHARS_MAX).collect();
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": update.wa_id,
        "type": "text",
        "text": { "preview_url": false, "body": words },
        "biz_opaque_callback_data": delivery,
    })
}

fn template_body(update: &Update, template: &Template, delivery: &str) -> Value {
    let parameters = [update.number.to_string(), variable(&update.subject)]
        .map(|text| json!({ "type": "text", "text": text }));
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": update.wa_id,
        "type": "template",
        "template": {
            "name": template.name(),
            "language": { "code": template.code() },
            "components": [{ "type": "body", "parameters": parameters }],
        },
        "biz_opaque_callback_data": delivery,
    })
}

#[derive(Deserialize)]
struct Taken {
    #[serde(default)]
    messages: Vec<TakenMessage>,
}

#[derive(Deserialize)]
struct TakenMessage {
    id: String,
}

/// What WhatsApp knows a message by that it took.
fn message_of(answer: &Answer) -> Option<String> {
    let taken: Taken = serde_json::from_slice(&answer.body).ok()?;
    let id = taken.messages.into_iter().next()?.id;
    (id.len() <= 200 && id.bytes().all(|byte| byte.is_ascii_graphic())).then_some(id)
}

#[derive(Deserialize)]
struct Refused {
    error: RefusedError,
}

#[derive(Deserialize)]
struct RefusedError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    error_data: Option<RefusedDetails>,
}

#[derive(Deserialize)]
struct RefusedDetails {
    #[serde(default)]
    details: String,
}

/// What the API says of a failure.
pub(super) fn failure_of(answer: &Answer) -> Option<ApiFailure> {
    let RefusedError { code, message, error_data } =
        serde_json::from_slice::<Refused>(&answer.body).ok()?.error;
    let details = error_data.map(|data| data.details).filter(|details| !details.is_empty());
    let words: Vec<String> = std::iter::once(message).chain(details).collect();
    Some(ApiFailure::new(code, &words.join(" · ")))
}

/// Why an update was not sent, by the failure of its attempt.
const fn unsent(failure: DeliveryFailure) -> UnsentReason {
    match failure {
        DeliveryFailure::NoTemplate => UnsentReason::NoTemplate,
        DeliveryFailure::Paused => UnsentReason::Off,
        DeliveryFailure::CaseUnread => UnsentReason::Unread,
        DeliveryFailure::Refused | DeliveryFailure::Redirected => UnsentReason::Refused,
        DeliveryFailure::NameUnknown
        | DeliveryFailure::AddressRefused
        | DeliveryFailure::Unreachable
        | DeliveryFailure::Tls
        | DeliveryFailure::TimedOut
        | DeliveryFailure::Broken
        | DeliveryFailure::TooLate
        | DeliveryFailure::Unheard => UnsentReason::Unreachable,
    }
}

/// Writes down what became of an update. A report may have come before this: it knows more. Of a case that was erased meanwhile, nothing
/// that the API said is kept.
pub(in crate::webhooks) async fn record_update(
    tx: &mut Tx,
    sent: &SentBy,
    delivery: (DeliveryState, Option<DeliveryFailure>),
    at: Instant,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT state, (SELECT COUNT(*) FROM erasures e WHERE e.case_number = m.case_number) AS erased
         FROM whatsapp_messages m WHERE id = $1",
    )
    .bind(sent.message)
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let (code, erased): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let known =
        SentState::from_code(&code).ok_or_else(|| StoreError::inconsistent("whatsapp_messages", &code))?;
    let (delivery, failure) = delivery;
    let told = match delivery {
        DeliveryState::Queued => SentState::Queued,
        DeliveryState::Delivered => SentState::Sent,
        DeliveryState::Dead => SentState::Failed,
    };
    let is_kept = erased == 0;
    let said = sent.said.as_ref().filter(|_| is_kept);
    // A failure that a report told stays.
    let stays = known == SentState::Failed && failure.is_none();
    sqlx::query(
        "UPDATE whatsapp_messages
         SET state = $2, form = COALESCE(CAST($3 AS TEXT), form), message_id = CASE WHEN $4 = '' THEN message_id ELSE $4 END,
             changed_utc_s = $5
         WHERE id = $1",
    )
    .bind(sent.message)
    .bind(known.after(told).code())
    .bind(sent.form.map(SentForm::code))
    .bind(sent.message_id.clone().filter(|_| is_kept).unwrap_or_default())
    .bind(at.0)
    .execute(tx.connection())
    .await?;
    if stays {
        return Ok(());
    }
    sqlx::query(
        "UPDATE whatsapp_messages SET failure = $2, failure_code = $3, failure_title = $4 WHERE id = $1",
    )
    .bind(sent.message)
    .bind(failure.map(|failure| unsent(failure).code()))
    .bind(said.map(|said| said.code))
    .bind(said.map(|said| said.title.clone()))
    .execute(tx.connection())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec(), is_whole: true, retry_after_s: None }
    }

    #[test]
    fn answers_of_the_api_are_read() {
        let taken = r#"{"messaging_product":"whatsapp","contacts":[{"input":"5","wa_id":"5"}],"messages":[{"id":"wamid.A"}]}"#;
        assert_eq!(message_of(&answer(200, taken)).as_deref(), Some("wamid.A"));
        assert_eq!(message_of(&answer(200, "{}")), None);
        assert_eq!(message_of(&answer(200, r#"{"messages":[{"id":"a b"}]}"#)), None);
        let refused = r#"{"error":{"message":"(#131030) Recipient phone number not in allowed list","type":"OAuthException",
            "code":131030,"error_data":{"messaging_product":"whatsapp","details":"Add it"},"fbtrace_id":"x"}}"#;
        let said = failure_of(&answer(400, refused)).unwrap();
        assert_eq!(
            (said.code, said.title.as_str()),
            (131_030, "(#131030) Recipient phone number not in allowed list · Add it")
        );
        assert_eq!(failure_of(&answer(502, "<html>")), None);
    }

    #[test]
    fn text_names_its_case_and_a_template_has_number_and_subject() {
        let update = Update {
            number: CaseNumber::new(domain::country::Country::Ve, 2026, 7).unwrap(),
            wa_id: "584145550142".into(),
            wrote: Instant(0),
            language: Language::Es,
            text: "x".repeat(5000),
            subject: "Sin red\nen el piso 7".into(),
        };
        let text = text_body(&update, "msg_1");
        let body = text["text"]["body"].as_str().unwrap();
        assert!(body.contains(&update.number.to_string()) && body.chars().count() == TEXT_CHARS_MAX);
        let template = Template::parse(Language::Es, "aviso", "es_MX").unwrap().unwrap();
        let sent = template_body(&update, &template, "msg_1");
        assert_eq!(sent["template"]["language"]["code"], "es_MX");
        assert_eq!(sent["template"]["components"][0]["parameters"][1]["text"], "Sin red en el piso 7");
    }
}
