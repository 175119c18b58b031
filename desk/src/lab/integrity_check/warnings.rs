//! Warnings: each once per clock, cycle and level, and none early. Notices about warnings and messages are sent in
//! time, and no two mails to a person within five minutes.

use std::collections::BTreeSet;

use domain::case::{Case, Event, GATHER_S, SlaClock};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::mails::Since;
use super::{CheckedCase, Inconsistency};
use crate::outbox::ERASED_RECIPIENT;
use crate::store::StoreError;

pub(super) fn inconsistencies(told: &CheckedCase<'_>) -> Result<Vec<Inconsistency>, StoreError> {
    let Some((first, rest)) = told.history.split_first() else { return Ok(Vec::new()) };
    let wrong = |error| StoreError::inconsistent("case_events", error);
    let mut case = Case::open(first).map_err(wrong)?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for entry in rest {
        if let Event::Warned { clock, cycle, level } = entry.event {
            let finding =
                |what| Inconsistency::Warning { case: told.number, clock: clock.code(), cycle, level, what };
            if !seen.insert((clock, cycle, level)) {
                found.push(finding("came twice"));
            }
            let reached = told.hours_of(&case.opening.hours).is_none_or(|hours| {
                let clocks = case.clocks(&hours.spans, entry.at);
                let of = clocks.iter().find(|of| (of.kind, of.cycle) == (clock, cycle));
                // A correction may reveal a breach although the new target is not used up.
                let is_revealed = |of: &SlaClock| level == 100 && of.breach.is_some();
                of.is_some_and(|of| is_revealed(of) || of.reached(&of.reading(&hours.spans, entry.at), level))
            });
            if !reached {
                found.push(finding("came before its time"));
            }
        }
        case.evolve(entry).map_err(wrong)?;
    }
    Ok(found)
}

/// Warning mails that follow another one to the same person too closely.
pub(super) async fn not_gathered(
    connection: &mut AnyConnection,
    since: &Since,
) -> Result<Vec<Inconsistency>, StoreError> {
    let after = since.get("gathered").map_or(-1, |after| after.0);
    let rows = sqlx::query(
        "SELECT recipient, created_utc_s FROM outbox
         WHERE kind IN ('warning', 'warnings') AND created_utc_s > $1 AND recipient <> $2
         ORDER BY recipient, created_utc_s",
    )
    .bind(after)
    // Whom an erased mail went to is not known any more.
    .bind(ERASED_RECIPIENT)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get::<String, _>(0)?, row.try_get::<i64, _>(1)?));
    let told = rows.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    let pairs = told.windows(2).filter_map(|pair| match pair {
        [(before, first), (recipient, then)] if before == recipient && then - first < GATHER_S => {
            Some(Inconsistency::NotGathered { recipient: recipient.clone(), after_s: then - first })
        }
        _ => None,
    });
    Ok(pairs.collect())
}

/// Notices that should have been sent by `now`.
pub(super) async fn untold(
    connection: &mut AnyConnection,
    now: Instant,
) -> Result<Vec<Inconsistency>, StoreError> {
    let rows = sqlx::query(
        "SELECT case_number FROM notices WHERE turn_utc_s <= $1
         UNION SELECT case_number FROM warnings WHERE turn_utc_s <= $1 ORDER BY case_number",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        let case = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("notices", error))?;
        Ok(Inconsistency::Overdue { case, what: "a notice to somebody of the staff".to_owned() })
    };
    rows.iter().map(read).collect()
}
