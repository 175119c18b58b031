//! Settings files: their names, and problems by line and key.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Subject of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Weekly hours, holidays and closures.
    Calendars,
    /// SLA plans: targets, matrix and rules.
    Plans,
}

impl Subject {
    /// All subjects. Plans come after the calendars that they use.
    pub const ALL: [Self; 2] = [Self::Calendars, Self::Plans];

    /// Name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Calendars => "calendars.toml",
            Self::Plans => "plans.toml",
        }
    }

    /// Name of the table of each entry.
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
    /// Its subject.
    pub subject: Subject,
    /// Its text, TOML.
    pub text: String,
}

/// A problem of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The file.
    pub subject: Subject,
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `plan[2].targets.P4.resolution`; empty when the file cannot be parsed.
    pub key: String,
    /// The problem, and the expected value.
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

/// A file with its parsed TOML, which finds the line of a key.
pub(super) struct Document<'a> {
    subject: Subject,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Parses the text as TOML.
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

    /// Subject of the file.
    pub(super) const fn subject(&self) -> Subject {
        self.subject
    }

    /// Deserialises the document as a `T`.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, FileProblem> {
        let reader = toml::de::Deserializer::from(self.root.clone());
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let path = Path::of(error.path());
            let inner = error.inner();
            let at = inner.span().map(|span| line(self.text, span.start));
            self.problem(&path, at, &one_line(inner.message()))
        })
    }

    /// The problem of `key` of the entry at `index`.
    pub(super) fn wrong(&self, index: usize, key: &str, message: impl fmt::Display) -> FileProblem {
        let mut path = Path(vec![Step::Key(self.subject.table().to_owned()), Step::Index(index)]);
        // A number is an index in a list, from 0.
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

    /// The line of a key; that of the innermost table around it when the key is missing.
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

/// The path to a key.
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
    /// Entries are counted from 1 for people.
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
