//! Teams, working hours and absences, and what assignment, warnings and bookings make of them.

use chrono::{NaiveDate, Weekday};
use desk::access::changes::changes;
use desk::cases::bookings::booked;
use desk::cases::candidates::candidates;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::open_case;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::people::handover::in_hand;
use desk::people::keep::{Keep, keep};
use desk::scheduler;
use desk::settings::{
    Outcome, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry, export, history,
};
use desk::store::Engine;
use desk::workforce::{
    AbsenceError, absences, add_absence, presence_of, remove_absence, set_working_hours, teams_of,
    working_hours,
};
use desk::{Desk, DeskError};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::week::{CalendarId, WeekHours, Window};
use domain::calendar::zone::Zone;
use domain::case::visit::Conflicts;
use domain::case::visit::{CustomerStatement, Meeting, VisitCommand, VisitEvent, VisitRefusal};
use domain::case::{Assignee, AssignmentCommand, Channel, Command, Event, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Span;
use domain::workforce::{
    Absence, AbsenceKind, AbsencePeriod, AbsenceProblem, Availability, WorkWeek, WorkingHours,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::Row;

use crate::support::{START, TestDesk, a_case, add_staff, an_opening, both_engines, explain, note, staff};
use crate::visits::{ask, file, hire, window};

both_engines! {
    absence_is_entered_by_its_person_and_by_supervisors_alone,
    absence_that_overlaps_or_has_passed_is_refused,
    note_of_an_absence_is_for_supervisors_and_its_author,
    working_hours_are_set_by_supervisors,
    members_at_work_of_the_fitting_team_are_offered_first,
    handing_on_suggests_the_member_at_work_with_the_fewest_cases,
    warning_for_an_absent_assignee_goes_to_the_team_at_work,
    warning_without_a_team_at_work_goes_to_supervisors_at_work,
    answer_for_an_assignee_off_work_is_told_to_the_team,
    booking_of_an_absent_technician_is_refused_unless_a_reason_is_given,
    retired_team_fits_no_case_and_comes_back_from_its_file,
    teams_come_back_as_they_were_exported,
    wrong_team_is_refused_with_line_and_key,
    team_is_a_form_with_versions_and_history,
    absences_are_read_by_an_index,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn absence(from: &str, to: &str, note: &str) -> Absence {
    let period = AbsencePeriod::new(day(from), day(to)).unwrap();
    Absence::new(period, AbsenceKind::Leave, note).unwrap()
}

async fn person(desk: &Desk, name: &str, role: Role) -> Staff {
    add_staff(desk, name, &address(name), role, Language::En).await
}

fn address(name: &str) -> String {
    format!("{}@vigia.example", name.to_lowercase())
}

fn actor(of: &Staff) -> Actor {
    Actor::Staff(of.clone())
}

fn assignee(of: &Staff) -> Assignee {
    Assignee { id: of.id, name: of.name.clone() }
}

/// The whole of today and tomorrow.
async fn is_absent(desk: &Desk, of: PersonId) {
    add_absence(desk, &Actor::System, of, absence("2026-11-23", "2026-11-24", "")).await.unwrap();
}

/// Afternoons in Caracas: not at work at ten in the morning, when tests begin.
async fn works_afternoons(desk: &Desk, of: PersonId) {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let windows = days.map(|weekday| Window { weekday, opens_s: 13 * 3600, closes_s: 18 * 3600 });
    let week = WorkWeek::Own { hours: WeekHours::new(&windows).unwrap(), holidays: None };
    let hours = WorkingHours { zone: Zone::parse("America/Caracas").unwrap(), week };
    set_working_hours(desk, &Actor::System, of, Some(hours)).await.unwrap();
}

fn teams_file(teams: &[(&str, &str, &[&str])]) -> SettingsFile {
    let team = |(name, skill, members): &(&str, &str, &[&str])| {
        format!(
            "[[team]]\nname = \"{name}\"\ncountries = [\"VE\"]\nskills = [\"{skill}\"]\nmembers = {members:?}\n"
        )
    };
    SettingsFile { subject: Subject::Teams, text: teams.iter().map(team).collect() }
}

async fn applied(at: &TestDesk, files: &[SettingsFile]) -> SettingsReport {
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, files.to_vec(), request).await.unwrap()
}

async fn shown(at: &TestDesk, files: &[SettingsFile]) -> SettingsReport {
    let request = Request::DryRun { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, files.to_vec(), request).await.unwrap()
}

/// A team for networks in Venezuela, as the cases of tests are.
async fn team_of_networks(at: &TestDesk, members: &[&str]) {
    let report = applied(at, &[teams_file(&[("Redes", "network", members)])]).await;
    assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]));
}

async fn absence_is_entered_by_its_person_and_by_supervisors_alone(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let (ana, luis) = (person(desk, "Anabel", Role::Agent).await, person(desk, "Luis", Role::Agent).await);
    let boss = person(desk, "Sofia", Role::Supervisor).await;
    let leave = || absence("2026-12-21", "2026-12-31", "");
    let refused = add_absence(desk, &actor(&luis), ana.id, leave()).await;
    assert!(matches!(refused, Err(AbsenceError::Desk(DeskError::NotPermitted(_)))), "{refused:?}");
    let own = add_absence(desk, &actor(&ana), ana.id, leave()).await.unwrap();
    let other = absence("2027-01-04", "2027-01-05", "");
    let by_boss = add_absence(desk, &actor(&boss), ana.id, other).await.unwrap();
    assert!(absences(desk, &actor(&luis), ana.id).await.is_err(), "colleagues read no list");
    let read = absences(desk, &actor(&ana), ana.id).await.unwrap();
    let told: Vec<_> = read.iter().map(|it| (it.id, it.by.as_deref(), it.is_removable)).collect();
    assert_eq!(told, [(own, Some("Anabel"), true), (by_boss, Some("Sofia"), false)]);
    let refused = remove_absence(desk, &actor(&ana), ana.id, by_boss).await;
    assert!(matches!(refused, Err(DeskError::NotFound)), "what a supervisor entered stays");
    remove_absence(desk, &actor(&ana), ana.id, own).await.unwrap();
    remove_absence(desk, &actor(&boss), ana.id, by_boss).await.unwrap();
    assert!(absences(desk, &actor(&boss), ana.id).await.unwrap().is_empty());
    let recorded: Vec<_> =
        changes(desk, &actor(&boss), ana.id).await.unwrap().into_iter().map(|entry| entry.change).collect();
    let entered = PersonChange::AbsenceEntered { from: day("2026-12-21"), to: day("2026-12-31") };
    assert_eq!(recorded.len(), 5, "{recorded:?}");
    assert_eq!(recorded[3], entered);
    let unknown = add_absence(desk, &actor(&boss), PersonId(999), leave()).await;
    assert!(matches!(unknown, Err(AbsenceError::Desk(DeskError::NotFound))));
}

async fn absence_that_overlaps_or_has_passed_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let enter = async |from: &str, to: &str| {
        add_absence(desk, &actor(&ana), ana.id, absence(from, to, "")).await.map(drop)
    };
    enter("2026-11-20", "2026-11-23").await.unwrap();
    let problem = |refused: Result<(), AbsenceError>| match refused {
        Err(AbsenceError::Problem(problem)) => Some(problem),
        other => {
            other.unwrap();
            None
        }
    };
    assert_eq!(problem(enter("2026-11-23", "2026-11-25").await), Some(AbsenceProblem::Overlap));
    assert_eq!(problem(enter("2026-11-01", "2026-11-22").await), Some(AbsenceProblem::Past));
    assert_eq!(problem(enter("2026-11-24", "2026-11-24").await), None);
    let other = person(desk, "Luis", Role::Agent).await;
    add_absence(desk, &Actor::System, other.id, absence("2026-11-23", "2026-11-23", "")).await.unwrap();
}

async fn note_of_an_absence_is_for_supervisors_and_its_author(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let boss = person(desk, "Sofia", Role::Supervisor).await;
    add_absence(desk, &actor(&boss), ana.id, absence("2026-12-01", "2026-12-02", "reposo")).await.unwrap();
    add_absence(desk, &actor(&ana), ana.id, absence("2026-12-21", "2026-12-22", "playa")).await.unwrap();
    let notes = async |reader: &Staff| {
        let read = absences(desk, &actor(reader), ana.id).await.unwrap();
        read.iter().map(|it| it.absence.note().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(notes(&boss).await, ["reposo", "playa"]);
    assert_eq!(notes(&ana).await, ["", "playa"]);
}

async fn working_hours_are_set_by_supervisors(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let boss = actor(&person(desk, "Sofia", Role::Supervisor).await);
    let zone = Zone::parse("America/Bogota").unwrap();
    let by_calendar = |id| Some(WorkingHours { zone, week: WorkWeek::Calendar(CalendarId(id)) });
    assert!(set_working_hours(desk, &actor(&ana), ana.id, by_calendar(1)).await.is_err());
    let unknown = set_working_hours(desk, &boss, ana.id, by_calendar(99)).await;
    assert!(matches!(unknown, Err(DeskError::NotFound)));
    assert_eq!(presence_of(desk, &boss, ana.id).await.unwrap(), None);
    set_working_hours(desk, &boss, ana.id, by_calendar(1)).await.unwrap();
    let read = working_hours(desk, &actor(&ana), ana.id).await.unwrap();
    assert_eq!((read.set, read.zone), (by_calendar(1), zone));
    let availability = async || presence_of(desk, &boss, ana.id).await.unwrap().map(|it| it.availability);
    // Nine in Bogotá. The calendar opens from 8 to 12, from Monday to Friday.
    assert_eq!(availability().await, Some(Availability::AtWork));
    at.clock.advance(3 * HOUR);
    let returns = Some(START.plus(4 * HOUR));
    assert_eq!(availability().await, Some(Availability::OffWork { returns }), "lunch");
    works_afternoons(desk, ana.id).await;
    assert_eq!(availability().await, Some(Availability::AtWork), "13:00 in Caracas");
    let read = working_hours(desk, &boss, ana.id).await.unwrap();
    assert!(matches!(read.set.unwrap().week, WorkWeek::Own { .. }), "in the place of the calendar");
    set_working_hours(desk, &boss, ana.id, None).await.unwrap();
    assert_eq!(availability().await, None);
    let recorded = changes(desk, &boss, ana.id).await.unwrap();
    let count = recorded.iter().filter(|entry| entry.change == PersonChange::WorkingHoursChanged).count();
    assert_eq!(count, 3);
}

async fn members_at_work_of_the_fitting_team_are_offered_first(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let mut ids = Vec::new();
    for name in ["Anabel", "Beatriz", "Carlos", "Dora"] {
        ids.push(person(desk, name, Role::Agent).await.id);
    }
    let number = a_case(desk).await.number;
    let order = async || {
        let (_, found) = candidates(desk, &staff(Role::Agent), number).await.unwrap();
        let told = |one: domain::workforce::Candidate| (one.person.name, one.team.is_some(), one.presence);
        found.into_iter().map(told).collect::<Vec<_>>()
    };
    let names = |order: &[(String, bool, Option<domain::workforce::Presence>)]| {
        order.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&order().await), ["Anabel", "Beatriz", "Carlos", "Dora"], "without teams by name");
    let members = [address("Beatriz"), address("Carlos"), address("Dora")];
    team_of_networks(&at, &members.each_ref().map(String::as_str)).await;
    is_absent(desk, ids[1]).await;
    works_afternoons(desk, ids[2]).await;
    let found = order().await;
    assert_eq!(names(&found), ["Dora", "Carlos", "Beatriz", "Anabel"]);
    assert_eq!(found.iter().map(|(_, fits, _)| *fits).collect::<Vec<_>>(), [true, true, true, false]);
    let said = found[2].2.as_ref().unwrap().message(Language::En);
    assert!(said.contains("24 Nov 2026"), "{said}");
    assert!(found[0].2.is_none(), "nothing is set for Dora");
    // An absent person can be chosen all the same.
    let to = Assignee { id: ids[1], name: "Beatriz".to_owned() };
    let command = Command::Assignment(AssignmentCommand::Assign { to });
    execute_command(desk, &staff(Role::Supervisor), number, Expected::Any, command).await.unwrap();
    keep(desk, &Actor::System, ids[3], vec![Keep::Deactivate]).await.unwrap();
    assert_eq!(names(&order().await), ["Carlos", "Beatriz", "Anabel"], "people in service");
    assert!(candidates(desk, &Actor::Customer(number), number).await.is_err());
    let teams = teams_of(desk, &staff(Role::Supervisor), ids[1]).await.unwrap();
    assert_eq!(teams.iter().map(|of| of.team.name.as_str()).collect::<Vec<_>>(), ["Redes"]);
}

async fn handing_on_suggests_the_member_at_work_with_the_fewest_cases(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let beatriz = person(desk, "Beatriz", Role::Agent).await;
    let carlos = person(desk, "Carlos", Role::Agent).await;
    let members = ["Anabel", "Beatriz", "Carlos"].map(address);
    team_of_networks(&at, &members.each_ref().map(String::as_str)).await;
    for holder in [&ana, &beatriz] {
        let number = a_case(desk).await.number;
        let claim = Command::Assignment(AssignmentCommand::Claim);
        execute_command(desk, &actor(holder), number, Expected::Any, claim).await.unwrap();
    }
    let suggested = async || {
        let in_hand = in_hand(desk, &staff(Role::Supervisor), ana.id).await.unwrap();
        let [(_, suggested)] = &in_hand.cases[..] else { panic!("{in_hand:?}") };
        suggested.clone().map(|one| one.person)
    };
    assert_eq!(suggested().await, Some(assignee(&carlos)));
    is_absent(desk, carlos.id).await;
    assert_eq!(suggested().await, Some(assignee(&beatriz)));
    is_absent(desk, beatriz.id).await;
    assert_eq!(suggested().await, None, "never the person whose case it is");
}

/// Recipients of warnings queued since the first `seen`, in order, with their texts.
async fn warned(at: &TestDesk, seen: &mut usize) -> Vec<(String, String)> {
    scheduler::tick(&at.desk).await.unwrap();
    let rows = sqlx::query(
        "SELECT recipient, body_text FROM outbox WHERE kind IN ('warning', 'warnings') ORDER BY id",
    )
    .fetch_all(&mut at.connection().await)
    .await
    .unwrap();
    let name = |mail: String| mail.split('@').next().unwrap().to_owned();
    let mut new: Vec<_> = rows.iter().skip(*seen).map(|row| (name(row.get(0)), row.get(1))).collect();
    *seen = rows.len();
    new.sort();
    new
}

fn to(mails: &[(String, String)]) -> Vec<&str> {
    mails.iter().map(|(name, _)| name.as_str()).collect()
}

/// A case of Anabel's; its first response is due within ten minutes, day and night.
async fn held_by(at: &TestDesk, holder: &Staff) -> CaseNumber {
    let number = open_case(&at.desk, &Actor::Anonymous, an_opening("held")).await.unwrap().number;
    let claim = Command::Assignment(AssignmentCommand::Claim);
    execute_command(&at.desk, &actor(holder), number, Expected::Any, claim).await.unwrap();
    number
}

async fn warning_for_an_absent_assignee_goes_to_the_team_at_work(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    person(desk, "Beatriz", Role::Agent).await;
    let carlos = person(desk, "Carlos", Role::Agent).await;
    person(desk, "Dora", Role::Agent).await;
    person(desk, "Sofia", Role::Supervisor).await;
    let members = ["Anabel", "Beatriz", "Carlos"].map(address);
    team_of_networks(&at, &members.each_ref().map(String::as_str)).await;
    works_afternoons(desk, carlos.id).await;
    held_by(&at, &ana).await;
    is_absent(desk, ana.id).await;
    let mut seen = 0;
    at.clock.advance(5 * MINUTE);
    let new = warned(&at, &mut seen).await;
    assert_eq!(to(&new), ["beatriz"], "not the absent, nor those off work or in no team");
    let text = new[0].1.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Anabel: absent until 24 Nov 2026"), "{text}");
    at.clock.advance(5 * MINUTE);
    assert_eq!(to(&warned(&at, &mut seen).await), ["beatriz"]);
    at.clock.advance(5 * MINUTE);
    assert_eq!(to(&warned(&at, &mut seen).await), ["sofia"], "from 90 % on the supervisors too");
    assert_eq!(check(desk, SchedulerState::UpToDate).await.unwrap().inconsistencies, []);
}

async fn warning_without_a_team_at_work_goes_to_supervisors_at_work(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let away = person(desk, "Sofia", Role::Supervisor).await;
    let late = person(desk, "Teresa", Role::Supervisor).await;
    is_absent(desk, away.id).await;
    works_afternoons(desk, late.id).await;
    held_by(&at, &ana).await;
    works_afternoons(desk, ana.id).await;
    let mut seen = 0;
    at.clock.advance(5 * MINUTE);
    let new = warned(&at, &mut seen).await;
    assert_eq!(to(&new), ["teresa"], "off work comes before absent");
    // From one o'clock on she is at work.
    at.clock.advance(3 * HOUR);
    assert_eq!(to(&warned(&at, &mut seen).await), ["anabel"]);
}

async fn answer_for_an_assignee_off_work_is_told_to_the_team(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let ana = person(desk, "Anabel", Role::Agent).await;
    let beatriz = person(desk, "Beatriz", Role::Agent).await;
    let members = ["Anabel", "Beatriz"].map(address);
    team_of_networks(&at, &members.each_ref().map(String::as_str)).await;
    let number = held_by(&at, &ana).await;
    works_afternoons(desk, ana.id).await;
    let write = async || {
        let text = note("¿Hay novedades?");
        let words = Command::Message(domain::case::MessageCommand::Write { text });
        execute_command(desk, &Actor::Customer(number), number, Expected::Any, words).await.unwrap();
    };
    let mut seen = 0;
    at.clock.advance(MINUTE);
    write().await;
    assert_eq!(to(&warned(&at, &mut seen).await), ["beatriz"]);
    // Handled before the gathered mail goes out: nothing is told.
    at.clock.advance(MINUTE);
    write().await;
    at.clock.advance(MINUTE);
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(desk, &actor(&beatriz), number, Expected::Any, contact).await.unwrap();
    at.clock.advance(5 * MINUTE);
    let told = warned(&at, &mut seen).await;
    assert!(told.is_empty(), "{told:?}");
}

async fn booking_of_an_absent_technician_is_refused_unless_a_reason_is_given(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let desk = &at.desk;
    let rosa = hire(desk, "Rosa Marín", "rosa@example.com").await;
    let number = a_case(desk).await.number;
    // Tuesday the 24th in Caracas.
    add_absence(desk, &Actor::System, rosa.id, absence("2026-11-24", "2026-11-24", "")).await.unwrap();
    let midnight = START.plus(14 * HOUR);
    let away = Span::new(midnight, midnight.plus(DAY));
    let agree = |after_h| {
        let who = PersonName::parse("Ana Rivas").unwrap();
        let word = CustomerStatement { who, channel: Channel::Phone };
        VisitCommand::Agree {
            meeting: Meeting { window: window(after_h, 2), technician: rosa.clone() },
            word,
        }
    };
    let known = booked(desk, &staff(Role::Agent), number).await.unwrap();
    assert_eq!(known.absences, [(rosa.id, away)]);
    let refused = ask(&at, number, agree(26)).await;
    let absent = Refusal::Visit(VisitRefusal::Absent);
    assert!(matches!(&refused, Err(DeskError::Refused(told)) if *told == absent), "{refused:?}");
    let command = Command::VisitDespite {
        command: agree(26),
        reason: note("Viene igual."),
        conflicts: Conflicts::default(),
    };
    execute_command(desk, &staff(Role::Agent), number, Expected::Version(1), command).await.unwrap();
    let history = file(desk, number).await.history;
    let overruled = history.iter().find_map(|entry| match &entry.event {
        Event::Visit { what: VisitEvent::Overruled { absences, .. }, .. } => Some(absences.clone()),
        _ => None,
    });
    assert_eq!(overruled, Some(vec![away]));
    let entries = desk::cases::visits::agenda(desk, &staff(Role::Supervisor), 1).await.unwrap().entries;
    assert_eq!(entries.iter().map(|entry| entry.absences.clone()).collect::<Vec<_>>(), [vec![away]]);
    let second = a_case(desk).await.number;
    ask(&at, second, agree(50)).await.unwrap();
}

async fn teams_come_back_as_they_were_exported(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let names = ["Anabel", "Beatriz", "Carlos"];
    for name in names {
        person(&at.desk, name, Role::Agent).await;
    }
    let exported = async || export(&at.desk, &Actor::System, at.desk.now()).await.unwrap();
    let mut runner = TestRunner::deterministic();
    let list = |of: &'static [&'static str]| prop::sample::subsequence(of, 1..=of.len());
    let countries = list(&["VE", "CO", "MX"]);
    let skills = list(&["network", "servers", "software", "data_centre", "computing", "printing"]);
    let team = (0_u32..4, countries, skills, prop::sample::subsequence(names.to_vec(), 0..=3));
    for _ in 0..12 {
        let (name, countries, skills, members) = team.new_tree(&mut runner).unwrap().current();
        let members: Vec<String> = members.into_iter().map(address).collect();
        let text = format!(
            "[[team]]\nname = \"Equipo {name}\"\ncountries = {countries:?}\nskills = {skills:?}\nmembers = {members:?}\n"
        );
        let files = [SettingsFile { subject: Subject::Teams, text }];
        let report = applied(&at, &files).await;
        assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]), "{files:?}");
        assert_eq!(shown(&at, &files).await.changes, vec![], "{files:?}");
        let report = shown(&at, &exported().await).await;
        assert_eq!((report.changes, report.problems, report.left), (vec![], vec![], vec![]));
    }
    // A member who changes their address is the same member.
    let id = PersonId(1);
    let mail = domain::mail_address::MailAddress::parse("ana.rivas@vigia.example").unwrap();
    keep(&at.desk, &Actor::System, id, vec![Keep::MailTo(mail)]).await.unwrap();
    assert_eq!(shown(&at, &exported().await).await.changes, vec![]);
}

async fn wrong_team_is_refused_with_line_and_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    person(&at.desk, "Anabel", Role::Agent).await;
    let right = teams_file(&[("Redes", "network", &["ANABEL@vigia.example "])]);
    for (from, to, key, line) in [
        ("[\"VE\"]", "[\"VE\", \"BR\"]", "team[1].countries[2]", 3),
        ("[\"VE\"]", "[]", "team[1].countries", 3),
        ("\"network\"", "\"redes\"", "team[1].skills[1]", 4),
        ("ANABEL@", "nadie@", "team[1].members[1]", 5),
        ("name = \"Redes\"", "name = \"  \"", "team[1].name", 2),
        ("skills", "skill", "team[1].skill", 4),
        ("countries = [\"VE\"]", "countries = \"VE\"", "team[1].countries", 3),
    ] {
        let text = right.text.replace(from, to);
        assert_ne!(text, right.text);
        let report = applied(&at, &[SettingsFile { subject: Subject::Teams, text }]).await;
        let told: Vec<_> = report.problems.iter().map(|problem| (&*problem.key, problem.line)).collect();
        assert_eq!((report.outcome, told), (Outcome::Refused, vec![(key, line)]), "{to}");
    }
    let twins = teams_file(&[("Redes", "network", &[]), (" redes", "servers", &[])]);
    let report = applied(&at, &[twins]).await;
    assert_eq!(report.problems[0].key, "team[2].name");
    let report = applied(&at, &[right]).await;
    assert_eq!((report.outcome, report.changes.len()), (Outcome::Written, 1));
}

async fn team_is_a_form_with_versions_and_history(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let (admin, boss) = (staff(Role::Administrator), staff(Role::Supervisor));
    let ana = address("Anabel");
    person(desk, "Anabel", Role::Agent).await;
    team_of_networks(&at, &[]).await;
    let read = entry(desk, &boss, Subject::Teams, 1, at.desk.now()).await.unwrap();
    assert_eq!((read["countries"].as_str(), read["skills"].as_str()), ("VE", "network"));
    let save = Request::Apply { effective_from: at.desk.now() };
    let mut changed = read.clone();
    changed.insert("members".to_owned(), ana.clone());
    changed.insert("countries".to_owned(), "CO, VE".to_owned());
    assert!(change_entry(desk, &boss, Subject::Teams, changed.clone(), save).await.is_err());
    let (_, report) = change_entry(desk, &admin, Subject::Teams, changed, save).await.unwrap();
    assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]));
    let (_, late) = change_entry(desk, &admin, Subject::Teams, with_name(&read, "Otra"), save).await.unwrap();
    assert_eq!(late.problems[0].field(), "version", "another person has changed it");
    let mut empty = with_name(&read, "Redes");
    empty.remove("skills");
    empty.remove("version");
    let (_, wrong) = change_entry(desk, &admin, Subject::Teams, empty, save).await.unwrap();
    assert_eq!(wrong.problems[0].field(), "skills", "no box was checked");
    let versions = history(desk, &boss).await.unwrap();
    let newest = &versions[0];
    assert_eq!((newest.subject, newest.name.as_str()), (Subject::Teams, "Redes"));
    let keys: Vec<_> = newest.fields.iter().flatten().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["countries", "members"]);
    // A planned change counts from its day.
    let planned = Request::Apply { effective_from: START.plus(DAY) };
    let mut later = entry(desk, &boss, Subject::Teams, 1, at.desk.now()).await.unwrap();
    later.insert("members".to_owned(), String::new());
    change_entry(desk, &admin, Subject::Teams, later, planned).await.unwrap();
    let count = async || teams_of(desk, &boss, PersonId(1)).await.unwrap().len();
    assert_eq!(count().await, 1);
    at.clock.advance(DAY);
    assert_eq!(count().await, 0);
}

async fn retired_team_fits_no_case_and_comes_back_from_its_file(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    let (admin, boss) = (staff(Role::Administrator), staff(Role::Supervisor));
    person(desk, "Anabel", Role::Agent).await;
    team_of_networks(&at, &[address("Anabel").as_str()]).await;
    let count = async || teams_of(desk, &boss, PersonId(1)).await.unwrap().len();
    assert_eq!(count().await, 1);
    let save = Request::Apply { effective_from: at.desk.now() };
    let in_state = async |state: &str| {
        let mut fields = entry(desk, &boss, Subject::Teams, 1, at.desk.now()).await.unwrap();
        fields.insert("state".to_owned(), state.to_owned());
        let (_, report) = change_entry(desk, &admin, Subject::Teams, fields, save).await.unwrap();
        assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]), "{state}");
    };
    in_state("retired").await;
    assert_eq!(count().await, 0);
    let exported = export(desk, &Actor::System, at.desk.now()).await.unwrap();
    assert_eq!(shown(&at, &exported).await.changes, vec![]);
    in_state("in_service").await;
    assert_eq!(count().await, 1);
}

fn with_name(fields: &desk::settings::Fields, name: &str) -> desk::settings::Fields {
    let mut fields = fields.clone();
    fields.insert("name".to_owned(), name.to_owned());
    fields
}

async fn absences_are_read_by_an_index(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in [
        (
            "SELECT id, kind, from_day, to_day, note, by_id, by_name FROM absences
             WHERE person_id = 7 AND to_day >= '2026-11-23' ORDER BY to_day, id",
            "absences_by_person",
        ),
        (
            "SELECT person_id, from_day, to_day FROM absences WHERE to_day >= '9' ORDER BY to_day, id",
            "absences_by_end",
        ),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}
