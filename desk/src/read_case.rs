//! Use-case: read one case, as its customer or as the staff does.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::case::visit::VisitEvent;
use domain::case::{Audience, Case, Event, Recorded, RevisionEvent};
use domain::case_number::CaseNumber;
use domain::entitlement::Coverage;
use domain::time::Instant;
use domain::view::{CasePage, Mark};
use thiserror::Error;

use crate::Desk;
use crate::attended;
use crate::case_log;
use crate::links::{self, Reader};
use crate::outbox;
use crate::register::registered;
use crate::store::StoreError;

/// Why nothing is shown.
#[derive(Debug, Clone, Error)]
pub enum ReadCaseError {
    /// There is no such case, or the actor may not know of it: both read the same.
    #[error("there is no such case")]
    NotFound,
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotPermitted> for ReadCaseError {
    fn from(_: NotPermitted) -> Self {
        Self::NotFound
    }
}

/// The page of a case. A customer does not see internal notes, what the staff wrote beside contacts, warnings, the
/// survey's calls or mails.
///
/// # Errors
/// See [`ReadCaseError`].
pub async fn read_case(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<CasePage, ReadCaseError> {
    let mut reader = desk.store().reader().await?;
    let found = case_log::history_and_labels(&mut reader, number).await?;
    let Some((mut history, labels)) = found else { return Err(ReadCaseError::NotFound) };
    let case = case_log::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCase, subject)?;
    let whole = may(actor, Action::ReadCaseFile, subject).is_ok();
    let mails = outbox::mails_of(&mut reader, number).await?;
    let audience = if whole { Reader::Staff } else { Reader::Customer };
    let links = links::seen(desk, &mut reader, &case, audience).await?;
    let registered = match case.opening.coverage {
        Coverage::ToValidate(_) if whole => registered(&mut reader, &case.opening.report.serial).await?,
        _ => None,
    };
    reader.done();
    if !whole {
        history.retain_mut(shown_to_customer);
    }
    let now = desk.now();
    let (awaits_decision, mark, slip) = (case.awaits_decision(), attended::mark(&case), case.slip());
    page(desk, case, history, now, |page| {
        page.undelivered = mails.undelivered;
        page.equipment = labels.equipment;
        page.links = links;
        page.registered = registered;
        if whole {
            page.mails = mails.all;
            page.awaits_decision = awaits_decision;
            page.customer = labels.customer;
            page.mark = mark;
            page.slip = slip;
        }
    })
    .await
}

async fn page(
    desk: &Desk,
    case: Case,
    history: Vec<Recorded>,
    now: Instant,
    fill: impl FnOnce(&mut CasePage),
) -> Result<CasePage, ReadCaseError> {
    let hours = desk.hours(&case.opening.hours).await?;
    let clocks = case.clocks(&hours.spans, now);
    let explained =
        clocks.iter().map(|clock| (clock.kind, case.explain(clock.kind, &hours.spans, now))).collect();
    let report = case.closing_report(&hours.spans);
    let mut page = CasePage {
        report,
        awaits_decision: false,
        links: Vec::new(),
        visits: case.visits().list().to_vec(),
        number: case.opening.number,
        version: case.version,
        opened_at: case.opened_at,
        status: case.status(),
        priority: case.priority(),
        weight: case.weight(),
        mark: Mark::default(),
        slip: None,
        attempts: case.attempts(),
        customer: String::new(),
        equipment: String::new(),
        registered: None,
        clocks,
        explained,
        history,
        mails: Vec::new(),
        undelivered: None,
        hours: desk.hours_for_display(&hours),
        now,
        tracking: desk.tokens().tracking(case.opening.number),
        opening: case.opening,
    };
    fill(&mut page);
    Ok(page)
}

/// Keeps what a customer may read of an entry, and takes the rest out.
fn shown_to_customer(entry: &mut Recorded) -> bool {
    match &mut entry.event {
        Event::Noted { audience: Audience::Internal, .. }
        | Event::Warned { .. }
        | Event::Holding(_)
        | Event::Survey(_)
        // What of them the customer may know stands beside the history.
        | Event::Link(_)
        | Event::VerificationUnanswered => false,
        // What the staff wrote beside a contact, or beside a visit that did not come about, is theirs.
        Event::ContactAttempted { note, .. }
        | Event::Contacted { note, .. }
        | Event::Visit { what: VisitEvent::Missed { note, .. }, .. } => {
            *note = None;
            true
        }
        Event::Paused { detail, allowed_by, .. } => {
            (*detail, *allowed_by) = (None, None);
            true
        }
        Event::Revision(RevisionEvent::Corrected(right)) => {
            right.standing.customer.clear();
            right.standing.equipment.clear();
            true
        }
        Event::Opened(_)
        | Event::Noted { audience: Audience::Public, .. }
        | Event::Resumed { .. }
        | Event::PriorityChanged { .. }
        | Event::Talk(_)
        | Event::Revision(RevisionEvent::Weighed { .. } | RevisionEvent::ContactTakenBack { .. } | RevisionEvent::Amended { .. })
        | Event::Resolved { .. }
        | Event::Verified { .. }
        | Event::VerificationReminded { .. }
        | Event::Visit { .. }
        | Event::Closed { .. }
        | Event::Withdrawn(_)
        | Event::Reopened { .. } => true,
    }
}
