//! Contracts: `number, organisation, country, plan, valid_from, valid_to`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use domain::actor::Actor;
use domain::contract_number::{ContractFormats, ContractNumber};
use domain::country::Country;
use domain::entitlement::Validity;
use domain::register::{ImportKind, RegisterChange, RegisterKind};
use domain::sla_plan::Kept;
use domain::time::Instant;
use sqlx::AnyConnection;

use super::before;
use super::cells::{self, CellProblem, Cells};
use super::dates::{self, Order, Written};
use super::doubts::{Doubt, Doubtful};
use super::report::{Ended, FieldChange, differences};
use super::table::Choices;
use super::{
    BadRow, ImportError, ImportReport, Mode, Outcome, Plan, RowProblem, Seen, admit, perform, read_sheet,
    table,
};
use crate::Desk;
use crate::contracts::changes::Noted;
use crate::contracts::plans::{KnownPlan, PlanId, choices, known_plans};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx, row, upsert_all};

pub(super) const COLUMNS: [&str; 6] = ["number", "organisation", "country", "plan", "valid_from", "valid_to"];

/// Imports contracts from a CSV file with the columns `number, organisation, country, plan, valid_from, valid_to`, in
/// any order. New organisations are created.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::import::{Mode, Outcome, import_contracts};
/// use domain::actor::Actor;
///
/// let csv = "number,organisation,country,plan,valid_from,valid_to\n\
///            CT-2026-0001,Banco Cumbre,VE,Oro,2026-01-01,2026-12-31\n";
/// let report = import_contracts(&desk, &Actor::System, csv.as_bytes(), Mode::Apply).await?;
/// assert_eq!(report.outcome, Outcome::Refused);
/// assert_eq!(report.bad[0].column, Some("plan"), "no plan is called so");
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`ImportError`]. Wrong rows are no error: the report lists them, and nothing is written.
pub async fn import_contracts(
    desk: &Desk,
    actor: &Actor,
    csv: &[u8],
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    admit(actor, csv)?;
    let choices = Choices::default();
    perform(desk, actor, ImportKind::Contracts, (read_sheet(csv.to_vec()).await?, &choices), mode, None).await
}

struct Row {
    seen: Seen,
    organisation: String,
    country: Country,
    plan: String,
    validity: Validity,
    /// Its dates in which day and month could be exchanged, each with its column.
    exchangeable: Vec<(&'static str, NaiveDate)>,
}

impl Row {
    /// Its values by column, as they would be registered.
    fn values(&self) -> Vec<(&'static str, String)> {
        let [_, organisation, country, plan, from, to] = COLUMNS;
        vec![
            (organisation, self.organisation.clone()),
            (country, self.country.code().to_owned()),
            (plan, self.plan.clone()),
            (from, self.validity.from.to_string()),
            (to, self.validity.to.to_string()),
        ]
    }
}

pub(super) struct Contracts {
    /// The time for which plans and their names are read.
    now: Instant,
    /// The number formats in force.
    formats: Arc<ContractFormats>,
    rows: Vec<Row>,
    /// Whether a date of the file tells that the day comes first.
    is_day_first: bool,
    /// The day on which contracts end that the file lacks; `None` when they stay.
    ends_on: Option<NaiveDate>,
    report: ImportReport,
    /// Rows to be written, each with its plan.
    pending: Vec<(usize, PlanId)>,
    /// Organisations by name and country.
    organisations: HashMap<(String, Country), i64>,
}

pub(super) fn parse(
    table: table::Table<6>,
    now: Instant,
    formats: Arc<ContractFormats>,
    ends_on: Option<NaiveDate>,
) -> Contracts {
    let mut bad = table.bad;
    let mut lines: HashMap<ContractNumber, u64> = HashMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    let mut is_day_first = false;
    for table::Line { line, values } in table.rows {
        let [number, organisation, country, plan, from, to] = &values;
        let mut cells = Cells::new(line, &mut bad);
        let number = cells.take("number", cells::contract(number, &formats));
        let organisation = cells.take("organisation", cells::name(organisation));
        let country = cells.take("country", cells::country(country));
        let plan = cells.take("plan", cells::name(plan));
        let from = cells.take("valid_from", dates::date(from));
        let to = cells.take("valid_to", dates::date(to));
        let written: Vec<(&'static str, Written)> = [("valid_from", from), ("valid_to", to)]
            .into_iter()
            .filter_map(|(column, read)| Some((column, read?)))
            .collect();
        is_day_first |= written.iter().any(|(_, read)| read.order == Order::DayFirst);
        let either = written.into_iter().filter(|(_, read)| read.order == Order::Either);
        let exchangeable = either.map(|(column, read)| (column, read.date)).collect();
        let (from, to) = (from.map(|read| read.date), to.map(|read| read.date));
        let written = number.as_ref().and_then(|number| formats.country_of(number));
        if let (Some(written), Some(country)) = (written, country)
            && written != country
        {
            cells.refuse("country", CellProblem::CountryOfNumber(written));
            continue;
        }
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            cells.refuse("valid_to", CellProblem::EndsBeforeItBegins);
            continue;
        }
        let Some(number) = number else { continue };
        if let Some(first) = lines.insert(number.clone(), line) {
            lines.insert(number, first);
            bad.push(BadRow { line, column: Some("number"), problem: RowProblem::Twice { first } });
            continue;
        }
        let (Some(organisation), Some(country), Some(plan), Some(from), Some(to)) =
            (organisation, country, plan, from, to)
        else {
            continue;
        };
        let seen = Seen { line, key: number.as_str().to_owned() };
        rows.push(Row { seen, organisation, country, plan, validity: Validity { from, to }, exchangeable });
    }
    let report = ImportReport::new(bad);
    let (pending, organisations) = (Vec::new(), HashMap::new());
    Contracts { now, formats, rows, is_day_first, ends_on, report, pending, organisations }
}

row! {
    struct KeptRow {
        number: String,
        organisation: String,
        country: String,
        plan_id: i64,
        valid_from: String,
        valid_to: String,
    }
}

impl KeptRow {
    /// Whether it ends after a day on which it has begun. Days are compared as they are written: `2026-12-31`.
    fn ends_later(&self, day: &str) -> bool {
        self.valid_from.as_str() <= day && day < self.valid_to.as_str()
    }

    /// What the report says of it when it ends on that day.
    fn ended_on(&self, day: &str) -> Ended {
        let field = FieldChange { column: "valid_to", from: self.valid_to.clone(), to: day.to_owned() };
        Ended { key: self.number.clone(), field }
    }
}

row! {
    struct OrganisationRow {
        id: i64,
        name: String,
        country: String,
    }
}

impl Plan for Contracts {
    async fn survey(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let plans = known_plans(connection, self.now).await?;
        let by_name: HashMap<String, &KnownPlan> =
            plans.iter().rev().map(|plan| (plan.name.to_lowercase(), plan)).collect();
        let name_of: HashMap<PlanId, String> =
            plans.iter().map(|plan| (plan.id, plan.name.clone())).collect();
        let kept: Vec<KeptRow> = sqlx::query_as(
            "SELECT c.number, o.name AS organisation, c.country, c.plan_id, c.valid_from, c.valid_to
             FROM contracts c JOIN organisations o ON o.id = c.organisation_id",
        )
        .fetch_all(&mut *connection)
        .await?;
        let kept: HashMap<String, KeptRow> = kept.into_iter().map(|row| (row.number.clone(), row)).collect();
        let names;
        (self.organisations, names) = organisations(connection).await?;
        let mut created: HashSet<&str> = HashSet::new();
        for (index, row) in self.rows.iter().enumerate() {
            // A format is for new contracts: one of the register keeps its number.
            if !kept.contains_key(&row.seen.key)
                && let Err(problem) = self.formats.parse_new(&row.seen.key)
            {
                let problem = RowProblem::Cell(CellProblem::Contract(problem));
                self.report.bad.push(BadRow { line: row.seen.line, column: Some("number"), problem });
                continue;
            }
            let held = kept.get(&row.seen.key).map(|kept| PlanId(kept.plan_id));
            let plan = match chosen(by_name.get(&row.plan.to_lowercase()).copied(), held, row, &plans) {
                Ok(plan) => plan,
                Err(problem) => {
                    let problem = RowProblem::Cell(problem);
                    self.report.bad.push(BadRow { line: row.seen.line, column: Some("plan"), problem });
                    continue;
                }
            };
            let owner = (row.organisation.clone(), row.country);
            // An organisation that was merged is meant by its former name, too.
            let called =
                self.organisations.get(&owner).and_then(|id| names.get(id)).unwrap_or(&row.organisation);
            let fields = kept.get(&row.seen.key).map(|kept| changes(kept, row, called, plan, &name_of));
            if fields.as_ref().is_none_or(|fields| !fields.is_empty()) {
                self.pending.push((index, plan));
                let exchangeable: &[_] = if self.is_day_first { &[] } else { row.exchangeable.as_slice() };
                self.report.doubtful.extend(exchangeable.iter().map(|&(column, read)| Doubtful {
                    line: row.seen.line,
                    column,
                    doubt: Doubt::DayFirst { read },
                }));
            }
            self.report.compare(row.seen.clone(), fields, || row.values());
            if !self.organisations.contains_key(&owner) && created.insert(row.organisation.as_str()) {
                self.report.created.push(row.organisation.clone());
            }
        }
        let here: HashSet<&str> = self.rows.iter().map(|row| row.seen.key.as_str()).collect();
        let lacking = kept.values().filter(|kept| !here.contains(kept.number.as_str()));
        let ends_on = self.ends_on.map(|day| day.to_string());
        let (ending, staying): (Vec<&KeptRow>, Vec<&KeptRow>) =
            lacking.partition(|kept| ends_on.as_ref().is_some_and(|day| kept.ends_later(day)));
        self.report.note_gone(staying.into_iter().map(|kept| &kept.number));
        if let Some(day) = ends_on.filter(|_| self.report.bad.is_empty()) {
            self.report.ended = ending.into_iter().map(|kept| kept.ended_on(&day)).collect();
            self.report.ended.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        }
        self.report.bad.sort_by_key(|bad| bad.line);
        Ok(())
    }

    fn report(&self) -> &ImportReport {
        &self.report
    }

    fn kind(&self) -> Option<RegisterKind> {
        Some(RegisterKind::Contract)
    }

    async fn write(&mut self, tx: &mut Tx, import: Option<i64>) -> Result<Vec<Noted>, StoreError> {
        let pending = std::mem::take(&mut self.pending);
        let rows: Vec<(&Row, PlanId)> =
            pending.into_iter().filter_map(|(index, plan)| Some((self.rows.get(index)?, plan))).collect();
        let mut signed = Vec::with_capacity(rows.len());
        let mut notes = Vec::new();
        for (row, plan) in rows {
            let owner = (row.organisation.clone(), row.country);
            let organisation = if let Some(id) = self.organisations.get(&owner) {
                *id
            } else {
                // New organisations are few, so they are written one by one.
                let id = add_organisation(tx, &row.organisation, row.country).await?;
                let (kind, entity) = (RegisterKind::Organisation, id.to_string());
                notes.push(Noted { kind, entity, change: RegisterChange::Added });
                id
            };
            self.organisations.insert(owner, organisation);
            signed.push((row, plan, organisation));
        }
        before::CONTRACTS
            .keep(tx, import, &signed, |statement, (row, ..)| statement.bind(row.seen.key.clone()))
            .await?;
        upsert_all(
            tx.connection(),
            "INSERT INTO contracts (number, organisation_id, country, plan_id, valid_from, valid_to)",
            6,
            "ON CONFLICT (number) DO UPDATE SET organisation_id = excluded.organisation_id,
                 country = excluded.country, plan_id = excluded.plan_id, valid_from = excluded.valid_from,
                 valid_to = excluded.valid_to, version = contracts.version + 1",
            &signed,
            |statement, (row, plan, organisation)| {
                statement
                    .bind(row.seen.key.as_str())
                    .bind(*organisation)
                    .bind(row.country.code())
                    .bind(plan.0)
                    .bind(row.validity.from.to_string())
                    .bind(row.validity.to.to_string())
            },
        )
        .await?;
        self.write_ends(tx, import).await?;
        Ok(notes)
    }

    fn into_report(self, outcome: Outcome) -> ImportReport {
        ImportReport { outcome, ..self.report }
    }
}

impl Contracts {
    /// Ends the contracts that the file lacks.
    async fn write_ends(&self, tx: &mut Tx, import: Option<i64>) -> Result<(), StoreError> {
        let ended = &self.report.ended;
        before::CONTRACTS
            .keep(tx, import, ended, |statement, ended| statement.bind(ended.key.clone()))
            .await?;
        for Ended { key, field } in ended {
            sqlx::query("UPDATE contracts SET valid_to = $2, version = version + 1 WHERE number = $1")
                .bind(key.as_str())
                .bind(field.to.as_str())
                .execute(tx.connection())
                .await?;
        }
        Ok(())
    }
}

/// The plan that a row names, if its contract can have it.
fn chosen(
    named: Option<&KnownPlan>,
    held: Option<PlanId>,
    row: &Row,
    plans: &[KnownPlan],
) -> Result<PlanId, CellProblem> {
    match named {
        None => Err(cells::not_a_choice(&row.plan, choices(plans))),
        Some(plan) if plan.status.is_choice(Kept::of(held.as_ref(), &plan.id)) => Ok(plan.id),
        Some(plan) => Err(cells::retired_plan(&plan.name, choices(plans))),
    }
}

fn changes(
    kept: &KeptRow,
    row: &Row,
    organisation: &str,
    plan: PlanId,
    names: &HashMap<PlanId, String>,
) -> Vec<FieldChange> {
    let name = |id: PlanId| names.get(&id).map_or("?", String::as_str);
    let (from, to) = (row.validity.from.to_string(), row.validity.to.to_string());
    differences([
        ("organisation", kept.organisation.as_str(), organisation),
        ("country", kept.country.as_str(), row.country.code()),
        ("plan", name(PlanId(kept.plan_id)), name(plan)),
        ("valid_from", kept.valid_from.as_str(), from.as_str()),
        ("valid_to", kept.valid_to.as_str(), to.as_str()),
    ])
}

/// Organisations by name and country, former names included, and the names that they have now.
type Organisations = (HashMap<(String, Country), i64>, HashMap<i64, String>);

async fn organisations(connection: &mut AnyConnection) -> Result<Organisations, StoreError> {
    let rows: Vec<OrganisationRow> =
        sqlx::query_as("SELECT id, name, country FROM organisations").fetch_all(&mut *connection).await?;
    let former: Vec<OrganisationRow> =
        sqlx::query_as("SELECT into_id AS id, name, country FROM former_organisations ORDER BY id")
            .fetch_all(connection)
            .await?;
    let names = rows.iter().map(|row| (row.id, row.name.clone())).collect();
    let mut by_name = HashMap::new();
    // A name that an organisation has now comes before one that another had.
    for row in rows.into_iter().chain(former) {
        let country = Country::from_typed(&row.country)
            .ok_or_else(|| StoreError::inconsistent("organisations", &row.country))?;
        by_name.entry((row.name, country)).or_insert(row.id);
    }
    Ok((by_name, names))
}

async fn add_organisation(tx: &mut Tx, name: &str, country: Country) -> Result<i64, StoreError> {
    let id = take_numbers(tx, "organisations", 1).await?;
    sqlx::query("INSERT INTO organisations (id, name, country) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(name)
        .bind(country.code())
        .execute(tx.connection())
        .await?;
    Ok(id)
}
