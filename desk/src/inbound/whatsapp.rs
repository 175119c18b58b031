//! Use-case: messages come in by WhatsApp. Each is in the desk once, whatever happens. Its row and what it causes are one
//! transaction, and WhatsApp sends again what was not answered (`docs/decisions/0068`).
//!
//! A message is kept beside the mails that come in: triage, retention and erasure are theirs.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::call::phone_of;
use domain::case::{Case, Origin};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::phone::Phone;
use domain::t;
use domain::text::first_words;
use domain::time::Instant;
use domain::webhook::WebhookId;
use domain::whatsapp::{
    Candidate, Content, Incoming, Payload, PayloadProblem, Placed, Received, Standing, StatusReport,
    WaitsFor, place,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use sqlx::Row;
use thiserror::Error;

use super::MailFile;
use super::delivery::{
    Came, Entry, Parts, State, WaitReason, case, customer, finish, insert, join, number_in,
};
use super::files::MailFiles;
use crate::Desk;
use crate::access::tokens::hex;
use crate::cases::message_files::room;
use crate::events;
use crate::search;
use crate::store::{Guarded, StoreError, Tx};
use crate::webhooks::whatsapp::{Hook, MediaProblem, Wrote, apply, fetch, note_wrote};

/// The kind of a message's row.
pub(super) const KIND: &str = "whatsapp";
/// The most bytes of a body that WhatsApp posts.
pub const MAX_BYTES: usize = 3 * 1024 * 1024;
/// For how long a message waits for a file that WhatsApp does not give now, in seconds. WhatsApp sends the message again meanwhile.
const FILE_WAITS_S: i64 = 3600;
/// How far back a message may have been sent, in seconds: WhatsApp tries for a week.
const LATE_S: i64 = 7 * 86_400;
/// The most conversations of a number that are looked at.
const CONVERSATIONS: i64 = 50;
/// The most characters of a subject.
const SUBJECT_CHARS: usize = 80;
/// The name of a picture, of which WhatsApp tells none.
const PICTURE: &str = "WhatsApp";

/// Why a body was not taken, or not wholly. What was taken of it stays, and is not taken again.
#[derive(Debug, Clone, Error)]
pub enum TakeError {
    /// It is none of the Cloud API: it will never be taken.
    #[error("the body is none of the Cloud API")]
    Malformed,
    /// A file could not be fetched now: send it again.
    #[error("a file could not be fetched")]
    Later,
    /// The database failed: send it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PayloadProblem> for TakeError {
    fn from(_: PayloadProblem) -> Self {
        Self::Malformed
    }
}

/// Takes a body in that WhatsApp posted for a number, and that its app secret signed. When it returns, everything is durable.
///
/// # Errors
/// See [`TakeError`].
pub async fn take(desk: &Desk, hook: &Hook, body: &[u8]) -> Result<(), TakeError> {
    let payload: Payload = serde_json::from_slice(body).map_err(|_| TakeError::Malformed)?;
    let Received { messages, statuses } = payload.of_number(&hook.phone_number_id)?;
    for message in messages {
        take_message(desk, hook, message).await?;
    }
    take_statuses(desk, hook.id, statuses).await
}

async fn take_statuses(desk: &Desk, id: WebhookId, statuses: Vec<StatusReport>) -> Result<(), TakeError> {
    if statuses.is_empty() {
        return Ok(());
    }
    let now = desk.now();
    // Outcomes of attempts are written by the worker under the same guard.
    let writing = desk.store().write_beside(vec![Guarded::Webhooks], move |tx| {
        Box::pin(async move {
            for report in &statuses {
                apply(tx, id, report, now).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(writing.await?)
}

/// A message with all that its transaction needs.
struct Arrived {
    entry: Entry,
    wa_id: String,
    number: WebhookId,
    phone: Option<Phone>,
    placed: Placed,
    body: String,
    files: MailFiles,
}

async fn take_message(desk: &Desk, hook: &Hook, message: Incoming) -> Result<(), TakeError> {
    let digest = digest(hook.id, &message.id);
    if is_known(desk, &digest).await? {
        return Ok(());
    }
    let now = desk.now();
    let sent = message.at.max(now.plus(-LATE_S)).min(now);
    let phone = phone_of(&format!("+{}", message.from), None);
    let known = match &phone {
        Some(phone) => known(desk, hook, phone).await?,
        None => Vec::new(),
    };
    let placed = placed(desk, hook.id, &known, &message).await?;
    let language = language(&known, placed);
    let (body, files) = said(desk, hook, &message, language, now).await?;
    let subject = first_words(&body, SUBJECT_CHARS);
    let sender = phone.as_ref().map_or_else(|| format!("+{}", message.from), Phone::e164);
    let content = kept(&body, &files);
    // Before the transaction: to draw a photograph anew takes a good part of a second.
    let (subjects, files) = match placed {
        Placed::Joins(number) => (vec![Guarded::Case(number)], MailFiles::ready(files).await?),
        Placed::Waits(..) => (Vec::new(), MailFiles::default()),
    };
    let entry = Entry {
        digest,
        message_id: Some(message.id),
        received: sent,
        kind: KIND,
        sender,
        sender_name: message.name,
        subject,
        content,
        whatsapp_number: hook.id.0,
    };
    let arrived = Arrived { entry, wa_id: message.from, number: hook.id, phone, placed, body, files };
    let arrived = Arc::new(arrived);
    let at_work = desk.clone();
    let taking = desk.store().write_beside(subjects, move |tx| {
        Box::pin(async move { Box::pin(write(&at_work, tx, &arrived)).await })
    });
    Ok(taking.await?)
}

/// What a repetition of a message has as well.
fn digest(number: WebhookId, message: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(KIND);
    digest.update([0]);
    digest.update(number.0.to_string());
    digest.update([0]);
    digest.update(message);
    hex(&digest.finalize())
}

/// Whether a message was taken before: its file is not fetched once more.
async fn is_known(desk: &Desk, digest: &str) -> Result<bool, StoreError> {
    let mut reader = desk.store().reader().await?;
    let known = sqlx::query("SELECT id FROM inbound_mails WHERE digest = $1")
        .bind(digest.to_owned())
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    Ok(known.is_some())
}

/// A case of the sender, with the time of their last message in it.
struct KnownCase {
    case: Case,
    wrote: Option<Instant>,
}

/// The cases within the number's scope that have the sender's number among those of their contact.
async fn known(desk: &Desk, hook: &Hook, phone: &Phone) -> Result<Vec<KnownCase>, StoreError> {
    let e164 = phone.e164();
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT case_number, wrote_utc_s FROM whatsapp_conversations WHERE phone = $1 AND number_id = $2
         ORDER BY wrote_utc_s DESC LIMIT $3",
    )
    .bind(e164.as_str())
    .bind(hook.id.0)
    .bind(CONVERSATIONS)
    .fetch_all(&mut *reader)
    .await?;
    let mut talked: Vec<(CaseNumber, Instant)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let (number, wrote): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let number = CaseNumber::parse(&number)
            .map_err(|error| StoreError::inconsistent("whatsapp_conversations", format!("{error:?}")))?;
        talked.push((number, Instant(wrote)));
    }
    let mut numbers = search::cases_with_number(desk, &mut reader, phone, hook.scope.country).await?;
    numbers.extend(talked.iter().map(|(number, _)| *number));
    let mut seen = Vec::with_capacity(numbers.len());
    numbers.retain(|number| {
        !seen.contains(number) && {
            seen.push(*number);
            true
        }
    });
    let cases = events::cases_and_labels(&mut reader, &numbers).await?;
    reader.done();
    let of_sender = |case: &Case| hook.scope.holds(case.opening.report.country) && is_contact(case, &e164);
    let known = cases.into_iter().map(|(case, _)| case).filter(of_sender).map(|case| {
        let number = case.opening.number;
        let wrote = talked.iter().find(|(talked, _)| *talked == number).map(|(_, wrote)| *wrote);
        KnownCase { case, wrote }
    });
    Ok(known.collect())
}

/// Whether a number in E.164 is one of those of the case's contact.
pub(super) fn is_contact(case: &Case, e164: &str) -> bool {
    case.opening.report.contact.phones().any(|phone| phone.e164() == e164)
}

async fn placed(
    desk: &Desk,
    id: WebhookId,
    known: &[KnownCase],
    message: &Incoming,
) -> Result<Placed, StoreError> {
    let candidates: Vec<Candidate> = known
        .iter()
        .map(|KnownCase { case, wrote }| {
            let standing = if case.closed().is_some() { Standing::Closed } else { Standing::Open };
            Candidate { number: case.opening.number, standing, wrote: *wrote }
        })
        .collect();
    let answered = match &message.answers {
        Some(answered) if !known.is_empty() => of_update(desk, id, answered).await?,
        _ => None,
    };
    let named = match &message.content {
        Content::Text(text) | Content::Media(_, text) => number_in(text),
        Content::Unsupported(..) => None,
    };
    Ok(place(&candidates, answered, named))
}

/// The case of an update that the desk sent.
async fn of_update(desk: &Desk, id: WebhookId, message: &str) -> Result<Option<CaseNumber>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row =
        sqlx::query("SELECT case_number FROM whatsapp_messages WHERE message_id = $1 AND number_id = $2")
            .bind(message.to_owned())
            .bind(id.0)
            .fetch_optional(&mut *reader)
            .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    Ok(CaseNumber::parse(&row.try_get::<String, _>(0)?).ok())
}

/// The language of the case in which a message is, else that of most customers.
fn language(known: &[KnownCase], placed: Placed) -> Language {
    let (Placed::Joins(number) | Placed::Waits(_, Some(number))) = placed else { return Language::default() };
    let of_case = known.iter().find(|known| known.case.opening.number == number);
    of_case.map_or_else(Language::default, |known| known.case.opening.language)
}

/// What a message says, with its file. What the desk does not take is told in words.
async fn said(
    desk: &Desk,
    hook: &Hook,
    message: &Incoming,
    language: Language,
    now: Instant,
) -> Result<(String, Vec<MailFile>), TakeError> {
    match &message.content {
        Content::Text(text) => Ok((text.clone(), Vec::new())),
        Content::Unsupported(kind, sign) => {
            let kind = t!(language, kind.name_key());
            let told = t!(language, "whatsapp.unsupported", kind = kind);
            Ok((format!("{told} {sign}").trim().to_owned(), Vec::new()))
        }
        Content::Media(media, caption) => {
            let name = if media.name.is_empty() { PICTURE.to_owned() } else { media.name.clone() };
            let told = match fetch(desk, &hook.line, &media.id).await {
                Ok(content) => {
                    let file = MailFile { name, content_type: FILE_TYPE.to_owned(), content, before: None };
                    return Ok((caption.clone(), vec![file]));
                }
                Err(MediaProblem::Later) if now.since(message.at) < FILE_WAITS_S => {
                    return Err(TakeError::Later);
                }
                Err(MediaProblem::TooLarge) => t!(language, "whatsapp.file_too_large", name = name),
                Err(MediaProblem::Refused | MediaProblem::Later) => {
                    t!(language, "whatsapp.file_missing", name = name)
                }
            };
            Ok((format!("{caption}\n\n{told}").trim().to_owned(), Vec::new()))
        }
    }
}

/// The content type of files: what they are is seen by their bytes.
const FILE_TYPE: &str = "application/octet-stream";
/// Stands between the parts. Base64 has no such line.
const BOUNDARY: &str = "=_vigia";

/// A message as the triage list reads it: as a mail of its words and its file.
fn kept(body: &str, files: &[MailFile]) -> Vec<u8> {
    let encoded = |bytes: &[u8]| {
        let code = STANDARD.encode(bytes);
        let lines = code.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let words = format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        encoded(body.as_bytes())
    );
    if files.is_empty() {
        return format!("MIME-Version: 1.0\r\n{words}").into_bytes();
    }
    let head = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n--{BOUNDARY}\r\n{words}"
    );
    let parts = files.iter().map(|file| {
        let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
        format!(
            "--{BOUNDARY}\r\nContent-Type: {FILE_TYPE}\r\n\
             Content-Disposition: attachment; filename*=utf-8''{name}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            encoded(&file.content)
        )
    });
    let parts: Vec<String> = parts.collect();
    format!("{head}{}--{BOUNDARY}--\r\n", parts.concat()).into_bytes()
}

async fn write(desk: &Desk, tx: &mut Tx, arrived: &Arrived) -> Result<(), StoreError> {
    let Some(id) = insert(tx, arrived.entry.clone()).await? else { return Ok(()) };
    match arrived.placed {
        Placed::Joins(number) => {
            let done = Box::pin(joined(desk, tx, arrived, number)).await?;
            finish(tx, id, &done, Some(number)).await
        }
        Placed::Waits(why, number) => {
            finish(tx, id, &Came::waiting(reason(why), arrived.body.clone()), number).await
        }
    }
}

const fn reason(why: WaitsFor) -> WaitReason {
    match why {
        WaitsFor::KnownSender => WaitReason::UnverifiedSender,
        WaitsFor::OpenCase => WaitReason::Closed,
        WaitsFor::Choice => WaitReason::SeveralCases,
    }
}

/// Makes a message of the customer, by the case as it is now: the contact may be another one since it was placed.
async fn joined(desk: &Desk, tx: &mut Tx, arrived: &Arrived, number: CaseNumber) -> Result<Came, StoreError> {
    let body = arrived.body.clone();
    let (Some(case), Some(phone)) = (case(tx, number).await?, &arrived.phone) else {
        return Ok(Came::waiting(WaitReason::NoCase, body));
    };
    let e164 = phone.e164();
    if !is_contact(&case, &e164) {
        return Ok(Came::waiting(WaitReason::UnverifiedSender, body));
    }
    if case.closed().is_some() {
        return Ok(Came::waiting(WaitReason::Closed, body));
    }
    let parts = Parts::of(&arrived.files, &body, &case, room(tx.connection(), number).await?);
    if parts.texts.is_empty() {
        return Ok(Came::of(State::Noted, body));
    }
    let by = (&customer(number), Origin::WhatsApp);
    let done = join(desk, tx, &case, by, parts, body).await?;
    if done.state == State::Joined {
        let wrote = Wrote {
            number: arrived.number,
            phone: e164,
            wa_id: arrived.wa_id.clone(),
            at: arrived.entry.received,
        };
        note_wrote(tx, number, &wrote).await?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::Mail;

    #[test]
    fn message_is_kept_as_a_mail_of_its_words_and_its_file() {
        let file = MailFile {
            name: "acta ñ; \"x\".pdf".into(),
            content_type: FILE_TYPE.into(),
            content: b"%PDF-1.4\r\n--=_vigia\r\n".to_vec(),
            before: None,
        };
        let read = Mail::parse(&kept("Sigue sin red 👍\n--=_vigia--", std::slice::from_ref(&file)));
        assert_eq!(read.text.trim(), "Sigue sin red 👍\n--=_vigia--");
        let [only] = &read.files[..] else { panic!("one") };
        assert_eq!((only.name.as_str(), &only.content), (file.name.as_str(), &file.content));
        let bare = Mail::parse(&kept("Solo palabras", &[]));
        assert_eq!((bare.text.trim(), bare.files.len()), ("Solo palabras", 0));
    }
}
