//! Rules beyond masks: weeks, months, years and prefixes.
//!
//! Sources are named in `tests/oracles/serial_formats.csv`, format by format.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use super::mask::{Mask, Row};
use crate::i18n::Language;
use crate::t;

/// Whether and why a serial fits no format of its maker. It is a hint, since a serial can be wrong in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It fits a format of the maker.
    Ok,
    /// A placeholder, no serial.
    Placeholder,
    /// Too many or too few characters.
    WrongLength,
    /// A character that is not permitted at its position.
    BadCharacter,
    /// A prefix of no serial of this maker.
    BadPrefix,
    /// A week outside 1 to 53.
    BadWeek,
    /// A month outside 1 to 12.
    BadMonth,
    /// A year that is not valid, or in the future.
    BadYear,
    /// A number too large.
    OutOfRange,
    /// The check characters do not fit.
    BadCheck,
}

impl Reason {
    /// The reason's code in data files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Placeholder => "placeholder",
            Self::WrongLength => "wrong_length",
            Self::BadCharacter => "bad_char",
            Self::BadPrefix => "bad_prefix",
            Self::BadWeek => "bad_week",
            Self::BadMonth => "bad_month",
            Self::BadYear => "bad_year",
            Self::OutOfRange => "out_of_range",
            Self::BadCheck => "bad_check",
        }
    }

    /// The reason in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Ok => t!(language, "serial.reason.ok"),
            Self::Placeholder => t!(language, "serial.placeholder"),
            Self::WrongLength => t!(language, "serial.reason.wrong_length"),
            Self::BadCharacter => t!(language, "serial.reason.bad_char"),
            Self::BadPrefix => t!(language, "serial.reason.bad_prefix"),
            Self::BadWeek => t!(language, "serial.reason.bad_week"),
            Self::BadMonth => t!(language, "serial.reason.bad_month"),
            Self::BadYear => t!(language, "serial.reason.bad_year"),
            Self::OutOfRange => t!(language, "serial.reason.out_of_range"),
            Self::BadCheck => t!(language, "serial.reason.bad_check"),
        }
        .into_owned()
    }
}

macro_rules! field_keys {
    ($($(#[$doc:meta])* $key:ident = $code:literal as $label:literal),+ $(,)?) => {
        /// Key of a part of a serial.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FieldKey {
            $($(#[$doc])* $key,)+
        }

        impl FieldKey {
            /// All keys, in the order in which they are declared.
            pub const ALL: &[Self] = &[$(Self::$key),+];

            /// The key in masks and data files.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$key => $code),+ }
            }

            /// The key of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|key| key.code() == code)
            }

            /// The name of the part in the reader's language.
            #[must_use]
            pub fn label(self, language: Language) -> String {
                match self { $(Self::$key => t!(language, $label)),+ }.into_owned()
            }
        }
    };
}

field_keys! {
    /// Place of assembly, a code of three letters.
    Location = "location" as "serial.field.location",
    /// Site of assembly, by the maker's code.
    Site = "site" as "serial.field.location",
    /// Plant, by the maker's code.
    Plant = "plant" as "serial.field.plant",
    /// Factory, by its letter.
    Factory = "factory" as "serial.field.factory",
    /// Sign of the factory.
    FactorySign = "f" as "serial.field.factory",
    /// Country of manufacture.
    Country = "country" as "serial.field.country",
    /// Country and site of manufacture.
    CountrySite = "country_site" as "serial.field.country_site",
    /// Code of the product, as the maker lists it.
    Product = "prod" as "serial.field.product",
    /// Code of the model, as the maker lists it.
    Model = "model" as "serial.field.model",
    /// Machine type and model.
    MachineType = "mtm" as "serial.field.model",
    /// Type of the machine, without its model.
    Type = "type" as "serial.field.model",
    /// Code of the item, as the maker lists it.
    Item = "item" as "serial.field.item",
    /// Serial within a longer bar code.
    Inner = "sn" as "serial.field.inner",
    /// Maker of the item.
    Vendor = "vendor" as "serial.field.vendor",
    /// Revision of the unit, as the maker counts.
    Revision = "revision" as "serial.field.revision",
    /// Revision of the unit, by its digit.
    RevisionDigit = "rev" as "serial.field.revision",
    /// Market for which the unit was made, by the maker's code.
    Market = "mkt" as "serial.field.market",
    /// Year of manufacture.
    Year = "year" as "serial.field.year",
    /// Last digit of the year of manufacture, when the decade is unknown.
    YearDigit = "year_digit" as "serial.field.year_digit",
    /// Month of manufacture, 1 to 12.
    Month = "month" as "serial.field.month",
    /// Week of manufacture, 1 to 53.
    Week = "week" as "serial.field.week",
    /// Dell's Express Service Code.
    Express = "express" as "serial.field.express",
    /// Dell's Service Tag.
    Tag = "tag" as "serial.field.tag",
    /// Network address of the hardware.
    Mac = "mac" as "serial.field.mac",
}

impl FieldKey {
    /// Whether the part is shown as it stands in the serial. Parts of a date have rules.
    #[must_use]
    pub const fn is_shown_as_read(self) -> bool {
        !matches!(self, Self::Year | Self::YearDigit | Self::Month | Self::Week | Self::Express)
    }

    /// Whether the part means something to the equipment's owner. The date of manufacture has its own sentence.
    pub(super) const fn is_plain(self) -> bool {
        matches!(
            self,
            Self::Product
                | Self::Model
                | Self::MachineType
                | Self::Type
                | Self::Inner
                | Self::Tag
                | Self::Mac
        )
    }
}

/// Date of manufacture, as far as the serial has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Year with four digits.
    pub year: i32,
    /// Week or month of the year.
    pub part: Option<MadePart>,
}

/// A part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadePart {
    /// Week, 1 to 53.
    Week(u8),
    /// Month, 1 to 12.
    Month(u8),
}

/// One step of checking and decoding a serial that fits a mask. Steps run in order, and their results are shown in that
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Shows the part of that name unchanged.
    Show(FieldKey),
    /// Part `yy`: two digits counted from this year.
    YearFrom(i32),
    /// Part `yyyy`: the year.
    FullYear,
    /// Part `y`: the last digit of the year; the decade is unknown.
    YearDigit,
    /// Part `y`: the last digit of the year, or a letter counted from A = 2010.
    YearDigitOrLetter,
    /// Part `y`: Huawei's table.
    YearHuawei,
    /// Part `y` as half-year and part `w` as week within it: Apple's table.
    HalfYearApple,
    /// Part `dec` as decade (A = 2000) and part `y` as year within it.
    Decade,
    /// Part `ww`: 01 to 53.
    Week,
    /// Part `m`: one sign for each month from January to December.
    Month(&'static str),
    /// Part `mm`: 01 to 12.
    MonthNumber,
    /// Decodes the whole as a number of base 36.
    ToExpress,
    /// Decodes the whole as a decimal number and shows it in base 36.
    ToTag,
    /// The whole is a hardware address with one of the maker's prefixes.
    Mac(&'static [&'static str]),
    /// Part `mac` is a hardware address, or its second half after this prefix.
    MacAfter(&'static str),
    /// A serial with this prefix belongs to another format.
    Not(&'static str),
}

impl Step {
    /// The one part of the mask that it reads; `None` if it reads several, or the whole.
    const fn part(self) -> Option<&'static str> {
        match self {
            Self::YearFrom(_) => Some("yy"),
            Self::FullYear => Some("yyyy"),
            Self::YearDigit | Self::YearDigitOrLetter | Self::YearHuawei => Some("y"),
            Self::Week => Some("ww"),
            Self::Month(_) => Some("m"),
            Self::MonthNumber => Some("mm"),
            Self::Show(_)
            | Self::HalfYearApple
            | Self::Decade
            | Self::ToExpress
            | Self::ToTag
            | Self::Mac(_)
            | Self::MacAfter(_)
            | Self::Not(_) => None,
        }
    }
}

/// The decoded content of a serial.
pub(super) struct Read {
    pub(super) fields: Vec<(FieldKey, String)>,
    year: Option<i32>,
    part: Option<MadePart>,
}

impl Read {
    pub(super) fn made(&self) -> Option<Made> {
        self.year.map(|year| Made { year, part: self.part })
    }

    fn show(&mut self, key: FieldKey, value: impl std::fmt::Display) {
        self.fields.push((key, value.to_string()));
    }

    fn year(&mut self, year: i32) {
        self.year = Some(year);
        self.show(FieldKey::Year, year);
    }

    fn week(&mut self, read: Option<i32>) -> Result<(), Reason> {
        let week = read.and_then(|week| u8::try_from(week).ok());
        let week = week.filter(|week| (1..=53).contains(week)).ok_or(Reason::BadWeek)?;
        self.part = Some(MadePart::Week(week));
        self.show(FieldKey::Week, week);
        Ok(())
    }

    fn month(&mut self, read: Option<i32>) -> Result<(), Reason> {
        let month = read.and_then(|month| u8::try_from(month).ok());
        let month = month.filter(|month| (1..=12).contains(month)).ok_or(Reason::BadMonth)?;
        self.part = Some(MadePart::Month(month));
        self.show(FieldKey::Month, month);
        Ok(())
    }
}

/// Runs the steps over a serial that fits `row`.
pub(super) fn read(
    steps: &[Step],
    mask: &Mask,
    row: &Row,
    compact: &str,
    today: NaiveDate,
) -> Result<Read, Reason> {
    let part = |name: &str| mask.part(row, compact, name);
    let sign = |name: &str| part(name).and_then(|text| text.chars().next());
    let mut read = Read { fields: Vec::new(), year: None, part: None };
    for step in steps {
        // One way to fill a mask may have a part that another has not.
        if step.part().is_some_and(|name| part(name).is_none()) {
            continue;
        }
        match *step {
            Step::Show(key) => {
                let Some(text) = part(key.code()) else { continue };
                read.show(key, text);
            }
            Step::YearFrom(base) => read.year(base + number(part("yy")).ok_or(Reason::BadYear)?),
            Step::FullYear => read.year(number(part("yyyy")).ok_or(Reason::BadYear)?),
            Step::YearDigit => read.show(FieldKey::YearDigit, sign("y").ok_or(Reason::BadYear)?),
            Step::YearDigitOrLetter => match sign("y") {
                Some(letter @ 'A'..='Z') => read.year(2010 + place("ABCDEFGHIJKLMNOPQRSTUVWXYZ", letter)?),
                other => read.show(FieldKey::YearDigit, other.ok_or(Reason::BadYear)?),
            },
            Step::YearHuawei => {
                let sign = sign("y").ok_or(Reason::BadYear)?;
                read.year(2001 + place("123456789ABCDEFGHJKLMNPQRSTUVWXY", sign)?);
            }
            Step::HalfYearApple => apple(&mut read, sign("y"), sign("w"))?,
            Step::Decade => {
                let decade = place("ABC", sign("dec").ok_or(Reason::BadPrefix)?)?;
                read.year(2000 + decade * 10 + number(part("y")).ok_or(Reason::BadYear)?);
            }
            Step::Week => read.week(number(part("ww")))?,
            Step::Month(table) => {
                read.month(sign("m").and_then(|sign| place(table, sign).ok()).map(|place| place + 1))?;
            }
            Step::MonthNumber => read.month(number(part("mm")))?,
            Step::ToExpress => {
                read.show(
                    FieldKey::Express,
                    u64::from_str_radix(compact, 36).map_err(|_| Reason::OutOfRange)?,
                );
            }
            Step::ToTag => read.show(FieldKey::Tag, tag(compact)?),
            Step::Mac(prefixes) => {
                if !prefixes.iter().any(|prefix| compact.starts_with(prefix)) {
                    return Err(Reason::BadPrefix);
                }
                read.show(FieldKey::Mac, with_colons(compact));
            }
            Step::MacAfter(prefix) => match part("mac") {
                Some(half) if half.len() == prefix.len() => {
                    read.show(FieldKey::Mac, format!("{prefix}{half}"));
                }
                Some(whole) => read.show(FieldKey::Mac, whole),
                None => {}
            },
            Step::Not(prefix) if compact.starts_with(prefix) => return Err(Reason::BadPrefix),
            Step::Not(_) => {}
        }
    }
    match read.made().map(|made| lies_ahead(made, today)) {
        Some(true) => Err(Reason::BadYear),
        _ => Ok(read),
    }
}

fn number(text: Option<String>) -> Option<i32> {
    text?.parse().ok()
}

fn place(table: &str, sign: char) -> Result<i32, Reason> {
    let place = table.chars().position(|known| known == sign).ok_or(Reason::BadYear)?;
    i32::try_from(place).map_err(|_| Reason::BadYear)
}

/// One sign for each half-year from 2010 on, and weeks 1 to 27 within it. C and D stand for 2010 and for 2020, so their
/// decade is unknown.
fn apple(read: &mut Read, half: Option<char>, week: Option<char>) -> Result<(), Reason> {
    let half = place("CDFGHJKLMNPQRSTVWXYZ", half.ok_or(Reason::BadYear)?)?;
    let week =
        "123456789CDFGHJKLMNPQRTVWXY".chars().position(|known| Some(known) == week).ok_or(Reason::BadWeek)?;
    if half < 2 {
        read.show(FieldKey::YearDigit, 0);
    } else {
        read.year(2010 + half / 2);
    }
    let week = week + 1 + if half % 2 == 0 { 0 } else { 26 };
    let week = u8::try_from(week).map_err(|_| Reason::BadWeek)?;
    read.part = Some(MadePart::Week(week));
    read.show(FieldKey::Week, week);
    Ok(())
}

/// The Service Tag of an Express Service Code: base 36, five characters or seven.
fn tag(code: &str) -> Result<String, Reason> {
    let mut rest = code.parse::<u64>().map_err(|_| Reason::OutOfRange)?;
    let length = if rest < 36_u64.pow(5) { 5 } else { 7 };
    if rest >= 36_u64.pow(7) {
        return Err(Reason::OutOfRange);
    }
    let mut signs = Vec::new();
    for _ in 0..length {
        let digit = u32::try_from(rest % 36).unwrap_or_default();
        signs.push(char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase());
        rest /= 36;
    }
    Ok(signs.into_iter().rev().collect())
}

fn with_colons(hex: &str) -> String {
    let mut text = String::new();
    for (index, character) in hex.chars().enumerate() {
        let colon = if index > 0 && index % 2 == 0 { ":" } else { "" };
        let _ = write!(text, "{colon}{character}");
    }
    text
}

/// Whether a unit would have been made after today. Some makers count weeks by ISO 8601 and some from 1 January, so the
/// later count of today's week applies.
fn lies_ahead(made: Made, today: NaiveDate) -> bool {
    let iso = today.iso_week();
    let counted = today.ordinal0() / 7 + 1;
    let week = if iso.year() > today.year() {
        53
    } else {
        counted.max(if iso.year() == today.year() { iso.week() } else { 0 })
    };
    match (made.year - today.year(), made.part) {
        (..0, _) | (0, None) => false,
        (0, Some(MadePart::Week(made))) => u32::from(made) > week,
        (0, Some(MadePart::Month(made))) => u32::from(made) > today.month(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn manufacturing_date_in_the_future_is_detected() {
        let week = |year, week| Made { year, part: Some(MadePart::Week(week)) };
        let today = day(2026, 11, 22);
        assert!(!lies_ahead(week(2026, 47), today));
        assert!(lies_ahead(week(2026, 48), today));
        assert!(lies_ahead(week(2027, 1), today));
        assert!(!lies_ahead(week(2025, 53), today));
        assert!(!lies_ahead(week(2026, 53), day(2026, 12, 31)));
        assert!(!lies_ahead(week(2027, 1), day(2027, 1, 1)));
        assert!(lies_ahead(week(2027, 2), day(2027, 1, 1)));
        assert!(lies_ahead(Made { year: 2026, part: Some(MadePart::Month(12)) }, today));
    }

    #[test]
    fn express_service_code_converts_to_service_tag() {
        assert_eq!(tag("12542331601").as_deref(), Ok("5RFDP01"));
        assert_eq!(tag("1776027").as_deref(), Ok("122E3"));
        assert_eq!(tag("78364164096"), Err(Reason::OutOfRange));
    }
}
