//! `vigia check database`: the integrity check over the configured database.

use std::fmt::Write as _;

use desk::Desk;
use desk::lab::integrity_check::{SchedulerState, check, record};
use domain::i18n::Language;
use domain::t;

use super::SHOWN;
use crate::commands::{Failure, Outcome, Report};

/// Looks at everything that the database holds, and keeps what came of it; the desk may run meanwhile.
pub(in crate::commands) async fn database(desk: &Desk, language: Language) -> Result<Report, Failure> {
    let report = check(desk, SchedulerState::Unknown).await?;
    record(desk, &report).await?;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = match report.inconsistencies.len() {
        0 => writeln!(text, "{}", t!(language, "backup.checked", cases = report.cases)),
        count => {
            writeln!(text, "{}", t!(language, "backup.contradicted", count = count, cases = report.cases))
        }
    };
    for inconsistency in report.inconsistencies.iter().take(SHOWN) {
        let _ = writeln!(text, "    {inconsistency}");
    }
    let outcome = if report.inconsistencies.is_empty() { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text, outcome })
}
