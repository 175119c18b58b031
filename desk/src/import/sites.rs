//! Sites, which are imported with their equipment.

use std::collections::{HashMap, HashSet};

use domain::register::{RegisterChange, RegisterKind};
use sqlx::AnyConnection;

use super::before;
use super::report::{FieldChange, differences};
use crate::contracts::changes::Noted;
use crate::store::take_numbers;
use crate::store::{StoreError, Tx, row, upsert_all};

/// The columns of a row that describe its site.
pub(super) const COLUMNS: [&str; 3] = ["address", "country", "zone"];

/// A site by its organisation and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SiteKey {
    pub(super) organisation: i64,
    pub(super) name: String,
}

/// Attributes of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) address: String,
    /// Code of the country.
    pub(super) country: String,
    /// Canonical name of the zone.
    pub(super) zone: String,
}

row! {
    struct SiteRow {
        id: i64,
        organisation_id: i64,
        name: String,
        address: String,
        country: String,
        zone: String,
    }
}

/// All sites of the register.
#[derive(Default)]
pub(super) struct Sites(HashMap<SiteKey, (i64, Place)>);

impl Sites {
    pub(super) async fn load(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let rows: Vec<SiteRow> =
            sqlx::query_as("SELECT id, organisation_id, name, address, country, zone FROM sites")
                .fetch_all(connection)
                .await?;
        let entry = |row: SiteRow| {
            let key = SiteKey { organisation: row.organisation_id, name: row.name };
            (key, (row.id, Place { address: row.address, country: row.country, zone: row.zone }))
        };
        Ok(Self(rows.into_iter().map(entry).collect()))
    }

    pub(super) fn holds(&self, key: &SiteKey) -> bool {
        self.0.contains_key(key)
    }

    /// The id of a site.
    pub(super) fn id(&self, key: &SiteKey) -> Option<i64> {
        self.0.get(key).map(|(id, _)| *id)
    }

    /// Writes new and changed sites. All rows of one site must agree.
    pub(super) async fn put_all<'a>(
        &mut self,
        tx: &mut Tx,
        import: Option<i64>,
        wanted: impl Iterator<Item = (&'a SiteKey, &'a Place)>,
    ) -> Result<Vec<Noted>, StoreError> {
        let mut seen = HashSet::new();
        let changed: Vec<(&SiteKey, &Place)> = wanted
            .filter(|(key, place)| {
                self.0.get(key).is_none_or(|(_, known)| known != *place) && seen.insert(*key)
            })
            .collect();
        let new = changed.iter().filter(|(key, _)| !self.holds(key)).count();
        let count = i64::try_from(new).unwrap_or(i64::MAX);
        let mut free = match count {
            0 => 0..=0,
            count => {
                let last = take_numbers(tx, "sites", count).await?;
                last - count + 1..=last
            }
        };
        let mut rows = Vec::with_capacity(changed.len());
        let mut notes = Vec::with_capacity(changed.len());
        for (key, place) in changed {
            let id = self.id(key).or_else(|| free.next());
            let id = id.ok_or_else(|| StoreError::inconsistent("sites", "too few numbers"))?;
            let before = self.0.insert(key.clone(), (id, place.clone()));
            notes.push(noted(id, before.map(|(_, place)| place), place));
            rows.push((id, key, place));
        }
        before::SITES.keep(tx, import, &rows, |statement, (id, ..)| statement.bind(*id)).await?;
        upsert_all(
            tx.connection(),
            "INSERT INTO sites (id, organisation_id, name, address, country, zone)",
            6,
            "ON CONFLICT (id) DO UPDATE SET address = excluded.address, country = excluded.country,
                 zone = excluded.zone, version = sites.version + 1",
            &rows,
            |statement, (id, key, place)| {
                statement
                    .bind(*id)
                    .bind(key.organisation)
                    .bind(key.name.as_str())
                    .bind(place.address.as_str())
                    .bind(place.country.as_str())
                    .bind(place.zone.as_str())
            },
        )
        .await?;
        Ok(notes)
    }
}

/// What is written down of a new or changed site.
fn noted(id: i64, before: Option<Place>, place: &Place) -> Noted {
    let change = match before {
        None => RegisterChange::Added,
        Some(before) => {
            let [address, country, zone] = COLUMNS;
            let fields = differences([
                (address, before.address.as_str(), place.address.as_str()),
                (country, before.country.as_str(), place.country.as_str()),
                (zone, before.zone.as_str(), place.zone.as_str()),
            ]);
            RegisterChange::Edited { fields: fields.iter().map(FieldChange::recorded).collect() }
        }
    };
    Noted { kind: RegisterKind::Site, entity: id.to_string(), change }
}
