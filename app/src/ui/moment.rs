//! Instants in words and for machines.

use domain::calendar::{LocalTime, MomentStyle, ZoneView};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

/// A placeholder in a text that is split around it afterwards.
pub const HERE: char = '\u{1}';

/// A text filled in with [`HERE`], split around it: the part before, and the part after.
#[must_use]
pub fn around(text: &str) -> (String, String) {
    let (before, after) = text.split_once(HERE).unwrap_or((text, ""));
    (before.to_owned(), after.to_owned())
}

/// The distance of an instant's local date from today's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// The day before.
    Yesterday,
    /// The same date.
    Today,
    /// The day after.
    Tomorrow,
    /// Any other date.
    Other,
}

impl Day {
    /// The day of `at`, seen from `now`, in a zone.
    #[must_use]
    pub fn of(zone: &ZoneView, at: Instant, now: Instant) -> Self {
        let date = |at: Instant| {
            let LocalTime { year, month, day, .. } = zone.local(at);
            (year, month, day)
        };
        // Noon is never in an hour that is skipped or repeated.
        let local = zone.local(now);
        let since_noon_s = (i64::from(local.hour) - 12) * 3600;
        let noon = now.plus(-since_noon_s);
        match date(at) {
            day if day == date(now) => Self::Today,
            day if day == date(noon.plus(-24 * 3600)) => Self::Yesterday,
            day if day == date(noon.plus(24 * 3600)) => Self::Tomorrow,
            _ => Self::Other,
        }
    }
}

/// An instant as people say it: `hoy a las 10:35`, else with its date.
#[must_use]
pub fn relative_time(language: Language, zone: &ZoneView, at: Instant, now: Instant) -> String {
    let time = zone.format(at, language, MomentStyle::Time);
    match Day::of(zone, at, now) {
        Day::Yesterday => t!(language, "moment.yesterday", time = time),
        Day::Today => t!(language, "moment.today", time = time),
        Day::Tomorrow => t!(language, "moment.tomorrow", time = time),
        Day::Other => zone.format(at, language, MomentStyle::Short),
    }
}

/// An instant for machines, with the local offset (RFC 3339).
#[must_use]
pub fn machine(zone: &ZoneView, at: Instant) -> String {
    let LocalTime { year, month, day, hour, minute, second, offset_s, .. } = zone.local(at);
    let sign = if offset_s < 0 { '-' } else { '+' };
    let offset_min = offset_s.unsigned_abs() / 60;
    let (offset_h, offset_min) = (offset_min / 60, offset_min % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{offset_h:02}:{offset_min:02}"
    )
}

/// A sentence with an instant in the place of [`HERE`].
#[component]
pub fn MomentIn(
    /// The sentence.
    text: String,
    /// The instant as people read it.
    shown: String,
    /// The instant for machines.
    machine: String,
) -> impl IntoView {
    let (before, after) = around(&text);
    view! {
        {before}
        <time datetime=machine>
            <b>{shown}</b>
        </time>
        {after}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caracas() -> ZoneView {
        ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() }
    }

    #[test]
    fn moments_are_written_in_the_zone_of_the_site() {
        let zone = caracas();
        // 2026-03-18 00:30 in Caracas.
        let now = Instant(1_773_808_200);
        assert_eq!(machine(&zone, now), "2026-03-18T00:30:00-04:00");
        assert_eq!(relative_time(Language::Es, &zone, now.plus(-3600), now), "ayer a las 23:30");
        assert_eq!(relative_time(Language::Es, &zone, now.plus(3600), now), "hoy a las 01:30");
        assert_eq!(relative_time(Language::En, &zone, now.plus(86_400), now), "tomorrow at 00:30");
        assert_eq!(Day::of(&zone, now.plus(2 * 86_400), now), Day::Other);
    }

    #[test]
    fn text_is_split_around_its_placeholder() {
        assert_eq!(around("antes de las \u{1}."), ("antes de las ".to_owned(), ".".to_owned()));
        assert_eq!(around("nada"), ("nada".to_owned(), String::new()));
    }
}
