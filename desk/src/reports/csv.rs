//! Reports as files for spreadsheets: CSV (RFC 4180).

use domain::calendar::ZoneView;
use domain::t;
use domain::time::Instant;
use domain::words::Language;

/// A file that is written line by line.
pub(super) struct Sheet(String);

impl Sheet {
    /// A file whose columns are named by these keys.
    pub(super) fn new(language: Language, columns: &[&str]) -> Self {
        // A spreadsheet takes a file without this mark for another alphabet.
        let mut sheet = Self("\u{feff}".to_owned());
        let names: Vec<String> = columns.iter().map(|key| t!(language, key).into_owned()).collect();
        sheet.line(&names);
        sheet
    }

    pub(super) fn line(&mut self, cells: &[String]) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Date and time at the site, as spreadsheets read them.
pub(super) fn local(zone: &ZoneView, at: Instant) -> String {
    let at = zone.local(at);
    format!("{:04}-{:02}-{:02} {:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute)
}

/// A cell. What a spreadsheet would take for a formula is made a text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r', ';']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two() {
        assert_eq!(quoted("Banco Cumbre"), "Banco Cumbre");
        assert_eq!(quoted("Cumbre, S.A."), "\"Cumbre, S.A.\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("@\"x\"\ny"), "\"'@\"\"x\"\"\ny\"");
    }
}
