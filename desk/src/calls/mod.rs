//! Telephone calls (`docs/decisions/0057`): exchanges report them, and their agents see who calls.
//!
//! A report is taken in at once and told to the pages of its agent, on every node ([`Hub`]). What the agent sees of the
//! caller is read by the number when the page asks for it ([`caller()`]).

mod caller;
mod hub;
mod report;
mod request;

pub use caller::{CURRENT, Current, caller, current, dismiss, log_call, tie, untie};
pub use hub::Hub;
pub use report::{AgentName, NewReport, REPORTED, Reported, report};
pub use request::{CallRequest, Requested, Telephony, read_request, request_call, telephony};

use domain::case::Contact;
use domain::case_number::CaseNumber;

use crate::store::{StoreError, Tx};

/// For how long calls are kept, in seconds: thirty days.
pub(crate) const KEPT_S: i64 = 30 * 86_400;

/// Forgets a case and its contact. These are numbers that were tied to it, calls that were logged on it or had a number of
/// the contact, and requests for calls. A tied number is one of the contact.
pub(crate) async fn forget(
    tx: &mut Tx,
    number: CaseNumber,
    contact: Option<&Contact>,
) -> Result<(), StoreError> {
    for text in [
        "DELETE FROM calls WHERE number IN (SELECT number FROM call_contacts WHERE case_number = $1)",
        "DELETE FROM call_requests WHERE number IN (SELECT number FROM call_contacts WHERE case_number = $1)",
        "DELETE FROM calls WHERE case_number = $1",
        "DELETE FROM call_contacts WHERE case_number = $1",
        "DELETE FROM call_requests WHERE case_number = $1",
    ] {
        sqlx::query(text).bind(number.as_compact()).execute(tx.connection()).await?;
    }
    for phone in contact.into_iter().flat_map(Contact::phones) {
        for text in ["DELETE FROM calls WHERE number = $1", "DELETE FROM call_requests WHERE number = $1"] {
            sqlx::query(text).bind(phone.e164()).execute(tx.connection()).await?;
        }
    }
    Ok(())
}
