//! The audit log, for programs that keep it elsewhere.

use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::audit::{AUDIT_ROWS_MAX, AuditFilter, read};
use domain::actor::Action;
use domain::audit::{AuditAuthor, AuditEntry, AuditKind};
use domain::country::Country;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::{Pairs, cursor, written_cursor};
use super::input::Parameters;
use super::json::{answer, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    codes, country, integer, integer_or_null, object, page, query, reference, string, text_or_null,
    time as time_schema,
};

const TAG: &str = "Audit log";

/// Rows of a page, unless another number is asked for.
const ROWS: u32 = 50;

/// Codes of authors.
const AUTHORS: [&str; 6] = ["unknown", "customer", "staff", "integration", "display", "system"];

/// The operations of the audit log.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new((Method::Get, "/audit"), get(list), ("listAudit", TAG, "List entries of the audit log"))
            .needs(Action::ReadAudit)
            .about(
                "The newest first. Each digest covers its entry and every entry before it: a program that keeps the newest \
                 digest notices later changes with `vigia audit verify --head`. Without a kind, seals are left out.",
            )
            .parameter("audit_kind")
            .parameter("audit_since")
            .parameter("audit_until")
            .parameter("audit_country")
            .parameter("limit")
            .parameter("cursor")
            .answers(200, "A page of entries.", "AuditPage"),
    ]
}

/// Parameters of the audit log.
pub(super) fn parameters() -> Value {
    json!({
        "audit_kind": query("kind", "Entries of one kind.", &codes(&AuditKind::ALL.map(AuditKind::code))),
        "audit_since": query("since", "Entries of this time and later.", &time_schema()),
        "audit_until": query("until", "Entries before this time.", &time_schema()),
        "audit_country": query("country", "Entries about one country.", &country()),
    })
}

/// Schemas of the audit log.
pub(super) fn schemas() -> Value {
    json!({
        "AuditAuthor": object(
            &["type", "id", "name"],
            json!({ "type": codes(&AUTHORS), "id": integer_or_null(), "name": text_or_null() }),
        ),
        "AuditEntry": object(
            &["id", "at", "kind", "by", "details", "network", "country", "digest"],
            json!({
                "id": integer(),
                "at": time_schema(),
                "kind": codes(&AuditKind::ALL.map(AuditKind::code)),
                "by": reference("AuditAuthor"),
                "details": { "type": "string", "description": "In the caller's language." },
                "network": text_or_null(),
                "country": text_or_null(),
                "digest": string(),
            }),
        ),
        "AuditPage": page("entries", "AuditEntry"),
    })
}

/// Lists entries.
async fn list(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let kind = asked.choice("kind", AuditKind::from_code, &AuditKind::ALL.map(AuditKind::code));
    let from = asked.take("since").and_then(|at| asked.fields.time("since", Some(&at)));
    let to = asked.take("until").and_then(|at| asked.fields.time("until", Some(&at)));
    let country = asked.choice("country", Country::from_code, &Country::ALL.map(Country::code));
    let rows = asked.number("limit", 1, AUDIT_ROWS_MAX, ROWS);
    let before = cursor(&mut asked);
    asked.done()?;
    let filter = AuditFilter { kind, words: String::new(), from, to, country };
    let page = read(&caller.desk, &caller.actor, &filter, before, rows).await?;
    let entries: Vec<Value> = page.entries.iter().map(|entry| told(entry, &caller)).collect();
    Ok(answer(StatusCode::OK, json!({ "entries": entries, "next": page.next.map(written_cursor) })))
}

fn told(entry: &AuditEntry, caller: &Caller) -> Value {
    let AuditEntry { id, at, record, network, country, digest } = entry;
    json!({
        "id": id,
        "at": time(*at),
        "kind": record.event.kind().code(),
        "by": author(&record.by),
        "details": record.event.told(caller.language),
        "network": network,
        "country": country.map(Country::code),
        "digest": digest,
    })
}

fn author(by: &AuditAuthor) -> Value {
    let [unknown, customer, staff, integration, display, system] = AUTHORS;
    match by {
        AuditAuthor::Unknown => json!({ "type": unknown, "id": null, "name": null }),
        AuditAuthor::Customer => json!({ "type": customer, "id": null, "name": null }),
        AuditAuthor::Staff { id, name } => json!({ "type": staff, "id": id.0, "name": name }),
        AuditAuthor::Integration { id, name } => json!({ "type": integration, "id": id.0, "name": name }),
        AuditAuthor::Display { id } => json!({ "type": display, "id": id.0, "name": null }),
        AuditAuthor::System => json!({ "type": system, "id": null, "name": null }),
    }
}
