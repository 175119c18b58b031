//! What the desk does, for whoever asks: a page, the command line, a job.
//!
//! One module per use-case. Each takes the [`Actor`](domain::actor::Actor) who asks, lets `domain` decide, and is one
//! transaction: events, read model and mails, or nothing. Only this crate knows SQL.
//!
//! Adding a use-case: the rule in `domain` (with its test), the rows in `migrations/` and beside their readers, the
//! verb here (with a test on both engines), then a page or a command that calls it.

pub mod account;
pub mod attachments;
mod attended;
pub mod backfill;
pub mod bookings;
pub mod browsers;
pub mod case_log;
pub mod check_entitlement;
mod common_passwords;
pub mod demo;
pub mod displays;
mod error;
pub mod execute;
pub mod feed;
pub mod host;
pub mod hours;
pub mod import;
pub mod integrity_check;
pub mod limits;
mod links;
pub mod lost_link;
mod mail;
pub mod open_case;
pub mod outbox;
pub mod passwords;
mod pdf;
pub mod people;
pub mod plans;
pub mod ports;
pub mod presence;
mod private;
pub mod queue;
mod rank_rows;
pub mod read_case;
mod register;
pub mod reports;
pub mod scheduler;
pub mod search;
pub mod sign_in;
pub mod simulation;
pub mod store;
pub mod survey;
pub mod tokens;
pub mod visit;
pub mod wall;

use std::sync::Arc;

pub use error::DeskError;
pub use ports::Ports;
use store::{Store, StoreError};

/// The desk: one per process, cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    store: Store,
    ports: Ports,
    hours: Arc<hours::ServiceHoursCache>,
    tokens: tokens::Tokens,
    feed: Arc<feed::Feed>,
    presence: Arc<presence::Presence>,
    openings: open_case::Openings,
    counts: Arc<queue::Counts>,
    clashing: Arc<bookings::Clashing>,
    limits: Arc<limits::Limits>,
    public_url: String,
    demo_access: demo::Access,
}

impl Desk {
    /// Opens the desk over a database; `public_url` (no slash at the end) is where customers reach it: links in mails
    /// are made of it alone, never of what a request claims.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(address: &str, public_url: &str, ports: Ports) -> Result<Self, StoreError> {
        let store = Store::connect(address).await?;
        let opened = Self::over(store.clone(), public_url, ports).await;
        if opened.is_err() {
            store.close().await;
        }
        opened
    }

    async fn over(store: Store, public_url: &str, ports: Ports) -> Result<Self, StoreError> {
        let tokens = tokens::Tokens::load(&store, &ports).await?;
        let feed = feed::Feed::start(&store).await?;
        let openings = open_case::Openings::start(store.clone());
        let presence = presence::Presence::new(store.engine());
        let desk = Self {
            inner: Arc::new(Inner {
                store,
                ports,
                hours: Arc::default(),
                tokens,
                feed: Arc::new(feed),
                presence: Arc::new(presence),
                openings,
                counts: Arc::default(),
                clashing: Arc::default(),
                limits: Arc::default(),
                public_url: public_url.trim_end_matches('/').to_owned(),
                demo_access: demo::Access::WhileAlone,
            }),
        };
        plans::ensure_standing(&desk).await?;
        Ok(desk)
    }

    /// The same desk with another clock and other chance.
    #[must_use]
    pub fn with_ports(&self, ports: Ports) -> Self {
        Self { inner: Arc::new(Inner { ports, ..(*self.inner).clone() }) }
    }

    /// The same desk where the demonstration's public password opens what `access` says.
    #[must_use]
    pub fn with_demo_access(&self, access: demo::Access) -> Self {
        Self { inner: Arc::new(Inner { demo_access: access, ..(*self.inner).clone() }) }
    }

    /// Closes the database, for everybody who holds this desk: the last thing that a process does with it.
    pub async fn close(&self) {
        self.store().close().await;
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> domain::time::Instant {
        self.inner.ports.now()
    }

    /// The database that holds the desk.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Where customers reach the desk, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.inner.public_url
    }

    /// The links' keeper.
    #[must_use]
    pub fn tokens(&self) -> &tokens::Tokens {
        &self.inner.tokens
    }

    /// What was committed, for those who follow.
    #[must_use]
    pub fn feed(&self) -> &feed::Feed {
        &self.inner.feed
    }

    /// Who has which case open.
    #[must_use]
    pub fn presence(&self) -> &Arc<presence::Presence> {
        &self.inner.presence
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    pub(crate) fn shelf(&self) -> &hours::ServiceHoursCache {
        &self.inner.hours
    }

    pub(crate) fn clashing(&self) -> &bookings::Clashing {
        &self.inner.clashing
    }

    pub(crate) fn counts(&self) -> &queue::Counts {
        &self.inner.counts
    }

    pub(crate) fn openings(&self) -> &open_case::Openings {
        &self.inner.openings
    }

    pub(crate) fn demo_access(&self) -> demo::Access {
        self.inner.demo_access
    }

    /// How often somebody may ask.
    #[must_use]
    pub fn limits(&self) -> &limits::Limits {
        &self.inner.limits
    }
}
