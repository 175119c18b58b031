//! Cases: opening, reading, lists, search and history.

use std::collections::HashMap;

use app::AppError;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use desk::cases::listing::{CaseFilter, LIST_ROWS_MAX, list_cases};
use desk::cases::open::{OpenCase, OpenCaseError, SubmissionKey, open_case};
use desk::cases::queue::Whose;
use desk::cases::read::read_case;
use desk::search::{SHOWN, search};
use domain::actor::{Action, PersonId};
use domain::case::{Origin, Recorded, Status};
use domain::country::Country;
use domain::intake::IntakeForm;
use domain::priority::Priority;
use domain::search::{Found, FoundCase};
use domain::t;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::input::{Parameters, body, case_number};
use super::json::{answer, case, entry, is_message, listed, selected, tagged, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;

/// The pairs of a query, in their order.
pub(super) type Pairs = Query<Vec<(String, String)>>;

/// Rows of a page, unless another number is asked for.
const ROWS: u32 = 50;

/// The longest idempotency key, in characters.
const KEY_CHARS_MAX: usize = 255;

/// The operations of cases.
pub(super) fn operations() -> Vec<Operation> {
    const TAG: &str = "Cases";
    vec![
        Operation::new((Method::Get, "/cases"), get(list), ("listCases", TAG, "List cases"))
            .needs(Action::ReadQueue)
            .about(
                "The last changed first. A case that changes meanwhile moves to the front: read again with `changed_since` \
                 set to `as_of` of the first page, and none is missed.",
            )
            .parameter("status")
            .parameter("country")
            .parameter("priority")
            .parameter("assignee")
            .parameter("changed_since")
            .parameter("limit")
            .parameter("cursor")
            .parameter("fields")
            .answers(200, "A page of cases.", "CasePage"),
        Operation::new((Method::Post, "/cases"), post(open), ("openCase", TAG, "Open a case"))
            .needs(Action::OpenCase)
            .about(
                "By the rules of the case form, with its words at each field. The same key with the same content is the \
                 same case, however often it is sent.",
            )
            .parameter("IdempotencyKey")
            .body("NewCase", opening_example())
            .answers(201, "The case is open, and its contact gets a mail.", "OpenedCase"),
        Operation::new((Method::Get, "/cases/{number}"), get(read), ("readCase", TAG, "Read a case"))
            .needs(Action::ReadCase)
            .parameter("fields")
            .answers(200, "The case; its ETag is its version.", "Case"),
        Operation::new(
            (Method::Get, "/cases/{number}/history"),
            get(history),
            ("readHistory", TAG, "Read the history of a case"),
        )
        .needs(Action::ReadCase)
        .about("Entries in their order. `next` is the cursor of the entries after them.")
        .parameter("limit")
        .parameter("cursor")
        .answers(200, "A page of entries.", "EntryPage"),
        Operation::new(
            (Method::Get, "/cases/{number}/messages"),
            get(messages),
            ("readMessages", TAG, "Read the conversation of a case"),
        )
        .needs(Action::ReadCase)
        .about("Messages, notes, contacts and attempts alone.")
        .parameter("limit")
        .parameter("cursor")
        .answers(200, "A page of entries.", "EntryPage"),
        Operation::new((Method::Get, "/search"), get(find), ("searchCases", TAG, "Search cases"))
            .needs(Action::Search)
            .about("By number, contact, company, serial and text: every word must match. Open cases come first.")
            .parameter("q")
            .answers(200, "At most fifty cases.", "FoundCases"),
    ]
}

/// The report of the letter's example.
fn opening_example() -> Value {
    json!({
        "reporter": "Ana Rivas",
        "contract": "CPS-VE-004213-58",
        "serial": "FOC2614A1B2",
        "platform": "network",
        "country": "VE",
        "location": "Torre Ávila, piso 7",
        "contact_same": true,
        "contact_phone": "0212 555 0142",
        "contact_mail": "ana@cumbre.example",
        "fault": "El conmutador se apaga solo desde las 13:05.",
        "severity": "high",
        "urgency": "high",
    })
}

/// A report as a program sends it: the fields of the form by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the boxes of the form")]
struct NewCase {
    reporter: String,
    contract: String,
    contract_meant: bool,
    no_contract: bool,
    company: String,
    serial: String,
    platform: String,
    country: String,
    abroad: bool,
    location: String,
    contact_same: bool,
    contact_name: String,
    contact_phone: String,
    contact_mail: String,
    fault: String,
    severity: String,
    urgency: String,
}

impl NewCase {
    fn form(self) -> IntakeForm {
        let chosen = |is_chosen: bool| if is_chosen { "yes".to_owned() } else { String::new() };
        IntakeForm {
            reporter: self.reporter,
            contract: self.contract,
            contract_meant: chosen(self.contract_meant),
            no_contract: chosen(self.no_contract),
            company: self.company,
            serial: self.serial,
            platform: self.platform,
            country: self.country,
            abroad: chosen(self.abroad),
            location: self.location,
            contact_same: chosen(self.contact_same),
            contact_name: self.contact_name,
            contact_phone: self.contact_phone,
            contact_mail: self.contact_mail,
            fault: self.fault,
            severity: self.severity,
            urgency: self.urgency,
        }
    }
}

/// Opens a case.
async fn open(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let key = key(&caller, &headers)?;
    let mut form = body::<NewCase>(&headers, &bytes)?.form();
    let formats = caller.desk.formats();
    // As for a form without a script: the contract names the country.
    if let (true, Some(home)) = (form.country.is_empty(), form.home(&formats)) {
        home.code().clone_into(&mut form.country);
    }
    let report = form.report_by(&formats).map_err(|problems| {
        let told = problems.iter().map(|(field, problem)| (*field, problem.message(caller.language)));
        AppError::Fields(told.collect())
    })?;
    let wish = OpenCase {
        key,
        report,
        language: caller.language,
        origin: Origin::Api,
        previous_case: None,
        source: None,
    };
    let opened = open_case(&caller.desk, &caller.actor, wish).await.map_err(refused)?;
    let number = opened.number.as_compact();
    let location = HeaderValue::try_from(format!("/api/v1/cases/{number}"));
    let mut response =
        tagged(StatusCode::CREATED, 1, json!({ "number": number, "opened_at": time(opened.opened_at) }));
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// The submission's key: the caller's own, so that no two integrations share one.
fn key(caller: &Caller, headers: &HeaderMap) -> Result<SubmissionKey, ApiError> {
    let sent = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    // The draft of the header writes it in quotation marks; many clients do not.
    let sent = sent.trim().trim_matches('"');
    if !(1..=KEY_CHARS_MAX).contains(&sent.chars().count()) {
        return Err(ApiError::KeyRequired);
    }
    Ok(SubmissionKey::of_integration(caller.integration.id, sent))
}

fn refused(error: OpenCaseError) -> ApiError {
    match error {
        OpenCaseError::NotPermitted(_) => AppError::NotPermitted.into(),
        OpenCaseError::SentBefore(number) => {
            AppError::SentBefore { key: String::new(), case: Some(number) }.into()
        }
        OpenCaseError::TooOften(over) => ApiError::TooOften(over.wait_s),
        OpenCaseError::Store(error) => error.into(),
        // An opening of the API has no files.
        error @ (OpenCaseError::Files(_) | OpenCaseError::NumbersExhausted(_)) => {
            AppError::internal(error).into()
        }
    }
}

/// Lists cases.
async fn list(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let filter = CaseFilter {
        status: asked.choice("status", Status::from_code, &Status::ALL.map(Status::code)),
        country: asked.choice("country", Country::from_code, &Country::ALL.map(Country::code)),
        priority: asked.choice("priority", Priority::from_code, &Priority::ALL.map(Priority::code)),
        whose: asked.choice("assignee", whose, &["none", "ID"]).unwrap_or_default(),
        changed_since: asked
            .take("changed_since")
            .and_then(|at| asked.fields.time("changed_since", Some(&at))),
    };
    let rows = asked.number("limit", 1, LIST_ROWS_MAX, ROWS);
    let from = cursor(&mut asked);
    let fields = asked.take("fields");
    asked.done()?;
    let page = list_cases(&caller.desk, &caller.actor, &filter, from, rows).await?;
    let hours: HashMap<_, _> = page.hours.into_iter().collect();
    selected(json!({}), fields.as_deref(), caller.language)?;
    let cases = page
        .cases
        .iter()
        .map(|case| selected(listed(case, &hours, page.now), fields.as_deref(), caller.language))
        .collect::<Result<Vec<_>, _>>()?;
    let next = page.next.map(written_cursor);
    Ok(answer(StatusCode::OK, json!({ "cases": cases, "next": next, "as_of": time(page.now) })))
}

fn whose(code: &str) -> Option<Whose> {
    match code {
        "none" => Some(Whose::Nobodys),
        id => id.parse().ok().filter(|id| *id > 0).map(|id| Whose::Of(PersonId(id))),
    }
}

/// A cursor as programs send it back.
pub(super) fn written_cursor(place: i64) -> String {
    format!("c{place}")
}

pub(super) fn cursor(asked: &mut Parameters) -> Option<i64> {
    let sent = asked.take("cursor")?;
    let place = sent.strip_prefix('c').and_then(|place| place.parse().ok()).filter(|place| *place >= 0);
    if place.is_none() {
        let words = t!(asked.fields.language(), "api.cursor").into_owned();
        asked.fields.wrong("cursor", words);
    }
    place
}

/// Reads a case.
async fn read(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    let mut asked = Parameters::new(pairs, caller.language);
    let fields = asked.take("fields");
    asked.done()?;
    let page = read_case(&caller.desk, &caller.actor, number).await?;
    let value = selected(case(&page), fields.as_deref(), caller.language)?;
    Ok(tagged(StatusCode::OK, page.version, value))
}

/// Reads the history of a case.
async fn history(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    entries(&caller, &number, pairs, |_| true).await
}

/// Reads the conversation of a case.
async fn messages(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    entries(&caller, &number, pairs, |entry| is_message(&entry.event)).await
}

async fn entries(
    caller: &Caller,
    number: &str,
    pairs: Vec<(String, String)>,
    shown: impl Fn(&Recorded) -> bool,
) -> Result<Response, ApiError> {
    let number = case_number(number)?;
    let mut asked = Parameters::new(pairs, caller.language);
    let rows = asked.number("limit", 1, LIST_ROWS_MAX, ROWS);
    let after = cursor(&mut asked).unwrap_or(0);
    asked.done()?;
    let page = read_case(&caller.desk, &caller.actor, number).await?;
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut later = page.history.iter().filter(|entry| i64::from(entry.version) > after && shown(entry));
    let entries: Vec<_> = later.by_ref().take(rows).collect();
    let last = entries.last().map(|entry| i64::from(entry.version));
    let next = last.filter(|_| later.next().is_some()).map(written_cursor);
    let entries: Vec<Value> = entries.into_iter().map(|recorded| entry(recorded, caller.language)).collect();
    let zone = &page.opening.hours.zone;
    Ok(answer(StatusCode::OK, json!({ "entries": entries, "next": next, "zone": zone })))
}

/// Searches cases.
async fn find(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let text = asked.words("q");
    if text.trim().is_empty() {
        let words = t!(caller.language, "api.required").into_owned();
        asked.fields.wrong("q", words);
    }
    asked.done()?;
    let (cases, more): (Vec<Value>, bool) = match search(&caller.desk, &caller.actor, &text).await? {
        Found::Nothing => (Vec::new(), false),
        Found::Case(number) => match read_case(&caller.desk, &caller.actor, number).await {
            Ok(page) => {
                let head = (number.as_compact(), page.status, page.priority);
                let contact = page.opening.report.contact.name.as_str();
                let names = (page.customer.as_str(), contact, page.equipment.as_str());
                (vec![found(head, names, (time(page.opened_at), &page.hours.zone.name))], false)
            }
            // A case of another scope is none.
            Err(desk::DeskError::NotFound) => (Vec::new(), false),
            Err(error) => return Err(error.into()),
        },
        Found::Cases(cases) => (cases.iter().map(found_row).collect(), false),
        Found::Many(cases) => (cases.iter().take(SHOWN).map(found_row).collect(), true),
    };
    Ok(answer(StatusCode::OK, json!({ "cases": cases, "more": more })))
}

fn found_row(row: &FoundCase) -> Value {
    let number = (row.number.as_compact(), row.status, row.priority);
    let names = (row.customer.as_str(), row.contact.name.as_str(), row.equipment.as_str());
    found(number, names, (time(row.opened_at), &row.zone.name))
}

fn found(
    (number, status, priority): (String, Status, Priority),
    (customer, contact, equipment): (&str, &str, &str),
    (opened_at, zone): (Value, &str),
) -> Value {
    json!({
        "number": number,
        "status": status.code(),
        "priority": priority.code(),
        "customer": if customer.is_empty() { Value::Null } else { customer.into() },
        "contact": contact,
        "equipment": equipment,
        "opened_at": opened_at,
        "zone": zone,
    })
}
