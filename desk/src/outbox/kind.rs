//! The kinds of mails, and which event queues which.

use domain::calendar::ServiceHours;
use domain::case::{
    Audience, Case, ClosingReport, Correction, Event, MessageEvent, RevisionEvent, Termination,
};
use domain::entitlement::Entitlement;
use domain::survey::SurveyEvent;

use super::links::link_of_same_contact;
use super::queue::{queue, to_contact};
use crate::Desk;
use crate::access::tokens::sealed;
use crate::documents::closing_report;
use crate::events::labels;
use crate::mail::{self, CaseMailContext, Composed, Corrected, PriorityChange, mail_context};
use crate::pdf;
use crate::store::{StoreError, Tx};

/// Declares the kinds of mails with their codes and readers, so that none is missing from the list of all.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal to $audience:ident,)+) => {
        /// What a mail is about.
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

            /// Who reads it: the customer's side too, or the staff alone.
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
    /// The opening of a case that the contract covers: whoever opened it holds both numbers of a contract.
    Opening = "opening" to Public,
    /// The opening of a case that anybody may have opened, with any address in it.
    UnverifiedOpening = "opening_unverified" to Public,
    /// What the staff writes to the customer.
    CustomerUpdate = "news" to Public,
    /// Another order of work.
    PriorityChanged = "reweighed" to Public,
    /// Contract or serial put right.
    Corrected = "corrected" to Public,
    /// Contact, place or fault put right.
    Amended = "amended" to Public,
    /// An offer of a visit, or what became of one.
    Visit = "visit" to Public,
    /// The same for the technician who goes.
    VisitStaff = "visit_staff" to Internal,
    /// A visit that did not happen: for whoever is in charge of the case.
    VisitMissed = "visit_missed" to Internal,
    /// The links of a mailbox's open cases, which somebody asked for who lost theirs.
    Links = "links" to Public,
    /// A promise of a case runs out, or its customer wrote: for the people in charge.
    Warning = "warning" to Internal,
    /// The same of many cases at once.
    Warnings = "warnings" to Internal,
    /// The solution, with the question whether it works.
    Resolution = "resolution" to Public,
    /// The same question once more.
    Reminder = "reminder" to Public,
    /// A case is open again.
    Reopened = "reopened" to Public,
    /// The end of a case, with its times.
    Closing = "closing" to Public,
    /// The end of a case that nobody wants any more.
    Cancelled = "cancelled" to Public,
    /// The end of a case in whose place another goes on.
    Duplicate = "duplicate" to Public,
    /// The question how it went.
    Survey = "survey" to Public,
    /// The link by which somebody who is invited comes to the desk.
    Invitation = "invitation" to Internal,
    /// The link for somebody of the staff who forgot their password.
    PasswordReset = "password_reset" to Internal,
);

impl MailKind {
    /// The mail with the number of a case that is opened.
    pub(crate) const fn of_opening(coverage: Entitlement) -> Self {
        match coverage {
            Entitlement::Covered => Self::Opening,
            Entitlement::NeedsValidation(_) => Self::UnverifiedOpening,
        }
    }

    /// Whether it goes to the customer.
    pub(super) const fn is_customers(self) -> bool {
        matches!(self.audience(), Audience::Public)
    }

    /// The kind of a code.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Who is written to by a kind, given as it stands in the database: its customer, or the staff alone.
    pub(crate) fn audience_of(code: &str) -> Audience {
        Self::from_code(code).map_or(Audience::Public, Self::audience)
    }
}

/// Queues the mail that an event is told by, in the transaction of the event; most are told by none. `case` is the case
/// after it.
pub(crate) async fn queue_for(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    event: &Event,
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
        Event::Closed { .. } => return closing(desk, tx, &mail_context).await,
        Event::Terminated(why) => match closing_report::report(tx.connection(), case, hours).await? {
            Some(report) => termination_mail(desk, tx, &mail_context, &report, why).await?,
            None => return Ok(()),
        },
        Event::Message(MessageEvent::UpdateSent { text }) => {
            (MailKind::CustomerUpdate, mail::news(&mail_context, text, desk.now()))
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
    queue(desk, tx, to_contact(case, kind, composed)).await
}

/// Queues the mail of a case that is closed, with its account as a document.
async fn closing(desk: &Desk, tx: &mut Tx, mail_context: &CaseMailContext<'_>) -> Result<(), StoreError> {
    let report = closing_report::report(tx.connection(), mail_context.case, mail_context.hours).await?;
    let (Some(report), Some(closed)) = (report, mail_context.case.closed()) else { return Ok(()) };
    let mut mail =
        to_contact(mail_context.case, MailKind::Closing, mail::closing(mail_context, &report, closed));
    mail.document = Some(pdf::write(&mail::account(mail_context, &report)));
    queue(desk, tx, mail).await
}

/// The mail of a case that goes no further.
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

/// Queues the mail of a correction; `before` is the case as it stood until then, with the hours that counted for it.
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
