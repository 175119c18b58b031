//! Reports as files for spreadsheets: CSV (RFC 4180).

use std::fmt::Display;

use domain::calendar::ZoneView;
use domain::t;
use domain::time::Instant;
use domain::words::Language;

/// What the reader's spreadsheet takes for the end of a cell and for the point of a decimal. It takes a file with another for
/// one column of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separators {
    /// `;` and `,`: Venezuela, Colombia, Spain, Brazil.
    SemicolonAndComma,
    /// `,` and `.`: Mexico, and whoever reads English.
    CommaAndPoint,
}

impl Separators {
    /// Those of the region that the browser names for the language of the page (RFC 9110, `Accept-Language`); without one,
    /// those of most who read it.
    #[must_use]
    pub fn of(language: Language, accepted: Option<&str>) -> Self {
        let mut tags = accepted.into_iter().flat_map(|tags| tags.split(','));
        let region = tags.find_map(|tag| {
            let (spoken, region) = tag.split(';').next()?.trim().split_once('-')?;
            spoken.eq_ignore_ascii_case(language.code()).then(|| region.to_ascii_uppercase())
        });
        match (language, region.as_deref()) {
            (Language::En, _) | (Language::Es, Some("MX" | "US")) => Self::CommaAndPoint,
            (Language::Es | Language::Pt, _) => Self::SemicolonAndComma,
        }
    }

    const fn of_cells(self) -> char {
        match self {
            Self::SemicolonAndComma => ';',
            Self::CommaAndPoint => ',',
        }
    }

    /// A number of tenths as a spreadsheet reads it: `98,7`.
    pub(super) fn tenths(self, tenths: i64) -> String {
        let point = match self {
            Self::SemicolonAndComma => ',',
            Self::CommaAndPoint => '.',
        };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    }
}

/// Who a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetFor {
    /// In which language it is written.
    pub language: Language,
    /// How their spreadsheet takes it apart.
    pub separators: Separators,
}

/// A file for a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFile {
    /// What it holds and of when, in letters that every system takes.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// A file that is written line by line.
pub(super) struct Sheet {
    text: String,
    separator: char,
}

impl Sheet {
    /// A file whose columns are named by these keys.
    pub(super) fn new(reader: SheetFor, columns: &[&str]) -> Self {
        // A spreadsheet takes a file without this mark for another alphabet.
        let mut sheet = Self { text: "\u{feff}".to_owned(), separator: reader.separators.of_cells() };
        let names: Vec<String> = columns.iter().map(|key| t!(reader.language, key).into_owned()).collect();
        sheet.line(&names);
        sheet
    }

    pub(super) fn line(&mut self, cells: &[String]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.text.push(self.separator);
            }
            self.text.push_str(&quoted(cell, self.separator));
        }
        self.text.push_str("\r\n");
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// The name of a file: `vigia-primer-contacto-2026-11-01-2026-11-30.csv`.
pub(super) fn file_name(what: &str, from: &impl Display, to: &impl Display) -> String {
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

/// Date and time at the site, as spreadsheets read them.
pub(super) fn local(zone: &ZoneView, at: Instant) -> String {
    let at = zone.local(at);
    format!("{:04}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute)
}

/// A cell. What a spreadsheet would take for a formula is made a text.
fn quoted(cell: &str, separator: char) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{cell}") } else { cell.to_owned() };
    // The other separator too, where it parts no number: other programs may take it for one.
    let is_number = !safe.is_empty() && safe.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
    let parts = safe.contains(separator) || (!is_number && safe.contains([',', ';']));
    if parts || safe.contains(['"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two() {
        for (cell, expected) in [
            ("Banco Cumbre", "Banco Cumbre"),
            ("Cumbre, S.A.", "\"Cumbre, S.A.\""),
            ("uno;dos", "\"uno;dos\""),
            ("=1+1", "'=1+1"),
            ("@\"x\"\ny", "\"'@\"\"x\"\"\ny\""),
        ] {
            assert_eq!(quoted(cell, ','), expected);
            assert_eq!(quoted(cell, ';'), expected);
        }
        assert_eq!((quoted("98,7", ';').as_str(), quoted("98.7", ',').as_str()), ("98,7", "98.7"));
    }

    #[test]
    fn separators_are_those_of_the_readers_region() {
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
    fn a_name_says_what_and_when() {
        let name = file_name("Próxima novedad", &"2026-11-01", &"2026-11-30");
        assert_eq!(name, "vigia-proxima-novedad-2026-11-01-2026-11-30.csv");
    }
}
