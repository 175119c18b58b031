//! The list of teams with who is at work, and the form of one: name, countries, skills, members.

use std::collections::BTreeSet;

use desk::access::staff::{PersonView, Service, people};
use desk::settings::{Subject, TeamSummary, team_list};
use desk::workforce::presences;
use domain::actor::PersonId;
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::t;
use domain::workforce::TeamState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, choice, text};
use super::lists::{new, planned};
use super::{Access, Address, Form, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// What the list shows.
struct Listed {
    teams: Vec<TeamSummary>,
    /// Active people, and those of them who are at work.
    active: BTreeSet<PersonId>,
    at_work: BTreeSet<PersonId>,
    access: Access,
}

async fn read_list() -> Result<Listed, AppError> {
    let asked = staff_context()?;
    let teams = team_list(&asked.desk, &asked.actor).await?;
    let presences = presences(&asked.desk, &asked.actor).await?;
    let active = presences.iter().map(|(person, _)| *person).collect();
    let at_work = presences.into_iter().filter(|(_, it)| it.is_at_work()).map(|(person, _)| person).collect();
    Ok(Listed { teams, active, at_work, access: Access::of(&asked.actor) })
}

/// The list of teams: `/desk/admin/teams`.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let language = use_language();
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    view! {
        <AdminFrame title="settings.page.teams" section=Section::Teams>
            {is_saved.then(|| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.page.team_saved")}</p></Notice>
            })}
            {Suspend::new(async move {
                match read_list().await {
                    Ok(listed) => view! { <Teams listed/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Teams(listed: Listed) -> impl IntoView {
    let language = use_language();
    let Listed { teams, active, at_work, access } = listed;
    let is_empty = teams.is_empty();
    let rows: Vec<_> = teams.into_iter().map(|team| row(language, team, &active, &at_work)).collect();
    let heads = ["name", "countries", "skills", "members"]
        .map(|part| view! { <th scope="col">{t!(language, &format!("settings.field.{part}"))}</th> });
    view! {
        {new(language, access, "/desk/admin/teams/new", "settings.page.new_team")}
        <p class="note">{t!(language, "settings.page.teams_hint")}</p>
        {is_empty.then(|| view! { <p class="card note">{t!(language, "settings.page.no_teams")}</p> })}
        {(!is_empty).then(|| view! {
            <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "settings.page.teams")>
                <table class="table">
                    <caption class="sr">{t!(language, "settings.page.teams")}</caption>
                    <thead>
                        <tr>
                            {heads.collect_view()}
                            <th scope="col">{t!(language, "settings.page.at_work")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
    }
    .into_any()
}

fn row(
    language: Language,
    summary: TeamSummary,
    active: &BTreeSet<PersonId>,
    at_work: &BTreeSet<PersonId>,
) -> AnyView {
    let TeamSummary { id, team, planned: from } = summary;
    let countries = team.countries().iter().map(|country| t!(language, country.name_key()).into_owned());
    let skills = team.skills().iter().map(|skill| t!(language, skill.name_key()).into_owned());
    let count =
        |people: &BTreeSet<PersonId>| team.members().iter().filter(|member| people.contains(*member)).count();
    let retired = (!team.state.is_in_service())
        .then(|| view! { " " <span class="badge badge--line">{t!(language, team.state.name_key())}</span> });
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/teams/{id}")>{team.name.as_str().to_owned()}</a>
                " " {planned(language, from)}
                {retired}
            </th>
            <td data-label=t!(language, "settings.field.countries")>{countries.collect::<Vec<_>>().join(", ")}</td>
            <td data-label=t!(language, "settings.field.skills")>{skills.collect::<Vec<_>>().join(", ")}</td>
            <td data-label=t!(language, "settings.field.members")>{count(active)}</td>
            <td data-label=t!(language, "settings.page.at_work")>{count(at_work)}</td>
        </tr>
    }
    .into_any()
}

/// The page of a team: `/desk/admin/teams/{id}`, or `new`, which may be a copy (`?from=`).
#[component]
pub fn TeamPage() -> impl IntoView {
    let address = Address::of_page();
    view! {
        <AdminFrame title="settings.page.team" section=Section::Teams>
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, people)) => view! { <TeamForm form people/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read(address: Address) -> Result<(Form, Vec<PersonView>), AppError> {
    let asked = staff_context()?;
    let form = form(&asked, Subject::Teams, address).await?;
    let mut people = people(&asked.desk, &asked.actor).await?;
    people.sort_by_key(|person| person.name.to_string().to_lowercase());
    Ok((form, people))
}

#[component]
fn TeamForm(form: Form, people: Vec<PersonView>) -> impl IntoView {
    let language = use_language();
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let skills =
        Platform::ALL.map(|skill| (skill.code().to_owned(), t!(language, skill.name_key()).into_owned()));
    let chosen = chosen(&form, "members");
    // Who left stays to be taken out; others who left are not offered.
    let offered = people.into_iter().filter(|person| {
        person.service == Service::Active || chosen.contains(&person.mail.as_str().to_lowercase())
    });
    let members = offered.map(|person| {
        let left = match person.service {
            Service::Active => String::new(),
            Service::Invited { .. } | Service::Ended => format!(" · {}", t!(language, "settings.page.left")),
        };
        let words = format!("{} · {}{left}", person.name, t!(language, person.role.name_key()));
        (person.mail.as_str().to_lowercase(), words)
    });
    let members = members.collect();
    let state = form.fields.get("state").cloned().unwrap_or_default();
    let states =
        TeamState::ALL.map(|state| (state.code().to_owned(), t!(language, state.name_key()).into_owned()));
    let label = ("state".to_owned(), t!(language, "settings.field.state").into_owned());
    view! {
        <form class="stack stack--wide settings" method="post" action=format!("/desk/admin/teams/{}", form.id) novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-team">
                <h2 id="h-team">{t!(language, "settings.page.team_head")}</h2>
                <div class="pairs">
                    {text(&form, "name", "text", None, Width::Full)}
                    {choice(&form, "state", label, &state, states.to_vec(), Width::Full)}
                </div>
                {boxes(&form, "countries", Vec::from(countries), "settings.hint.countries")}
                {boxes(&form, "skills", Vec::from(skills), "settings.hint.skills")}
            </section>
            <section class="card stack">{boxes(&form, "members", members, "settings.hint.members")}</section>
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// The values of a list that stand in the form.
fn chosen(form: &Form, key: &str) -> Vec<String> {
    let value = form.fields.get(key).map_or("", String::as_str);
    value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A box for each value of a list. Without a chosen one the list is sent empty.
fn boxes(form: &Form, key: &'static str, options: Vec<(String, String)>, hint: &'static str) -> AnyView {
    let language = use_language();
    let chosen = chosen(form, key);
    let problem = form.reply.as_ref().and_then(|reply| reply.problem(key, language));
    let is_wrong = problem.is_some();
    let boxes = options.into_iter().map(|(value, words)| {
        let is_checked = chosen.contains(&value);
        view! {
            <label class="check">
                <input type="checkbox" name=key value=value checked=is_checked disabled=form.access == Access::Read/>
                <span>{words}</span>
            </label>
        }
    });
    let error = format!("{key}-error");
    let described = is_wrong.then(|| error.clone());
    view! {
        <fieldset class="field" id=key data-look=is_wrong.then_some("error") aria-describedby=described>
            <legend class="field__label">{t!(language, &format!("settings.field.{key}"))}</legend>
            <p class="field__hint">{t!(language, hint)}</p>
            <div class="row">{boxes.collect_view()}</div>
            {problem.map(|words| view! { <p class="field__error" id=error>{words}</p> })}
        </fieldset>
    }
    .into_any()
}
