//! The `OpenAPI` document: its operations from the table of routes, its schemas from here.

use std::collections::BTreeMap;

use domain::actor::Grant;
use domain::case::{
    AskedBy, AttemptOutcome, Audience, Category, Channel, ClockState, PauseReason, Status, Verdict,
};
use domain::country::Country;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::priority::{Platform, Priority, Severity, Urgency};
use domain::sla_plan::SlaMetric;
use serde_json::{Map, Value, json};

use super::input::WORDS_MAX;
use super::json::CASE_FIELDS;
use super::operation::Operation;
use super::problem::CODES;
use super::schema::{
    closed, codes, id, integer, list_of, object, or_null, path, query, reference, string, text_or_null, time,
    time_or_null,
};
use super::{
    attachments, audit, calls, entitlement, events, monitoring, on_site, participants, people, register,
    reports, revisions, settings, survey, token, visits, waits,
};

/// The version of the API. It changes with every change of the document; the first number with one that old clients notice.
const VERSION: &str = "1.2.0";

/// The whole document of a desk at a public address.
pub(super) fn document(operations: &[Operation], public_url: &str) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let item = paths.entry(operation.path).or_default();
        item.insert(operation.method.name().to_owned(), operation.describe());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vigía",
            "version": VERSION,
            "description": "Cases of a service desk for IT support. Errors are problems by RFC 9457, in the language that \
                            `Accept-Language` asks for: Spanish, English or Portuguese. Times are RFC 3339 in UTC; `zone` is \
                            the IANA zone of the case's site. New members may be added to answers at any time.",
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" },
        },
        "servers": [{ "url": format!("{public_url}/api/v1") }],
        "security": [{ "token": [] }, { "clientCredentials": [] }],
        "paths": paths,
        "webhooks": super::webhooks::described(),
        "components": {
            "securitySchemes": security_schemes(public_url),
            "parameters": parameters(),
            "headers": headers(),
            "responses": { "Problem": {
                "description": "A problem. Its `code` is stable.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
            "schemas": schemas(),
        },
    })
}

fn security_schemes(public_url: &str) -> Value {
    let scopes: Map<String, Value> = Grant::ALL
        .into_iter()
        .map(|grant| (grant.code().to_owned(), grant.code().replace('_', " ").into()))
        .collect();
    json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of an integration, which an administrator makes at `/desk/admin/integrations`.",
        },
        "clientCredentials": {
            "type": "oauth2",
            "description": "A short-lived token for that one.",
            "flows": { "clientCredentials": {
                "tokenUrl": format!("{public_url}/api/v1/token"),
                "scopes": scopes,
            } },
        },
    })
}

fn headers() -> Value {
    let header = |words: &str, example: &str| json!({ "description": words, "schema": { "type": "string" }, "example": example });
    json!({
        "ETag": header("The version of the case, for `If-Match`.", "\"7\""),
        "RateLimit": header("Requests left, and seconds until the quota is whole again.", "\"minute\";r=599;t=1"),
        "RateLimitPolicy": header("The quota of the token, in requests per minute.", "\"minute\";q=600;w=60"),
    })
}

/// The parameters of cases and of most operations.
fn of_cases() -> Value {
    let header = |name: &str, required: bool, words: &str, schema: Value| json!({ "name": name, "in": "header", "required": required, "description": words, "schema": schema });
    let tag = json!({ "type": "string", "pattern": "^(\\*|\"[0-9]+\")$" });
    json!({
        "path_number": path(
            "number",
            "The number of a case, in any way that people write it.",
            &json!({ "type": "string", "minLength": 1, "maxLength": 40 }),
            &json!("VE2600000121"),
        ),
        "status": query("status", "Cases of one status.", &codes(&Status::ALL.map(Status::code))),
        "country": query("country", "Cases of one country.", &codes(&Country::ALL.map(Country::code))),
        "priority": query("priority", "Cases of one priority.", &codes(&Priority::ALL.map(Priority::code))),
        "assignee": query(
            "assignee",
            "Cases of one person, by id; `none` for cases without an assignee.",
            &json!({ "type": "string", "pattern": "^(none|[1-9][0-9]{0,17})$" }),
        ),
        "changed_since": query(
            "changed_since",
            "Cases with an entry at this time or later.",
            &json!({ "type": "string", "format": "date-time" }),
        ),
        "limit": query(
            "limit",
            "The most rows of a page.",
            &json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        ),
        "cursor": query(
            "cursor",
            "`next` of the page before.",
            &json!({ "type": "string", "pattern": "^c[0-9]{1,18}$" }),
        ),
        "fields": query(
            "fields",
            "Names of members, with commas: only these are sent, and the number.",
            &json!({ "type": "string", "minLength": 1, "maxLength": 500, "examples": [CASE_FIELDS[..4].join(",")] }),
        ),
        "q": {
            "name": "q",
            "in": "query",
            "required": true,
            "description": "Words, or a number.",
            "schema": { "type": "string", "minLength": 1, "maxLength": WORDS_MAX },
        },
        "IdempotencyKey": header(
            "Idempotency-Key",
            true,
            "A key of the caller's own for one opening, such as a UUID. It counts for this token alone, and for ever.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        ),
        "IfMatch": header(
            "If-Match",
            true,
            "The ETag of the case as it was read. Without it the answer is 428, of another version 412. `*` is any version.",
            tag.clone(),
        ),
        "IfMatchOptional": header(
            "If-Match",
            false,
            "The ETag of the case, to write only if it has not changed. It makes a retry safe.",
            tag,
        ),
        "AcceptLanguage": header(
            "Accept-Language",
            false,
            "The language of words. A case that is opened keeps it as the customer's language.",
            json!({ "type": "string", "examples": Language::ALL.map(Language::code) }),
        ),
    })
}

/// Several groups of named parts as one.
fn joined(groups: impl IntoIterator<Item = Value>) -> Value {
    let members = groups.into_iter().filter_map(|group| match group {
        Value::Object(members) => Some(members),
        _ => None,
    });
    Value::Object(members.flatten().collect())
}

/// The schemas of all parts.
fn schemas() -> Value {
    joined([
        shared(),
        token::schemas(),
        cases(),
        bodies(),
        attachments::schemas(),
        participants::schemas(),
        revisions::schemas(),
        visits::schemas(),
        on_site::schemas(),
        survey::schemas(),
        calls::schemas(),
        events::schemas(),
        monitoring::schemas(),
        entitlement::schemas(),
        register::schemas(),
        people::schemas(),
        reports::schemas(),
        waits::schemas(),
        settings::schemas(),
        audit::schemas(),
    ])
}

/// The parameters of all parts.
fn parameters() -> Value {
    joined([
        of_cases(),
        attachments::parameters(),
        entitlement::parameters(),
        register::parameters(),
        people::parameters(),
        events::parameters(),
        reports::parameters(),
        waits::parameters(),
        audit::parameters(),
    ])
}

/// What several answers hold.
fn shared() -> Value {
    json!({
        "Problem": object(
            &["type", "title", "status", "code", "detail"],
            json!({
                "type": { "type": "string", "format": "uri" },
                "title": string(),
                "status": { "type": "integer", "minimum": 400, "maximum": 599 },
                "code": codes(&CODES),
                "detail": { "type": "string", "description": "What is wrong and what to do, in the caller's language." },
                "errors": list_of("FieldError"),
                "rule": { "type": "string", "description": "The rule of the desk that refuses it; of code `refused`." },
                "case": { "type": "string", "description": "The case that the key opened; of code `idempotency_key_reused`." },
            }),
        ),
        "FieldError": object(&["field", "detail"], json!({ "field": string(), "detail": string() })),
        "Me": object(
            &["id", "name", "grants", "country", "requests_per_minute"],
            json!({
                "id": integer(),
                "name": string(),
                "grants": { "type": "array", "items": codes(&Grant::ALL.map(Grant::code)) },
                "country": { "description": "The only country of its cases; `null` for all.", "type": ["string", "null"] },
                "requests_per_minute": integer(),
            }),
        ),
        "Person": object(&["id", "name"], json!({ "id": integer(), "name": string() })),
        "Author": object(
            &["type", "id", "name"],
            json!({
                "type": codes(&["customer", "staff", "integration", "system"]),
                "id": { "type": ["integer", "null"] },
                "name": text_or_null(),
            }),
        ),
        "Target": object(
            &["metric", "cycle", "state", "target_s", "used_s", "remaining_s", "counting", "due_at"],
            json!({
                "metric": codes(&SlaMetric::ALL.map(SlaMetric::code)),
                "cycle": integer(),
                "state": codes(&ClockState::ALL.map(ClockState::code)),
                "target_s": { "type": "integer", "description": "Business seconds." },
                "used_s": integer(),
                "remaining_s": { "type": "integer", "description": "Negative when breached." },
                "counting": { "type": "boolean", "description": "Whether seconds pass now." },
                "due_at": time_or_null(),
            }),
        ),
    })
}

fn cases() -> Value {
    let assignee = json!({ "oneOf": [reference("Person"), { "type": "null" }] });
    let listed = json!({
        "number": string(),
        "version": integer(),
        "status": codes(&Status::ALL.map(Status::code)),
        "priority": codes(&Priority::ALL.map(Priority::code)),
        "country": codes(&Country::ALL.map(Country::code)),
        "zone": string(),
        "entitlement": string(),
        "customer": text_or_null(),
        "platform": codes(&Platform::ALL.map(Platform::code)),
        "equipment": string(),
        "place": text_or_null(),
        "fault": { "type": "string", "description": "Its first words." },
        "opened_at": time(),
        "changed_at": time(),
        "assignee": assignee.clone(),
        "unanswered_since": time_or_null(),
        "targets": list_of("Target"),
    });
    let whole = json!({
        "number": string(),
        "version": integer(),
        "status": codes(&Status::ALL.map(Status::code)),
        "priority": codes(&Priority::ALL.map(Priority::code)),
        "severity": codes(&Severity::ALL.map(Severity::code)),
        "urgency": codes(&Urgency::ALL.map(Urgency::code)),
        "country": codes(&Country::ALL.map(Country::code)),
        "zone": string(),
        "entitlement": string(),
        "customer": text_or_null(),
        "contract": text_or_null(),
        "company": text_or_null(),
        "serial": string(),
        "platform": codes(&Platform::ALL.map(Platform::code)),
        "equipment": string(),
        "location": string(),
        "reporter": string(),
        "contact": object(
            &["name", "phone", "mail"],
            json!({ "name": string(), "phone": string(), "mail": string() }),
        ),
        "fault": string(),
        "language": codes(&Language::ALL.map(Language::code)),
        "opened_at": time(),
        "ended_at": time_or_null(),
        "assignee": assignee,
        "unanswered_since": time_or_null(),
        "attempts": integer(),
        "awaits_decision": { "type": "boolean" },
        "targets": list_of("Target"),
    });
    json!({
        // Members that were not asked for are absent, so none but the number is required.
        "ListedCase": object(&["number"], listed),
        "Case": object(&["number"], whole),
        "CasePage": object(
            &["cases", "next", "as_of"],
            json!({ "cases": list_of("ListedCase"), "next": text_or_null(), "as_of": time() }),
        ),
        "OpenedCase": object(&["number", "opened_at"], json!({ "number": string(), "opened_at": time() })),
        "CaseVersion": object(&["number", "version"], json!({ "number": string(), "version": integer() })),
        "Entry": object(
            &["version", "at", "kind", "summary", "author", "origin", "audience", "text"],
            json!({
                "version": integer(),
                "at": time(),
                "kind": { "type": "string", "description": "A stable name. New kinds may come." },
                "summary": string(),
                "author": reference("Author"),
                "origin": codes(&["portal", "telephone", "workspace", "scheduler", "command_line", "mail", "api", "whatsapp"]),
                "audience": codes(&Audience::ALL.map(Audience::code)),
                "text": text_or_null(),
            }),
        ),
        "EntryPage": object(
            &["entries", "next", "zone"],
            json!({ "entries": list_of("Entry"), "next": text_or_null(), "zone": string() }),
        ),
        "FoundCase": object(
            &["number", "status", "priority", "customer", "contact", "equipment", "opened_at", "zone"],
            json!({
                "number": string(),
                "status": codes(&Status::ALL.map(Status::code)),
                "priority": codes(&Priority::ALL.map(Priority::code)),
                "customer": text_or_null(),
                "contact": string(),
                "equipment": string(),
                "opened_at": time(),
                "zone": string(),
            }),
        ),
        "FoundCases": object(
            &["cases", "more"],
            json!({ "cases": list_of("FoundCase"), "more": { "type": "boolean" } }),
        ),
    })
}

/// The fields of an opening that are chosen or not; all others are texts.
const BOXES: [&str; 4] = ["contract_meant", "no_contract", "abroad", "contact_same"];

/// The fields of the form.
fn new_case() -> Value {
    let form = serde_json::to_value(IntakeForm::default()).unwrap_or_default();
    let names = form.as_object().into_iter().flat_map(|form| form.keys());
    let mut members: Map<String, Value> = names
        .map(|name| {
            let kind = if BOXES.contains(&name.as_str()) { "boolean" } else { "string" };
            (name.clone(), json!({ "type": kind }))
        })
        .collect();
    for (name, choices) in [
        ("platform", codes(&Platform::ALL.map(Platform::code))),
        ("country", codes(&Country::ALL.map(Country::code))),
        ("severity", codes(&Severity::ALL.map(Severity::code))),
        ("urgency", codes(&Urgency::ALL.map(Urgency::code))),
    ] {
        members.insert(name.to_owned(), choices);
    }
    let required = ["reporter", "serial", "platform", "location", "contact_phone", "contact_mail", "fault"];
    closed(&[&required[..], &["severity", "urgency"]].concat(), members.into())
}

fn bodies() -> Value {
    let note = json!({ "type": "string", "minLength": 1, "maxLength": 4000 });
    let reason = json!({ "type": "string", "minLength": 3, "maxLength": 300 });
    let name = json!({ "type": ["string", "null"], "maxLength": 120 });
    let mut person = id();
    person["type"] = json!(["integer", "null"]);
    let optional = |most: usize| json!({ "type": ["string", "null"], "maxLength": most });
    json!({
        "NewCase": new_case(),
        "Empty": closed(&[], json!({})),
        "NewNote": closed(
            &["text"],
            json!({ "text": note.clone(), "audience": or_null(codes(&Audience::ALL.map(Audience::code))) }),
        ),
        "NewMessage": closed(&["text"], json!({ "text": note.clone(), "next_update_by": time_or_null() })),
        "NewContact": closed(
            &["channel"],
            json!({
                "channel": codes(&Channel::ALL.map(Channel::code)),
                "outcome": or_null(codes(&AttemptOutcome::ALL.map(AttemptOutcome::code))),
                "note": optional(4000),
                "next_update_by": time_or_null(),
            }),
        ),
        "NewWait": closed(
            &["reason", "until"],
            json!({
                "reason": codes(&PauseReason::ALL.map(PauseReason::code)),
                "until": time(),
                "detail": optional(300),
                "allowed_by": name.clone(),
            }),
        ),
        "NewPriority": closed(
            &["priority", "reason"],
            json!({ "priority": codes(&Priority::ALL.map(Priority::code)), "reason": reason.clone() }),
        ),
        "NewAssignee": closed(&["person"], json!({ "person": person, "reason": optional(300) })),
        "NewResolution": closed(
            &["category", "cause", "solution"],
            json!({
                "category": codes(&Category::ALL.map(Category::code)),
                "cause": note.clone(),
                "solution": note,
                "chosen_cause": optional(40),
            }),
        ),
        "NewVerdict": closed(
            &["verdict", "channel"],
            json!({
                "verdict": codes(&Verdict::ALL.map(Verdict::code)),
                "channel": codes(&Channel::ALL.map(Channel::code)),
                "who": name,
                "said": optional(4000),
            }),
        ),
        "NewClosing": closed(&["reason"], json!({ "reason": reason.clone() })),
        "NewCancellation": closed(
            &["asked_by", "reason"],
            json!({ "asked_by": codes(&AskedBy::ALL.map(AskedBy::code)), "reason": reason }),
        ),
    })
}
