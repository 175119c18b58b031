//! `vigia cases`: cases of a desk, over its API.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::Path;

use domain::i18n::Language;
use domain::t;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::api_client::{self, Asked};
use super::{Failure, Report};
use crate::cli::{CasesArguments, CasesCommand, Output};
use crate::config::{Config, TOKEN_VARIABLE};

/// Executes a command of cases.
pub(super) async fn cases(
    config: &Config,
    what: CasesArguments,
    language: Language,
) -> Result<Report, Failure> {
    let token = token(what.token_file.as_deref(), language)?;
    let output = if what.json { Output::Json } else { Output::Text };
    let (asked, print) = request(what.command)?;
    let answer = api_client::ask(&config.public_url, &token, language, &asked).await.map_err(|error| {
        let address: &str = &config.public_url;
        Failure::Refused(t!(language, "cli.cases.unreached", address = address, error = error))
    })?;
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if !(200..300).contains(&answer.status) {
        return Err(Failure::Refused(problem(&value, answer.status)));
    }
    let text = match output {
        Output::Json => serde_json::to_string_pretty(&value).unwrap_or_default() + "\n",
        Output::Text => print(&value),
    };
    Ok(Report::fine(text))
}

/// The token of the environment, else of a file.
fn token(file: Option<&Path>, language: Language) -> Result<String, Failure> {
    let text = match (std::env::var(TOKEN_VARIABLE), file) {
        (_, Some(path)) => std::fs::read_to_string(path)
            .map_err(|error| Failure::Unreadable { path: path.to_path_buf(), error })?,
        (Ok(token), None) => token,
        (Err(_), None) => {
            return Err(Failure::Refused(t!(language, "cli.cases.token", variable = TOKEN_VARIABLE)));
        }
    };
    Ok(text.trim().to_owned())
}

/// How an answer is printed for people.
type Print = fn(&Value) -> String;

fn request(what: CasesCommand) -> Result<(Asked, Print), Failure> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    Ok(match what {
        CasesCommand::List { status, country, priority, assignee, changed_since, limit } => {
            let pairs = [
                ("status", status),
                ("country", country),
                ("priority", priority),
                ("assignee", assignee),
                ("changed_since", changed_since),
                ("limit", limit.map(|limit| limit.to_string())),
            ];
            let given = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let query: Vec<_> = given.map(|(name, value)| format!("{name}={}", encoded(&value))).collect();
            let path =
                if query.is_empty() { "/cases".to_owned() } else { format!("/cases?{}", query.join("&")) };
            (Asked::get(path), list)
        }
        CasesCommand::Show { number } => (Asked::get(format!("/cases/{}", encoded(&number))), show),
        CasesCommand::Open { file, key } => {
            let body = if file.as_os_str() == "-" {
                let mut text = Vec::new();
                io::stdin().read_to_end(&mut text).map_err(Failure::Input)?;
                text
            } else {
                std::fs::read(&file).map_err(|error| Failure::Unreadable { path: file, error })?
            };
            (Asked::post("/cases".to_owned(), Some(key), body), number)
        }
        CasesCommand::Note { number: case, text, public } => {
            let audience = if public { "public" } else { "internal" };
            let body = json!({ "text": text, "audience": audience }).to_string().into_bytes();
            (Asked::post(format!("/cases/{}/notes", encoded(&case)), None, body), number)
        }
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line for each case.
fn list(value: &Value) -> String {
    let mut lines = String::new();
    for case in value["cases"].as_array().into_iter().flatten() {
        let [number, priority, status, changed, customer, equipment] =
            ["number", "priority", "status", "changed_at", "customer", "equipment"]
                .map(|name| text(&case[name]));
        let assignee = text(&case["assignee"]["name"]);
        // Writing to a string does not fail.
        let _ = writeln!(
            lines,
            "{number}  {priority}  {status:<11}  {changed}  {assignee}  {customer}  {equipment}"
        );
    }
    lines
}

/// A line for each member of a case, and its clocks.
fn show(value: &Value) -> String {
    let mut lines = String::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        match member {
            Value::Array(targets) => {
                for target in targets {
                    let [metric, state, due] = ["metric", "state", "due_at"].map(|name| text(&target[name]));
                    let _ = writeln!(lines, "{name:<17} {metric} {state} {due}");
                }
            }
            Value::Object(parts) => {
                let parts: Vec<_> = parts.values().map(text).collect();
                let _ = writeln!(lines, "{name:<17} {}", parts.join(", "));
            }
            plain => {
                let _ = writeln!(lines, "{name:<17} {}", text(plain));
            }
        }
    }
    lines
}

/// The number of the case.
fn number(value: &Value) -> String {
    text(&value["number"]) + "\n"
}

/// The words of a problem, with those at its fields.
fn problem(value: &Value, status: u16) -> String {
    let mut words = value["detail"].as_str().map_or_else(|| format!("HTTP {status}"), str::to_owned);
    for error in value["errors"].as_array().into_iter().flatten() {
        let _ = write!(words, "\n  {}: {}", text(&error["field"]), text(&error["detail"]));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_names_each_field() {
        let told = json!({ "detail": "Wrong.", "errors": [{ "field": "serial", "detail": "Write it." }] });
        assert_eq!(problem(&told, 422), "Wrong.\n  serial: Write it.");
        assert_eq!(problem(&Value::Null, 502), "HTTP 502");
    }

    #[test]
    fn filters_are_encoded() {
        let list = CasesCommand::List {
            status: None,
            country: None,
            priority: None,
            assignee: None,
            changed_since: Some("2026-12-01T14:00:00+01:00".to_owned()),
            limit: Some(5),
        };
        let (asked, _) = request(list).unwrap();
        assert_eq!(asked.path(), "/cases?changed_since=2026%2D12%2D01T14%3A00%3A00%2B01%3A00&limit=5");
    }
}
