//! From the input to the keys pressed.

use super::PhoneProblem;
use crate::text::lowered;

/// The keys pressed.
pub(super) enum Dialled {
    /// Digits after a plus.
    International(String),
    /// Digits after 00, in some countries after a carrier code.
    WayAbroad(String),
    /// Digits without an international prefix: a number of the assumed country.
    National(String),
}

/// The keys of an input. Words of two letters or more are dialled on the keypad (ITU-T E.161). They come first, because
/// the X of `MEX 0` marks no extension.
pub(super) fn dialled(raw: &str) -> Result<Dialled, PhoneProblem> {
    if raw.is_empty() {
        return Err(PhoneProblem::Empty);
    }
    let text = number_of(raw)?;
    let mut digits = String::new();
    let mut plus = false;
    let mut word = String::new();
    // The final separator ends the last word.
    for character in text.chars().chain([' ']) {
        if character.is_alphabetic() {
            word.push(character);
            continue;
        }
        press_word(&std::mem::take(&mut word), &mut digits)?;
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() && !plus => plus = true,
            '-' | '.' | '/' | '(' | ')' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            _ if character.is_whitespace() => {}
            '#' if !digits.is_empty() => return Err(PhoneProblem::Extension),
            _ => return Err(PhoneProblem::BadCharacter(character)),
        }
    }
    Ok(match (plus, digits.strip_prefix("00")) {
        (true, _) => Dialled::International(digits),
        (false, Some(rest)) => Dialled::WayAbroad(rest.to_owned()),
        (false, None) => Dialled::National(digits),
    })
}

impl Dialled {
    /// The keys as they are pressed one after the other, the plus or 00 included.
    pub(super) fn pressed(self) -> String {
        match self {
            Self::International(digits) => format!("+{digits}"),
            Self::WayAbroad(digits) => format!("00{digits}"),
            Self::National(digits) => digits,
        }
    }
}

/// Whether the input has words to dial.
pub(super) fn has_words(raw: &str) -> bool {
    let text = without_scheme(raw);
    let number = text.split_once(';').map_or(text, |(number, _)| number);
    number.chars().any(char::is_alphabetic)
}

fn without_scheme(raw: &str) -> &str {
    match raw.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
        _ => raw,
    }
}

/// The number of a telephone link (RFC 3966), without scheme and parameters. Extensions are refused here as well.
fn number_of(raw: &str) -> Result<&str, PhoneProblem> {
    let text = without_scheme(raw);
    if text.len() == raw.len() {
        return Ok(raw);
    }
    let (number, parameters) = text.split_once(';').unwrap_or((text, ""));
    let is_extension = |parameter: &str| parameter.get(..4).is_some_and(|of| of.eq_ignore_ascii_case("ext="));
    if parameters.split(';').any(is_extension) { Err(PhoneProblem::Extension) } else { Ok(number) }
}

/// The digits of the calling code in a link's `phone-context`.
pub(super) fn context(raw: &str) -> Option<&str> {
    let (_, parameters) = without_scheme(raw).split_once(';')?;
    let mut named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, context) = named.find(|(name, _)| name.eq_ignore_ascii_case("phone-context"))?;
    context.strip_prefix('+').filter(|code| !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()))
}

fn press_word(word: &str, digits: &mut String) -> Result<(), PhoneProblem> {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (None, _) => return Ok(()),
        (Some(letter), None) => return Err(PhoneProblem::LoneLetter(letter)),
        _ => {}
    }
    if ["ext", "extension", "extensión", "extensão", "anexo", "interno", "int", "ramal"]
        .contains(&lowered(word).as_str())
    {
        return Err(PhoneProblem::Extension);
    }
    for letter in word.chars() {
        digits.push(match letter.to_ascii_uppercase() {
            'A'..='C' => '2',
            'D'..='F' => '3',
            'G'..='I' => '4',
            'J'..='L' => '5',
            'M'..='O' => '6',
            'P'..='S' => '7',
            'T'..='V' => '8',
            'W'..='Z' => '9',
            _ => return Err(PhoneProblem::BadCharacter(letter)),
        });
    }
    Ok(())
}
