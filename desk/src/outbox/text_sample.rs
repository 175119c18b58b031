//! A mail with other words than those in force, about a real case: shown, or sent to whoever writes them.

use domain::actor::{Action, Actor, Subject, may};
use domain::case::visit::Side;
use domain::case::{AskedBy, Author, CloseReason, Event, Origin, Recorded, Termination};
use domain::case_number::CaseNumber;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::i18n::Language;
use domain::time::Instant;
use domain::wording::{MailText, MailTextKind};

use super::MailKind;
use super::samples::{compose, meeting, missed, offered_visit};
use super::transport::Transport;
use super::trial::{TestMail, send_to_oneself};
use crate::mail::{self, CaseMailContext, Composed, VisitMailContext};
use crate::store::StoreError;
use crate::wording::MailTexts;
use crate::{Desk, DeskError, events};

/// Words that somebody tries, and what they are tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTextTrial {
    /// The mail.
    pub kind: MailTextKind,
    /// Its words.
    pub text: MailText,
    /// The case that it is about.
    pub number: CaseNumber,
    /// Its language.
    pub language: Language,
}

/// A mail as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPreview {
    /// Subject line.
    pub subject: String,
    /// The plain form.
    pub text: String,
}

/// The mail with these words about a real case. What has not happened to the case is made up. Nothing is sent or kept.
///
/// # Errors
/// [`DeskError::NotFound`] when there is no such case. See [`DeskError`].
pub async fn preview_mail_text(
    desk: &Desk,
    actor: &Actor,
    trial: MailTextTrial,
) -> Result<MailPreview, DeskError> {
    let Composed { subject, text, .. } = composed(desk, actor, trial).await?;
    Ok(MailPreview { subject, text })
}

/// The same mail, sent to the member of the staff who asks, at once and past the outbox.
///
/// # Errors
/// As [`preview_mail_text`]. A server that refuses is an outcome, not an error.
pub async fn send_mail_text(
    desk: &Desk,
    actor: &Actor,
    transport: &Transport,
    trial: MailTextTrial,
) -> Result<TestMail, DeskError> {
    let language = trial.language;
    let mail = composed(desk, actor, trial).await?;
    send_to_oneself(desk, actor, transport, |_, _| (language, mail)).await
}

async fn composed(desk: &Desk, actor: &Actor, trial: MailTextTrial) -> Result<Composed, DeskError> {
    may(actor, Action::ChangeSettings, Subject::Desk)?;
    let MailTextTrial { kind, text, number, language } = trial;
    let mut reader = desk.store().reader().await?;
    let found = events::history_and_labels(&mut reader, number).await?;
    let (history, labels) = found.ok_or(DeskError::NotFound)?;
    let case = events::fold(&staged(history, kind, language, desk.now())?)?;
    let hours = desk.hours_with(&mut reader, &case.opening.hours).await?;
    reader.done();
    let mail_context = CaseMailContext {
        case: &case,
        hours: &hours,
        link: format!("{}/track/…", desk.public_url()),
        labels,
        brand: desk.brand(),
        texts: MailTexts::only(kind, text),
        proof_key: desk.proof_key().fingerprint(),
        leave: None,
    };
    Ok(match MailKind::of_text(kind) {
        MailKind::Visit => visit(desk, kind, &mail_context)?,
        MailKind::Links if kind == MailTextKind::LinkRenewed => mail::link_renewed(&mail_context),
        other => compose(desk, other, &mail_context)?,
    })
}

/// The history in the language of the trial, with the end that its mail tells of.
fn staged(
    mut history: Vec<Recorded>,
    kind: MailTextKind,
    language: Language,
    now: Instant,
) -> Result<Vec<Recorded>, StoreError> {
    if matches!(kind, MailTextKind::Opening | MailTextKind::UnverifiedOpening) {
        // The mail of an opening tells of the case as it was then.
        history.truncate(1);
    }
    for entry in &mut history {
        if let Event::Opened(opening) = &mut entry.event {
            opening.language = language;
            opening.coverage = Entitlement::Covered;
            if kind == MailTextKind::UnverifiedOpening {
                opening.coverage = Entitlement::NeedsValidation(ValidationReason::UnknownContract);
                entry.by = Author::Customer;
            }
        }
    }
    let case = events::fold(&history)?;
    let end = match kind {
        MailTextKind::Closing if case.closed().is_none() => Some(Event::Closed {
            reason: CloseReason::Confirmed,
            note: None,
            reopen_until: now.plus(CLOSED_S),
        }),
        MailTextKind::Cancelled | MailTextKind::Duplicate if case.status().is_open() => {
            Some(Event::Terminated(Termination::Cancelled { asked_by: AskedBy::Customer, reason: None }))
        }
        _ => None,
    };
    let version = case.version + 1;
    let entry = |event| Recorded { version, at: now, by: Author::System, origin: Origin::Workspace, event };
    history.extend(end.map(entry));
    Ok(history)
}

/// How long the case of a preview could be reopened, in seconds: five days.
const CLOSED_S: i64 = 5 * 24 * 3600;

/// The mail of a visit tomorrow.
fn visit(
    desk: &Desk,
    kind: MailTextKind,
    mail_context: &CaseMailContext<'_>,
) -> Result<Composed, StoreError> {
    let (agreed, was_missed) = (meeting(desk.now()), missed(desk.now()));
    let content = match kind {
        MailTextKind::VisitAgreed => VisitMailContext::agreed(mail_context, &agreed),
        MailTextKind::VisitReassigned => VisitMailContext::reassigned(mail_context, &agreed, None),
        MailTextKind::VisitMoved => VisitMailContext::moved(mail_context, Side::Us, &agreed, None),
        MailTextKind::VisitCalledOff => VisitMailContext::called_off(mail_context, Some(&agreed), None),
        MailTextKind::VisitGoesOn => VisitMailContext::goes_on(mail_context, &was_missed),
        MailTextKind::VisitMissed => VisitMailContext::missed(mail_context, &was_missed)
            .ok_or_else(|| StoreError::inconsistent("outbox", "the sample visit was not missed"))?,
        _ => return offered_visit(desk, mail_context),
    };
    Ok(content.compose(mail_context, None, format!("{}/visit/…", desk.public_url())))
}
