//! Use-case: the closing report of a case as a document (letter, step 7), the same as with the closing mail, in the
//! customer's language.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::calendar::ServiceHours;
use domain::case::{Case, ClosingReport};
use domain::case_number::CaseNumber;
use sqlx::AnyConnection;

use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::contracts::service_hours::name_hours;
use crate::events;
use crate::mail;
use crate::pdf;
use crate::reach::Reach;
use crate::store::StoreError;

/// The closing report as a PDF, for readers of the case.
///
/// # Errors
/// See [`DeskError`]; `NotFound` for a case that is not closed.
pub async fn closing_account(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<Vec<u8>, DeskError> {
    let mut reader = desk.store().reader().await?;
    let found = events::history_and_labels(&mut reader, number).await?;
    let (history, labels) = found.ok_or(DeskError::NotFound)?;
    let case = events::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCase, subject).map_err(|_| DeskError::NotFound)?;
    Reach::of(actor).require(&mut reader, number).await?;
    let hours = desk.hours_since(&mut reader, &case.opening.hours, case.opened_at).await?;
    let report = report(&mut reader, &case, &hours).await?.ok_or(DeskError::NotFound)?;
    drop(reader);
    // A customer takes their own; the desk itself mails it.
    if matches!(actor, Actor::Staff(_) | Actor::Integration(_)) {
        desk.note_reading(actor, Reading::Export(AuditData::ClosingReport), 1);
    }
    Ok(pdf::write(&mail::account(&mail::mail_context(desk, &case, &hours, labels), &report)))
}

/// The closing report with the calendars' names of breaches; `None` before the end of the case.
pub(crate) async fn report(
    connection: &mut AnyConnection,
    case: &Case,
    hours: &ServiceHours,
) -> Result<Option<ClosingReport>, StoreError> {
    let mut report = case.closing_report(&hours.spans);
    let measured = report.iter_mut().flat_map(|report| &mut report.measured);
    let unnamed = measured.filter_map(|measured| measured.under.as_mut()).collect();
    name_hours(connection, unnamed).await?;
    Ok(report)
}
