//! Normalisation of typed and pasted text.

use std::str::Chars;

/// A text as displayed: letters composed (NFC), line feeds, tabs as spaces. Invisible characters, terminal escapes and
/// other control characters are removed.
#[must_use]
pub fn legible(input: &str) -> String {
    let mut text = String::with_capacity(input.len());
    let mut chars = input.chars();
    while let Some(character) = chars.next() {
        match character {
            '\r' => {
                skip(&mut chars, |next| next == '\n');
                text.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => text.push('\n'),
            '\t' => text.push(' '),
            '\u{1b}' => escape(&mut chars),
            '\u{9b}' => control_sequence(&mut chars),
            hidden if hidden.is_control() || is_invisible(hidden) => {}
            shown => text.push(shown),
        }
    }
    composed(text)
}

/// Whether a character is invisible and can mislead: zero-width space, byte-order mark, word joiner, and the marks,
/// embeddings, overrides and isolates of bidirectional text.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// The text with each letter and its accents as one character, as Windows and Linux write them (Unicode's NFC).
#[must_use]
pub fn composed(text: String) -> String {
    // Below the combining marks every text is composed already.
    if text.chars().all(|c| c < '\u{300}') { text } else { normalised(&text) }
}

#[cfg(not(target_arch = "wasm32"))]
fn normalised(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfc(text).collect()
}

#[cfg(target_arch = "wasm32")]
fn normalised(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// Skips the next character if it is one of these.
fn skip(chars: &mut Chars<'_>, is_one: impl Fn(char) -> bool) -> bool {
    let is_next = chars.as_str().starts_with(is_one);
    if is_next {
        chars.next();
    }
    is_next
}

/// Skips an escape sequence (ECMA-48): colours, window titles, character sets. A letter after a stray escape remains.
fn escape(chars: &mut Chars<'_>) {
    if skip(chars, |next| next == '[') {
        control_sequence(chars);
    } else if chars.as_str().starts_with([']', 'P', '^', '_']) {
        control_string(chars);
    } else if skip(chars, |next| (' '..='/').contains(&next)) {
        while skip(chars, |next| (' '..='/').contains(&next)) {}
        skip(chars, |next| ('0'..='~').contains(&next));
    } else {
        skip(chars, |next| matches!(next, '7' | '8' | '=' | '>'));
    }
}

/// Skips parameters and end of a control sequence: `31m`.
fn control_sequence(chars: &mut Chars<'_>) {
    while skip(chars, |next| ('0'..='?').contains(&next)) {}
    while skip(chars, |next| (' '..='/').contains(&next)) {}
    skip(chars, |next| ('@'..='~').contains(&next));
}

/// Skips a control string whose end is on the same line.
fn control_string(chars: &mut Chars<'_>) {
    let text = chars.as_str();
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let ends = ["\u{7}", "\u{1b}\\", "\u{9c}"].into_iter();
    let end = ends.filter_map(|end| Some(line.find(end)? + end.len())).min();
    match end.and_then(|end| text.get(end..)) {
        Some(rest) => *chars = rest.chars(),
        None => {
            skip(chars, |next| next == ']');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pasted_control_characters_are_removed_or_become_line_breaks() {
        for (pasted, expected) in [
            ("\u{1b}[31mNo enciende\u{1b}[0m", "No enciende"),
            ("\u{9b}1;31mNo\u{9b}m enciende", "No enciende"),
            ("\u{1b}]0;router\u{7}Uptime: 3 d", "Uptime: 3 d"),
            ("\u{1b}]8;;https://x.example\u{1b}\\aquí\u{1b}]8;;\u{1b}\\", "aquí"),
            ("\u{1b}]sin fin\nlinea", "sin fin\nlinea"),
            ("\u{1b}(Bfin\u{1b}7", "fin"),
            ("\u{1b}No enciende", "No enciende"),
            ("\u{1b}Pantalla negra", "Pantalla negra"),
            ("ab\u{8}c\u{0}d\u{7}", "abcd"),
            ("uno\u{b}dos\u{c}tres\u{85}cuatro\r\ncinco\rseis", "uno\ndos\ntres\ncuatro\ncinco\nseis"),
            ("a\tb", "a b"),
            ("\u{feff}Pen\u{303}a", "Peña"),
            ("Esta\u{301}ndar", "Estándar"),
            ("e\u{200b}\u{301}", "é"),
        ] {
            assert_eq!(legible(pasted), expected, "{pasted:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaned_text_has_no_hidden_characters_and_is_stable(input in "(\\PC|[\\x00-\\x9f]|[\u{300}-\u{36f}]|\u{1b}[\\[\\]()]){0,40}") {
            let once = legible(&input);
            prop_assert!(!once.chars().any(|c| (c.is_control() && c != '\n') || is_invisible(c)));
            prop_assert_eq!(legible(&once), once);
        }
    }
}
