//! `vigia simulate`: days of a desk in seconds, and what they came to.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use desk::lab::simulation::{self, Outcome as Simulated};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::t;

use super::{Failure, Outcome, Report};
use crate::cli::Settings;

/// How many inconsistencies are printed; the others are counted.
const TOLD: usize = 20;

/// Simulates on the database of `--database`, which must be empty, or on a temporary file.
pub(super) fn simulate(
    settings: &Settings,
    cases: u32,
    seed: u64,
    days: u32,
    language: Language,
) -> Result<Report, Failure> {
    let folder = Folder::new();
    let database = settings
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite:{}", folder.0.join("simulation.db").display()));
    let wanted = simulation::Settings { cases, seed, days, database };
    let begun = Instant::now();
    let outcome = simulation::run(&wanted)?;
    let took_s = begun.elapsed().as_secs_f64();
    let text = summary(&wanted, &outcome, took_s, language);
    let outcome = if outcome.inconsistencies.is_empty() { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text, outcome })
}

/// A folder of this process alone, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("vigia-simulate-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The folder may not exist.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn summary(wanted: &simulation::Settings, outcome: &Simulated, took_s: f64, language: Language) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    let simulation::Settings { cases, seed, days, .. } = wanted;
    let (took, rate) = (format!("{took_s:.1}"), format!("{:.1}", f64::from(*cases) / took_s.max(0.001)));
    line(t!(language, "cli.simulate.took", days = days, seed = seed, seconds = took, rate = rate));
    let Simulated { cases: opened, events, happened, mails, mails_dead, refused, .. } = outcome;
    line(t!(
        language,
        "cli.simulate.cases",
        cases = opened,
        events = events,
        kinds = happened.len(),
        refused = refused
    ));
    let twice = outcome.faults.mails_twice;
    line(t!(language, "cli.simulate.mails", mails = mails, dead = mails_dead, twice = twice));
    for (priority, counts) in Priority::ALL.into_iter().zip(outcome.targets) {
        let (kept, missed) = (counts.met, counts.breached);
        let (open, void) = (counts.open, counts.void);
        let priority = priority.code();
        line(t!(
            language,
            "cli.simulate.promises",
            priority = priority,
            kept = kept,
            missed = missed,
            open = open,
            void = void
        ));
    }
    faults(outcome, language).into_iter().for_each(&mut line);
    line(t!(language, "cli.simulate.outcome", digest = outcome.digest));
    match outcome.inconsistencies.as_slice() {
        [] => line(t!(language, "cli.simulate.fine").into_owned()),
        inconsistencies => {
            line(t!(language, "cli.simulate.wrong", count = inconsistencies.len()));
            inconsistencies.iter().take(TOLD).for_each(|finding| line(format!("    {finding}")));
            let again = format!("vigia simulate --cases {cases} --seed {seed} --days {days}");
            line(t!(language, "cli.simulate.again", command = again));
        }
    }
    text
}

/// The faults that were injected, a line each.
fn faults(outcome: &Simulated, language: Language) -> [String; 3] {
    let faults = &outcome.faults;
    [
        t!(
            language,
            "cli.simulate.kills",
            idle = faults.killed_idle,
            transaction = faults.killed_in_transaction,
            answer = faults.killed_before_answer,
            mail = faults.killed_with_mail
        ),
        t!(language, "cli.simulate.post", times = faults.mail_down, mails = faults.mails_put_off),
        t!(
            language,
            "cli.simulate.crowds",
            transactions = faults.long_transactions,
            conflicts = faults.conflicts
        ),
    ]
}
