//! The writer's transaction: begun and ended in as few trips as the engine allows.
//!
//! One transaction writes at a time, on either engine and from any number of nodes. So data that a work has read cannot
//! change before its commit, and works in one transaction cannot lock each other out.

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Executor};
use tokio::time::Instant;

use super::{Engine, Statement, StoreError, postgres, sqlite};

/// The end of a successful transaction.
const END: &str = "COMMIT";

/// The transaction of a work.
pub(crate) struct Tx {
    connection: PoolConnection<Any>,
    engine: Engine,
    /// Since when no other node writes; on PostgreSQL, where this lasts beyond a transaction.
    only_since: Option<Instant>,
    stage: Stage,
    news: CommitEffects,
}

/// Effects of a commit on others than its callers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CommitEffects {
    /// Readers have changes to read.
    pub(super) announced: bool,
    /// Mails can be sent.
    pub(super) mails: bool,
}

/// Stage of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its only work begins it with its first query (SQLite), or needs no beginning (PostgreSQL). There a statement is
    /// a transaction, and no one else writes between query and write.
    ToBegin,
    /// Its only work has begun it, and may end it with its last write.
    Own,
    /// The writer ends it.
    Begun,
    /// Its only work has ended it.
    Committed,
}

/// How often a single work goes to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundTrips {
    /// Twice: it first reads by [`Tx::ask`] and last writes by `write_and_announce`.
    Batched,
    /// As often as needed, on [`Tx::connection`].
    Free,
}

/// Whether a work ends its transaction with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndsTx {
    /// No: it writes more.
    No,
    /// Yes: the write is its last.
    Yes,
}

/// The state before one of several works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Savepoint {
    news: CommitEffects,
}

impl Tx {
    pub(super) fn new(connection: PoolConnection<Any>, engine: Engine) -> Self {
        Self { connection, engine, only_since: None, stage: Stage::Committed, news: CommitEffects::default() }
    }

    /// The connection, for statements.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// The first query of a work with [`RoundTrips::Batched`].
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

    /// Executes statements in one trip, and announces the commit.
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

    /// Announces the commit to readers, here and on other nodes.
    pub(crate) async fn announce(&mut self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres && !self.news.announced {
            self.connection.execute(postgres::ANNOUNCE).await?;
        }
        self.news.announced = true;
        Ok(())
    }

    /// Wakes the mail workers of this node after the commit. An announcement wakes them anyway; mails without an entry
    /// would wait for half a minute.
    pub(crate) const fn ring_for_mails(&mut self) {
        self.news.mails = true;
    }

    /// Effects of the last transaction.
    pub(super) const fn news(&self) -> CommitEffects {
        self.news
    }

    /// Since when no other node writes, if this one has the lock.
    pub(super) const fn is_only_writer_since(&self) -> Option<Instant> {
        self.only_since
    }

    /// Whether the server may have given the lock to another node, because this one was stopped.
    pub(super) fn may_have_lost_the_lock(&self) -> bool {
        self.only_since.is_some_and(|since| since.elapsed() > postgres::SURELY_HELD)
    }

    /// Begins as the only writer.
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

    /// Rolls everything back.
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

    /// Sets the savepoint of one of several works.
    pub(super) async fn save(&mut self) -> Result<Savepoint, StoreError> {
        self.connection.execute("SAVEPOINT work").await?;
        Ok(Savepoint { news: self.news })
    }

    /// Releases the savepoint of a work.
    pub(super) async fn keep(&mut self, _: Savepoint) -> Result<(), StoreError> {
        self.connection.execute("RELEASE SAVEPOINT work").await?;
        Ok(())
    }

    /// Rolls back one of several works.
    pub(super) async fn take_back(&mut self, to: Savepoint) -> Result<(), StoreError> {
        self.connection.execute("ROLLBACK TO SAVEPOINT work").await?;
        self.news = to.news;
        Ok(())
    }

    /// Releases the lock for other nodes.
    pub(super) async fn release_writer_lock(&mut self) -> Result<(), StoreError> {
        if self.only_since.take().is_some() {
            self.connection.execute(postgres::GIVE_WAY).await?;
        }
        Ok(())
    }

    /// Closes the last writing connection, after all data is in the database's own file.
    pub(super) async fn leave(mut self) {
        if self.engine == Engine::Sqlite
            && let Err(error) = self.connection.execute(sqlite::CHECKPOINT).await
        {
            tracing::warn!(%error, "the newest changes could not be brought into the database's own file");
        }
        self.close().await;
    }

    /// Closes the connection; an open transaction ends.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "a connection was not closed in order");
        }
    }
}
