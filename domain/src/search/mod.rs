//! Search of cases by what a caller knows: customer, contact, fault, a part of a number.
//!
//! A case is found by the *terms* of its document, which an engine indexes, and a query is parsed into prefixes of terms.
//! Words are terms in lower case without accents. A mail address is a term with its `@`. A telephone is a term that begins
//! with a plus and has its digits in reverse, so that the last ones suffice. Parts of case numbers are computed
//! ([`NumberPart`]). When nothing begins like the words of a query, they are looked for within words, and then with a slip
//! of the pen ([`Reach`]).

mod document;
mod fold;
mod number_part;
mod register;
mod slips;
mod terms;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::document::{OPEN, RegisteredNames, document, is_spelt, number_word};
use self::fold::{compact, words};
pub use self::number_part::NumberPart;
pub use self::register::{
    CustomerCard, Force, FoundContract, FoundCustomer, FoundEquipment, FoundRegister, FoundSite,
    KnownContact, LookedUp, register_terms,
};
use self::slips::one_slip_away;
use self::terms::{last_characters_first, last_digits_first};
use crate::calendar::ZoneView;
use crate::case::{Contact, Status};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::phone::Phone;
use crate::priority::Priority;
use crate::text::folded;
use crate::time::Instant;

/// The most characters of a query.
pub const LONGEST_QUERY: usize = 200;
/// The most words of a query.
const MOST_WORDS: usize = 8;
/// The most characters of a mail address.
const LONGEST_MAIL: usize = 64;
/// The fewest characters of a prefix.
const BEGINNING: usize = 3;
/// The fewest digits that may be the end of a telephone.
const LAST_DIGITS: usize = 4;
/// The fewest digits that may be a telephone as dialled.
const DIALLED: usize = 7;

/// A query: all of its words must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    words: Vec<QueryWord>,
}

/// A word of a query. One of its meanings must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryWord {
    /// Terms of a case.
    pub terms: BTreeSet<TermPattern>,
    /// Parts of case numbers.
    pub numbers: Vec<NumberPart>,
    /// The word as written, when it is long enough to be a part of longer ones. A mail address is none.
    part: Option<String>,
}

/// How far a word of a query may be from a word of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The case has a word that begins so.
    Beginning,
    /// Or has it within a word.
    Middle,
    /// Or has a word that is one slip of the pen away.
    Slip,
}

impl Reach {
    /// From the nearest on.
    pub const ALL: [Self; 3] = [Self::Beginning, Self::Middle, Self::Slip];
}

/// A pattern of terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermPattern {
    /// The term itself: so short a prefix would match too many.
    Exact(String),
    /// Any term with this prefix.
    Prefix(String),
}

impl TermPattern {
    /// A word in lower case without accents; `None` for a single letter.
    fn word(text: String) -> Option<Self> {
        match text.chars().count() {
            0 | 1 => None,
            length if length < BEGINNING => Some(Self::Exact(text)),
            _ => Some(Self::Prefix(text)),
        }
    }

    /// Whether a term matches.
    #[must_use]
    pub fn is(&self, term: &str) -> bool {
        match self {
            Self::Exact(text) => term == text,
            Self::Prefix(text) => term.starts_with(text.as_str()),
        }
    }
}

impl Query {
    /// Parses a query. Adjacent groups of digits are one number, since telephones are written in many ways. A country
    /// before them belongs to them, as in a case number.
    ///
    /// ```
    /// use domain::search::Query;
    ///
    /// let query = Query::parse("PEÑA 0414 555 01 42");
    /// let [name, phone] = query.words() else { panic!("the digits are one number") };
    /// assert!(name.terms.iter().any(|pattern| pattern.is("pena")));
    /// assert!(phone.terms.iter().any(|pattern| pattern.is("+241055541485")), "last digits first");
    /// ```
    #[must_use]
    pub fn parse(input: &str) -> Self {
        let text = folded(&input.chars().take(LONGEST_QUERY).collect::<String>());
        let mut typed = words(&text).peekable();
        let mut read = Vec::new();
        while let Some(word) = typed.next() {
            let country =
                Country::from_typed(word).filter(|_| typed.peek().is_some_and(|next| is_digits(next)));
            if country.is_none() && !is_digits(word) {
                read.push(QueryWord::of_text(word));
                continue;
            }
            let mut digits = if country.is_some() { String::new() } else { word.to_owned() };
            while let Some(more) = typed.next_if(|next| is_digits(next)) {
                digits.push(' ');
                digits.push_str(more);
            }
            read.push(QueryWord::of_digits(country, &digits));
        }
        read.retain(|word| *word != QueryWord::default());
        read.truncate(MOST_WORDS);
        Self { words: read }
    }

    /// The words of the query; empty when there are none.
    #[must_use]
    pub fn words(&self) -> &[QueryWord] {
        &self.words
    }
}

/// Whether a word has only digits and separators of digits.
fn is_digits(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '\u{2010}'..='\u{2015}');
    word.contains(|c: char| c.is_ascii_digit()) && word.chars().all(fits)
}

impl QueryWord {
    fn of_text(word: &str) -> Self {
        if word.contains('@') {
            let mail = word.chars().filter(|letter| !letter.is_control()).take(LONGEST_MAIL).collect();
            return Self { terms: BTreeSet::from([TermPattern::Prefix(mail)]), ..Self::default() };
        }
        let numbers = NumberPart::of_word(word);
        let word = compact(word);
        let last = last_characters(&word);
        Self {
            part: part_of_words(&word),
            terms: TermPattern::word(word).into_iter().chain(last).collect(),
            numbers,
        }
    }

    /// The word, to be looked for within longer ones. `None` for one of two characters, and for a mail address.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// Words that are one slip of the pen away: a letter wrong, missing, doubled or swapped. A word with digits has none.
    #[must_use]
    pub fn slips(&self) -> BTreeSet<String> {
        self.part().map(one_slip_away).unwrap_or_default()
    }

    fn of_digits(country: Option<Country>, text: &str) -> Self {
        let code = country.map(|country| country.code().to_lowercase()).unwrap_or_default();
        let written = compact(&format!("{code}{text}"));
        let last = last_characters(&written);
        // A country before the digits of a contract, whose leading zeros callers omit.
        let bare = country.and_then(|_| TermPattern::word(compact(text)));
        let part = part_of_words(&written);
        let word = TermPattern::word(written).into_iter().chain(bare).chain(last);
        let phones = if country.is_none() { of_phone(text) } else { BTreeSet::new() };
        let numbers = NumberPart::readings(None, country, text);
        Self { terms: word.chain(phones).collect(), numbers, part }
    }
}

/// A word that may be a part of longer ones.
fn part_of_words(word: &str) -> Option<String> {
    (word.chars().count() >= BEGINNING).then(|| word.to_owned())
}

/// Contracts and equipment that end like this, if it has digits and enough characters.
fn last_characters(word: &str) -> Option<TermPattern> {
    let can_be = word.chars().count() >= LAST_DIGITS && word.contains(|c: char| c.is_ascii_digit());
    can_be.then(|| TermPattern::Prefix(last_characters_first(word)))
}

/// Telephones that end with the digits, or that they dial in any of the countries.
fn of_phone(text: &str) -> BTreeSet<TermPattern> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut found = BTreeSet::new();
    if digits.len() >= LAST_DIGITS {
        found.insert(TermPattern::Prefix(last_digits_first(&digits)));
    }
    if digits.len() >= DIALLED {
        // The trunk prefix is no part of the number.
        let number = digits.trim_start_matches('0');
        if number.len() >= LAST_DIGITS {
            found.insert(TermPattern::Prefix(last_digits_first(number)));
        }
        let dialled = Country::ALL.into_iter().filter_map(|home| Phone::parse(home, text).ok());
        found.extend(dialled.map(|phone| TermPattern::Exact(last_digits_first(&phone.e164()))));
    }
    found
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The query is empty.
    Nothing,
    /// The query is the number of a case.
    Case(CaseNumber),
    /// All matching cases: open ones first, then the newest.
    Cases(Vec<FoundCase>),
    /// The first of too many matching cases.
    Many(Vec<FoundCase>),
}

/// A row of the results. It names the contact, for the staff alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundCase {
    /// Number of the case.
    pub number: CaseNumber,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// The organisation; empty when the contract is not registered.
    pub customer: String,
    /// The customer's contact.
    pub contact: Contact,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// Time of the opening.
    pub opened_at: Instant,
    /// The local time of the site.
    pub zone: ZoneView,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::terms::{report_terms, word_terms};
    use super::*;
    use crate::case_number::CasePrefix;
    use crate::intake::IntakeForm;

    fn a_form() -> IntakeForm {
        let text = str::to_owned;
        IntakeForm {
            reporter: text("Ana Rivas"),
            contract: text("CPS-VE-004213-58"),
            serial: text("FOC2614A1B2"),
            platform: text("network"),
            country: text("VE"),
            abroad: String::new(),
            location: text("Torre Norte, piso 3, sala de redes"),
            contact_same: String::new(),
            contact_name: text("Luis Ó. Peña Núñez"),
            contact_phone: text("0414-555.01.42"),
            contact_mail: text("l.pena@Banco-Cumbre.example"),
            fault: text("El conmutador SRX-345 no enciende: error E47 en la consola."),
            severity: text("critical"),
            urgency: text("critical"),
            ..IntakeForm::default()
        }
    }

    /// Whether a query finds a case of that form by its terms.
    fn finds(query: &str, form: &IntakeForm) -> bool {
        let mut terms = report_terms(&form.report().unwrap());
        terms.extend(word_terms("Banco Cumbre del Ávila"));
        let query = Query::parse(query);
        let has = |word: &QueryWord| word.terms.iter().any(|sought| terms.iter().any(|term| sought.is(term)));
        !query.words().is_empty() && query.words().iter().all(has)
    }

    #[test]
    fn case_is_found_by_every_field_of_its_report() {
        for query in [
            "pena",
            "PEÑA núñ",
            "Luis Pen\u{303}a",
            "rivas",
            "cumbre avila",
            "banco 0142",
            "0414 555 01 42",
            "+58 414 5550142",
            "0058 (414) 555-0142",
            "04145550142",
            "5550142",
            "CPS-VE-004213-58",
            "cps ve 004213",
            "004213",
            "foc2614",
            "FOC-2614-A1B2",
            "l.pena@banco-cumbre.example",
            "L.PENA@",
            "@banco-cumbre",
            "srx345",
            "srx-345 consola",
            "345 e47",
            "conmut enciende",
            "no enciende",
            "torre norte",
        ] {
            assert!(finds(query, &a_form()), "{query}");
        }
    }

    #[test]
    fn query_matches_only_when_every_word_does() {
        for query in [
            "",
            " - ,",
            "a",
            "pena gomez",
            "ena",
            "pe",
            "luis 0143",
            "0414 555 01 43",
            "0424 555 0142",
            "l.pena@otro.example",
            "foc2615",
            "142",
            "sur",
        ] {
            assert!(!finds(query, &a_form()), "{query}");
        }
    }

    #[test]
    fn phone_of_any_country_is_found_in_its_national_format() {
        for (country, phone, queries) in [
            ("CO", "(601) 555 0142", ["601 5550142", "+57 601 5550142", "555 0142"]),
            ("MX", "55 1234 5678", ["044 55 1234 5678", "+52 1 55 1234 5678", "12345678"]),
            ("VE", "0212 555 0142", ["0212-5550142", "58 212 555 0142", "0142"]),
        ] {
            let form = IntakeForm {
                country: country.to_owned(),
                abroad: "yes".to_owned(),
                contact_phone: phone.to_owned(),
                ..a_form()
            };
            for query in queries {
                assert!(finds(query, &form), "{query} for {phone}");
            }
        }
    }

    #[test]
    fn query_combines_number_parts_and_words() {
        let number = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
        let means = |query: &str| {
            let query = Query::parse(query);
            let parts = query.words().iter().flat_map(|word| word.numbers.clone());
            parts
                .filter_map(|part| part.in_series((Country::Ve, 2026, 9999), CasePrefix::NONE))
                .collect::<Vec<_>>()
        };
        for query in
            ["4213", "pena 4213", "ve 26 4213", "VE26-4213", "ve004213", "26 004 213 92 pena", "7 4213 pena"]
        {
            let expected = if query.starts_with('7') { vec![] } else { vec![number] };
            assert_eq!(means(query), expected, "{query}");
        }
        assert_eq!(means("ve pena"), []);
        assert_eq!(Query::parse("ve pena").words().len(), 2);
        assert_eq!(Query::parse(&"palabra ".repeat(40)).words().len(), MOST_WORDS);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}|[0-9 +.@veMX-]{0,40}") {
            for word in Query::parse(&text).words() {
                prop_assert!(!word.terms.is_empty() || !word.numbers.is_empty());
            }
        }

        #[test]
        fn names_are_found_in_any_case_and_accent(name in "[A-ZÁÉÑ][a-záéíóúñüç]{2,9}( [A-ZÁÉÑ][a-záéíóúñüç]{2,9}){1,2}") {
            let form = IntakeForm { contact_name: name.clone(), ..a_form() };
            for query in [name.to_lowercase(), name.to_uppercase(), folded(&name)] {
                prop_assert!(finds(&query, &form), "{} for {}", query, name);
            }
        }

        #[test]
        fn phone_is_found_by_its_last_digits(rest in "[0-9]{7}", digits in 4_usize..=7) {
            let form = IntakeForm { contact_phone: format!("0414 {rest}"), ..a_form() };
            let last = &rest[rest.len() - digits..];
            prop_assert!(finds(last, &form), "{} of {}", last, rest);
        }
    }
}
