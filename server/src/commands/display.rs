//! `vigia display`: wall displays and their links.

use std::fmt::Write as _;

use desk::Desk;
use desk::DeskError;
use desk::access::displays::{self, DisplayView};
use domain::actor::{Actor, Scope};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;

use super::{Failure, Report};
use crate::cli::DisplayCommand;

/// Executes a command of displays.
pub(super) async fn display(
    desk: &Desk,
    what: DisplayCommand,
    language: Language,
) -> Result<Report, Failure> {
    let actor = &Actor::System;
    let refused = |error| refused(error, language);
    let text = match what {
        DisplayCommand::Add { name, country } => {
            let (id, secret) =
                displays::add_display(desk, actor, &name, Scope { country }).await.map_err(refused)?;
            let added = t!(language, "cli.display.added", id = id.0, name = name);
            format!("{added}\n{}\n", link(desk.public_url(), &secret))
        }
        DisplayCommand::List => list(&displays::displays(desk, actor).await.map_err(refused)?, language),
        DisplayCommand::Revoke { id } => {
            displays::revoke_display(desk, actor, id).await.map_err(refused)?;
            t!(language, "cli.display.revoked", id = id.0) + "\n"
        }
    };
    Ok(Report::fine(text))
}

/// The link by which a browser becomes a display; its route is in `http`.
pub(super) fn link(public_url: &str, secret: &str) -> String {
    format!("{public_url}/board/{secret}")
}

/// The displays, one line each.
fn list(displays: &[DisplayView], language: Language) -> String {
    if displays.is_empty() {
        return format!("{}\n", t!(language, "cli.display.none"));
    }
    let mut text = String::new();
    for DisplayView { id, name, scope, created_at, revoked_at, .. } in displays {
        let country = scope.country.map_or("VE CO MX", |country| country.code());
        let state = match revoked_at {
            None => t!(language, "cli.display.since", at = moment(*created_at)),
            Some(at) => t!(language, "cli.display.revoked_at", at = moment(*at)),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:>4}  {country:8}  {state}  {name}", id.0);
    }
    text
}

/// An instant in UTC, such as `2026-11-22 16:00:00 UTC`: the operator's zone is not known.
fn moment(at: Instant) -> String {
    at.to_chrono().map(|at| at.to_string()).unwrap_or_default()
}

/// The failure of an error, in the operator's language where the operator can correct it.
fn refused(error: DeskError, language: Language) -> Failure {
    Failure::of(error, "cli.display.not_found", language)
}
