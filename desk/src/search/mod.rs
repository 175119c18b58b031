//! Use-case: search of cases (`domain::search`).
//!
//! The register is searched beside them (`look_up`): customers, contracts, sites and equipment.
//!
//! A number is found as soon as its case is opened; everything else once its terms are written (`indexer`).

mod customer;
pub(crate) mod documents;
mod indexer;
mod look_up;
mod lookup;
mod register;

use std::collections::HashMap;

use domain::actor::{Action, Actor, Subject, may, scope_of};
use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::phone::Phone;
use domain::search::{Found, FoundCase, Query};
use sqlx::AnyConnection;

use crate::Desk;
use crate::DeskError;
use crate::cases::links;
use crate::contracts::labels::Labels;
use crate::events;
use crate::reach::Reach;
use crate::store::StoreError;

pub use customer::customer;
pub(crate) use documents::{forget_unused, words_of, write_document};
pub use indexer::{catch_up, serve};
pub(crate) use indexer::{catch_up_both, catch_up_register_behind, relabel_cases, waits};
pub(crate) use indexer::{followed, last_of};
pub use look_up::look_up;
pub(crate) use look_up::{bounds, contracts_of, look_up_owner, selections};
pub use register::catch_up_register;
pub(crate) use register::{Touched, changed, forget_terms, list_cases, rewrite_terms};

/// The most cases shown.
pub const SHOWN: usize = 50;

/// The case with the number `text`, else all cases that match every word: open ones first, then the newest. When no case has
/// words that begin so, parts of words are looked for, and then words with a slip of the pen.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::search::{catch_up, search};
/// use domain::search::Found;
///
/// // The server's indexer does this behind every commit.
/// catch_up(&desk).await?;
/// let Found::Cases(cases) = search(&desk, &agent(), "pena luis").await? else { return Err("nothing".into()) };
/// assert_eq!(cases[0].number, number);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn search(desk: &Desk, actor: &Actor, text: &str) -> Result<Found, DeskError> {
    may(actor, Action::Search, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let reach = Reach::of(actor);
    if let Ok(number) = CaseNumber::parse(text)
        && links::exists(&mut reader, number).await?
        && reach.holds(&mut reader, number).await?
    {
        reader.done();
        return Ok(Found::Case(number));
    }
    let query = Query::parse(text);
    if query.words().is_empty() {
        return Ok(Found::Nothing);
    }
    let engine = desk.store().engine();
    let wanted = lookup::Wanted { most: SHOWN + 1, country: scope_of(actor).country, reach: &reach };
    let mut numbers = lookup::numbers(&mut reader, engine, &query, &desk.case_prefixes(), wanted).await?;
    let are_more = numbers.len() > SHOWN;
    numbers.truncate(SHOWN);
    let cases = events::cases_and_labels(&mut reader, &numbers).await?;
    reader.done();
    let mut cases: HashMap<CaseNumber, (Case, Labels)> =
        cases.into_iter().map(|(case, labels)| (case.opening.number, (case, labels))).collect();
    let mut rows = Vec::with_capacity(numbers.len());
    for number in numbers {
        let Some((case, labels)) = cases.remove(&number) else { continue };
        if !scope_of(actor).holds(case.opening.report.country) {
            continue;
        }
        rows.push(row(desk, &case, labels).await?);
    }
    Ok(if are_more { Found::Many(rows) } else { Found::Cases(rows) })
}

/// Cases whose document has a telephone number: the open ones first, then the newest. Others may be among them that have a number
/// like it, so the caller holds them against their contacts.
pub(crate) async fn cases_with_number(
    desk: &Desk,
    connection: &mut AnyConnection,
    phone: &Phone,
    country: Option<Country>,
) -> Result<Vec<CaseNumber>, StoreError> {
    let reach = Reach::default();
    let wanted = lookup::Wanted { most: SHOWN, country, reach: &reach };
    let query = Query::parse(&phone.e164());
    lookup::numbers(connection, desk.store().engine(), &query, &desk.case_prefixes(), wanted).await
}

async fn row(desk: &Desk, case: &Case, labels: Labels) -> Result<FoundCase, StoreError> {
    let hours = desk.hours(&case.opening.hours).await?;
    Ok(FoundCase {
        number: case.opening.number,
        status: case.status(),
        priority: case.priority(),
        customer: labels.customer,
        contact: case.opening.report.contact.clone(),
        equipment: labels.equipment,
        opened_at: case.opened_at,
        zone: hours.zone.clone(),
    })
}
