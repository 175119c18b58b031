//! A format of serials: what they look like, and how their parts are read.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Serial,
    formats::Confidence,
    mask::{CheckProblem, Mask, MaskError, Row},
    rules::{FieldKey, Step},
};
use crate::{check_digits::Scheme, priority::Platform, text::legible};

/// The most characters of a code.
pub const CODE_CHARS_MAX: usize = 40;
/// The most characters of a manufacturer's name.
pub const MANUFACTURER_CHARS_MAX: usize = 60;
/// The most characters of a mask of serials; the longest standing one has 174.
pub const MASK_CHARS_MAX: usize = 256;
/// The most ways to fill a mask of serials; the widest standing one has five.
pub const ROWS_MAX: usize = 16;
/// What a year of two digits is counted from, when a format names no other year.
const YEAR_FROM: i32 = 2000;
/// The years that two digits can be counted from.
const YEARS: std::ops::RangeInclusive<i64> = 1950..=2100;

/// A format as it is written: in files, in forms, in the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenSerialFormat {
    /// What names it: small letters, digits and underscores.
    #[serde(default)]
    pub code: String,
    /// The maker of the equipment.
    #[serde(default)]
    pub manufacturer: String,
    /// The mask, in the language of [`super::mask`]. Names of its parts say how they are read.
    #[serde(default)]
    pub mask: String,
    /// The scheme of the check in the last places; `None` for serials without a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The platform that such equipment belongs to; `None` when the format does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The year of `00` in the part `yy`; `None` for 2000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_from: Option<i64>,
    /// The twelve characters of the part `m`, one of [`MONTHS`]; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<String>,
}

/// Ways to write a month as one character, January to December.
pub const MONTHS: [&str; 3] = ["123456789ABC", "ABCDEFGHJKLM", "123456789XYZ"];

/// A format of the serials of one maker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSerialFormat", into = "WrittenSerialFormat")]
pub struct SerialFormat {
    written: WrittenSerialFormat,
    mask: Mask,
    check: Option<Scheme>,
    platform: Option<Platform>,
    pub(super) confidence: Confidence,
    pub(super) steps: Vec<Step>,
}

/// Why formats of serials are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SerialFormatProblem {
    /// The code is empty, longer than [`CODE_CHARS_MAX`], or has another character.
    #[error("no code")]
    Code,
    /// The manufacturer is empty or longer than [`MANUFACTURER_CHARS_MAX`].
    #[error("no manufacturer")]
    Manufacturer,
    /// The mask cannot be compiled, or is larger than [`MASK_CHARS_MAX`] and [`ROWS_MAX`].
    #[error("the mask cannot be read: {0}")]
    Mask(#[from] MaskError),
    /// The mask has serials shorter than [`Serial::MIN`] or longer than [`Serial::MAX`].
    #[error("serials of this length are refused")]
    Length,
    /// No scheme of check characters has this name.
    #[error("no such scheme")]
    Scheme,
    /// A serial of the mask cannot have its check.
    #[error("the mask cannot have the check: {0}")]
    Check(CheckProblem),
    /// No platform has this code.
    #[error("no such platform")]
    Platform,
    /// The year is none that two digits can be counted from.
    #[error("no such year")]
    Year,
    /// No way to write months has these characters.
    #[error("no such months")]
    Months,
    /// The mask has a part of a name without a meaning.
    #[error("part {0:?} has no meaning")]
    UnknownPart(String),
    /// A part of a date has other characters than its digits.
    #[error("part {part:?} needs {digits} digits")]
    PartShape {
        /// The part.
        part: String,
        /// The number of digits; for one character, 1.
        digits: usize,
    },
    /// A rule is about a part that the mask lacks.
    #[error("the mask lacks part {0:?}")]
    NoPart(&'static str),
    /// Another format has the code.
    #[error("another format has the code")]
    Repeated,
    /// More formats than a desk may have.
    #[error("too many formats")]
    TooMany,
    /// No standing format has this code.
    #[error("no standing format {0:?}")]
    UnknownStanding(String),
}

/// A problem with the key that it lies with.
type Wrong = (&'static str, SerialFormatProblem);

impl SerialFormat {
    /// A provider's own format.
    ///
    /// # Errors
    /// What is wrong, with its key.
    ///
    /// ```
    /// use domain::serial::{SerialFormat, WrittenSerialFormat};
    ///
    /// let written = WrittenSerialFormat {
    ///     code: "acme".to_owned(),
    ///     manufacturer: "Acme".to_owned(),
    ///     mask: "'AC'<yy:9{2}><ww:9{2}><site:A>9{4}".to_owned(),
    ///     ..WrittenSerialFormat::default()
    /// };
    /// assert!(SerialFormat::parse(written).is_ok());
    /// ```
    pub fn parse(written: WrittenSerialFormat) -> Result<Self, Wrong> {
        let written = tidy(written);
        if !is_code(&written.code) {
            return Err(("code", SerialFormatProblem::Code));
        }
        if written.manufacturer.is_empty() || written.manufacturer.chars().count() > MANUFACTURER_CHARS_MAX {
            return Err(("manufacturer", SerialFormatProblem::Manufacturer));
        }
        let mask = mask(&written.mask).map_err(|problem| ("mask", problem))?;
        let check = check(&mask, written.check.as_deref()).map_err(|problem| ("check", problem))?;
        let platform = written.platform.as_deref().map(|code| Platform::from_code(code).ok_or(()));
        let platform = platform.transpose().map_err(|()| ("platform", SerialFormatProblem::Platform))?;
        let steps = steps(&mask, &written)?;
        Ok(Self { written, mask, check, platform, confidence: Confidence::Vendor, steps })
    }

    /// A format that comes with the program.
    pub(super) fn standing(
        (code, manufacturer, mask): (&str, &str, &str),
        confidence: Confidence,
        steps: &[Step],
    ) -> Result<Self, MaskError> {
        let written = WrittenSerialFormat {
            code: code.to_owned(),
            manufacturer: manufacturer.to_owned(),
            mask: mask.to_owned(),
            ..WrittenSerialFormat::default()
        };
        let (mask, steps) = (Mask::compile(mask)?, steps.to_vec());
        Ok(Self { written, mask, check: None, platform: None, confidence, steps })
    }

    /// As it is written.
    #[must_use]
    pub const fn written(&self) -> &WrittenSerialFormat {
        &self.written
    }

    /// What names it.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.written.code
    }

    /// The maker.
    #[must_use]
    pub fn manufacturer(&self) -> &str {
        &self.written.manufacturer
    }

    /// The platform of such equipment, if the format tells.
    #[must_use]
    pub const fn platform(&self) -> Option<Platform> {
        self.platform
    }

    pub(super) const fn mask(&self) -> &Mask {
        &self.mask
    }

    pub(super) fn check_fits(&self, compact: &str) -> bool {
        self.check.is_none_or(|scheme| scheme.is_valid(compact))
    }
}

impl TryFrom<WrittenSerialFormat> for SerialFormat {
    type Error = SerialFormatProblem;

    fn try_from(written: WrittenSerialFormat) -> Result<Self, SerialFormatProblem> {
        Self::parse(written).map_err(|(_, problem)| problem)
    }
}

impl From<SerialFormat> for WrittenSerialFormat {
    fn from(format: SerialFormat) -> Self {
        format.written
    }
}

/// Without blanks around texts. A choice that was left empty is none.
fn tidy(written: WrittenSerialFormat) -> WrittenSerialFormat {
    let chosen = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    WrittenSerialFormat {
        code: written.code.trim().to_owned(),
        manufacturer: legible(&written.manufacturer).split_whitespace().collect::<Vec<_>>().join(" "),
        mask: written.mask.trim().to_owned(),
        check: chosen(written.check),
        platform: chosen(written.platform),
        year_from: written.year_from,
        months: chosen(written.months),
    }
}

fn is_code(code: &str) -> bool {
    (1..=CODE_CHARS_MAX).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn mask(source: &str) -> Result<Mask, SerialFormatProblem> {
    // Before it is compiled: a mask may come from a form.
    if source.chars().count() > MASK_CHARS_MAX {
        return Err(MaskError::TooLarge.into());
    }
    let mask = Mask::compile(source)?;
    if mask.rows().len() > ROWS_MAX {
        return Err(MaskError::TooLarge.into());
    }
    if mask.rows().iter().any(|row| !(Serial::MIN..=Serial::MAX).contains(&row.length())) {
        return Err(SerialFormatProblem::Length);
    }
    Ok(mask)
}

fn check(mask: &Mask, name: Option<&str>) -> Result<Option<Scheme>, SerialFormatProblem> {
    let Some(name) = name else { return Ok(None) };
    let scheme = Scheme::from_name(name).ok_or(SerialFormatProblem::Scheme)?;
    mask.rows().iter().try_for_each(|row| row.fits_check(scheme)).map_err(SerialFormatProblem::Check)?;
    Ok(Some(scheme))
}

/// What is read from each part of the mask, in its order. Names of parts say what they are.
fn steps(mask: &Mask, written: &WrittenSerialFormat) -> Result<Vec<Step>, Wrong> {
    let year_from = match written.year_from {
        None => YEAR_FROM,
        Some(year) if YEARS.contains(&year) => i32::try_from(year).unwrap_or(YEAR_FROM),
        Some(_) => return Err(("year_from", SerialFormatProblem::Year)),
    };
    let months = match &written.months {
        None => MONTHS[0],
        Some(given) => {
            *MONTHS.iter().find(|known| *known == given).ok_or(("months", SerialFormatProblem::Months))?
        }
    };
    let lacks = |part: &str| !mask.names().iter().any(|name| name == part);
    if written.year_from.is_some() && lacks("yy") {
        return Err(("year_from", SerialFormatProblem::NoPart("yy")));
    }
    if written.months.is_some() && lacks("m") {
        return Err(("months", SerialFormatProblem::NoPart("m")));
    }
    let step = |name: &String| {
        let (step, digits) = match name.as_str() {
            "yy" => (Step::YearFrom(year_from), Some(2)),
            "yyyy" => (Step::FullYear, Some(4)),
            "ww" => (Step::Week, Some(2)),
            "mm" => (Step::MonthNumber, Some(2)),
            // One character, which may be a letter.
            "y" => (Step::YearDigitOrLetter, Some(1)),
            "m" => (Step::Month(months), Some(1)),
            other => (Step::Show(part(other)?), None),
        };
        let is_right = |row: &Row| digits.is_none_or(|digits| has_digits(mask, row, name, digits));
        if mask.rows().iter().all(is_right) {
            return Ok(step);
        }
        Err(SerialFormatProblem::PartShape { part: name.clone(), digits: digits.unwrap_or_default() })
    };
    mask.names().iter().map(step).collect::<Result<_, _>>().map_err(|problem| ("mask", problem))
}

/// The part that is shown as it stands.
fn part(name: &str) -> Result<FieldKey, SerialFormatProblem> {
    let unknown = || SerialFormatProblem::UnknownPart(name.to_owned());
    FieldKey::from_code(name).filter(|key| key.is_shown_as_read()).ok_or_else(unknown)
}

/// Whether a row has the part with so many characters, or lacks it. Several characters are digits.
fn has_digits(mask: &Mask, row: &Row, name: &str, count: usize) -> bool {
    let slots: Vec<_> = row.slots().iter().filter(|slot| mask.name_of(slot) == Some(name)).collect();
    slots.is_empty()
        || (slots.len() == count
            && (count == 1 || slots.iter().all(|slot| ('A'..='Z').all(|c| !slot.takes(c)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(mask: &str) -> WrittenSerialFormat {
        WrittenSerialFormat {
            code: "acme".to_owned(),
            manufacturer: " Acme\tdel Sur ".to_owned(),
            mask: mask.to_owned(),
            ..WrittenSerialFormat::default()
        }
    }

    #[test]
    fn format_is_read_as_it_was_written() {
        let format = SerialFormat::parse(WrittenSerialFormat {
            check: Some("luhn-36".to_owned()),
            platform: Some("network".to_owned()),
            year_from: Some(1990),
            months: Some(String::new()),
            ..written("'AC'<yy:9{2}><ww:9{2}>9{4}X")
        })
        .unwrap();
        assert_eq!((format.manufacturer(), format.platform()), ("Acme del Sur", Some(Platform::Network)));
        assert_eq!(format.steps, [Step::YearFrom(1990), Step::Week]);
        let stored = serde_json::to_string(&format).unwrap();
        assert_eq!(serde_json::from_str::<SerialFormat>(&stored).unwrap(), format);
        assert!(!stored.contains("months"), "{stored}");
    }

    #[test]
    fn wrong_format_names_its_key_and_problem() {
        use SerialFormatProblem as P;
        let unknown = |part: &str| P::UnknownPart(part.to_owned());
        let shape = |part: &str, digits| P::PartShape { part: part.to_owned(), digits };
        for (mask, problem) in [
            ("", P::Mask(MaskError::Empty)),
            ("'AC", P::Mask(MaskError::Unfinished)),
            ("9{3}", P::Length),
            ("9{41}", P::Length),
            ("9{4,20}", P::Mask(MaskError::TooLarge)),
            ("<nope:9{4}>", unknown("nope")),
            ("<year:9{4}>", unknown("year")),
            ("<yy:9{3}>9{4}", shape("yy", 2)),
            ("<ww:A{2}>9{4}", shape("ww", 2)),
            ("<yyyy:9{2}>9{4}", shape("yyyy", 4)),
            ("<m:9{2}>9{4}", shape("m", 1)),
        ] {
            assert_eq!(SerialFormat::parse(written(mask)), Err(("mask", problem)), "{mask}");
        }
        let good = || written("<yy:9{2}>9{4}");
        let some = |text: &str| Some(text.to_owned());
        let long = "é".repeat(MANUFACTURER_CHARS_MAX + 1);
        for (written, key, problem) in [
            (WrittenSerialFormat { code: "A b".to_owned(), ..good() }, "code", P::Code),
            (WrittenSerialFormat { code: "a".repeat(41), ..good() }, "code", P::Code),
            (WrittenSerialFormat { manufacturer: long, ..good() }, "manufacturer", P::Manufacturer),
            (WrittenSerialFormat { manufacturer: " ".to_owned(), ..good() }, "manufacturer", P::Manufacturer),
            (WrittenSerialFormat { check: some("luhn"), ..good() }, "check", P::Scheme),
            (
                WrittenSerialFormat { check: some("luhn-10"), ..written("A{4}9") },
                "check",
                P::Check(CheckProblem::UnknownSigns),
            ),
            (WrittenSerialFormat { platform: some("toaster"), ..good() }, "platform", P::Platform),
            (WrittenSerialFormat { year_from: Some(1), ..good() }, "year_from", P::Year),
            (WrittenSerialFormat { year_from: Some(2000), ..written("9{6}") }, "year_from", P::NoPart("yy")),
            (WrittenSerialFormat { months: some("ABC"), ..good() }, "months", P::Months),
            (WrittenSerialFormat { months: some(MONTHS[1]), ..good() }, "months", P::NoPart("m")),
        ] {
            assert_eq!(SerialFormat::parse(written.clone()), Err((key, problem)), "{written:?}");
        }
    }

    #[test]
    fn part_may_be_missing_in_some_ways_to_fill_a_mask() {
        assert!(SerialFormat::parse(written("'A'<yy:9{2}>9{4}|'B'9{4}")).is_ok());
    }
}
