//! Warnings: each once per clock, cycle and level, and none before its share of the promise was used.

use std::collections::BTreeSet;

use domain::case::{Case, Event};

use super::{Finding, Told};
use crate::store::StoreError;

pub(super) fn findings(told: &Told<'_>) -> Result<Vec<Finding>, StoreError> {
    let Some((first, rest)) = told.history.split_first() else { return Ok(Vec::new()) };
    let wrong = |error| StoreError::inconsistent("case_events", error);
    let mut case = Case::open(first).map_err(wrong)?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for entry in rest {
        if let Event::Warned { clock, cycle, level } = entry.event {
            let finding =
                |what| Finding::Warning { case: told.number, clock: clock.code(), cycle, level, what };
            if !seen.insert((clock, cycle, level)) {
                found.push(finding("came twice"));
            }
            let reached = told.hours_of(&case.opening.hours).is_none_or(|hours| {
                let clocks = case.clocks(&hours.spans, entry.at);
                let of = clocks.iter().find(|of| (of.kind, of.cycle) == (clock, cycle));
                of.is_some_and(|of| of.reached(&of.reading(&hours.spans, entry.at), level))
            });
            if !reached {
                found.push(finding("came before its time"));
            }
        }
        case.evolve(entry).map_err(wrong)?;
    }
    Ok(found)
}
