//! Equipment: `serial, manufacturer, model, platform, contract, site, address, country, zone`.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::actor::Actor;
use domain::register::{ImportKind, RegisterKind, differ_by_spelling};
use domain::serial::Serial;
use sqlx::{AnyConnection, Row as _};

use super::before;
use super::cells::{self, CellProblem, Cells};
use super::doubts::{self, Bare, Doubt, Doubtful};
use super::report::{FieldChange, differences};
use super::sites::{Place, SiteKey, Sites};
use super::table::Choices;
use super::{
    BadRow, ImportError, ImportReport, Mode, Outcome, Plan, RowProblem, Seen, admit, perform, read_sheet,
    table,
};
use crate::Desk;
use crate::contracts::changes::Noted;
use crate::contracts::register::{EQUIPMENT, EquipmentRow};
use crate::formats::NumberFormats;
use crate::store::{StoreError, Tx, upsert_all};

pub(super) const COLUMNS: [&str; 9] =
    ["serial", "manufacturer", "model", "platform", "contract", "site", "address", "country", "zone"];

/// Imports equipment from a CSV file with the columns `serial, manufacturer, model, platform, contract, site, address,
/// country, zone`, in any order. The contracts must be registered; new sites are created.
///
/// # Errors
/// See [`ImportError`]. Wrong rows are no error: the report lists them, and nothing is written.
pub async fn import_equipment(
    desk: &Desk,
    actor: &Actor,
    csv: &[u8],
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    admit(actor, csv)?;
    let choices = Choices::default();
    perform(desk, actor, ImportKind::Equipment, (read_sheet(csv.to_vec()).await?, &choices), mode, None).await
}

/// The date for decoding serials: later dates of manufacture do not match.
pub(super) fn today(desk: &Desk) -> NaiveDate {
    desk.now().to_chrono().unwrap_or_default().date_naive()
}

struct Row {
    seen: Seen,
    /// Doubts that apply if it is new.
    doubts: Vec<(&'static str, Doubt)>,
    manufacturer: String,
    model: String,
    /// Code of the platform.
    platform: &'static str,
    contract: String,
    site: String,
    place: Place,
}

impl Row {
    /// Its values by column, as they would be registered.
    fn values(&self) -> Vec<(&'static str, String)> {
        let [_, manufacturer, model, platform, contract, site, address, country, zone] = COLUMNS;
        vec![
            (manufacturer, self.manufacturer.clone()),
            (model, self.model.clone()),
            (platform, self.platform.to_owned()),
            (contract, self.contract.clone()),
            (site, self.site.clone()),
            (address, self.place.address.clone()),
            (country, self.place.country.clone()),
            (zone, self.place.zone.clone()),
        ]
    }
}

pub(super) struct Equipment {
    rows: Vec<Row>,
    report: ImportReport,
    /// Rows to be written, each with its site.
    pending: Vec<(usize, SiteKey)>,
    sites: Sites,
}

pub(super) fn parse(table: table::Table<9>, today: NaiveDate, formats: &NumberFormats) -> Equipment {
    let mut bad = table.bad;
    let mut lines: HashMap<Serial, u64> = HashMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for table::Line { line, values } in table.rows {
        let [serial, manufacturer, model, platform, contract, site, address, country, zone] = &values;
        let mut cells = Cells::new(line, &mut bad);
        let serial = cells.take("serial", cells::serial(serial));
        let manufacturer = cells.take("manufacturer", cells::name(manufacturer));
        // Some equipment has no model name.
        let model = match cells::name(model) {
            Err(CellProblem::Empty) => Some(String::new()),
            read => cells.take("model", read),
        };
        let platform = cells.take("platform", cells::platform(platform));
        let contract = cells.take("contract", cells::contract(contract, &formats.contracts));
        let site = cells.take("site", cells::name(site));
        let address = cells.take("address", cells::address(address));
        let country = cells.take("country", cells::country(country));
        let zone = cells.take("zone", cells::zone(zone));
        let Some(serial) = serial else { continue };
        if let Some(first) = lines.insert(serial.clone(), line) {
            lines.insert(serial, first);
            bad.push(BadRow { line, column: Some("serial"), problem: RowProblem::Twice { first } });
            continue;
        }
        let (Some(manufacturer), Some(model), Some(platform), Some(contract)) =
            (manufacturer, model, platform, contract)
        else {
            continue;
        };
        let (Some(site), Some(address), Some(country), Some(zone)) = (site, address, country, zone) else {
            continue;
        };
        let doubts = [
            ("serial", doubts::of_maker(&formats.serials, &serial, (&manufacturer, platform), today)),
            ("zone", doubts::of_zone(zone, country)),
        ];
        rows.push(Row {
            seen: Seen { line, key: serial.as_str().to_owned() },
            doubts: doubts.into_iter().filter_map(|(column, doubt)| Some((column, doubt?))).collect(),
            manufacturer,
            model,
            platform: platform.code(),
            contract: contract.as_str().to_owned(),
            site,
            place: Place { address, country: country.code().to_owned(), zone: zone.name().to_owned() },
        });
    }
    Equipment { rows, report: ImportReport::new(bad), pending: Vec::new(), sites: Sites::default() }
}

impl Plan for Equipment {
    async fn survey(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let owners = owners(connection).await?;
        let kept = kept(connection).await?;
        self.sites = Sites::load(connection).await?;
        let (former, corrected) = former(connection).await?;
        let mut first_lines: HashMap<String, u64> = HashMap::new();
        for row in &mut self.rows {
            // A spelling that was merged into another one means that one.
            if let Some(now) = former.get(&row.seen.key).filter(|_| !kept.contains_key(&row.seen.key)) {
                row.seen.key.clone_from(now);
            }
            let line = row.seen.line;
            let first = *first_lines.entry(row.seen.key.clone()).or_insert(line);
            if first != line {
                let problem = RowProblem::Twice { first };
                self.report.bad.push(BadRow { line, column: Some("serial"), problem });
            }
        }
        let mut places: HashMap<SiteKey, (u64, &Place)> = HashMap::new();
        let mut bare = Bare::default();
        for serial in kept.keys() {
            bare.add(serial);
        }
        for (index, row) in self.rows.iter().enumerate() {
            let line = row.seen.line;
            let Some(organisation) = owners.get(&row.contract) else {
                let problem = RowProblem::Cell(CellProblem::UnknownContract(row.contract.clone()));
                self.report.bad.push(BadRow { line, column: Some("contract"), problem });
                continue;
            };
            let site = SiteKey { organisation: *organisation, name: row.site.clone() };
            let (first, place) = *places.entry(site.clone()).or_insert_with(|| {
                if !self.sites.holds(&site) {
                    self.report.created.push(row.site.clone());
                }
                (line, &row.place)
            });
            if *place != row.place {
                let problem = RowProblem::SiteDiffers { first };
                self.report.bad.push(BadRow { line, column: Some("site"), problem });
                continue;
            }
            let fields = kept.get(&row.seen.key).map(|kept| changes(kept, row));
            if fields.is_none() {
                let now = corrected.get(&row.seen.key);
                let now = now.map(|serial| ("serial", Doubt::CorrectedTo { serial: serial.clone() }));
                let zeros = bare.doubt(&row.seen.key).map(|doubt| ("serial", doubt));
                for (column, doubt) in now.into_iter().chain(zeros).chain(row.doubts.iter().cloned()) {
                    self.report.doubtful.push(Doubtful { line, column, doubt });
                }
                bare.add(&row.seen.key);
            }
            if fields.as_ref().is_none_or(|fields| !fields.is_empty()) {
                self.pending.push((index, site));
            }
            self.report.compare(row.seen.clone(), fields, || row.values());
        }
        let here: HashSet<&str> = self.rows.iter().map(|row| row.seen.key.as_str()).collect();
        self.report.note_gone(kept.keys().filter(|serial| !here.contains(serial.as_str())));
        self.report.bad.sort_by_key(|bad| bad.line);
        Ok(())
    }

    fn report(&self) -> &ImportReport {
        &self.report
    }

    fn kind(&self) -> Option<RegisterKind> {
        Some(RegisterKind::Equipment)
    }

    async fn write(&mut self, tx: &mut Tx, import: Option<i64>) -> Result<Vec<Noted>, StoreError> {
        let pending = std::mem::take(&mut self.pending);
        let rows: Vec<(&Row, SiteKey)> =
            pending.into_iter().filter_map(|(index, site)| Some((self.rows.get(index)?, site))).collect();
        before::EQUIPMENT
            .keep(tx, import, &rows, |statement, (row, _)| statement.bind(row.seen.key.clone()))
            .await?;
        let notes = self.sites.put_all(tx, import, rows.iter().map(|(row, site)| (site, &row.place))).await?;
        let mut placed = Vec::with_capacity(rows.len());
        for (row, site) in rows {
            let id = self.sites.id(&site);
            let id = id.ok_or_else(|| StoreError::inconsistent("sites", "a site was not written"))?;
            placed.push((row, id));
        }
        upsert_all(
            tx.connection(),
            "INSERT INTO equipment (serial, manufacturer, model, platform, site_id, contract_number)",
            6,
            "ON CONFLICT (serial) DO UPDATE SET manufacturer = excluded.manufacturer, model = excluded.model,
                 platform = excluded.platform, site_id = excluded.site_id,
                 contract_number = excluded.contract_number, version = equipment.version + 1",
            &placed,
            |statement, (row, site)| {
                statement
                    .bind(row.seen.key.as_str())
                    .bind(row.manufacturer.as_str())
                    .bind(row.model.as_str())
                    .bind(row.platform)
                    .bind(*site)
                    .bind(row.contract.as_str())
            },
        )
        .await?;
        // A former serial that equipment has again leads nowhere else.
        if let Some(import) = import {
            sqlx::query(
                "INSERT INTO import_pointers_before (import_id, serial, equipment)
                 SELECT CAST($1 AS BIGINT), serial, equipment FROM former_serials
                 WHERE serial IN (SELECT serial FROM equipment)",
            )
            .bind(import)
            .execute(tx.connection())
            .await?;
        }
        sqlx::query("DELETE FROM former_serials WHERE serial IN (SELECT serial FROM equipment)")
            .execute(tx.connection())
            .await?;
        Ok(notes)
    }

    fn into_report(self, outcome: Outcome) -> ImportReport {
        ImportReport { outcome, ..self.report }
    }
}

fn changes(kept: &EquipmentRow, row: &Row) -> Vec<FieldChange> {
    differences([
        ("manufacturer", kept.manufacturer.as_str(), row.manufacturer.as_str()),
        ("model", kept.model.as_str(), row.model.as_str()),
        ("platform", kept.platform.as_str(), row.platform),
        ("contract", kept.contract_number.as_str(), row.contract.as_str()),
        ("site", kept.site.as_str(), row.site.as_str()),
        ("address", kept.address.as_str(), row.place.address.as_str()),
        ("country", kept.country.as_str(), row.place.country.as_str()),
        ("zone", kept.zone.as_str(), row.place.zone.as_str()),
    ])
}

/// Contracts with their organisations.
async fn owners(connection: &mut AnyConnection) -> Result<HashMap<String, i64>, StoreError> {
    let rows = sqlx::query("SELECT number, organisation_id FROM contracts").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// All equipment of the register, by serial.
async fn kept(connection: &mut AnyConnection) -> Result<HashMap<String, EquipmentRow>, StoreError> {
    let rows: Vec<EquipmentRow> = sqlx::query_as(EQUIPMENT).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.serial.clone(), row)).collect())
}

/// Serials by the one that each leads to.
type Pointers = HashMap<String, String>;

/// Former serials with the serial that each leads to now: other spellings of it, and serials that were corrected to quite
/// another one.
async fn former(connection: &mut AnyConnection) -> Result<(Pointers, Pointers), StoreError> {
    let rows = sqlx::query("SELECT serial, equipment FROM former_serials").fetch_all(connection).await?;
    let (mut spellings, mut corrected) = (Pointers::new(), Pointers::new());
    for row in &rows {
        let (serial, now): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let alike = Serial::parse(&serial).ok().zip(Serial::parse(&now).ok());
        let is_alike = alike.is_some_and(|(serial, now)| differ_by_spelling(&serial, &now));
        let into = if is_alike { &mut spellings } else { &mut corrected };
        into.insert(serial, now);
    }
    Ok((spellings, corrected))
}
