//! The engine's own indexes for the search: full text over the words of cases, and parts of words.
//!
//! One small module per engine, with the same behaviour. Both are derived from the tables `case_documents` and
//! `search_words`, within the transaction that changes these: nothing else writes them.

mod postgres;
mod sqlite;

#[cfg(doc)]
use domain::search::OPEN;
use domain::search::TermPattern;
use sqlx::{AnyConnection, Row};

use super::{Engine, StoreError};

/// A word of a query: the document has one of these.
pub(crate) type AnyOf = Vec<TermPattern>;

/// Which documents are looked for: the indexer marks those of open cases ([`OPEN`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    /// Those of open cases.
    Open,
    /// The others.
    Ended,
}

/// Makes the indexes that are missing, from the tables as they are.
pub(super) async fn prepare(connection: &mut AnyConnection, engine: Engine) -> Result<(), StoreError> {
    match engine {
        Engine::Sqlite => sqlite::prepare(connection).await,
        Engine::Postgres => postgres::prepare(connection).await,
    }
}

/// Ids of documents that have all words of a query, the newest first, at most `most`.
pub(crate) async fn documents(
    connection: &mut AnyConnection,
    engine: Engine,
    words: &[AnyOf],
    marked: Marked,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    match engine {
        Engine::Sqlite => sqlite::documents(connection, words, marked, most).await,
        Engine::Postgres => postgres::documents(connection, words, marked, most).await,
    }
}

/// Whether a document has a word.
pub(crate) async fn is_used(
    connection: &mut AnyConnection,
    engine: Engine,
    word: &str,
) -> Result<bool, StoreError> {
    let (text, word) = match engine {
        Engine::Sqlite => (sqlite::WITH_WORD, sqlite::quoted(word)),
        Engine::Postgres => (postgres::WITH_WORD, postgres::quoted(word)),
    };
    Ok(sqlx::query(text).bind(word).fetch_optional(connection).await?.is_some())
}

/// Words of documents that contain a part of three characters or more, at most `most`.
pub(crate) async fn words_with(
    connection: &mut AnyConnection,
    engine: Engine,
    part: &str,
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let text = match engine {
        Engine::Sqlite => sqlite::WORDS_WITH,
        Engine::Postgres => postgres::WORDS_WITH,
    };
    let rows = sqlx::query(text)
        .bind(format!("%{}%", unmasked(part)))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The most words that one prefix is read as. A prefix with more is common to codes, each of which few cases have.
const MOST_WORDS: usize = 64;

/// The words that begin with a prefix, by a query for the words between two texts. `None` when there are too many, and for a
/// prefix of other terms than words.
async fn words_from(
    connection: &mut AnyConnection,
    query: &'static str,
    prefix: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    if !prefix.chars().all(char::is_alphanumeric) {
        return Ok(None);
    }
    let rows = sqlx::query(query)
        .bind(prefix.to_owned())
        .bind(format!("{prefix}{}", char::MAX))
        .bind(i64::try_from(MOST_WORDS + 1).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    if rows.len() > MOST_WORDS {
        return Ok(None);
    }
    rows.iter().map(|row| Ok(Some(row.try_get(0)?))).collect()
}

/// A part without the characters that `LIKE` reads as others. Words have only letters and digits.
fn unmasked(part: &str) -> String {
    part.chars().filter(|character| character.is_alphanumeric()).collect()
}
