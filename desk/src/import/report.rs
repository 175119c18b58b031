//! The report of an import, and its text for the command line.

use std::fmt::Write as _;

use domain::i18n::Language;
use domain::register::RegisterField;
use domain::t;

use super::{CellProblem, Doubtful};

/// The most missing rows that are listed: a file may deliberately hold a part of the register.
const GONE_SHOWN: usize = 20;

/// The result of an import, or its preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Whether anything was written.
    pub outcome: Outcome,
    /// Rows that are new.
    pub added: Vec<Added>,
    /// Rows that differ from the register.
    pub changed: Vec<Changed>,
    /// Number of rows that equal the register.
    pub unchanged: usize,
    /// Organisations or sites that are created with the rows.
    pub created: Vec<String>,
    /// Contracts that the file lacks and that end on the chosen day, in order. Only for a file without wrong rows.
    pub ended: Vec<Ended>,
    /// Register entries that the file lacks, in order; listed only for a file without wrong rows. They remain.
    pub gone: Vec<String>,
    /// New rows that are probably wrong, by line. They must be confirmed.
    pub doubtful: Vec<Doubtful>,
    /// All problems, by line.
    pub bad: Vec<BadRow>,
}

/// Whether anything was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No: a preview.
    Shown,
    /// Yes: all rows of the file.
    Written,
    /// No: a row is wrong, or doubtful and not confirmed.
    Refused,
}

/// A row by its line and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Line in the file, from 1.
    pub line: u64,
    /// Number of the contract, or the serial.
    pub key: String,
}

/// A row that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The row.
    pub row: Seen,
    /// Its values by column, without the key.
    pub values: Vec<(&'static str, String)>,
}

/// A row that differs from the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The row.
    pub row: Seen,
    /// The changed values; never empty.
    pub fields: Vec<FieldChange>,
}

/// A contract that the file lacks, and that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Number of the contract.
    pub key: String,
    /// Its last day, before and after.
    pub field: FieldChange,
}

/// A changed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Column in the file.
    pub column: &'static str,
    /// Value in the register.
    pub from: String,
    /// Value in the file.
    pub to: String,
}

impl FieldChange {
    /// The change as the history keeps it.
    pub(super) fn recorded(&self) -> RegisterField {
        RegisterField { field: self.column.to_owned(), from: self.from.clone(), to: self.to.clone() }
    }
}

/// A problem of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// The column; `None` for the row as a whole.
    pub column: Option<&'static str>,
    /// The problem.
    pub problem: RowProblem,
}

/// Problem of a row or one of its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// The row has fewer or more values than the header.
    Width {
        /// Names in the header.
        expected: usize,
        /// Values in the row.
        found: usize,
    },
    /// An earlier line has the same contract or serial.
    Twice {
        /// Line of the first one, from 1.
        first: u64,
    },
    /// An earlier line has other values for the same site.
    SiteDiffers {
        /// Line of the first one, from 1.
        first: u64,
    },
    /// A cell has a problem.
    Cell(CellProblem),
}

impl RowProblem {
    /// The problem and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Width { expected, found } => {
                t!(language, "import.row.width", expected = expected, found = found)
            }
            Self::Twice { first } => t!(language, "import.row.twice", first = first),
            Self::SiteDiffers { first } => t!(language, "import.row.site_differs", first = first),
            Self::Cell(problem) => problem.message(language),
        }
    }
}

impl BadRow {
    /// The problem and what to do, in the reader's language: `line 7, plan: …`.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let problem = self.problem.message(language);
        match self.column {
            Some(column) => {
                t!(language, "import.row.in_column", line = self.line, column = column, problem = problem)
            }
            None => t!(language, "import.row.whole", line = self.line, problem = problem),
        }
    }
}

impl ImportReport {
    /// A report with problems alone.
    pub(super) fn new(bad: Vec<BadRow>) -> Self {
        Self {
            outcome: Outcome::Shown,
            added: Vec::new(),
            changed: Vec::new(),
            unchanged: 0,
            created: Vec::new(),
            ended: Vec::new(),
            gone: Vec::new(),
            doubtful: Vec::new(),
            bad,
        }
    }

    /// Records a row and its difference from the register; `values` are those of a new one.
    pub(super) fn compare(
        &mut self,
        row: Seen,
        fields: Option<Vec<FieldChange>>,
        values: impl FnOnce() -> Vec<(&'static str, String)>,
    ) {
        match fields {
            None => self.added.push(Added { row, values: values() }),
            Some(fields) if fields.is_empty() => self.unchanged += 1,
            Some(fields) => self.changed.push(Changed { row, fields }),
        }
    }

    /// Records the register entries that the file lacks.
    pub(super) fn note_gone<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        if self.bad.is_empty() {
            self.gone = keys.cloned().collect();
            self.gone.sort_unstable();
        }
    }

    /// Entries that are added, changed and left alone, as the record counts them.
    pub(super) fn counts(&self) -> [usize; 3] {
        [self.added.len(), self.changed.len() + self.ended.len(), self.unchanged]
    }

    /// The report for a terminal: additions (`+`), changes (`~`), missing rows (`-`), doubts (`?`), problems (`!`) and
    /// the outcome.
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
        for Added { row: Seen { line: at, key }, .. } in &self.added {
            line(format_args!("+ {}", t!(language, "import.report.row", line = at, key = key)));
        }
        for Changed { row, fields } in &self.changed {
            line(format_args!("~ {}", t!(language, "import.report.row", line = row.line, key = row.key)));
            for FieldChange { column, from, to } in fields {
                line(format_args!("    {column}: {from} → {to}"));
            }
        }
        for Ended { key, field } in &self.ended {
            line(format_args!("~ {}", t!(language, "import.report.ended", key = key, day = field.to)));
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

/// The values that differ, by column.
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
