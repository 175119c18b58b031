//! The cases that match every word of a query.
//!
//! The rarest word leads: its cases are looked up, and each is checked for the other words. Words are counted only as
//! far as it matters.

use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::search::{NumberPart, Query, QueryWord, TermPattern};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::store::{Statement, StoreError, list};

/// Sorts after every text with the same prefix, since no text has this byte.
const BEHIND: u8 = 0xFF;

/// Country and year of a number series, and its last number.
type Series = (Country, i32, u32);

/// Numbers of the matching cases, open ones first, then the newest: at most one more than are shown.
pub(super) async fn numbers(
    connection: &mut AnyConnection,
    query: &Query,
) -> Result<Vec<CaseNumber>, StoreError> {
    let series = series(connection).await?;
    let meant: Vec<Candidates> = query.words().iter().map(|word| Candidates::by(word, &series)).collect();
    let meant = rarest_first(connection, meant).await?;
    let Some((rarest, others)) = meant.split_first() else { return Ok(Vec::new()) };
    let mut text = format!("SELECT cases.number FROM cases WHERE cases.number IN ({})", rarest.cases(0));
    let mut places = rarest.places();
    for other in others {
        text.push_str(" AND ");
        text.push_str(&other.condition(places));
        places += other.places();
    }
    text.push_str(" ORDER BY cases.is_open DESC, cases.opened_utc_s DESC, cases.number DESC LIMIT 51");
    let statement = meant.iter().fold(sqlx::query(AssertSqlSafe(text)), Candidates::bind);
    let rows = statement.fetch_all(connection).await?;
    rows.iter().map(number).collect()
}

fn number(row: &AnyRow) -> Result<CaseNumber, StoreError> {
    let number: String = row.try_get(0)?;
    CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))
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

/// Moves the rarest word to the front. Gives nothing when a word has no match.
async fn rarest_first(
    connection: &mut AnyConnection,
    meant: Vec<Candidates>,
) -> Result<Vec<Candidates>, StoreError> {
    if meant.iter().any(|meant| meant.places() == 0) {
        return Ok(Vec::new());
    }
    if meant.len() < 2 {
        return Ok(meant);
    }
    let (mut counts, mut places) = (Vec::with_capacity(meant.len()), 0);
    for meant in &meant {
        // Beyond this count words are equally common.
        counts.push(format!("(SELECT COUNT(*) FROM ({} LIMIT 1000) AS held)", meant.cases(places)));
        places += meant.places();
    }
    let text = format!("SELECT {}", counts.join(", "));
    let row =
        meant.iter().fold(sqlx::query(AssertSqlSafe(text)), Candidates::bind).fetch_one(connection).await?;
    let mut counted = Vec::with_capacity(meant.len());
    for (place, meant) in meant.into_iter().enumerate() {
        counted.push((row.try_get::<i64, _>(place)?, meant));
    }
    if counted.iter().any(|(count, _)| *count == 0) {
        return Ok(Vec::new());
    }
    counted.sort_by_key(|(count, _)| *count);
    Ok(counted.into_iter().map(|(_, meant)| meant).collect())
}

/// The meanings of a word for the database; one of them must match.
struct Candidates {
    /// Ranges of terms, each up to its first excluded term.
    ranges: Vec<(Vec<u8>, Vec<u8>)>,
    /// Numbers of cases.
    numbers: Vec<String>,
}

impl Candidates {
    fn by(word: &QueryWord, series: &[Series]) -> Self {
        let of = |part: &NumberPart| {
            let found =
                series.iter().filter_map(|(country, year, last)| part.in_series(*country, *year, *last));
            found.collect::<Vec<_>>()
        };
        Self {
            ranges: word.terms.iter().map(range).collect(),
            numbers: word.numbers.iter().flat_map(of).map(|number| number.as_compact()).collect(),
        }
    }

    /// Number of bound values.
    fn places(&self) -> usize {
        2 * self.ranges.len() + self.numbers.len()
    }

    /// The query for matching cases, with placeholders numbered after `before`.
    fn cases(&self, before: usize) -> String {
        let ranges = self.ranges_from(before, "term").into_iter();
        let terms = ranges.map(|range| format!("SELECT case_number FROM case_terms WHERE {range}"));
        let numbers = self.numbers_from(before).map(|numbers| {
            format!("SELECT found.number AS case_number FROM cases found WHERE found.number IN ({numbers})")
        });
        terms.chain(numbers).collect::<Vec<_>>().join(" UNION ALL ")
    }

    /// The condition on a row of `cases`, with placeholders numbered after `before`.
    fn condition(&self, before: usize) -> String {
        let ranges = self.ranges_from(before, "held.term");
        let held = (!ranges.is_empty()).then(|| {
            format!(
                "EXISTS (SELECT 1 FROM case_terms held WHERE held.case_number = cases.number AND ({}))",
                ranges.join(" OR ")
            )
        });
        let numbers = self.numbers_from(before).map(|numbers| format!("cases.number IN ({numbers})"));
        format!("({})", held.into_iter().chain(numbers).collect::<Vec<_>>().join(" OR "))
    }

    fn ranges_from(&self, before: usize, term: &str) -> Vec<String> {
        let range = |place: usize| {
            let from = before + 2 * place + 1;
            format!("{term} >= ${from} AND {term} < ${}", from + 1)
        };
        (0..self.ranges.len()).map(range).collect()
    }

    fn numbers_from(&self, before: usize) -> Option<String> {
        let count = self.numbers.len();
        (count > 0).then(|| list(before + 2 * self.ranges.len(), count))
    }

    /// Binds the values in the order of their placeholders.
    fn bind(statement: Statement, meant: &Self) -> Statement {
        let ranges = meant.ranges.iter();
        let statement =
            ranges.fold(statement, |statement, (from, to)| statement.bind(from.clone()).bind(to.clone()));
        meant.numbers.iter().fold(statement, |statement, number| statement.bind(number.clone()))
    }
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

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn term_range_holds_exactly_its_prefix() {
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

    #[test]
    fn placeholders_are_numbered_in_bind_order() {
        let series = [(Country::Ve, 2026, 5000)];
        let query = Query::parse("pena 4213");
        let [name, digits] = query.words() else { panic!("two words") };
        let (name, digits) = (Candidates::by(name, &series), Candidates::by(digits, &series));
        assert_eq!((name.places(), digits.places()), (2, 7));
        assert_eq!(name.cases(0), "SELECT case_number FROM case_terms WHERE term >= $1 AND term < $2");
        assert_eq!(
            digits.condition(2),
            "(EXISTS (SELECT 1 FROM case_terms held WHERE held.case_number = cases.number AND \
             (held.term >= $3 AND held.term < $4 OR held.term >= $5 AND held.term < $6 \
             OR held.term >= $7 AND held.term < $8)) OR cases.number IN ($9))"
        );
        assert!(digits.cases(2).ends_with(
            "UNION ALL SELECT found.number AS case_number FROM cases found WHERE found.number IN ($9)"
        ));
    }
}
