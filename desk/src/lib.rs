//! The use-cases of the service desk: each is one transaction of events, read model and mails.
//!
//! A use-case takes the [`Actor`](domain::actor::Actor) and lets `domain` decide. This crate alone knows SQL.
//!
//! # The way of a command
//!
//! ```text
//!   page, link, command line              scheduler: time has made something due
//!              |                                          |
//!              v                                          v
//!   cases::execute_command ------> one transaction of store <------ cases::open_case
//!                                             |
//!     events        the history is read and folded to the case
//!     domain        may(actor)?  decide(case, command) -> events, or a refusal
//!     events        the new entries are appended, each with its `seq`
//!     projections   rows for queue, wall, reports and surveys are written from them
//!     outbox        a row for each mail that they cause
//!     webhooks      a row for each system that hears of them
//!                                             |
//!                                           commit
//!                                             |
//!              +------------------------------+------------------------------+
//!              v                              v                              v
//!   live: open pages follow      outbox, webhooks: workers send      search: the indexer follows
//! ```
//!
//! # The rooms
//!
//! | room | content |
//! |---|---|
//! | [`cases`] | openings, commands, the case page, queue, wall, visits |
//! | [`calls`] | telephone calls of exchanges, who calls, and calls that agents ask for |
//! | [`events`], [`projections`] | histories, and the read models written from them |
//! | [`register`] | pages of the register: lists, changes by hand, merges |
//! | [`contracts`] | the register: contract and serial to entitlement, plan and service hours |
//! | [`customers`] | customers who sign in, and the lists of what is theirs |
//! | [`people`] | invitations, forgotten passwords, roles and service of the staff |
//! | [`workforce`] | teams, working hours, absences, and who is at work |
//! | [`access`] | staff, sessions, passwords, links, displays, rate limits |
//! | [`reach`] | the cases that exist for the holder of a composed role |
//! | [`audit`] | the audit log, and the chains over it and over the histories |
//! | [`outbox`] | the queue of mails and its worker |
//! | [`webhooks`] | what other systems are told, and its worker |
//! | [`monitoring`] | alerts of other systems, and what became of them |
//! | [`retention`] | the end of personal data |
//! | [`setup`] | the first start of an empty desk |
//! | [`documents`] | the closing report |
//! | [`proof`] | the signed file from which a case's figures are computed again |
//! | [`search`], [`reports`], [`survey`], [`import`] | a use-case each, with its queries |
//! | [`live`] | changes and presence for open pages |
//! | [`settings`], [`provider`], [`causes`], [`waiting_reasons`] | what administrators set, and some of it in force |
//! | [`wording`] | texts that the provider writes itself, filled with a case's values |
//! | [`backup`] | the whole desk as a file, and its restoration |
//! | [`scheduler`], [`backfill`] | background work: due commands, rows of older versions |
//! | [`store`], [`ports`] | the database on both engines; time and randomness |
//! | [`lab`] | demonstration, simulation and integrity check |
//!
//! A new use-case has its rule in `domain`, its rows in `migrations/`, its function in a room, and a test on both engines.
//!
//! # Examples
//!
//! The examples of this crate run on a desk on `SQLite` with the demonstration's register. Your own desk begins like
//! this:
//!
//! ```
//! use desk::{Desk, Ports};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let database = format!("sqlite:{}", folder.path().join("vigia.db").display());
//! let desk = Desk::open(&database, "https://vigia.example", Ports::system()).await?;
//! desk.close().await;
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod audit;
pub mod backfill;
mod backoff;
pub mod backup;
pub mod calls;
pub mod cases;
pub mod causes;
pub mod contracts;
pub mod customers;
pub mod diagnosis;
pub mod documents;
mod error;
pub mod events;
pub(crate) mod formats;
mod hex;
pub mod host;
pub mod import;
pub mod inbound;
pub mod lab;
pub mod live;
mod mail;
pub mod monitoring;
pub mod oidc;
pub mod outbox;
mod pdf;
pub mod people;
pub(crate) mod pictures;
pub mod ports;
mod private;
pub mod projections;
pub mod proof;
pub mod provider;
pub mod reach;
pub mod register;
pub mod reports;
pub mod retention;
pub mod scheduler;
pub mod search;
pub mod settings;
pub mod setup;
pub mod store;
pub mod survey;
pub mod waiting_reasons;
pub mod webhooks;
pub mod wording;
pub mod workforce;

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
    hours: Arc<contracts::service_hours::ServiceHoursCache>,
    tokens: access::tokens::Tokens,
    proof_key: domain::proof::ProofKey,
    audit: audit::Queue,
    feed: Arc<live::feed::Feed>,
    presence: Arc<live::presence::Presence>,
    calls: Arc<calls::Hub>,
    openings: cases::open::Openings,
    counts: Arc<cases::queue::Counts>,
    clashing: Arc<cases::bookings::Clashing>,
    limits: Arc<access::limits::Limits>,
    staffed: Arc<setup::Staffed>,
    checking: Arc<diagnosis::Checking>,
    public_url: String,
    demo_access: access::demonstration::Access,
    brands: Arc<provider::Brands>,
    mail_texts: Arc<wording::MailTextShelf>,
    known_formats: Arc<formats::KnownFormats>,
    retention: Option<retention::RetentionPeriod>,
    subscriptions: Arc<webhooks::Subscriptions>,
    egress: webhooks::Egress,
}

impl Desk {
    /// Opens the desk over a database. `public_url` (without a final slash) is its public address. Links in mails come
    /// from it alone, never from a request.
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
        let tokens = access::tokens::Tokens::load(&store, &ports).await?;
        let proof_key = proof::load(&store, &ports).await?;
        audit::begin(&store, &ports).await?;
        let audit = audit::Queue::start(store.clone());
        let feed = live::feed::Feed::start(&store).await?;
        let openings = cases::open::Openings::start(store.clone());
        let presence = live::presence::Presence::new(store.engine());
        let mut reader = store.reader().await?;
        let brands = provider::Brands::load(&mut reader, ports.now()).await?;
        let mail_texts = wording::MailTextShelf::load(&mut reader).await?;
        let known_formats = formats::KnownFormats::load(&mut reader).await?;
        reader.done();
        let desk = Self {
            inner: Arc::new(Inner {
                store,
                ports,
                hours: Arc::default(),
                tokens,
                proof_key,
                audit,
                feed: Arc::new(feed),
                presence: Arc::new(presence),
                calls: Arc::default(),
                openings,
                counts: Arc::default(),
                clashing: Arc::default(),
                limits: Arc::default(),
                staffed: Arc::default(),
                checking: Arc::default(),
                public_url: public_url.trim_end_matches('/').to_owned(),
                demo_access: access::demonstration::Access::WhileAlone,
                brands: Arc::new(brands),
                mail_texts: Arc::new(mail_texts),
                known_formats: Arc::new(known_formats),
                retention: None,
                subscriptions: Arc::default(),
                egress: webhooks::Egress::default(),
            }),
        };
        contracts::plans::ensure_default_plans(&desk).await?;
        Ok(desk)
    }

    /// The same desk with another clock and other randomness.
    #[must_use]
    pub fn with_ports(&self, ports: Ports) -> Self {
        Self { inner: Arc::new(Inner { ports, ..(*self.inner).clone() }) }
    }

    /// The same desk with another access by the demonstration's public password.
    #[must_use]
    pub fn with_demo_access(&self, access: access::demonstration::Access) -> Self {
        Self { inner: Arc::new(Inner { demo_access: access, ..(*self.inner).clone() }) }
    }

    /// The same desk with a time for which personal data are kept where no administrator has set one.
    #[must_use]
    pub fn with_retention(&self, days: Option<retention::RetentionPeriod>) -> Self {
        Self { inner: Arc::new(Inner { retention: days, ..(*self.inner).clone() }) }
    }

    /// The same desk with another way out to receivers of webhooks.
    #[must_use]
    pub fn with_egress(&self, egress: webhooks::Egress) -> Self {
        Self { inner: Arc::new(Inner { egress, ..(*self.inner).clone() }) }
    }

    /// Closes the database for all clones of the desk, at the end of the process.
    pub async fn close(&self) {
        self.audit().flush().await;
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

    /// The public address, without a final slash.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.inner.public_url
    }

    /// The secrets of links.
    #[must_use]
    pub fn tokens(&self) -> &access::tokens::Tokens {
        &self.inner.tokens
    }

    /// The public half of the key that signs proofs.
    #[must_use]
    pub fn proof_key(&self) -> domain::proof::PublicKey {
        self.inner.proof_key.public()
    }

    pub(crate) fn proof_signer(&self) -> &domain::proof::ProofKey {
        &self.inner.proof_key
    }

    pub(crate) fn audit(&self) -> &audit::Queue {
        &self.inner.audit
    }

    /// The feed of commits.
    #[must_use]
    pub fn feed(&self) -> &live::feed::Feed {
        &self.inner.feed
    }

    /// Presence: which member of the staff has which case open.
    #[must_use]
    pub fn presence(&self) -> &Arc<live::presence::Presence> {
        &self.inner.presence
    }

    /// Which agents' calls have changed, for open pages.
    #[must_use]
    pub fn calls(&self) -> &calls::Hub {
        &self.inner.calls
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    pub(crate) fn shelf(&self) -> &contracts::service_hours::ServiceHoursCache {
        &self.inner.hours
    }

    pub(crate) fn clashing(&self) -> &cases::bookings::Clashing {
        &self.inner.clashing
    }

    pub(crate) fn counts(&self) -> &cases::queue::Counts {
        &self.inner.counts
    }

    pub(crate) fn openings(&self) -> &cases::open::Openings {
        &self.inner.openings
    }

    pub(crate) fn known_formats(&self) -> &formats::KnownFormats {
        &self.inner.known_formats
    }

    pub(crate) fn brands(&self) -> &provider::Brands {
        &self.inner.brands
    }

    pub(crate) fn mail_text_shelf(&self) -> &wording::MailTextShelf {
        &self.inner.mail_texts
    }

    pub(crate) fn staffed(&self) -> &setup::Staffed {
        &self.inner.staffed
    }

    pub(crate) fn checking(&self) -> &Arc<diagnosis::Checking> {
        &self.inner.checking
    }

    pub(crate) fn retention(&self) -> Option<retention::RetentionPeriod> {
        self.inner.retention
    }

    pub(crate) fn subscriptions(&self) -> &webhooks::Subscriptions {
        &self.inner.subscriptions
    }

    pub(crate) fn egress(&self) -> &webhooks::Egress {
        &self.inner.egress
    }

    pub(crate) fn demo_access(&self) -> access::demonstration::Access {
        self.inner.demo_access
    }

    /// Rate limits.
    #[must_use]
    pub fn limits(&self) -> &access::limits::Limits {
        &self.inner.limits
    }
}
