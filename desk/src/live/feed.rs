//! The live feed: commits in the order of their entries' numbers, for all subscribers of this process.
//!
//! When a commit is announced, here or by another node, one task reads the changes since the last number, as far as none
//! is missing. It sends each changed case once, already serialised. So two hundred walls cost one query and one encoding.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::country::Country;
use domain::time::Instant;
use domain::view::Change;
use sqlx::Row;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::cases::wall::{CHANGES, changes_between};
use crate::reach::Reach;
use crate::store::{Horizon, Store, StoreError, listen};

/// Number of changes that a slow subscriber may lag behind before it needs a snapshot.
const BACKLOG: usize = 1024;
/// The longest wait between two reads, because an announcement may be lost with its connection or its node.
const FALLBACK: Duration = Duration::from_secs(1);
/// The shortest wait between two reads: under load, commits meanwhile are read together.
const REST: Duration = Duration::from_millis(10);
/// Wait before a lost listening connection is made again.
const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// A changed case, serialised.
#[derive(Debug, Clone)]
pub struct Item {
    /// Sequence number of the change.
    pub seq: i64,
    /// Country of the site, for subscribers of one country.
    pub country: Country,
    /// The case's number, compact.
    pub number: Arc<str>,
    /// The change as JSON.
    pub json: Arc<str>,
    /// The change itself, for readers who are told of it in another form.
    pub change: Arc<Change>,
}

/// Sends commits to subscribers.
#[derive(Debug)]
pub struct Feed {
    items: broadcast::Sender<Item>,
    head: watch::Sender<i64>,
    started: OnceLock<()>,
}

impl Feed {
    pub(crate) async fn start(store: &Store) -> Result<Self, StoreError> {
        let (items, _) = broadcast::channel(BACKLOG);
        let (head, _) = watch::channel(horizon(store).await?.last);
        Ok(Self { items, head, started: OnceLock::new() })
    }

    /// Subscribes to changes from now on. A subscriber that lags too far behind gets an error and begins again.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Item> {
        self.items.subscribe()
    }

    /// Sequence number of the last change sent, as it changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// Sequence number of the last change sent.
    #[must_use]
    pub fn head(&self) -> i64 {
        *self.head.borrow()
    }
}

/// Runs the feed until `stop`. A second call for the same desk returns at once.
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
            let left = hand_out(&desk).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the live feed could not be read");
                Left::Nothing
            });
            tokio::time::sleep(REST).await;
            if left == Left::Nothing {
                let _ = tokio::time::timeout(FALLBACK, heard.notified()).await;
            }
        }
    })
    .await;
    ears.abort();
    mouth.abort();
}

async fn keep_listening(desk: Desk, heard: Arc<Notify>) {
    let present = |told: &str| desk.presence().hear(told, desk.now());
    let called = |told: &str| desk.calls().hear(told);
    while let Err(error) = listen(desk.store(), Arc::clone(&heard), present, called).await {
        tracing::warn!(%error, "not hearing other nodes; listening again soon");
        tokio::time::sleep(LISTEN_AGAIN).await;
        heard.notify_one();
    }
}

/// Sends presence to other nodes, if there can be any.
async fn tell_presence(desk: Desk) {
    let Some(mut signs) = desk.presence().take_signs() else { return };
    while let Some(sign) = signs.next().await {
        if let Err(error) = crate::store::tell_presence(desk.store(), &sign).await {
            // It is repeated with the next sign of life.
            tracing::warn!(%error, "presence could not be told to other nodes");
        }
    }
}

/// What is left after a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing until the next commit.
    Nothing,
    /// Entries above one that may still be committed. Its end is not announced if it fails.
    Later,
}

/// Reads and sends the changes since the last number.
async fn hand_out(desk: &Desk) -> Result<Left, StoreError> {
    let feed = desk.feed();
    loop {
        let (after, Horizon { last, newest }) = (feed.head(), horizon(desk.store()).await?);
        let left = if newest > last { Left::Later } else { Left::Nothing };
        if last <= after {
            return Ok(left);
        }
        // Checked after the read: a later subscriber reads the commits up to here itself.
        if feed.items.receiver_count() == 0 {
            feed.head.send_replace(last);
            return Ok(left);
        }
        let changes = changes_between(desk, after, last, None, &Reach::default()).await?;
        let sent = changes.last().map(|change| change.seq);
        let is_whole = i64::try_from(changes.len()).is_ok_and(|count| count < CHANGES);
        for change in changes {
            let json =
                serde_json::to_string(&change).map_err(|error| StoreError::inconsistent("cases", error))?;
            let item = Item {
                seq: change.seq,
                country: change.row.country,
                number: change.row.number.as_compact().into(),
                json: json.into(),
                change: Arc::new(change),
            };
            // A feed without subscribers is no failure.
            let _ = feed.items.send(item);
        }
        // The newest change of a case may be above: then nothing is sent of it yet.
        feed.head.send_replace(if is_whole { last } else { sent.unwrap_or(last) });
    }
}

async fn horizon(store: &Store) -> Result<Horizon, StoreError> {
    let mut reader = store.reader().await?;
    let horizon = store.horizon(&mut reader).await?;
    reader.done();
    Ok(horizon)
}

/// Time of the last committed entry, for the health check.
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
