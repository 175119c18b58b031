//! SQLite: FTS5 over the documents, and a trigram index over their words.

use domain::search::{OPEN, TermPattern};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use super::{AnyOf, Marked, words_from};
use crate::store::StoreError;

/// Prefixes of three to five characters have an index of their own. Longer ones are read as the words that begin so.
const INDEXED_PREFIX: usize = 5;

/// Words that begin so.
const BEGINNING: &str = "SELECT word FROM search_words WHERE word >= $1 AND word < $2 LIMIT $3";

/// The indexes, and triggers that keep them. Words come folded, so that the tokenizer only splits at spaces: it would
/// otherwise find more than PostgreSQL does. No positions are kept: no query asks for them.
///
/// `secure-delete` takes what is deleted out of the index at once: erased words must not stay in it.
const INDEXES: &str = r#"
DROP TABLE IF EXISTS case_index;
DROP TABLE IF EXISTS search_words_index;
CREATE VIRTUAL TABLE case_index USING fts5(
    words, content = 'case_documents', content_rowid = 'id', columnsize = 0, detail = none, prefix = '3 4 5',
    tokenize = "ascii tokenchars '!#$%&''*+-./=?@\^_`{|}~'");
INSERT INTO case_index (case_index, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE search_words_index USING fts5(
    word, content = 'search_words', content_rowid = 'id', columnsize = 0, detail = none, tokenize = 'trigram');
INSERT INTO search_words_index (search_words_index, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER case_documents_inserted AFTER INSERT ON case_documents BEGIN
    INSERT INTO case_index (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER case_documents_deleted AFTER DELETE ON case_documents BEGIN
    INSERT INTO case_index (case_index, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER case_documents_updated AFTER UPDATE ON case_documents BEGIN
    INSERT INTO case_index (case_index, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO case_index (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER search_words_inserted AFTER INSERT ON search_words BEGIN
    INSERT INTO search_words_index (rowid, word) VALUES (new.id, new.word);
END;
CREATE TRIGGER search_words_deleted AFTER DELETE ON search_words BEGIN
    INSERT INTO search_words_index (search_words_index, rowid, word) VALUES ('delete', old.id, old.word);
END;
INSERT INTO case_index (case_index) VALUES ('rebuild');
INSERT INTO search_words_index (search_words_index) VALUES ('rebuild');
"#;

/// Words that contain a part.
pub(super) const WORDS_WITH: &str = "SELECT word FROM search_words_index WHERE word LIKE $1 LIMIT $2";

/// A document with a word.
pub(super) const WITH_WORD: &str = "SELECT rowid FROM case_index WHERE case_index MATCH $1 LIMIT 1";

/// Makes both indexes at once, or none.
pub(super) async fn prepare(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let there = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = 'case_documents_inserted'")
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_some() {
        return Ok(());
    }
    connection.execute("BEGIN IMMEDIATE").await?;
    let made = connection.execute(INDEXES).await;
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
        all.push(format!("({})", terms.join(" OR ")));
    }
    let all = all.join(" AND ");
    let wanted = match marked {
        Marked::Open => format!("{} AND {all}", quoted(OPEN)),
        Marked::Ended => format!("({all}) NOT {}", quoted(OPEN)),
    };
    // The index lists documents in the order of their ids, from either end: it stops at the last one wanted.
    let text =
        format!("SELECT rowid FROM case_index WHERE case_index MATCH $1 ORDER BY rowid DESC LIMIT {most}");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(wanted).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A term as the index reads it.
pub(super) fn quoted(term: &str) -> String {
    format!("\"{}\"", term.replace('"', "\"\""))
}

/// The terms of the index that begin so. It merges all cases of a prefix before it gives the first one, unless it has an
/// index of such prefixes. Of words it reads only the cases that are wanted.
async fn beginning(connection: &mut AnyConnection, prefix: &str) -> Result<Vec<String>, StoreError> {
    let words = if prefix.chars().count() <= INDEXED_PREFIX {
        None
    } else {
        words_from(connection, BEGINNING, prefix).await?
    };
    let Some(words) = words else { return Ok(vec![format!("{}*", quoted(prefix))]) };
    Ok(words.iter().map(|word| quoted(word)).collect())
}
