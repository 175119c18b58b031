//! The first table of an `OpenDocument` spreadsheet, as text.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::spreadsheet::{Budget, day_of, put};
use super::table::SheetRow;
use super::{ImportError, MAX_ROWS};

/// The value of an attribute, as text.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.value.into_owned())
}

fn repeats(start: &BytesStart<'_>, name: &str) -> usize {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The first table of a text of `OpenDocument`.
#[derive(Default)]
struct Table {
    rows: Vec<SheetRow>,
    budget: Budget,
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
                put(&mut self.row, &mut self.budget, column, text.clone())?;
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
            let again = self.row_repeats.saturating_sub(1);
            let bytes: usize = row.iter().map(String::len).sum();
            self.budget.take(row.len().saturating_mul(again), bytes.saturating_mul(again))?;
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

/// The rows of the first table.
pub(super) fn rows(xml: &[u8]) -> Result<Vec<SheetRow>, ImportError> {
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
