//! `vigia demo remove`: what of the desk is the demonstration's alone, and taking it out.

use std::fmt::Write as _;

use desk::Desk;
use desk::lab::demo::remove::{MixedCases, Mixture, Removal, Request, remove};
use domain::actor::Actor;
use domain::i18n::Language;
use domain::t;

use super::{Failure, Report};

/// Tells what would go, or takes it out.
pub(super) async fn remove_demo(
    desk: &Desk,
    request: Request,
    mixed: MixedCases,
    language: Language,
) -> Result<Report, Failure> {
    let removal = remove(desk, &Actor::System, request, mixed)
        .await
        .map_err(|error| Failure::of(error, "cli.demo_remove.nothing", language))?;
    Ok(Report::fine(text(&removal, request, language)))
}

fn text(removal: &Removal, request: Request, language: Language) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    if removal.is_empty() {
        line(t!(language, "cli.demo_remove.nothing").into_owned());
    } else {
        line(t!(language, "cli.demo_remove.goes").into_owned());
        for (key, count) in [
            ("cli.demo_remove.cases", count(&removal.cases)),
            ("cli.demo_remove.mails", removal.mails),
            ("cli.demo_remove.people", count(&removal.people)),
            ("cli.demo_remove.organisations", count(&removal.organisations)),
            ("cli.demo_remove.contracts", count(&removal.contracts)),
            ("cli.demo_remove.sites", count(&removal.sites)),
            ("cli.demo_remove.equipment", count(&removal.equipment)),
            ("cli.demo_remove.displays", removal.displays),
        ] {
            line(format!("    {count:5}  {}", t!(language, key)));
        }
    }
    if !removal.mixed.is_empty() {
        line(t!(language, "cli.demo_remove.mixed").into_owned());
        for case in &removal.mixed {
            let why = match &case.why {
                Mixture::WorkedOnBy(names) => {
                    t!(language, "cli.demo_remove.worked_on", names = names.join(", "))
                }
                Mixture::LinkedWith(other) => t!(language, "cli.demo_remove.linked", other = other.grouped()),
            };
            let fate = if removal.cases.contains(&case.number) {
                "cli.demo_remove.fate.goes"
            } else {
                "cli.demo_remove.fate.stays"
            };
            line(format!("    {}  {why} ({})", case.number.grouped(), t!(language, fate)));
        }
    }
    for (key, kept) in [
        ("cli.demo_remove.people_kept", &removal.people_kept),
        ("cli.demo_remove.contracts_kept", &removal.contracts_kept),
    ] {
        if !kept.is_empty() {
            line(t!(language, key, names = kept.join(", ")));
        }
    }
    let outcome = match request {
        Request::DryRun if removal.is_empty() => None,
        Request::DryRun => Some("cli.demo_remove.dry_run"),
        Request::Apply => Some("cli.demo_remove.done"),
    };
    if let Some(key) = outcome {
        line(t!(language, "cli.demo_remove.plans").into_owned());
        line(t!(language, key).into_owned());
    }
    text
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
