//! Common passwords, and simple variations of them: an added year, zeros for letters.

/// Sorted by bytes, in lower case; its source is documented beside it.
const LIST: &str = include_str!("../../data/common-passwords.txt");

/// Regionally common passwords that the list lacks: lower case, without spaces.
const REGIONAL: [&str; 16] = [
    "administrador",
    "bienvenido",
    "bienvenidos",
    "brasil",
    "caracas",
    "colombia",
    "contrasena",
    "contraseña",
    "contrasenia",
    "demostracion-vigia",
    "mexico",
    "mudar",
    "senha",
    "teamopapi",
    "teamomucho",
    "venezuela",
];

/// Fewest characters of a word that can be decorated.
const WORD: usize = 4;
/// This many digits and signs beside a common word make it no better.
const DECORATION: usize = 8;

/// Whether an attacker would try it early. `plain` is in lower case, without spaces.
pub(crate) fn is_common(plain: &str) -> bool {
    plain.chars().count() < WORD || is_listed(plain) || is_decorated(plain) || is_repeated(plain)
}

fn is_listed(plain: &str) -> bool {
    if REGIONAL.contains(&plain) {
        return true;
    }
    // A binary search over lines: each cut moves to the beginning of a line.
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = LIST.as_bytes()[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = LIST.as_bytes()[start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(LIST.len(), |at| start + at);
        match LIST.as_bytes()[start..end].cmp(plain.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// A common word with a year, digits or signs around it, possibly with signs for letters.
fn is_decorated(plain: &str) -> bool {
    let is_letter = char::is_alphabetic;
    let letters = plain.trim_matches(|c| !is_letter(c));
    let written =
        plain.trim_end_matches(|c| !is_letter(c)).trim_start_matches(|c: char| c.is_ascii_punctuation());
    [letters.to_owned(), spelt(letters), spelt(written), spelt(plain)].iter().any(|word| {
        let around = plain.chars().count().saturating_sub(word.chars().count());
        word.chars().count() >= WORD && around <= DECORATION && is_listed(word)
    })
}

/// The word with letters for the digits and signs that imitate them.
fn spelt(word: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    };
    word.chars().map(letter).collect()
}

/// A few characters, or a common word, repeated.
fn is_repeated(plain: &str) -> bool {
    let mut ends = plain.char_indices().map(|(at, _)| at).filter(|at| *at > 0 && *at <= plain.len() / 2);
    ends.any(|at| {
        let unit = &plain[..at];
        let is_repeated =
            plain.len().is_multiple_of(at) && plain.as_bytes().chunks(at).all(|part| part == unit.as_bytes());
        is_repeated && (unit.chars().count() <= WORD || is_common(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_found_exactly() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.len() >= 10_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
        for line in &lines {
            assert!(is_listed(line), "{line}");
            assert!(!is_listed(&format!("{line}\u{1}")), "{line}");
        }
        for unknown in ["", "\n", "\u{0}", "zzzzzzzzzzzzzzz-zz", "caballo azul"] {
            assert!(!is_listed(unknown), "{unknown:?}");
        }
    }

    #[test]
    fn variation_of_a_common_password_is_common() {
        for common in [
            "password2026!",
            "p4ssw0rd2026",
            "¡contraseña2026!",
            "venezuela2026",
            "senha123456",
            "1qaz2wsx3edc",
            "qwertyuiop",
            "iloveyou2026",
            "administrador1",
            "abcabcabcabc",
            "passwordpassword",
            "aaaaaaaaaaaa",
            "demostracion-vigia",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn uncommon_password_is_accepted() {
        for own in [
            "caballoazulgrande",
            "yeguaverdechica",
            "correcthorsebatterystaple",
            "9h2kx7wq4m1z",
            "monkey-84719362-7150",
            "elgatodemivecinaronca",
        ] {
            assert!(!is_common(own), "{own}");
        }
    }
}
