//! The commands of `vigia`, one module each. A command gives the text for the standard output, and its outcome; only
//! [`serve`] writes while it runs.

mod api_client;
mod audit;
mod backup;
mod cases;
mod check;
mod closures;
mod deliver;
mod demo;
mod display;
mod doctor;
mod import;
mod operations;
mod remove_demo;
pub mod serve;
mod settings;
mod simulate;
mod start;
mod token;
mod user;

use std::io;
use std::path::PathBuf;

use desk::Desk;
use desk::DeskError;
use desk::Ports;
use desk::backfill::Backfill;
use desk::lab::demo::remove::{MixedCases, Request};
use desk::lab::simulation::SimulationError;
use desk::store::StoreError;
use domain::i18n::Language;
use domain::t;
use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::cli::{CheckCommand, Cli, Command, DemoCommand, Settings};
use crate::config::{Config, ConfigError, LogFormat};
use serve::ServeError;

/// The result of a command.
#[derive(Debug)]
pub struct Report {
    /// The text for the standard output.
    pub text: String,
    /// How the command went.
    pub outcome: Outcome,
}

impl Report {
    /// A report of success.
    fn fine(text: impl Into<String>) -> Self {
        Self { text: text.into(), outcome: Outcome::Fine }
    }
}

/// How a command went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Success.
    Fine,
    /// The command found a fault, which the text describes.
    Wrong,
}

/// The reason why a command failed.
#[derive(Debug, Error)]
pub enum Failure {
    /// The configuration is wrong, as [`ConfigError`] says.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server cannot start, as [`ServeError`] says.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The database does not answer, as [`StoreError`] says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The simulation cannot run, as [`SimulationError`] says.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The desk refused; the reason is in the operator's language.
    #[error("{0}")]
    Refused(String),
    /// A mail was not taken in; its server keeps it and tries again.
    #[error("{0}")]
    Postponed(String),
    /// A mail will never be taken in.
    #[error("{0}")]
    Unacceptable(String),
    /// A file that was named cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file that cannot be read.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file or a folder that was named cannot be written.
    #[error("{}: {error}", path.display())]
    Unwritable {
        /// What cannot be written.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file lacks the rows or columns that are checked.
    #[error(transparent)]
    Sheet(#[from] check::SheetError),
    /// The standard input cannot be read.
    #[error("the standard input cannot be read: {0}")]
    Input(io::Error),
    /// The standard output cannot be written.
    #[error("the standard output cannot be written: {0}")]
    Output(io::Error),
    /// No thread could be started.
    #[error("the runtime does not start: {0}")]
    Runtime(io::Error),
}

impl Failure {
    /// The failure of an error, in the operator's language where the operator can correct it. `none` is the key of the
    /// message for a subject that does not exist.
    fn of(error: DeskError, none: &'static str, language: Language) -> Self {
        match error {
            DeskError::Store(error) => Self::Store(error),
            DeskError::NotFound => Self::Refused(t!(language, none).into_owned()),
            DeskError::NotPermitted(refused) => Self::Refused(refused.message(language)),
            DeskError::Refused(refusal) => Self::Refused(refusal.message(language)),
            error @ DeskError::Conflict { .. } => Self::Refused(error.to_string()),
        }
    }

    /// 2 for a mistake of the operator, 1 for any other failure; for mails the codes of sysexits.h, as mail servers read them.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            // EX_TEMPFAIL and EX_DATAERR.
            Self::Postponed(_) => 75,
            Self::Unacceptable(_) => 65,
            Self::Config(_) | Self::Unreadable { .. } | Self::Unwritable { .. } | Self::Sheet(_) => 2,
            Self::Serve(_)
            | Self::Store(_)
            | Self::Simulation(_)
            | Self::Refused(_)
            | Self::Input(_)
            | Self::Output(_)
            | Self::Runtime(_) => 1,
        }
    }
}

/// Executes the command line.
///
/// # Errors
/// See [`Failure`].
pub fn run(cli: Cli) -> Result<Report, Failure> {
    let command = cli.command.unwrap_or(Command::Serve);
    let language = terminal_language();
    match command {
        Command::Check(CheckCommand::Answers(what)) => return Ok(check::check(&what)?),
        Command::Check(CheckCommand::Backup { file }) => return backup::verify(&file, language),
        Command::Simulate { cases, seed, days } => {
            return simulate::simulate(&cli.settings, cases, seed, days, language);
        }
        _ => {}
    }
    let config = match Config::load(cli.settings.config.as_deref(), &cli.settings.given()) {
        Err(error) if matches!(command, Command::Doctor) => {
            return Ok(doctor::misconfigured(&error, language));
        }
        // A mail waits at its server until the operator has mended the configuration.
        Err(error) if matches!(command, Command::Deliver) => {
            return Err(Failure::Postponed(error.to_string()));
        }
        config => config?,
    };
    start_log(&config);
    if let Command::Move { from, to } = command {
        // Either side has a runtime of its own.
        return backup::transfer(&from, &to, language);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(act(command, &config))
}

async fn act(command: Command, config: &Config) -> Result<Report, Failure> {
    let language = terminal_language();
    match command {
        Command::Backup { file } => backup::backup(config, &file, language).await,
        Command::Restore { file } => backup::restore(config, &file, language).await,
        Command::Doctor => Ok(doctor::doctor(config, language).await),
        Command::Cases(what) => cases::cases(config, what, language).await,
        Command::Audit(what) => audit::audit(config, what, language).await,
        Command::Routes => Ok(routes()),
        command => {
            let desk = match Desk::open(&config.database, &config.public_url, Ports::system()).await {
                Err(error) if matches!(command, Command::Deliver) => {
                    return Err(Failure::Postponed(error.to_string()));
                }
                desk => desk?,
            };
            let outcome = over(&desk, command, config, language).await;
            desk.close().await;
            outcome
        }
    }
}

/// Executes a command on an open desk. The caller closes the desk.
async fn over(desk: &Desk, command: Command, config: &Config, language: Language) -> Result<Report, Failure> {
    match command {
        Command::Serve => {
            serve::serve(config, desk).await?;
            Ok(Report::fine(""))
        }
        Command::Migrate => {
            bring_up_to_date(desk).await?;
            Ok(Report::fine(format!("{}\n", t!(language, "cli.migrated"))))
        }
        Command::Import { kind, file, apply, confirm } => {
            let mode = match (apply, confirm) {
                (false, _) => desk::import::Mode::DryRun,
                (true, false) => desk::import::Mode::Apply,
                (true, true) => desk::import::Mode::ApplyConfirmed,
            };
            import::import(desk, kind, file, mode, language).await
        }
        Command::Deliver => deliver::deliver(config, desk, language).await,
        Command::Settings(what) => settings::settings(desk, what, language).await,
        Command::User(what) => user::user(desk, what, language).await,
        Command::Display(what) => display::display(desk, what, language).await,
        Command::Token(what) => token::token(desk, what, language).await,
        Command::Demo { what: None } => demo::demo(config, desk, language).await,
        Command::Demo { what: Some(DemoCommand::Remove { apply, with_mixed }) } => {
            let request = if apply { Request::Apply } else { Request::DryRun };
            let mixed = if with_mixed { MixedCases::Remove } else { MixedCases::Keep };
            remove_demo::remove_demo(desk, request, mixed, language).await
        }
        Command::Check(CheckCommand::Database) => check::database(desk, language).await,
        // Executed before the desk is opened: these need none, or another one.
        Command::Check(CheckCommand::Answers(what)) => Ok(check::check(&what)?),
        Command::Check(CheckCommand::Backup { file }) => backup::verify(&file, language),
        Command::Simulate { cases, seed, days } => {
            simulate::simulate(&Settings::default(), cases, seed, days, language)
        }
        Command::Backup { file } => backup::backup(config, &file, language).await,
        Command::Restore { file } => backup::restore(config, &file, language).await,
        Command::Move { from, to } => backup::transfer(&from, &to, language),
        Command::Doctor => Ok(doctor::doctor(config, language).await),
        Command::Cases(what) => cases::cases(config, what, language).await,
        Command::Audit(what) => audit::audit(config, what, language).await,
        Command::Routes => Ok(routes()),
    }
}

/// The routes of the site, one a line: the method, a space, the path.
fn routes() -> Report {
    let lines = crate::http::listed().into_iter().map(|route| format!("{} {}\n", route.method, route.path));
    Report::fine(lines.collect::<String>())
}

/// Writes what an older version did not write.
async fn bring_up_to_date(desk: &Desk) -> Result<(), StoreError> {
    for backfill in Backfill::ALL {
        backfill.run(desk).await?;
    }
    desk::search::catch_up(desk).await
}

/// Logs to the standard error: the standard output belongs to the command.
fn start_log(config: &Config) {
    // A log that cannot be written (a full disk) is no reason to stop. The subscriber would report it on the standard error,
    // and panic.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_writer(io::stderr);
    let log = log.with_env_filter(EnvFilter::new(&config.log));
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

/// The language of the operator's terminal (POSIX: the first variable that is set); Spanish when it is none of the desk's.
fn terminal_language() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    said.into_iter().find(|value| !value.is_empty()).and_then(|value| locale(&value)).unwrap_or_default()
}

/// The language of a locale such as `pt_BR.UTF-8` or `en`.
fn locale(name: &str) -> Option<Language> {
    Language::from_tag(name.split(['.', '@']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locale_selects_the_language() {
        for (name, language) in [
            ("pt_BR.UTF-8", Some(Language::Pt)),
            ("en", Some(Language::En)),
            ("es@euro", Some(Language::Es)),
            ("C.UTF-8", None),
            ("POSIX", None),
        ] {
            assert_eq!(locale(name), language, "{name}");
        }
    }
}
