//! Who hears of what, in memory, and the rows that an entry causes.
//!
//! Each process keeps the subscriptions with the number of the change that they follow from. A transaction reads the
//! number of the last change, which an opening's look-up brings along, and reads the subscriptions anew only when it is
//! another. So no node misses an entry after a change, and a desk without webhooks pays nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use domain::actor::Scope;
use domain::case::{Case, Recorded};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::time::Instant;
use domain::webhook::{WebhookEvent, WebhookFormat, WebhookId};
use sqlx::{FromRow, Row};

use crate::Desk;
use crate::access::tokens::hex;
use crate::store::{Statement, StoreError, Table, Tx, insert_all, row};

/// The name of the sequence that counts changes of webhooks.
pub(crate) const CHANGES: &str = "webhook_changes";

/// What a webhook hears of.
#[derive(Debug)]
struct Subscription {
    id: WebhookId,
    events: BTreeSet<WebhookEvent>,
    scope: Scope,
}

/// The subscriptions of this process.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(RwLock<Kept>);

#[derive(Debug, Clone, Default)]
struct Kept {
    /// The number of the change that they follow from; 0 before the first webhook.
    change: i64,
    all: Arc<[Subscription]>,
}

row! {
    struct SubscriptionRow {
        id: i64,
        events: String,
        country: Option<String>,
        format: String,
    }
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> Result<Self, StoreError> {
        let format = format(row.id, &row.format)?;
        let mut events = events(row.id, &row.events)?;
        events.retain(|event| format.hears(*event));
        Ok(Self { id: WebhookId(row.id), events, scope: scope(row.id, row.country)? })
    }
}

/// Codes of events as they are stored.
pub(super) fn events(id: i64, codes: &str) -> Result<BTreeSet<WebhookEvent>, StoreError> {
    let event = |code: &str| {
        WebhookEvent::from_code(code)
            .ok_or_else(|| StoreError::inconsistent("webhooks", format!("{id}: {code}")))
    };
    codes.split_whitespace().map(event).collect()
}

/// A scope as it is stored.
pub(super) fn scope(id: i64, code: Option<String>) -> Result<Scope, StoreError> {
    let country = |code: String| {
        Country::from_code(&code).ok_or_else(|| StoreError::inconsistent("webhooks", format!("{id}: {code}")))
    };
    Ok(Scope { country: code.map(country).transpose()? })
}

/// A format as it is stored.
pub(super) fn format(id: i64, code: &str) -> Result<WebhookFormat, StoreError> {
    WebhookFormat::from_code(code)
        .ok_or_else(|| StoreError::inconsistent("webhooks", format!("{id}: {code}")))
}

/// A language as it is stored.
pub(super) fn language(id: i64, code: &str) -> Result<Language, StoreError> {
    Language::from_code(code).ok_or_else(|| StoreError::inconsistent("webhooks", format!("{id}: {code}")))
}

/// The subscriptions after a change.
async fn current(desk: &Desk, tx: &mut Tx, change: i64) -> Result<Arc<[Subscription]>, StoreError> {
    let kept = desk.subscriptions().0.read().unwrap_or_else(PoisonError::into_inner).clone();
    if kept.change == change {
        return Ok(kept.all);
    }
    // They may follow from a later change already. Then the next transaction reads them once more.
    let rows = tx
        .ask("SELECT id, events, country, format FROM webhooks ORDER BY id".to_owned(), |statement| statement)
        .await?;
    let all = rows
        .iter()
        .map(|row| Subscription::try_from(SubscriptionRow::from_row(row)?))
        .collect::<Result<Arc<[_]>, StoreError>>()?;
    let kept = Kept { change, all: Arc::clone(&all) };
    *desk.subscriptions().0.write().unwrap_or_else(PoisonError::into_inner) = kept;
    Ok(all)
}

/// The deliveries.
pub(crate) const DELIVERIES: Table = Table {
    head: "INSERT INTO webhook_deliveries (id, webhook_id, seq, case_number, version, event, created_utc_s, next_attempt_utc_s, call_request, whatsapp_message)",
    columns: 10,
    tail: "",
};

/// A delivery to be written.
pub(crate) struct Deliverable {
    id: String,
    webhook: WebhookId,
    seq: i64,
    case: String,
    version: u32,
    event: &'static str,
    now: Instant,
    /// The request for a call that it tells of; 0 for another event.
    call: i64,
    /// The update that it sends by WhatsApp; 0 for what a webhook is told.
    update: i64,
}

impl Deliverable {
    /// A delivery of an entry.
    fn new(
        desk: &Desk,
        webhook: WebhookId,
        event: WebhookEvent,
        (number, version, seq): (CaseNumber, u32, i64),
    ) -> Self {
        Self {
            id: fresh_id(desk),
            webhook,
            seq,
            case: number.as_compact(),
            version,
            event: event.code(),
            now: desk.now(),
            call: 0,
            update: 0,
        }
    }

    /// A delivery of a test.
    pub(super) fn test(desk: &Desk, webhook: WebhookId) -> Self {
        Self {
            id: fresh_id(desk),
            webhook,
            seq: 0,
            case: String::new(),
            version: 0,
            event: "",
            now: desk.now(),
            call: 0,
            update: 0,
        }
    }

    /// A delivery of a request for a call.
    fn call(desk: &Desk, webhook: WebhookId, request: i64, case: Option<CaseNumber>) -> Self {
        Self {
            id: fresh_id(desk),
            webhook,
            seq: 0,
            case: case.map(|case| case.as_compact()).unwrap_or_default(),
            version: 0,
            event: WebhookEvent::CallRequested.code(),
            now: desk.now(),
            call: request,
            update: 0,
        }
    }

    /// A delivery of an update by WhatsApp.
    pub(super) fn update(
        desk: &Desk,
        number: WebhookId,
        (case, version): (CaseNumber, u32),
        update: i64,
    ) -> Self {
        Self {
            id: fresh_id(desk),
            webhook: number,
            // In the order in which they were written.
            seq: update,
            case: case.as_compact(),
            version,
            event: "",
            now: desk.now(),
            call: 0,
            update,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bind(
        statement: Statement,
        Self { id, webhook, seq, case, version, event, now, call, update }: &Self,
    ) -> Statement {
        statement
            .bind(id.as_str())
            .bind(webhook.0)
            .bind(*seq)
            .bind(case.as_str())
            .bind(i64::from(*version))
            .bind(*event)
            .bind(now.0)
            .bind(now.0)
            .bind(*call)
            .bind(*update)
    }
}

/// What receivers tell repetitions by.
fn fresh_id(desk: &Desk) -> String {
    format!("msg_{}", hex(&desk.ports().random::<16>()))
}

/// The deliveries of one entry.
fn of_entry<'a>(
    desk: &'a Desk,
    subscriptions: &'a [Subscription],
    country: Country,
    event: WebhookEvent,
    place: (CaseNumber, u32, i64),
) -> impl Iterator<Item = Deliverable> + 'a {
    let hears = move |one: &&Subscription| one.events.contains(&event) && one.scope.holds(country);
    subscriptions.iter().filter(hears).map(move |one| Deliverable::new(desk, one.id, event, place))
}

/// The deliveries of openings, each given with its case and the number of its entry. `change` is the last change of
/// webhooks, 0 for none.
pub(crate) async fn of_opening(
    desk: &Desk,
    tx: &mut Tx,
    change: i64,
    openings: impl Iterator<Item = (&Case, i64)> + Send,
) -> Result<Vec<Deliverable>, StoreError> {
    if change == 0 {
        return Ok(Vec::new());
    }
    let subscriptions = current(desk, tx, change).await?;
    let mut all = Vec::new();
    for (case, seq) in openings {
        let place = (case.opening.number, case.version, seq);
        let country = case.opening.report.country;
        all.extend(of_entry(desk, &subscriptions, country, WebhookEvent::Opened, place));
    }
    if !all.is_empty() {
        tx.ring_for_deliveries();
    }
    Ok(all)
}

/// Writes the deliveries of entries after the opening, the last of which has the number `last`.
pub(crate) async fn queue(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    entries: &[Recorded],
    last: i64,
) -> Result<(), StoreError> {
    let heard: Vec<(WebhookEvent, u32, i64)> = entries
        .iter()
        .rev()
        .zip((0..=last).rev())
        .filter_map(|(entry, seq)| Some((WebhookEvent::of(&entry.event)?, entry.version, seq)))
        .collect();
    if heard.is_empty() {
        return Ok(());
    }
    let row = sqlx::query("SELECT value FROM sequences WHERE name = $1")
        .bind(CHANGES)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let subscriptions = current(desk, tx, row.try_get(0)?).await?;
    let (number, country) = (case.opening.number, case.opening.report.country);
    let all: Vec<Deliverable> = heard
        .into_iter()
        .rev()
        .flat_map(|(event, version, seq)| {
            of_entry(desk, &subscriptions, country, event, (number, version, seq))
        })
        .collect();
    write(tx, &all).await
}

/// Writes the deliveries of a request for a call. Gives their number: 0 where no webhook hears of it. A paused webhook does not:
/// the agent waits for the call now.
pub(crate) async fn queue_call(
    desk: &Desk,
    tx: &mut Tx,
    request: i64,
    case: Option<CaseNumber>,
    country: Option<Country>,
) -> Result<usize, StoreError> {
    let rows: Vec<SubscriptionRow> = sqlx::query_as(
        "SELECT id, events, country, format FROM webhooks WHERE paused_utc_s IS NULL ORDER BY id",
    )
    .fetch_all(tx.connection())
    .await?;
    let all = rows.into_iter().map(Subscription::try_from).collect::<Result<Vec<_>, StoreError>>()?;
    let hears = |one: &&Subscription| {
        let holds = country.map_or(one.scope.country.is_none(), |country| one.scope.holds(country));
        holds && one.events.contains(&WebhookEvent::CallRequested)
    };
    let told: Vec<Deliverable> =
        all.iter().filter(hears).map(|one| Deliverable::call(desk, one.id, request, case)).collect();
    write(tx, &told).await?;
    Ok(told.len())
}

/// Writes deliveries, and wakes the worker at the commit.
pub(super) async fn write(tx: &mut Tx, all: &[Deliverable]) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    tx.ring_for_deliveries();
    insert_all(tx.connection(), DELIVERIES.head, DELIVERIES.columns, all, Deliverable::bind).await
}
