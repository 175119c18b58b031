//! The survey over the store, on every engine: opened once with one mail, called, answered, followed up, counted.

use std::collections::BTreeMap;

use desk::DeskError;
use desk::access::tokens::TrackingLink;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::retention::erase_case;
use desk::scheduler;
use desk::store::Engine;
use desk::survey::{
    AnswerError, Which, answer_by_link, follow_ups, latest_months, survey_call, survey_form, survey_queue,
    survey_results,
};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::{AttemptOutcome, Case, Category, Channel, Command, Event, Refusal, Verdict};
use domain::case_number::CaseNumber;
use domain::reports::Dimension;
use domain::survey::{
    Answers, FollowUp, FollowUpOutcome, Questionnaire, Score, SurveyCommand, SurveyEvent, SurveyFormState,
    SurveyRefusal, WhoseCall,
};
use domain::text::PersonName;
use sqlx::Row;

use crate::support::{TestDesk, a_case, both_engines, count, note, staff};

both_engines! {
    survey_falls_due_once_with_one_mail_in_the_thread,
    survey_call_is_refused_to_agents_who_worked_on_the_case,
    survey_is_answered_once_by_link,
    survey_link_opens_its_survey_and_no_case,
    survey_link_expires_with_its_survey,
    low_scores_open_a_follow_up_and_results_count_every_survey,
    follow_up_of_an_erased_case_is_in_no_list,
    survey_rows_equal_the_folded_history,
    survey_answer_counts_for_the_agent_who_resolved_that_round,
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A colleague who worked on no case.
fn caller() -> Actor {
    Actor::Staff(Staff { id: PersonId(2), name: "Rosa Díaz".into(), role: Role::Agent, composed: None })
}

fn supervisor() -> Actor {
    Actor::Staff(Staff {
        id: PersonId(3),
        name: "Andrés Quintero".into(),
        role: Role::Supervisor,
        composed: None,
    })
}

fn typed(marks: [&str; 5], comment: &str) -> BTreeMap<String, String> {
    let keys = ["attention", "solution", "treatment", "overall", "recommend"];
    let mut form: BTreeMap<String, String> =
        keys.iter().zip(marks).map(|(key, mark)| ((*key).to_owned(), mark.to_owned())).collect();
    form.insert("comment".into(), comment.into());
    form
}

fn answers(marks: [&str; 5]) -> Answers {
    Questionnaire::initial().parse(&typed(marks, "")).unwrap()
}

fn by_telephone(marks: [&str; 5]) -> Command {
    let who = PersonName::parse("Luis Peña").unwrap();
    Command::Survey(SurveyCommand::AnswerByTelephone { who, answers: answers(marks) })
}

async fn act(test: &TestDesk, actor: &Actor, number: CaseNumber, command: Command) -> Result<u32, DeskError> {
    execute_command(&test.desk, actor, number, Expected::Any, command).await
}

/// A case that an agent resolved and its customer confirmed: closed after two hours.
async fn closed(test: &TestDesk) -> CaseNumber {
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    test.clock.advance(HOUR);
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    act(test, &agent, number, contact).await.unwrap();
    resolve_and_close(test, number).await;
    number
}

async fn resolve_and_close(test: &TestDesk, number: CaseNumber) {
    test.clock.advance(HOUR);
    act(test, &staff(Role::Agent), number, crate::support::resolve("Se reemplazó la fuente")).await.unwrap();
    let works = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    act(test, &Actor::Customer(number), number, works).await.unwrap();
}

/// The same, two days later, when its survey opens.
async fn due(test: &TestDesk) -> CaseNumber {
    let number = closed(test).await;
    test.clock.advance(2 * DAY);
    scheduler::tick(&test.desk).await.unwrap();
    number
}

async fn link(test: &TestDesk, number: CaseNumber) -> String {
    let row = sqlx::query(
        "SELECT body_text FROM outbox WHERE case_number = $1 AND kind = 'survey' ORDER BY id DESC",
    )
    .bind(number.as_compact())
    .fetch_one(&mut test.connection().await)
    .await
    .unwrap();
    let body = test.desk.tokens().unsealed(&row.get::<String, _>(0));
    let (_, rest) = body.split_once("/survey/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

fn refusal<T>(outcome: &Result<T, DeskError>) -> Option<SurveyRefusal> {
    match outcome {
        Err(DeskError::Refused(Refusal::Survey(why))) => Some(*why),
        _ => None,
    }
}

async fn survey_falls_due_once_with_one_mail_in_the_thread(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = closed(&test).await;
    for _ in 0..5 * 24 {
        test.clock.advance(HOUR);
        scheduler::tick(&test.desk).await.unwrap();
    }
    let rows = sqlx::query(
        "SELECT kind, subject, body_text, thread_id FROM outbox WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    let kinds: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(kinds, ["opening", "resolution", "closing", "survey"]);
    let subject: String = rows[3].get(1);
    assert!(subject.starts_with(&format!("Caso {number}: ¿cómo le fue? · ")), "{subject}");
    assert!(rows[3].get::<Option<String>, _>(3).is_some(), "in the case's thread");
    let page = read_case(&test.desk, &staff(Role::Agent), number).await.unwrap();
    let surveys = page.history.iter().filter(|entry| matches!(entry.event, Event::Survey(_))).count();
    assert_eq!(surveys, 1);
    let seen = read_case(&test.desk, &Actor::Customer(number), number).await.unwrap();
    assert!(!seen.history.iter().any(|entry| matches!(entry.event, Event::Survey(_))));
    // Without an answer it lapses and leaves the queue.
    test.clock.advance(30 * DAY);
    scheduler::tick(&test.desk).await.unwrap();
    assert_eq!(survey_queue(&test.desk, &caller(), 1).await.unwrap().page.paging.total, 0);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM surveys WHERE state = 'lapsed'").await, 1);
}

async fn survey_call_is_refused_to_agents_who_worked_on_the_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    let own = survey_queue(&test.desk, &staff(Role::Agent), 1).await.unwrap();
    assert_eq!((own.page.rows.len(), own.page.paging.total, own.others), (0, 0, 1));
    let queue = survey_queue(&test.desk, &caller(), 1).await.unwrap();
    assert_eq!((queue.page.rows.len(), queue.page.paging.total, queue.others), (1, 1, 0));
    assert_eq!((queue.page.rows[0].number, queue.page.rows[0].attempts), (number, 0));

    let call = survey_call(&test.desk, &caller(), number).await.unwrap();
    assert_eq!(call.whose, WhoseCall::Yours);
    assert_eq!(call.contact.name.as_str(), "Luis Peña");
    assert_eq!(call.solution.as_deref(), Some("Se reemplazó la fuente"));
    let not_theirs = survey_call(&test.desk, &staff(Role::Agent), number).await.unwrap();
    assert_eq!(not_theirs.whose, WhoseCall::SomebodyElses);
    let outcome = act(&test, &staff(Role::Agent), number, by_telephone(["5", "5", "5", "5", "9"])).await;
    assert_eq!(refusal(&outcome), Some(SurveyRefusal::WorkedOnIt));

    let missed = Command::Survey(SurveyCommand::LogAttempt { outcome: AttemptOutcome::NoAnswer });
    act(&test, &caller(), number, missed).await.unwrap();
    let at = test.clock.now().plus(DAY);
    act(&test, &caller(), number, Command::Survey(SurveyCommand::CallBack { at, note: None })).await.unwrap();
    let queue = survey_queue(&test.desk, &caller(), 1).await.unwrap();
    assert_eq!((queue.page.rows[0].attempts, queue.page.rows[0].turn), (1, at));

    act(&test, &caller(), number, by_telephone(["5", "4", "5", "4", "9"])).await.unwrap();
    assert_eq!(survey_queue(&test.desk, &caller(), 1).await.unwrap().page.paging.total, 0);
    let call = survey_call(&test.desk, &caller(), number).await.unwrap();
    assert_eq!(call.asked.unwrap().answers().unwrap().score(), Some(Score(450)));
    assert_eq!(call.history.len(), 4);
    for other in [Actor::Anonymous, Actor::Customer(number)] {
        assert!(matches!(survey_queue(&test.desk, &other, 1).await, Err(DeskError::NotPermitted(_))));
        assert!(matches!(survey_call(&test.desk, &other, number).await, Err(DeskError::NotPermitted(_))));
    }
}

async fn survey_is_answered_once_by_link(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    let token = link(&test, number).await;
    let form = survey_form(&test.desk, &token).await.unwrap();
    assert!(matches!(form.state, SurveyFormState::Open { .. }));
    let wrong = answer_by_link(&test.desk, &token, None, &typed(["5", "", "5", "7", "9"], "")).await;
    let Err(AnswerError::Wrong(problems)) = wrong else { panic!("{wrong:?}") };
    assert_eq!(problems.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["solution", "overall"]);
    let good = typed(["5", "5", "5", "5", "10"], "Gracias");
    answer_by_link(&test.desk, &token, None, &good).await.unwrap();
    let again = answer_by_link(&test.desk, &token, None, &good).await;
    assert!(matches!(
        again,
        Err(AnswerError::Desk(DeskError::Refused(Refusal::Survey(SurveyRefusal::Over))))
    ));
    let form = survey_form(&test.desk, &token).await.unwrap();
    assert_eq!(form.state, SurveyFormState::Answered);
}

async fn survey_link_opens_its_survey_and_no_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    let token = link(&test, number).await;
    let (what, code) = token.rsplit_once('-').unwrap();
    let tracking = test.desk.tokens().tracking(TrackingLink::first(number));
    let (_, track_code) = tracking.split_once('-').unwrap();
    let other_cycle = format!("{}-2-{code}", number.as_compact());
    let hostile = [
        String::new(),
        what.to_owned(),
        format!("{what}-"),
        format!("{what}-{}", &code[..30]),
        format!("{what}-{}", code.to_uppercase()),
        format!("{what}-{track_code}"),
        other_cycle,
        format!("{}-01-{code}", number.as_compact()),
        format!("{}-+1-{code}", number.as_compact()),
        tracking.clone(),
    ];
    for token in &hostile {
        assert!(matches!(survey_form(&test.desk, token).await, Err(DeskError::NotFound)), "{token}");
        let outcome = answer_by_link(&test.desk, token, None, &BTreeMap::new()).await;
        assert!(matches!(outcome, Err(AnswerError::Desk(DeskError::NotFound))), "{token}");
    }
    assert_eq!(test.desk.tokens().case(&token), None, "it does not track the case");

    // After a reopening the link is void; after the next closing there is another.
    let back = Command::Reopen { said: note("Volvió a fallar") };
    act(&test, &Actor::Customer(number), number, back).await.unwrap();
    assert_eq!(count(&test, "SELECT COUNT(*) FROM surveys").await, 0);
    assert_eq!(survey_form(&test.desk, &token).await.unwrap().state, SurveyFormState::Over);
    resolve_and_close(&test, number).await;
    test.clock.advance(3 * DAY);
    scheduler::tick(&test.desk).await.unwrap();
    let fresh = link(&test, number).await;
    assert_ne!(fresh, token);
    let good = typed(["5", "5", "5", "5", "10"], "");
    let old = answer_by_link(&test.desk, &token, None, &good).await;
    assert!(matches!(old, Err(AnswerError::Desk(DeskError::Refused(_)))), "{old:?}");
    answer_by_link(&test.desk, &fresh, None, &good).await.unwrap();
}

async fn survey_link_expires_with_its_survey(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    let token = link(&test, number).await;
    // The scheduler has not run yet.
    test.clock.advance(40 * DAY);
    assert_eq!(survey_form(&test.desk, &token).await.unwrap().state, SurveyFormState::Over);
    let late = answer_by_link(&test.desk, &token, None, &typed(["5", "5", "5", "5", "10"], "")).await;
    let over =
        matches!(late, Err(AnswerError::Desk(DeskError::Refused(Refusal::Survey(SurveyRefusal::Over)))));
    assert!(over, "{late:?}");
}

async fn follow_up_of_an_erased_case_is_in_no_list(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (sad, other) = (due(&test).await, due(&test).await);
    for number in [sad, other] {
        let token = link(&test, number).await;
        answer_by_link(&test.desk, &token, None, &typed(["1", "2", "3", "2", "3"], "")).await.unwrap();
    }
    let admin = staff(Role::Administrator);
    erase_case(&test.desk, &admin, sad, domain::case::ErasureReason::Request).await.unwrap();
    let open = follow_ups(&test.desk, &supervisor(), Which::Open, 1).await.unwrap().page;
    let rows: Vec<_> = open.rows.iter().map(|row| row.number).collect();
    assert_eq!((open.paging.total, rows), (1, vec![other]), "nobody could close it");
}

async fn low_scores_open_a_follow_up_and_results_count_every_survey(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let happy = due(&test).await;
    let sad = due(&test).await;
    let silent = due(&test).await;
    act(&test, &caller(), happy, by_telephone(["5", "5", "5", "4", "10"])).await.unwrap();
    let token = link(&test, sad).await;
    answer_by_link(&test.desk, &token, None, &typed(["1", "2", "3", "2", "3"], "Tardaron mucho"))
        .await
        .unwrap();
    act(&test, &caller(), silent, Command::Survey(SurveyCommand::Refuse { note: None })).await.unwrap();

    let open = follow_ups(&test.desk, &supervisor(), Which::Open, 1).await.unwrap();
    assert_eq!(open.page.paging.total, 1);
    let row = &open.page.rows[0];
    assert_eq!((row.number, row.score, row.recommend), (sad, Some(Score(200)), Some(3)));
    assert_eq!((row.comment.as_str(), row.agent.as_str()), ("Tardaron mucho", "Marta Salas"));
    let refused = follow_ups(&test.desk, &caller(), Which::Open, 1).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    let missed = FollowUpOutcome::NotReached;
    for _ in 0..2 {
        let tried = SurveyCommand::FollowUp { outcome: missed, note: note("No contesta") };
        act(&test, &supervisor(), sad, Command::Survey(tried)).await.unwrap();
        let open = follow_ups(&test.desk, &supervisor(), Which::Open, 1).await.unwrap();
        let rows: Vec<_> = open.page.rows.iter().map(|row| (row.number, row.follow_up)).collect();
        assert_eq!(rows, [(sad, FollowUp::NotReached)], "whom nobody reached is not done");
        assert_eq!(follow_ups(&test.desk, &supervisor(), Which::Done, 1).await.unwrap().page.paging.total, 0);
    }
    let follow = SurveyCommand::FollowUp { outcome: FollowUpOutcome::Settled, note: note("Se disculpó") };
    act(&test, &supervisor(), sad, Command::Survey(follow.clone())).await.unwrap();
    let again = act(&test, &supervisor(), sad, Command::Survey(follow)).await;
    assert_eq!(refusal(&again), Some(SurveyRefusal::NoFollowUp));
    assert_eq!(follow_ups(&test.desk, &supervisor(), Which::Open, 1).await.unwrap().page.paging.total, 0);
    let done = follow_ups(&test.desk, &supervisor(), Which::Done, 9).await.unwrap();
    assert_eq!(
        (done.page.paging.page, done.page.rows[0].follow_up),
        (1, FollowUp::Done(FollowUpOutcome::Settled))
    );

    let period = latest_months(test.clock.now()).unwrap();
    let results = survey_results(&test.desk, &supervisor(), period).await.unwrap();
    let total = &results.total;
    assert_eq!((total.asked, total.answered, total.refused), (3, 2, 1));
    assert_eq!((total.score(), total.nps(), total.response_percent()), (Some(Score(338)), Some(0), Some(67)));
    let groups: Vec<_> = results
        .by
        .iter()
        .map(|(of, lines)| (*of, lines.iter().map(|line| line.group.as_str()).collect::<Vec<_>>()))
        .collect();
    let expected = [
        (Dimension::Month, vec!["2026-11", "2026-12"]),
        (Dimension::Country, vec!["VE"]),
        (Dimension::Plan, vec!["24x7 crítico"]),
        (Dimension::Agent, vec!["Marta Salas"]),
        // There was no visit.
        (Dimension::Technician, vec![]),
    ];
    assert_eq!(groups[1..], expected[1..]);
    for (dimension, lines) in results.by.iter().filter(|(of, _)| *of != Dimension::Technician) {
        let asked: i64 = lines.iter().map(|line| line.asked).sum();
        assert_eq!(asked, total.asked, "{dimension:?}");
    }
    let before = domain::calendar::Period { from: period.from.back(24), to: period.from.back(12) };
    let none = survey_results(&test.desk, &supervisor(), before).await.unwrap();
    assert_eq!((none.total.asked, none.by[0].1.len()), (0, 0));
    assert!(matches!(survey_results(&test.desk, &caller(), period).await, Err(DeskError::NotPermitted(_))));
}

async fn survey_rows_equal_the_folded_history(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    act(&test, &caller(), number, by_telephone(["5", "2", "5", "4", "6"])).await.unwrap();
    let page = read_case(&test.desk, &staff(Role::Agent), number).await.unwrap();
    let case = Case::from_history(&page.history).unwrap();
    let asked = case.survey().asked().unwrap();
    let row = sqlx::query(
        "SELECT state, score, recommend, follow_up, cycle, agent FROM surveys WHERE case_number = $1",
    )
    .bind(number.as_compact())
    .fetch_one(&mut test.connection().await)
    .await
    .unwrap();
    let given = asked.answers().unwrap();
    assert_eq!(row.get::<String, _>(0), "answered");
    assert_eq!(row.get::<Option<i64>, _>(1), given.score().map(|score| score.0));
    assert_eq!(row.get::<Option<i64>, _>(2), given.recommend().map(i64::from));
    assert_eq!((row.get::<String, _>(3), row.get::<i64, _>(4)), ("open".to_owned(), i64::from(asked.cycle)));
    assert_eq!(row.get::<String, _>(5), asked.resolver.as_ref().unwrap().name);
    let last = page.history.last().unwrap();
    assert_eq!(last.event, Event::Survey(SurveyEvent::FollowUpOpened));
    // Two answers at once: the second is refused, and nothing is written twice.
    let again = act(&test, &supervisor(), number, by_telephone(["1", "1", "1", "1", "1"])).await;
    assert_eq!(refusal(&again), Some(SurveyRefusal::Over));
}

/// Found by the simulation: results moved to the agent who resolved the case after its reopening.
async fn survey_answer_counts_for_the_agent_who_resolved_that_round(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = due(&test).await;
    act(&test, &caller(), number, by_telephone(["1", "1", "1", "1", "1"])).await.unwrap();
    let said = note("Volvió a fallar");
    act(&test, &Actor::Customer(number), number, Command::Reopen { said }).await.unwrap();
    test.clock.advance(HOUR);
    let resolve = Command::Resolve {
        category: Category::Software,
        cause: note("Versión vieja"),
        solution: note("Se actualizó"),
        chosen: None,
        classification: None,
    };
    act(&test, &supervisor(), number, resolve).await.unwrap();
    let followed = SurveyCommand::FollowUp { outcome: FollowUpOutcome::Settled, note: note("Se habló") };
    act(&test, &supervisor(), number, Command::Survey(followed)).await.unwrap();
    let row = sqlx::query("SELECT agent, agent_id FROM surveys WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    let Actor::Staff(agent) = staff(Role::Agent) else { panic!("an agent is of the staff") };
    assert_eq!((row.get::<String, _>(0), row.get::<i64, _>(1)), (agent.name, agent.id.0));
    let workers = "SELECT COUNT(*) FROM survey_workers";
    assert!(count(&test, workers).await > 1, "who worked on it since does not ask either");
}
