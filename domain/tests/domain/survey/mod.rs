//! The survey after the end of a case: opening, calls, answers and follow-ups.

mod questionnaire;
mod results;

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, PersonId, Role, Staff, Subject, may};
use domain::calendar::ServiceHours;
use domain::case::{
    AttemptOutcome, Author, Channel, Command, Event, Origin, Recorded, Refusal, Status, Verdict,
};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::{SlaPlan, SurveyRules};
use domain::survey::{
    Answers, Ended, FollowUp, FollowUpOutcome, Questionnaire, Score, SurveyCommand, SurveyEvent,
    SurveyRefusal, SurveyRound, Way,
};
use domain::text::{Note, PersonName, Reason};
use domain::time::Instant;

use crate::case::{History, agent, caracas, contact, customer, eight_to_five, resolve};

const HOUR: i64 = 3600;

const DAY: i64 = 24 * HOUR;

fn typed(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

fn all_fives() -> BTreeMap<String, String> {
    typed(&[("attention", "5"), ("solution", "5"), ("treatment", "5"), ("overall", "5")])
}

fn answers(marks: [&str; 4], recommend: &str) -> Answers {
    let [attention, solution, treatment, overall] = marks;
    let form = typed(&[
        ("attention", attention),
        ("solution", solution),
        ("treatment", treatment),
        ("overall", overall),
        ("recommend", recommend),
        ("comment", "Muy amables."),
    ]);
    Questionnaire::initial().parse(&form).unwrap()
}

fn colleague() -> Actor {
    Actor::Staff(Staff { id: PersonId(8), name: "Rosa".into(), role: Role::Agent, composed: None })
}

fn supervisor() -> Actor {
    Actor::Staff(Staff { id: PersonId(9), name: "Andrés".into(), role: Role::Supervisor, composed: None })
}

fn ask(command: SurveyCommand) -> Command {
    Command::Survey(command)
}

fn by_telephone(answers: Answers) -> Command {
    ask(SurveyCommand::AnswerByTelephone { who: PersonName::parse("María Rojas").unwrap(), answers })
}

/// Opened on a Monday at eight, resolved at ten, confirmed at eleven. The agent with id 7 resolved it.
fn closed_case(rules: SurveyRules) -> (History, ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let terms = SlaPlan::default().with_survey(rules).unwrap();
    let mut history = History::under(monday, Priority::P1, terms);
    history.at(600, contact());
    history.ask(2 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    let works = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    let customer = customer(&history);
    history.ask(3 * HOUR, works, &customer, &hours).unwrap();
    (history, hours, monday)
}

/// The same, with an open survey.
fn asked_case() -> (History, ServiceHours, Instant) {
    let (mut history, hours, monday) = closed_case(SurveyRules { due_days: 0, ..SurveyRules::default() });
    history.ask(3 * HOUR, ask(SurveyCommand::FallDue), &Actor::System, &hours).unwrap();
    (history, hours, monday)
}

fn asked(history: &History) -> SurveyRound {
    history.case().survey().asked().unwrap().clone()
}

fn refused(outcome: &Result<(), Refusal>) -> Option<SurveyRefusal> {
    match outcome {
        Err(Refusal::Survey(why)) => Some(*why),
        _ => None,
    }
}

#[test]
fn survey_falls_due_on_the_second_business_day_at_opening_time() {
    let (mut history, hours, monday) = closed_case(SurveyRules::default());
    let mut happened = Vec::new();
    for hour in 3..60 * 24 {
        let now = monday.plus(hour * HOUR);
        for command in history.case().due_commands(&hours, now) {
            happened.push((hour, command.clone()));
            history.ask(hour * HOUR, command, &Actor::System, &hours).unwrap();
        }
        let next = history.case().next_run(&hours, now);
        assert!(next.is_none_or(|next| next > now));
    }
    // Closed on Monday at eleven: the survey opens on Wednesday at eight, and ends fifteen business days later at
    // midnight.
    let expected = [(2 * 24, ask(SurveyCommand::FallDue)), (23 * 24 + 16, ask(SurveyCommand::Lapse))];
    assert_eq!(happened, expected);
    assert!(matches!(asked(&history).ended, Some(Ended::Lapsed { .. })));
    assert_eq!(history.case().next_run(&hours, monday.plus(60 * DAY)), None);
}

#[test]
fn unreached_customer_after_a_failed_solution_gets_a_follow_up() {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let case = |failed: bool| {
        let mut history = History::under(monday, Priority::P1, SlaPlan::default());
        history.at(600, contact());
        history.ask(2 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
        let customer = customer(&history);
        if failed {
            let fails =
                Command::Verify { verdict: Verdict::StillFails, channel: None, who: None, said: None };
            history.ask(3 * HOUR, fails, &customer, &hours).unwrap();
            history.ask(4 * HOUR, resolve("Fuente reemplazada"), &agent(), &hours).unwrap();
        }
        for day in 0..90 {
            for command in history.case().due_commands(&hours, monday.plus(day * DAY)) {
                // A command of the scheduler may be refused after another rule.
                let _ = history.ask(day * DAY, command, &Actor::System, &hours);
            }
            if day == 30 {
                let reason = Reason::parse("No contesta").unwrap();
                history.ask(day * DAY, Command::CloseUnconfirmed { reason }, &agent(), &hours).unwrap();
            }
        }
        let asked = asked(&history);
        assert!(matches!(asked.ended, Some(Ended::Lapsed { .. })), "{asked:?}");
        asked.follow_up
    };
    assert_eq!(case(true), Some(FollowUp::Open));
    assert_eq!(case(false), None);
}

#[test]
fn survey_of_a_closed_case_moves_no_clock() {
    let (mut history, hours, monday) = asked_case();
    let before = history.case().clocks(&hours.spans, monday.plus(30 * DAY));
    let account = history.case().closing_report(&hours.spans);
    let missed = SurveyCommand::LogAttempt { outcome: AttemptOutcome::Busy };
    history.ask(4 * HOUR, ask(missed), &colleague(), &hours).unwrap();
    assert_eq!(asked(&history).turn, monday.plus(8 * HOUR));
    history.ask(8 * HOUR, by_telephone(answers(["5", "4", "4", "4"], "9")), &colleague(), &hours).unwrap();
    let case = history.case();
    assert_eq!(case.status(), Status::Closed);
    assert_eq!(case.clocks(&hours.spans, monday.plus(30 * DAY)), before);
    assert_eq!(case.closing_report(&hours.spans), account);
    let asked = asked(&history);
    assert_eq!((asked.attempts, asked.follow_up), (1, None));
    let Some(Ended::Answered { answers, way, at }) = &asked.ended else { panic!("{asked:?}") };
    assert_eq!(
        (answers.score(), answers.recommend(), *at),
        (Some(Score(425)), Some(9), monday.plus(8 * HOUR))
    );
    assert_eq!(*way, Way::Telephone { who: PersonName::parse("María Rojas").unwrap() });
    // The survey has ended for every way of answering.
    for (command, actor) in [
        (by_telephone(answers.clone()), colleague()),
        (ask(SurveyCommand::Refuse { note: None }), colleague()),
        (ask(SurveyCommand::AnswerByLink { cycle: 1, answers: answers.clone() }), customer(&history)),
    ] {
        assert_eq!(refused(&history.ask(9 * HOUR, command, &actor, &hours)), Some(SurveyRefusal::Over));
    }
    for entry in history.entries() {
        let json = serde_json::to_string(entry).unwrap();
        assert_eq!(&serde_json::from_str::<Recorded>(&json).unwrap(), entry);
    }
}

#[test]
fn survey_call_is_refused_to_agents_who_worked_on_the_case() {
    let (mut history, hours, monday) = asked_case();
    let entry = |history: &History, event| Recorded {
        version: u32::try_from(history.entries().len()).unwrap() + 1,
        at: monday.plus(3 * HOUR),
        by: Author::from(&agent()),
        origin: Origin::Workspace,
        event,
    };
    // The test's history has no authors: a note makes the agent one.
    let mut case = history.case();
    let note = Note::parse("Se avisó al almacén").unwrap();
    case.evolve(&entry(&history, Event::Noted { audience: domain::case::Audience::Internal, text: note }))
        .unwrap();
    assert!(case.survey().was_worked_by(PersonId(7)) && !case.survey().was_worked_by(PersonId(8)));
    let now = monday.plus(4 * HOUR);
    for command in [
        by_telephone(answers(["5", "5", "5", "5"], "10")),
        ask(SurveyCommand::LogAttempt { outcome: AttemptOutcome::NoAnswer }),
        ask(SurveyCommand::Refuse { note: None }),
        ask(SurveyCommand::CallBack { at: now.plus(HOUR), note: None }),
    ] {
        let decide = |actor: &Actor| domain::case::decide(&case, command.clone(), actor, &hours, now);
        assert_eq!(decide(&agent()), Err(Refusal::Survey(SurveyRefusal::WorkedOnIt)));
        assert!(decide(&colleague()).is_ok(), "{command:?}");
    }
    // A call for the survey does not count as work on the case.
    let missed = SurveyCommand::LogAttempt { outcome: AttemptOutcome::Voicemail };
    history.ask(4 * HOUR, ask(missed), &colleague(), &hours).unwrap();
    history.ask(5 * HOUR, ask(SurveyCommand::Refuse { note: None }), &colleague(), &hours).unwrap();
    assert!(matches!(asked(&history).ended, Some(Ended::Refused { .. })));
}

#[test]
fn reopened_case_is_surveyed_after_its_next_closing() {
    let back = || Command::Reopen { said: Note::parse("Volvió a fallar").unwrap() };
    let again = |history: &mut History, hours: &ServiceHours, from: i64| {
        history.ask(from, resolve("Puerto cambiado"), &agent(), hours).unwrap();
        let works =
            Command::Verify { verdict: Verdict::Works, channel: Some(Channel::Phone), who: None, said: None };
        history.ask(from + HOUR, works, &agent(), hours).unwrap();
    };
    // Before the survey opens.
    let (mut history, hours, monday) = closed_case(SurveyRules::default());
    let due = history.case().survey_due(&hours);
    assert_eq!(due, Some(monday.plus(2 * DAY)));
    history.ask(DAY, back(), &customer(&history), &hours).unwrap();
    assert_eq!(history.case().survey_due(&hours), None);
    again(&mut history, &hours, DAY + HOUR);
    assert_eq!(history.case().survey_due(&hours), Some(monday.plus(3 * DAY)));

    // While it is open: the old link is void, the new one valid.
    let (mut history, hours, _) = asked_case();
    history.ask(4 * HOUR, back(), &customer(&history), &hours).unwrap();
    assert_eq!(history.case().survey().asked(), None);
    let good = answers(["5", "5", "5", "5"], "10");
    let link = |cycle| ask(SurveyCommand::AnswerByLink { cycle, answers: good.clone() });
    let outcome = history.ask(5 * HOUR, link(1), &customer(&history), &hours);
    assert_eq!(refused(&outcome), Some(SurveyRefusal::NotDue));
    again(&mut history, &hours, 6 * HOUR);
    history.ask(8 * HOUR, ask(SurveyCommand::FallDue), &Actor::System, &hours).unwrap();
    assert_eq!(asked(&history).cycle, 2);
    let outcome = history.ask(9 * HOUR, link(1), &customer(&history), &hours);
    assert_eq!(refused(&outcome), Some(SurveyRefusal::NotDue));
    history.ask(9 * HOUR, link(2), &customer(&history), &hours).unwrap();

    // A customer who has answered is not asked again about the same case.
    history.ask(10 * HOUR, back(), &customer(&history), &hours).unwrap();
    again(&mut history, &hours, 11 * HOUR);
    assert_eq!(history.case().survey_due(&hours), None);
}

#[test]
fn low_score_opens_one_follow_up() {
    for (marks, recommend, low) in [
        (["5", "5", "5", "3"], "5", false),
        (["5", "2", "5", "5"], "10", true),
        (["4", "4", "4", "4"], "4", true),
        (["3", "3", "3", "3"], "", false),
    ] {
        let (mut history, hours, _) = asked_case();
        let given = answers(marks, recommend);
        let customer = customer(&history);
        history
            .ask(4 * HOUR, ask(SurveyCommand::AnswerByLink { cycle: 1, answers: given }), &customer, &hours)
            .unwrap();
        assert_eq!(asked(&history).follow_up, low.then_some(FollowUp::Open), "{marks:?} {recommend}");
        let note = Note::parse("Se acordó una visita sin costo").unwrap();
        let follow =
            || ask(SurveyCommand::FollowUp { outcome: FollowUpOutcome::Settled, note: note.clone() });
        let agents = history.ask(5 * HOUR, follow(), &colleague(), &hours);
        assert!(matches!(agents, Err(Refusal::NotPermitted(_))));
        let outcome = history.ask(5 * HOUR, follow(), &supervisor(), &hours);
        assert_eq!(outcome.is_ok(), low);
        if low {
            assert_eq!(asked(&history).follow_up, Some(FollowUp::Done(FollowUpOutcome::Settled)));
        }
        let again = history.ask(6 * HOUR, follow(), &supervisor(), &hours);
        assert_eq!(refused(&again), Some(SurveyRefusal::NoFollowUp));
    }
}

#[test]
fn call_back_is_refused_outside_the_survey_period() {
    let (mut history, hours, monday) = asked_case();
    let call = |at| ask(SurveyCommand::CallBack { at, note: None });
    let now_s = 4 * HOUR;
    let until = asked(&history).until;
    for at in [monday.plus(now_s), monday, until, until.plus(DAY)] {
        let outcome = history.ask(now_s, call(at), &colleague(), &hours);
        assert_eq!(refused(&outcome), Some(SurveyRefusal::CallOutOfTime));
    }
    history.ask(now_s, call(monday.plus(DAY)), &colleague(), &hours).unwrap();
    assert_eq!((asked(&history).turn, asked(&history).attempts), (monday.plus(DAY), 0));
    // Too late, even before the scheduler has closed it.
    let late = until.since(monday);
    let outcome = history.ask(late, by_telephone(answers(["5", "5", "5", "5"], "")), &colleague(), &hours);
    assert_eq!(refused(&outcome), Some(SurveyRefusal::Over));
}

#[test]
fn survey_commands_are_permitted_by_actor() {
    let (mut history, hours, _) = asked_case();
    let good = answers(["5", "5", "5", "5"], "10");
    let by_link = || ask(SurveyCommand::AnswerByLink { cycle: 1, answers: good.clone() });
    let other =
        Actor::Customer(domain::case_number::CaseNumber::new(domain::country::Country::Ve, 2026, 1).unwrap());
    for (command, actor) in [
        (by_link(), colleague()),
        (by_link(), other),
        (by_link(), Actor::Anonymous),
        (by_telephone(good.clone()), customer(&history)),
        (ask(SurveyCommand::FallDue), supervisor()),
        (ask(SurveyCommand::Lapse), colleague()),
    ] {
        let outcome = history.ask(4 * HOUR, command.clone(), &actor, &hours);
        assert!(matches!(outcome, Err(Refusal::NotPermitted(_))), "{command:?} {actor:?}");
    }
    assert!(may(&colleague(), Action::FollowUp, Subject::Desk).is_err());
    assert!(may(&supervisor(), Action::FollowUp, Subject::Desk).is_ok());
    let early = closed_case(SurveyRules::default());
    let (mut history, hours, _) = early;
    let outcome = history.ask(4 * HOUR, by_telephone(good), &colleague(), &hours);
    assert_eq!(refused(&outcome), Some(SurveyRefusal::NotDue));
}

#[test]
fn older_plan_has_the_default_survey_rules() {
    let json = serde_json::to_string(&SlaPlan::default()).unwrap();
    let (before, _) = json.split_once(",\"survey\"").unwrap();
    let old: SlaPlan = serde_json::from_str(&format!("{before}}}")).unwrap();
    assert_eq!(old, SlaPlan::default());
    for rules in [
        SurveyRules { open_days: 0, ..SurveyRules::default() },
        SurveyRules { retry_s: 0, ..SurveyRules::default() },
    ] {
        assert!(SlaPlan::default().with_survey(rules).is_err());
    }
}

#[test]
fn events_have_names() {
    let event = SurveyEvent::Lapsed;
    assert_eq!(domain::i18n::text(Language::Es, event.name_key()), "Encuesta sin respuesta");
}
