//! A transaction of the one writer: how it begins and ends, in as few trips as an engine allows.
//!
//! One transaction writes at a time, on either engine and from however many nodes: what a work has read stays true until
//! it is committed, and works that share a transaction cannot lock each other out.

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Executor};
use tokio::time::Instant;

use super::{Engine, Statement, StoreError, postgres, sqlite};

/// How a transaction ends whose works are kept.
const END: &str = "COMMIT";

/// The transaction that a work writes in.
pub(crate) struct Tx {
    connection: PoolConnection<Any>,
    engine: Engine,
    /// Since when no other node writes: on PostgreSQL, where that outlasts a transaction.
    only_since: Option<Instant>,
    stage: Stage,
    news: CommitEffects,
}

/// Whom a commit concerns, beside those who wait for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CommitEffects {
    /// Readers have something to read.
    pub(super) announced: bool,
    /// Mails may go that could not before.
    pub(super) mails: bool,
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its only work begins it with what it asks first (SQLite), or needs none (PostgreSQL): there a statement is a
    /// transaction, and nobody else writes between what it asks and what it writes.
    ToBegin,
    /// Its only work has begun it, and may end it together with what it writes last.
    Own,
    /// The writer ends it.
    Begun,
    /// Its only work has ended it.
    Committed,
}

/// How often a work goes to the database when it goes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundTrips {
    /// Twice: it asks first, by [`Tx::ask`], and writes last, by `write_and_announce`.
    Batched,
    /// As often as it likes, on [`Tx::connection`].
    Free,
}

/// What a work does after it has written something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndsTx {
    /// It has more to write.
    No,
    /// Nothing any more.
    Yes,
}

/// Where a transaction stood before one of several works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Savepoint {
    news: CommitEffects,
}

impl Tx {
    pub(super) fn new(connection: PoolConnection<Any>, engine: Engine) -> Self {
        Self { connection, engine, only_since: None, stage: Stage::Committed, news: CommitEffects::default() }
    }

    /// The connection, to run statements on.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Asks what a work must know that says [`RoundTrips::Few`]: its first statement.
    pub(crate) async fn ask(
        &mut self,
        text: String,
        bind: impl FnOnce(Statement) -> Statement,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let text = match (self.stage, self.engine) {
            (Stage::ToBegin, Engine::Sqlite) => {
                self.stage = Stage::Own;
                sqlite::joined(&[sqlite::BEGIN.to_owned(), text])
            }
            _ => text,
        };
        Ok(bind(sqlx::query(AssertSqlSafe(text))).fetch_all(self.connection()).await?)
    }

    /// Runs statements in one trip, and tells those who follow that there is something to read once this is committed.
    pub(super) async fn tell(
        &mut self,
        mut statements: Vec<String>,
        bind: impl FnOnce(Statement) -> Statement,
        then: EndsTx,
    ) -> Result<(), StoreError> {
        if self.stage == Stage::ToBegin && (then == EndsTx::No || self.engine == Engine::Sqlite) {
            self.connection.execute("BEGIN").await?;
            self.stage = Stage::Begun;
        }
        let ends = then == EndsTx::Yes && matches!(self.stage, Stage::ToBegin | Stage::Own);
        let text = match self.engine {
            Engine::Sqlite => {
                statements.extend(ends.then(|| END.to_owned()));
                sqlite::joined(&statements)
            }
            Engine::Postgres => postgres::joined(&statements),
        };
        bind(sqlx::query(AssertSqlSafe(text))).execute(self.connection()).await?;
        self.news.announced = true;
        if ends {
            self.stage = Stage::Committed;
        }
        Ok(())
    }

    /// Tells those who follow, here and on other nodes, that there is something to read once this is committed.
    pub(crate) async fn announce(&mut self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres && !self.news.announced {
            self.connection.execute(postgres::ANNOUNCE).await?;
        }
        self.news.announced = true;
        Ok(())
    }

    /// Wakes whoever sends mails on this node once this is committed. What is announced wakes them anyway; mails that no entry
    /// of a history brings along would wait for the next half minute.
    pub(crate) const fn ring_for_mails(&mut self) {
        self.news.mails = true;
    }

    /// Whom the last transaction concerns.
    pub(super) const fn news(&self) -> CommitEffects {
        self.news
    }

    /// Since when no other node writes, if others are kept from it.
    pub(super) const fn is_only_writer_since(&self) -> Option<Instant> {
        self.only_since
    }

    /// Whether the server may have given the lock to another node: this one has been stopped since it took it.
    pub(super) fn may_have_lost_the_lock(&self) -> bool {
        self.only_since.is_some_and(|since| since.elapsed() > postgres::SURELY_HELD)
    }

    /// Begins, as the only one that writes.
    pub(super) async fn begin(&mut self, trips: RoundTrips) -> Result<(), StoreError> {
        self.news = CommitEffects::default();
        let (begin, stage) = match (self.engine, trips) {
            (Engine::Sqlite, RoundTrips::Batched) => (None, Stage::ToBegin),
            (Engine::Sqlite, RoundTrips::Free) => (Some(sqlite::BEGIN), Stage::Begun),
            (Engine::Postgres, RoundTrips::Batched) => {
                (self.only_since.is_none().then_some(postgres::BECOME_ONLY_WRITER), Stage::ToBegin)
            }
            (Engine::Postgres, RoundTrips::Free) if self.only_since.is_some() => {
                (Some("BEGIN"), Stage::Begun)
            }
            (Engine::Postgres, RoundTrips::Free) => (Some(postgres::BEGIN_AS_ONLY_WRITER), Stage::Begun),
        };
        if let Some(begin) = begin {
            self.connection.execute(begin).await?;
        }
        self.stage = stage;
        if self.engine == Engine::Postgres {
            self.only_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Commits, unless the only work has done so.
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        match self.stage {
            Stage::ToBegin | Stage::Committed => {}
            Stage::Own | Stage::Begun => self.connection.execute(END).await.map(drop)?,
        }
        Ok(())
    }

    /// Takes everything back.
    pub(super) async fn roll_back(&mut self) -> Result<(), StoreError> {
        match self.stage {
            Stage::ToBegin | Stage::Committed => {}
            Stage::Own | Stage::Begun => {
                self.news = CommitEffects::default();
                self.connection.execute("ROLLBACK").await?;
            }
        }
        Ok(())
    }

    /// Begins one of several works.
    pub(super) async fn save(&mut self) -> Result<Savepoint, StoreError> {
        self.connection.execute("SAVEPOINT work").await?;
        Ok(Savepoint { news: self.news })
    }

    /// Keeps what one of several works wrote.
    pub(super) async fn keep(&mut self, _: Savepoint) -> Result<(), StoreError> {
        self.connection.execute("RELEASE SAVEPOINT work").await?;
        Ok(())
    }

    /// Takes back what one of several works wrote.
    pub(super) async fn take_back(&mut self, to: Savepoint) -> Result<(), StoreError> {
        self.connection.execute("ROLLBACK TO SAVEPOINT work").await?;
        self.news = to.news;
        Ok(())
    }

    /// Lets other nodes write.
    pub(super) async fn release_writer_lock(&mut self) -> Result<(), StoreError> {
        if self.only_since.take().is_some() {
            self.connection.execute(postgres::GIVE_WAY).await?;
        }
        Ok(())
    }

    /// Closes the last connection that writes, once everything stands in the database's own file.
    pub(super) async fn leave(mut self) {
        if self.engine == Engine::Sqlite
            && let Err(error) = self.connection.execute(sqlite::CHECKPOINT).await
        {
            tracing::warn!(%error, "the newest changes could not be brought into the database's own file");
        }
        self.close().await;
    }

    /// Closes the connection; whatever was begun on it ends.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "a connection was not closed in order");
        }
    }
}
