//! The writer's transaction: begun and ended in as few trips as the engine allows.
//!
//! On SQLite one transaction writes at a time. On PostgreSQL each locks its [`Scope`] before it reads anything, on any
//! number of nodes. So data that a work has read, and writes by, cannot change before its commit.

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Executor, Row};

use super::scope::{Guarded, Scope};
use super::{Engine, Statement, StoreError, postgres, sqlite};

/// The end of a successful transaction.
const END: &str = "COMMIT";

/// The transaction of a work.
pub(crate) struct Tx {
    connection: PoolConnection<Any>,
    engine: Engine,
    stage: Stage,
    news: CommitEffects,
    /// On PostgreSQL, the numbers that the transaction has left for its rows.
    numbers: Option<OwnNumbers>,
}

/// Numbers of one transaction.
#[derive(Debug, Clone, Copy)]
struct OwnNumbers {
    next: i64,
    /// The first that belongs to another.
    end: i64,
}

/// Effects of a commit on others than its callers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CommitEffects {
    /// Readers have changes to read.
    pub(super) announced: bool,
    /// Mails can be sent.
    pub(super) mails: bool,
    /// Webhooks can be told.
    pub(super) deliveries: bool,
}

/// Stage of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// On SQLite, its only work begins it with its first query.
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
    /// Few times: it first reads by [`Tx::ask`] and last writes by `write_and_announce`.
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
        Self { connection, engine, stage: Stage::Committed, news: CommitEffects::default(), numbers: None }
    }

    /// The connection, for statements.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// The engine, for statements that have one text for each.
    pub(crate) const fn engine(&self) -> Engine {
        self.engine
    }

    /// Shuts out other works about subjects that become known while a work runs, before it reads what they change. The
    /// works' own [`Scope`] names all others.
    pub(crate) async fn lock(&mut self, subjects: &[Guarded]) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres
            && let Some(text) = postgres::lock(subjects)
        {
            self.connection.execute(AssertSqlSafe(text)).await?;
        }
        Ok(())
    }

    /// The last of `count` numbers of this transaction alone, above those of earlier ones; `None` where numbers come from
    /// rows.
    pub(crate) fn own_numbers(&mut self, count: i64) -> Result<Option<i64>, StoreError> {
        let Some(OwnNumbers { next, end }) = &mut self.numbers else { return Ok(None) };
        if *end - *next < count {
            return Err(StoreError::inconsistent(
                "sequences",
                "more rows than a transaction has numbers for",
            ));
        }
        *next += count;
        Ok(Some(*next - 1))
    }

    /// The first query of a work with [`RoundTrips::Batched`].
    pub(crate) async fn ask(
        &mut self,
        text: String,
        bind: impl FnOnce(Statement) -> Statement,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let text = match self.stage {
            Stage::ToBegin => {
                self.stage = Stage::Own;
                sqlite::joined(&[sqlite::BEGIN.to_owned(), text])
            }
            Stage::Own | Stage::Begun | Stage::Committed => text,
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
        if self.stage == Stage::ToBegin {
            self.connection.execute(sqlite::BEGIN).await?;
            self.stage = Stage::Begun;
        }
        let ends = then == EndsTx::Yes && self.stage == Stage::Own;
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

    /// Has the commit announced to readers, here and on other nodes.
    pub(crate) const fn announce(&mut self) {
        self.news.announced = true;
    }

    /// Wakes the mail workers of this node after the commit. An announcement wakes them anyway; mails without an entry
    /// would wait for half a minute.
    pub(crate) const fn ring_for_mails(&mut self) {
        self.news.mails = true;
    }

    /// Wakes the workers of this node that tell webhooks. Those of others look by themselves.
    pub(crate) const fn ring_for_deliveries(&mut self) {
        self.news.deliveries = true;
    }

    /// Effects of the last transaction.
    pub(super) const fn news(&self) -> CommitEffects {
        self.news
    }

    /// Begins, and shuts out others.
    pub(super) async fn begin(&mut self, trips: RoundTrips, scope: &Scope) -> Result<(), StoreError> {
        self.news = CommitEffects::default();
        self.stage = match (self.engine, trips) {
            (Engine::Sqlite, RoundTrips::Batched) => Stage::ToBegin,
            (Engine::Sqlite, RoundTrips::Free) => {
                self.connection.execute(sqlite::BEGIN).await?;
                Stage::Begun
            }
            (Engine::Postgres, _) => {
                self.begin_beside_others(scope).await?;
                Stage::Begun
            }
        };
        Ok(())
    }

    async fn begin_beside_others(&mut self, scope: &Scope) -> Result<(), StoreError> {
        let text = AssertSqlSafe(postgres::begin(scope));
        let rows = self.connection.fetch_all(sqlx::raw_sql(text)).await?;
        let last = rows.last().ok_or_else(|| StoreError::inconsistent("sequences", "no number"))?;
        let next: i64 = last.try_get(0)?;
        self.numbers = Some(OwnNumbers { next, end: next + (1 << postgres::NUMBERS) });
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

    /// Whether the server has ended the transaction: it refused a statement, or the session is gone. Nothing of it is
    /// there then, and the work can run again.
    pub(super) async fn is_lost(&mut self) -> bool {
        self.connection.execute("SELECT 1").await.is_err()
    }

    /// Tells other nodes of a commit. One that is not told looks by itself soon.
    pub(super) async fn tell_other_nodes(&mut self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres && self.news.announced {
            self.connection.execute(postgres::ANNOUNCE).await?;
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
