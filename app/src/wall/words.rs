//! The words beside a clock's figures, short enough to be read in passing.
//!
//! Times are those of the wall's own zone, shown in its header: people compare them with that clock.

use domain::calendar::format::{MomentStyle, month_short_key, weekday_short_key};
use domain::calendar::{LocalTime, ServiceHours, ZoneView};
use domain::case::{ClockState, Rank, SlaClock, SlaStatus, TimerState};
use domain::country::Country;
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;

use crate::ui::digits;

/// The caption of a clock: until when, since when, or what it waits for.
pub(super) fn caption(
    language: Language,
    clock: &SlaClock,
    reading: &SlaStatus,
    hours: &ServiceHours,
    zone: &ZoneView,
    now: Instant,
) -> String {
    let moment = |at: Instant| moment(language, zone, at, now);
    let is_over = reading.state == ClockState::Breached;
    match clock.run {
        TimerState::Stopped | TimerState::Void => {
            let key = match (clock.kind, is_over) {
                (SlaMetric::FirstResponse, false) => "wall.contacted",
                (SlaMetric::FirstResponse, true) => "wall.contacted_late",
                (_, false) => "wall.done",
                (_, true) => "wall.done_late",
            };
            t!(language, key, at = moment(clock.as_of))
        }
        TimerState::Paused { until } if until > now => t!(language, "wall.paused_until", at = moment(until)),
        TimerState::Running | TimerState::Paused { .. } if is_over => match reading.due {
            Some(at) => t!(language, "wall.breached_at", at = at_moment(language, zone, at, now)),
            None => t!(language, ClockState::Breached.name_key()).into_owned(),
        },
        TimerState::Running | TimerState::Paused { .. } if !reading.counting => {
            match hours.spans.next_opening(now) {
                Some(at) => t!(language, "wall.resumes", at = at_moment(language, zone, at, now)),
                None => t!(language, "wall.closed").into_owned(),
            }
        }
        TimerState::Running | TimerState::Paused { .. } => match (reading.due, reading.state) {
            (Some(at), ClockState::Warning) => t!(language, "wall.at_risk", at = moment(at)),
            (Some(at), _) => t!(language, "wall.until", at = until_moment(language, zone, at, now)),
            (None, _) => t!(language, "wall.due_far").into_owned(),
        },
    }
}

/// Which target was breached, and when it was due.
pub(super) fn broken(language: Language, rank: &Rank, zone: &ZoneView, now: Instant) -> String {
    let due = rank.decided_by.and_then(|(_, reading)| reading.due).unwrap_or(rank.at);
    let at = t!(language, "wall.breached_at", at = at_moment(language, zone, due, now));
    match rank.decided_by {
        Some((clock, _)) => format!("{} · {at}", t!(language, clock.kind.name_key())),
        None => at,
    }
}

/// Seconds as large figures, with the unit of the part before their first colon.
pub(super) fn figure(language: Language, seconds: i64) -> (String, String) {
    const HOUR_S: u64 = 3600;
    let digits = digits(language, seconds);
    let unit = match seconds.unsigned_abs() {
        ..HOUR_S => "wall.unit.minutes",
        HOUR_S.. => "wall.unit.hours",
    };
    (digits, t!(language, unit).into_owned())
}

/// The distance of a day from today, as people say it.
enum Distance {
    Today,
    Yesterday,
    Tomorrow,
    /// Less than a week: its weekday suffices.
    Near,
    Far,
}

const DAY_S: i64 = 86_400;

fn distance(then: LocalTime, at: Instant, today: LocalTime, now: Instant) -> Distance {
    let day = |local: LocalTime, at: Instant| (at.0 + i64::from(local.offset_s)).div_euclid(DAY_S);
    match day(then, at) - day(today, now) {
        0 => Distance::Today,
        -1 => Distance::Yesterday,
        1 => Distance::Tomorrow,
        -6..=6 => Distance::Near,
        _ => Distance::Far,
    }
}

/// A moment, such as `14:35`, `ayer 14:35`, `jue 14:35`, `23 nov`.
fn moment(language: Language, zone: &ZoneView, at: Instant, now: Instant) -> String {
    let (then, today) = (zone.local(at), zone.local(now));
    let time = then.format(language, MomentStyle::Time);
    match distance(then, at, today, now) {
        Distance::Today => time,
        Distance::Yesterday => t!(language, "wall.moment.yesterday", time = time),
        Distance::Tomorrow | Distance::Near => {
            let weekday = t!(language, weekday_short_key(then.weekday));
            t!(language, "wall.moment.weekday", weekday = weekday, time = time)
        }
        Distance::Far => {
            t!(
                language,
                "wall.moment.date",
                day = then.day,
                month = t!(language, month_short_key(then.month))
            )
        }
    }
}

/// The same with its preposition: `a las 14:35`, `mañana 14:35`, `el jue 14:35`.
fn at_moment(language: Language, zone: &ZoneView, at: Instant, now: Instant) -> String {
    with_time_word(language, "wall.moment.at", zone, at, now)
}

/// The same after "until": `las 14:35`.
fn until_moment(language: Language, zone: &ZoneView, at: Instant, now: Instant) -> String {
    with_time_word(language, "wall.moment.until", zone, at, now)
}

fn with_time_word(language: Language, key: &str, zone: &ZoneView, at: Instant, now: Instant) -> String {
    let then = zone.local(at);
    let time = then.format(language, MomentStyle::Time);
    match distance(then, at, zone.local(now), now) {
        Distance::Today => t!(language, key, time = time),
        Distance::Near => t!(
            language,
            "wall.moment.on_weekday",
            weekday = t!(language, weekday_short_key(then.weekday)),
            time = time
        ),
        Distance::Tomorrow => t!(language, "wall.moment.tomorrow", time = time),
        Distance::Yesterday | Distance::Far => moment(language, zone, at, now),
    }
}

/// The time of day to the second, for the header.
pub(super) fn clock_time(zone: &ZoneView, now: Instant) -> String {
    let local = zone.local(now);
    format!("{:02}:{:02}:{:02}", local.hour, local.minute, local.second)
}

/// The day and the city of the wall's clock: `mar 17 mar · Caracas`.
pub(super) fn day_line(language: Language, zone: &ZoneView, place: &str, now: Instant) -> String {
    let local = zone.local(now);
    t!(
        language,
        "wall.day",
        weekday = t!(language, weekday_short_key(local.weekday)),
        day = local.day,
        month = t!(language, month_short_key(local.month)),
        place = place
    )
}

/// Since when the connection is cut.
pub(super) fn cut_line(language: Language, zone: &ZoneView, since: Instant, now: Instant) -> String {
    t!(language, "wall.cut", at = until_moment(language, zone, since, now))
}

/// Countries in a sentence: `Venezuela, Colombia y México`; empty for none.
pub(super) fn countries(language: Language, countries: &[Country]) -> String {
    let names: Vec<_> = countries.iter().map(|country| t!(language, country.name_key())).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.to_string(),
        Some((last, others)) => t!(language, "wall.and", others = others.join(", "), last = last),
    }
}

#[cfg(test)]
mod tests {
    use domain::case::Breach;

    use super::super::sample::*;
    use super::*;

    fn says(clock: &SlaClock, now: i64) -> String {
        let (hours, now) = (hours(), Instant(now));
        caption(Language::Es, clock, &clock.reading(&hours.spans, now), &hours, &hours.zone, now)
    }

    #[test]
    fn clock_label_explains_its_figures() {
        let stopped =
            SlaClock { run: TimerState::Stopped, used_s: 1102, as_of: Instant(T + 1102), ..attention(1800) };
        let late = SlaClock {
            used_s: 2400,
            breach: Some(Breach { at: Instant(T + 1801), target_s: 1800, due: None }),
            ..stopped
        };
        for (clock, now, expected) in [
            (attention(1800), T, "hasta las 10:30"),
            (attention(1800), T + 1500, "Por vencer · 10:30"),
            (attention(1800), T + 1800, "Por vencer · 10:30"),
            (attention(1800), T + 1801, "Vencido a las 10:30"),
            (attention(1800), T + DAY, "Vencido ayer 10:30"),
            (resolution(3 * 3600), T, "hasta las 14:00"),
            (resolution(3 * 3600), NOON, "sigue a las 13:00"),
            (resolution(8 * 3600), NOON + 5 * 3600, "sigue mañana 08:00"),
            (resolution(8 * 3600), T, "hasta mañana 10:00"),
            (resolution(18 * 3600), T, "hasta el jue 12:00"),
            (resolution(64 * 3600), T, "hasta 25 mar"),
            (resolution(400 * 3600), T, "en más de 2 semanas"),
            (paused(resolution(3600), T + 7200), T, "pausa hasta 12:00"),
            (paused(resolution(3600), T + 2 * DAY), T, "pausa hasta jue 10:00"),
            (paused(resolution(3600), T + 60), T + 60, "hasta las 11:01"),
            (stopped, T + 2000, "Contactado 10:18"),
            (late, T + 2000, "Tarde · 10:18"),
        ] {
            assert_eq!(says(&clock, now), expected, "{clock:?} at {now}");
        }
    }

    #[test]
    fn figures_say_their_unit() {
        let says = |seconds| figure(Language::Es, seconds);
        let is = |digits: &str, unit: &str| (digits.to_owned(), unit.to_owned());
        assert_eq!(says(155), is("02:35", "min"));
        assert_eq!(says(3599), is("59:59", "min"));
        assert_eq!(says(3600), is("1:00:00", "h"));
        assert_eq!(says(3 * 86_400 + 6 * 3600), is("3 d 06:00", "h"));
    }

    #[test]
    fn header_states_day_and_place() {
        let zone = hours().zone;
        assert_eq!(clock_time(&zone, Instant(T + 5)), "10:00:05");
        let line = |language| day_line(language, &zone, "Caracas", Instant(T));
        assert_eq!(line(Language::Es), "mar 17 mar · Caracas");
        assert_eq!(line(Language::En), "Tue 17 Mar · Caracas");
        assert_eq!(line(Language::Pt), "ter 17 mar · Caracas");
    }

    #[test]
    fn outage_notice_states_its_beginning() {
        let zone = hours().zone;
        let says = |now| cut_line(Language::Es, &zone, Instant(T), Instant(now));
        assert_eq!(says(T + 60), "Sin conexión desde las 10:00");
        assert_eq!(says(T + DAY), "Sin conexión desde ayer 10:00");
    }

    #[test]
    fn countries_are_listed_in_a_sentence() {
        let says = |listed: &[Country]| countries(Language::Es, listed);
        assert_eq!(says(&[]), "");
        assert_eq!(says(&[Country::Ve]), "Venezuela");
        assert_eq!(says(&[Country::Ve, Country::Co, Country::Mx]), "Venezuela, Colombia y México");
    }
}
