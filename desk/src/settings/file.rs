//! Files of settings: their names, and what is wrong with one by line and key.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What one file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Hours of a week, holidays and closures.
    Calendars,
    /// SLA plans: targets, matrix and rules.
    Plans,
}

impl Subject {
    /// All subjects; plans rest on calendars, and come after them.
    pub const ALL: [Self; 2] = [Self::Calendars, Self::Plans];

    /// Name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Calendars => "calendars.toml",
            Self::Plans => "plans.toml",
        }
    }

    /// Name of the table that each entry of the file is.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Calendars => "calendar",
            Self::Plans => "plan",
        }
    }
}

/// A file with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile {
    /// What it holds.
    pub subject: Subject,
    /// TOML.
    pub text: String,
}

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Which file.
    pub subject: Subject,
    /// On which line, from 1.
    pub line: usize,
    /// Of which key, such as `plan[2].targets.P4.resolution`; empty when the file as a whole cannot be read.
    pub key: String,
    /// What is wrong with it, and what is expected.
    pub message: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.subject.file_name(), self.line)?;
        if !self.key.is_empty() {
            write!(f, ", {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A file whose TOML was read, for finding the line of a key.
pub(super) struct Document<'a> {
    subject: Subject,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Reads the text as TOML.
    pub(super) fn parse(file: &'a SettingsFile) -> Result<Self, FileProblem> {
        let SettingsFile { subject, text } = file;
        let root = DeTable::parse(text).map_err(|error| FileProblem {
            subject: *subject,
            line: line(text, error.span().map_or(0, |span| span.start)),
            key: String::new(),
            message: one_line(error.message()),
        })?;
        Ok(Self { subject: *subject, text, root })
    }

    /// What the file holds.
    pub(super) const fn subject(&self) -> Subject {
        self.subject
    }

    /// Reads the document as a `T`.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, FileProblem> {
        let reader = toml::de::Deserializer::from(self.root.clone());
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let path = Path::of(error.path());
            let inner = error.inner();
            let at = inner.span().map(|span| line(self.text, span.start));
            self.problem(&path, at, &one_line(inner.message()))
        })
    }

    /// What is wrong with `key` of the entry at `index`.
    pub(super) fn wrong(&self, index: usize, key: &str, message: impl fmt::Display) -> FileProblem {
        let mut path = Path(vec![Step::Key(self.subject.table().to_owned()), Step::Index(index)]);
        // A number is a place in a list, from 0.
        let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
        path.0.extend(key.split('.').map(step));
        self.problem(&path, None, &message.to_string())
    }

    fn problem(&self, path: &Path, line: Option<usize>, message: &str) -> FileProblem {
        FileProblem {
            subject: self.subject,
            line: line.unwrap_or_else(|| self.line_of(path)),
            key: path.to_string(),
            message: message.to_owned(),
        }
    }

    /// The line of a key; of the nearest table around it when the key is not there.
    fn line_of(&self, path: &Path) -> usize {
        let mut at = 0;
        let mut found = Found::Table(self.root.get_ref());
        for step in &path.0 {
            let next = match (found, step) {
                (Found::Table(table), Step::Key(key)) => {
                    table.get_key_value(key.as_str()).map(|(key, value)| (key.span().start, value))
                }
                (Found::Array(array), Step::Index(index)) => {
                    array.get(*index).map(|value| (value.span().start, value))
                }
                _ => None,
            };
            let Some((start, value)) = next else { break };
            at = start;
            found = match value.get_ref() {
                DeValue::Table(table) => Found::Table(table),
                DeValue::Array(array) => Found::Array(array),
                _ => break,
            };
        }
        line(self.text, at)
    }
}

#[derive(Clone, Copy)]
enum Found<'t, 'a> {
    Table(&'t DeTable<'a>),
    Array(&'t [Spanned<DeValue<'a>>]),
}

/// The way to a key.
struct Path(Vec<Step>);

enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    fn of(path: &serde_path_to_error::Path) -> Self {
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { variant } => Some(Step::Key(variant.clone())),
            Segment::Unknown => None,
        };
        Self(path.iter().filter_map(step).collect())
    }
}

impl fmt::Display for Path {
    /// Entries are counted from 1, as people do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{}]", index + 1)?,
            }
        }
        Ok(())
    }
}

/// The line, from 1, of the byte at `at`.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(" ")
}
