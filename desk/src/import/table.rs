//! CSV as spreadsheets write it, with commas, semicolons or tabs. Columns come in any order; matched by hand, they have any name.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};
use domain::text::legible;
use serde::{Deserialize, Serialize};

use super::{BadRow, ImportError, MAX_COLUMNS, MAX_ROWS, RowProblem, encoding, spreadsheet};

/// The rows of a file, values in the order of the columns, and the rows with too few or too many values.
pub(super) struct Table<const N: usize> {
    pub(super) rows: Vec<Line<N>>,
    pub(super) bad: Vec<BadRow>,
}

/// One row, values trimmed.
pub(super) struct Line<const N: usize> {
    /// Line in the file, from 1.
    pub(super) line: u64,
    pub(super) values: [String; N],
}

/// A file as it was read: the names in its header, and its rows.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<SheetRow>,
}

/// One row, values trimmed.
#[derive(Debug, Clone)]
pub(super) struct SheetRow {
    /// Line in the file, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

/// Which name in a header stands for which column, by the column's own name.
pub type Mapping = BTreeMap<String, String>;

/// What was chosen for a file that waits, beside its content.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Choices {
    /// The day on which contracts end that the file lacks; `None` when they stay. No column is called so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ends_on: Option<NaiveDate>,
    /// The match of its columns.
    #[serde(flatten)]
    pub(super) mapping: Mapping,
}

/// Reads a file, whatever its columns are called: text, or a spreadsheet.
pub(super) fn sheet(bytes: &[u8]) -> Result<Sheet, ImportError> {
    if spreadsheet::is_archive(bytes) {
        return spreadsheet::read(bytes);
    }
    let text = encoding::text(bytes)?;
    let text = text.as_ref();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut header: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for record in reader.records() {
        // The text is decoded and rows may have any width, so no record is refused for another reason.
        let Ok(record) = record else { return Err(ImportError::NotText { line: 0 }) };
        if record.iter().all(|value| value.trim().is_empty()) {
            continue;
        }
        if header.is_none() {
            if record.len() > MAX_COLUMNS {
                return Err(ImportError::TooManyColumns);
            }
            header = Some(record.iter().map(|name| name.trim().to_owned()).collect());
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
        if record.len() > MAX_COLUMNS {
            return Err(ImportError::TooManyColumns);
        }
        let cells = record.iter().map(|value| legible(value).trim().to_owned()).collect();
        rows.push(SheetRow { line: line_of(&record, text), cells });
    }
    // A header without rows is told what is wrong with it first.
    header.map(|header| Sheet { header, rows }).ok_or(ImportError::Empty)
}

/// The columns that neither the header nor a mapping names once. For a header with further names, which nobody matched,
/// all columns are asked about.
pub(super) fn unmatched(sheet: &Sheet, columns: &[&'static str], mapping: &Mapping) -> Vec<&'static str> {
    match positions(&sheet.header, columns, mapping) {
        Ok(_) => Vec::new(),
        Err(ImportError::Header { missing, unknown, twice }) if unknown.is_empty() => {
            missing.into_iter().chain(twice).collect()
        }
        Err(_) => columns.to_vec(),
    }
}

/// Why a column is not matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchProblem {
    /// No name of the header was chosen, or one that the header has not.
    NotChosen,
    /// The header has the chosen name more than once.
    NamedTwice,
    /// Another column is matched with the same name.
    ChosenTwice,
}

/// The columns that may share one name: two sites are often one customer's.
const SHARED: [&str; 2] = ["organisation", "other_organisation"];

/// What is wrong with a match by hand, by column.
pub(super) fn mismatched(
    header: &[String],
    columns: &[&'static str],
    mapping: &Mapping,
) -> Vec<(&'static str, MatchProblem)> {
    let wanted =
        |column: &str| mapping.get(column).map_or_else(|| column.to_owned(), |name| name.to_lowercase());
    let mut problems = Vec::new();
    for column in columns {
        let name = wanted(column);
        let is_chosen = |other: &&&'static str| {
            *other != column && wanted(other) == name && !(SHARED.contains(column) && SHARED.contains(other))
        };
        match header.iter().filter(|named| named.to_lowercase() == name).count() {
            _ if name.is_empty() => problems.push((*column, MatchProblem::NotChosen)),
            0 => problems.push((*column, MatchProblem::NotChosen)),
            1 if columns.iter().any(|other| is_chosen(&other)) => {
                problems.push((*column, MatchProblem::ChosenTwice));
            }
            1 => {}
            _ => problems.push((*column, MatchProblem::NamedTwice)),
        }
    }
    problems
}

/// The rows of a sheet, values in the order of `columns`. Without a mapping the header names exactly these; with one,
/// further columns are left out.
pub(super) fn arranged<const N: usize>(
    sheet: Sheet,
    columns: [&'static str; N],
    mapping: &Mapping,
) -> Result<Table<N>, ImportError> {
    let places = positions(&sheet.header, &columns, mapping)?;
    let mut table = Table { rows: Vec::with_capacity(sheet.rows.len()), bad: Vec::new() };
    let expected = sheet.header.len();
    for SheetRow { line, cells } in sheet.rows {
        if cells.len() == expected {
            let mut values = std::array::from_fn(|_| String::new());
            for (value, place) in values.iter_mut().zip(&places) {
                *value = cells.get(*place).cloned().unwrap_or_default();
            }
            table.rows.push(Line { line, values });
        } else {
            let problem = RowProblem::Width { expected, found: cells.len() };
            table.bad.push(BadRow { line, column: None, problem });
        }
    }
    if table.rows.is_empty() && table.bad.is_empty() { Err(ImportError::Empty) } else { Ok(table) }
}

/// The separator of the header: a tab, or a semicolon where spreadsheets use the comma for decimals.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: char| first.matches(separator).count();
    let (tabs, semicolons, commas) = (count('\t'), count(';'), count(','));
    if tabs > semicolons && tabs > commas {
        b'\t'
    } else if semicolons > commas {
        b';'
    } else {
        b','
    }
}

/// Positions of `columns` in a header.
fn positions(
    header: &[String],
    columns: &[&'static str],
    mapping: &Mapping,
) -> Result<Vec<usize>, ImportError> {
    let names: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
    let wanted =
        |column: &str| mapping.get(column).map_or_else(|| column.to_owned(), |name| name.to_lowercase());
    let count = |column: &str| {
        let wanted = wanted(column);
        names.iter().filter(|name| **name == wanted).count()
    };
    let missing: Vec<_> = columns.iter().copied().filter(|column| count(column) == 0).collect();
    let twice: Vec<_> = columns.iter().copied().filter(|column| count(column) > 1).collect();
    let is_wanted = |name: &&String| columns.iter().any(|column| wanted(column) == **name);
    let unknown: Vec<_> = if mapping.is_empty() {
        names.iter().filter(|name| !is_wanted(name)).cloned().collect()
    } else {
        Vec::new()
    };
    if !missing.is_empty() || !unknown.is_empty() || !twice.is_empty() {
        return Err(ImportError::Header { missing, unknown, twice });
    }
    let place = |column: &&'static str| {
        let wanted = wanted(column);
        names.iter().position(|name| *name == wanted)
    };
    Ok(columns.iter().filter_map(place).collect())
}

/// The line of a record. The reader counts from the blank lines before it.
fn line_of(record: &StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = text.as_bytes().get(start..).unwrap_or_default().iter();
    let skipped =
        blank.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + skipped as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(csv: &[u8], columns: [&'static str; N]) -> Result<Table<N>, ImportError> {
        arranged(sheet(csv)?, columns, &Mapping::default())
    }

    #[test]
    fn tabs_separate_columns_too() {
        assert_eq!(rows("number\tplan\n1\ta, b; c\n"), [row(2, "1", "a, b; c")]);
    }

    #[test]
    fn matched_columns_leave_further_ones_out() {
        let mapping = Mapping::from([("number".to_owned(), "Contrato".to_owned())]);
        let read = sheet(b"Color;Contrato;Plan\nrojo;1;a\n").unwrap();
        assert_eq!(unmatched(&read, &["number", "plan"], &Mapping::default()), ["number", "plan"]);
        assert!(unmatched(&read, &["number", "plan"], &mapping).is_empty());
        let table = arranged(read, ["number", "plan"], &mapping).unwrap();
        assert_eq!(table.rows[0].values, ["1", "a"]);
    }

    fn rows(csv: &str) -> Vec<(u64, [String; 2])> {
        let table = read(csv.as_bytes(), ["number", "plan"]).unwrap();
        assert!(table.bad.is_empty());
        table.rows.into_iter().map(|row| (row.line, row.values)).collect()
    }

    fn row(line: u64, number: &str, plan: &str) -> (u64, [String; 2]) {
        (line, [number.to_owned(), plan.to_owned()])
    }

    #[test]
    fn byte_order_mark_separator_and_column_order_are_accepted() {
        let expected = [row(2, "1", "a, b"), row(3, "2", "c;d")];
        assert_eq!(rows("number,plan\n1,\"a, b\"\n2,c;d\n"), expected);
        assert_eq!(rows("\u{feff}Number ; PLAN\r\n 1 ;a, b\r\n2;\"c;d\""), expected);
        assert_eq!(rows("plan,number\n\"a, b\",1\n c;d ,2"), expected);
    }

    #[test]
    fn decomposed_accents_are_composed() {
        let decomposed = rows("number,plan\n1,Esta\u{301}ndar\n2,\"Cr\u{1b}[1mítico\u{1b}[0m\"");
        assert_eq!(decomposed, [row(2, "1", "Estándar"), row(3, "2", "Crítico")]);
    }

    #[test]
    fn line_numbers_are_those_of_the_file() {
        let csv = "number,plan\n\n\n1,\"two\nlines\"\n\r\n,\n2,b\n";
        assert_eq!(rows(csv), [row(4, "1", "two\nlines"), row(8, "2", "b")]);
    }

    #[test]
    fn row_of_another_width_is_refused() {
        let table = read(b"number,plan\n1,a\n2\n3,c,d\n", ["number", "plan"]).unwrap();
        assert_eq!(table.rows.len(), 1);
        let bad: Vec<_> = table.bad.iter().map(|bad| (bad.line, bad.problem.clone())).collect();
        let width = |found| RowProblem::Width { expected: 2, found };
        assert_eq!(bad, [(3, width(1)), (4, width(3))]);
    }

    #[test]
    fn wrong_header_is_named() {
        let refused = |csv: &[u8]| read(csv, ["number", "plan"]).err().unwrap().to_string();
        assert_eq!(
            refused(b"number,number,colour,\n1,2,3,4"),
            "the header is wrong: missing [\"plan\"], unknown [\"colour\", \"\"], twice [\"number\"]"
        );
        assert_eq!(refused(b""), "the file has no rows");
        assert_eq!(refused(b"number,plan\n\n"), "the file has no rows");
        assert_eq!(refused(b"number,plan\n1,Est\x81ndar\n"), "line 2 is no text");
        assert_eq!(
            read(b"number,plan\n1,Est\xe1ndar\n", ["number", "plan"]).unwrap().rows[0].values[1],
            "Estándar"
        );
    }

    #[test]
    fn columns_are_matched_with_one_name_each_that_the_header_has_once() {
        let header = ["Uno", "Dos", "Dos"].map(str::to_owned);
        let mapping = |pairs: &[(&str, &str)]| -> Mapping {
            pairs.iter().map(|(column, name)| ((*column).to_owned(), (*name).to_owned())).collect()
        };
        let wrong = |pairs: &[(&str, &str)]| mismatched(&header, &["number", "plan"], &mapping(pairs));
        assert_eq!(wrong(&[("number", "Uno")]), [("plan", MatchProblem::NotChosen)]);
        assert_eq!(
            wrong(&[("number", "uno"), ("plan", "Uno")]),
            [("number", MatchProblem::ChosenTwice), ("plan", MatchProblem::ChosenTwice)]
        );
        assert_eq!(wrong(&[("number", "Uno"), ("plan", "Dos")]), [("plan", MatchProblem::NamedTwice)]);
        let shared = mapping(&[("organisation", "Uno"), ("other_organisation", "Uno")]);
        assert_eq!(mismatched(&header, &["organisation", "other_organisation"], &shared), []);
    }

    #[test]
    fn rows_of_very_many_columns_are_refused() {
        let wide = "1,".repeat(MAX_COLUMNS);
        for csv in [format!("{wide}\n1\n"), format!("number,plan\n{wide}\n")] {
            let read = read(csv.as_bytes(), ["number", "plan"]);
            assert!(matches!(read, Err(ImportError::TooManyColumns)));
        }
    }

    #[test]
    fn number_of_rows_is_limited() {
        let csv = format!("number,plan\n{}", "1,a\n".repeat(MAX_ROWS + 1));
        assert!(matches!(read(csv.as_bytes(), ["number", "plan"]), Err(ImportError::TooManyRows)));
    }
}
