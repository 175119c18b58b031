//! Entries that are no history of a case.

use crate::case::{History, contact, eight_to_five, resolved};
use domain::case::{Case, HistoryProblem, Recorded};
use domain::priority::Priority;

fn entries() -> Vec<Recorded> {
    let (_, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P2);
    history.at(60, contact());
    history.at(3600, resolved("Cable reemplazado"));
    history.entries().to_vec()
}

fn problem(entries: &[Recorded]) -> HistoryProblem {
    Case::from_history(entries).unwrap_err()
}

#[test]
fn history_without_entries_is_refused() {
    assert_eq!(problem(&[]), HistoryProblem::OutOfPlace(0));
}

#[test]
fn history_that_does_not_begin_with_an_opening_is_refused() {
    assert_eq!(problem(&entries()[1..]), HistoryProblem::OutOfPlace(2));
}

#[test]
fn second_opening_is_refused() {
    let mut entries = entries();
    let mut again = entries[0].clone();
    again.version = 4;
    entries.push(again);
    assert_eq!(problem(&entries), HistoryProblem::OutOfPlace(4));
}

#[test]
fn history_whose_versions_do_not_count_up_by_one_is_refused() {
    let complete = entries();
    assert_eq!(Case::from_history(&complete).unwrap().version, 3);

    let mut with_gap = complete.clone();
    with_gap.remove(1);
    assert_eq!(problem(&with_gap), HistoryProblem::Gap { after: 1, found: 3 });

    let mut twice = complete.clone();
    twice.insert(2, complete[1].clone());
    assert_eq!(problem(&twice), HistoryProblem::Gap { after: 2, found: 2 });

    let mut swapped = complete.clone();
    swapped.swap(1, 2);
    assert_eq!(problem(&swapped), HistoryProblem::Gap { after: 1, found: 3 });

    let mut late_opening = complete;
    late_opening[0].version = 2;
    assert_eq!(problem(&late_opening), HistoryProblem::Gap { after: 0, found: 2 });
}
