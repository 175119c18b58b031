//! Kinds of mails, and the events that queue them.

use domain::calendar::ServiceHours;
use domain::case::{
    Audience, Case, ClosingReport, Correction, Event, MessageEvent, RevisionEvent, Termination,
};
use domain::entitlement::Entitlement;
use domain::survey::SurveyEvent;
use domain::wording::MailTextKind;

use super::choices::is_wanted;
use super::links::{link_of_same_contact, queue_renewed};
use super::participants::queue_copies;
use super::queue::{queue, to_contact};
use crate::Desk;
use crate::access::tokens::sealed;
use crate::documents::closing_report;
use crate::events::labels;
use crate::mail::{self, CaseMailContext, Composed, Corrected, PriorityChange, SentWith, mail_context};
use crate::pdf;
use crate::store::{StoreError, Tx};

/// Declares the kinds of mails with their codes and audiences.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal to $audience:ident,)+) => {
        /// Kind of a mail.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum MailKind {
            $($(#[$doc])* $variant),+
        }

        impl MailKind {
            /// All kinds, in the order of a case's life.
            pub(super) const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The code of the kind in the outbox.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The audience: the customer too, or the staff alone.
            const fn audience(self) -> Audience {
                match self { $(Self::$variant => Audience::$audience),+ }
            }

            /// The key of the kind's name.
            pub(super) const fn name_key(self) -> &'static str {
                match self { $(Self::$variant => concat!("mails.kind.", $code)),+ }
            }
        }
    };
}

kinds!(
    /// The opening of a covered case, whose sender holds both numbers of the contract.
    Opening = "opening" to Public,
    /// The opening of an unverified case, which may have a stranger's address.
    UnverifiedOpening = "opening_unverified" to Public,
    /// An update from the staff.
    CustomerUpdate = "news" to Public,
    /// A changed priority.
    PriorityChanged = "reweighed" to Public,
    /// A correction of contract or serial.
    Corrected = "corrected" to Public,
    /// An amendment of contact, location or fault.
    Amended = "amended" to Public,
    /// An event of a visit.
    Visit = "visit" to Public,
    /// The same for the technician.
    VisitStaff = "visit_staff" to Internal,
    /// A no-show, for the people in charge of the case.
    VisitMissed = "visit_missed" to Internal,
    /// The links of a mailbox's open cases, for a customer who lost theirs; or the new link of a case.
    Links = "links" to Public,
    /// A warning or a customer's message, for the people in charge.
    Warning = "warning" to Internal,
    /// Warnings about several cases.
    Warnings = "warnings" to Internal,
    /// A resolution, with the question of verification.
    Resolution = "resolution" to Public,
    /// A reminder of the verification.
    Reminder = "reminder" to Public,
    /// A reopening.
    Reopened = "reopened" to Public,
    /// The closing, with the case's times.
    Closing = "closing" to Public,
    /// A cancellation.
    Cancelled = "cancelled" to Public,
    /// A closing as a duplicate.
    Duplicate = "duplicate" to Public,
    /// The survey's invitation.
    Survey = "survey" to Public,
    /// The link of a person who is invited to a case. It is no mail to the contact, whose address takes other mails.
    ParticipantInvited = "participant_invited" to Internal,
    /// A participant's copy of a mail to the contact.
    ParticipantCopy = "participant_copy" to Internal,
    /// The link by which somebody who is invited comes to the desk.
    Invitation = "invitation" to Internal,
    /// The link for somebody of the staff who forgot their password.
    PasswordReset = "password_reset" to Internal,
    /// That it was changed how somebody of the staff signs in.
    AccountChanged = "account_changed" to Internal,
    /// The code and the link by which a customer signs in. No page of a case shows it.
    SignInCode = "sign_in_code" to Internal,
    /// That a company's cases are open to a customer. It is about no case.
    CompanyInvitation = "company_invitation" to Internal,
);

impl MailKind {
    /// The kind of the mail about an opening.
    pub(crate) const fn of_opening(coverage: Entitlement) -> Self {
        match coverage {
            Entitlement::Covered => Self::Opening,
            Entitlement::NeedsValidation(_) => Self::UnverifiedOpening,
        }
    }

    /// The kind of the mail with these words.
    pub(super) const fn of_text(text: MailTextKind) -> Self {
        match text {
            MailTextKind::Opening => Self::Opening,
            MailTextKind::UnverifiedOpening => Self::UnverifiedOpening,
            MailTextKind::Update => Self::CustomerUpdate,
            MailTextKind::PriorityChanged => Self::PriorityChanged,
            MailTextKind::Corrected => Self::Corrected,
            MailTextKind::Amended => Self::Amended,
            MailTextKind::VisitOffered
            | MailTextKind::VisitAgreed
            | MailTextKind::VisitReassigned
            | MailTextKind::VisitMoved
            | MailTextKind::VisitMissed
            | MailTextKind::VisitGoesOn
            | MailTextKind::VisitCalledOff => Self::Visit,
            MailTextKind::Links | MailTextKind::LinkRenewed => Self::Links,
            MailTextKind::Resolution => Self::Resolution,
            MailTextKind::Reminder => Self::Reminder,
            MailTextKind::Reopened => Self::Reopened,
            MailTextKind::Closing => Self::Closing,
            MailTextKind::Cancelled => Self::Cancelled,
            MailTextKind::Duplicate => Self::Duplicate,
            MailTextKind::Survey => Self::Survey,
        }
    }

    /// Whether the customer is its recipient.
    pub(super) const fn is_customers(self) -> bool {
        matches!(self.audience(), Audience::Public)
    }

    /// The kind of a code.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The audience of a code from the database.
    pub(crate) fn audience_of(code: &str) -> Audience {
        Self::from_code(code).map_or(Audience::Public, Self::audience)
    }
}

/// Queues the mail of an event in its transaction; most events have none. `case` is the case after it, and `files` are those of
/// an update.
pub(crate) async fn queue_for(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    event: &Event,
    files: &[SentWith],
) -> Result<(), StoreError> {
    if let Event::Visit { visit, what } = event {
        return super::visit::queue(desk, tx, case, hours, (*visit, what)).await;
    }
    if let Event::Warned { clock, cycle, level } = event {
        return super::warning::hold(tx, case, hours, (*clock, *cycle, *level), desk.now()).await;
    }
    let labels = labels(tx.connection(), case.opening.number).await?;
    let mail_context = mail_context(desk, case, hours, labels);
    let (kind, composed) = match event {
        Event::Resolved { solution, .. } => (MailKind::Resolution, mail::resolution(&mail_context, solution)),
        Event::VerificationReminded { .. } => (MailKind::Reminder, mail::reminder(&mail_context)),
        Event::Reopened { cause, said, .. } => {
            (MailKind::Reopened, mail::reopened(&mail_context, *cause, said.as_ref(), desk.now()))
        }
        Event::Closed { .. } => {
            closing(desk, tx, &mail_context).await?;
            return queue_copies(desk, tx, &mail_context, event, files).await;
        }
        Event::TrackingRenewed { .. } => return queue_renewed(desk, tx, &mail_context).await,
        Event::Terminated(why) => match closing_report::report(tx.connection(), case, hours).await? {
            Some(report) => termination_mail(desk, tx, &mail_context, &report, why).await?,
            None => return Ok(()),
        },
        Event::Message(MessageEvent::UpdateSent { text }) => {
            (MailKind::CustomerUpdate, mail::news(&mail_context, text, files, desk.now()))
        }
        Event::PriorityChanged { to, reason, .. } => {
            let changed = PriorityChange { inputs: None, priority: *to, reason, at: desk.now() };
            (MailKind::PriorityChanged, mail::priority_changed(&mail_context, &changed))
        }
        Event::Revision(RevisionEvent::Reprioritized { from, to, priority, reason }) => {
            let changed =
                PriorityChange { inputs: Some((*from, *to)), priority: *priority, reason, at: desk.now() };
            (MailKind::PriorityChanged, mail::priority_changed(&mail_context, &changed))
        }
        Event::Survey(SurveyEvent::FellDue { cycle, until, .. }) => {
            let token = desk.tokens().survey_link(case.opening.number, *cycle);
            let link = format!("{}/survey/{}", desk.public_url(), sealed(&token));
            (MailKind::Survey, mail::survey(&mail_context, link, *until))
        }
        _ => return Ok(()),
    };
    if is_wanted(tx, case, kind).await? {
        queue(desk, tx, to_contact(case, kind, composed)).await?;
    }
    queue_copies(desk, tx, &mail_context, event, files).await
}

/// Queues the closing mail, with the closing report as a document.
async fn closing(desk: &Desk, tx: &mut Tx, mail_context: &CaseMailContext<'_>) -> Result<(), StoreError> {
    let report = closing_report::report(tx.connection(), mail_context.case, mail_context.hours).await?;
    let (Some(report), Some(closed)) = (report, mail_context.case.closed()) else { return Ok(()) };
    let mut mail =
        to_contact(mail_context.case, MailKind::Closing, mail::closing(mail_context, &report, closed));
    mail.document = Some(pdf::write(&mail::account(mail_context, &report)));
    queue(desk, tx, mail).await
}

/// The mail of a termination.
async fn termination_mail(
    desk: &Desk,
    tx: &mut Tx,
    mail_context: &CaseMailContext<'_>,
    report: &ClosingReport,
    why: &Termination,
) -> Result<(MailKind, Composed), StoreError> {
    Ok(match why {
        Termination::Cancelled { asked_by, reason } => {
            (MailKind::Cancelled, mail::cancelled(mail_context, report, *asked_by, reason.as_ref()))
        }
        Termination::Duplicate { of } => {
            let tracking = link_of_same_contact(desk, tx.connection(), mail_context.case, *of).await?;
            let link = tracking.map(|tracking| format!("{}/track/{}", desk.public_url(), sealed(&tracking)));
            (MailKind::Duplicate, mail::duplicate(mail_context, report, *of, link))
        }
    })
}

/// Queues the mail of a correction; `before` is the case before it, with its service hours.
pub(crate) async fn queue_correction(
    desk: &Desk,
    tx: &mut Tx,
    (before, hours_before): (&Case, &ServiceHours),
    (case, hours): (&Case, &ServiceHours),
    right: &Correction,
) -> Result<(), StoreError> {
    let changed = Corrected { right, before, hours_before, at: desk.now() };
    let labels = labels(tx.connection(), case.opening.number).await?;
    let composed = mail::corrected(&mail_context(desk, case, hours, labels), &changed);
    queue(desk, tx, to_contact(case, MailKind::Corrected, composed)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_to_customers_has_words_that_can_be_replaced() {
        let replaced = MailTextKind::ALL.map(MailKind::of_text);
        for kind in MailKind::ALL {
            assert_eq!(replaced.contains(&kind), kind.is_customers(), "{kind:?}");
        }
    }
}
