//! What a file of text is written in, told by its bytes: UTF-8, UTF-16, or windows-1252 of older spreadsheets.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::ImportError;

/// The file as text, without its byte-order mark.
///
/// # Errors
/// [`ImportError::NotText`] with the first line that cannot be read.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    let (encoding, written) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None => (unmarked(bytes), bytes),
    };
    if encoding == WINDOWS_1252
        && let Some(at) = written.iter().position(|byte| is_no_letter(*byte))
    {
        let before = written.get(..at).unwrap_or_default();
        return Err(ImportError::NotText { line: lines(before.iter().filter(|byte| **byte == b'\n')) });
    }
    let (text, is_damaged) = encoding.decode_without_bom_handling(written);
    if is_damaged {
        let before = text.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
        return Err(ImportError::NotText { line: lines(before.matches('\n')) });
    }
    Ok(text)
}

/// The number of the line behind these ends of lines.
fn lines<T>(ends: impl Iterator<Item = T>) -> u64 {
    u64::try_from(ends.count()).unwrap_or(u64::MAX).saturating_add(1)
}

/// The encoding of a file without a byte-order mark.
fn unmarked(bytes: &[u8]) -> &'static Encoding {
    // No text has a zero byte. Latin letters in UTF-16 have one in each pair.
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let half = bytes.len() / 4;
    if zeros(1) > half {
        UTF_16LE
    } else if zeros(0) > half {
        UTF_16BE
    } else if is_utf8(bytes) {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

/// Whether a file is UTF-8, damaged or not. One letter of several bytes is enough: text of windows-1252 practically never has
/// one by chance. So a damaged file is refused, and not read as other letters.
fn is_utf8(bytes: &[u8]) -> bool {
    let is_whole = bytes.utf8_chunks().all(|chunk| chunk.invalid().is_empty());
    is_whole || bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

/// Whether a byte stands for no letter of windows-1252, and ends no line or cell.
fn is_no_letter(byte: u8) -> bool {
    let is_control = byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n');
    is_control || matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "número;cliente\n1;Peñón «Sur» 100 €\n";

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn encodings_of_spreadsheets_are_told_by_their_bytes() {
        let marked = format!("\u{feff}{TEXT}");
        let (windows, ..) = WINDOWS_1252.encode(TEXT);
        for (name, bytes) in [
            ("UTF-8", TEXT.as_bytes().to_vec()),
            ("UTF-8 with a mark", marked.as_bytes().to_vec()),
            ("UTF-16LE with a mark", utf16(&marked, u16::to_le_bytes)),
            ("UTF-16BE with a mark", utf16(&marked, u16::to_be_bytes)),
            ("UTF-16LE", utf16(TEXT, u16::to_le_bytes)),
            ("UTF-16BE", utf16(TEXT, u16::to_be_bytes)),
            ("windows-1252", windows.into_owned()),
        ] {
            assert_eq!(text(&bytes).unwrap(), TEXT, "{name}");
        }
        assert_eq!(text(b"").unwrap(), "");
    }

    #[test]
    fn damaged_text_is_refused_with_its_line() {
        let mut half = utf16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes);
        half.pop();
        for (bytes, expected) in [
            (b"a\nb\nPe\xc3\xb1\xc3n\n".to_vec(), 3),
            (b"\xef\xbb\xbfa\nb\xff\n".to_vec(), 2),
            (b"a\nEst\x81ndar\n".to_vec(), 2),
            (b"a\nEst\xe1\x07\n".to_vec(), 2),
            (half, 2),
        ] {
            let refused = text(&bytes);
            assert!(matches!(refused, Err(ImportError::NotText { line }) if line == expected), "{refused:?}");
        }
    }
}
