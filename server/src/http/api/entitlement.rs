//! The entitlement check: what the form says of a contract and a serial before a case is sent.

use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::contracts::entitlement::{EntitlementTerms, Question, entitlement_terms};
use domain::actor::Action;
use domain::calendar::ServiceHours;
use domain::country::Country;
use domain::entitlement::{
    CustomerView, Entitlement, EntitlementView, OpenCaseView, RegisteredView, ValidationReason,
};
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::priority::{Platform, Priority, Severity, Urgency};
use domain::serial::Serial;
use domain::sla_plan::SlaPlan;
use domain::t;
use domain::time::{Instant, Span};
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::Pairs;
use super::input::Parameters;
use super::json::{answer, optional_time, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    boolean, codes, country, integer, list_of, object, priority, query, reference, reference_or_null, string,
    text_or_null, time as time_schema, time_or_null,
};

/// The codes of a check's state.
const STATES: [&str; 3] = ["not_asked", "covered", "to_validate"];

/// The operation of the check.
pub(super) fn operations() -> Vec<Operation> {
    let check = Operation::new(
        (Method::Get, "/entitlement"),
        get(check),
        ("checkEntitlement", "Entitlement", "Check the entitlement of a contract and a serial"),
    );
    vec![
        check
            .needs(Action::CheckEntitlement)
            .about(
                "As the case form does while it is filled in: whether the contract covers the serial today, and the plan, \
                 service hours and targets that a case would get now. A token that may not read the register learns of a \
                 match alone, and needs both numbers for it.",
            )
            .parameter("entitlement_contract")
            .parameter("entitlement_contract_meant")
            .parameter("entitlement_serial")
            .parameter("entitlement_country")
            .answers(200, "What is known, with the default plan of the country where nothing is.", "Entitlement"),
    ]
}

/// Parameters of the check.
pub(super) fn parameters() -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 80 });
    json!({
        "entitlement_contract": query("contract", "Number of the contract.", &text),
        "entitlement_contract_meant": query(
            "contract_meant",
            "`true` for a number that is printed like this, although it looks wrong.",
            &codes(&["true", "false"]),
        ),
        "entitlement_serial": query("serial", "Serial of the equipment.", &text),
        "entitlement_country": query(
            "country",
            "Country of the location; that of the contract's number without it.",
            &country(),
        ),
    })
}

/// Schemas of the check.
pub(super) fn schemas() -> Value {
    let mut reasons = json!({ "type": ["string", "null"] });
    reasons["description"] =
        "Why it must be validated; `untold` for a token that may not read the register.".into();
    reasons["examples"] = json!(ValidationReason::ALL.map(ValidationReason::code));
    let entitlement = json!({
        "state": codes(&STATES),
        "reason": reasons,
        "summary": { "type": ["string", "null"], "description": "The form's words." },
        "contract": text_or_null(),
        "serial": text_or_null(),
        "customer": reference_or_null("EntitledCustomer"),
        "registered": reference_or_null("RegisteredEquipment"),
        "open_case": object(
            &["exists", "number"],
            json!({ "exists": boolean(), "number": text_or_null() }),
        ),
        "plan": reference("AppliedPlan"),
        "service_hours": reference("ServiceHours"),
        "as_of": time_schema(),
    });
    let seconds = json!({ "type": "integer", "description": "Business seconds." });
    json!({
        "Entitlement": object(
            &[
                "state", "reason", "summary", "contract", "serial", "customer", "registered", "open_case", "plan",
                "service_hours", "as_of",
            ],
            entitlement,
        ),
        "EntitledCustomer": object(
            &["organisation", "site", "model"],
            json!({ "organisation": string(), "site": text_or_null(), "model": text_or_null() }),
        ),
        "RegisteredEquipment": object(
            &["organisation", "organisation_id", "contract", "model", "platform", "site", "address", "country"],
            json!({
                "organisation": string(),
                "organisation_id": integer(),
                "contract": string(),
                "model": string(),
                "platform": codes(&Platform::ALL.map(Platform::code)),
                "site": string(),
                "address": string(),
                "country": country(),
            }),
        ),
        "AppliedPlan": object(
            &["name", "version", "targets", "matrix"],
            json!({
                "name": string(),
                "version": integer(),
                "targets": list_of("AppliedTarget"),
                "matrix": list_of("MatrixCell"),
            }),
        ),
        "AppliedTarget": object(
            &["priority", "first_response_s", "next_update_s", "resolution_s", "first_response_due_at"],
            json!({
                "priority": priority(),
                "first_response_s": seconds.clone(),
                "next_update_s": seconds.clone(),
                "resolution_s": seconds,
                "first_response_due_at": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "Of a case that is opened now.",
                },
            }),
        ),
        "MatrixCell": object(
            &["severity", "urgency", "priority"],
            json!({
                "severity": codes(&Severity::ALL.map(Severity::code)),
                "urgency": codes(&Urgency::ALL.map(Urgency::code)),
                "priority": priority(),
            }),
        ),
        "ServiceHours": object(
            &["zone", "is_open", "opens_at", "open"],
            json!({
                "zone": string(),
                "is_open": boolean(),
                "opens_at": time_or_null(),
                "open": list_of("Window"),
            }),
        ),
        "Window": object(&["from", "to"], json!({ "from": time_schema(), "to": time_schema() })),
    })
}

/// Checks an entitlement.
async fn check(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let question = question(&caller, &mut asked);
    asked.done()?;
    let found = entitlement_terms(&caller.desk, &caller.actor, &question).await?;
    Ok(answer(StatusCode::OK, told(&question, &found, caller.language)))
}

/// The question, with the form's words at a number that cannot be read.
fn question(caller: &Caller, asked: &mut Parameters) -> Question {
    let (contract, serial) = (asked.take("contract"), asked.take("serial"));
    let meant = asked.choice("contract_meant", chosen, &["true", "false"]).unwrap_or_default();
    let country = asked.choice("country", Country::from_code, &Country::ALL.map(Country::code));
    let contract = contract.and_then(|contract| {
        let form = IntakeForm { contract, contract_meant: meant.to_owned(), ..IntakeForm::default() };
        let read = |_: &str| form.contract_number(&caller.desk.formats());
        asked
            .fields
            .text("contract", None, read, domain::contract_number::ContractNumberProblem::message)
            .flatten()
    });
    let serial = serial.and_then(|serial| {
        let words = |problem: &domain::serial::SerialProblem, language| problem.message(language);
        asked.fields.text("serial", Some(&serial), Serial::parse, words)
    });
    Question { contract, serial, country }
}

/// What the form's box holds.
fn chosen(code: &str) -> Option<&'static str> {
    match code {
        "true" => Some("yes"),
        "false" => Some(""),
        _ => None,
    }
}

fn told(question: &Question, found: &EntitlementTerms, language: Language) -> Value {
    let EntitlementTerms { preview, plan, terms } = found;
    let (state, reason, customer, open_case) = match &preview.seen {
        EntitlementView::NotAsked => ("not_asked", None, None, OpenCaseView::No),
        EntitlementView::Covered { open_case, customer, .. } => {
            ("covered", None, customer.as_ref(), *open_case)
        }
        EntitlementView::NeedsValidation => {
            ("to_validate", Some(ValidationReason::Undisclosed), None, OpenCaseView::No)
        }
        EntitlementView::Doubtful { doubt, customer, open_case } => {
            ("to_validate", Some(*doubt), customer.as_ref(), *open_case)
        }
    };
    let now = preview.now;
    json!({
        "state": state,
        "reason": reason.map(ValidationReason::code),
        "summary": summary(&preview.seen, language),
        "contract": question.contract.as_ref().map(ToString::to_string),
        "serial": question.serial.as_ref().map(ToString::to_string),
        "customer": customer.map(holder),
        "registered": preview.registered.as_ref().map(registered),
        "open_case": match open_case {
            OpenCaseView::No => json!({ "exists": false, "number": null }),
            OpenCaseView::Yes => json!({ "exists": true, "number": null }),
            OpenCaseView::Number(number) => json!({ "exists": true, "number": number.as_compact() }),
        },
        "plan": {
            "name": plan,
            "version": terms.version(),
            "targets": targets(terms, &preview.hours, now),
            "matrix": matrix(terms),
        },
        "service_hours": service_hours(&preview.hours, now),
        "as_of": time(now),
    })
}

/// The form's words about the coverage.
fn summary(seen: &EntitlementView, language: Language) -> Option<String> {
    match seen {
        EntitlementView::NotAsked => None,
        EntitlementView::Covered { .. } => Some(t!(language, "found.covered").into_owned()),
        EntitlementView::NeedsValidation => Some(t!(language, "found.to_validate").into_owned()),
        EntitlementView::Doubtful { doubt, .. } => {
            let reason = t!(language, Entitlement::NeedsValidation(*doubt).name_key());
            Some(t!(language, "found.doubtful", reason = reason))
        }
    }
}

fn holder(customer: &CustomerView) -> Value {
    json!({ "organisation": customer.organisation, "site": customer.site, "model": customer.model })
}

fn registered(entry: &RegisteredView) -> Value {
    json!({
        "organisation": entry.organisation,
        "organisation_id": entry.organisation_id,
        "contract": entry.contract,
        "model": entry.model,
        "platform": entry.platform.code(),
        "site": entry.site,
        "address": entry.address,
        "country": entry.country.code(),
    })
}

/// The targets of a plan, and when the first response of a case that is opened now would be due.
fn targets(terms: &SlaPlan, hours: &ServiceHours, now: Instant) -> Value {
    let target = |priority: Priority| {
        let targets = terms.targets(priority);
        json!({
            "priority": priority.code(),
            "first_response_s": targets.first_response_s,
            "next_update_s": targets.update_s,
            "resolution_s": targets.resolution_s,
            "first_response_due_at": optional_time(hours.spans.due(now, targets.first_response_s, &[]).at()),
        })
    };
    Priority::ALL.map(target).to_vec().into()
}

/// The matrix of a plan, cell by cell.
pub(super) fn matrix(terms: &SlaPlan) -> Value {
    let cells = Severity::ALL.into_iter().flat_map(|severity| {
        Urgency::ALL.map(|urgency| {
            json!({
                "severity": severity.code(),
                "urgency": urgency.code(),
                "priority": terms.matrix().priority(severity, urgency).code(),
            })
        })
    });
    cells.collect()
}

/// The open spans of the coming days.
fn service_hours(hours: &ServiceHours, now: Instant) -> Value {
    let open = hours.spans.open().iter().filter(|span| span.to > now);
    json!({
        "zone": hours.zone.name,
        "is_open": hours.spans.is_open(now),
        "opens_at": optional_time(hours.spans.next_opening(now)),
        "open": open.map(window).collect::<Vec<_>>(),
    })
}

/// A span of time.
pub(super) fn window(span: &Span) -> Value {
    json!({ "from": time(span.from), "to": time(span.to) })
}
