//! Mails of people and programs: who wrote each, whom a report names and which case it belongs to.
//!
//! A folder has `expected.csv` (file, expected, `failed_recipients`, status, case) and the mails that it names.

use std::path::Path;

use desk::inbound::{Kind, Mail, Permanence};
use serde::Deserialize;

use super::mails::{own_addresses, read};
use super::{Finding, SheetError, compare, rows};

#[derive(Deserialize)]
struct Row {
    file: String,
    expected: String,
    failed_recipients: String,
    status: String,
    case: String,
}

pub(super) fn check(folder: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    let rows = rows::<Row>(&folder.join("expected.csv"))?;
    let mails = rows
        .iter()
        .map(|(_, row)| Ok(Mail::parse(&read(&folder.join(&row.file))?)))
        .collect::<Result<Vec<_>, SheetError>>()?;
    let own = own_addresses(&mails);
    let findings = rows.iter().zip(&mails).filter_map(|((_, row), mail)| {
        let mut recipients: Vec<String> =
            row.failed_recipients.split_whitespace().map(str::to_owned).collect();
        recipients.sort_unstable();
        let expected = told(&row.expected, &recipients, &row.status, &row.case);
        let case = if mail.thread().contains(&row.case) { row.case.as_str() } else { "not found" };
        let got = match mail.kind(&own) {
            Kind::Person => told("human", &[], "", case),
            Kind::AutomaticAnswer => told("auto_reply", &[], "", case),
            Kind::Receipt(status) => told("receipt", &[], status.as_deref().unwrap_or_default(), case),
            Kind::CalendarAnswer(_) => told("calendar_reply", &[], "", case),
            Kind::List => told("list", &[], "", case),
            Kind::DeliveryFailure(failure) => {
                let class = match failure.permanence {
                    Permanence::Permanent => "bounce_permanent",
                    Permanence::Temporary => "bounce_temporary",
                };
                let mut recipients = failure.recipients;
                recipients.sort_unstable();
                told(class, &recipients, failure.status.as_deref().unwrap_or_default(), case)
            }
        };
        compare(row.file.clone(), expected, got)
    });
    Ok((rows.len(), findings.collect()))
}

fn told(class: &str, recipients: &[String], status: &str, case: &str) -> String {
    format!("{class} [{}] {status} {case}", recipients.join(" ")).trim_end().to_owned()
}
