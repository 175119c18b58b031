//! Addresses of pages that several places link to.

use domain::case_number::CaseNumber;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Characters that are escaped in the value of a query: all but the unreserved ones and the slash (RFC 3986, 2.3 and 3.4).
const QUERY_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A text as the value of a query.
pub(crate) fn query_value(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, QUERY_VALUE)
}

/// A case's page in the workspace.
pub(crate) fn case_address(number: CaseNumber) -> String {
    format!("/desk/cases/{}", number.as_compact())
}

/// The sign-in, with the page to show afterwards.
pub fn sign_in_address(next: &str) -> String {
    format!("/desk/sign-in?next={}", query_value(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_the_sign_in() {
        assert_eq!(
            sign_in_address("/desk?status=new&page=2"),
            "/desk/sign-in?next=/desk%3Fstatus%3Dnew%26page%3D2"
        );
    }
}
