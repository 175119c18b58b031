//! Instants and spans in whole seconds: the only times the rules of the desk know.

use serde::{Deserialize, Serialize};

/// A point in time, in whole seconds of UTC since 1970-01-01T00:00:00Z.
///
/// Whole seconds because a promise is kept or broken in whole seconds (`docs/decisions/0004`); a plain integer because
/// it costs nothing in the browser, in the database or on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Later than every instant the desk will ever see: the end of a pause that is still open.
    pub const FAR: Self = Self(i64::MAX);

    /// This instant moved by `seconds` (negative: earlier), staying in range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant as chrono's type, for calendars and for printing. `None` beyond chrono's range of years.
    #[must_use]
    pub const fn to_chrono(self) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp(self.0, 0)
    }
}

impl From<chrono::DateTime<chrono::Utc>> for Instant {
    /// Cuts fractions of a second off.
    fn from(value: chrono::DateTime<chrono::Utc>) -> Self {
        Self(value.timestamp())
    }
}

/// A half-open stretch of time `[from, to)`: `from` is in, `to` is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First instant inside.
    pub from: Instant,
    /// First instant after.
    pub to: Instant,
}

impl Span {
    /// The stretch from `from` to `to`; empty when `to` is not later.
    #[must_use]
    pub const fn new(from: Instant, to: Instant) -> Self {
        Self { from, to }
    }

    /// Length in seconds, never negative.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        let length = self.to.since(self.from);
        if length > 0 { length } else { 0 }
    }

    /// Whether `instant` lies inside.
    #[must_use]
    pub fn contains(self, instant: Instant) -> bool {
        self.from <= instant && instant < self.to
    }

    /// What this and `other` have in common; empty when they do not meet.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }
}
