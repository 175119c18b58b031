//! Sites, which come with the equipment that stands there.

use std::collections::HashMap;

use sqlx::AnyConnection;

use crate::case_log::take_numbers;
use crate::store::{StoreError, Tx, row};

/// A site by its organisation and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SiteKey {
    pub(super) organisation: i64,
    pub(super) name: String,
}

/// What is known of a site.
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

    /// Writes a site that is new or has changed; its id.
    pub(super) async fn put(&mut self, tx: &mut Tx, key: SiteKey, place: &Place) -> Result<i64, StoreError> {
        let known = self.0.get(&key).map(|(id, known)| (*id, known == place));
        if let Some((id, true)) = known {
            return Ok(id);
        }
        let id = match known {
            Some((id, _)) => id,
            None => take_numbers(tx, "sites", 1).await?,
        };
        sqlx::query(
            "INSERT INTO sites (id, organisation_id, name, address, country, zone) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (id) DO UPDATE SET address = excluded.address, country = excluded.country,
                 zone = excluded.zone",
        )
        .bind(id)
        .bind(key.organisation)
        .bind(&key.name)
        .bind(&place.address)
        .bind(&place.country)
        .bind(&place.zone)
        .execute(tx.connection())
        .await?;
        self.0.insert(key, (id, place.clone()));
        Ok(id)
    }
}
