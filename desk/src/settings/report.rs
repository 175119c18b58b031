//! The report of applied settings, and its text for the command line.

use std::fmt::Write as _;

use domain::i18n::Language;
use domain::t;
use domain::time::Instant;

use super::changes::FieldChange;
use super::file::{FileProblem, Subject};
use super::preview::Preview;
use super::retirement::PlanContracts;

/// Whether anything was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No: a preview.
    Shown,
    /// Yes: all differences.
    Written,
    /// No: the files have a problem.
    Refused,
}

/// A new or changed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file that has it.
    pub subject: Subject,
    /// Its name in the file.
    pub name: String,
    /// Changes by key; `None` for a new entry.
    pub fields: Option<Vec<FieldChange>>,
    /// Whether it replaces a change that was planned for later.
    pub supersedes: bool,
}

/// A plan that a change retires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredPlan {
    /// Its name in the file.
    pub name: String,
    /// The contracts that keep it.
    pub contracts: PlanContracts,
}

/// The result of applying settings, or its preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsReport {
    /// Whether anything was written.
    pub outcome: Outcome,
    /// When the changes take effect for new cases.
    pub effective_from: Instant,
    /// New and changed entries, calendars first.
    pub changes: Vec<Change>,
    /// Number of equal entries.
    pub unchanged: usize,
    /// Entries of the desk that the files lack. They are unchanged.
    pub left: Vec<(Subject, String)>,
    /// Plans that are retired, with the contracts that keep them.
    pub retired: Vec<RetiredPlan>,
    /// The preview for open cases.
    pub preview: Preview,
    /// All problems.
    pub problems: Vec<FileProblem>,
}

impl SettingsReport {
    /// The report for a terminal: additions (`+`), changes (`~`), missing entries (`-`), problems (`!`), the preview
    /// and the outcome.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let mut text = String::new();
        let mut line = |words: std::fmt::Arguments<'_>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{words}");
        };
        for Change { subject, name, fields, supersedes } in &self.changes {
            let entry = t!(language, "settings.entry", file = subject.file_name(), name = name);
            line(format_args!("{} {entry}", if fields.is_some() { '~' } else { '+' }));
            for FieldChange { key, from, to } in fields.iter().flatten() {
                let shown = |value: &Option<String>| {
                    value.clone().unwrap_or_else(|| t!(language, "settings.none").into_owned())
                };
                line(format_args!("    {key}: {} → {}", shown(from), shown(to)));
            }
            if *supersedes {
                line(format_args!("    {}", t!(language, "settings.supersedes")));
            }
        }
        for (subject, name) in &self.left {
            let entry = t!(language, "settings.entry", file = subject.file_name(), name = name);
            line(format_args!("- {}", t!(language, "settings.left", entry = entry)));
        }
        for problem in &self.problems {
            line(format_args!("! {}", problem.message(language)));
        }
        for RetiredPlan { name, contracts } in &self.retired {
            line(format_args!("{}", t!(language, "settings.retired", name = name, count = contracts.total)));
            for contract in &contracts.first {
                line(format_args!("    {} {}", contract.number, contract.organisation));
            }
        }
        if self.problems.is_empty() && !self.changes.is_empty() {
            line(format_args!("{}", self.preview.message(language)));
        }
        let counts = t!(
            language,
            "settings.counts",
            added = self.changes.iter().filter(|change| change.fields.is_none()).count(),
            changed = self.changes.iter().filter(|change| change.fields.is_some()).count(),
            unchanged = self.unchanged
        );
        line(format_args!("{counts}"));
        line(format_args!("{}", t!(language, self.outcome_key())));
        text
    }

    fn outcome_key(&self) -> &'static str {
        match self.outcome {
            _ if !self.problems.is_empty() => "settings.refused",
            _ if self.changes.is_empty() => "settings.same",
            Outcome::Shown => "settings.shown",
            Outcome::Written => "settings.written",
            Outcome::Refused => "settings.refused",
        }
    }
}
