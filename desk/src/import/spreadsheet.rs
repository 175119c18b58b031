//! Spreadsheets: the first sheet of an XLSX or ODS file, as text.
//!
//! Both are archives of XML from outside. What they unpack to is counted before anything is parsed. Sheets are read cell by
//! cell, and what is kept of them is counted too, repeated rows and cells with each repetition.

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use chrono::NaiveDate;
use zip::ZipArchive;

use super::table::{Sheet, SheetRow};
use super::{ImportError, MAX_COLUMNS, MAX_ROWS, ods};

/// The most bytes that all parts of an archive may unpack to.
pub(super) const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// The most bytes that the cells of a sheet may take once they are read: a repetition or a shared string is counted each
/// time.
const MAX_KEPT: usize = 256 * 1024 * 1024;
/// The most bytes from the name of the attribute with the number of strings to its end.
const LONGEST_COUNT: usize = 256;
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
        Some(xml) => ods::rows(&xml)?,
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
        } else if is_xml(&name) {
            is_plain(&unpacked)?;
        }
    }
    Ok(content)
}

/// Whether a part is XML by its name. The reader of workbooks finds parts in any case.
fn is_xml(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    ["xml", "rels"].iter().any(|xml| ending.eq_ignore_ascii_case(xml))
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
        if announced(rest.get(..LONGEST_COUNT.min(rest.len())).unwrap_or_default()) > MAX_STRINGS {
            return Err(ImportError::Unpacked);
        }
    }
    Ok(())
}

/// The number that stands behind the name of an attribute; 0 where the name is only a word of the text. One that is written
/// in another way than with digits is more than any.
fn announced(behind: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(behind);
    let text = text.trim_ascii_start();
    let Some(value) = text.strip_prefix('=') else {
        // Spaces without an end hide what stands behind them.
        return if text.is_empty() && behind.len() == LONGEST_COUNT { u64::MAX } else { 0 };
    };
    let value = value.trim_ascii_start();
    let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
        return if value.is_empty() { u64::MAX } else { 0 };
    };
    let inner = value.get(1..).unwrap_or_default().split_once(quote).map(|(inner, _)| inner);
    inner.and_then(|count| count.trim().parse().ok()).unwrap_or(u64::MAX)
}

/// What may still be kept of a sheet, in bytes.
pub(super) struct Budget(usize);

impl Budget {
    /// Takes room for a number of cells with texts of so many bytes together.
    pub(super) fn take(&mut self, cells: usize, bytes: usize) -> Result<(), ImportError> {
        let size = cells.checked_mul(size_of::<String>()).and_then(|cells| cells.checked_add(bytes));
        let left = size.and_then(|size| self.0.checked_sub(size));
        self.0 = left.ok_or(ImportError::Unpacked)?;
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_KEPT)
    }
}

/// Adds a row's cell; rows and columns are bounded.
pub(super) fn put(
    row: &mut Vec<String>,
    budget: &mut Budget,
    column: usize,
    text: String,
) -> Result<(), ImportError> {
    if text.is_empty() {
        return Ok(());
    }
    if column >= MAX_COLUMNS {
        return Err(ImportError::NotASheet);
    }
    budget.take((column + 1).saturating_sub(row.len()), text.len())?;
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
    let mut budget = Budget::default();
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
            put(&mut last.cells, &mut budget, usize::try_from(column).unwrap_or(usize::MAX), text)?;
        }
    }
    Ok(rows)
}

/// A cell as a file of text has it: days as YYYY-MM-DD, whole numbers without decimals.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(moment) => day_of_cell(moment),
        DataRef::DateTimeIso(text) => day_of(text),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// The day of a cell, as YYYY-MM-DD.
///
/// `SheetJS` 0.18.5 writes midnight up to a minute early where the city's time before zones had seconds: 23:59:44 in Bogotá
/// (`findings/xlsx-dates-off-by-seconds.sh`). 23:59:00 and 23:59:59 are ends of a day, as people write them.
fn day_of_cell(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let is_midnight_of_next = hour == 23 && minute == 59 && (1..=58).contains(&second);
    let next = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
        .filter(|_| is_midnight_of_next)
        .and_then(|day| day.succ_opt());
    next.map_or_else(|| format!("{year:04}-{month:02}-{day:02}"), |next| next.format("%Y-%m-%d").to_string())
}

/// The day of a moment such as `2026-01-31T00:00:00`.
pub(super) fn day_of(text: &str) -> String {
    text.split('T').next().unwrap_or_default().to_owned()
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

    /// The numbers that `SheetJS` 0.18.5 writes for 2026-12-01 in UTC, Bogotá, Caracas and Mexico City, and ends of a day.
    #[test]
    fn midnight_that_is_written_some_seconds_early_is_its_own_day() {
        let day = |value| {
            let moment = ExcelDateTime::new(value, calamine::ExcelDateTimeType::DateTime, false);
            text_of(&DataRef::DateTime(moment))
        };
        for value in [46_357.0, 46_356.999_814_814_815, 46_356.999_537_037_04, 46_356.999_583_333_33] {
            assert_eq!(day(value), "2026-12-01", "{value}");
        }
        for clock in ["23:58:59", "23:59:00", "23:59:59"] {
            let seconds = clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<u32>().unwrap());
            assert_eq!(day(46_356.0 + f64::from(seconds) / 86_400.0), "2026-11-30", "{clock}");
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
    fn repetition_within_the_limits_of_rows_and_columns_cannot_fill_the_memory() {
        let text = "x".repeat(10_000);
        let rows = format!(
            "<table:table-row table:number-rows-repeated=\"200000\">\
             <table:table-cell table:number-columns-repeated=\"100\"><text:p>{text}</text:p></table:table-cell>\
             </table:table-row>"
        );
        let bomb = an_ods(&rows);
        assert!(bomb.len() < 4096, "{}", bomb.len());
        assert!(matches!(read(&bomb), Err(ImportError::Unpacked)));
    }

    #[test]
    fn table_of_too_many_strings_is_refused_however_it_is_written() {
        for name in ["xl/sharedStrings.XML", "XL/SharedStrings.Xml"] {
            let strings: &[u8] = b"<sst uniqueCount=\"99999999999\"/>";
            assert!(matches!(read(&archive(&[(name, strings)])), Err(ImportError::Unpacked)), "{name}");
        }
        let far = format!("<sst uniqueCount{}=\"99999999999\"/>", " ".repeat(1000));
        for text in [
            "<sst uniqueCount = '99999999999'/>",
            "<sst uniqueCount=\"&#57;9999999999\"/>",
            "<sst uniqueCount=\"0x9\"/>",
            far.as_str(),
        ] {
            assert!(matches!(is_plain(text.as_bytes()), Err(ImportError::Unpacked)), "{text}");
        }
        for text in
            ["<sst uniqueCount=\"12\" count='999999999999'/>", "<t>uniqueCount of 999999999999</t>", "<a/>"]
        {
            assert!(is_plain(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_spreadsheet_is_told() {
        for bytes in [archive(&[]), archive(&[("a.txt", b"a")]), b"PK\x03\x04 and no more".to_vec()] {
            assert!(matches!(read(&bytes), Err(ImportError::NotASheet)), "{bytes:?}");
        }
        assert!(matches!(read(&an_ods("<table:table-row/>")), Err(ImportError::Empty)));
    }
}
