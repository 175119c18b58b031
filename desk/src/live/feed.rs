//! The live feed: what was committed, in the order of the desk's sequence, to whoever follows in this process.
//!
//! One task reads on from the last number it knows whenever a commit is heard of, here or on another node, and hands
//! each changed case out once, already written down for the wire: two hundred walls cost one query and one encoding.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::country::Country;
use domain::time::Instant;
use sqlx::Row;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::cases::wall::changes_after;
use crate::events;
use crate::store::{Store, StoreError, listen};

/// Changes that a slow follower may lag behind before it must begin again with a snapshot.
const BACKLOG: usize = 1024;
/// Looked at even when nothing was heard: an announcement may be lost with its connection.
const FALLBACK: Duration = Duration::from_secs(15);
/// Not looked at more often than this: under load what is committed meanwhile is read at once.
const REST: Duration = Duration::from_millis(10);
/// Wait before a lost listening connection is made again.
const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// One changed case, ready for the wire.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number in the desk's sequence.
    pub seq: i64,
    /// Where the case's site is: for those who see one country alone.
    pub country: Country,
    /// The case's number, compact.
    pub number: Arc<str>,
    /// A [`domain::view::Change`] as JSON.
    pub json: Arc<str>,
}

/// Hands out what was committed.
#[derive(Debug)]
pub struct Feed {
    items: broadcast::Sender<Item>,
    head: watch::Sender<i64>,
    started: OnceLock<()>,
}

impl Feed {
    pub(crate) async fn start(store: &Store) -> Result<Self, StoreError> {
        let (items, _) = broadcast::channel(BACKLOG);
        let (head, _) = watch::channel(head(store).await?);
        Ok(Self { items, head, started: OnceLock::new() })
    }

    /// Follows the changes from now on. A follower that lags too far behind is told so, and begins again.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Item> {
        self.items.subscribe()
    }

    /// The number of the last change that was handed out; changes whenever one is.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// The number of the last change that was handed out.
    #[must_use]
    pub fn head(&self) -> i64 {
        *self.head.borrow()
    }
}

/// Keeps the feed of `desk` going until `stop`. The second call for a desk returns at once.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    if desk.feed().started.set(()).is_err() {
        return;
    }
    let heard = desk.store().committed();
    let ears = tokio::spawn(
        stop.clone().run_until_cancelled_owned(keep_listening(desk.clone(), Arc::clone(&heard))),
    );
    let mouth = tokio::spawn(stop.clone().run_until_cancelled_owned(tell_presence(desk.clone())));
    stop.run_until_cancelled(async {
        loop {
            if let Err(error) = hand_out(&desk).await {
                tracing::error!(%error, "the live feed could not be read");
            }
            tokio::time::sleep(REST).await;
            let _ = tokio::time::timeout(FALLBACK, heard.notified()).await;
        }
    })
    .await;
    ears.abort();
    mouth.abort();
}

async fn keep_listening(desk: Desk, heard: Arc<Notify>) {
    let present = |told: &str| desk.presence().hear(told, desk.now());
    while let Err(error) = listen(desk.store(), Arc::clone(&heard), present).await {
        tracing::warn!(%error, "not hearing other nodes; listening again soon");
        tokio::time::sleep(LISTEN_AGAIN).await;
        heard.notify_one();
    }
}

/// Tells other nodes who has which case open, for as long as there can be any.
async fn tell_presence(desk: Desk) {
    let Some(mut signs) = desk.presence().take_signs() else { return };
    while let Some(sign) = signs.next().await {
        if let Err(error) = crate::store::tell_presence(desk.store(), &sign).await {
            // It comes again with the next sign of life.
            tracing::warn!(%error, "presence could not be told to other nodes");
        }
    }
}

/// Reads on from the last number and hands out what is found.
async fn hand_out(desk: &Desk) -> Result<(), StoreError> {
    let feed = desk.feed();
    loop {
        let (after, last) = (feed.head(), head(desk.store()).await?);
        if last <= after {
            return Ok(());
        }
        // Asked after it was read: whoever follows from now on reads what was committed until here by themselves.
        if feed.items.receiver_count() == 0 {
            feed.head.send_replace(last);
            return Ok(());
        }
        let changes = changes_after(desk, after).await?;
        let Some(last) = changes.last().map(|change| change.seq) else { return Ok(()) };
        for change in changes {
            let json =
                serde_json::to_string(&change).map_err(|error| StoreError::inconsistent("cases", error))?;
            let item = Item {
                seq: change.seq,
                country: change.row.country,
                number: change.row.number.as_compact().into(),
                json: json.into(),
            };
            // Nobody following is no failure.
            let _ = feed.items.send(item);
        }
        feed.head.send_replace(last);
    }
}

async fn head(store: &Store) -> Result<i64, StoreError> {
    events::last_entry_number(&mut *store.reader().await?).await
}

/// The instant of the last committed entry: what a health check shows.
///
/// # Errors
/// When the database does not answer.
pub async fn last_entry(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT at_utc_s FROM case_events ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *reader)
        .await?;
    row.map(|row| Ok(Instant(row.try_get(0)?))).transpose()
}
