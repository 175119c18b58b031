//! Spreadsheets: the first sheet of an XLSX or ODS file, as text.
//!
//! Both are archives of XML from outside. What they unpack to is counted before anything is parsed, sheets are read cell by
//! cell, and repeated rows and cells are counted before they are kept: a small file cannot fill the memory.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader as _, Xlsx};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;

use super::table::{Sheet, SheetRow};
use super::{ImportError, MAX_ROWS};

/// The most bytes that all parts of an archive may unpack to.
pub(super) const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// The most columns of a sheet.
const MAX_COLUMNS: usize = 100;
/// The most strings that a workbook may announce: it makes room for them before it reads them.
const MAX_STRINGS: u64 = 2_000_000;

/// Whether a file is an archive, as spreadsheets are.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The first sheet of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
    let content = checked(bytes)?;
    let mut rows = match content {
        Some(xml) => ods(&xml)?,
        None => xlsx(bytes)?,
    };
    rows.sort_by_key(|row| row.line);
    sheet(rows)
}

/// Unpacks every part to count it. Gives the content of an ODS file; nothing for an XLSX file.
fn checked(bytes: &[u8]) -> Result<Option<Vec<u8>>, ImportError> {
    let wrong = |_| ImportError::NotASheet;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut left = MAX_UNPACKED;
    let mut content = None;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(wrong)?;
        let name = part.name().map_err(wrong)?.into_owned();
        let mut unpacked = Vec::new();
        // One byte more tells that there is more.
        part.take(left + 1).read_to_end(&mut unpacked).map_err(|_| ImportError::NotASheet)?;
        let size = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
        left = left.checked_sub(size).ok_or(ImportError::Unpacked)?;
        if name == "content.xml" {
            content = Some(unpacked);
        } else if name.ends_with(".xml") || name.ends_with(".rels") {
            is_plain(&unpacked)?;
        }
    }
    Ok(content)
}

/// Refuses XML of another encoding, which hides what it announces, and a table of too many strings.
fn is_plain(xml: &[u8]) -> Result<(), ImportError> {
    let text = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
    if !text.is_empty() && (text.first() != Some(&b'<') || text.get(1) == Some(&0)) {
        return Err(ImportError::NotASheet);
    }
    let mark = b"uniqueCount";
    let mut rest = text;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        rest = rest.get(at + mark.len()..).unwrap_or_default();
        let digits: String = rest
            .iter()
            .skip_while(|byte| !byte.is_ascii_digit() && **byte != b'>')
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        if !digits.is_empty() && digits.parse().map_or(true, |count: u64| count > MAX_STRINGS) {
            return Err(ImportError::Unpacked);
        }
    }
    Ok(())
}

/// Adds a row's cell; rows and columns are bounded.
fn put(row: &mut Vec<String>, column: usize, text: String) -> Result<(), ImportError> {
    if text.is_empty() {
        return Ok(());
    }
    if column >= MAX_COLUMNS {
        return Err(ImportError::NotASheet);
    }
    if row.len() <= column {
        row.resize(column + 1, String::new());
    }
    row[column] = text;
    Ok(())
}

fn xlsx(bytes: &[u8]) -> Result<Vec<SheetRow>, ImportError> {
    let wrong = |_| ImportError::NotASheet;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let name = book.sheet_names().into_iter().next().ok_or(ImportError::NotASheet)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(wrong)?;
    let mut rows: Vec<SheetRow> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(wrong)? {
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        if rows.last().is_none_or(|last| last.line != line) {
            if rows.len() > MAX_ROWS {
                return Err(ImportError::TooManyRows);
            }
            rows.push(SheetRow { line, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            put(&mut last.cells, usize::try_from(column).unwrap_or(usize::MAX), text)?;
        }
    }
    Ok(rows)
}

/// A cell as a file of text has it: days as YYYY-MM-DD, whole numbers without decimals.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) => day_of(text),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// The day of a moment such as `2026-01-31T00:00:00`.
fn day_of(text: &str) -> String {
    text.split('T').next().unwrap_or_default().to_owned()
}

/// The value of an attribute, as text.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.value.into_owned())
}

fn repeats(start: &BytesStart<'_>, name: &str) -> usize {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The first table of a text of OpenDocument.
#[derive(Default)]
struct Table {
    rows: Vec<SheetRow>,
    /// The line of the row that is read.
    line: u64,
    row: Vec<String>,
    /// How often that row stands there.
    row_repeats: usize,
    column: usize,
    /// The cell that is read: how often it stands there, its value as an attribute, and its paragraphs.
    cell: Option<(usize, Option<String>, String)>,
}

impl Table {
    fn begin_cell(&mut self, start: &BytesStart<'_>) {
        let value = match attribute(start, "office:value-type").as_deref() {
            Some("date") => attribute(start, "office:date-value").map(|day| day_of(&day)),
            Some("float") => attribute(start, "office:value"),
            _ => None,
        };
        self.cell = Some((repeats(start, "table:number-columns-repeated"), value, String::new()));
    }

    fn end_cell(&mut self) -> Result<(), ImportError> {
        let Some((times, value, text)) = self.cell.take() else { return Ok(()) };
        let text = value.unwrap_or(text);
        if !text.is_empty() {
            for column in self.column..self.column.saturating_add(times) {
                // Refuses a column beyond the most, so this ends.
                put(&mut self.row, column, text.clone())?;
            }
        }
        self.column = self.column.saturating_add(times);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ImportError> {
        let row = std::mem::take(&mut self.row);
        if !row.is_empty() {
            if self.rows.len().saturating_add(self.row_repeats) > MAX_ROWS + 1 {
                return Err(ImportError::TooManyRows);
            }
            for line in (self.line..).take(self.row_repeats) {
                self.rows.push(SheetRow { line, cells: row.clone() });
            }
        }
        self.line = self.line.saturating_add(u64::try_from(self.row_repeats).unwrap_or(u64::MAX));
        self.column = 0;
        Ok(())
    }
}

/// The elements of a table that stand for cells.
const CELLS: [&str; 2] = ["table:table-cell", "table:covered-table-cell"];

impl Table {
    /// Begins a row or a cell.
    fn begin(&mut self, start: &BytesStart<'_>) {
        match start.name().as_ref() {
            "table:table-row" => self.row_repeats = repeats(start, "table:number-rows-repeated"),
            name if CELLS.contains(&name) => self.begin_cell(start),
            // Paragraphs after the first one, and runs of spaces.
            "text:p" if self.cell.as_ref().is_some_and(|(_, _, text)| !text.is_empty()) => self.say(" "),
            "text:s" => self.say(" "),
            _ => {}
        }
    }

    /// Ends a row or a cell.
    fn end(&mut self, name: &str) -> Result<(), ImportError> {
        match name {
            "table:table-row" => self.end_row(),
            name if CELLS.contains(&name) => self.end_cell(),
            _ => Ok(()),
        }
    }

    /// Adds to the text of the cell that is read.
    fn say(&mut self, words: &str) {
        if let Some((_, _, text)) = &mut self.cell {
            text.push_str(words);
        }
    }
}

fn ods(xml: &[u8]) -> Result<Vec<SheetRow>, ImportError> {
    let wrong = |_| ImportError::NotASheet;
    let text = std::str::from_utf8(xml).map_err(|_| ImportError::NotASheet)?;
    let mut reader = Reader::from_str(text);
    let mut table = Table { line: 1, ..Table::default() };
    loop {
        match reader.read_event().map_err(wrong)? {
            // A comment is no part of the cell.
            Event::Start(start) if start.name().as_ref() == "office:annotation" => {
                reader.read_to_end(start.name()).map_err(wrong)?;
            }
            Event::Start(start) => table.begin(&start),
            Event::Empty(start) => {
                table.begin(&start);
                table.end(start.name().as_ref())?;
            }
            Event::Text(words) => table.say(&words.xml10_content()),
            Event::GeneralRef(reference) => table.say(&character(&reference)?),
            Event::End(end) if end.name().as_ref() == "table:table" => break,
            Event::End(end) => table.end(end.name().as_ref())?,
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(table.rows)
}

/// The character of a reference such as `&amp;` or `&#241;`. Entities of a document's own are not expanded.
fn character(reference: &BytesRef<'_>) -> Result<String, ImportError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| ImportError::NotASheet)? {
        return Ok(character.to_string());
    }
    let known = resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned);
    known.ok_or(ImportError::NotASheet)
}

/// The header and the rows below it: empty cells at the end of a row are filled up to the header's width.
fn sheet(rows: Vec<SheetRow>) -> Result<Sheet, ImportError> {
    let clean = |text: &String| domain::text::legible(text).trim().to_owned();
    let mut rows = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    let header: Vec<String> = rows.next().ok_or(ImportError::Empty)?.cells.iter().map(clean).collect();
    let width = header.len();
    let rows: Vec<SheetRow> = rows
        .map(|row| {
            let mut cells: Vec<String> = row.cells.iter().map(clean).collect();
            if cells.len() < width {
                cells.resize(width, String::new());
            }
            SheetRow { line: row.line, cells }
        })
        .collect();
    if rows.len() > MAX_ROWS { Err(ImportError::TooManyRows) } else { Ok(Sheet { header, rows }) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const XLSX: &[u8] = include_bytes!("../../tests/desk/fixtures/contracts.xlsx");
    const ODS: &[u8] = include_bytes!("../../tests/desk/fixtures/contracts.ods");

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn an_ods(rows: &str) -> Vec<u8> {
        let xml = format!(
            "<?xml version=\"1.0\"?><office:document-content><office:body><office:spreadsheet><table:table>{rows}\
             </table:table><table:table><table:table-row/></table:table></office:spreadsheet></office:body>\
             </office:document-content>"
        );
        archive(&[("content.xml", xml.as_bytes())])
    }

    /// The sheet of a workbook of a program that is not ours: openpyxl 3.1 and odfpy 1.4 wrote the two.
    #[test]
    fn spreadsheets_of_other_programs_are_read_as_their_text() {
        for (bytes, lines) in [(XLSX, [3, 4]), (ODS, [4, 5])] {
            assert!(is_archive(bytes));
            let Sheet { header, rows } = read(bytes).unwrap();
            assert_eq!(header, ["number", "organisation", "country", "plan", "valid_from", "valid_to"]);
            let cells: Vec<_> = rows.iter().map(|row| (row.line, row.cells.join("|"))).collect();
            let expected = [
                "CPS-VE-004213-58|Banco Cumbre & Cía.|VE|Estándar Venezuela|2026-01-01|2026-12-31",
                "CPS-CO-002107-95|Seguros Cordillera|CO|Estándar Colombia|2026-01-01|2027-12-31",
            ];
            let expected: Vec<_> = lines.into_iter().zip(expected.map(str::to_owned)).collect();
            assert_eq!(cells, expected);
        }
    }

    #[test]
    fn repeated_cells_and_rows_are_expanded_and_numbers_keep_their_digits() {
        let cell = |attributes: &str, text: &str| {
            format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
        };
        let rows = [
            format!("<table:table-row>{}{}</table:table-row>", cell("", "a"), cell("", "b")),
            format!(
                "<table:table-row table:number-rows-repeated=\"2\">{}</table:table-row>",
                cell(
                    "table:number-columns-repeated=\"2\" office:value-type=\"float\" office:value=\"12345678\"",
                    "12.345.678"
                )
            ),
            format!(
                "<table:table-row><table:table-cell/>{}</table:table-row>",
                cell("", "x &lt;y&gt; &#241;")
            ),
        ];
        let Sheet { rows, .. } = read(&an_ods(&rows.concat())).unwrap();
        let cells: Vec<_> = rows.iter().map(|row| (row.line, row.cells.join("|"))).collect();
        let number = "12345678|12345678".to_owned();
        assert_eq!(cells, [(2, number.clone()), (3, number), (4, "|x <y> ñ".to_owned())]);
    }

    #[test]
    fn archive_that_unpacks_to_too_much_is_refused() {
        let zeros = vec![b' '; usize::try_from(MAX_UNPACKED).unwrap() + 1];
        let bomb = archive(&[("content.xml", &zeros)]);
        assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
        assert!(matches!(read(&bomb), Err(ImportError::Unpacked)));
        let strings = b"<sst uniqueCount='999999999999'/>";
        assert!(matches!(read(&archive(&[("xl/sharedStrings.xml", strings)])), Err(ImportError::Unpacked)));
        assert!(matches!(read(&archive(&[("xl/workbook.xml", b"<\0w\0")])), Err(ImportError::NotASheet)));
    }

    #[test]
    fn repetition_without_end_is_refused() {
        let cell = "<table:table-cell table:number-columns-repeated=\"1000000000\"><text:p>x</text:p></table:table-cell>";
        let wide = an_ods(&format!("<table:table-row>{cell}</table:table-row>"));
        assert!(matches!(read(&wide), Err(ImportError::NotASheet)));
        let cell = "<table:table-cell><text:p>x</text:p></table:table-cell>";
        let row =
            format!("<table:table-row table:number-rows-repeated=\"1000000000\">{cell}</table:table-row>");
        assert!(matches!(read(&an_ods(&row)), Err(ImportError::TooManyRows)));
    }

    #[test]
    fn what_is_no_spreadsheet_is_told() {
        for bytes in [archive(&[]), archive(&[("a.txt", b"a")]), b"PK\x03\x04 and no more".to_vec()] {
            assert!(matches!(read(&bytes), Err(ImportError::NotASheet)), "{bytes:?}");
        }
        assert!(matches!(read(&an_ods("<table:table-row/>")), Err(ImportError::Empty)));
    }
}
