//! Settings files: their names, and problems by line and key.

use std::fmt;

use domain::calendar::week::{CLOSURES_MAX, CalendarError, NAME_CHARS_MAX};
use domain::case_number::CasePrefix;
use domain::causes::CausesProblem;
use domain::contract_number::{ContractNumber, FormatProblem};
use domain::i18n::Language;
use domain::provider::ProviderProblem;
use domain::serial::SerialFormatProblem;
use domain::serial::mask::{CheckProblem, MaskError};
use domain::sla_plan::SlaPlanProblem;
use domain::survey::{QUESTION_CHARS_MAX, QUESTIONS_MAX, QuestionnaireProblem};
use domain::t;
use domain::wording::WordingProblem;
use domain::workforce::TeamProblem;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::formats::{CONTRACT_FORMATS_MAX, FormatsProblem};
use super::serial_formats::of_serial_formats;

/// Declares the subjects: each with the name of its file, and the table of its entries where it has several.
macro_rules! subjects {
    ($($(#[$doc:meta])* $subject:ident = $file:literal $(of $table:literal)?),+ $(,)?) => {
        /// Subject of a file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Subject {
            $($(#[$doc])* $subject),+
        }

        impl Subject {
            /// All subjects. Plans come after the calendars and questionnaires that they use.
            pub const ALL: [Self; [$($file),+].len()] = [$(Self::$subject),+];

            /// Name of the file.
            #[must_use]
            pub const fn file_name(self) -> &'static str {
                match self { $(Self::$subject => $file),+ }
            }

            /// Name of the table of each entry; `None` when the file is the entry, because the desk has one.
            #[must_use]
            pub fn table(self) -> Option<&'static str> {
                match self { $(Self::$subject => { let table: &[&'static str] = &[$($table)?]; table.first().copied() }),+ }
            }
        }
    };
}

subjects! {
    /// Weekly hours, holidays and closures.
    Calendars = "calendars.toml" of "calendar",
    /// Questionnaires of surveys.
    Questionnaires = "questionnaires.toml" of "questionnaire",
    /// SLA plans: targets, matrix and rules.
    Plans = "plans.toml" of "plan",
    /// The provider: name, look, telephone lines, what mails say.
    Provider = "provider.toml",
    /// The number formats.
    Formats = "formats.toml",
    /// The formats of serials.
    SerialFormats = "serial_formats.toml",
    /// Teams: countries, skills, members.
    Teams = "teams.toml" of "team",
    /// Causes of faults by category.
    Causes = "causes.toml",
    /// Waiting reasons of the provider's own.
    Waiting = "waiting.toml",
    /// Canned replies: texts that agents take when they write to a customer.
    Replies = "canned_replies.toml" of "reply",
    /// The provider's own words of mails: an entry for each kind of mail.
    MailTexts = "mail_texts.toml" of "mail",
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
    /// What is wrong with it.
    pub reason: Reason,
}

impl FileProblem {
    /// File, line, key and reason in the reader's language, on one line.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let (file, line, reason) = (self.subject.file_name(), self.line, self.reason.message(language));
        if self.key.is_empty() {
            t!(language, "settings.problem", file = file, line = line, reason = reason)
        } else {
            t!(language, "settings.problem_key", file = file, line = line, key = self.key, reason = reason)
        }
    }
}

/// Why an entry, or a whole file, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is no TOML, or a value is of another kind. In the words of the reader, which are English.
    Unreadable(String),
    /// The desk has no entry of this id.
    UnknownId,
    /// The same entry stands twice in the file.
    Repeated,
    /// The name is empty or too long.
    NameLength,
    /// Another entry has the name.
    NameTaken,
    /// The entry was changed since it was read: read it again, and change that.
    ChangedMeanwhile,
    /// No calendar has this name.
    UnknownCalendar(String),
    /// No questionnaire has this name.
    UnknownQuestionnaire(String),
    /// A rule of questionnaires.
    Questionnaire(QuestionnaireProblem),
    /// Cases without a contract are opened under it, so it cannot be retired.
    DefaultPlan,
    /// More business days than a rule may have.
    TooManyDays(u32),
    /// A rule of calendars.
    Calendar(CalendarError),
    /// A rule of plans.
    Plan(SlaPlanProblem),
    /// A rule of the provider.
    Provider(ProviderProblem),
    /// A rule of causes and waiting reasons.
    Causes(CausesProblem),
    /// A rule of texts with variables.
    Wording(WordingProblem),
    /// A rule of number formats.
    Formats(FormatsProblem),
    /// A rule of formats of serials.
    SerialFormats(SerialFormatProblem),
    /// A rule of teams.
    Team(TeamProblem),
}

impl Reason {
    /// The reason in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Unreadable(words) => words.clone(),
            Self::UnknownId => t!(language, "settings.reason.unknown_id").into_owned(),
            Self::Repeated => t!(language, "settings.reason.repeated").into_owned(),
            Self::NameLength => t!(language, "settings.reason.name_length", most = NAME_CHARS_MAX),
            Self::NameTaken => t!(language, "settings.reason.name_taken").into_owned(),
            Self::ChangedMeanwhile => t!(language, "settings.reason.changed_meanwhile").into_owned(),
            Self::UnknownCalendar(name) => t!(language, "settings.reason.unknown_calendar", name = name),
            Self::UnknownQuestionnaire(name) => {
                t!(language, "settings.reason.unknown_questionnaire", name = name)
            }
            Self::Questionnaire(problem) => of_questionnaire(problem, language),
            Self::DefaultPlan => t!(language, "settings.reason.default_plan").into_owned(),
            Self::TooManyDays(most) => t!(language, "settings.reason.too_many_days", most = most),
            Self::Calendar(error) => of_calendar(*error, language),
            Self::Plan(problem) => of_plan(problem, language),
            Self::Provider(problem) => problem.message(language),
            Self::Causes(problem) => problem.message(language),
            Self::Wording(problem) => problem.message(language),
            Self::Formats(problem) => of_formats(problem, language),
            Self::SerialFormats(problem) => of_serial_formats(problem, language),
            Self::Team(problem) => problem.message(language),
        }
    }
}

fn of_calendar(error: CalendarError, language: Language) -> String {
    match error {
        CalendarError::NoWindows => t!(language, "settings.reason.no_windows").into_owned(),
        CalendarError::Empty(_) => t!(language, "settings.reason.empty_window").into_owned(),
        CalendarError::OutsideDay { .. } => t!(language, "settings.reason.outside_day").into_owned(),
        CalendarError::Name => t!(language, "settings.reason.name_length", most = NAME_CHARS_MAX),
        CalendarError::TooManyClosures => {
            t!(language, "settings.reason.too_many_closures", most = CLOSURES_MAX)
        }
        CalendarError::NoHoliday(date) => t!(language, "settings.reason.no_holiday", date = date),
    }
}

fn of_questionnaire(problem: &QuestionnaireProblem, language: Language) -> String {
    match problem {
        QuestionnaireProblem::Key(_) => t!(language, "settings.reason.question_key").into_owned(),
        QuestionnaireProblem::Twice(_) => t!(language, "settings.reason.question_twice").into_owned(),
        QuestionnaireProblem::Count => t!(language, "settings.reason.question_count", most = QUESTIONS_MAX),
        QuestionnaireProblem::Text(_) => {
            t!(language, "settings.reason.question_text", most = QUESTION_CHARS_MAX)
        }
    }
}

fn of_plan(problem: &SlaPlanProblem, language: Language) -> String {
    let key = match problem {
        SlaPlanProblem::FirstResponseAboveCeiling { .. } => "settings.reason.above_ceiling",
        SlaPlanProblem::NotPositive { .. } => "settings.reason.not_positive",
        SlaPlanProblem::ReminderDays => "settings.reason.reminder_days",
        SlaPlanProblem::NoShow => "settings.reason.no_show",
        SlaPlanProblem::Survey => "settings.reason.survey",
        SlaPlanProblem::Levels => "settings.reason.levels",
    };
    t!(language, key).into_owned()
}

fn of_formats(problem: &FormatsProblem, language: Language) -> String {
    let key = match problem {
        FormatsProblem::None => "settings.reason.no_format",
        FormatsProblem::TooMany => {
            return t!(language, "settings.reason.too_many_formats", most = CONTRACT_FORMATS_MAX);
        }
        FormatsProblem::Country => "settings.expected.country",
        FormatsProblem::Check => "settings.reason.check",
        FormatsProblem::Mask(error) => return of_mask(*error, language),
        FormatsProblem::Format(FormatProblem::TooLong) => return of_mask(MaskError::TooLarge, language),
        FormatsProblem::Format(FormatProblem::Check(problem)) => return of_check(*problem, language),
        FormatsProblem::Repeated => "settings.reason.mask_repeated",
        FormatsProblem::Prefix => {
            return t!(language, "settings.reason.prefix", most = CasePrefix::MAX);
        }
    };
    t!(language, key).into_owned()
}

pub(super) fn of_mask(error: MaskError, language: Language) -> String {
    let key = match error {
        MaskError::Unexpected(at) => return t!(language, "settings.reason.mask_sign", at = at + 1),
        MaskError::Unfinished => "settings.reason.mask_unfinished",
        MaskError::TooLarge => {
            return t!(language, "settings.reason.mask_too_large", most = ContractNumber::MAX);
        }
        MaskError::Empty => "settings.reason.mask_empty",
    };
    t!(language, key).into_owned()
}

pub(super) fn of_check(problem: CheckProblem, language: Language) -> String {
    let key = match problem {
        CheckProblem::UnknownSigns => "settings.reason.check_signs",
        CheckProblem::CheckPlaces => "settings.reason.check_places",
    };
    t!(language, key).into_owned()
}

/// A file whose TOML was read, for finding the line of a key.
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
            reason: Reason::Unreadable(one_line(error.message())),
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
            self.problem(&path, at, Reason::Unreadable(one_line(inner.message())))
        })
    }

    /// What is wrong with `key` of the entry at `index`.
    pub(super) fn wrong(&self, index: usize, key: &str, reason: Reason) -> FileProblem {
        let table = self.subject.table().map(|table| vec![Step::Key(table.to_owned()), Step::Index(index)]);
        let mut path = Path(table.unwrap_or_default());
        // A number is an index in a list, from 0.
        let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
        path.0.extend(key.split('.').map(step));
        self.problem(&path, None, reason)
    }

    fn problem(&self, path: &Path, line: Option<usize>, reason: Reason) -> FileProblem {
        FileProblem {
            subject: self.subject,
            line: line.unwrap_or_else(|| self.line_of(path)),
            key: path.to_string(),
            reason,
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
