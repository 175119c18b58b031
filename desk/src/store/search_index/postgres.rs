//! PostgreSQL: a `tsvector` of each document with a GIN index, and trigrams (`pg_trgm`) over their words.

use domain::search::{OPEN, TermPattern};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use super::{AnyOf, Marked, words_from};
use crate::store::StoreError;

/// The lock of those who make the indexes. Its number is ours, next to that of writing.
const LOCK: &str = "SELECT pg_advisory_xact_lock(508574525794)";

/// The words of a document as they are: they come folded, and no parser splits them. The column is derived, so that no
/// backup has it. What waits in a pending list would be read by every search, so there is none. Open cases are few, and have
/// an index of their own.
const FULL_TEXT: &str = "
ALTER TABLE case_documents ADD COLUMN IF NOT EXISTS terms tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED;
CREATE INDEX IF NOT EXISTS search_words_by_beginning ON search_words (word text_pattern_ops);
CREATE INDEX IF NOT EXISTS case_index_of_open ON case_documents USING gin (terms) WITH (fastupdate = off)
    WHERE words LIKE '%=open%';
CREATE INDEX IF NOT EXISTS case_index ON case_documents USING gin (terms) WITH (fastupdate = off)";

/// Words that begin so, in the order of bytes: that of a language may put others between them.
const BEGINNING: &str = "SELECT word FROM search_words WHERE word ~>=~ $1 AND word ~<~ $2 LIMIT $3";

/// Parts of words.
const PARTS: &str = "
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX IF NOT EXISTS search_words_index ON search_words USING gin (word gin_trgm_ops)";

/// Words that contain a part. Without the index they are read one by one: slower, with the same result.
pub(super) const WORDS_WITH: &str = "SELECT word FROM search_words WHERE word LIKE $1 LIMIT $2";

/// A document with a word. The planner knows common words: a few rows have one.
pub(super) const WITH_WORD: &str = "SELECT id FROM case_documents WHERE terms @@ CAST($1 AS tsquery) LIMIT 1";

/// Number of the newest documents that are looked at before the index is asked. Of words that many cases have, enough are
/// among them; the index would list all cases of such words before it gives one.
const NEWEST: usize = 2_000;

/// Makes what is missing. A server where the extension cannot be made is told of, and serves without it.
pub(super) async fn prepare(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT to_regclass('case_index') IS NOT NULL AS full_text, to_regclass('search_words_index') IS NOT NULL AS parts",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !row.try_get::<bool, _>(0)? {
        alone(connection, FULL_TEXT).await?;
    }
    if !row.try_get::<bool, _>(1)?
        && let Err(error) = alone(connection, PARTS).await
    {
        tracing::warn!(
            %error,
            "the extension pg_trgm cannot be made in this database: parts of words are found slowly. Its owner makes it \
             by CREATE EXTENSION pg_trgm; the next start uses it"
        );
    }
    Ok(())
}

/// Executes statements in one transaction, one node at a time.
async fn alone(connection: &mut AnyConnection, statements: &'static str) -> Result<(), StoreError> {
    connection.execute("BEGIN").await?;
    let made = match connection.execute(LOCK).await {
        Ok(_) => connection.execute(sqlx::raw_sql(statements)).await,
        Err(error) => Err(error),
    };
    let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.execute(end).await?;
    made?;
    Ok(())
}

pub(super) async fn documents(
    connection: &mut AnyConnection,
    words: &[AnyOf],
    marked: Marked,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        let mut terms = Vec::new();
        for pattern in word {
            terms.extend(match pattern {
                TermPattern::Exact(text) => vec![quoted(text)],
                TermPattern::Prefix(text) => beginning(connection, text).await?,
            });
        }
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        all.push(format!("({})", terms.join(" | ")));
    }
    let all = all.join(" & ");
    let (wanted, among) = match marked {
        // In the words of the partial index: it serves no other condition.
        Marked::Open => (all, format!("words LIKE '%{OPEN}%' AND ")),
        Marked::Ended => (format!("{all} & !{}", quoted(OPEN)), String::new()),
    };
    if marked == Marked::Ended {
        let newest = format!(
            "SELECT id FROM (SELECT id, terms FROM case_documents ORDER BY id DESC LIMIT {NEWEST}) AS newest
             WHERE terms @@ CAST($1 AS tsquery) ORDER BY id DESC LIMIT {most}"
        );
        let found = ids(connection, newest, &wanted).await?;
        if found.len() == most {
            return Ok(found);
        }
    }
    // The order of a sum is no index's order: the planner would otherwise read all documents from the newest on, when it
    // takes words for more common together than they are.
    let text = format!(
        "SELECT id FROM case_documents WHERE {among}terms @@ CAST($1 AS tsquery) ORDER BY id + 0 DESC LIMIT {most}"
    );
    ids(connection, text, &wanted).await
}

async fn ids(connection: &mut AnyConnection, text: String, wanted: &str) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(text)).bind(wanted.to_owned()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The terms that begin so. The index merges all cases of a prefix; of words it leaps over those that others have not.
async fn beginning(connection: &mut AnyConnection, prefix: &str) -> Result<Vec<String>, StoreError> {
    let Some(words) = words_from(connection, BEGINNING, prefix).await? else {
        return Ok(vec![format!("{}:*", quoted(prefix))]);
    };
    Ok(words.iter().map(|word| quoted(word)).collect())
}

/// A term as a query reads it.
pub(super) fn quoted(term: &str) -> String {
    format!("'{}'", term.replace('\\', r"\\").replace('\'', "''"))
}
