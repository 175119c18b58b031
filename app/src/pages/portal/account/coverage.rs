//! What a contract promises, in plain words: when its clocks run, and how soon things are done.

use desk::customers::equipment::Promises;
use domain::calendar::format::weekday_key;
use domain::calendar::week::{DayPart, WeekHours};
use domain::calendar::{DurationStyle, duration};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::t;
use leptos::prelude::*;

/// The weekdays of a calendar, from Monday on.
const WEEK: [chrono::Weekday; 7] = [
    chrono::Weekday::Mon,
    chrono::Weekday::Tue,
    chrono::Weekday::Wed,
    chrono::Weekday::Thu,
    chrono::Weekday::Fri,
    chrono::Weekday::Sat,
    chrono::Weekday::Sun,
];

/// The promises of a contract: its hours, and a line for each priority.
pub(super) fn promised(language: Language, promises: &Promises) -> AnyView {
    let hours = week(language, &promises.hours).join("; ");
    let holidays = match promises.observes {
        Some(country) => {
            t!(language, "my.hours.holidays", country = t!(language, country.name_key()))
        }
        None => t!(language, "my.hours.every_day").into_owned(),
    };
    let lines = Priority::ALL.map(|priority| {
        let targets = promises.terms.targets(priority);
        let words = |seconds| duration(language, seconds, DurationStyle::Words);
        let promise = t!(
            language,
            "my.promise",
            contact = words(targets.first_response_s),
            resolution = words(targets.resolution_s)
        );
        view! { <li><b>{priority.code()}</b> ": " {promise}</li> }
    });
    view! {
        <details>
            <summary class="button button--quiet">{t!(language, "my.promises")}</summary>
            <p>{t!(language, "my.hours")} ": " {hours} ". " {holidays}</p>
            <ul class="stack stack--tight">{lines.into_iter().collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// The hours of a week: days in a row that have the same hours together.
fn week(language: Language, hours: &WeekHours) -> Vec<String> {
    if WEEK.iter().all(|day| hours.on(*day) == [DayPart::WHOLE]) {
        return vec![t!(language, "my.hours.always").into_owned()];
    }
    let name = |day: chrono::Weekday| t!(language, weekday_key(day)).into_owned();
    let groups = WEEK.chunk_by(|one, other| hours.on(*one) == hours.on(*other));
    let open = groups.filter(|days| days.first().is_some_and(|day| !hours.on(*day).is_empty()));
    let said = open.filter_map(|days| {
        let (first, last) = (*days.first()?, *days.last()?);
        let parts = hours.on(first).iter().map(|part| part_words(language, *part));
        let parts = parts.collect::<Vec<_>>().join(", ");
        Some(if first == last {
            format!("{} {parts}", name(first))
        } else {
            format!("{} {parts}", t!(language, "my.hours.days", first = name(first), last = name(last)))
        })
    });
    said.collect()
}

/// A part of a day: `08:00–18:00`, or the whole day.
fn part_words(language: Language, part: DayPart) -> String {
    if part == DayPart::WHOLE {
        return t!(language, "my.hours.whole").into_owned();
    }
    let time = |second: u32| format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    format!("{}–{}", time(part.from_s()), time(part.to_s()))
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use domain::calendar::week::Window;

    use super::*;

    fn hours(windows: &[(Weekday, u32, u32)]) -> WeekHours {
        let windows: Vec<Window> = windows
            .iter()
            .map(|(weekday, opens, closes)| Window {
                weekday: *weekday,
                opens_s: opens * 3600,
                closes_s: closes * 3600,
            })
            .collect();
        WeekHours::new(&windows).unwrap()
    }

    #[test]
    fn days_in_a_row_with_the_same_hours_are_said_together() {
        let office: Vec<_> =
            WEEK[..5].iter().map(|day| (*day, 8, 18)).chain([(Weekday::Sat, 9, 13)]).collect();
        let said = week(Language::Es, &hours(&office));
        assert_eq!(said, ["lunes a viernes 08:00–18:00", "sábado 09:00–13:00"]);
        let split = hours(&[(Weekday::Mon, 8, 12), (Weekday::Mon, 14, 18), (Weekday::Wed, 8, 12)]);
        assert_eq!(week(Language::Es, &split), ["lunes 08:00–12:00, 14:00–18:00", "miércoles 08:00–12:00"]);
    }

    #[test]
    fn day_and_night_has_words_of_its_own() {
        for language in Language::ALL {
            let always = week(language, &WeekHours::always());
            assert_eq!(always.len(), 1);
            assert!(!always[0].contains(':'), "{always:?}");
        }
    }
}
