//! Addresses of the workspace.

use domain::case_number::CaseNumber;

/// Where a case is read and worked.
pub(super) fn case_address(number: CaseNumber) -> String {
    format!("/desk/cases/{}", number.as_compact())
}
