//! One call of the survey: the customer, the outcome without an answer, and the questions.

use domain::calendar::{MomentStyle, ServiceHours, Spans};
use domain::case::{AttemptOutcome, Audience};
use domain::survey::{Ended, SurveyCall, SurveyRound, WhoseCall};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::read_survey_call;
use super::{customer, done_notice, failure_notice};
use crate::address::case_address;
use crate::language::use_language;
use crate::live::provide_time;
use crate::pages::PostReply;
use crate::pages::staff::frame::{FailedCase, Here, StaffFrame};
use crate::ui::site_time;
use crate::ui::{History, Icon, NoSendByEnter, Notice, Questions, Tone, relative_time};

/// The page of one call.
#[component]
pub fn SurveyCallPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let call = Resource::new(move || number.get(), read_survey_call);
    view! {
        <StaffFrame title=t!(language, "survey.call.title").into_owned() class="stack" here=Here::Survey>
            <Suspense>
                {move || Suspend::new(async move {
                    match call.await {
                        Ok((call, reply)) => view! { <Call call reply/> }.into_any(),
                        Err(error) => view! { <FailedCase error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Call(call: SurveyCall, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    provide_time(call.now);
    let done = query.with_untracked(|query| query.get("done"));
    let failure = failure_notice(reply.failure.clone());
    let hours = StoredValue::new(ServiceHours { spans: Spans::unknown(call.now), zone: call.zone.clone() });
    let entries = call.history.clone();
    let open = open(&call);
    let body = match open {
        Ok(asked) => view! { <Open call=call.clone() asked reply/> }.into_any(),
        Err(why) => {
            view! { <Notice tone=Tone::Care icon="info"><p>{t!(language, why)}</p></Notice> }.into_any()
        }
    };
    view! {
        <p><a href="/desk/survey">{t!(language, "survey.queue.title")}</a></p>
        <div class="casehead">
            <h1>{t!(language, "survey.call.title")} " " <span class="number">{call.number.grouped()}</span></h1>
            <p class="casehead__title">{customer(language, &call.customer)} " · " {call.equipment.clone()}</p>
        </div>
        {done_notice(language, done)}
        {failure}
        <div class="split split--aside-first">
            <div class="stack stack--wide">{body}</div>
            <aside class="split__side stack" aria-label=t!(language, "staff.facts.label")>
                <Whom call/>
                <section class="card stack" aria-labelledby="h-survey-history">
                    <h2 id="h-survey-history">{t!(language, "staff.history")}</h2>
                    <History entries hours audience=Audience::Internal/>
                </section>
            </aside>
        </div>
    }
    .into_any()
}

/// The survey that is open for answers, or the key of the reason why there is none.
fn open(call: &SurveyCall) -> Result<SurveyRound, &'static str> {
    let Some(asked) = call.asked.clone() else { return Err("survey.refusal.not_due") };
    match asked.ended {
        Some(Ended::Answered { .. }) => Err("survey.call.answered"),
        Some(Ended::Refused { .. } | Ended::Lapsed { .. }) => Err("survey.refusal.over"),
        None if asked.until <= call.now => Err("survey.refusal.over"),
        None if call.whose == WhoseCall::SomebodyElses => Err("survey.refusal.worked_on_it"),
        None => Ok(asked),
    }
}

/// The customer's contact, and the case.
#[component]
fn Whom(call: SurveyCall) -> impl IntoView {
    let language = use_language();
    let contact = call.contact;
    let zone = call.zone;
    let there = t!(
        language,
        "staff.person.time",
        at = zone.format(call.now, language, MomentStyle::Time),
        place = zone.city(language)
    );
    let closed = call.closed_at.map(|at| zone.format(at, language, MomentStyle::Long));
    view! {
        <section class="card stack" aria-labelledby="h-person">
            <h2 id="h-person">{t!(language, "staff.person.title")}</h2>
            <p><b>{contact.name.to_string()}</b></p>
            <p class="call">
                <a href=contact.phone.tel_uri()><Icon name="phone"/> " " {contact.phone.national()}</a>
            </p>
            {contact.second.map(|phone| {
                view! {
                    <p class="call call--small">
                        <a href=phone.tel_uri()><Icon name="phone"/> " " {phone.national()}</a>
                    </p>
                }
            })}
            <p class="note">{there}</p>
            <dl class="facts">
                {closed.map(|at| view! { <div><dt>{t!(language, "survey.call.closed")}</dt><dd>{at}</dd></div> })}
                {call.solution.map(|done| view! { <div><dt>{t!(language, "survey.call.done")}</dt><dd>{done}</dd></div> })}
            </dl>
            <p><a href=case_address(call.number)>{t!(language, "survey.call.case")}</a></p>
        </section>
    }
    .into_any()
}

#[component]
fn Open(call: SurveyCall, asked: SurveyRound, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let action = format!("/desk/survey/calls/{}", call.number.as_compact());
    let script = t!(language, "survey.call.script", name = call.contact.name, number = call.number.grouped());
    let who = match reply.text("who") {
        before if before.is_empty() => call.contact.name.to_string(),
        before => before,
    };
    let turn = (asked.turn > call.now).then(|| {
        let at = relative_time(language, &call.zone, asked.turn, call.now);
        view! { <Notice tone=Tone::Calm icon="info"><p>{t!(language, "survey.call.later", at = at)}</p></Notice> }
    });
    view! {
        {turn}
        <NobodyThere action=action.clone() attempts=asked.attempts/>
        <Later action=action.clone() zone=call.zone.clone() now=call.now reply=reply.clone()/>
        <section class="card stack stack--wide" aria-labelledby="h-questions">
            <h2 id="h-questions">{t!(language, "survey.call.questions")}</h2>
            <blockquote class="history__text">{script}</blockquote>
            <form class="stack stack--wide" method="post" action=action>
                <NoSendByEnter/>
                <input type="hidden" name="act" value="answer"/>
                <Line name="who" label="survey.call.who" value=who problem=reply.problem("who")/>
                <Questions questionnaire=asked.questionnaire typed=reply.typed problems=reply.problems/>
                <div class="row">
                    <button class="button button--main button--big" type="submit">
                        {t!(language, "survey.call.save")}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The outcome of a call that reached no person: one tap.
#[component]
fn NobodyThere(action: String, attempts: u32) -> impl IntoView {
    let language = use_language();
    let so_far = match attempts {
        0 => None,
        1 => Some(t!(language, "staff.attempt").into_owned()),
        count => Some(t!(language, "staff.attempts", count = count)),
    };
    let buttons = AttemptOutcome::ALL.map(|outcome| {
        view! {
            <button class="button" type="submit" name="outcome" value=outcome.code()>
                {t!(language, outcome.name_key())}
            </button>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-attempt">
            <h2 id="h-attempt">
                {t!(language, "survey.call.nobody")}
                {so_far.map(|words| view! { " " <span class="badge badge--line">{words}</span> })}
            </h2>
            <form class="row" method="post" action=action>
                <input type="hidden" name="act" value="attempt"/>
                {buttons.collect_view()}
            </form>
        </section>
    }
    .into_any()
}

/// The customer asks for another time, or refuses.
#[component]
fn Later(action: String, zone: domain::calendar::ZoneView, now: Instant, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let act = reply.text("act");
    let at = match reply.text("at") {
        before if before.is_empty() => site_time::tomorrow_at_nine(&zone, now),
        before => before,
    };
    let (no_time, hint) =
        (reply.problem("at"), t!(language, "staff.pause.zone", place = zone.city(language)));
    let look = no_time.is_some().then_some("error");
    view! {
        <details class="card" open=act == "call_back">
            <summary><Icon name="chevron"/> " " {t!(language, "survey.call.back")}</summary>
            <form class="stack" method="post" action=action.clone()>
                <NoSendByEnter/>
                <input type="hidden" name="act" value="call_back"/>
                <div class="field" data-look=look>
                    <label class="field__label" for="survey-at">{t!(language, "survey.call.when")}</label>
                    <p class="field__hint" id="survey-at-hint">{hint}</p>
                    <div class="field__box">
                        <input class="field__input" id="survey-at" name="at" type="datetime-local" required value=at
                            aria-describedby="survey-at-hint"/>
                    </div>
                    {wrong(no_time)}
                </div>
                <Line name="call_back_note" label="survey.call.note" value=reply.text("call_back_note")
                    problem=reply.problem("call_back_note")/>
                <div class="row"><button class="button" type="submit">{t!(language, "survey.call.back_save")}</button></div>
            </form>
        </details>
        <details class="card" open=act == "refuse">
            <summary><Icon name="chevron"/> " " {t!(language, "survey.call.refuse")}</summary>
            <form class="stack" method="post" action=action>
                <NoSendByEnter/>
                <input type="hidden" name="act" value="refuse"/>
                <p class="note">{t!(language, "survey.call.refuse_hint")}</p>
                <Line name="refuse_note" label="survey.call.note" value=reply.text("refuse_note")
                    problem=reply.problem("refuse_note")/>
                <div class="row"><button class="button" type="submit">{t!(language, "survey.call.refuse_save")}</button></div>
            </form>
        </details>
    }
    .into_any()
}

/// A field of one line.
#[component]
fn Line(name: &'static str, label: &'static str, value: String, problem: Option<String>) -> impl IntoView {
    let language = use_language();
    let id = format!("survey-{name}");
    let invalid = problem.is_some().then_some("true");
    let look = problem.is_some().then_some("error");
    let labelled = id.clone();
    view! {
        <div class="field" data-look=look>
            <label class="field__label" for=labelled>{t!(language, label)}</label>
            <div class="field__box">
                <input class="field__input" id=id name=name value=value autocomplete="off" maxlength="300" aria-invalid=invalid/>
            </div>
            {wrong(problem)}
        </div>
    }
    .into_any()
}

fn wrong(problem: Option<String>) -> Option<impl IntoView> {
    problem.map(|words| view! { <p class="field__error" role="alert">{words}</p> })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::calendar::ZoneView;
    use domain::case::Contact;
    use domain::case_number::CaseNumber;
    use domain::country::Country;
    use domain::i18n::Language;
    use domain::mail_address::MailAddress;
    use domain::phone::Phone;
    use domain::survey::Questionnaire;
    use domain::text::PersonName;

    fn call(asked: Option<SurveyRound>, whose: WhoseCall) -> SurveyCall {
        let zone = ZoneView { name: "America/Caracas".into(), offset_s: -14_400, changes: Vec::new() };
        SurveyCall {
            number: CaseNumber::new(Country::Ve, 2026, 1).unwrap(),
            customer: String::new(),
            equipment: String::new(),
            contact: Contact {
                name: PersonName::parse("Ana Rivas").unwrap(),
                phone: Phone::parse(Country::Ve, "+58 212 555 0142").unwrap(),
                second: None,
                mail: MailAddress::parse("ana@example.com").unwrap(),
            },
            whose,
            opened_at: Instant(0),
            closed_at: Some(Instant(1)),
            solution: None,
            asked,
            history: Vec::new(),
            zone,
            now: Instant(100),
        }
    }

    #[test]
    fn a_call_says_why_it_cannot_be_made() {
        let asked = SurveyRound {
            cycle: 1,
            questionnaire: Questionnaire::initial(),
            resolver: None,
            since: Instant(1),
            until: Instant(200),
            attempts: 0,
            turn: Instant(1),
            ended: None,
            follow_up: None,
        };
        assert!(open(&call(Some(asked.clone()), WhoseCall::Yours)).is_ok());
        let theirs = open(&call(Some(asked.clone()), WhoseCall::SomebodyElses));
        assert_eq!(theirs, Err("survey.refusal.worked_on_it"));
        assert_eq!(open(&call(None, WhoseCall::Yours)), Err("survey.refusal.not_due"));
        let late = SurveyRound { until: Instant(100), ..asked };
        assert_eq!(open(&call(Some(late), WhoseCall::Yours)), Err("survey.refusal.over"));
        assert_eq!(customer(Language::Es, "Metro"), "Metro");
    }
}
