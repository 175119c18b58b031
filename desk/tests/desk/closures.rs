//! Closures of a calendar as an iCalendar file: what is read, what is refused with its line, and the way out and back.

use chrono::NaiveDate;
use desk::DeskError;
use desk::settings::{
    ClosuresRead, Fields, IcsReason, Outcome, Request, Subject, add_closures, change_entry, entry,
    export_closures, read_closures,
};
use desk::store::Engine;
use domain::actor::Role;
use domain::calendar::week::{Closure, DayPart};
use domain::i18n::Language;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{TestDesk, both_engines, staff};

both_engines! {
    closures_written_and_read_back_change_nothing,
    closures_of_a_file_are_added_and_noted_anew,
    closures_are_written_for_supervisors_and_for_no_agent,
}

const THIS_YEAR: i32 = 2026;

/// A file with these lines in its calendar.
fn file(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", lines.replace('\n', "\r\n"))
}

fn read(text: &str) -> ClosuresRead {
    read_closures(text.as_bytes(), THIS_YEAR)
}

/// What is closed, as text.
fn told(read: &ClosuresRead) -> Vec<String> {
    let line = |closure: &Closure| {
        let Closure { date, part, name } = closure;
        let hours = if *part == DayPart::WHOLE {
            String::new()
        } else {
            format!(" {}-{}", part.from_s() / 3600, part.to_s() / 3600)
        };
        format!("{date}{hours} {name}")
    };
    read.closures.iter().map(line).collect()
}

#[test]
fn whole_days_and_parts_of_a_day_are_read() {
    let text = file(
        "BEGIN:VTIMEZONE\nTZID:America/Caracas\nBEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\nEND:VTIMEZONE
BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261225\nSUMMARY:Nochebuena\\, todo el d\u{ed}a\nEND:VEVENT
BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270104\nDTEND;VALUE=DATE:20270107\nSUMMARY:Inven\n tario\nBEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT
begin:vevent\ndtstart:20270201\nsummary:Sin final\nend:vevent
BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270301\nDURATION:P2D\nSUMMARY:Dos\nEND:VEVENT
BEGIN:VEVENT\nDTSTART:20270305T120000\nDTEND:20270306T000000\nSUMMARY:Tarde\nEND:VEVENT
",
    );
    let found = read(&text);
    assert_eq!(found.problems, vec![]);
    assert_eq!(
        told(&found),
        [
            "2026-12-24 Nochebuena, todo el día",
            "2027-01-04 Inventario",
            "2027-01-05 Inventario",
            "2027-01-06 Inventario",
            "2027-02-01 Sin final",
            "2027-03-01 Dos",
            "2027-03-02 Dos",
            "2027-03-05 12-24 Tarde",
        ]
    );
}

#[test]
fn yearly_event_is_closed_this_year_and_ten_more() {
    let of_rule = |rule: &str| {
        let lines =
            format!("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20200725\n{rule}\nSUMMARY:Caracas\nEND:VEVENT\n");
        let found = read(&file(&lines));
        assert_eq!(found.problems, vec![], "{rule}");
        let years = found.closures.iter().map(|closure| closure.date.to_string()[..4].parse().unwrap());
        years.collect::<Vec<i32>>()
    };
    assert_eq!(of_rule("RRULE:FREQ=YEARLY"), (2026..=2036).collect::<Vec<_>>());
    assert_eq!(of_rule("RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=25;COUNT=8"), [2026, 2027]);
    assert_eq!(of_rule("RRULE:FREQ=YEARLY;INTERVAL=1;UNTIL=20280724"), [2026, 2027]);
    assert_eq!(of_rule("RRULE:FREQ=YEARLY;COUNT=9\nEXDATE;VALUE=DATE:20270725"), [2026, 2028]);
}

#[test]
fn what_cannot_be_a_closure_is_told_with_its_line() {
    let event = |lines: &str| file(&format!("BEGIN:VEVENT\nSUMMARY:X\n{lines}\nEND:VEVENT\n"));
    let day = "DTSTART;VALUE=DATE:20261224";
    for (text, line, reason) in [
        (String::new(), 1, IcsReason::NotACalendar),
        ("\n\ncontract,plan\n".to_owned(), 3, IcsReason::NotACalendar),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:X\n".to_owned(), 3, IcsReason::Incomplete),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n".to_owned(), 2, IcsReason::Unreadable),
        (file("BEGIN:VTODO\nSUMMARY:X\nEND:VTODO\n"), 3, IcsReason::NotAnEvent),
        (event("LOCATION:nowhere"), 3, IcsReason::NoDay),
        (event("DTSTART:20261399"), 5, IcsReason::NoDay),
        (event("DTSTART:20261224T080000Z\nDTEND:20261224T090000Z"), 5, IcsReason::Times),
        (event("DTSTART;TZID=America/Bogota:20261224T080000\nDTEND:20261224T090000"), 5, IcsReason::Times),
        (event("DTSTART:20261224T080000"), 5, IcsReason::Length),
        (event("DTSTART:20261224T080000\nDTEND:20261225T090000"), 6, IcsReason::Length),
        (event(&format!("{day}\nDTEND;VALUE=DATE:20261223")), 6, IcsReason::Length),
        (event(&format!("{day}\nDTEND;VALUE=DATE:20291224")), 6, IcsReason::Length),
        (event(&format!("{day}\nRRULE:FREQ=WEEKLY;COUNT=3")), 6, IcsReason::Recurrence),
        (event(&format!("{day}\nRRULE:FREQ=YEARLY;BYDAY=1MO")), 6, IcsReason::Recurrence),
        (event(&format!("{day}\nRRULE:FREQ=YEARLY;INTERVAL=2")), 6, IcsReason::Recurrence),
        (event(&format!("{day}\nRDATE;VALUE=DATE:20270101")), 6, IcsReason::Recurrence),
        (event(&format!("{day}\nRECURRENCE-ID;VALUE=DATE:20261224")), 6, IcsReason::Exception),
        (event(&format!("{day}\nSTATUS:CANCELLED")), 6, IcsReason::Cancelled),
        (file(&format!("BEGIN:VEVENT\n{day}\nEND:VEVENT\n")), 3, IcsReason::Note),
        (
            file(&format!("BEGIN:VEVENT\n{day}\nSUMMARY:{}\nEND:VEVENT\n", "x".repeat(121))),
            5,
            IcsReason::Note,
        ),
    ] {
        let found = read(&text);
        assert_eq!(found.closures, vec![], "{text}");
        let [problem] = &found.problems[..] else { panic!("{text}: {:?}", found.problems) };
        assert_eq!((problem.line, problem.reason), (line, reason), "{text}");
        for language in Language::ALL {
            let words = problem.message(language);
            assert!(words.contains(&line.to_string()) && !words.contains("%{"), "{words}");
        }
    }
    // The others of the file are read all the same.
    let mixed = file(&format!(
        "BEGIN:VEVENT\n{day}\nSUMMARY:A\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20261224T080000Z\nSUMMARY:B\nEND:VEVENT\n"
    ));
    assert_eq!((read(&mixed).closures.len(), read(&mixed).problems.len()), (1, 1));
    let latin = [b"BEGIN:VCALENDAR\nX-A:".as_slice(), &[0xe9], b"\nEND:VCALENDAR\n"].concat();
    let found = read_closures(&latin, THIS_YEAR);
    assert_eq!((found.problems[0].line, found.problems[0].reason), (2, IcsReason::NotText));
    let large = vec![b' '; desk::settings::ICS_BYTES_MAX + 1];
    assert_eq!(read_closures(&large, THIS_YEAR).problems[0].reason, IcsReason::TooLarge);
}

proptest! {
    #[test]
    fn no_file_panics(text in "(BEGIN:VCALENDAR\n)?((BEGIN:|END:|DTSTART:|DTEND:|RRULE:|SUMMARY:|EXDATE:)?[A-Z0-9;=é\\\\]{0,12}\n ?){0,12}") {
        let _ = read(&text);
    }
}

async fn calendar(at: &TestDesk) -> Fields {
    entry(&at.desk, &staff(Role::Supervisor), Subject::Calendars, 1, at.desk.now()).await.unwrap()
}

async fn save(at: &TestDesk, fields: Fields) {
    let request = Request::Apply { effective_from: at.desk.now() };
    let changed =
        change_entry(&at.desk, &staff(Role::Administrator), Subject::Calendars, fields, request).await;
    let report = changed.unwrap().1;
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
}

async fn closures_written_and_read_back_change_nothing(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    // Names of any legible kind; several closures of one day, whole and in part.
    let name = "[A-Za-zñáü;,:\"\\\\ ]{0,80}";
    let closures = prop::collection::vec((0_u64..40, 0_u32..3, name), 0..25);
    let empty = calendar(&at).await;
    for _ in 0..8 {
        let random = closures.clone().new_tree(&mut runner).unwrap().current();
        let mut fields = empty.clone();
        fields.insert("version".to_owned(), calendar(&at).await["version"].clone());
        for (row, (day, part, name)) in random.iter().enumerate() {
            let date = NaiveDate::from_ymd_opt(2026, 12, 10).unwrap() + chrono::Days::new(*day);
            fields.insert(format!("closures.{row}.date"), date.to_string());
            fields.insert(format!("closures.{row}.name"), format!("N{name}"));
            if *part > 0 {
                fields.insert(format!("closures.{row}.hours"), format!("0{part}:30-24:00"));
            }
        }
        save(&at, fields).await;
        let text = export_closures(&at.desk, &staff(Role::Supervisor), 1).await.unwrap();
        let found = read(&text);
        assert_eq!((found.closures.len(), &found.problems), (random.len(), &vec![]), "{text}");
        let stored = calendar(&at).await;
        let mut again = stored.clone();
        assert_eq!(add_closures(&mut again, &found.closures), 0, "{text}");
        assert_eq!(again, stored);
        let unfolded = icalendar::parser::unfold(&text);
        let independent = icalendar::parser::read_calendar(&unfolded).unwrap();
        assert_eq!(independent.components.len(), random.len());
    }
}

async fn closures_of_a_file_are_added_and_noted_anew(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut fields = calendar(&at).await;
    for (key, text) in [("date", "2026-12-24"), ("name", "Nochebuena")] {
        fields.insert(format!("closures.0.{key}"), text.to_owned());
    }
    save(&at, fields).await;
    let text = file(
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Víspera\nEND:VEVENT
BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261231\nSUMMARY:Fin de año\nEND:VEVENT
",
    );
    let mut fields = calendar(&at).await;
    assert_eq!(add_closures(&mut fields, &read(&text).closures), 2);
    save(&at, fields).await;
    let fields = calendar(&at).await;
    let of = |row: usize, part: &str| fields.get(&format!("closures.{row}.{part}")).map(String::as_str);
    assert_eq!((of(0, "date"), of(0, "name")), (Some("2026-12-24"), Some("Víspera")));
    assert_eq!((of(1, "date"), of(1, "name"), of(2, "date")), (Some("2026-12-31"), Some("Fin de año"), None));
}

async fn closures_are_written_for_supervisors_and_for_no_agent(engine: Engine) {
    let at = TestDesk::open(engine).await;
    assert!(export_closures(&at.desk, &staff(Role::Supervisor), 1).await.is_ok());
    let refused = export_closures(&at.desk, &staff(Role::Agent), 1).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    let missing = export_closures(&at.desk, &staff(Role::Supervisor), 99).await;
    assert!(matches!(missing, Err(DeskError::NotFound)));
}
