//! Bytes of mails as text. No charset is believed without a look: headers and bodies often name a wrong one, or none.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes without a charset: UTF-8 where they are valid, else windows-1252, which contains latin-1.
#[must_use]
pub(crate) fn decoded(bytes: &[u8]) -> String {
    decoded_as(bytes, None)
}

/// Bytes with the charset that their part names. Valid UTF-8 wins over a charset of one byte, over US-ASCII and over an
/// unknown name. Text of those is practically never valid UTF-8 by chance.
#[must_use]
pub(crate) fn decoded_as(bytes: &[u8], charset: Option<&str>) -> String {
    let named = charset.and_then(|name| Encoding::for_label(name.trim().trim_matches('"').as_bytes()));
    let encoding = match named {
        Some(encoding) if encoding != UTF_8 && !encoding.is_single_byte() => encoding,
        other => match std::str::from_utf8(bytes) {
            Ok(text) => return text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => other.filter(|encoding| *encoding != UTF_8).unwrap_or(WINDOWS_1252),
        },
    };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charset_that_cannot_be_right_is_not_believed() {
        for charset in [None, Some("us-ascii"), Some("ansi"), Some("iso-8859-1"), Some("utf-8")] {
            assert_eq!(decoded_as("año".as_bytes(), charset), "año", "{charset:?}");
            assert_eq!(decoded_as(b"a\xF1o", charset), "año", "{charset:?}");
        }
        assert_eq!(decoded_as(b"a\xF2o", Some("iso-8859-2")), "aňo");
        assert_eq!(decoded_as(b"\x1b$B$\"\x1b(B", Some("iso-2022-jp")), "あ");
    }
}
