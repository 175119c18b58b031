//! The binary `vigia`: configuration, wiring, routes, sessions, event stream, command line.
#![expect(unreachable_pub, reason = "nobody links a binary: `pub` reaches as far as its crate")]

mod cli;
mod commands;
mod config;
mod http;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use commands::Outcome;

/// Where memory comes from, for SQLite's C as well: a page is thousands of small pieces, which the C library's own allocator
/// took a fifth of a page's time to find and put back (docs/decisions/0017).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ends with 0 when done, 1 when something was refused, failed or found wrong, 2 when the command line, the
/// configuration or a file cannot be read.
fn main() -> ExitCode {
    let report = commands::run(cli::Cli::parse()).and_then(|report| {
        std::io::stdout().write_all(report.text.as_bytes()).map_err(commands::Failure::Output)?;
        Ok(report.outcome)
    });
    match report {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Wrong) => ExitCode::from(1),
        Err(failure) => {
            let line = failure.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ");
            // Where even that cannot be written there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "vigia: {line}");
            ExitCode::from(failure.exit_code())
        }
    }
}
