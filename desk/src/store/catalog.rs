//! What tables a database has, by its own account: what is copied as a whole forgets none that a later step adds.

use sqlx::{AnyConnection, Row};

use super::{Engine, StoreError, postgres, sqlite};

/// Tables that foreign keys lead to, each after those that its own lead to. Rows are filled in in this order.
const FIRST: [&str; 4] = ["organisations", "contracts", "sites", "people"];

/// A table with its columns, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableShape {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, ColumnKind)>,
}

/// What a column holds. No table has another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColumnKind {
    /// A text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// Bytes.
    Bytes,
}

/// All tables but those that sqlx and the engine keep for themselves.
pub(crate) async fn tables(
    connection: &mut AnyConnection,
    engine: Engine,
) -> Result<Vec<TableShape>, StoreError> {
    let text = match engine {
        Engine::Sqlite => sqlite::COLUMNS,
        Engine::Postgres => postgres::COLUMNS,
    };
    let mut tables: Vec<TableShape> = Vec::new();
    for row in sqlx::query(text).fetch_all(connection).await? {
        let (table, column, kind): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let kind = match kind.to_ascii_lowercase().as_str() {
            "text" => ColumnKind::Text,
            "bigint" => ColumnKind::Integer,
            "bytea" => ColumnKind::Bytes,
            other => {
                let what = format!("the kind {other} of {table}.{column} is none of the desk's");
                return Err(StoreError::inconsistent("catalog", what));
            }
        };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push((column, kind)),
            None => tables.push(TableShape { name: table, columns: vec![(column, kind)] }),
        }
    }
    tables.sort_by_key(|table| {
        (FIRST.iter().position(|first| *first == table.name).unwrap_or(FIRST.len()), table.name.clone())
    });
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::super::migrations;
    use super::FIRST;

    #[test]
    fn tables_that_others_refer_to_come_first() {
        let mut referred = Vec::new();
        let migrations = migrations();
        for step in migrations.iter() {
            let mut table = "";
            for line in step.sql.as_str().lines() {
                let after =
                    |mark: &str| line.split_once(mark).and_then(|(_, rest)| rest.split([' ', '(']).next());
                table = after("CREATE TABLE ").unwrap_or(table);
                let Some(parent) = after("REFERENCES ") else { continue };
                let place = |name| FIRST.iter().position(|first| *first == name);
                assert!(place(parent).is_some(), "{table} refers to {parent}");
                assert!(place(table).is_none_or(|own| place(parent) < Some(own)), "{table} before {parent}");
                referred.push(parent);
            }
        }
        assert!(FIRST.iter().all(|first| referred.contains(first)), "{referred:?}");
    }
}
