//! Mails to participants: the invitation with their own link, and copies of what the contact is told.

use std::sync::Arc;

use domain::calendar::ServiceHours;
use domain::case::{Author, Case, ClosingReport, Event, MessageEvent, Participant, Termination};
use domain::case_number::CaseNumber;
use domain::customer_profile::OptionalMail;
use domain::mail_address::MailAddress;
use domain::time::Instant;

use super::choices::is_declined;
use super::erasure::{NOTHING, emptied};
use super::queue::{Cause, NewMail, queue};
use super::{ERASED_RECIPIENT, MailKind};
use crate::Desk;
use crate::access::tokens::{TrackingLink, sealed_tracking};
use crate::documents::closing_report;
use crate::events::labels;
use crate::mail::{self, CaseMailContext, Composed, SentWith, mail_context};
use crate::store::{StoreError, Tx};

/// Queues the invitation. One that the contact sends counts as a stranger's, and has none of their words.
pub(crate) async fn queue_invitation(
    desk: &Desk,
    tx: &mut Tx,
    (case, hours): (&Case, &ServiceHours),
    participant: &Participant,
    by: &Author,
) -> Result<(), StoreError> {
    let labels = labels(tx.connection(), case.opening.number).await?;
    let theirs = named(case, participant);
    let of_contact = mail_context(desk, case, hours, labels);
    let composed = mail::invited(&context(desk, &of_contact, &theirs, participant));
    let because = if by.is_customer() { Cause::Stranger } else { Cause::Desk };
    let kind = MailKind::ParticipantInvited;
    queue(desk, tx, NewMail { cause: because, ..to_participant(case, participant, kind, composed) }).await
}

/// Empties the mails to a participant that are not sent yet, once they are on the case no more.
pub(crate) async fn empty_mails_of(
    tx: &mut Tx,
    number: CaseNumber,
    address: &MailAddress,
) -> Result<(), StoreError> {
    sqlx::query(emptied!(
        "case_number = $3 AND recipient = $4 AND state <> 'sent' AND kind IN ('participant_invited', 'participant_copy')"
    ))
    .bind(ERASED_RECIPIENT)
    .bind(NOTHING)
    .bind(number.as_compact())
    .bind(address.as_str().to_owned())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Queues a copy of an update, or of the mail about the end of the case, for each participant.
pub(super) async fn queue_copies(
    desk: &Desk,
    tx: &mut Tx,
    of_contact: &CaseMailContext<'_>,
    event: &Event,
    files: &[SentWith],
) -> Result<(), StoreError> {
    let case = of_contact.case;
    let is_copied = matches!(
        event,
        Event::Message(MessageEvent::UpdateSent { .. }) | Event::Closed { .. } | Event::Terminated(_)
    );
    if !is_copied || case.participants().is_empty() {
        return Ok(());
    }
    let report = closing_report::report(tx.connection(), case, of_contact.hours).await?;
    let is_update = matches!(event, Event::Message(_));
    for participant in case.participants() {
        if is_update && is_declined(tx, &participant.mail, OptionalMail::Updates).await? {
            continue;
        }
        let named = named(case, participant);
        let theirs = context(desk, of_contact, &named, participant);
        let Some(composed) = copy(&theirs, event, files, report.as_ref(), desk.now()) else { continue };
        queue(desk, tx, to_participant(case, participant, MailKind::ParticipantCopy, composed)).await?;
    }
    Ok(())
}

/// The mail of an event as a participant gets it. The link of another case is the contact's alone, and so is the closing report as
/// a document: it names the contact.
fn copy(
    theirs: &CaseMailContext<'_>,
    event: &Event,
    files: &[SentWith],
    report: Option<&ClosingReport>,
    now: Instant,
) -> Option<Composed> {
    Some(match (event, report) {
        (Event::Message(MessageEvent::UpdateSent { text }), _) => mail::news(theirs, text, files, now),
        (Event::Closed { .. }, Some(report)) => mail::closing(theirs, report, theirs.case.closed()?),
        (Event::Terminated(Termination::Cancelled { asked_by, reason }), Some(report)) => {
            mail::cancelled(theirs, report, *asked_by, reason.as_ref())
        }
        (Event::Terminated(Termination::Duplicate { of }), Some(report)) => {
            mail::duplicate(theirs, report, *of, None)
        }
        _ => return None,
    })
}

/// The case as a participant's mails tell of it: to them, and in their language.
fn named(case: &Case, participant: &Participant) -> Case {
    let mut case = case.clone();
    case.opening.language = participant.language;
    case.opening.report.contact.name = participant.name.clone();
    case
}

fn context<'a>(
    desk: &Desk,
    of_contact: &CaseMailContext<'a>,
    case: &'a Case,
    participant: &Participant,
) -> CaseMailContext<'a> {
    let link = TrackingLink::of_participant(case.opening.number, participant.id);
    let link = format!("{}/track/{}", desk.public_url(), sealed_tracking(link));
    CaseMailContext {
        case,
        hours: of_contact.hours,
        leave: Some(format!("{link}/leave")),
        link,
        labels: of_contact.labels.clone(),
        brand: Arc::clone(&of_contact.brand),
        texts: of_contact.texts.clone(),
        proof_key: of_contact.proof_key.clone(),
    }
}

fn to_participant<'a>(
    case: &Case,
    participant: &'a Participant,
    kind: MailKind,
    composed: Composed,
) -> NewMail<'a> {
    NewMail {
        kind,
        case: Some(case.opening.number),
        language: participant.language,
        name: Some(&participant.name),
        address: &participant.mail,
        composed,
        calendar: None,
        document: None,
        // Only a verified case has participants.
        cause: Cause::Desk,
    }
}
