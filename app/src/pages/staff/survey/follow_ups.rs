//! Follow-ups: unhappy customers whom a supervisor has to call, with the outcomes.

use domain::i18n::Language;
use domain::survey::{FollowUp, FollowUpList, FollowUpOutcome, FollowUpRow, HIGHEST_NPS};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_follow_ups;
use super::{Pages, Tab, Tabs, customer, done_notice, failure_notice};
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::inputs::area_text;
use crate::ui::{Icon, NoSendByEnter, relative_time};

/// The page of follow-ups.
#[component]
pub fn FollowUpsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let wanted = Memo::new(move |_| {
        query.with(|query| {
            let page: u32 = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
            let done = query.get("list").as_deref() == Some("done");
            let understood = if done { "list=done" } else { "list=open" };
            let unknown = Unknown::of(|name| query.get(name), understood, &["list"]);
            unknown.map_or(Ok((done, page)), Err)
        })
    });
    let list = Resource::new(
        move || wanted.get(),
        |asked| async move {
            let (done, page) = asked?;
            Ok::<_, Unknown>((done, read_follow_ups(if done { "yes" } else { "no" }.to_owned(), page).await))
        },
    );
    let done = move || query.with(|query| query.get("done"));
    view! {
        <StaffFrame title=t!(language, "survey.follow_ups.title").into_owned() class="stack" here=Here::Survey>
            <h1>{t!(language, "survey.follow_ups.title")}</h1>
            <Tabs tab=Tab::FollowUps/>
            {move || done_notice(language, done())}
            <Suspense>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok((looked_after, Ok((list, reply)))) => {
                            view! { <List looked_after list reply/> }.into_any()
                        }
                        Ok((_, Err(error))) => view! { <Failed error/> }.into_any(),
                        Err(unknown) => view! { <NothingShown unknown all="/desk/survey/follow-ups"/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn List(looked_after: bool, list: FollowUpList, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let now = list.now;
    let is_empty = list.page.rows.is_empty();
    let cards = list.page.rows.into_iter().map(|row| card(language, row, now, &reply)).collect_view();
    let address = if looked_after { "/desk/survey/follow-ups?list=done" } else { "/desk/survey/follow-ups" };
    view! {
        <nav class="filters" aria-label=t!(language, "staff.queue.filters")>
            <a href="/desk/survey/follow-ups" aria-current=(!looked_after).then_some("true")>
                {t!(language, "survey.follow_ups.open")}
            </a>
            <a href="/desk/survey/follow-ups?list=done" aria-current=looked_after.then_some("true")>
                {t!(language, "survey.follow_ups.done")}
            </a>
        </nav>
        {failure_notice(reply.failure.clone())}
        {is_empty.then(|| view! {
            <div class="empty card">
                <Icon name="check"/>
                <h2>{t!(language, "survey.follow_ups.empty")}</h2>
                <p>{t!(language, "survey.follow_ups.empty_hint")}</p>
            </div>
        })}
        <div class="stack">{cards}</div>
        <Pages address paging=list.page.paging/>
    }
    .into_any()
}

fn card(language: Language, row: FollowUpRow, now: Instant, reply: &PostReply) -> impl IntoView + use<> {
    let number = row.number.as_compact();
    let title = format!("h-{number}");
    let labelled_by = title.clone();
    let mine = reply.text("number") == number;
    let reply = if mine { reply.clone() } else { PostReply::default() };
    let has_answered = row.score.is_some() || row.recommend.is_some();
    let mark = |mark: u8| t!(language, "survey.mark", mark = mark, highest = HIGHEST_NPS);
    let facts = [
        ("survey.results.score", row.score.map(|score| score.message(language))),
        ("survey.follow_ups.recommend", row.recommend.map(mark)),
        ("survey.follow_ups.agent", Some(row.agent).filter(|name| !name.is_empty())),
        (
            "survey.follow_ups.answered",
            has_answered.then(|| relative_time(language, &row.zone, row.answered_at, now)),
        ),
    ];
    let facts = facts.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(view! { <div><dt>{t!(language, name)}</dt><dd>{value}</dd></div> })
    });
    let came_to = match row.follow_up {
        FollowUp::Open => None,
        FollowUp::NotReached => Some((FollowUpOutcome::NotReached, "warning", "warning")),
        FollowUp::Done(outcome) => Some((outcome, "met", "check")),
    };
    let outcome = came_to.map(|(outcome, state, icon)| {
        view! { <p><span class="state" data-state=state><Icon name=icon/> " " {t!(language, outcome.name_key())}</span></p> }
    });
    let form = row.follow_up.is_open().then(|| view! { <CloseForm number reply/> });
    view! {
        <section class="card stack" aria-labelledby=labelled_by>
            <h2 id=title>
                <a class="number" href=case_address(row.number)>{row.number.grouped()}</a>
                " · "
                {customer(language, &row.customer)}
            </h2>
            <dl class="facts">{facts.collect_view()}</dl>
            {(!has_answered).then(|| view! { <p>{t!(language, "survey.follow_ups.unheard")}</p> })}
            {(!row.comment.is_empty()).then(|| view! { <blockquote class="history__text">{row.comment}</blockquote> })}
            {outcome}
            {form}
        </section>
    }
}

/// The form of an outcome.
#[component]
fn CloseForm(number: String, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let chosen = reply.text("outcome");
    let chips = FollowUpOutcome::ALL.into_iter().map(|outcome| {
        let checked = chosen == outcome.code();
        view! {
            <label class="choice">
                <input type="radio" name="outcome" value=outcome.code() checked=checked required/>
                <span class="choice__card">{t!(language, outcome.name_key())}</span>
            </label>
        }
    });
    let id = format!("note-{number}");
    let (no_outcome, wrong_note) = (reply.problem("outcome"), reply.problem("note"));
    let look = |problem: &Option<String>| problem.is_some().then_some("error");
    let (outcome_look, note_look) = (look(&no_outcome), look(&wrong_note));
    let (labelled, before, open) = (id.clone(), reply.text("note"), !reply.typed.is_empty());
    let error = |words: String| view! { <p class="field__error" role="alert">{words}</p> };
    view! {
        <details open=open>
            <summary class="button">{t!(language, "survey.follow_ups.act")}</summary>
            <form class="stack" method="post" action="/desk/survey/follow-ups">
                <NoSendByEnter/>
                <input type="hidden" name="number" value=number/>
                <fieldset class="question question--small" data-look=outcome_look>
                    <legend class="question__title">{t!(language, "survey.follow_ups.what_came")}</legend>
                    {no_outcome.map(error)}
                    <div class="choices choices--chips">{chips.collect_view()}</div>
                </fieldset>
                <div class="field" data-look=note_look>
                    <label class="field__label" for=labelled>{t!(language, "survey.follow_ups.note")}</label>
                    <div class="field__box">
                        <textarea class="field__input field__input--short" id=id name="note" rows="3" maxlength="4000" required
                            inner_html=area_text(&before)></textarea>
                    </div>
                    {wrong_note.map(error)}
                </div>
                <div class="row"><button class="button button--main" type="submit">{t!(language, "survey.follow_ups.save")}</button></div>
            </form>
        </details>
    }
    .into_any()
}
