//! Settings as the fields of a form: what is read, what is changed, and at which field something is wrong.

use desk::settings::{
    Fields, Outcome, Reason, Request, SettingsReport, Subject, calendar_year, change_entry, entry, overview,
};
use desk::store::Engine;
use desk::{Desk, DeskError};
use domain::actor::{Actor, Role};
use domain::country::Country;

use crate::support::{START, TestDesk, both_engines, staff};

both_engines! {
    a_form_sent_as_it_was_read_changes_nothing,
    a_changed_field_is_one_change,
    a_wrong_field_is_told_by_its_key,
    rows_without_text_are_left_out,
    a_form_without_an_id_is_a_new_entry,
    a_form_older_than_another_persons_change_is_refused,
    a_change_planned_by_another_person_is_not_superseded_unseen,
    a_key_of_many_steps_is_no_field,
    an_earlier_entry_is_taken_up_again,
    the_overview_counts_contracts_and_hours,
    a_year_shows_holidays_closures_and_open_hours,
    a_worked_holiday_is_open_and_a_day_that_is_none_is_refused,
}

/// The first entry of a subject.
async fn first(at: &TestDesk, subject: Subject) -> Fields {
    entry(&at.desk, &staff(Role::Supervisor), subject, 1, at.desk.now()).await.unwrap()
}

async fn sent(desk: &Desk, subject: Subject, fields: Fields, request: Request) -> (Fields, SettingsReport) {
    change_entry(desk, &staff(Role::Administrator), subject, fields, request).await.unwrap()
}

async fn shown(at: &TestDesk, subject: Subject, fields: Fields) -> (Fields, SettingsReport) {
    sent(&at.desk, subject, fields, Request::DryRun { effective_from: at.desk.now() }).await
}

async fn saved(at: &TestDesk, subject: Subject, fields: Fields) -> SettingsReport {
    sent(&at.desk, subject, fields, Request::Apply { effective_from: at.desk.now() }).await.1
}

/// The fields with some of them written otherwise.
fn with(fields: &Fields, other: &[(&str, &str)]) -> Fields {
    let mut fields = fields.clone();
    fields.extend(other.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())));
    fields
}

/// The fields that something is wrong with.
fn wrong(report: &SettingsReport) -> Vec<String> {
    report.problems.iter().map(desk::settings::FileProblem::field).collect()
}

async fn a_form_sent_as_it_was_read_changes_nothing(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let all = overview(&at.desk, &staff(Role::Supervisor)).await.unwrap();
    let calendars = all.calendars.iter().map(|calendar| (Subject::Calendars, calendar.id));
    let plans = all.plans.iter().map(|plan| (Subject::Plans, plan.id));
    for (subject, id) in calendars.chain(plans) {
        let fields = entry(&at.desk, &staff(Role::Supervisor), subject, id, at.desk.now()).await.unwrap();
        let (read, report) = shown(&at, subject, fields.clone()).await;
        assert_eq!((report.changes, report.problems, report.unchanged), (vec![], vec![], 1), "{fields:?}");
        assert_eq!(read, fields);
    }
}

async fn a_changed_field_is_one_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let fields = first(&at, Subject::Plans).await;
    assert_eq!(fields["targets.P1.resolution"], "8h");
    let report = saved(&at, Subject::Plans, with(&fields, &[("targets.P1.resolution", " 6h ")])).await;
    assert_eq!(report.outcome, Outcome::Written);
    let changed = report.changes[0].fields.as_ref().unwrap();
    assert_eq!((changed.len(), &*changed[0].key), (1, "targets.P1.resolution"));
    assert_eq!(first(&at, Subject::Plans).await["targets.P1.resolution"], "6h");
}

async fn a_wrong_field_is_told_by_its_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    for (subject, key, text) in [
        (Subject::Plans, "targets.P1.first_response", "2h"),
        (Subject::Plans, "targets.P3.resolution", "soon"),
        (Subject::Plans, "name", ""),
        (Subject::Plans, "calendar", "Nowhere"),
        (Subject::Plans, "warning_levels", "90, 50"),
        (Subject::Plans, "closing.decision_days", "many"),
        (Subject::Plans, "closing.reminder_days", "9, 1"),
        (Subject::Plans, "waiting.max_total_days", "1.5"),
        (Subject::Calendars, "name", " "),
        (Subject::Calendars, "holidays", "ZZ"),
    ] {
        let fields = with(&first(&at, subject).await, &[(key, text)]);
        let (read, report) = shown(&at, subject, fields).await;
        assert_eq!(wrong(&report), [key], "{text:?}: {:?}", report.problems);
        assert_eq!(read[key], text.trim(), "what was typed stays");
    }
    let calendar = first(&at, Subject::Calendars).await;
    for (fields, place) in [
        (&[("hours.monday", "08:00-12:00, 13-17")][..], "hours.monday.1"),
        (&[("closures.0.date", "24/12/2026"), ("closures.0.name", "Nochebuena")], "closures.0.date"),
        (
            &[
                ("closures.0.date", "2026-12-24"),
                ("closures.0.name", "Nochebuena"),
                ("closures.0.hours", "22:00-06:00"),
            ],
            "closures.0.hours",
        ),
    ] {
        let (_, report) = shown(&at, Subject::Calendars, with(&calendar, fields)).await;
        assert_eq!(wrong(&report), [place], "{:?}", report.problems);
    }
    let nameless = with(&calendar, &[("closures.3.date", "2026-12-24")]);
    let (read, report) = shown(&at, Subject::Calendars, nameless).await;
    assert_eq!(
        (report.problems.len(), &*read["closures.0.date"]),
        (1, "2026-12-24"),
        "{:?}",
        report.problems
    );
}

async fn rows_without_text_are_left_out(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let rows = [
        ("closures.0.date", ""),
        ("closures.0.name", "  "),
        ("closures.2.date", "2026-12-31"),
        ("closures.2.name", "Fin de año"),
        ("closures.2.hours", ""),
        ("closures.11.date", "2026-12-24"),
        ("closures.11.name", "Nochebuena"),
        ("closures.11.hours", "12:00-24:00"),
    ];
    let report = saved(&at, Subject::Calendars, with(&first(&at, Subject::Calendars).await, &rows)).await;
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
    let fields = first(&at, Subject::Calendars).await;
    let closures: Vec<_> = fields.iter().filter(|(key, _)| key.starts_with("closures")).collect();
    assert_eq!(closures.len(), 5, "{closures:?}");
    assert_eq!((&*fields["closures.0.name"], &*fields["closures.0.hours"]), ("Nochebuena", "12:00-24:00"));
    assert_eq!(&*fields["closures.1.name"], "Fin de año");
    assert_eq!((&*fields["closures.0.date"], &*fields["closures.1.date"]), ("2026-12-24", "2026-12-31"));
    let (read, report) = shown(&at, Subject::Calendars, fields.clone()).await;
    assert_eq!((report.changes, report.problems, read), (vec![], vec![], fields), "read and sent again");
}

async fn a_form_without_an_id_is_a_new_entry(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut copy = with(&first(&at, Subject::Plans).await, &[("name", "Premium")]);
    copy.retain(|key, _| key != "id" && key != "version");
    let before = overview(&at.desk, &staff(Role::Supervisor)).await.unwrap().plans.len();
    let report = saved(&at, Subject::Plans, copy.clone()).await;
    assert_eq!((report.outcome, &report.changes[0].fields), (Outcome::Written, &None));
    let plans = overview(&at.desk, &staff(Role::Supervisor)).await.unwrap().plans;
    assert_eq!((plans.len(), &*plans[before].name), (before + 1, "Premium"));
    // A name that is there already is another entry's, whatever its letters.
    let report = saved(&at, Subject::Plans, with(&copy, &[("name", "PREMIUM")])).await;
    assert_eq!((report.outcome, wrong(&report)), (Outcome::Refused, vec!["name".to_owned()]));
}

async fn a_form_older_than_another_persons_change_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read = first(&at, Subject::Plans).await;
    saved(&at, Subject::Plans, with(&read, &[("targets.P1.resolution", "6h")])).await;
    let report = saved(&at, Subject::Plans, with(&read, &[("targets.P1.resolution", "7h")])).await;
    assert_eq!((report.outcome, wrong(&report)), (Outcome::Refused, vec!["version".to_owned()]));
    assert_eq!(report.problems[0].reason, Reason::ChangedMeanwhile);
    assert_eq!(first(&at, Subject::Plans).await["targets.P1.resolution"], "6h");
}

async fn a_change_planned_by_another_person_is_not_superseded_unseen(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read = first(&at, Subject::Plans).await;
    let administrator = staff(Role::Administrator);
    let later = |days: i64| Request::Apply { effective_from: at.desk.now().plus(days * 86_400) };
    let planned = with(&read, &[("targets.P1.resolution", "6h")]);
    change_entry(&at.desk, &administrator, Subject::Plans, planned, later(30)).await.unwrap();
    let report = saved(&at, Subject::Plans, with(&read, &[("targets.P2.resolution", "9h")])).await;
    assert_eq!((report.outcome, wrong(&report)), (Outcome::Refused, vec!["version".to_owned()]));
    // Read again, it can be changed for any day, also for one after the planned change.
    let seen = with(&first(&at, Subject::Plans).await, &[("targets.P2.resolution", "9h")]);
    let (_, report) =
        change_entry(&at.desk, &administrator, Subject::Plans, seen.clone(), later(60)).await.unwrap();
    assert_eq!(report.outcome, Outcome::Written, "{:?}", report.problems);
}

async fn a_key_of_many_steps_is_no_field(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let deep = vec!["a"; 100_000].join(".");
    let (read, report) =
        shown(&at, Subject::Plans, with(&first(&at, Subject::Plans).await, &[(&deep, "x")])).await;
    assert_eq!((report.changes.len(), report.problems.len(), read.contains_key(&deep)), (0, 0, false));
    let (_, report) =
        shown(&at, Subject::Plans, with(&first(&at, Subject::Plans).await, &[("x[0]", "x")])).await;
    assert_eq!(report.problems.len(), 1);
    wrong(&report);
}

async fn an_earlier_entry_is_taken_up_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    at.clock.advance(60);
    saved(&at, Subject::Plans, with(&first(&at, Subject::Plans).await, &[("targets.P1.resolution", "6h")]))
        .await;
    at.clock.advance(60);
    let earlier = entry(&at.desk, &staff(Role::Supervisor), Subject::Plans, 1, START).await.unwrap();
    assert_eq!(earlier["targets.P1.resolution"], "8h");
    assert_eq!(saved(&at, Subject::Plans, earlier).await.outcome, Outcome::Written);
    assert_eq!(first(&at, Subject::Plans).await["targets.P1.resolution"], "8h");
    let nothing = entry(&at.desk, &Actor::System, Subject::Plans, 99, START).await;
    assert!(matches!(nothing, Err(DeskError::NotFound)));
}

async fn the_overview_counts_contracts_and_hours(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let all = overview(&at.desk, &staff(Role::Supervisor)).await.unwrap();
    assert!(all.plans.iter().map(|plan| plan.contracts).sum::<i64>() > 0);
    // Eight by five.
    assert_eq!((all.calendars[0].open_s, all.calendars[0].observes), (40 * 3600, Some(Country::Ve)));
    assert!(all.calendars[0].plans.contains(&all.plans[0].name));
    assert!(matches!(overview(&at.desk, &staff(Role::Agent)).await, Err(DeskError::NotPermitted(_))));
}

async fn a_year_shows_holidays_closures_and_open_hours(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let closure = [
        ("closures.0.date", "2026-12-23"),
        ("closures.0.name", "Inventario"),
        ("closures.0.hours", "12:00-24:00"),
    ];
    saved(&at, Subject::Calendars, with(&first(&at, Subject::Calendars).await, &closure)).await;
    let year = calendar_year(&at.desk, &staff(Role::Supervisor), 1, 2026).await.unwrap();
    assert_eq!(year.len(), 365);
    let day = |date: &str| year.iter().find(|day| day.date.to_string() == date).unwrap();
    assert_eq!((day("2026-03-02").open_s, &day("2026-03-02").closed_for), (8 * 3600, &None));
    assert_eq!(day("2026-03-01").open_s, 0, "a Sunday");
    let holiday = day("2026-07-24");
    assert_eq!((holiday.open_s, holiday.closed_for.is_some()), (0, true), "Bolívar's birthday");
    assert_eq!(
        (day("2026-12-23").open_s, day("2026-12-23").closed_for.as_deref()),
        (4 * 3600, Some("Inventario"))
    );
    let leap = calendar_year(&at.desk, &staff(Role::Supervisor), 1, 2028).await.unwrap();
    assert_eq!(leap.len(), 366);
}

async fn a_worked_holiday_is_open_and_a_day_that_is_none_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let before = first(&at, Subject::Calendars).await;
    let worked = with(&before, &[("worked_holidays", "2026-10-12, 2026-07-24")]);
    assert_eq!(saved(&at, Subject::Calendars, worked).await.outcome, Outcome::Written);
    assert_eq!(first(&at, Subject::Calendars).await["worked_holidays"], "2026-07-24, 2026-10-12");
    let year = calendar_year(&at.desk, &staff(Role::Supervisor), 1, 2026).await.unwrap();
    let day = |date: &str| year.iter().find(|day| day.date.to_string() == date).unwrap();
    assert_eq!((day("2026-07-24").open_s, &day("2026-07-24").closed_for), (8 * 3600, &None));
    assert_eq!(day("2026-06-24").open_s, 0, "the other holidays close it");

    for typed in ["2026-10-12, 2026-10-13", "mañana"] {
        let (_, report) = shown(&at, Subject::Calendars, with(&before, &[("worked_holidays", typed)])).await;
        let wrong = wrong(&report);
        assert!(wrong.len() == 1 && wrong[0].starts_with("worked_holidays"), "{typed}: {wrong:?}");
    }
    // Without a country that it observes, no day is a holiday.
    let none = with(&before, &[("holidays", ""), ("worked_holidays", "2026-10-12")]);
    assert_eq!(wrong(&shown(&at, Subject::Calendars, none).await.1), ["worked_holidays"]);
}
