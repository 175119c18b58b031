//! The call queue, the most urgent call first. Cases that the reader worked on are not shown.

use domain::i18n::Language;
use domain::survey::{SurveyQueue, SurveyRow};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_survey_queue;
use super::{Pages, Tab, Tabs, customer, done_notice};
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, machine, relative_time};

/// The page of the call queue.
#[component]
pub fn SurveyQueuePage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let page = Memo::new(move |_| {
        query.with(|query| query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1))
    });
    let queue = Resource::new(move || page.get(), read_survey_queue);
    let done = move || query.with(|query| query.get("done"));
    view! {
        <StaffFrame title=t!(language, "survey.queue.title").into_owned() class="stack" here=Here::Survey>
            <h1>{t!(language, "survey.queue.title")}</h1>
            <Tabs tab=Tab::Calls/>
            {move || done_notice(language, done())}
            <Suspense>
                {move || Suspend::new(async move {
                    match queue.await {
                        Ok(queue) => view! { <Queue queue/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Queue(queue: SurveyQueue) -> impl IntoView {
    let language = use_language();
    let others = match queue.others {
        0 => None,
        1 => Some(t!(language, "survey.queue.other").into_owned()),
        count => Some(t!(language, "survey.queue.others", count = count)),
    };
    let now = queue.now;
    let list = if queue.page.rows.is_empty() {
        view! {
            <div class="empty card">
                <Icon name="check"/>
                <h2>{t!(language, "survey.queue.empty")}</h2>
                <p>{t!(language, "survey.queue.empty_hint")}</p>
            </div>
        }
        .into_any()
    } else {
        let rows = queue.page.rows.into_iter().map(|call| row(language, &call, now)).collect_view();
        view! {
            <div class="card tablewrap" tabindex="0" role="region" aria-label=t!(language, "survey.queue.caption")>
                <table class="table">
                    <caption class="sr">{t!(language, "survey.queue.caption")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "survey.queue.turn")}</th>
                            <th scope="col">{t!(language, "staff.queue.head.case")}</th>
                            <th scope="col">{t!(language, "staff.queue.head.who")}</th>
                            <th scope="col">{t!(language, "survey.queue.attempts")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        {list}
        {others.map(|words| view! { <p class="note">{words}</p> })}
        <Pages address="/desk/survey" paging=queue.page.paging/>
    }
    .into_any()
}

fn row(language: Language, call: &SurveyRow, now: Instant) -> impl IntoView + use<> {
    let turn = if call.turn <= now {
        view! { <span class="badge">{t!(language, "survey.queue.now")}</span> }.into_any()
    } else {
        let at = relative_time(language, &call.zone, call.turn, now);
        view! { <time datetime=machine(&call.zone, call.turn)>{at}</time> }.into_any()
    };
    let address = format!("/desk/survey/calls/{}", call.number.as_compact());
    let site = match call.place.as_str() {
        "" => call.equipment.clone(),
        place => format!("{} · {place}", call.equipment),
    };
    view! {
        <tr>
            <td>{turn}</td>
            <th scope="row"><a class="cover number" href=address>{call.number.grouped()}</a></th>
            <td>
                <span class="two">{customer(language, &call.customer)}</span>
                <span class="two">{site}</span>
            </td>
            <td>{call.attempts}</td>
        </tr>
    }
}
