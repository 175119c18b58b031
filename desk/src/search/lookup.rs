//! The cases that match every word of a query: the open ones first, then the newest.

use domain::case_number::{CaseNumber, CasePrefix};
use domain::country::Country;
use domain::search::{NumberPart, Query, QueryWord, Reach, TermPattern, number_word};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::documents::query as statement;
use crate::reach::{Reach as RoleReach, bound};
use crate::store::{AnyOf, Engine, Marked, StoreError, documents, list, portions, words_with};

/// Sorts after every text with the same prefix, since no text has this byte.
const BEHIND: u8 = 0xFF;
/// The most words that one word of a query is widened to: the first that were ever written, which are the common ones.
const WIDENED: usize = 64;

/// Country and year of a number series, and its last number.
type Series = (Country, i32, u32);

/// Which of the matching cases are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'r> {
    /// The most of them.
    pub(super) most: usize,
    /// Their country; `None` is every one.
    pub(super) country: Option<Country>,
    /// The reach of a composed role.
    pub(super) reach: &'r RoleReach,
}

impl Wanted<'_> {
    /// The most documents that are looked at for some cases alone: documents have no country and no customer.
    const LOOKED_AT: usize = 5_000;

    fn documents(self) -> usize {
        if self.country.is_some() || !self.reach.is_whole() { Self::LOOKED_AT } else { self.most }
    }
}

/// Numbers of the matching cases that are wanted. What is only within a word, and then what is a slip away, is looked for
/// when nothing nearer is found.
pub(super) async fn numbers(
    connection: &mut AnyConnection,
    engine: Engine,
    query: &Query,
    prefixes: &[CasePrefix],
    wanted: Wanted<'_>,
) -> Result<Vec<CaseNumber>, StoreError> {
    let series = series(connection).await?;
    let given_out: Vec<Vec<CaseNumber>> =
        query.words().iter().map(|word| given_out(word, &series, prefixes)).collect();
    let mut words: Vec<AnyOf> =
        query.words().iter().zip(&given_out).map(|(word, numbers)| nearest(word, numbers)).collect();
    // A case is found by a part of its number as soon as it is there.
    let at_once = match &given_out[..] {
        [numbers] => numbers.as_slice(),
        _ => &[],
    };
    for reach in Reach::ALL {
        if !widen(connection, engine, query.words(), &mut words, reach).await? {
            continue;
        }
        let found = matching(connection, engine, &words, at_once, wanted).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The terms that a word stands for.
fn nearest(word: &QueryWord, numbers: &[CaseNumber]) -> AnyOf {
    let numbers = numbers.iter().map(|number| TermPattern::Exact(number_word(*number)));
    word.terms.iter().cloned().chain(numbers).collect()
}

/// Adds what words stand for at a reach. Gives whether there is anything new to look for.
async fn widen(
    connection: &mut AnyConnection,
    engine: Engine,
    query: &[QueryWord],
    words: &mut [AnyOf],
    reach: Reach,
) -> Result<bool, StoreError> {
    let mut is_wider = reach == Reach::Beginning;
    for (word, any_of) in query.iter().zip(words) {
        let more = match (reach, word.part()) {
            (Reach::Beginning, _) | (_, None) => Vec::new(),
            (Reach::Middle, Some(part)) => words_with(connection, engine, part, WIDENED).await?,
            (Reach::Slip, Some(_)) => written(connection, word.slips().into_iter().collect()).await?,
        };
        is_wider |= !more.is_empty();
        any_of.extend(more.into_iter().map(TermPattern::Exact));
    }
    Ok(is_wider)
}

/// Those of some words that documents have.
async fn written(connection: &mut AnyConnection, words: Vec<String>) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for some in words.chunks(SPELLINGS) {
        let text = format!("SELECT word FROM search_words WHERE word IN ({})", list(0, some.len()));
        for row in statement(text, some.iter().cloned()).fetch_all(&mut *connection).await? {
            found.push(row.try_get(0)?);
        }
    }
    found.truncate(WIDENED);
    Ok(found)
}

/// Spellings in one statement: nearly all of a word of ten letters.
const SPELLINGS: usize = 512;

/// Numbers of the cases whose documents have all words, and of those `at_once`.
async fn matching(
    connection: &mut AnyConnection,
    engine: Engine,
    words: &[AnyOf],
    at_once: &[CaseNumber],
    wanted: Wanted<'_>,
) -> Result<Vec<CaseNumber>, StoreError> {
    let most = wanted.documents();
    let mut ids = documents(connection, engine, words, Marked::Open, most).await?;
    if ids.len() < most {
        ids.extend(documents(connection, engine, words, Marked::Ended, most - ids.len()).await?);
    }
    let mut found: Vec<Found> = Vec::with_capacity(ids.len());
    for some in portions(&ids) {
        let (condition, binds) = wanted.reach.condition("c", some.len() + 1);
        let text = format!(
            "SELECT c.number, c.is_open, c.opened_utc_s, c.country FROM case_documents d JOIN cases c ON c.number = d.case_number
             WHERE d.id IN ({}){condition}",
            list(0, some.len())
        );
        let query = some.iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)), |query, id| query.bind(*id));
        for row in bound(query, binds).fetch_all(&mut *connection).await? {
            found.extend(Found::read(&row, wanted)?);
        }
    }
    for some in portions(at_once) {
        let (condition, binds) = wanted.reach.condition("cases", some.len() + 1);
        let text = format!(
            "SELECT number, is_open, opened_utc_s, country FROM cases WHERE number IN ({}){condition}",
            list(0, some.len())
        );
        let query = bound(statement(text, some.iter().map(CaseNumber::as_compact)), binds);
        for row in query.fetch_all(&mut *connection).await? {
            found.extend(Found::read(&row, wanted)?);
        }
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.dedup();
    found.truncate(wanted.most);
    Ok(found.into_iter().map(|found| found.number).collect())
}

/// A case in the order of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    is_open: i64,
    opened_utc_s: i64,
    number: CaseNumber,
}

impl Found {
    /// The case of a row; `None` if it is not wanted.
    fn read(row: &AnyRow, wanted: Wanted<'_>) -> Result<Option<Self>, StoreError> {
        let country: String = row.try_get(3)?;
        if wanted.country.is_some_and(|wanted| wanted.code() != country) {
            return Ok(None);
        }
        let number: String = row.try_get(0)?;
        let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
        Ok(Some(Self { number, is_open: row.try_get(1)?, opened_utc_s: row.try_get(2)? }))
    }
}

/// All number series. Numbers that were removed with the demonstration are in them, and find no case.
async fn series(connection: &mut AnyConnection) -> Result<Vec<Series>, StoreError> {
    let rows = sqlx::query("SELECT country, year, last FROM case_numbers").fetch_all(connection).await?;
    let wrong = |what: &str| StoreError::inconsistent("case_numbers", what);
    let read = |row: &AnyRow| {
        let (country, year, last): (String, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok((
            Country::from_code(&country).ok_or_else(|| wrong("country"))?,
            i32::try_from(year).map_err(|_| wrong("year"))?,
            u32::try_from(last).map_err(|_| wrong("last"))?,
        ))
    };
    rows.iter().map(read).collect()
}

/// The numbers given out that a word is a part of.
fn given_out(word: &QueryWord, series: &[Series], prefixes: &[CasePrefix]) -> Vec<CaseNumber> {
    let of = |part: &NumberPart| {
        let found = series
            .iter()
            .flat_map(|series| prefixes.iter().filter_map(move |prefix| part.in_series(*series, *prefix)));
        found.collect::<Vec<_>>()
    };
    word.numbers.iter().flat_map(of).collect()
}

/// The range of matching terms, up to the first excluded one.
pub(super) fn range(sought: &TermPattern) -> (Vec<u8>, Vec<u8>) {
    let (text, behind) = match sought {
        TermPattern::Exact(text) => (text, 0),
        TermPattern::Prefix(text) => (text, BEHIND),
    };
    let from = text.as_bytes().to_vec();
    let to = from.iter().copied().chain([behind]).collect();
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn term_range_holds_exactly_its_prefix() {
        let text = str::to_owned;
        let terms = ["p", "pe", "pera", "perez", "pereza", "perú", "per\u{10FFFF}", "pes"];
        let held = |sought: &TermPattern| {
            let (from, to) = range(sought);
            let holds = |term: &str| from.as_slice() <= term.as_bytes() && term.as_bytes() < to.as_slice();
            terms.into_iter().filter(|term| holds(term)).collect::<Vec<_>>()
        };
        for sought in [
            TermPattern::Prefix(text("per")),
            TermPattern::Prefix(text("perez")),
            TermPattern::Exact(text("pe")),
            TermPattern::Exact(text("perez")),
        ] {
            let expected: Vec<&str> = terms.into_iter().filter(|term| sought.is(term)).collect();
            assert_eq!(held(&sought), expected, "{sought:?}");
        }
    }
}
