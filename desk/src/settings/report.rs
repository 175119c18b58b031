//! What applying settings has to tell, and its words for the command line.

use std::fmt::Write as _;

use domain::i18n::Language;
use domain::t;
use domain::time::Instant;

use super::changes::FieldChange;
use super::file::{FileProblem, Subject};
use super::preview::Preview;

/// Whether anything was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: it was only shown.
    Shown,
    /// Everything that differs was written.
    Written,
    /// Nothing, because something is wrong.
    Refused,
}

/// An entry of a file that differs from the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which file it stands.
    pub subject: Subject,
    /// The name that the entry has in the file.
    pub name: String,
    /// In what it differs, key by key; `None` for a new one.
    pub fields: Option<Vec<FieldChange>>,
    /// Whether a change that was planned for later is given up for this one.
    pub supersedes: bool,
}

/// What applying settings did or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsReport {
    /// Whether anything was written.
    pub outcome: Outcome,
    /// From when the changes count for new cases.
    pub effective_from: Instant,
    /// Entries that are new or differ, calendars first.
    pub changes: Vec<Change>,
    /// How many entries the desk has just so.
    pub unchanged: usize,
    /// What the desk has and the files do not; it stays.
    pub left: Vec<(Subject, String)>,
    /// What the changes would mean for the cases that are open; they keep what they were promised.
    pub preview: Preview,
    /// Everything that is wrong.
    pub problems: Vec<FileProblem>,
}

impl SettingsReport {
    /// The whole report as lines for a terminal: what is added (`+`), what changes (`~`), what is not in the files (`-`),
    /// what is wrong (`!`), what it would mean, and what became of it.
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
