//! Results of surveys by month.

use domain::calendar::Month;
use domain::i18n::Language;
use domain::reports::ResultLine;
use domain::survey::Score;

#[test]
fn months_are_parsed_formatted_and_counted_back() {
    let month = Month::parse("2026-01").unwrap();
    assert_eq!(month.back(1).to_string(), "2025-12");
    assert_eq!(month.back(13).to_string(), "2024-12");
    assert_eq!(month.back(0), month);
    for wrong in ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "+026-01", "2026-01-01"] {
        assert_eq!(Month::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn results_are_counted_in_whole_numbers() {
    let line = ResultLine {
        group: String::new(),
        asked: 3,
        answered: 2,
        refused: 0,
        scores: (425 + 300, 2),
        marks: (1, 1, 3),
    };
    assert_eq!((line.response_percent(), line.score(), line.nps()), (Some(67), Some(Score(363)), Some(0)));
    assert_eq!(Score(405).message(Language::Es), "4,05");
    assert_eq!(Score(405).message(Language::En), "4.05");
    let none = ResultLine::default();
    assert_eq!((none.response_percent(), none.score(), none.nps()), (None, None, None));
}
