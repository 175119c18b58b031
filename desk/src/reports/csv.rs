//! Reports as CSV (RFC 4180), for spreadsheets.

use std::fmt::Display;

use csv::{Terminator, Writer, WriterBuilder};
use domain::calendar::ZoneView;
use domain::i18n::{DecimalSign, Language};
use domain::t;
use domain::time::Instant;

/// Cell separator and decimal sign of the reader's spreadsheet. With another separator it would show one column of
/// texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separators {
    /// `;` and `,`: Venezuela, Colombia, Spain, Brazil.
    SemicolonAndComma,
    /// `,` and `.`: Mexico, and readers of English.
    CommaAndPoint,
}

impl Separators {
    /// The separators of the region in the browser's `Accept-Language` (RFC 9110) for the page's language; without one,
    /// those of most readers.
    #[must_use]
    pub fn of(language: Language, accepted: Option<&str>) -> Self {
        let mut tags = accepted.into_iter().flat_map(|tags| tags.split(','));
        let region = tags.find_map(|tag| {
            let (spoken, region) = tag.split(';').next()?.trim().split_once('-')?;
            spoken.eq_ignore_ascii_case(language.code()).then(|| region.to_ascii_uppercase())
        });
        match (language, region.as_deref()) {
            (Language::Es, Some("MX" | "US")) => Self::CommaAndPoint,
            _ => match language.decimal_sign() {
                DecimalSign::Comma => Self::SemicolonAndComma,
                DecimalSign::Point => Self::CommaAndPoint,
            },
        }
    }

    const fn of_cells(self) -> u8 {
        match self {
            Self::SemicolonAndComma => b';',
            Self::CommaAndPoint => b',',
        }
    }

    /// The separator of the other regions.
    const fn of_others(self) -> u8 {
        match self {
            Self::SemicolonAndComma => b',',
            Self::CommaAndPoint => b';',
        }
    }

    /// Tenths as a decimal number: `98,7`.
    pub(super) fn tenths(self, tenths: i64) -> String {
        let point = match self {
            Self::SemicolonAndComma => ',',
            Self::CommaAndPoint => '.',
        };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    }
}

/// Reader of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetFor {
    /// Language of the file.
    pub language: Language,
    /// Separators of the file.
    pub separators: Separators,
}

/// A file for a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFile {
    /// Content and period, in ASCII letters.
    pub name: String,
    /// Content of the file.
    pub text: String,
}

/// Kind of a file's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// Integers and typed texts. Texts with the other separator are quoted too, because other programs may split at it.
    Texts,
    /// Fractions and fixed words. Here the other separator is the decimal sign.
    Fractions,
}

/// A file that is written line by line.
pub(crate) struct Sheet(Writer<Vec<u8>>);

impl Sheet {
    /// A file with columns named by these keys.
    pub(crate) fn new(reader: SheetFor, cells: Cells, columns: &[&str]) -> Self {
        let SheetFor { language, separators } = reader;
        let mut sheet = Self::of(separators, cells);
        let names: Vec<String> = columns.iter().map(|key| t!(language, key).into_owned()).collect();
        sheet.line(&names);
        sheet
    }

    fn of(separators: Separators, cells: Cells) -> Self {
        // The writer quotes cells with the comment character, which serves here as one more character to quote.
        let quoted = match cells {
            Cells::Texts => Some(separators.of_others()),
            Cells::Fractions => None,
        };
        // Without this mark spreadsheets assume another encoding.
        let mark = "\u{feff}".as_bytes().to_vec();
        let mut builder = WriterBuilder::new();
        builder.delimiter(separators.of_cells()).comment(quoted).terminator(Terminator::CRLF).flexible(true);
        Self(builder.from_writer(mark))
    }

    pub(crate) fn line(&mut self, cells: &[String]) {
        // Writing to memory does not fail.
        let _ = self.0.write_record(cells.iter().map(|cell| text_cell(cell)));
    }

    pub(crate) fn into_text(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The name of a file: `vigia-primer-contacto-2026-11-01-2026-11-30.csv`.
pub(crate) fn file_name(what: &str, from: &impl Display, to: &impl Display) -> String {
    let plain = |letter: char| match letter.to_ascii_lowercase() {
        'á' | 'ã' | 'â' => 'a',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'õ' | 'ô' => 'o',
        'ú' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '-',
    };
    let what: String = what.to_lowercase().chars().map(plain).collect();
    let what = what.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    format!("vigia-{what}-{from}-{to}.csv")
}

/// Date and time at the site, as spreadsheets parse them.
pub(crate) fn local(zone: &ZoneView, at: Instant) -> String {
    let at = zone.local(at);
    format!("{:04}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute)
}

/// A cell as text: one that a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn text_cell(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cell_is_never_a_formula_and_never_split() {
        for separators in [Separators::SemicolonAndComma, Separators::CommaAndPoint] {
            for (cell, expected) in [
                ("Banco Cumbre", "Banco Cumbre"),
                ("Cumbre, S.A.", "\"Cumbre, S.A.\""),
                ("uno;dos", "\"uno;dos\""),
                ("=1+1", "'=1+1"),
                ("@\"x\"\ny", "\"'@\"\"x\"\"\ny\""),
            ] {
                let mut sheet = Sheet::of(separators, Cells::Texts);
                sheet.line(&[cell.to_owned(), String::new()]);
                let end = char::from(separators.of_cells()).to_string();
                assert_eq!(sheet.into_text(), ["\u{feff}", expected, &end, "\r\n"].concat());
            }
        }
    }

    #[test]
    fn csv_fraction_is_one_cell() {
        for (separators, line) in
            [(Separators::SemicolonAndComma, "7;98,7"), (Separators::CommaAndPoint, "7,98.7")]
        {
            let mut sheet = Sheet::of(separators, Cells::Fractions);
            sheet.line(&["7".to_owned(), separators.tenths(987)]);
            assert_eq!(sheet.into_text(), ["\u{feff}", line, "\r\n"].concat());
        }
    }

    #[test]
    fn csv_separators_follow_the_region() {
        let of = |accepted| Separators::of(Language::Es, accepted);
        for accepted in
            [None, Some("es"), Some("es-VE,es;q=0.9"), Some("es-CO"), Some("en-US,es-419;q=0.8"), Some("")]
        {
            assert_eq!(of(accepted), Separators::SemicolonAndComma, "{accepted:?}");
        }
        for accepted in ["es-MX,es;q=0.9,en;q=0.8", "en-US,en;q=0.9,es-mx;q=0.8"] {
            assert_eq!(of(Some(accepted)), Separators::CommaAndPoint, "{accepted}");
        }
        assert_eq!(Separators::of(Language::Pt, Some("pt-BR")), Separators::SemicolonAndComma);
        assert_eq!(Separators::of(Language::En, Some("es-VE")), Separators::CommaAndPoint);
    }

    #[test]
    fn csv_file_name_states_report_and_period() {
        let name = file_name("Próxima novedad", &"2026-11-01", &"2026-11-30");
        assert_eq!(name, "vigia-proxima-novedad-2026-11-01-2026-11-30.csv");
    }
}
