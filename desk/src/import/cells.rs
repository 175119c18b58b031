//! Cells of a row, parsed by the domain's parsers.

use chrono::{Datelike, NaiveDate};
use domain::calendar::zone::{UnknownZone, Zone};
use domain::contract_number::{ContractFormats, ContractNumber, ContractNumberProblem};
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::serial::{Serial, SerialProblem};
use domain::t;
use domain::text::{Location, TextProblem};

use super::{BadRow, RowProblem};
use crate::contracts::plans::legible_name;

/// The longest name of an organisation, site, maker or model, in characters.
const NAME_CHARS: usize = 120;

/// Valid years of a contract's validity.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 1980..=2199;

/// Problem of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellProblem {
    /// The cell is empty.
    Empty,
    /// The name is too long.
    TooLong,
    /// The value is none of the choices.
    NotAChoice {
        /// The value.
        found: String,
        /// The choices.
        choices: Vec<String>,
    },
    /// The plan is retired: contracts that have it keep it, no other can choose it.
    RetiredPlan {
        /// The plan's name.
        found: String,
        /// The plans that can be chosen.
        choices: Vec<String>,
    },
    /// The value is no date that is read there.
    NotADate(String),
    /// The last day is before the first.
    EndsBeforeItBegins,
    /// The contract's number names another country.
    CountryOfNumber(Country),
    /// The value is no contract number.
    Contract(ContractNumberProblem),
    /// The contract is not registered: import contracts first.
    UnknownContract(String),
    /// The organisation has no site of that name, or several: import equipment first.
    UnknownSite(String),
    /// The value is no number of minutes up to a day.
    NotMinutes(String),
    /// The value is no serial.
    Serial(SerialProblem),
    /// The value is a number in scientific notation: a spreadsheet took the serial for a number, and its last digits are gone.
    Scientific(String),
    /// The text is too short, too long or not legible.
    Text(TextProblem),
    /// The zone is unknown, see [`UnknownZone`].
    Zone(String),
}

impl CellProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "import.cell.empty").into_owned(),
            Self::TooLong => t!(language, "import.cell.too_long", most = NAME_CHARS),
            Self::NotAChoice { found, choices } => {
                t!(language, "import.cell.not_a_choice", found = found, choices = choices.join(", "))
            }
            Self::RetiredPlan { found, choices } => {
                t!(language, "import.cell.retired_plan", found = found, choices = choices.join(", "))
            }
            Self::NotADate(found) => t!(language, "import.cell.not_a_date", found = found),
            Self::EndsBeforeItBegins => t!(language, "import.cell.ends_before_it_begins").into_owned(),
            Self::CountryOfNumber(country) => {
                t!(language, "import.cell.country_of_number", country = t!(language, country.name_key()))
            }
            Self::Contract(problem) => problem.message(language),
            Self::UnknownContract(number) => t!(language, "import.cell.unknown_contract", number = number),
            Self::UnknownSite(name) => t!(language, "import.cell.unknown_site", name = name),
            Self::NotMinutes(found) => t!(language, "import.cell.not_minutes", found = found),
            Self::Serial(problem) => problem.message(language),
            Self::Scientific(found) => t!(language, "import.cell.scientific", found = found),
            Self::Text(problem) => problem.message(language),
            Self::Zone(found) => t!(language, "import.cell.zone", found = found),
        }
    }
}

/// Parses the cells of a row and collects their problems.
pub(super) struct Cells<'a> {
    line: u64,
    bad: &'a mut Vec<BadRow>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(line: u64, bad: &'a mut Vec<BadRow>) -> Self {
        Self { line, bad }
    }

    /// Records the problem of a column.
    pub(super) fn refuse(&mut self, column: &'static str, problem: CellProblem) {
        self.bad.push(BadRow { line: self.line, column: Some(column), problem: RowProblem::Cell(problem) });
    }

    /// The value of a column; `None` with a recorded problem.
    pub(super) fn take<T>(&mut self, column: &'static str, read: Result<T, CellProblem>) -> Option<T> {
        read.map_err(|problem| self.refuse(column, problem)).ok()
    }
}

pub(crate) fn contract(value: &str, formats: &ContractFormats) -> Result<ContractNumber, CellProblem> {
    formats.parse(value).map_err(CellProblem::Contract)
}

pub(crate) fn serial(value: &str) -> Result<Serial, CellProblem> {
    if is_scientific(value) {
        return Err(CellProblem::Scientific(value.to_owned()));
    }
    Serial::parse(value).map_err(CellProblem::Serial)
}

/// Whether a text is a number such as `2.30115E+11`. Without a sign it may be a serial: `12E34`.
fn is_scientific(text: &str) -> bool {
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let Some((number, exponent)) = text.split_once(['E', 'e']) else { return false };
    let power = exponent.strip_prefix('+').unwrap_or_default();
    is_digits(power) && number.split(['.', ',']).all(is_digits) && number.matches(['.', ',']).count() <= 1
}

pub(crate) fn address(value: &str) -> Result<String, CellProblem> {
    Location::parse(value).map(|location| location.as_str().to_owned()).map_err(CellProblem::Text)
}

/// A name on one line, words separated by single spaces.
pub(crate) fn name(value: &str) -> Result<String, CellProblem> {
    let name = legible_name(value);
    match name.chars().count() {
        0 => Err(CellProblem::Empty),
        count if count > NAME_CHARS => Err(CellProblem::TooLong),
        _ => Ok(name),
    }
}

pub(crate) fn country(value: &str) -> Result<Country, CellProblem> {
    let choices = || Country::ALL.map(Country::code).map(str::to_owned).to_vec();
    Country::from_typed(value).ok_or_else(|| not_a_choice(value, choices()))
}

pub(crate) fn platform(value: &str) -> Result<Platform, CellProblem> {
    let choices = || Platform::ALL.map(Platform::code).map(str::to_owned).to_vec();
    Platform::from_code(&value.to_ascii_lowercase()).ok_or_else(|| not_a_choice(value, choices()))
}

pub(crate) fn zone(value: &str) -> Result<Zone, CellProblem> {
    Zone::parse(value).map_err(|UnknownZone { .. }| CellProblem::Zone(value.to_owned()))
}

/// Travel time in minutes: a day at most.
pub(crate) fn minutes(value: &str) -> Result<u32, CellProblem> {
    let read = value.parse().ok().filter(|minutes| *minutes <= 24 * 60);
    read.ok_or_else(|| {
        if value.is_empty() { CellProblem::Empty } else { CellProblem::NotMinutes(value.to_owned()) }
    })
}

pub(crate) fn date(value: &str) -> Result<NaiveDate, CellProblem> {
    let date = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
    date.filter(|date| YEARS.contains(&date.year())).ok_or_else(|| CellProblem::NotADate(value.to_owned()))
}

pub(crate) fn retired_plan(found: &str, choices: Vec<String>) -> CellProblem {
    CellProblem::RetiredPlan { found: found.to_owned(), choices }
}

pub(crate) fn not_a_choice(found: &str, choices: Vec<String>) -> CellProblem {
    CellProblem::NotAChoice { found: found.to_owned(), choices }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_in_scientific_notation_is_told_from_other_wrong_ones() {
        for spoilt in ["2.30115E+11", "2,30115E+11", "1e+12"] {
            assert_eq!(serial(spoilt), Err(CellProblem::Scientific(spoilt.to_owned())));
        }
        assert_eq!(serial("12E34X").unwrap().as_str(), "12E34X");
        assert!(matches!(serial("AB+12345"), Err(CellProblem::Serial(_))));
    }

    #[test]
    fn name_cells_are_one_trimmed_line() {
        assert_eq!(name("  Banco\u{200b}  del Ávila "), Ok("Banco del Ávila".to_owned()));
        assert_eq!(name(" \u{feff} "), Err(CellProblem::Empty));
        assert_eq!(name(&"ñ".repeat(120)), Ok("ñ".repeat(120)));
        assert_eq!(name(&"ñ".repeat(121)), Err(CellProblem::TooLong));
    }

    #[test]
    fn date_cells_accept_iso_format_alone() {
        assert_eq!(date("2026-02-28"), Ok(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()));
        for wrong in [
            "",
            "2026-02-29",
            "28/02/2026",
            "02/28/2026",
            "26-02-28",
            "2026-02-28 ",
            "20260228",
            "9999-12-31",
        ] {
            assert_eq!(date(wrong), Err(CellProblem::NotADate(wrong.to_owned())), "{wrong}");
        }
    }

    #[test]
    fn invalid_choice_names_the_allowed_ones() {
        assert_eq!(country("ve"), Ok(Country::Ve));
        let refused = country("Venezuela").unwrap_err().message(Language::Es);
        assert!(refused.contains("Venezuela") && refused.contains("VE, CO, MX"), "{refused}");
        assert_eq!(platform("Network"), Ok(Platform::Network));
        assert!(platform("redes").is_err());
        assert_eq!(zone("Mexico/BajaNorte").unwrap().name(), "America/Tijuana");
        assert!(zone("UTC-4").is_err());
    }
}
