//! What of a desk is the demonstration's alone.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::{Author, Recorded};
use domain::case_number::CaseNumber;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::register::{self, RegisterPlan};
use super::{MixedCase, MixedCases, Mixture, Removal};
use crate::access::demonstration::STAFF;
use crate::events;
use crate::lab::demo::DISPLAY;
use crate::lab::demo::cases::keys;
use crate::store::{StoreError, list, portions};

/// Cases whose histories are read together.
const TOGETHER: usize = 100;

/// What goes and what stays.
pub(super) async fn plan(connection: &mut AnyConnection, mixed: MixedCases) -> Result<Removal, StoreError> {
    let ours = our_people(connection).await?;
    let demo = demo_cases(connection).await?;
    let histories = events::histories(connection, &demo).await?;
    let mixtures = mixtures(&histories, &ours, &demo, mixed)?;
    let stays = |number: &CaseNumber| match (mixtures.get(number), mixed) {
        (None, _) | (Some(Mixture::WorkedOnBy(_)), MixedCases::Remove) => false,
        (Some(_), _) => true,
    };
    let cases: Vec<CaseNumber> = demo.into_iter().filter(|number| !stays(number)).collect();
    let gone: BTreeSet<CaseNumber> = cases.iter().copied().collect();
    let named = named_by_others(connection, &gone, &ours).await?;
    let register = register::plan(connection, &gone).await?;
    let RegisterPlan { contracts, contracts_kept, equipment, sites, organisations } = register;
    let (people, people_kept) = split(ours, &named);
    let mails = count_mails(connection, &cases).await?;
    let displays = count(connection, "SELECT COUNT(*) FROM displays WHERE name = $1", DISPLAY).await?;
    Ok(Removal {
        cases,
        mixed: mixtures.into_iter().map(|(number, why)| MixedCase { number, why }).collect(),
        mails,
        people,
        people_kept,
        contracts,
        contracts_kept,
        equipment,
        sites,
        organisations,
        displays,
    })
}

/// The demonstration's accounts, by id.
async fn our_people(connection: &mut AnyConnection) -> Result<BTreeMap<i64, String>, StoreError> {
    let query = STAFF
        .iter()
        .fold(sqlx::query("SELECT id, mail FROM people WHERE mail IN ($1, $2, $3, $4)"), |query, member| {
            query.bind(member.mail)
        });
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The cases of the demonstration's script, by number.
async fn demo_cases(connection: &mut AnyConnection) -> Result<Vec<CaseNumber>, StoreError> {
    let keys: Vec<&'static str> = keys().collect();
    let text =
        format!("SELECT number FROM cases WHERE submission_key IN ({}) ORDER BY number", list(0, keys.len()));
    let query = keys.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| query.bind(*key));
    query.fetch_all(connection).await?.iter().map(number).collect()
}

fn number(row: &AnyRow) -> Result<CaseNumber, StoreError> {
    let text: String = row.try_get(0)?;
    CaseNumber::parse(&text).map_err(|error| StoreError::inconsistent("cases", error))
}

/// Demonstration cases that are mixed, and those that are linked with any case that stays.
fn mixtures(
    histories: &[(CaseNumber, Vec<Recorded>)],
    ours: &BTreeMap<i64, String>,
    demo: &[CaseNumber],
    mixed: MixedCases,
) -> Result<BTreeMap<CaseNumber, Mixture>, StoreError> {
    let mut found = BTreeMap::new();
    let mut links: Vec<(CaseNumber, CaseNumber)> = Vec::new();
    for (number, history) in histories {
        let others: BTreeSet<String> =
            history.iter().filter_map(|entry| own_author(entry, ours)).map(str::to_owned).collect();
        if !others.is_empty() {
            found.insert(*number, Mixture::WorkedOnBy(others.into_iter().collect()));
        }
        let case = events::fold(history)?;
        links.extend(case.links().iter().map(|link| (*number, link.other)));
    }
    let demo: BTreeSet<CaseNumber> = demo.iter().copied().collect();
    // A case that stays keeps those that it is linked with, and these keep theirs.
    loop {
        let stays = |other: &CaseNumber| match found.get(other) {
            None => !demo.contains(other),
            Some(Mixture::WorkedOnBy(_)) => mixed == MixedCases::Keep,
            Some(Mixture::LinkedWith(_)) => true,
        };
        let is_free = |number: &CaseNumber| !stays(number);
        let tied: Vec<(CaseNumber, CaseNumber)> =
            links.iter().copied().filter(|(number, other)| is_free(number) && stays(other)).collect();
        if tied.is_empty() {
            return Ok(found);
        }
        for (number, other) in tied {
            found.insert(number, Mixture::LinkedWith(other));
        }
    }
}

/// The author of an entry, when it is a member of the staff of the desk's own.
fn own_author<'a>(entry: &'a Recorded, ours: &BTreeMap<i64, String>) -> Option<&'a str> {
    match &entry.by {
        Author::Staff { id, name } if !ours.contains_key(&id.0) => Some(name),
        _ => None,
    }
}

/// Which of the demonstration's people work that stays names: as author, holder, technician or as somebody who may not call.
async fn named_by_others(
    connection: &mut AnyConnection,
    gone: &BTreeSet<CaseNumber>,
    ours: &BTreeMap<i64, String>,
) -> Result<BTreeSet<i64>, StoreError> {
    let mut named = BTreeSet::new();
    for text in [
        "SELECT number, holder_id FROM cases WHERE holder_id = $1",
        "SELECT case_number, technician_id FROM visits WHERE technician_id = $1",
        "SELECT case_number, agent_id FROM surveys WHERE agent_id = $1",
        "SELECT case_number, technician_id FROM surveys WHERE technician_id = $1",
        "SELECT case_number, person_id FROM survey_workers WHERE person_id = $1",
    ] {
        for id in ours.keys() {
            for row in sqlx::query(text).bind(*id).fetch_all(&mut *connection).await? {
                if !gone.contains(&number(&row)?) {
                    named.insert(*id);
                }
            }
        }
    }
    let rows = sqlx::query("SELECT number FROM cases ORDER BY number").fetch_all(&mut *connection).await?;
    let all: Vec<CaseNumber> = rows.iter().map(number).collect::<Result<_, _>>()?;
    let left: Vec<CaseNumber> = all.into_iter().filter(|number| !gone.contains(number)).collect();
    for some in left.chunks(TOGETHER) {
        for (_, history) in events::histories(connection, some).await? {
            named.extend(history.iter().filter_map(|entry| match &entry.by {
                Author::Staff { id, .. } if ours.contains_key(&id.0) => Some(id.0),
                _ => None,
            }));
        }
    }
    Ok(named)
}

/// The mail addresses of people who go, and of those who stay.
fn split(ours: BTreeMap<i64, String>, named: &BTreeSet<i64>) -> (Vec<String>, Vec<String>) {
    let (kept, gone): (Vec<_>, Vec<_>) = ours.into_iter().partition(|(id, _)| named.contains(id));
    let mails = |people: Vec<(i64, String)>| people.into_iter().map(|(_, mail)| mail).collect();
    (mails(gone), mails(kept))
}

/// Mails of cases that go, and of the demonstration's accounts.
async fn count_mails(connection: &mut AnyConnection, cases: &[CaseNumber]) -> Result<i64, StoreError> {
    let mut mails = 0;
    for some in portions(cases) {
        let text = format!("SELECT COUNT(*) FROM outbox WHERE case_number IN ({})", list(0, some.len()));
        let query = sqlx::query(AssertSqlSafe(text));
        let query = some.iter().fold(query, |query, number| query.bind(number.as_compact()));
        mails += query.fetch_one(&mut *connection).await?.try_get::<i64, _>(0)?;
    }
    for member in STAFF {
        let text = "SELECT COUNT(*) FROM outbox WHERE case_number = '' AND recipient = $1";
        mails += count(connection, text, member.mail).await?;
    }
    Ok(mails)
}

async fn count(
    connection: &mut AnyConnection,
    text: &'static str,
    bind: &'static str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query(text).bind(bind).fetch_one(connection).await?.try_get(0)?)
}
