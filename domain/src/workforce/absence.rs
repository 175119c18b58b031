//! Absences: whole local days on which a person does not work.

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use crate::i18n::Language;
use crate::t;
use crate::text::legible;

/// The longest absence in days: a year of leave.
pub const ABSENCE_DAYS_MAX: i64 = 366;

/// The most characters of an absence's note.
pub const NOTE_CHARS_MAX: usize = 300;

/// Id of an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsenceId(pub i64);

choices! {
    /// The kind of an absence.
    pub enum AbsenceKind: "workforce.absence" {
        /// Annual leave.
        Leave = "leave",
        /// Illness.
        Illness = "illness",
        /// Training.
        Training = "training",
        /// Any other reason.
        Other = "other",
    }
}

/// The local days of an absence, both included, in the person's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbsencePeriod {
    from: NaiveDate,
    to: NaiveDate,
}

/// Why an absence is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AbsenceProblem {
    /// It is no date.
    #[error("a date is written as 2026-12-24")]
    Date,
    /// The last day is before the first.
    #[error("the last day is before the first")]
    Order,
    /// It is longer than [`ABSENCE_DAYS_MAX`].
    #[error("an absence has at most {ABSENCE_DAYS_MAX} days")]
    TooLong,
    /// No kind is chosen.
    #[error("an absence has a kind")]
    Kind,
    /// The note is longer than [`NOTE_CHARS_MAX`].
    #[error("a note has at most {NOTE_CHARS_MAX} characters")]
    Note,
    /// Another absence of the person has one of the days.
    #[error("another absence has one of the days")]
    Overlap,
    /// The last day has passed.
    #[error("the absence is over")]
    Past,
}

impl AbsenceProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::Date => "workforce.problem.date",
            Self::Order => "workforce.problem.order",
            Self::TooLong => return t!(language, "workforce.problem.too_long", most = ABSENCE_DAYS_MAX),
            Self::Kind => "workforce.problem.kind",
            Self::Note => return t!(language, "workforce.problem.note", most = NOTE_CHARS_MAX),
            Self::Overlap => "workforce.problem.overlap",
            Self::Past => "workforce.problem.past",
        };
        t!(language, key).into_owned()
    }
}

impl AbsencePeriod {
    /// The days from `from` to `to`.
    ///
    /// # Errors
    /// When the last day is before the first, or there are more than [`ABSENCE_DAYS_MAX`] days.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, AbsenceProblem> {
        match to.signed_duration_since(from).num_days() {
            // Days are stored and compared as text, with four digits of the year.
            _ if to.year() > 9999 => Err(AbsenceProblem::Date),
            ..0 => Err(AbsenceProblem::Order),
            days if days >= ABSENCE_DAYS_MAX => Err(AbsenceProblem::TooLong),
            _ => Ok(Self { from, to }),
        }
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// Whether both have a day in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// An absence as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its days.
    pub period: AbsencePeriod,
    /// Its kind. Colleagues do not read it.
    pub kind: AbsenceKind,
    /// A remark for supervisors; empty for none.
    note: String,
}

impl Absence {
    /// An absence with its note, which is made legible.
    ///
    /// # Errors
    /// When the note is longer than [`NOTE_CHARS_MAX`].
    pub fn new(period: AbsencePeriod, kind: AbsenceKind, note: &str) -> Result<Self, AbsenceProblem> {
        let note = legible(note).split_whitespace().collect::<Vec<_>>().join(" ");
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(AbsenceProblem::Note);
        }
        Ok(Self { period, kind, note })
    }

    /// The remark; empty for none.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Result<AbsencePeriod, AbsenceProblem> {
        AbsencePeriod::new(day(from), day(to))
    }

    #[test]
    fn absence_includes_both_days_and_is_at_most_a_year_long() {
        assert!(period("2026-12-24", "2026-12-24").is_ok());
        assert_eq!(period("2026-12-24", "2026-12-23"), Err(AbsenceProblem::Order));
        assert!(period("2026-01-01", "2027-01-01").is_ok());
        assert_eq!(period("2026-01-01", "2027-01-02"), Err(AbsenceProblem::TooLong));
    }

    #[test]
    fn absence_of_a_year_with_five_digits_is_refused() {
        assert_eq!(period("+12345-06-01", "+12345-06-02"), Err(AbsenceProblem::Date));
        assert!(period("9999-12-30", "9999-12-31").is_ok());
    }

    #[test]
    fn absences_meet_when_they_share_a_day() {
        let one = period("2026-12-10", "2026-12-20").unwrap();
        for (from, to, meets) in [
            ("2026-12-01", "2026-12-09", false),
            ("2026-12-01", "2026-12-10", true),
            ("2026-12-12", "2026-12-13", true),
            ("2026-12-20", "2026-12-31", true),
            ("2026-12-21", "2026-12-31", false),
        ] {
            let other = period(from, to).unwrap();
            assert_eq!((one.meets(other), other.meets(one)), (meets, meets), "{from}");
        }
    }

    #[test]
    fn note_is_legible_and_limited() {
        let period = period("2026-12-10", "2026-12-20").unwrap();
        let absence = Absence::new(period, AbsenceKind::Leave, "  la cubre\n Ana \u{7} ").unwrap();
        assert_eq!(absence.note(), "la cubre Ana");
        let long = "x".repeat(NOTE_CHARS_MAX + 1);
        assert_eq!(Absence::new(period, AbsenceKind::Leave, &long), Err(AbsenceProblem::Note));
    }
}
