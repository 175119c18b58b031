//! The form of a calendar: the hours of a week, holidays and closures; below it the year as a picture.

use chrono::{DateTime, Datelike};
use desk::settings::{self, CalendarDay, Subject};
use domain::country::Country;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, choice, text};
use super::year::Year;
use super::{Address, Form, NEW, closures as file, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;

/// Rows for further closures.
const EMPTY_ROWS: usize = 4;
const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The page of a calendar: `/desk/admin/calendars/{id}`, or `new`, which may be a copy (`?from=`).
#[component]
pub fn CalendarPage() -> impl IntoView {
    let address = Address::of_page();
    let year = use_query_map().with_untracked(|query| query.get("year")?.parse::<i32>().ok());
    view! {
        <AdminFrame title="settings.page.calendar" section=Section::Calendars>
            {Suspend::new(async move {
                match read(address, year).await {
                    Ok((form, year)) => view! { <CalendarForm form/> {year} }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The calendar, and a year of it if it exists.
async fn read(address: Address, year: Option<i32>) -> Result<(Form, Option<AnyView>), AppError> {
    let asked = staff_context()?;
    let form = form(&asked, Subject::Calendars, address).await?;
    let Ok(id) = form.id.parse::<i64>() else { return Ok((form, None)) };
    let this_year = DateTime::from_timestamp(asked.desk.now().0, 0).map_or(1970, |now| now.year());
    // Of a calendar the next years matter; others are no address that a page leads to.
    let year = year.filter(|year| (year - this_year).abs() <= 10).unwrap_or(this_year);
    let days: Vec<CalendarDay> = settings::calendar_year(&asked.desk, &asked.actor, id, year).await?;
    Ok((form, Some(view! { <Year id year days/> }.into_any())))
}

#[component]
fn CalendarForm(form: Form) -> impl IntoView {
    let language = use_language();
    let observed = form.fields.get("holidays").cloned().unwrap_or_default();
    let name = ("holidays".to_owned(), t!(language, "settings.field.holidays").into_owned());
    let none = (String::new(), t!(language, "settings.page.no_holidays").into_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let countries = std::iter::once(none).chain(countries).collect();
    let copy = (form.id != NEW).then(|| {
        view! {
            <a class="button button--quiet" href=format!("/desk/admin/calendars/new?from={}", form.id)>
                {t!(language, "settings.page.copy")}
            </a>
        }
    });
    let days = WEEK.map(|day| text(&form, &format!("hours.{day}"), "text", None, Width::Full));
    view! {
        <form class="stack stack--wide settings" method="post" action=format!("/desk/admin/calendars/{}", form.id) novalidate>
            {file::report(&form)}
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-calendar">
                <div class="row row--apart"><h2 id="h-calendar">{t!(language, "settings.page.calendar_head")}</h2> {copy}</div>
                <div class="pairs">
                    {text(&form, "name", "text", None, Width::Full)}
                    {choice(&form, "holidays", name, &observed, countries, Width::Full)}
                    {text(&form, "worked_holidays", "text", Some("settings.hint.worked_holidays"), Width::Full)}
                </div>
            </section>
            <section class="card stack" aria-labelledby="h-week">
                <h2 id="h-week">{t!(language, "settings.page.week")}</h2>
                <p class="note">{t!(language, "settings.page.week_hint")}</p>
                <div class="pairs">{days.collect_view()}</div>
            </section>
            <section class="card stack" aria-labelledby="h-closures">
                <h2 id="h-closures">{t!(language, "settings.field.closures")}</h2>
                <p class="note">{t!(language, "settings.page.closures_hint")}</p>
                {closures(&form)}
            </section>
            {report::send(&form)}
            {file::files(&form)}
        </form>
    }
    .into_any()
}

fn closures(form: &Form) -> AnyView {
    let language = use_language();
    let place = |key: &String| key.strip_prefix("closures.")?.split('.').next()?.parse::<usize>().ok();
    let filled = form.fields.keys().filter_map(place).max().map_or(0, |last| last + 1);
    let parts = [("date", "date"), ("hours", "text"), ("name", "text")];
    let rows: Vec<_> = (0..filled + EMPTY_ROWS)
        .map(|row| {
            let cells = parts.map(|(part, kind)| {
                view! { <td>{text(form, &format!("closures.{row}.{part}"), kind, None, Width::Cell)}</td> }
            });
            view! { <tr>{cells.collect_view()}</tr> }
        })
        .collect();
    let heads = parts.map(|(part, _)| {
        view! { <th scope="col">{t!(language, &format!("settings.field.closure_{part}"))}</th> }
    });
    view! {
        <table class="table grid">
            <caption class="sr">{t!(language, "settings.field.closures")}</caption>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
