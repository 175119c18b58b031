//! `vigia settings closures`: closures of a calendar as an iCalendar file.

use std::path::Path;

use chrono::{DateTime, Datelike};
use desk::Desk;
use desk::settings::{self, IcsProblem, Outcome as Applied, Request, Subject};
use domain::actor::Actor;
use domain::i18n::Language;
use domain::t;

use super::{Failure, Outcome, Report};
use crate::cli::ClosuresCommand;

/// The key of the message when no calendar has the name.
const UNKNOWN: &str = "settings.none";

/// Executes a command of closures.
pub(super) async fn closures(
    desk: &Desk,
    what: ClosuresCommand,
    language: Language,
) -> Result<Report, Failure> {
    match what {
        ClosuresCommand::Export { calendar, file } => {
            let id = id_of(desk, &calendar, language).await?;
            let text = settings::export_closures(desk, &Actor::System, id).await;
            let text = text.map_err(|error| Failure::of(error, UNKNOWN, language))?;
            std::fs::write(&file, text).map_err(|error| Failure::Unwritable { path: file.clone(), error })?;
            Ok(Report::fine(format!("{}\n", t!(language, "settings.exported", names = file.display()))))
        }
        ClosuresCommand::Import { calendar, file, apply } => {
            let id = id_of(desk, &calendar, language).await?;
            let effective_from = desk.now();
            let request =
                if apply { Request::Apply { effective_from } } else { Request::DryRun { effective_from } };
            import(desk, id, &file, request, language).await
        }
    }
}

async fn id_of(desk: &Desk, name: &str, language: Language) -> Result<i64, Failure> {
    let overview = settings::overview(desk, &Actor::System).await;
    let overview = overview.map_err(|error| Failure::of(error, UNKNOWN, language))?;
    let found =
        overview.calendars.iter().find(|calendar| calendar.name.to_lowercase() == name.to_lowercase());
    found
        .map(|calendar| calendar.id)
        .ok_or_else(|| Failure::Refused(t!(language, "settings.reason.unknown_calendar", name = name)))
}

/// Shows what a file would add, or adds it when each of its events can be a closure.
async fn import(
    desk: &Desk,
    id: i64,
    file: &Path,
    asked: Request,
    language: Language,
) -> Result<Report, Failure> {
    let bytes =
        std::fs::read(file).map_err(|error| Failure::Unreadable { path: file.to_path_buf(), error })?;
    let this_year = DateTime::from_timestamp(desk.now().0, 0).map_or(1970, |now| now.year());
    let read = settings::read_closures(&bytes, this_year);
    let effective_from = desk.now();
    let fields = settings::entry(desk, &Actor::System, Subject::Calendars, id, effective_from).await;
    let mut fields = fields.map_err(|error| Failure::of(error, UNKNOWN, language))?;
    let added = settings::add_closures(&mut fields, &read.closures);
    let request = if read.problems.is_empty() { asked } else { Request::DryRun { effective_from } };
    let changed = settings::change_entry(desk, &Actor::System, Subject::Calendars, fields, request).await;
    let (_, report) = changed.map_err(|error| Failure::of(error, UNKNOWN, language))?;
    let counts = t!(language, "settings.ics.counts", found = read.closures.len(), added = added);
    let line = |problem: &IcsProblem| format!("! {}\n", problem.message(language));
    let problems: String = read.problems.iter().map(line).collect();
    let text = format!("{counts}\n{problems}{}", report.message(language));
    let is_fine =
        read.problems.is_empty() && report.problems.is_empty() && report.outcome != Applied::Refused;
    Ok(Report { text, outcome: if is_fine { Outcome::Fine } else { Outcome::Wrong } })
}
