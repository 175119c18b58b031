//! `vigia token`: integrations and their tokens.

use std::fmt::Write as _;

use desk::Desk;
use desk::DeskError;
use desk::access::integrations::{
    IntegrationView, NewIntegration, add_integration, list_integrations, revoke_integration,
};
use domain::actor::{Actor, RequestsPerMinute, Scope};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;

use super::{Failure, Report};
use crate::cli::TokenCommand;

/// Executes a command of tokens.
pub(super) async fn token(desk: &Desk, what: TokenCommand, language: Language) -> Result<Report, Failure> {
    let actor = &Actor::System;
    let refused = |error| refused(error, language);
    let text = match what {
        TokenCommand::Add { name, grants, country, per_minute } => {
            let new = NewIntegration {
                name: name.clone(),
                grants: grants.into_iter().collect(),
                scope: Scope { country },
                per_minute: per_minute.unwrap_or(RequestsPerMinute::OFFERED),
            };
            let (id, token) = add_integration(desk, actor, new).await.map_err(refused)?;
            let added = t!(language, "cli.token.added", id = id.0, name = name.as_str());
            format!("{added}\n{token}\n")
        }
        TokenCommand::List => {
            let mut text = String::new();
            for page in 1.. {
                let listed = list_integrations(desk, actor, page).await.map_err(refused)?;
                text.push_str(&list(&listed.rows, language));
                if page >= listed.paging.pages {
                    break;
                }
            }
            if text.is_empty() { format!("{}\n", t!(language, "cli.token.none")) } else { text }
        }
        TokenCommand::Revoke { id } => {
            revoke_integration(desk, actor, id).await.map_err(refused)?;
            t!(language, "cli.token.revoked", id = id.0) + "\n"
        }
    };
    Ok(Report::fine(text))
}

/// The integrations, one line each.
fn list(integrations: &[IntegrationView], language: Language) -> String {
    let mut text = String::new();
    for IntegrationView { integration, created_at, revoked_at, .. } in integrations {
        let country = integration.scope.country.map_or("VE CO MX", |country| country.code());
        let grants = integration.grants.iter().map(|grant| grant.code()).collect::<Vec<_>>().join(",");
        let state = match revoked_at {
            None => t!(language, "cli.display.since", at = moment(*created_at)),
            Some(at) => t!(language, "cli.display.revoked_at", at = moment(*at)),
        };
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "{:>4}  {country:8}  {state}  {}  {grants}", integration.id.0, integration.name);
    }
    text
}

/// An instant in UTC: the operator's zone is not known.
fn moment(at: Instant) -> String {
    at.to_chrono().map(|at| at.to_string()).unwrap_or_default()
}

/// The failure of an error, in the operator's language where the operator can correct it.
fn refused(error: DeskError, language: Language) -> Failure {
    Failure::of(error, "cli.token.not_found", language)
}
