//! The end of a case on its customer's page: the question whether it works, the closing report, and the way back.

use domain::calendar::MomentStyle;
use domain::case::{End, Status};
use domain::t;
use domain::time::Instant;
use leptos::ev;
use leptos::prelude::*;

use super::api::{Answer, Reader, answer_case};
use super::live_case::LiveCase;
use super::posting::{Outcome, PostField, Posting, TrackForm};
use crate::language::use_language;
use crate::live::use_time;
use crate::pages::Typed;
use crate::ui::Icon;

/// The forms and facts of a case's end; nothing before it.
#[component]
pub(super) fn Ending(live: LiveCase) -> impl IntoView {
    let status = Memo::new(move |_| live.page.with(|page| page.status));
    move || match status.get() {
        Status::Resolved => view! { <Question live/> }.into_any(),
        Status::Closed | Status::Cancelled | Status::Duplicate => {
            let account = live.page.with_untracked(|page| page.account.clone());
            view! {
                {account.map(|account| account.view("stack"))}
                {(live.seen_by != Reader::Participant).then(|| view! { <Again live/> <Onward live/> })}
            }
            .into_any()
        }
        Status::New | Status::InProgress | Status::OnHold => ().into_any(),
    }
}

/// One form of a customer's answer: plain HTML that works without a script, and stays on the page with one. Only the customer
/// is shown it.
#[component]
fn AnswerForm(
    live: LiveCase,
    /// The key of the text's label.
    label: &'static str,
    /// Whether the answer needs a text.
    #[prop(optional)]
    needs_text: bool,
    /// The answers with the keys of their words; the first is the main one.
    answers: Vec<(Answer, &'static str)>,
) -> impl IntoView {
    if live.seen_by != Reader::Contact {
        return ().into_any();
    }
    let language = use_language();
    let posting = Posting::new(live, TrackForm::Answer);
    let send = move |event: ev::MouseEvent, answer: Answer| {
        let ask = move |tracking, mut typed: Typed| {
            answer_case(tracking, answer, typed.remove("said").unwrap_or_default())
        };
        posting.send(&event, ask, |_| ());
    };
    let buttons = answers.into_iter().enumerate().map(|(place, (answer, words))| {
        view! {
            <button
                class=if place == 0 { "button button--main button--big" } else { "button button--big" }
                type="submit"
                name="answer"
                value=answer.code()
                aria-disabled=move || posting.busy()
                on:click=move |event| send(event, answer)
            >
                {t!(language, words)}
            </button>
        }
    });
    view! {
        <form class="stack" method="post" action=posting.action() on:input=move |event| posting.clear_problem(&event)>
            <PostField posting name="said" id="said" label most=4000 rows=3 required=needs_text/>
            <Outcome posting/>
            <div class="row">{buttons.collect_view()}</div>
        </form>
    }
    .into_any()
}

/// The question whether the solution works.
#[component]
fn Question(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let solution = live.page.with_untracked(|page| page.solution.clone());
    let (title, lead) = if live.seen_by == Reader::Participant {
        ("track.solved.title", "track.solved.lead")
    } else {
        ("track.verify.title", "track.verify.lead")
    };
    view! {
        <section class="card stack" aria-labelledby="h-verify" id="verify">
            <h2 id="h-verify">{t!(language, title)}</h2>
            <p>{t!(language, lead)}</p>
            {solution.map(|solution| view! { <blockquote class="history__text">{solution}</blockquote> })}
            <AnswerForm
                live
                label="track.verify.said"
                answers=vec![(Answer::Works, "track.verify.works"), (Answer::StillFails, "track.verify.still_fails")]
            />
        </section>
    }
    .into_any()
}

/// The link to a new case, once this one cannot be reopened.
#[component]
fn Onward(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let end = live.page.with_untracked(|page| page.end.clone());
    let (title, lead) = match end {
        Some(End::Terminated(_)) => ("track.follow.again_title", "track.follow.again"),
        Some(End::Closed(_)) | None => ("track.follow.title", "track.follow.lead"),
    };
    let is_wanted = Memo::new(move |_| end.as_ref().is_some_and(|end| end.can_be_followed(time.now())));
    let address = live.tracking.with_value(|tracking| format!("/track/{tracking}/follow"));
    move || {
        let address = address.clone();
        is_wanted.get().then(|| {
            view! {
                <section class="card stack" aria-labelledby="h-follow">
                    <h2 id="h-follow">{t!(language, title)}</h2>
                    <p>{t!(language, lead)}</p>
                    <p><a class="button button--main" href=address rel="external">{t!(language, "track.follow.act")}</a></p>
                </section>
            }
        })
    }
}

/// The form to reopen a closed case, while that is possible.
#[component]
fn Again(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let until = live.page.with_untracked(|page| match &page.end {
        Some(End::Closed(closed)) => closed.reopen_until,
        Some(End::Terminated(_)) | None => Instant(0),
    });
    let is_over = Memo::new(move |_| time.now() >= until);
    let came_back = live.reply_to(TrackForm::Answer).is_some();
    let last = live.hours.with_value(|hours| hours.zone.format(until.plus(-1), language, MomentStyle::Long));
    move || {
        let last = last.clone();
        if is_over.get() {
            return ().into_any();
        }
        view! {
            <details class="card" open=came_back>
                <summary><Icon name="chevron"/> " " {t!(language, "track.again.title")}</summary>
                <div class="stack">
                    <p class="note">{t!(language, "track.again.until", moment = last)}</p>
                    <AnswerForm live needs_text=true label="track.again.said" answers=vec![(Answer::CameBack, "track.again.act")]/>
                </div>
            </details>
        }
        .into_any()
    }
}
