//! Addresses of the workspace.

use domain::case_number::CaseNumber;

/// Where a case is read and worked.
pub(super) fn case_address(number: CaseNumber) -> String {
    format!("/desk/cases/{}", number.as_compact())
}

/// The sign-in, with where to go afterwards.
pub(super) fn sign_in_address(next: &str) -> String {
    format!("/desk/sign-in?next={}", percent(next))
}

/// A text as the value of a query.
pub(super) fn percent(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                value.push(char::from(byte));
            }
            _ => value.extend(['%', hex(byte >> 4), hex(byte)]),
        }
    }
    value
}

/// A hexadecimal digit of the lower half of a byte.
fn hex(byte: u8) -> char {
    char::from_digit(u32::from(byte & 15), 16).unwrap_or('0').to_ascii_uppercase()
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
