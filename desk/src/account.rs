//! Use-case: the account of a closed case as a document (letter, step 7): the same that goes with the closing mail, in the
//! language that the customer is written to in.

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;

use crate::Desk;
use crate::case_log;
use crate::mail;
use crate::outbox;
use crate::pdf;
use crate::read_case::ReadCaseError;

/// The account of a closed case as a PDF, for those who may see the case.
///
/// # Errors
/// See [`ReadCaseError`]; a case that is not closed has none.
pub async fn closing_account(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
) -> Result<Vec<u8>, ReadCaseError> {
    let mut reader = desk.store().reader().await?;
    let history = case_log::history(&mut reader, number).await?;
    drop(reader);
    if history.is_empty() {
        return Err(ReadCaseError::NotFound);
    }
    let case = case_log::fold(&history)?;
    may(actor, Action::ReadCase, Subject::Case { number, country: case.opening.report.country })?;
    let hours = desk.hours(&case.opening.hours).await?;
    let report = case.closing_report(&hours.spans).ok_or(ReadCaseError::NotFound)?;
    Ok(pdf::write(&mail::account(&outbox::letter(desk, &case, &hours), &report)))
}
