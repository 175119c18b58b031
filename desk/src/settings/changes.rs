//! Differences between two entries of a file, key by key.

use serde::Serialize;
use toml::Value;

use crate::store::StoreError;

/// A changed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Key, such as `targets.P2.resolution`.
    pub key: String,
    /// Value before, as TOML; `None` when it was absent.
    pub from: Option<String>,
    /// Value after, as TOML; `None` when it is absent.
    pub to: Option<String>,
}

/// Keys that name an entry and are no change of it.
const NAMING: [&str; 2] = ["id", "version"];

/// Keys that name a table in a list.
const NAMES: [&str; 3] = ["date", "code", "key"];

/// Every key in which the entries differ, in the order of the file.
pub(super) fn between<T: Serialize>(before: &T, after: &T) -> Result<Vec<FieldChange>, StoreError> {
    let (before, after) = (leaves(before)?, leaves(after)?);
    let value = |leaves: &[(String, String)], key: &str| {
        leaves.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let gone = before.iter().filter(|(key, _)| value(&after, key).is_none());
    let keys = after.iter().chain(gone).map(|(key, _)| key);
    let change =
        |key: &String| FieldChange { key: key.clone(), from: value(&before, key), to: value(&after, key) };
    let changed =
        keys.map(change).filter(|change| !NAMING.contains(&change.key.as_str()) && change.from != change.to);
    Ok(changed.chain(moved(&before, &after)).collect())
}

/// The lists whose rows stand in another order. Rows are known by their code, so moving one changes no row.
fn moved(before: &[(String, String)], after: &[(String, String)]) -> Vec<FieldChange> {
    let mut lists: Vec<&str> = after.iter().filter_map(|(key, _)| Some(key.split_once('.')?.0)).collect();
    lists.dedup();
    let rows = |of: &[(String, String)], others: &[(String, String)], list: &str| {
        let common = of.iter().filter(|(key, _)| others.iter().any(|(other, _)| other == key));
        let rows = common.filter_map(|(key, _)| key.strip_prefix(list)?.strip_prefix('.'));
        rows.collect::<Vec<_>>().join(", ")
    };
    let change = |list: &str| FieldChange {
        key: list.to_owned(),
        from: Some(rows(before, after, list)),
        to: Some(rows(after, before, list)),
    };
    lists.into_iter().map(change).filter(|change| change.from != change.to).collect()
}

/// The values of an entry by key. A list of values is one value; a list of tables gives one value per table.
fn leaves<T: Serialize>(entry: &T) -> Result<Vec<(String, String)>, StoreError> {
    let mut leaves = Vec::new();
    collect("", &value(entry)?, &mut leaves);
    Ok(leaves)
}

/// An entry as TOML. By way of its text: `Value::try_from` of toml 0.9 makes a table of a date.
pub(super) fn value<T: Serialize>(entry: &T) -> Result<Value, StoreError> {
    let unreadable = |error: &dyn std::fmt::Display| StoreError::inconsistent("settings", error);
    let text = toml::to_string(entry).map_err(|error| unreadable(&error))?;
    text.parse().map(Value::Table).map_err(|error: toml::de::Error| unreadable(&error))
}

fn collect(key: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                collect(&below(name), value, leaves);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_table) => {
            // A table in a list is identified by its date, code or key, so that an added one changes no other; one without by its
            // place.
            for (place, entry) in entries.iter().enumerate() {
                let name = |entry: &Value| NAMES.iter().find_map(|name| entry.get(name)).cloned();
                let known = name(entry);
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let known_by = known.as_ref().map_or_else(|| place.to_string(), text);
                let is_part = |other: &&Value| known.is_some() && name(other) == known;
                let parts = entries[..place].iter().filter(is_part).count();
                let name = if parts == 0 { known_by } else { format!("{known_by}#{}", parts + 1) };
                leaves.push((below(&name), entry.to_string()));
            }
        }
        value => leaves.push((key.to_owned(), value.to_string())),
    }
}
