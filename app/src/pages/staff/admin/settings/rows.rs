//! Rows of lists whose order is set by a number in each row: plain forms have no other way to move one.

use std::collections::BTreeMap;

use desk::settings::Fields;
use leptos::prelude::*;

use super::labels::label;
use super::{Access, Form};
use crate::language::use_language;

/// The name of the field with a row's number, counted from 1 within its group.
pub(super) const PLACE: &str = "place";
/// The field that puts rows of one list into groups.
const GROUP: &str = "category";

/// How many rows of a list the form has.
pub(super) fn count(form: &Form, list: &str) -> usize {
    let place =
        |key: &String| key.strip_prefix(list)?.strip_prefix('.')?.split('.').next()?.parse::<usize>().ok();
    form.fields.keys().filter_map(place).max().map_or(0, |last| last + 1)
}

/// The field with the number of a row; `None` for a row that is still empty.
pub(super) fn place(form: &Form, row: &str, number: Option<usize>) -> AnyView {
    let name = format!("{row}.{PLACE}");
    let (id, words) = (name.replace('.', "-"), label(use_language(), &name));
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    view! {
        <label class="sr" for=id.clone()>{words}</label>
        <input class="field__input" id=id name=name type="text" inputmode="numeric" size="2" value=number
            autocomplete="off" readonly=form.access == Access::Read/>
    }
    .into_any()
}

/// A row of a list: its fields by name.
type Row = BTreeMap<String, String>;

/// The fields with the rows of each group in the order of their numbers, which are gone. A row whose number was changed stands
/// at that place, and the others make room. A row without a number stays behind those that have one.
pub(super) fn arranged(fields: Fields) -> Fields {
    let mut arranged = Fields::new();
    let mut lists: BTreeMap<String, BTreeMap<usize, Row>> = BTreeMap::new();
    for (key, value) in fields {
        let mut steps = key.splitn(3, '.');
        let row = (steps.next(), steps.next().and_then(|place| place.parse::<usize>().ok()), steps.next());
        match row {
            (Some(list), Some(place), Some(name)) => {
                let row = lists.entry(list.to_owned()).or_default().entry(place).or_default();
                row.insert(name.to_owned(), value);
            }
            _ => drop(arranged.insert(key, value)),
        }
    }
    for (list, rows) in lists {
        for (place, row) in in_order(rows) {
            arranged.extend(row.into_iter().map(|(name, value)| (format!("{list}.{place}.{name}"), value)));
        }
    }
    arranged
}

fn in_order(rows: BTreeMap<usize, Row>) -> Vec<(usize, Row)> {
    let mut groups: BTreeMap<String, Vec<(usize, Row)>> = BTreeMap::new();
    for (place, row) in rows {
        groups.entry(row.get(GROUP).cloned().unwrap_or_default()).or_default().push((place, row));
    }
    let sorted = groups.into_values().flat_map(|group| {
        let places: Vec<usize> = group.iter().map(|(place, _)| *place).collect();
        let mut group: Vec<(u64, Row)> =
            group.into_iter().enumerate().map(|(at, (_, row))| (weight(at, row.get(PLACE)), row)).collect();
        group.sort_by_key(|(weight, _)| *weight);
        let rows = group.into_iter().map(|(_, mut row)| {
            row.remove(PLACE);
            row
        });
        places.into_iter().zip(rows).collect::<Vec<_>>()
    });
    sorted.collect()
}

/// Where a row belongs that stood at `at`, from 0. Moved up it stands before the row of that number, moved down behind it.
fn weight(at: usize, number: Option<&String>) -> u64 {
    let stood = u64::try_from(at).unwrap_or(u64::MAX / 4) + 1;
    match number.and_then(|number| number.trim().parse::<u32>().ok()).map(u64::from) {
        None => u64::MAX,
        Some(number) if number < stood => 2 * number,
        Some(number) if number > stood => 2 * number + 2,
        Some(number) => 2 * number + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes in order, of rows that are given as code, group and number.
    fn codes(rows: &[(&str, &str, &str)]) -> Vec<String> {
        let mut fields = Fields::from([("choice".to_owned(), "optional".to_owned())]);
        for (at, (code, group, number)) in rows.iter().enumerate() {
            for (name, value) in [("code", code), (GROUP, group), (PLACE, number)] {
                fields.insert(format!("causes.{at}.{name}"), (*value).to_owned());
            }
        }
        let arranged = arranged(fields);
        assert!(arranged.contains_key("choice") && !arranged.keys().any(|key| key.ends_with(PLACE)));
        (0..rows.len()).map(|at| arranged[&format!("causes.{at}.code")].clone()).collect()
    }

    #[test]
    fn rows_stay_where_their_numbers_say_so() {
        assert_eq!(codes(&[("a", "", "1"), ("b", "", "2"), ("c", "", "")]), ["a", "b", "c"]);
    }

    #[test]
    fn row_moves_to_its_number_and_the_others_make_room() {
        assert_eq!(codes(&[("a", "", "1"), ("b", "", "2"), ("c", "", "1")]), ["c", "a", "b"]);
        assert_eq!(codes(&[("a", "", "3"), ("b", "", "2"), ("c", "", "3")]), ["b", "c", "a"]);
        assert_eq!(codes(&[("a", "", "x"), ("b", "", "2"), ("c", "", "3")]), ["b", "c", "a"]);
    }

    #[test]
    fn groups_keep_their_places_in_the_list() {
        assert_eq!(codes(&[("a", "n", "2"), ("x", "m", "1"), ("b", "n", "2")]), ["b", "x", "a"]);
    }
}
