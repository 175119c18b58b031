//! An empty database that a whole desk is written into, in one transaction: all of it is there afterwards, or nothing.

use std::fs::File;
use std::sync::Arc;

use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection, Executor, Row, Transaction};

use super::catalog::{self, TableShape};
use super::{Engine, StoreError, engine_of, migrations, postgres, secured, sqlite};

/// A database without any table.
pub(crate) struct EmptyDatabase {
    connection: AnyConnection,
    engine: Engine,
    /// Keeps other processes of this machine from starting on the same file.
    _held: Option<File>,
}

impl EmptyDatabase {
    /// Connects; a SQLite file that is missing is made, with its folder.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the database has any table.
    pub(crate) async fn connect(address: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = engine_of(address)?;
        let address = secured(engine, address);
        let (mut connection, held) = match engine {
            Engine::Sqlite => {
                let (connection, held) = sqlite::connect_to_fill(&address).await?;
                (connection, Some(held))
            }
            Engine::Postgres => (postgres::connect(&address).await?, None),
        };
        let count = match engine {
            Engine::Sqlite => sqlite::COUNT_TABLES,
            Engine::Postgres => postgres::COUNT_TABLES,
        };
        let tables: i64 = sqlx::query(count).fetch_one(&mut connection).await?.try_get(0)?;
        if tables > 0 {
            return Err(StoreError::NotEmpty);
        }
        Ok(Self { connection, engine, _held: held })
    }

    /// Begins to fill it.
    pub(crate) async fn begin(&mut self) -> Result<Filling<'_>, StoreError> {
        Ok(Filling { tx: self.connection.begin().await?, engine: self.engine })
    }

    /// Ends in order.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}

/// The transaction that fills it: taken back when it is dropped.
pub(crate) struct Filling<'a> {
    tx: Transaction<'a, Any>,
    engine: Engine,
}

impl Filling<'_> {
    /// Brings the schema to a step, within the transaction.
    pub(crate) async fn migrate(&mut self, schema: i64) -> Result<(), StoreError> {
        let mut migrations = migrations();
        // Nobody else sees these tables before the commit.
        migrations.set_locking(false);
        let migrated = migrations.run_direct(Some(schema), &mut *self.tx, false).await;
        migrated.map_err(|error| StoreError::Migration(Arc::new(error)))
    }

    /// Every table of the desk, those that others refer to first, without the rows that the steps of the schema bring.
    pub(crate) async fn cleared_tables(&mut self) -> Result<Vec<TableShape>, StoreError> {
        let tables = catalog::tables(&mut self.tx, self.engine).await?;
        for table in tables.iter().rev() {
            self.tx.execute(AssertSqlSafe(format!("DELETE FROM {}", table.name))).await?;
        }
        Ok(tables)
    }

    /// The connection, to write on.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Keeps everything: durable when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}
