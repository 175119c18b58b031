//! CSV as spreadsheets write it: with or without a byte-order mark, with commas or semicolons, columns in any order.

use csv::{ReaderBuilder, StringRecord};
use domain::text::legible;

use super::{BadRow, ImportError, MAX_ROWS, RowProblem};

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

/// Parses a file whose header names exactly `columns`.
pub(super) fn read<const N: usize>(csv: &[u8], columns: [&'static str; N]) -> Result<Table<N>, ImportError> {
    let text = text(csv)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut table = Table { rows: Vec::new(), bad: Vec::new() };
    let mut places: Option<[usize; N]> = None;
    let mut width = 0;
    for record in reader.records() {
        // The text is UTF-8 and rows may have any width, so no record is refused for another reason.
        let Ok(record) = record else { return Err(ImportError::NotText { line: 0 }) };
        if record.iter().all(|value| value.trim().is_empty()) {
            continue;
        }
        let Some(places) = &places else {
            places = Some(header(&record, columns)?);
            width = record.len();
            continue;
        };
        if table.rows.len() + table.bad.len() == MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
        let line = line_of(&record, text);
        if record.len() == width {
            let value = |place: usize| legible(record.get(place).unwrap_or_default()).trim().to_owned();
            table.rows.push(Line { line, values: places.map(value) });
        } else {
            let problem = RowProblem::Width { expected: width, found: record.len() };
            table.bad.push(BadRow { line, column: None, problem });
        }
    }
    if table.rows.is_empty() && table.bad.is_empty() { Err(ImportError::Empty) } else { Ok(table) }
}

/// The file as text, without its byte-order mark.
fn text(csv: &[u8]) -> Result<&str, ImportError> {
    let text = std::str::from_utf8(csv).map_err(|error| {
        let before = csv.get(..error.valid_up_to()).unwrap_or_default();
        let lines = before.split(|byte| *byte == b'\n').count();
        ImportError::NotText { line: lines as u64 }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The separator of the header: a semicolon where spreadsheets use the comma for decimals.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' }
}

/// Positions of `columns`.
fn header<const N: usize>(
    record: &StringRecord,
    columns: [&'static str; N],
) -> Result<[usize; N], ImportError> {
    let names: Vec<String> = record.iter().map(|name| name.trim().to_lowercase()).collect();
    let places = columns.map(|column| names.iter().position(|name| name == column));
    let missing: Vec<_> = columns
        .into_iter()
        .zip(&places)
        .filter(|(_, place)| place.is_none())
        .map(|(column, _)| column)
        .collect();
    let unknown: Vec<_> = names.iter().filter(|name| !columns.contains(&name.as_str())).cloned().collect();
    let count = |column: &&str| names.iter().filter(|name| name == column).count();
    let twice: Vec<_> = columns.into_iter().filter(|column| count(column) > 1).collect();
    if missing.is_empty() && unknown.is_empty() && twice.is_empty() {
        Ok(places.map(Option::unwrap_or_default))
    } else {
        Err(ImportError::Header { missing, unknown, twice })
    }
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
        assert_eq!(refused(b"number,plan\n1,Est\xe1ndar\n"), "line 2 is not UTF-8 text");
    }

    #[test]
    fn number_of_rows_is_limited() {
        let csv = format!("number,plan\n{}", "1,a\n".repeat(MAX_ROWS + 1));
        assert!(matches!(read(csv.as_bytes(), ["number", "plan"]), Err(ImportError::TooManyRows)));
    }
}
