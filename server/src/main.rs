//! The binary `vigia`: configuration, wiring, routes, sessions, event stream, command line.
#![expect(unreachable_pub, reason = "nobody links a binary: `pub` reaches as far as its crate")]

mod cli;
mod commands;
mod config;
mod http;
mod imap;
mod lmtp;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use commands::Outcome;

/// The allocator, for SQLite's C as well. A page is thousands of small allocations; the C library's allocator took a fifth of
/// a page's time for them (docs/decisions/0017).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit codes: 0 when done; 1 when a command was refused, failed or found a fault. 2 says that the command line, the
/// configuration or a file cannot be read. `vigia deliver` has those of sysexits.h.
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
            // When the standard error takes nothing, no place for a message is left.
            let _ = writeln!(std::io::stderr(), "vigia: {line}");
            ExitCode::from(failure.exit_code())
        }
    }
}
