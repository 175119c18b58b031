//! Instants and spans in whole seconds, the only times of the rules.

use serde::{Deserialize, Serialize};

/// A point in time, in whole seconds of UTC since 1970-01-01T00:00:00Z.
///
/// Targets are met or breached in whole seconds (`docs/decisions/0004`). A plain integer is cheap in the browser, in
/// the database and on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Later than every instant in use: the end of an open pause.
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
    /// Cuts off fractions of a second.
    fn from(value: chrono::DateTime<chrono::Utc>) -> Self {
        Self(value.timestamp())
    }
}

/// A half-open interval `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First instant inside.
    pub from: Instant,
    /// First instant after.
    pub to: Instant,
}

impl Span {
    /// The interval from `from` to `to`; empty when `to` is not later.
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

    /// The common part of both spans; empty when they do not meet.
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
