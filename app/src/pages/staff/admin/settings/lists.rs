//! The lists of SLA plans and of calendars, as in force now.

use desk::settings::{self, CalendarSummary, Overview, PlanSummary};
use domain::calendar::{DurationStyle, MomentStyle, duration};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::PlanStatus;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::retirement::status_key;
use super::{Access, centre_zone};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

pub(super) async fn read() -> Result<(Overview, Access), AppError> {
    let asked = staff_context()?;
    Ok((settings::overview(&asked.desk, &asked.actor).await?, Access::of(&asked.actor)))
}

/// The list of plans: `/desk/admin/plans`.
#[component]
pub fn PlansPage() -> impl IntoView {
    view! {
        <AdminFrame title="settings.page.plans" section=Section::Plans>
            <Saved/>
            {Suspend::new(async move {
                match read().await {
                    Ok((overview, access)) => view! { <Plans plans=overview.plans access/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The list of calendars: `/desk/admin/calendars`.
#[component]
pub fn CalendarsPage() -> impl IntoView {
    view! {
        <AdminFrame title="settings.page.calendars" section=Section::Calendars>
            <Saved/>
            {Suspend::new(async move {
                match read().await {
                    Ok((overview, access)) => view! { <Calendars calendars=overview.calendars access/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// That a change was written, after its form.
#[component]
pub(super) fn Saved() -> impl IntoView {
    let language = use_language();
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    is_saved.then(|| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.written")}</p></Notice> }
    })
}

/// The way to the form of a new entry, for readers who may make one.
pub(super) fn new(
    language: Language,
    access: Access,
    address: &'static str,
    key: &'static str,
) -> Option<AnyView> {
    (access == Access::Change).then(|| {
        view! { <p><a class="button button--main" href=address>{t!(language, key)}</a></p> }.into_any()
    })
}

/// That a change is planned for later.
pub(super) fn planned(language: Language, from: Option<Instant>) -> Option<AnyView> {
    let (from, zone) = from.zip(centre_zone())?;
    let day =
        zone.view(domain::time::Span::new(from, from.plus(1))).format(from, language, MomentStyle::Short);
    Some(
        view! { <span class="badge badge--line">{t!(language, "settings.page.planned", from = day)}</span> }
            .into_any(),
    )
}

#[component]
fn Plans(plans: Vec<PlanSummary>, access: Access) -> impl IntoView {
    let language = use_language();
    let rows = plans.into_iter().map(|plan| plan_row(language, plan)).collect_view();
    let heads = Priority::ALL.map(|priority| view! { <th scope="col">{priority.code()}</th> });
    view! {
        {new(language, access, "/desk/admin/plans/new?from=1", "settings.page.new_plan")}
        <p class="note">{t!(language, "settings.page.plans_hint")}</p>
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "settings.page.plans")>
            <table class="table">
                <caption class="sr">{t!(language, "settings.page.plans")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "settings.field.name")}</th>
                        <th scope="col">{t!(language, "settings.field.calendar")}</th>
                        {heads.collect_view()}
                        <th scope="col">{t!(language, "settings.page.contracts")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn plan_row(language: Language, plan: PlanSummary) -> impl IntoView {
    let long = |seconds| duration(language, seconds, DurationStyle::Words);
    let badge = (plan.status == PlanStatus::Retired).then(|| {
        view! { <span class="badge badge--line">{t!(language, status_key(plan.status))}</span> }
    });
    let cells: Vec<_> = Priority::ALL
        .iter()
        .zip(plan.targets)
        .map(|(priority, targets)| {
            let (first, last) = (long(targets.first_response_s), long(targets.resolution_s));
            view! { <td data-label=priority.code()>{first} " · " {last}</td> }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/plans/{}", plan.id)>{plan.name}</a>
                " " {badge} " " {planned(language, plan.planned)}
            </th>
            <td data-label=t!(language, "settings.field.calendar")>{plan.calendar}</td>
            {cells}
            <td data-label=t!(language, "settings.page.contracts")>{plan.contracts}</td>
        </tr>
    }
}

#[component]
fn Calendars(calendars: Vec<CalendarSummary>, access: Access) -> impl IntoView {
    let language = use_language();
    let rows = calendars.into_iter().map(|calendar| calendar_row(language, calendar)).collect_view();
    view! {
        {new(language, access, "/desk/admin/calendars/new", "settings.page.new_calendar")}
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "settings.page.calendars")>
            <table class="table">
                <caption class="sr">{t!(language, "settings.page.calendars")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "settings.field.name")}</th>
                        <th scope="col">{t!(language, "settings.page.open_week")}</th>
                        <th scope="col">{t!(language, "settings.field.holidays")}</th>
                        <th scope="col">{t!(language, "settings.page.closures_ahead")}</th>
                        <th scope="col">{t!(language, "settings.page.plans")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn calendar_row(language: Language, calendar: CalendarSummary) -> impl IntoView {
    let holidays = match calendar.observes {
        Some(country) => t!(language, country.name_key()),
        None => t!(language, "settings.page.no_holidays"),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/calendars/{}", calendar.id)>{calendar.name}</a>
                " " {planned(language, calendar.planned)}
            </th>
            <td data-label=t!(language, "settings.page.open_week")>
                {duration(language, calendar.open_s, DurationStyle::Words)}
            </td>
            <td data-label=t!(language, "settings.field.holidays")>{holidays}</td>
            <td data-label=t!(language, "settings.page.closures_ahead")>{calendar.closures}</td>
            <td data-label=t!(language, "settings.page.plans")>{calendar.plans.join(", ")}</td>
        </tr>
    }
}
