//! Who works here. No secrets, nothing about sign-ins and second factors, and mail addresses one by one alone.

use app::AppError;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::access::staff::{PersonView, Service, people};
use desk::cases::listing::LIST_ROWS_MAX;
use desk::workforce::{TeamOf, all_teams, working_hours};
use domain::actor::{Action, Role};
use domain::country::Country;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::{Pairs, cursor, written_cursor};
use super::input::Parameters;
use super::json::answer;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{codes, country, integer, list_of, object, page, path, query, string, text_or_null};

const TAG: &str = "People";

/// Rows of a page, unless another number is asked for.
const ROWS: u32 = 50;

/// Codes of service.
const SERVICES: [&str; 3] = ["active", "invited", "ended"];

/// The operations of people.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new((Method::Get, "/people"), get(list), ("listPeople", TAG, "List the staff"))
            .needs(Action::ReadPeople)
            .about("In the order of their ids, those who left among them: histories name them.")
            .parameter("people_role")
            .parameter("people_service")
            .parameter("people_country")
            .parameter("limit")
            .parameter("cursor")
            .answers(200, "A page of people.", "PersonPage"),
        Operation::new(
            (Method::Get, "/people/{person}"),
            get(one),
            ("readPerson", TAG, "Read a member of the staff"),
        )
        .needs(Action::ReadPeople)
        .about("With mail address, time zone and telephone extension.")
        .answers(200, "The person.", "Member"),
    ]
}

/// Parameters of people.
pub(super) fn parameters() -> Value {
    json!({
        "people_role": query("role", "People of one role.", &codes(&Role::ALL.map(Role::code))),
        "people_service": query("service", "People whose service is so.", &codes(&SERVICES)),
        "people_country": query("country", "People whose teams work for a country.", &country()),
        "path_person": path(
            "person",
            "Id of a person.",
            &json!({ "type": "integer", "minimum": 1 }),
            &json!(1),
        ),
    })
}

/// Schemas of people.
pub(super) fn schemas() -> Value {
    let members = json!({
        "id": integer(),
        "name": string(),
        "role": codes(&Role::ALL.map(Role::code)),
        "service": codes(&SERVICES),
        "teams": list_of("TeamName"),
        "countries": {
            "type": "array",
            "items": country(),
            "description": "Those of the teams; empty for people without a team, who work for all.",
        },
    });
    let mut whole = members.clone();
    whole["mail"] = string();
    whole["extension"] = text_or_null();
    whole["extension"]["description"] = "Of the telephone, by which `/calls` names the person.".into();
    whole["zone"] =
        json!({ "type": "string", "description": "Of the working hours; without any that of the provider." });
    let listed = ["id", "name", "role", "service", "teams", "countries"];
    json!({
        "ListedMember": object(&listed, members),
        "Member": object(&[&listed[..], &["mail", "zone", "extension"]].concat(), whole),
        "PersonPage": page("people", "ListedMember"),
        "TeamName": object(&["id", "name"], json!({ "id": integer(), "name": string() })),
    })
}

/// Lists the staff.
async fn list(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let role = asked.choice("role", Role::from_code, &Role::ALL.map(Role::code));
    let service = asked.choice("service", served, &SERVICES);
    let country = asked.choice("country", Country::from_code, &Country::ALL.map(Country::code));
    let rows = asked.number("limit", 1, LIST_ROWS_MAX, ROWS);
    let after = cursor(&mut asked).unwrap_or(0);
    asked.done()?;
    let teams = all_teams(&caller.desk, &caller.actor).await?;
    let everybody = people(&caller.desk, &caller.actor).await?;
    let wanted = |person: &&PersonView| {
        person.id.0 > after
            && role.is_none_or(|role| person.role == role)
            && service.is_none_or(|code| self::service(person.service) == code)
            && country.is_none_or(|country| works_for(person, &teams, country))
    };
    let mut found = everybody.iter().filter(wanted);
    let page: Vec<_> = found.by_ref().take(usize::try_from(rows).unwrap_or(usize::MAX)).collect();
    let last = page.last().filter(|_| found.next().is_some()).map(|person| person.id.0);
    let people: Vec<Value> = page.iter().map(|person| listed(person, &teams)).collect();
    Ok(answer(StatusCode::OK, json!({ "people": people, "next": last.map(written_cursor) })))
}

/// Reads a person.
async fn one(
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    Parameters::new(pairs, caller.language).done()?;
    let id: i64 = id.parse().map_err(|_| AppError::NotFound)?;
    let everybody = people(&caller.desk, &caller.actor).await?;
    let person = everybody.iter().find(|person| person.id.0 == id).ok_or(AppError::NotFound)?;
    let teams = all_teams(&caller.desk, &caller.actor).await?;
    let hours = working_hours(&caller.desk, &caller.actor, person.id).await?;
    let mut value = listed(person, &teams);
    value["mail"] = person.mail.to_string().into();
    value["zone"] = hours.zone.name().into();
    value["extension"] = person.extension.as_ref().map_or(Value::Null, |one| one.as_str().into());
    Ok(answer(StatusCode::OK, value))
}

fn listed(person: &PersonView, teams: &[TeamOf]) -> Value {
    let teams: Vec<_> = teams_of(person, teams).collect();
    let countries = Country::ALL
        .into_iter()
        .filter(|country| teams.iter().any(|of| of.team.countries().contains(country)));
    json!({
        "id": person.id.0,
        "name": person.name.as_str(),
        "role": person.role.code(),
        "service": service(person.service),
        "teams": teams
            .iter()
            .map(|of| json!({ "id": of.id.0, "name": of.team.name.as_str() }))
            .collect::<Vec<_>>(),
        "countries": countries.map(Country::code).collect::<Vec<_>>(),
    })
}

fn teams_of<'a>(person: &PersonView, teams: &'a [TeamOf]) -> impl Iterator<Item = &'a TeamOf> {
    let id = person.id;
    teams.iter().filter(move |of| of.team.members().contains(&id))
}

/// Whether a person works for a country: people without a team work for all.
fn works_for(person: &PersonView, teams: &[TeamOf], country: Country) -> bool {
    let mut own = teams_of(person, teams).peekable();
    own.peek().is_none() || own.any(|of| of.team.countries().contains(&country))
}

const fn service(service: Service) -> &'static str {
    match service {
        Service::Active => "active",
        Service::Invited { .. } => "invited",
        Service::Ended => "ended",
    }
}

fn served(code: &str) -> Option<&'static str> {
    SERVICES.into_iter().find(|known| *known == code)
}
