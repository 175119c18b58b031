//! Labels of a case in lists: customer, equipment and site.

use domain::site::Site;
use domain::text::Location;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::register::read_site;
use crate::store::StoreError;

/// Labels of a case, fixed at its opening.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    /// The organisation; empty when unknown.
    pub(crate) customer: String,
    /// Maker and model as registered, else the serial.
    pub(crate) equipment: String,
    /// The site as registered.
    pub(crate) site: Option<Site>,
}

impl Labels {
    /// The site as registered, else the location in the customer's words.
    pub(crate) fn place(&self, location: &Location) -> String {
        self.site.as_ref().map_or_else(|| location.to_string(), Site::label)
    }

    /// Reads customer, equipment and site from a row, in its columns from `first` on.
    pub(crate) fn read(row: &AnyRow, first: usize) -> Result<Self, StoreError> {
        let is_placed = row.try_get::<Option<i64>, _>(first + 2)?.is_some();
        Ok(Self {
            customer: row.try_get(first)?,
            equipment: row.try_get(first + 1)?,
            site: is_placed.then(|| read_site(row, first + 2)).transpose()?,
        })
    }
}
