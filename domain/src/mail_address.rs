//! Mail addresses: the part of RFC 5321 that real mailboxes use, with suggestions for common typing errors.
//!
//! Deliberately refused: quoted local parts, comments, IP addresses as domain, and characters outside ASCII (RFC 6531),
//! which many servers still refuse.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::t;
use crate::text::legible;

/// A mail address. The domain is in lower case, the local part as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct MailAddress(String);

/// Why a mail address is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailAddressProblem {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// There is no `@`.
    #[error("no @")]
    NoAt,
    /// There is more than one `@`.
    #[error("more than one @")]
    ManyAts,
    /// The part before the `@` is empty.
    #[error("nothing before the @")]
    NoLocalPart,
    /// The part after the `@` is empty.
    #[error("nothing after the @")]
    NoDomain,
    /// A character that no address contains.
    #[error("character {0:?} cannot stand in an address")]
    BadCharacter(char),
    /// A dot at an end, next to the `@` or next to another dot.
    #[error("misplaced dot")]
    MisplacedDot,
    /// A label of the domain begins or ends with a hyphen, or the top-level domain is no name.
    #[error("malformed domain")]
    BadDomain,
    /// The domain has no dot.
    #[error("the domain has no dot")]
    NoTopLevel,
    /// Longer than mail servers accept: 64 characters before the `@`, 63 per label, 254 in all (RFC 5321, 4.5.3.1).
    #[error("too long")]
    TooLong,
}

impl MailAddressProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "fields.mail.empty").into_owned(),
            Self::NoAt => t!(language, "fields.mail.no_at").into_owned(),
            Self::ManyAts => t!(language, "fields.mail.many_ats").into_owned(),
            Self::NoLocalPart => t!(language, "fields.mail.no_local_part").into_owned(),
            Self::NoDomain => t!(language, "fields.mail.no_domain").into_owned(),
            Self::BadCharacter(',') => t!(language, "fields.mail.comma").into_owned(),
            Self::BadCharacter(c) if c.is_whitespace() => t!(language, "fields.mail.space").into_owned(),
            Self::BadCharacter(c) if c.is_alphabetic() => t!(language, "fields.mail.accent", character = c),
            Self::BadCharacter(c) => t!(language, "fields.mail.bad_character", character = c),
            Self::MisplacedDot => t!(language, "fields.mail.misplaced_dot").into_owned(),
            Self::BadDomain => t!(language, "fields.mail.bad_domain").into_owned(),
            Self::NoTopLevel => t!(language, "fields.mail.no_top_level").into_owned(),
            Self::TooLong => t!(language, "fields.mail.too_long").into_owned(),
        }
    }
}

impl MailAddress {
    /// The most characters of an address.
    pub const MAX: usize = 254;

    /// What stands for an erased address: the `nth` distinct one of a case, from 1. No server has it (RFC 2606, 2).
    pub(crate) fn erased(nth: usize) -> Self {
        Self(format!("n{nth}@erased.invalid"))
    }

    /// Whether it stands for an erased address.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.0.ends_with("@erased.invalid")
    }

    /// Normalises the input (surrounding spaces, `mailto:`, angle brackets with a name, an upper-case domain) and
    /// checks it.
    ///
    /// # Errors
    /// When ordinary mail servers would refuse the address.
    ///
    /// ```
    /// use domain::mail_address::{MailAddress, MailAddressProblem};
    ///
    /// let address = MailAddress::parse("María Rojas <m.rojas@Example.COM>").unwrap();
    /// assert_eq!(address.to_string(), "m.rojas@example.com");
    /// assert_eq!(MailAddress::parse("m.rojas"), Err(MailAddressProblem::NoAt));
    /// ```
    pub fn parse(input: &str) -> Result<Self, MailAddressProblem> {
        use MailAddressProblem as Problem;

        let address = bare(input);
        if address.is_empty() {
            return Err(Problem::Empty);
        }
        let (local, domain) = address.split_once('@').ok_or(Problem::NoAt)?;
        match (local.is_empty(), domain.is_empty()) {
            _ if domain.contains('@') => return Err(Problem::ManyAts),
            (true, _) => return Err(Problem::NoLocalPart),
            (_, true) => return Err(Problem::NoDomain),
            _ => {}
        }
        let wrong = local.chars().find(|c| !is_atom(*c));
        let wrong = wrong.or_else(|| domain.chars().find(|c| !is_domain(*c)));
        if let Some(character) = wrong {
            return Err(Problem::BadCharacter(character));
        }
        if local.split('.').chain(domain.split('.')).any(str::is_empty) {
            return Err(Problem::MisplacedDot);
        }
        let Some((_, top)) = domain.rsplit_once('.') else { return Err(Problem::NoTopLevel) };
        if local.len() > 64 || domain.split('.').any(|label| label.len() > 63) || address.len() > Self::MAX {
            return Err(Problem::TooLong);
        }
        let edged = domain.split('.').any(|label| label.starts_with('-') || label.ends_with('-'));
        if edged || top.len() < 2 || top.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Problem::BadDomain);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address that was probably meant, for common typing errors (`gmial.com`, `.con`, a comma for the dot, a
    /// space). It is offered, never substituted.
    #[must_use]
    pub fn suggestion(input: &str) -> Option<Self> {
        let tidy: String = bare(input).chars().filter(|c| !c.is_whitespace()).collect();
        let tidy = tidy.replace([',', ';'], ".").to_ascii_lowercase();
        let (_, domain) = tidy.split_once('@')?;
        let mended = corrected(domain.trim_matches('.'));
        // The local part is offered as typed: its server may distinguish case.
        let local: String = bare(input).split('@').next()?.chars().filter(|c| !c.is_whitespace()).collect();
        let offer = Self::parse(&format!("{}@{mended}", local.replace(',', "."))).ok()?;
        (Self::parse(input).as_ref() != Ok(&offer)).then_some(offer)
    }

    /// The mailbox as far as it can be told from outside: one for all spellings of the address. Case does not matter,
    /// nor a suffix after `+` (RFC 5233). At Google dots do not matter either, at Yahoo a suffix after a hyphen.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let lower = self.0.to_ascii_lowercase();
        let (local, domain) = lower.split_once('@').unwrap_or((&lower, ""));
        let untagged = |mark| local.split(mark).next().filter(|name| !name.is_empty()).unwrap_or(local);
        match domain {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", untagged('+').replace('.', "")),
            _ if domain.starts_with("yahoo.") => format!("{}@{domain}", untagged('-')),
            _ => format!("{}@{domain}", untagged('+')),
        }
    }

    /// The address as it was accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MailAddress {
    type Error = MailAddressProblem;

    fn try_from(value: String) -> Result<Self, MailAddressProblem> {
        Self::parse(&value)
    }
}

/// The input without what a paste brings along: invisible characters, spaces, `mailto:`, angle brackets with a name,
/// list separators.
fn bare(input: &str) -> String {
    let visible = legible(input);
    let text = visible.trim().trim_end_matches([',', ';']).trim_end();
    let bracketed = text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    let text = bracketed.map_or(text, |(_, address)| address).trim();
    let text = match text.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest.trim(),
        _ => text,
    };
    let bracketed = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    bracketed.unwrap_or(text).trim().to_owned()
}

/// Characters of a dot-atom (RFC 5322, 3.2.3), the dot included.
fn is_atom(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(character)
}

fn is_domain(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '.'
}

/// Large mail services and common misspellings of their names.
const SERVICES: [(&str, &[&str]); 4] = [
    ("gmail", &["gmial", "gmai", "gmal", "gmil", "gamil", "gnail", "gmaill", "gmali", "gimail", "ggmail"]),
    (
        "hotmail",
        &[
            "hotmial", "hotmal", "hotmai", "hotmil", "homail", "hotamil", "hotnail", "hotmaill", "hormail",
            "hotmali",
        ],
    ),
    ("outlook", &["outlok", "outloo", "outlool", "outllok", "oulook", "outlock", "autlook", "outook"]),
    ("yahoo", &["yaho", "yahooo", "yhoo", "yaoo", "yahho", "hayoo"]),
];

/// The domain (lower case) with known misspellings corrected.
fn corrected(domain: &str) -> String {
    let domain = match domain.rsplit_once('.') {
        Some((rest, "con" | "cmo" | "ocm" | "comm" | "vom" | "xom" | "cpm" | "coom")) => {
            format!("{rest}.com")
        }
        _ => domain.to_owned(),
    };
    for (service, slips) in SERVICES {
        let right = format!("{service}.com");
        let cut_short = domain == service
            || domain.strip_prefix(service).is_some_and(|rest| matches!(rest, ".co" | ".cm" | ".om" | "com"));
        let mistyped = domain.strip_suffix(".com").is_some_and(|name| slips.contains(&name));
        if cut_short || mistyped {
            return right;
        }
    }
    domain
}

#[cfg(test)]
mod tests {
    use MailAddressProblem as Problem;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mail_address_is_trimmed() {
        for (input, expected) in [
            (" Ana.Perez@Empresa.COM.VE ", "Ana.Perez@empresa.com.ve"),
            ("mailto:a+b@x.co", "a+b@x.co"),
            ("<o'neil@xn--ame-1na.mx>", "o'neil@xn--ame-1na.mx"),
            ("Ana Pérez <ana@ejemplo.ve>", "ana@ejemplo.ve"),
            ("\"Pérez, Ana\" <mailto:ana@Ejemplo.ve>;", "ana@ejemplo.ve"),
            ("\tana@ejemplo.ve,\r\n", "ana@ejemplo.ve"),
            ("a@b-c.d1", "a@b-c.d1"),
        ] {
            assert_eq!(MailAddress::parse(input).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn invalid_mail_address_names_its_problem() {
        let long = "a".repeat(65);
        for (input, problem) in [
            ("  ", Problem::Empty),
            ("ana.perez", Problem::NoAt),
            ("a@b@c.com", Problem::ManyAts),
            ("@c.com", Problem::NoLocalPart),
            ("a@", Problem::NoDomain),
            ("a b@c.com", Problem::BadCharacter(' ')),
            ("a@c,com", Problem::BadCharacter(',')),
            ("josé@c.com", Problem::BadCharacter('é')),
            ("a@[1.2.3.4]", Problem::BadCharacter('[')),
            ("\"a\"@c.com", Problem::BadCharacter('"')),
            ("a\r\n@c.com", Problem::BadCharacter('\n')),
            (".a@c.com", Problem::MisplacedDot),
            ("a.@c.com", Problem::MisplacedDot),
            ("a..b@c.com", Problem::MisplacedDot),
            ("a@c..com", Problem::MisplacedDot),
            ("a@c.com.", Problem::MisplacedDot),
            ("a@localhost", Problem::NoTopLevel),
            ("a@-c.com", Problem::BadDomain),
            ("a@1.2.3.4", Problem::BadDomain),
            ("a@c.x", Problem::BadDomain),
            (&format!("{long}@c.com"), Problem::TooLong),
            (&format!("a@{long}.com"), Problem::TooLong),
        ] {
            assert_eq!(MailAddress::parse(input), Err(problem.clone()), "{input}");
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
    }

    #[test]
    fn mailbox_is_equal_for_all_its_spellings() {
        let mailbox = |input: &str| MailAddress::parse(input).unwrap().mailbox();
        for (input, expected) in [
            ("Ana.Perez@Empresa.example", "ana.perez@empresa.example"),
            ("ana.perez+1@empresa.example", "ana.perez@empresa.example"),
            ("ANA.PEREZ+a+b@empresa.example", "ana.perez@empresa.example"),
            ("a.n.a@gmail.com", "ana@gmail.com"),
            ("A.na+x.y@googlemail.com", "ana@gmail.com"),
            ("ana-offers@yahoo.com.mx", "ana@yahoo.com.mx"),
            ("ana-maria@empresa.example", "ana-maria@empresa.example"),
            ("+tag@empresa.example", "+tag@empresa.example"),
        ] {
            assert_eq!(mailbox(input), expected, "{input}");
        }
    }

    #[test]
    fn mistyped_mail_address_gets_a_suggestion() {
        for (input, offer) in [
            ("Ana@gmial.com", Some("Ana@gmail.com")),
            ("ana@hotmial.con", Some("ana@hotmail.com")),
            ("ana@empresa.con", Some("ana@empresa.com")),
            ("ana@gmail,com", Some("ana@gmail.com")),
            ("ana perez@gmail", Some("anaperez@gmail.com")),
            ("ana@yahoo.co", Some("ana@yahoo.com")),
            ("ana@mail.com", None),
            ("ana@empresa.com.co", None),
            ("ana", None),
            ("", None),
        ] {
            assert_eq!(MailAddress::suggestion(input).as_ref().map(MailAddress::as_str), offer, "{input}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_parsing_twice_changes_nothing(
            input in ".{0,60}|[a-zA-Z0-9.@<>, ñ-]{0,40}|[a-z.]{1,8}@[a-zA-Z.-]{1,8}\\.[a-z]{1,4}",
        ) {
            if let Ok(once) = MailAddress::parse(&input) {
                prop_assert!(once.mailbox().ends_with(|c: char| c.is_ascii_alphanumeric()));
                prop_assert_eq!(MailAddress::parse(once.as_str()), Ok(once));
            }
            let _ = MailAddress::suggestion(&input);
        }
    }
}
