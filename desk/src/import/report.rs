//! What an import has to tell, and its words for the command line.

use std::fmt::Write as _;

use domain::i18n::Language;
use domain::t;

use super::{CellProblem, Doubtful};

/// What is not in the file is told one by one up to so many: a file may hold a part of the register on purpose.
const GONE_SHOWN: usize = 20;

/// What an import did or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Whether anything was written.
    pub outcome: Outcome,
    /// Rows that are new.
    pub added: Vec<Seen>,
    /// Rows that differ from the register.
    pub changed: Vec<Changed>,
    /// How many rows the register holds already.
    pub unchanged: usize,
    /// Organisations or sites that come into being with the rows.
    pub created: Vec<String>,
    /// What the register holds and the file does not, in order; told only of a file without a wrong row. It stays.
    pub gone: Vec<String>,
    /// New rows that are probably wrong, by line: to be confirmed.
    pub doubtful: Vec<Doubtful>,
    /// Everything that is wrong, by line.
    pub bad: Vec<BadRow>,
}

/// Whether anything was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: it was only shown.
    Shown,
    /// All rows of the file were written.
    Written,
    /// Nothing, because a row is wrong, or doubtful and not confirmed.
    Refused,
}

/// A row by its line and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// The contract's number or the serial.
    pub key: String,
}

/// A row that differs from the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The row, by what people know it by.
    pub row: Seen,
    /// In what; never empty.
    pub fields: Vec<FieldChange>,
}

/// A value that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its column in the file.
    pub column: &'static str,
    /// What the register holds.
    pub from: String,
    /// What the file says.
    pub to: String,
}

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Where the row begins in the file, from 1.
    pub line: u64,
    /// In which column; `None` when it is the row as a whole.
    pub column: Option<&'static str>,
    /// What is wrong with the row or the cell.
    pub problem: RowProblem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// Fewer or more values than the header has names.
    Width {
        /// Names in the header.
        expected: usize,
        /// Values in the row.
        found: usize,
    },
    /// The same contract or serial stands on an earlier line.
    Twice {
        /// Line on which it stands first, from 1.
        first: u64,
    },
    /// An earlier line says something else about the same site.
    SiteDiffers {
        /// Line on which the site stands first, from 1.
        first: u64,
    },
    /// A value is wrong.
    Cell(CellProblem),
}

impl BadRow {
    /// What is wrong and what to do, in the reader's language: `line 7, plan: …`.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let problem = match &self.problem {
            RowProblem::Width { expected, found } => {
                t!(language, "import.row.width", expected = expected, found = found)
            }
            RowProblem::Twice { first } => t!(language, "import.row.twice", first = first),
            RowProblem::SiteDiffers { first } => t!(language, "import.row.site_differs", first = first),
            RowProblem::Cell(problem) => problem.message(language),
        };
        match self.column {
            Some(column) => {
                t!(language, "import.row.in_column", line = self.line, column = column, problem = problem)
            }
            None => t!(language, "import.row.whole", line = self.line, problem = problem),
        }
    }
}

impl ImportReport {
    /// A report with nothing in it yet but what is wrong.
    pub(super) fn new(bad: Vec<BadRow>) -> Self {
        Self {
            outcome: Outcome::Shown,
            added: Vec::new(),
            changed: Vec::new(),
            unchanged: 0,
            created: Vec::new(),
            gone: Vec::new(),
            doubtful: Vec::new(),
            bad,
        }
    }

    /// Notes a row of the file beside what the register holds of it.
    pub(super) fn compare(&mut self, row: Seen, fields: Option<Vec<FieldChange>>) {
        match fields {
            None => self.added.push(row),
            Some(fields) if fields.is_empty() => self.unchanged += 1,
            Some(fields) => self.changed.push(Changed { row, fields }),
        }
    }

    /// Notes what the register holds beside the rows of the file.
    pub(super) fn note_gone<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        if self.bad.is_empty() {
            self.gone = keys.cloned().collect();
            self.gone.sort_unstable();
        }
    }

    /// The whole report as lines for a terminal: what is added (`+`), what changes (`~`), what is not in the file
    /// (`-`), what is doubtful (`?`), what is wrong (`!`), and what became of it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let mut text = String::new();
        let mut line = |words: std::fmt::Arguments<'_>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{words}");
        };
        for name in &self.created {
            line(format_args!("+ {}", t!(language, "import.report.created", name = name)));
        }
        for Seen { line: at, key } in &self.added {
            line(format_args!("+ {}", t!(language, "import.report.row", line = at, key = key)));
        }
        for Changed { row, fields } in &self.changed {
            line(format_args!("~ {}", t!(language, "import.report.row", line = row.line, key = row.key)));
            for FieldChange { column, from, to } in fields {
                line(format_args!("    {column}: {from} → {to}"));
            }
        }
        for key in self.gone.iter().take(GONE_SHOWN) {
            line(format_args!("- {}", t!(language, "import.report.gone", key = key)));
        }
        if self.gone.len() > GONE_SHOWN {
            let more = self.gone.len() - GONE_SHOWN;
            line(format_args!("- {}", t!(language, "import.report.gone_more", count = more)));
        }
        for doubtful in &self.doubtful {
            line(format_args!("? {}", doubtful.message(language)));
        }
        for bad in &self.bad {
            line(format_args!("! {}", bad.message(language)));
        }
        line(format_args!(
            "{}",
            t!(
                language,
                "import.report.counts",
                added = self.added.len(),
                changed = self.changed.len(),
                unchanged = self.unchanged,
                bad = self.bad.len()
            )
        ));
        if !self.gone.is_empty() {
            line(format_args!("{}", t!(language, "import.report.gone_count", count = self.gone.len())));
        }
        let key = match (self.outcome, self.bad.is_empty(), self.doubtful.is_empty()) {
            (Outcome::Shown, true, true) => "import.report.shown",
            (Outcome::Shown, true, false) => "import.report.shown_doubtful",
            (Outcome::Shown, false, _) => "import.report.shown_bad",
            (Outcome::Written, ..) => "import.report.written",
            (Outcome::Refused, true, _) => "import.report.refused_doubtful",
            (Outcome::Refused, false, _) => "import.report.refused",
        };
        line(format_args!("{}", t!(language, key)));
        text
    }
}

/// The values that differ, column by column.
pub(super) fn differences<'a>(
    pairs: impl IntoIterator<Item = (&'static str, &'a str, &'a str)>,
) -> Vec<FieldChange> {
    let change = |(column, from, to): (&'static str, &str, &str)| FieldChange {
        column,
        from: from.to_owned(),
        to: to.to_owned(),
    };
    pairs.into_iter().filter(|(_, from, to)| from != to).map(change).collect()
}
