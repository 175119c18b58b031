//! Entries of the API for other systems. The bodies are the examples of its document, which is read from the desk.

use domain::actor::Action;
use serde_json::Value;

use super::entry::{Door, Entry, Of, form, get, json, parts};
use crate::support::Server;
use crate::support::program::document;

const BASE: &str = "/api/v1";
/// A version that a case never has, and a key of a submission.
const HEADS: &str = "If-Match: \"999\"\r\nIdempotency-Key: matrix\r\n";

pub(crate) fn entries(server: &Server) -> Vec<Entry> {
    let document = document(server).0;
    let mut entries = vec![
        get(&at("/openapi.json"), Door::Public),
        form(&at("/token"), Door::Public, "grant_type=client_credentials&client_id=1&client_secret=vigia_1"),
        get(&at("/me"), Door::Token),
        parts(&at("/cases/{number}/attachments"), Door::May(Action::WorkCase), &[("text", "Revisado")])
            .of(Of::Case)
            .looks_further(),
    ];
    entries.extend(reading());
    entries.extend(commands().into_iter().map(|(path, action)| {
        let entry = json(&at(path), Door::May(action), &example(&document, path)).head(HEADS);
        // A version that has passed is told before any rule.
        if path.contains("{number}") { entry.of(Of::Case).looks_further() } else { entry.looks_further() }
    }));
    entries
}

fn at(path: &str) -> String {
    format!("{BASE}{path}")
}

/// The example of an operation's body.
fn example(document: &Value, path: &str) -> String {
    let operation = &document["paths"][path]["post"];
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    assert!(example.is_object(), "no example of {path}: {operation}");
    example.to_string()
}

fn reading() -> Vec<Entry> {
    let case = Door::May(Action::ReadCase);
    let register = Door::May(Action::ReadRegister);
    let reports = Door::May(Action::ReadReports);
    let settings = Door::May(Action::ReadSettings);
    vec![
        get(&at("/cases"), Door::May(Action::ReadQueue)),
        get(&at("/search"), Door::May(Action::Search)).query("?q=apaga"),
        get(&at("/events"), Door::May(Action::ReadWall)).streams(),
        get(&at("/cases/{number}"), case).of(Of::Case),
        get(&at("/cases/{number}/history"), case).of(Of::Case),
        get(&at("/cases/{number}/messages"), case).of(Of::Case),
        get(&at("/cases/{number}/attachments"), case).of(Of::Case),
        get(&at("/cases/{number}/visits"), case).of(Of::Case),
        get(&at("/cases/{number}/survey"), Door::May(Action::ReadCaseFile)).of(Of::Case).looks_further(),
        get(&at("/cases/{number}/attachments/{file}"), case).of(Of::CaseFile),
        get(&at("/cases/{number}/participants"), case).of(Of::Case),
        get(&at("/cases/{number}/proof"), case).of(Of::Case),
        get(&at("/entitlement"), Door::May(Action::CheckEntitlement))
            .query("?contract=CPS-VE-004213-58&serial=FOC2614A1B2&country=VE")
            .looks_further(),
        get(&at("/organisations"), register),
        get(&at("/organisations/{organisation}"), register).of(Of::Organisation),
        get(&at("/contracts"), register),
        get(&at("/contracts/{contract}"), register).of(Of::Contract),
        get(&at("/equipment"), register),
        get(&at("/equipment/{serial}"), register).of(Of::Equipment),
        get(&at("/sites"), register),
        get(&at("/sites/{site}"), register).of(Of::Site),
        get(&at("/people"), Door::May(Action::ReadPeople)),
        get(&at("/people/{person}"), Door::May(Action::ReadPeople)).of(Of::Person),
        get(&at("/reports/sla"), reports),
        get(&at("/reports/breaches"), reports).looks_further(),
        get(&at("/reports/causes"), reports),
        get(&at("/reports/surveys"), reports),
        get(&at("/reports/waits"), reports),
        get(&at("/settings/plans"), settings),
        get(&at("/settings/calendars"), settings),
        get(&at("/settings/formats"), settings),
        get(&at("/audit"), Door::May(Action::ReadAudit)),
    ]
}

/// What is posted, with the action that the policy permits.
fn commands() -> Vec<(&'static str, Action)> {
    let work = [
        "/cases/{number}/notes",
        "/cases/{number}/messages",
        "/cases/{number}/contacts",
        "/cases/{number}/contacts/undo",
        "/cases/{number}/wait",
        "/cases/{number}/resume",
        "/cases/{number}/resolve",
        "/cases/{number}/verify",
        "/cases/{number}/close",
        "/cases/{number}/visits/offer",
        "/cases/{number}/visits/answer",
        "/cases/{number}/visits/confirm",
        "/cases/{number}/visits/agree",
        "/cases/{number}/visits/cancel",
        "/cases/{number}/visits/move",
        "/cases/{number}/visits/reassign",
        "/cases/{number}/visits/no-show",
        "/cases/{number}/visits/did-not-come",
        "/cases/{number}/visits/undo-miss",
        "/cases/{number}/visits/arrive",
        "/cases/{number}/visits/undo-arrival",
        "/cases/{number}/visits/start",
        "/cases/{number}/visits/end",
    ];
    let others = [
        ("/cases", Action::OpenCase),
        ("/cases/{number}/priority", Action::ChangePriority),
        ("/cases/{number}/impact", Action::ChangePriority),
        ("/cases/{number}/assign", Action::AssignCase),
        ("/cases/{number}/cancel", Action::CancelCase),
        ("/cases/{number}/duplicate", Action::CancelCase),
        ("/cases/{number}/correct", Action::CorrectCase),
        ("/cases/{number}/amend", Action::AmendPlace),
        ("/cases/{number}/reopen", Action::Reopen),
        ("/cases/{number}/participants", Action::KeepParticipants),
        ("/cases/{number}/participants/remove", Action::KeepParticipants),
        ("/calls", Action::ReportCalls),
        ("/monitoring/alertmanager", Action::ReportAlerts),
        ("/monitoring/zabbix", Action::ReportAlerts),
    ];
    work.into_iter().map(|path| (path, Action::WorkCase)).chain(others).collect()
}
