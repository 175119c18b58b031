//! Check characters of numbers that people dictate and type: they detect typing errors.
//!
//! The desk's own numbers use [`Scheme::Mod97`] (ISO/IEC 7064 MOD 97-10). The others serve contract numbers of
//! providers. All agree with python-stdnum 2.2 on `tests/oracles/checkdigit_vectors.csv`.

/// A method that computes check characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Luhn over digits, one digit (ISO/IEC 7812-1).
    Luhn10,
    /// Luhn over digits and letters, one character.
    Luhn36,
    /// Luhn over digits and letters without I, L, O and U, one character.
    Luhn32,
    /// Luhn over the 23 characters `0-9 A F H J K L M R U W X Z Q`, one character.
    Luhn23,
    /// Verhoeff over digits, one digit.
    Verhoeff,
    /// Damm over digits, one digit.
    Damm,
    /// ISO/IEC 7064 MOD 11,10 over digits, one digit.
    Mod11And10,
    /// ISO/IEC 7064 MOD 11-2 over digits, one digit or X.
    Mod11,
    /// ISO/IEC 7064 MOD 37,36 over digits and letters, one character.
    Mod37And36,
    /// ISO/IEC 7064 MOD 37-2 over digits and letters, one character or `*`.
    Mod37,
    /// ISO/IEC 7064 MOD 97-10, two digits; a letter in the body counts as two digits, A = 10 to Z = 35.
    Mod97,
    /// Crockford's base 32 modulo 37, one character or one of `*~$=U`.
    Crockford32,
}

const DIGITS: &[u8] = b"0123456789";
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ALPHANUMERIC_AND_STAR: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
const DIGITS_AND_X: &[u8] = b"0123456789X";
const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CROCKFORD_CHECKS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
const ODD_23: &[u8] = b"0123456789AFHJKLMRUWXZQ";

impl Scheme {
    /// All schemes with their names in files and masks.
    pub const ALL: [(&'static str, Self); 12] = [
        ("luhn-10", Self::Luhn10),
        ("luhn-36", Self::Luhn36),
        ("luhn-32", Self::Luhn32),
        ("luhn-23", Self::Luhn23),
        ("verhoeff", Self::Verhoeff),
        ("damm", Self::Damm),
        ("iso7064-11-10", Self::Mod11And10),
        ("iso7064-11-2", Self::Mod11),
        ("iso7064-37-36", Self::Mod37And36),
        ("iso7064-37-2", Self::Mod37),
        ("iso7064-97-10", Self::Mod97),
        ("crockford-32", Self::Crockford32),
    ];

    /// The scheme of a name such as `iso7064-97-10`. A remark in brackets after it is ignored.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.split('(').next().unwrap_or_default().trim();
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme)
    }

    /// The scheme's name in files and masks.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, scheme)| *scheme == self).map_or("", |(name, _)| *name)
    }

    /// The characters that a number before its check can have.
    #[must_use]
    pub const fn body_signs(self) -> &'static [u8] {
        match self {
            Self::Luhn10 | Self::Verhoeff | Self::Damm | Self::Mod11And10 | Self::Mod11 => DIGITS,
            Self::Luhn36 | Self::Mod37And36 | Self::Mod37 | Self::Mod97 => ALPHANUMERIC,
            Self::Luhn32 | Self::Crockford32 => CROCKFORD,
            Self::Luhn23 => ODD_23,
        }
    }

    /// The characters that a check can have.
    #[must_use]
    pub const fn check_signs(self) -> &'static [u8] {
        match self {
            Self::Mod11 => DIGITS_AND_X,
            Self::Mod37 => ALPHANUMERIC_AND_STAR,
            Self::Crockford32 => CROCKFORD_CHECKS,
            Self::Mod97 => DIGITS,
            other => other.body_signs(),
        }
    }

    /// Number of check characters at the end of a number.
    #[must_use]
    pub const fn length(self) -> usize {
        if matches!(self, Self::Mod97) { 2 } else { 1 }
    }

    /// The check characters of `body` (upper case); `None` when it is empty or has a character unknown to the scheme.
    #[must_use]
    pub fn check(self, body: &str) -> Option<String> {
        if body.is_empty() {
            return None;
        }
        match self {
            Self::Luhn10 => luhn(body, DIGITS),
            Self::Luhn36 => luhn(body, ALPHANUMERIC),
            Self::Luhn32 => luhn(body, CROCKFORD),
            Self::Luhn23 => luhn(body, ODD_23),
            Self::Verhoeff => verhoeff(body),
            Self::Damm => damm(body),
            Self::Mod11And10 => hybrid(body, DIGITS),
            Self::Mod37And36 => hybrid(body, ALPHANUMERIC),
            Self::Mod11 => pure(body, DIGITS_AND_X),
            Self::Mod37 => pure(body, ALPHANUMERIC_AND_STAR),
            Self::Mod97 => {
                let rest = remainder_97(body)? * 100 % 97;
                return Some(format!("{:02}", 98 - rest));
            }
            Self::Crockford32 => crockford(body),
        }
        .map(|check| char::from(check).to_string())
    }

    /// Whether the end of `full` is the check of the part before it.
    #[must_use]
    pub fn is_valid(self, full: &str) -> bool {
        full.len()
            .checked_sub(self.length())
            .and_then(|at| full.split_at_checked(at))
            .is_some_and(|(body, check)| self.check(body).as_deref() == Some(check))
    }
}

/// Positions of the characters in the alphabet, first to last.
fn places(body: &str, alphabet: &'static [u8]) -> impl DoubleEndedIterator<Item = Option<usize>> {
    body.bytes().map(|byte| alphabet.iter().position(|known| *known == byte))
}

fn luhn(body: &str, alphabet: &'static [u8]) -> Option<u8> {
    let base = alphabet.len();
    let mut sum = 0;
    for (index, place) in places(body, alphabet).rev().enumerate() {
        let weighted = place? * if index.is_multiple_of(2) { 2 } else { 1 };
        sum += weighted / base + weighted % base;
    }
    alphabet.get((base - sum % base) % base).copied()
}

/// Pure system of ISO/IEC 7064 with radix 2. The alphabet is that of the check; its last sign occurs in no body.
fn pure(body: &str, alphabet: &'static [u8]) -> Option<u8> {
    let modulus = alphabet.len();
    let mut rest = 0;
    for place in places(body, &alphabet[..modulus - 1]) {
        rest = (rest + place?) * 2 % modulus;
    }
    alphabet.get((modulus + 1 - rest) % modulus).copied()
}

/// Hybrid system of ISO/IEC 7064: MOD (n+1),n over an alphabet of n characters.
fn hybrid(body: &str, alphabet: &'static [u8]) -> Option<u8> {
    let base = alphabet.len();
    let doubled = |rest: usize| (if rest == 0 { base } else { rest }) * 2 % (base + 1);
    // The first character is added to the whole base, which is twice this half.
    let mut rest = base / 2;
    for place in places(body, alphabet) {
        rest = (doubled(rest) + place?) % base;
    }
    alphabet.get((base + 1 - doubled(rest)) % base).copied()
}

/// The number modulo 97; a letter counts as two digits.
fn remainder_97(text: &str) -> Option<u32> {
    text.bytes().try_fold(0_u32, |rest, byte| {
        Some(match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            b'A'..=b'Z' => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
            _ => return None,
        })
    })
}

fn crockford(body: &str) -> Option<u8> {
    let rest = places(body, CROCKFORD).try_fold(0, |rest, place| Some((rest * 32 + place?) % 37))?;
    CROCKFORD_CHECKS.get(rest).copied()
}

/// Damm's quasigroup of order 10 (dissertation, Marburg 2004).
fn damm(body: &str) -> Option<u8> {
    const TABLE: [&[u8; 10]; 10] = [
        b"0317598642",
        b"7092154863",
        b"4206871359",
        b"1750983426",
        b"6123045978",
        b"3674209581",
        b"5869720134",
        b"8945362017",
        b"9438617205",
        b"2581436790",
    ];
    let row = places(body, DIGITS)
        .try_fold(0_usize, |row, place| TABLE.get(row)?.get(place?).map(|next| usize::from(next - b'0')))?;
    DIGITS.get(row).copied()
}

/// Verhoeff: multiplication in the dihedral group D5 after a permutation by position.
fn verhoeff(body: &str) -> Option<u8> {
    const PERMUTATION: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut rest = 0;
    for (index, place) in places(body, DIGITS).rev().enumerate() {
        let mut place = place?;
        for _ in 0..=(index % 8) {
            place = *PERMUTATION.get(place)?;
        }
        rest = dihedral(rest, place);
    }
    let inverse = if rest < 5 { (5 - rest) % 5 } else { rest };
    DIGITS.get(inverse).copied()
}

/// The product of two elements of D5: 0 to 4 are rotations, 5 to 9 are reflections.
const fn dihedral(left: usize, right: usize) -> usize {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_count_letters_as_two_digits() {
        assert_eq!(Scheme::Mod97.check("VE26004213").as_deref(), Some("92"));
        assert!(Scheme::Mod97.is_valid("VE2600421392"));
        assert!(!Scheme::Mod97.is_valid("CO2600421392"));
    }

    #[test]
    fn check_digits_are_none_for_other_characters() {
        for (_, scheme) in Scheme::ALL {
            for body in ["", "ñandú", "12 34", "-1"] {
                assert_eq!(scheme.check(body), None, "{scheme:?} {body}");
            }
            assert!(!scheme.is_valid(""));
            assert!(!scheme.is_valid("ñ"));
            assert!(!scheme.is_valid("1ñ"));
        }
    }
}
