//! The working hours of a person: a calendar of the desk, or windows of their own.

use chrono::Weekday;
use desk::settings::{windows_of_day, written_windows};
use desk::workforce::WorkingHoursView;
use domain::actor::PersonId;
use domain::calendar::week::{CalendarError, CalendarId, WeekHours};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::workforce::{WorkWeek, WorkingHours};
use leptos::prelude::*;

use super::{ACT, Act, page_of};
use crate::language::use_language;
use crate::pages::{PostReply, Typed};

const WEEK: &str = "week";
/// The value of [`WEEK`] for windows of their own; a calendar is named by its id, and no hours by an empty text.
const OWN: &str = "own";
const ZONE: &str = "zone";
const HOLIDAYS: &str = "holidays";
const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "monday", "calendar.weekday.mon"),
    (Weekday::Tue, "tuesday", "calendar.weekday.tue"),
    (Weekday::Wed, "wednesday", "calendar.weekday.wed"),
    (Weekday::Thu, "thursday", "calendar.weekday.thu"),
    (Weekday::Fri, "friday", "calendar.weekday.fri"),
    (Weekday::Sat, "saturday", "calendar.weekday.sat"),
    (Weekday::Sun, "sunday", "calendar.weekday.sun"),
];

/// The working hours that were typed, or what is wrong by field.
pub(super) fn read(typed: &Typed, language: Language) -> Result<Option<WorkingHours>, Vec<(String, String)>> {
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let words = |key: &'static str| t!(language, key).into_owned();
    if text(WEEK).is_empty() {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let zone = Zone::parse(text(ZONE))
        .map_err(|_| wrong.push((ZONE.to_owned(), words("workforce.problem.zone"))))
        .ok();
    let week = if text(WEEK) == OWN {
        own(typed, language).map_err(|problems| wrong.extend(problems)).ok()
    } else {
        let id = text(WEEK).parse().map(|id| WorkWeek::Calendar(CalendarId(id)));
        id.map_err(|_| wrong.push((WEEK.to_owned(), words("workforce.problem.week")))).ok()
    };
    match (zone, week) {
        (Some(zone), Some(week)) => Ok(Some(WorkingHours { zone, week })),
        _ => Err(wrong),
    }
}

fn own(typed: &Typed, language: Language) -> Result<WorkWeek, Vec<(String, String)>> {
    let words = |key: &'static str| t!(language, key).into_owned();
    let (mut windows, mut wrong) = (Vec::new(), Vec::new());
    for (weekday, name, _) in DAYS {
        match windows_of_day(weekday, typed.get(name).map_or("", String::as_str)) {
            // One that is empty or not within a day is told at its day.
            Some(read) if read.is_empty() || WeekHours::new(&read).is_ok() => windows.extend(read),
            _ => wrong.push((name.to_owned(), words("workforce.problem.windows"))),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let holidays = Country::from_code(typed.get(HOLIDAYS).map_or("", String::as_str));
    WeekHours::new(&windows).map(|hours| WorkWeek::Own { hours, holidays }).map_err(|error| {
        let key = match error {
            CalendarError::NoWindows => "workforce.problem.no_windows",
            _ => "workforce.problem.windows",
        };
        vec![(WEEK.to_owned(), words(key))]
    })
}

/// The fields of working hours that are set.
fn fields(hours: &WorkingHoursView) -> Typed {
    let mut fields = Typed::from([(ZONE.to_owned(), hours.zone.name().to_owned())]);
    match hours.set.as_ref().map(|set| &set.week) {
        None => {}
        Some(WorkWeek::Calendar(id)) => drop(fields.insert(WEEK.to_owned(), id.0.to_string())),
        Some(WorkWeek::Own { hours, holidays }) => {
            fields.insert(WEEK.to_owned(), OWN.to_owned());
            fields.extend(holidays.map(|country| (HOLIDAYS.to_owned(), country.code().to_owned())));
            fields
                .extend(DAYS.map(|(weekday, name, _)| (name.to_owned(), written_windows(hours.on(weekday)))));
        }
    }
    fields
}

/// The form of supervisors.
#[component]
pub(super) fn HoursForm(
    person: PersonId,
    hours: WorkingHoursView,
    calendars: Vec<(CalendarId, String)>,
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let is_back = reply.typed.get(ACT).is_some_and(|act| act == Act::Hours.code());
    let typed = if is_back { reply.typed.clone() } else { fields(&hours) };
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let problem = |name: &str| reply.problem(name).filter(|_| is_back);
    let none = (String::new(), t!(language, "workforce.hours.none").into_owned());
    let own = (OWN.to_owned(), t!(language, "workforce.hours.own").into_owned());
    let calendars = calendars.into_iter().map(|(id, name)| (id.0.to_string(), name));
    let weeks = [none, own].into_iter().chain(calendars).collect();
    let no_holidays = (String::new(), t!(language, "settings.page.no_holidays").into_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let countries = std::iter::once(no_holidays).chain(countries).collect();
    let zones = Zone::names().map(|name| view! { <option value=name></option> }).collect_view();
    let days = DAYS.map(|(_, name, label)| {
        let label = t!(language, label).into_owned();
        view! { <Line name label value=value(name) problem=problem(name)/> }
    });
    view! {
        <form class="card stack" method="post" action=page_of(person) aria-labelledby="h-hours" novalidate>
            <h2 id="h-hours">{t!(language, "workforce.hours.title")}</h2>
            <p class="note">{t!(language, "workforce.hours.hint")}</p>
            <div class="pairs">
                <Choice name=WEEK label=t!(language, "workforce.hours.week").into_owned() chosen=value(WEEK) options=weeks problem=problem(WEEK)/>
                <Line name=ZONE label=t!(language, "workforce.hours.zone").into_owned() value=value(ZONE) problem=problem(ZONE) list="zones"/>
            </div>
            <datalist id="zones">{zones}</datalist>
            <fieldset class="stack">
                <legend>{t!(language, "workforce.hours.own")}</legend>
                <p class="note">{t!(language, "workforce.hours.own_hint")}</p>
                <div class="pairs">{days.collect_view()}</div>
                <Choice name=HOLIDAYS label=t!(language, "settings.field.holidays").into_owned() chosen=value(HOLIDAYS)
                    options=countries problem=None/>
            </fieldset>
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value=Act::Hours.code()>
                    {t!(language, "workforce.hours.save")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// A line of text with its label and what is wrong with it.
#[component]
fn Line(
    name: &'static str,
    label: String,
    value: String,
    problem: Option<String>,
    #[prop(optional)] list: Option<&'static str>,
) -> impl IntoView {
    let is_wrong = problem.is_some();
    let error = format!("{name}-error");
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{label}</label>
            <div class="field__box">
                <input class="field__input" id=name name=name type="text" autocomplete="off" list=list value=value
                    aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then(|| error.clone())/>
            </div>
            {problem.map(|words| view! { <p class="field__error" role="alert" id=error>{words}</p> })}
        </div>
    }
    .into_any()
}

/// A choice from a list, by value and word.
#[component]
fn Choice(
    name: &'static str,
    label: String,
    chosen: String,
    options: Vec<(String, String)>,
    problem: Option<String>,
) -> impl IntoView {
    let is_wrong = problem.is_some();
    let error = format!("{name}-error");
    let options = options.into_iter().map(|(value, words)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{label}</label>
            <div class="field__box">
                <select class="field__input" id=name name=name aria-invalid=is_wrong.then_some("true")
                    aria-describedby=is_wrong.then(|| error.clone())>
                    {options.collect_view()}
                </select>
            </div>
            {problem.map(|words| view! { <p class="field__error" role="alert" id=error>{words}</p> })}
        </div>
    }
    .into_any()
}

/// The working hours as their owner reads them.
#[component]
pub(super) fn HoursFacts(hours: WorkingHoursView) -> impl IntoView {
    let language = use_language();
    let week = match hours.set.map(|set| set.week) {
        None => t!(language, "workforce.hours.none").into_owned(),
        Some(WorkWeek::Calendar(_)) => t!(language, "workforce.hours.by_calendar").into_owned(),
        Some(WorkWeek::Own { hours, .. }) => {
            let days = DAYS.iter().filter(|(weekday, ..)| !hours.on(*weekday).is_empty());
            let day = |(weekday, _, label): &(Weekday, &str, &str)| {
                format!("{}: {}", t!(language, label), written_windows(hours.on(*weekday)))
            };
            days.map(day).collect::<Vec<_>>().join("; ")
        }
    };
    view! {
        <section class="card stack" aria-labelledby="h-hours">
            <h2 id="h-hours">{t!(language, "workforce.hours.title")}</h2>
            <p>{week}</p>
            <p class="note">{t!(language, "workforce.hours.zone")} ": " {hours.zone.name()}</p>
            <p class="note">{t!(language, "workforce.hours.set_by")}</p>
        </section>
    }
    .into_any()
}
