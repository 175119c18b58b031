//! Names of folders and other texts in commands.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// Letters outside of ASCII, as names of folders have them.
const LETTERS: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A text in quotation marks; `None` if such a text cannot hold it.
pub(super) fn quoted(text: &str) -> Option<String> {
    let fits = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
    fits.then(|| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A folder's name in quotation marks, its letters outside of ASCII in modified UTF-7 (RFC 3501, 5.1.3).
pub(super) fn named(name: &str) -> String {
    let (mut written, mut letters) = (String::new(), Vec::new());
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            write_letters(&mut written, &mut letters);
            match c {
                '&' => written.push_str("&-"),
                '"' | '\\' => written.extend(['\\', c]),
                c => written.push(c),
            }
        } else {
            letters.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    write_letters(&mut written, &mut letters);
    format!("\"{written}\"")
}

fn write_letters(written: &mut String, letters: &mut Vec<u8>) {
    if !letters.is_empty() {
        written.push('&');
        written.push_str(&LETTERS.encode(std::mem::take(letters)));
        written.push('-');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_servers_read_them() {
        for (name, written) in [
            ("INBOX", "\"INBOX\""),
            ("INBOX/Vigia", "\"INBOX/Vigia\""),
            ("R&D \"x\"\\", "\"R&-D \\\"x\\\"\\\\\""),
            ("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""),
            ("Atención", "\"Atenci&APM-n\""),
            ("a\r\nb", "\"a&AA0ACg-b\""),
        ] {
            assert_eq!(named(name), written, "{name}");
        }
    }

    #[test]
    fn text_is_quoted_only_if_it_fits() {
        assert_eq!(quoted("a \"b\" \\").as_deref(), Some("\"a \\\"b\\\" \\\\\""));
        for wrong in ["a\r\nb", "señal", "\0"] {
            assert_eq!(quoted(wrong), None, "{wrong}");
        }
    }
}
