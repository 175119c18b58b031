//! A whole database as it is at one moment, read beside the desk that goes on writing to it.

use std::sync::Arc;

use domain::time::Instant;
use sqlx::{AnyConnection, Connection, Executor, Row};

use super::catalog::{self, TableShape};
use super::{Engine, StoreError, engine_of, postgres, secured, sqlite};

/// A connection that sees one moment of a database. It changes nothing, not even the schema of an older version.
pub(crate) struct Snapshot {
    connection: AnyConnection,
    engine: Engine,
    schema: i64,
}

impl Snapshot {
    /// Begins to read. A file that is missing is not made.
    ///
    /// # Errors
    /// When the database cannot be reached, or holds no desk.
    pub(crate) async fn begin(address: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = engine_of(address)?;
        let address = secured(engine, address);
        let mut connection = match engine {
            Engine::Sqlite => sqlite::connect_to_read(&address).await?,
            Engine::Postgres => postgres::connect(&address).await?,
        };
        let begin = match engine {
            Engine::Sqlite => sqlite::BEGIN_SNAPSHOT,
            Engine::Postgres => postgres::BEGIN_SNAPSHOT,
        };
        connection.execute(begin).await?;
        let schema = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(|error| StoreError::NoDesk(Arc::new(error)))?;
        Ok(Self { connection, engine, schema })
    }

    /// The last step of the schema that the database has.
    pub(crate) const fn schema(&self) -> i64 {
        self.schema
    }

    /// Every table of the desk, those that others refer to first.
    pub(crate) async fn tables(&mut self) -> Result<Vec<TableShape>, StoreError> {
        catalog::tables(&mut self.connection, self.engine).await
    }

    /// Time by the database's own clock.
    pub(crate) async fn clock(&mut self) -> Result<Instant, StoreError> {
        let text = match self.engine {
            Engine::Sqlite => sqlite::CLOCK,
            Engine::Postgres => postgres::CLOCK,
        };
        Ok(Instant(sqlx::query(text).fetch_one(&mut self.connection).await?.try_get(0)?))
    }

    /// The connection, to read on.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Ends in order.
    pub(crate) async fn end(mut self) -> Result<(), StoreError> {
        self.connection.execute("ROLLBACK").await?;
        Ok(self.connection.close().await?)
    }
}
