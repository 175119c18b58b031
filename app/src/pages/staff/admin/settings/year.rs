//! A year of a calendar at a glance: twelve months, each day by how much of it is open.

use chrono::Datelike;
use desk::settings::CalendarDay;
use domain::calendar::{DurationStyle, duration, format};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use crate::language::use_language;

/// The picture, with the way to the years before and after.
#[component]
pub(super) fn Year(id: i64, year: i32, days: Vec<CalendarDay>) -> impl IntoView {
    let language = use_language();
    let open_days = days.iter().filter(|day| day.open_s > 0).count();
    let open_s: i64 = days.iter().map(|day| day.open_s).sum();
    // The usual length of an open day is what most days have: shorter ones are told apart.
    let longest = days.iter().map(|day| day.open_s).max().unwrap_or_default();
    let months = (1..=12_u32).map(|number| {
        let days: Vec<&CalendarDay> = days.iter().filter(|day| day.date.month() == number).collect();
        month(language, number, &days, longest)
    });
    let closed = days.iter().filter_map(|day| Some((day.date, day.closed_for.clone()?)));
    let closed =
        closed.map(|(date, name)| view! { <li>{format::day(language, date)} ": " {name}</li> }.into_any());
    let to = move |year: i32| format!("/desk/admin/calendars/{id}?year={year}#h-year");
    view! {
        <section class="card stack" aria-labelledby="h-year">
            <div class="row row--apart">
                <h2 id="h-year">{t!(language, "settings.page.year", year = year)}</h2>
                <nav class="row" aria-label=t!(language, "settings.page.years")>
                    <a class="button button--quiet" href=to(year - 1)>{(year - 1).to_string()}</a>
                    <a class="button button--quiet" href=to(year + 1)>{(year + 1).to_string()}</a>
                </nav>
            </div>
            <p>{t!(language, "settings.page.year_counts", days = open_days, hours = duration(language, open_s, DurationStyle::Words))}</p>
            <div class="year">{months.collect_view()}</div>
            <details>
                <summary>{t!(language, "settings.page.year_closed")}</summary>
                <ul class="columns">{closed.collect_view()}</ul>
            </details>
        </section>
    }
    .into_any()
}

fn month(language: Language, number: u32, days: &[&CalendarDay], longest: i64) -> AnyView {
    let name = t!(language, format::month_key(u8::try_from(number).unwrap_or(1))).into_owned();
    let first = days.first().map_or(0, |day| day.date.weekday().num_days_from_monday());
    let cells = (0..first).map(|_| view! { <li aria-hidden="true"></li> }.into_any());
    let days = days.iter().map(|day| {
        let look = match day.open_s {
            0 => "shut",
            open_s if open_s < longest => "part",
            _ => "open",
        };
        let title = match (&day.closed_for, day.open_s) {
            (Some(name), _) => name.clone(),
            (None, 0) => t!(language, "settings.page.shut").into_owned(),
            (None, open_s) => duration(language, open_s, DurationStyle::Words),
        };
        let told = format!(": {title}");
        let is_named = day.closed_for.is_some().then_some("named");
        view! {
            <li data-look=look data-named=is_named title=title>
                {day.date.day()} <span class="sr">{told}</span>
            </li>
        }
        .into_any()
    });
    view! {
        <div class="year__month">
            <h3>{name}</h3>
            <ol>{cells.chain(days).collect_view()}</ol>
        </div>
    }
    .into_any()
}
