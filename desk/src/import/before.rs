//! Rows as they were before an import changed them: what an undo restores.

use domain::register::RegisterKind;
use sqlx::AssertSqlSafe;

use crate::store::{Statement, StoreError, Tx, list, portions};

/// A table whose rows an import changes, with the table of the rows as they were.
pub(super) struct Kept {
    pub(super) kind: RegisterKind,
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    pub(super) before: &'static str,
    /// The columns that an import writes.
    pub(super) columns: &'static [&'static str],
    /// Further columns of the row as it was, each with its expression over the row.
    extra: &'static [(&'static str, &'static str)],
}

/// Contracts.
pub(super) const CONTRACTS: Kept = Kept {
    kind: RegisterKind::Contract,
    table: "contracts",
    key: "number",
    before: "import_contracts_before",
    columns: &["organisation_id", "country", "plan_id", "valid_from", "valid_to"],
    extra: &[],
};

/// Sites.
pub(super) const SITES: Kept = Kept {
    kind: RegisterKind::Site,
    table: "sites",
    key: "id",
    before: "import_sites_before",
    columns: &["address", "country", "zone"],
    extra: &[],
};

/// Equipment.
pub(super) const EQUIPMENT: Kept = Kept {
    kind: RegisterKind::Equipment,
    table: "equipment",
    key: "serial",
    before: "import_equipment_before",
    columns: &["manufacturer", "model", "platform", "site_id", "contract_number"],
    extra: &[
        (
            "contract_owner",
            "(SELECT c.organisation_id FROM contracts c WHERE c.number = equipment.contract_number)",
        ),
        ("site_owner", "(SELECT s.organisation_id FROM sites s WHERE s.id = equipment.site_id)"),
    ],
};

/// All of them.
pub(super) const ALL: [Kept; 3] = [CONTRACTS, SITES, EQUIPMENT];

impl Kept {
    /// Keeps the rows of these keys as they are, before the import writes each of them once. New keys have no row yet.
    pub(super) async fn keep<K>(
        &self,
        tx: &mut Tx,
        import: Option<i64>,
        keys: &[K],
        bind: impl Fn(Statement, &K) -> Statement,
    ) -> Result<(), StoreError> {
        // An import that is not on record cannot be undone.
        let Some(import) = import else { return Ok(()) };
        let Self { table, key, before, columns, extra, .. } = self;
        let mut names = columns.to_vec();
        names.extend(extra.iter().map(|(name, _)| *name));
        let mut values = columns.to_vec();
        values.extend(extra.iter().map(|(_, value)| *value));
        let (names, values) = (names.join(", "), values.join(", "));
        for some in portions(keys) {
            let text = format!(
                "INSERT INTO {before} (import_id, {key}, {names}, version_before, version_after)
                 SELECT CAST($1 AS BIGINT), {key}, {values}, version, version + 1 FROM {table} WHERE {key} IN ({})",
                list(1, some.len())
            );
            let statement = some.iter().fold(sqlx::query(AssertSqlSafe(text)).bind(import), &bind);
            statement.execute(tx.connection()).await?;
        }
        Ok(())
    }
}
