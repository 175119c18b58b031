//! The form of an SLA plan: targets, matrix and rules.

use desk::settings::{self, PlanContracts, Subject};
use domain::priority::{Priority, Severity, Urgency};
use domain::t;
use leptos::prelude::*;

use super::fields::{Width, carried, choice, text};
use super::{Address, Form, NEW, form, report, retirement};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;

/// The page of a plan: `/desk/admin/plans/{id}`, or `new`, which may be a copy (`?from=`).
#[component]
pub fn PlanPage() -> impl IntoView {
    let address = Address::of_page();
    view! {
        <AdminFrame title="settings.page.plan" section=Section::Plans>
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, others)) => view! { <PlanForm form others/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// What a plan names, and what is on it.
struct Others {
    /// The names of the calendars that it may count in.
    calendars: Vec<String>,
    /// The names of the questionnaires that it may ask.
    questionnaires: Vec<String>,
    /// The contracts on it.
    contracts: PlanContracts,
}

async fn read(address: Address) -> Result<(Form, Others), AppError> {
    let asked = staff_context()?;
    let overview = settings::overview(&asked.desk, &asked.actor).await?;
    let form = form(&asked, Subject::Plans, address).await?;
    let calendars = overview.calendars.into_iter().map(|calendar| calendar.name).collect();
    let questionnaires = settings::questionnaires(&asked.desk, &asked.actor).await?;
    let questionnaires = questionnaires.into_iter().map(|one| one.name).collect();
    let contracts = match form.id.parse() {
        Ok(id) => settings::plan_contracts(&asked.desk, &asked.actor, id).await?,
        Err(_) => PlanContracts::default(),
    };
    Ok((form, Others { calendars, questionnaires, contracts }))
}

#[component]
fn PlanForm(form: Form, others: Others) -> impl IntoView {
    let language = use_language();
    let calendar = form.fields.get("calendar").cloned().unwrap_or_default();
    let Others { calendars, questionnaires, contracts } = others;
    let calendars = calendars.into_iter().map(|name| (name.clone(), name)).collect();
    let name = ("calendar".to_owned(), t!(language, "settings.field.calendar").into_owned());
    let copy = (form.id != NEW).then(|| {
        view! {
            <a class="button button--quiet" href=format!("/desk/admin/plans/new?from={}", form.id)>
                {t!(language, "settings.page.copy")}
            </a>
        }
    });
    view! {
        <form class="stack stack--wide settings" method="post" action=format!("/desk/admin/plans/{}", form.id) novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-plan">
                <div class="row row--apart"><h2 id="h-plan">{t!(language, "settings.page.plan_head")}</h2> {copy}</div>
                <div class="pairs">
                    {text(&form, "name", "text", None, Width::Full)}
                    {choice(&form, "calendar", name, &calendar, calendars, Width::Full)}
                    {retirement::status(&form)}
                </div>
            </section>
            <section class="card stack" aria-labelledby="h-targets">
                <h2 id="h-targets">{t!(language, "settings.page.targets")}</h2>
                <p class="note">{t!(language, "settings.page.targets_hint")}</p>
                {targets(&form)}
            </section>
            <section class="card stack" aria-labelledby="h-matrix">
                <h2 id="h-matrix">{t!(language, "settings.field.matrix")}</h2>
                <p class="note">{t!(language, "settings.page.matrix_hint")}</p>
                {matrix(&form)}
            </section>
            {rules(&form)}
            {survey(&form, questionnaires)}
            {report::send(&form)}
        </form>
        {retirement::contracts(&form, &contracts)}
    }
    .into_any()
}

fn targets(form: &Form) -> AnyView {
    let language = use_language();
    let heads = ["first_response", "next_update", "resolution"];
    let rows = Priority::ALL.map(|priority| {
        let cells = heads.map(|target| {
            let key = format!("targets.{}.{target}", priority.code());
            view! { <td>{text(form, &key, "text", None, Width::Cell)}</td> }
        });
        view! { <tr><th scope="row">{priority.code()}</th>{cells.collect_view()}</tr> }
    });
    let heads = heads.map(|target| {
        view! { <th scope="col">{t!(language, &format!("settings.field.{target}"))}</th> }
    });
    view! {
        <table class="table grid">
            <caption class="sr">{t!(language, "settings.page.targets")}</caption>
            <thead><tr><th scope="col">{t!(language, "settings.page.priority")}</th>{heads.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// A row for each severity, a column for each urgency.
fn matrix(form: &Form) -> AnyView {
    let language = use_language();
    let rows = Severity::ALL.map(|severity| {
        let key = format!("matrix.{}", severity.code());
        let typed = form.fields.get(&key).cloned().unwrap_or_default();
        let chosen: Vec<String> = typed.split(',').map(|part| part.trim().to_owned()).collect();
        let cells: Vec<_> = Urgency::ALL
            .iter()
            .enumerate()
            .map(|(place, urgency)| {
                let id = format!("matrix-{}-{}", severity.code(), urgency.code());
                let words =
                    format!("{} · {}", t!(language, severity.name_key()), t!(language, urgency.name_key()));
                let options =
                    Priority::ALL.map(|priority| (priority.code().to_owned(), priority.code().to_owned()));
                let chosen = chosen.get(place).cloned().unwrap_or_default();
                view! {
                    <td data-priority=chosen.trim_start_matches('P').to_owned()>
                        {choice(form, &key, (id, words), &chosen, options.to_vec(), Width::Cell)}
                    </td>
                }
            })
            .collect();
        view! { <tr><th scope="row">{t!(language, severity.name_key())}</th>{cells}</tr> }
    });
    let heads = Urgency::ALL.map(|urgency| view! { <th scope="col">{t!(language, urgency.name_key())}</th> });
    view! {
        <table class="table grid matrix">
            <caption class="sr">{t!(language, "settings.page.matrix_caption")}</caption>
            <thead>
                <tr><th scope="col">{t!(language, "settings.page.matrix_corner")}</th>{heads.collect_view()}</tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn rules(form: &Form) -> AnyView {
    let language = use_language();
    let number = |key: &str| text(form, key, "text", None, Width::Full);
    let hinted = |key: &str, hint: &'static str| text(form, key, "text", Some(hint), Width::Full);
    let budget = form.fields.get("closing.reopen_budget").cloned().unwrap_or_default();
    let name =
        ("closing-reopen_budget".to_owned(), t!(language, "settings.field.reopen_budget").into_owned());
    let budgets = ["fresh", "remaining"]
        .map(|code| (code.to_owned(), t!(language, &format!("settings.reopen_budget.{code}")).into_owned()));
    view! {
        <section class="card stack" aria-labelledby="h-rules">
            <h2 id="h-rules">{t!(language, "settings.page.rules")}</h2>
            <div class="pairs">
                {hinted("warning_levels", "settings.hint.warning_levels")}
                {hinted("no_show_wait", "settings.hint.no_show_wait")}
                {number("waiting.max_total_days")}
                {hinted("closing.reminder_days", "settings.hint.reminder_days")}
                {number("closing.decision_days")}
                {number("closing.reopen_days")}
                {choice(form, "closing.reopen_budget", name, &budget, budgets.to_vec(), Width::Full)}
            </div>
        </section>
    }
    .into_any()
}

fn survey(form: &Form, questionnaires: Vec<String>) -> AnyView {
    let language = use_language();
    let number = |key: &str| text(form, key, "text", None, Width::Full);
    let hinted = |key: &str, hint: &'static str| text(form, key, "text", Some(hint), Width::Full);
    let of_survey = |name: &str| format!("survey.{name}");
    let asked = form.fields.get(&of_survey("questionnaire")).cloned().unwrap_or_default();
    let standing = (String::new(), t!(language, "settings.page.standing_questions").into_owned());
    let questionnaires = questionnaires.into_iter().map(|name| (name.clone(), name));
    let questionnaires = std::iter::once(standing).chain(questionnaires).collect();
    let name = ("survey-questionnaire".to_owned(), t!(language, "settings.field.questionnaire").into_owned());
    view! {
        <section class="card stack" aria-labelledby="h-survey">
            <h2 id="h-survey">{t!(language, "settings.page.survey")}</h2>
            <div class="pairs">
                {number(&of_survey("due_days"))}
                {number(&of_survey("open_days"))}
                {hinted(&of_survey("retry"), "settings.expected.duration")}
                {number(&of_survey("low_scale_at_most"))}
                {hinted(&of_survey("low_recommend_at_most"), "settings.hint.low_recommend")}
                {choice(form, &of_survey("questionnaire"), name, &asked, questionnaires, Width::Full)}
            </div>
        </section>
    }
    .into_any()
}
