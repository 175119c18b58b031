//! Local time at a site, as the browser's date fields write it, to and from instants.

use chrono::NaiveDate;
use domain::calendar::ZoneView;
use domain::time::Instant;

/// The instant at which clocks at the site show `local`, written `2026-03-17T14:30`; `None` when it cannot be parsed. In a
/// repeated hour it is the first of two; in a skipped hour clocks show a later time.
pub(crate) fn instant(zone: &ZoneView, local: &str) -> Option<Instant> {
    let (date, time) = local.trim().split_once('T')?;
    let mut date = date.splitn(3, '-');
    let day = NaiveDate::from_ymd_opt(number(date.next())?, number(date.next())?, number(date.next())?)?;
    let mut time = time.splitn(3, ':');
    let moment = day.and_hms_opt(number(time.next())?, number(time.next())?, 0)?;
    let seconds = moment.and_utc().timestamp();
    let shows = |at: Instant| at.0 + i64::from(zone.offset_s(at));
    let offsets = zone.changes.iter().map(|(_, offset_s)| *offset_s).chain([zone.offset_s]);
    let fits = offsets.map(|offset_s| Instant(seconds - i64::from(offset_s)));
    let exact = fits.filter(|at| shows(*at) == seconds).min();
    exact.or_else(|| {
        let at = Instant(seconds - i64::from(zone.offset_s(Instant(seconds))));
        Some(at)
    })
}

fn number<T: std::str::FromStr>(part: Option<&str>) -> Option<T> {
    part?.parse().ok()
}

/// The local time of the site at `at`, as a date field takes it, without seconds.
pub(crate) fn local(zone: &ZoneView, at: Instant) -> String {
    let local = zone.local(at);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}", local.year, local.month, local.day, local.hour, local.minute)
}

/// Nine in the morning at the site, the day after `now`.
pub(crate) fn tomorrow_at_nine(zone: &ZoneView, now: Instant) -> String {
    let today = zone.local(now);
    // From noon, so that a day of 23 or 25 hours leads to no other date.
    let noon = now.plus((12 - i64::from(today.hour)) * 3600);
    let tomorrow = zone.local(noon.plus(24 * 3600));
    format!("{:04}-{:02}-{:02}T09:00", tomorrow.year, tomorrow.month, tomorrow.day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caracas() -> ZoneView {
        ZoneView { name: "America/Caracas".to_owned(), offset_s: -4 * 3600, changes: Vec::new() }
    }

    /// Tijuana in 2026: clocks go forward on 8 March at 02:00 and back on 1 November at 02:00.
    fn tijuana() -> ZoneView {
        let changes = vec![(Instant(1_772_964_000), -7 * 3600), (Instant(1_793_523_600), -8 * 3600)];
        ZoneView { name: "America/Tijuana".to_owned(), offset_s: -8 * 3600, changes }
    }

    #[test]
    fn local_times_round_trip() {
        let zone = tijuana();
        for local_time in [
            "2026-01-15T09:00",
            "2026-03-08T01:59",
            "2026-03-08T03:00",
            "2026-07-01T23:30",
            "2026-11-02T00:00",
        ] {
            let at = instant(&zone, local_time).unwrap();
            assert_eq!(local(&zone, at), local_time);
        }
        // 2026-03-17 14:30 in Caracas is 18:30 in UTC.
        assert_eq!(instant(&caracas(), "2026-03-17T14:30"), Some(Instant(1_773_772_200)));
    }

    #[test]
    fn skipped_and_repeated_hours_map_to_an_instant() {
        let zone = tijuana();
        let skipped = instant(&zone, "2026-03-08T02:30").unwrap();
        assert_eq!(local(&zone, skipped), "2026-03-08T03:30");
        let repeated = instant(&zone, "2026-11-01T01:30").unwrap();
        assert_eq!(repeated, instant(&zone, "2026-11-01T00:30").unwrap().plus(3600));
    }

    #[test]
    fn invalid_time_is_refused() {
        for wrong in ["", "2026-03-17", "2026-02-30T10:00", "2026-03-17T25:00", "mañana"] {
            assert_eq!(instant(&caracas(), wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn tomorrow_is_the_next_date_at_the_site() {
        // 2026-03-18 00:30 in Caracas.
        assert_eq!(tomorrow_at_nine(&caracas(), Instant(1_773_808_200)), "2026-03-19T09:00");
        assert_eq!(tomorrow_at_nine(&caracas(), Instant(1_773_808_200 - 3600)), "2026-03-18T09:00");
    }
}
