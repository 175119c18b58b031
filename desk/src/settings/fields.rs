//! An entry as the fields of a form: text by key. A form says what a file says, and is read by the same rules.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::changes;
use super::file::{FileProblem, SettingsFile, Subject};
use super::subjects::rules;
use crate::store::StoreError;

/// The values of one entry by key: `targets.P1.resolution` is `8h`, `closures.0.date` is `2026-12-24`. Lists of values are
/// one field, divided by commas.
pub type Fields = BTreeMap<String, String>;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A whole number.
    Number,
    /// Whole numbers, divided by commas.
    Numbers,
    /// A duration, as `8h`.
    Duration,
    /// Hours of a day, as `08:00-12:00`.
    Hours,
    /// Several of them, divided by commas.
    ManyHours,
    /// Priorities, divided by commas.
    Priorities,
    /// Texts, divided by commas.
    Texts,
    /// A day, as `2026-12-24`.
    Date,
    /// Several of them, divided by commas.
    Dates,
    /// A list of rows without any row.
    NoRows,
}

impl FieldKind {
    /// What the field of this key holds.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let mut steps = key.split('.');
        match (steps.next().unwrap_or_default(), steps.next_back().unwrap_or_default()) {
            ("warning_levels", _) | ("closing", "reminder_days") => Self::Numbers,
            ("no_show_wait" | "targets", _) | ("survey", "retry") => Self::Duration,
            ("closing", "reopen_budget") | ("survey", "questionnaire") => Self::Text,
            ("id" | "version" | "link_days" | "waiting" | "closing" | "survey", _)
            | ("formats", "year_from") => Self::Number,
            ("matrix", _) => Self::Priorities,
            ("hours", _) => Self::ManyHours,
            ("closures", "date") => Self::Date,
            ("worked_holidays", _) => Self::Dates,
            ("closures", "hours") => Self::Hours,
            (
                "hotlines" | "contracts" | "formats" | "categories" | "causes" | "questions" | "reasons",
                "",
            ) => Self::NoRows,
            ("countries" | "skills" | "members" | "off", _) => Self::Texts,
            _ => Self::Text,
        }
    }

    /// The value of a text. One that is not of this kind stays text, and is refused where the entry is read.
    fn value(self, text: &str) -> Value {
        let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let number = |text: &str| text.parse().map_or_else(|_| Value::from(text), Value::Integer);
        let date = |text: &str| text.parse().map_or_else(|_| Value::from(text), Value::Datetime);
        match self {
            Self::Text | Self::Duration | Self::Hours => Value::from(text),
            Self::Number => number(text),
            Self::Numbers => Value::Array(parts().map(number).collect()),
            Self::ManyHours | Self::Priorities | Self::Texts => {
                Value::Array(parts().map(Value::from).collect())
            }
            Self::Date => date(text),
            Self::Dates => Value::Array(parts().map(date).collect()),
            Self::NoRows => Value::Array(Vec::new()),
        }
    }
}

/// The fields of an entry.
pub(super) fn of_entry(entry: &impl serde::Serialize) -> Result<Fields, StoreError> {
    let mut fields = Fields::new();
    collect(String::new(), &changes::value(entry)?, &mut fields);
    Ok(fields)
}

fn collect(key: String, value: &Value, fields: &mut Fields) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                collect(below(name), value, fields);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_table) => {
            for (place, entry) in entries.iter().enumerate() {
                collect(below(&place.to_string()), entry, fields);
            }
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(text).collect();
            fields.insert(key, values.join(", "));
        }
        value => {
            fields.insert(key, text(value));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The file that holds this one entry. Rows without any text are left out; the rows that are left are counted anew, in
/// `fields` as well.
pub(super) fn file(subject: Subject, fields: &mut Fields) -> Result<SettingsFile, StoreError> {
    *fields = tidy(std::mem::take(fields));
    let mut entry = Table::new();
    // A form shows every row: without one the list is empty. A file without the key has the standing rows.
    for list in rules(subject).lists() {
        put(&mut entry, list, FieldKind::NoRows.value(""));
    }
    let mut ordered: Vec<(&String, &String)> = fields.iter().collect();
    // Rows are put one after the other: the tenth comes after the ninth.
    ordered.sort_by_key(|(key, _)| place(key));
    for (key, text) in ordered {
        if !text.is_empty() || !is_optional(key) {
            put(&mut entry, key, FieldKind::of(key).value(text));
        }
    }
    let file = match subject.table() {
        Some(table) => Table::from_iter([(table.to_owned(), Value::Array(vec![Value::Table(entry)]))]),
        None => entry,
    };
    let text = toml::to_string(&file).map_err(|error| StoreError::inconsistent("settings", error))?;
    Ok(SettingsFile { subject, text })
}

/// The place of a row in its list; 0 for a field that is in no list.
fn place(key: &str) -> usize {
    key.split('.').nth(1).and_then(|place| place.parse().ok()).unwrap_or_default()
}

/// Whether an entry may lack the key. Of any other key an empty text is a value, which the rules judge.
fn is_optional(key: &str) -> bool {
    let list = |list: &str| key.strip_prefix(list).and_then(|rest| rest.split('.').next_back());
    let of_format = list("contracts.").or_else(|| list("formats."));
    let hours_of_closure = key.strip_prefix("closures.").and_then(|rest| rest.strip_suffix(".hours"));
    let is_single = matches!(
        key,
        "id" | "version"
            | "holidays"
            | "worked_holidays"
            | "no_show_wait"
            | "logo"
            | "accent"
            | "link_days"
            | "state"
    );
    is_single
        || key.starts_with("mail.")
        || key.starts_with("text.")
        || matches!(key.split_once('.'), Some(("es" | "en" | "pt", _)))
        || key.starts_with("cases.")
        || matches!(key.strip_prefix("survey."), Some("low_recommend_at_most" | "questionnaire"))
        || hours_of_closure.is_some()
        || matches!(of_format, Some("country" | "check" | "platform" | "year_from" | "months"))
}

/// Most steps of a key. None of ours has more; a deeper one is no field, and would nest as deep as it is long.
const STEPS_MOST: usize = 4;

/// The fields without blanks around their texts, and the rows of lists (`list.place.key`) without gaps.
#[must_use]
pub fn tidy(fields: Fields) -> Fields {
    let row = |key: &str| {
        let mut steps = key.splitn(3, '.');
        let (list, place, rest) = (steps.next()?, steps.next()?.parse::<usize>().ok()?, steps.next()?);
        Some((list.to_owned(), place, rest.to_owned()))
    };
    let known = fields.into_iter().filter(|(key, _)| key.split('.').count() <= STEPS_MOST);
    let trimmed = known.map(|(key, text)| (key, text.trim().to_owned()));
    let (rows, mut left): (Vec<_>, Fields) = {
        let mut rows = Vec::new();
        let mut left = Fields::new();
        for (key, text) in trimmed {
            match row(&key) {
                Some((list, place, rest)) => rows.push((list, place, rest, text)),
                // A place without a key is no field; rows are counted by the places that are left.
                None if key.split_once('.').is_some_and(|(_, place)| place.parse::<usize>().is_ok()) => {}
                None => drop(left.insert(key, text)),
            }
        }
        (rows, left)
    };
    let mut filled: Vec<(&str, usize)> = rows
        .iter()
        .filter(|(.., rest, text)| !text.is_empty() && !is_chosen(rest))
        .map(|(list, place, ..)| (list.as_str(), *place))
        .collect();
    filled.sort_unstable();
    filled.dedup();
    for (list, place, rest, text) in &rows {
        let before = filled.iter().filter(|(other, _)| other == list);
        if let Some(place) = before.clone().position(|(_, filled)| filled == place) {
            left.insert(format!("{list}.{place}.{rest}"), text.clone());
        }
    }
    left
}

/// Whether the field is a choice or given by the page, so that it stands in a row that is otherwise empty as well.
fn is_chosen(key: &str) -> bool {
    matches!(key, "country" | "check" | "platform" | "months" | "category" | "state" | "kind" | "need")
}

/// Puts a value below the tables and lists that its key names.
fn put(table: &mut Table, key: &str, value: Value) {
    let Some((name, rest)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return;
    };
    let row = rest.split_once('.').and_then(|(place, rest)| Some((place.parse::<usize>().ok()?, rest)));
    match row {
        Some((place, rest)) => {
            let rows = table.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(rows) = rows else { return };
            // Keys come in the order of their letters: place 10 before place 2. Places have no gaps.
            while rows.len() <= place {
                rows.push(Value::Table(Table::new()));
            }
            if let Some(Value::Table(row)) = rows.get_mut(place) {
                put(row, rest, value);
            }
        }
        None => {
            if let Value::Table(below) = table.entry(name).or_insert_with(|| Value::Table(Table::new())) {
                put(below, rest, value);
            }
        }
    }
}

impl FileProblem {
    /// The key of the field that it lies with, as [`Fields`] has it: `plan[1].targets.P1.first_response` is
    /// `targets.P1.first_response`. Empty when the entry as a whole is at fault.
    #[must_use]
    pub fn field(&self) -> String {
        let key = match self.subject.table() {
            Some(_) => self.key.split_once('.').map_or("", |(_, key)| key),
            None => &self.key,
        };
        if key.is_empty() {
            return String::new();
        }
        let steps = key.split(['.', '[']).map(|step| match step.strip_suffix(']') {
            // Places are counted from 1 in a file's key.
            Some(place) => place
                .parse::<usize>()
                .map_or_else(|_| place.to_owned(), |at| at.saturating_sub(1).to_string()),
            None => step.to_owned(),
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_without_a_key_makes_no_rows() {
        let fields = [("closures.99999999999", "x"), ("closures.3.day", "2026-01-01"), ("name", "Uno")];
        let fields = fields.map(|(key, text)| (key.to_owned(), text.to_owned())).into_iter().collect();
        let tidied: Vec<String> = tidy(fields).into_keys().collect();
        assert_eq!(tidied, ["closures.0.day", "name"]);
    }
}
