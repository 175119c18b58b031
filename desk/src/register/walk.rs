//! Lists of the register for programs: in the order of keys, page by page from the last key of the page before.
//!
//! Entries that come or go meanwhile neither hide others nor repeat them, which pages by their numbers cannot say.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::page::{Page, Paging};

use super::EntryKey;
use super::list::{Conditions, ListQuery, Listed, Order, Value};
use super::rows::read;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;

/// The most entries of a step.
pub const WALK_ROWS_MAX: u32 = 200;

/// A step through a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// The entries, in the order of their keys.
    pub listed: Listed,
    /// The last key, when there are entries above it.
    pub next: Option<EntryKey>,
}

/// At most `rows` entries of a list above `after`. The page of the query does not count.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::register::{ListQuery, walk};
/// use domain::register::RegisterKind;
///
/// let all = ListQuery::all(RegisterKind::Equipment);
/// let first = walk(&desk, &agent(), &all, None, 1).await?;
/// let second = walk(&desk, &agent(), &all, first.next.as_ref(), 1).await?;
/// assert_ne!(first.listed, second.listed);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn walk(
    desk: &Desk,
    actor: &Actor,
    query: &ListQuery,
    after: Option<&EntryKey>,
    rows: u32,
) -> Result<Walked, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let rows = rows.clamp(1, WALK_ROWS_MAX);
    let after = after.filter(|key| key.kind() == query.kind).map(|key| match key {
        EntryKey::Organisation(id) | EntryKey::Site(id) => Value::Number(*id),
        EntryKey::Contract(key) | EntryKey::Equipment(key) => Value::Text(key.clone()),
    });
    let mut reader = desk.store().reader().await?;
    // One more than the step has: it says whether there are others.
    let mut keys = match Conditions::of(desk, query, Order::OfKeys)? {
        Some(conditions) => conditions.keys_above(&mut reader, query, after, rows + 1).await?,
        None => Vec::new(),
    };
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = keys.len() > most;
    keys.truncate(most);
    let last = keys.last().filter(|_| more);
    let next = last.and_then(|key| EntryKey::parse(query.kind, key));
    let shown = keys.len();
    let page = Page { rows: keys, paging: Paging::of(0, 1) };
    let listed = read(desk, &mut reader, query.kind, page).await?;
    reader.done();
    desk.note_reading(actor, Reading::List(AuditData::Register), shown);
    Ok(Walked { listed, next })
}
