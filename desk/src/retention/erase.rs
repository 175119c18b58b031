//! The erasure of one case: its history, and every row that repeats what the history said.

use domain::actor::Actor;
use domain::audit::AuditEvent;
use domain::case::{Case, Command, ErasureReason, Recorded, erased, report_at};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::time::Instant;

use crate::Desk;
use crate::DeskError;
use crate::audit::{self, Noted, histories};
use crate::calls;
use crate::cases::execute::{Expected, execute_in, origin_of};
use crate::cases::message_files;
use crate::customers::companies::forget;
use crate::customers::profile;
use crate::customers::session::end_all;
use crate::events;
use crate::outbox::{ERASED_RECIPIENT, NOTHING, emptied, empty_account_mails, empty_invitations_by};
use crate::projections::cases::write_texts;
use crate::search::write_document;
use crate::store::{StoreError, Tx};

/// Erases the personal data of a case that has ended. The history says who did it, when and why.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::DeskError;
/// use desk::retention::erase_case;
/// use domain::case::{ErasureReason, Refusal};
///
/// let refused = erase_case(&desk, &Actor::System, number, ErasureReason::Request).await;
/// assert!(matches!(refused, Err(DeskError::Refused(Refusal::NotEnded))));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`]. A case that has not ended is refused: its data are needed.
pub async fn erase_case(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    reason: ErasureReason,
) -> Result<(), DeskError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| Box::pin(async move { erase_in(&at_work, tx, &actor, number, reason).await }))
        .await?;
    tracing::info!(case = %number, reason = reason.code(), "personal data of a case were erased");
    Ok(())
}

/// The same inside a larger transaction.
pub(super) async fn erase_in(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    number: CaseNumber,
    reason: ErasureReason,
) -> Result<(), DeskError> {
    // By the history: what the index says of the contact may be older, or not be there yet.
    let contact = events::history(tx.connection(), number).await?;
    let contact = report_at(&contact, u32::MAX).map(|report| report.contact);
    let command = Command::Erase { reason };
    execute_in(desk, tx, actor, origin_of(actor), number, Expected::Any, command).await?;
    let history = erased(events::history(tx.connection(), number).await?);
    if reason == ErasureReason::Request
        && let Some(contact) = &contact
    {
        account(tx, &contact.mail).await?;
    } else if let Some(contact) = &contact {
        let address = contact.mail.as_str().to_lowercase();
        profile::forget_unneeded(tx, &address, &number.as_compact()).await?;
    }
    histories::erase(tx, number).await?;
    rewrite(tx, number, &history).await?;
    let case = events::fold(&history)?;
    write_texts(tx, &case).await?;
    write_document(tx, number).await?;
    comment(tx, &case).await?;
    files(tx, number).await?;
    message_files::erase(tx, number).await?;
    mails(tx, number).await?;
    inbound(tx, number).await?;
    calls::forget(tx, number, contact.as_ref()).await?;
    answers(tx, number).await?;
    whatsapp(tx, number).await?;
    alerts(tx, number).await?;
    note(tx, actor, number, reason, desk.now()).await?;
    let (entries, digest) = histories::digest_of_texts(tx, number).await?;
    let event = AuditEvent::CaseErased { case: number, reason, entries, digest };
    audit::record(tx, &Noted::of(actor, desk.now(), event).in_country(Some(number.country()))).await?;
    Ok(())
}

/// Ends the sessions of a contact, forgets them as one of a company's people, and empties the mails about both.
async fn account(tx: &mut Tx, contact: &MailAddress) -> Result<(), StoreError> {
    let address = contact.as_str().to_lowercase();
    end_all(tx, &address).await?;
    forget(tx, &address).await?;
    profile::forget(tx, &address).await?;
    empty_account_mails(tx, &address, &contact.mailbox()).await?;
    empty_invitations_by(tx, &address).await
}

/// Replaces every entry's document. Version, time, kind and sequence number stay.
async fn rewrite(tx: &mut Tx, number: CaseNumber, history: &[Recorded]) -> Result<(), StoreError> {
    for entry in history {
        let document =
            serde_json::to_string(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
        sqlx::query("UPDATE case_events SET document = $3 WHERE case_number = $1 AND version = $2")
            .bind(number.as_compact())
            .bind(i64::from(entry.version))
            .bind(document)
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// The comment of the survey, as the erased answers have it.
async fn comment(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let answers = case.survey().asked().and_then(|asked| asked.answers());
    let comment = answers.and_then(|answers| answers.comment()).map_or("", |comment| comment.as_str());
    sqlx::query("UPDATE surveys SET comment = $2 WHERE case_number = $1")
        .bind(case.opening.number.as_compact())
        .bind(comment.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The bytes of files of visits. Their rows stay, as the history names each file.
async fn files(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    sqlx::query("UPDATE visit_files SET content = $2 WHERE case_number = $1")
        .bind(number.as_compact())
        .bind(Vec::<u8>::new())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What mails of a case say, and to whom they went. One that was not sent yet is given up.
async fn mails(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    sqlx::query(emptied!("case_number = $3"))
        .bind(ERASED_RECIPIENT)
        .bind(NOTHING)
        .bind(number.as_compact())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What mails said that came in, and who wrote them. Their digests stay, so that none comes in once more.
async fn inbound(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE inbound_mails SET sender = $2, sender_name = '', subject = $3, body = $3, content = $4, message_id = NULL
         WHERE case_number = $1",
    )
    .bind(number.as_compact())
    .bind(ERASED_RECIPIENT)
    .bind(NOTHING)
    .bind(Vec::<u8>::new())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What receivers of webhooks answered: they may repeat what they were told.
async fn answers(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    sqlx::query("UPDATE webhook_deliveries SET answer = NULL WHERE case_number = $1")
        .bind(number.as_compact())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// By which number the contact wrote by WhatsApp, and what its API said of updates: it may name them.
async fn whatsapp(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    for text in [
        "DELETE FROM whatsapp_conversations WHERE case_number = $1",
        "UPDATE whatsapp_messages SET failure_title = NULL, message_id = '' WHERE case_number = $1",
    ] {
        sqlx::query(text).bind(number.as_compact()).execute(tx.connection()).await?;
    }
    Ok(())
}

/// What monitoring systems called their alerts: a title may name a person.
async fn alerts(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    sqlx::query("UPDATE alerts SET title = '' WHERE case_number = $1")
        .bind(number.as_compact())
        .execute(tx.connection())
        .await?;
    Ok(())
}

async fn note(
    tx: &mut Tx,
    actor: &Actor,
    number: CaseNumber,
    reason: ErasureReason,
    now: Instant,
) -> Result<(), StoreError> {
    let (id, name) = match actor {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    sqlx::query(
        "INSERT INTO erasures (case_number, reason, at_utc_s, by_id, by_name) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(number.as_compact())
    .bind(reason.code())
    .bind(now.0)
    .bind(id)
    .bind(name)
    .execute(tx.connection())
    .await?;
    Ok(())
}
