//! Travel times between sites: `organisation, site, other_organisation, other_site, minutes`.

use std::collections::{BTreeMap, HashMap};

use domain::actor::Actor;
use domain::register::{ImportKind, RegisterKind};
use sqlx::{AnyConnection, Row as _};

use super::cells::{self, CellProblem, Cells};
use super::report::differences;
use super::table::Choices;
use super::{
    BadRow, ImportError, ImportReport, Mode, Outcome, Plan, RowProblem, Seen, admit, perform, read_sheet,
    table,
};
use crate::Desk;
use crate::contracts::changes::Noted;
use crate::store::{StoreError, Tx, upsert_all};

pub(super) const COLUMNS: [&str; 5] = ["organisation", "site", "other_organisation", "other_site", "minutes"];

/// Imports travel times from a CSV file with the columns `organisation, site, other_organisation, other_site, minutes`,
/// in any order. Both sites must be registered; a pair applies in both directions.
///
/// # Errors
/// See [`ImportError`]. Wrong rows are no error: the report lists them, and nothing is written.
pub async fn import_travel(
    desk: &Desk,
    actor: &Actor,
    csv: &[u8],
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    admit(actor, csv)?;
    let choices = Choices::default();
    perform(desk, actor, ImportKind::Travel, (read_sheet(csv.to_vec()).await?, &choices), mode, None).await
}

/// A site by the name of its organisation and its own.
type Named = (String, String);

struct Row {
    seen: Seen,
    ends: [Named; 2],
    minutes: u32,
}

/// Two sites, the smaller id first.
type Pair = (i64, i64);

pub(super) struct Ways {
    rows: Vec<Row>,
    report: ImportReport,
    pending: Vec<(Pair, u32)>,
}

pub(super) fn parse(table: table::Table<5>) -> Ways {
    let mut bad = table.bad;
    let mut rows = Vec::with_capacity(table.rows.len());
    for table::Line { line, values } in table.rows {
        let [organisation, site, other_organisation, other_site, minutes] = &values;
        let mut cells = Cells::new(line, &mut bad);
        let organisation = cells.take("organisation", cells::name(organisation));
        let site = cells.take("site", cells::name(site));
        let other_organisation = cells.take("other_organisation", cells::name(other_organisation));
        let other_site = cells.take("other_site", cells::name(other_site));
        let minutes = cells.take("minutes", cells::minutes(minutes));
        let (Some(organisation), Some(site)) = (organisation, site) else { continue };
        let (Some(other), Some(other_site), Some(minutes)) = (other_organisation, other_site, minutes) else {
            continue;
        };
        let seen = Seen { line, key: format!("{site} – {other_site}") };
        rows.push(Row { seen, ends: [(organisation, site), (other, other_site)], minutes });
    }
    Ways { rows, report: ImportReport::new(bad), pending: Vec::new() }
}

impl Plan for Ways {
    async fn survey(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let sites = sites(connection).await?;
        let kept = kept(connection).await?;
        let mut lines: HashMap<Pair, u64> = HashMap::new();
        for row in &self.rows {
            let line = row.seen.line;
            let mut ids = [0; 2];
            let mut is_known = true;
            for (place, (end, column)) in row.ends.iter().zip(["site", "other_site"]).enumerate() {
                if let Some([id]) = sites.get(end).map(Vec::as_slice) {
                    ids[place] = *id;
                } else {
                    is_known = false;
                    let problem = RowProblem::Cell(CellProblem::UnknownSite(end.1.clone()));
                    self.report.bad.push(BadRow { line, column: Some(column), problem });
                }
            }
            if !is_known {
                continue;
            }
            let pair = (ids[0].min(ids[1]), ids[0].max(ids[1]));
            if let Some(first) = lines.insert(pair, line) {
                let problem = RowProblem::Twice { first };
                self.report.bad.push(BadRow { line, column: None, problem });
                continue;
            }
            let (known, minutes) = (kept.get(&pair).map(u32::to_string), row.minutes.to_string());
            let fields = known.map(|known| differences([("minutes", known.as_str(), minutes.as_str())]));
            if fields.as_ref().is_none_or(|fields| !fields.is_empty()) {
                self.pending.push((pair, row.minutes));
            }
            let values = || vec![("minutes", row.minutes.to_string())];
            self.report.compare(row.seen.clone(), fields, values);
        }
        self.report.bad.sort_by_key(|bad| bad.line);
        Ok(())
    }

    fn report(&self) -> &ImportReport {
        &self.report
    }

    fn kind(&self) -> Option<RegisterKind> {
        None
    }

    async fn write(&mut self, tx: &mut Tx, _: Option<i64>) -> Result<Vec<Noted>, StoreError> {
        let pending = std::mem::take(&mut self.pending);
        upsert_all(
            tx.connection(),
            "INSERT INTO travel_times (site_id, other_site_id, minutes)",
            3,
            "ON CONFLICT (site_id, other_site_id) DO UPDATE SET minutes = excluded.minutes",
            &pending,
            |statement, ((site, other), minutes)| {
                statement.bind(*site).bind(*other).bind(i64::from(*minutes))
            },
        )
        .await?;
        Ok(Vec::new())
    }

    fn into_report(self, outcome: Outcome) -> ImportReport {
        ImportReport { outcome, ..self.report }
    }
}

/// Ids of all sites by name; several where two countries have the same name.
async fn sites(connection: &mut AnyConnection) -> Result<HashMap<Named, Vec<i64>>, StoreError> {
    let rows = sqlx::query(
        "SELECT o.name, s.name, s.id FROM sites s JOIN organisations o ON o.id = s.organisation_id",
    )
    .fetch_all(connection)
    .await?;
    let mut found: HashMap<Named, Vec<i64>> = HashMap::new();
    for row in &rows {
        found.entry((row.try_get(0)?, row.try_get(1)?)).or_default().push(row.try_get(2)?);
    }
    Ok(found)
}

async fn kept(connection: &mut AnyConnection) -> Result<BTreeMap<Pair, u32>, StoreError> {
    let rows =
        sqlx::query("SELECT site_id, other_site_id, minutes FROM travel_times").fetch_all(connection).await?;
    let read = |row: &sqlx::any::AnyRow| -> Result<(Pair, u32), StoreError> {
        let minutes: i64 = row.try_get(2)?;
        let minutes =
            u32::try_from(minutes).map_err(|error| StoreError::inconsistent("travel_times", error))?;
        Ok(((row.try_get(0)?, row.try_get(1)?), minutes))
    };
    rows.iter().map(read).collect()
}
