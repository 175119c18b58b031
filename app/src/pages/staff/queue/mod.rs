//! The queue: cases on time first, breached ones apart, with live clocks.

mod api;
mod page_data;
mod query;
mod row;

use domain::case::ClockState;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::page::Paging;
use domain::t;
use domain::view::{QueueCounts, QueuePage, QueueState};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::api::read_queue;
use self::page_data::QueueData;
use self::query::{QueueQuery, Whose};
use self::row::{Head, row};
use super::filter::{NothingShown, Unknown};
use super::frame::{Failed, Here, StaffFrame};
use super::queue_place::keep_place;
use super::refresh::{Hint, ask_soon, follow_hints};
use crate::AppError;
use crate::language::use_language;
use crate::live::{Link, provide_time, use_time};
use crate::press;
use crate::ui::{DeferredView, Icon, as_of, digits, when_read};
use crate::wire::sent;

/// The page of the queue.
#[component]
pub fn QueuePageView() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let parsed = Memo::new(move |_| query.with(QueueQuery::parse));
    let pages = sent(
        move || parsed.get(),
        |parsed| async move {
            let wanted = parsed?;
            Ok((wanted, read_queue(wanted.state, wanted.country, wanted.whose, wanted.page).await))
        },
    );
    view! {
        <StaffFrame title=t!(language, "staff.queue.title").into_owned() class="stack" here=Here::Queue>
            <Transition fallback=Skeleton>
                {when_read(pages, |read: Result<_, Unknown>| match read {
                    Ok((wanted, Ok(first))) => view! { <Queue wanted first/> }.into_any(),
                    Ok((_, Err(error))) => view! { <Failed error/> }.into_any(),
                    Err(unknown) => {
                        view! {
                            <h1>{t!(use_language(), "staff.queue.title")}</h1>
                            <NothingShown unknown all="/desk"/>
                        }
                        .into_any()
                    }
                })}
            </Transition>
        </StaffFrame>
    }
    .into_any()
}

/// The queue as first read, refreshed from then on.
#[component]
fn Queue(wanted: QueueQuery, first: QueuePage) -> impl IntoView {
    let language = use_language();
    let time = provide_time(first.snapshot.now);
    let seq = first.snapshot.seq;
    let held = RwSignal::new(QueueData::from(first));
    keep_place(wanted.address());
    let trouble = RwSignal::new(None::<AppError>);
    let news = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    let link = follow_hints(seq, move |hint| {
        let Some(known) = held.try_with_untracked(|held| held.seq) else { return };
        let (Hint::Case { seq, .. } | Hint::All { seq }) = &hint;
        if *seq > known {
            if let Hint::Case { number, version: 1, .. } = hint {
                let number = CaseNumber::parse(&number).map_or(number, |number| number.to_string());
                news.set(t!(language, "staff.queue.new_case", number = number));
            }
            ask_soon(asking, move || read_again(wanted, held, trouble));
        }
    });
    let order = Memo::new(move |_| held.with(|held| held.order(wanted.state, time.now())));
    let list = Memo::new(move |_| order.with(|order| order.list.clone()));
    let is_empty = Memo::new(move |_| list.with(Vec::is_empty));
    view! {
        <div class="row row--apart">
            <h1>{t!(language, "staff.queue.title")}</h1>
            <p class="note"><LinkState link trouble/> <AsOf held/></p>
        </div>
        <Filters wanted held/>
        <div class="queues">
            <div class="card queue">
                // For narrow screens without a heading; screen readers read the heading.
                <p class="note queue__counted" aria-hidden="true">{t!(language, "staff.queue.counted")}</p>
                <Show when=move || !is_empty.get() fallback=move || view! { <Empty wanted order/> }>
                    <table class="table">
                        <caption class="sr">{t!(language, "staff.queue.caption")}</caption>
                        <Head/>
                        <Rows numbers=list held/>
                    </table>
                </Show>
            </div>
            <Pages wanted held/>
            <Band wanted held order/>
        </div>
        <output class="sr" aria-live="polite">{news}</output>
    }
    .into_any()
}

/// Cases, one line each.
#[component]
fn Rows(numbers: Memo<Vec<CaseNumber>>, held: RwSignal<QueueData>) -> impl IntoView {
    view! {
        <tbody>
            <For each=move || numbers.get() key=|number| *number let:number>
                {held
                    .with_untracked(|held| held.line(number).cloned())
                    .map(|line| DeferredView::new(move || row(number, line, held)))}
            </For>
        </tbody>
    }
    .into_any()
}

/// Cases with a breached target: their number, and the newest of them. They stand apart, so that the page shows cases that
/// can still be on time.
#[component]
fn Band(wanted: QueueQuery, held: RwSignal<QueueData>, order: Memo<page_data::Order>) -> impl IntoView {
    let language = use_language();
    let band = Memo::new(move |_| order.with(|order| order.band.clone()));
    let is_there = Memo::new(move |_| band.with(|band| !band.is_empty()));
    // A filter by another state has its breached cases among those of all states.
    let all = wanted.with_state(QueueState::Breached).address();
    let title = move || {
        let shown = i64::try_from(band.with(Vec::len)).unwrap_or(0);
        let count = held.with(|held| held.counts.breached.max(shown));
        t!(language, "staff.queue.band", count = count)
    };
    view! {
        <Show when=move || is_there.get() fallback=|| ()>
            <section class="card queue queue--band" data-state=ClockState::Breached.code() aria-labelledby="h-breached">
                <div class="queue__head">
                    <h2 id="h-breached"><Icon name=ClockState::Breached.code()/> " " {title}</h2>
                    <a href=all.clone()>{t!(language, "staff.queue.band_all")}</a>
                </div>
                <table class="table">
                    <caption class="sr">{t!(language, "staff.queue.band_caption")}</caption>
                    <Head/>
                    <Rows numbers=band held/>
                </table>
            </section>
        </Show>
    }
    .into_any()
}

/// Reads the page again; an answer older than the present state is dropped.
async fn read_again(wanted: QueueQuery, held: RwSignal<QueueData>, trouble: RwSignal<Option<AppError>>) {
    let read = read_queue(wanted.state, wanted.country, wanted.whose, wanted.page).await;
    press::released().await;
    match read {
        Ok(page) if held.try_with_untracked(|held| held.seq <= page.snapshot.seq) == Some(true) => {
            held.set(QueueData::from(page));
            trouble.set(None);
        }
        Ok(_) => {}
        Err(error) => {
            trouble.try_set(Some(error));
        }
    }
}

/// The state of the connection: live, or since when not.
#[component]
fn LinkState(link: ReadSignal<Link>, trouble: RwSignal<Option<AppError>>) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    move || match (link.get(), trouble.get()) {
        (Link::Cut(since), _) => {
            let length = digits(language, time.now().since(since));
            view! { <Icon name="offline"/> " " {t!(language, "staff.link.cut", length = length)} }.into_any()
        }
        (_, Some(error)) => view! { <Icon name="offline"/> " " {error.message(language)} }.into_any(),
        (Link::Connecting, None) => t!(language, "staff.link.connecting").into_any(),
        (Link::Live, None) => {
            view! { <Icon name="online"/> " " {t!(language, "staff.link.live")} }.into_any()
        }
    }
}

/// The time of the figures, until they tick.
#[component]
fn AsOf(held: RwSignal<QueueData>) -> impl IntoView {
    let language = use_language();
    let now = use_time().now_untracked();
    let words = held.with_untracked(|held| held.hours().map(|hours| as_of(language, hours, now)));
    words.map(|words| view! { <span class="asof">{words}</span> })
}

/// Filters by state, assignee and country. Each is a link with the number of its cases.
#[component]
fn Filters(wanted: QueueQuery, held: RwSignal<QueueData>) -> impl IntoView {
    let language = use_language();
    let count = move |of: fn(&QueueCounts, usize) -> i64, place: usize| {
        view! { " " <b>{move || held.with(|held| of(&held.counts, place)).to_string()}</b> }
    };
    let states = QueueState::ALL.into_iter().enumerate().map(move |(place, state)| {
        let current = wanted.state == state;
        let of = |counts: &QueueCounts, place: usize| counts.states.get(place).copied().unwrap_or(0);
        view! {
            <a href=wanted.with_state(state).address() aria-current=current.then_some("true")>
                {t!(language, state.name_key())} {count(of, place)}
            </a>
        }
    });
    let whose = [(Whose::Mine, "staff.queue.mine"), (Whose::Nobodys, "staff.queue.nobodys")];
    let whose = whose.into_iter().enumerate().map(move |(place, (whose, name))| {
        let current = wanted.whose == whose;
        let to = wanted.with_whose(if current { Whose::Anybodys } else { whose });
        let of = |counts: &QueueCounts, place: usize| if place == 0 { counts.mine } else { counts.nobodys };
        view! {
            <a href=to.address() aria-current=current.then_some("true")>
                {t!(language, name)} {count(of, place)}
                {current.then(|| view! { <Icon name="close"/> <span class="sr">{t!(language, "staff.queue.everybody")}</span> })}
            </a>
        }
    });
    let countries = Country::ALL.into_iter().enumerate().map(move |(place, country)| {
        let current = wanted.country == Some(country);
        let to = wanted.with_country((!current).then_some(country));
        let of = |counts: &QueueCounts, place: usize| counts.countries.get(place).copied().unwrap_or(0);
        view! {
            <a href=to.address() aria-current=current.then_some("true")>
                {t!(language, country.name_key())} {count(of, place)}
                {current.then(|| view! { <Icon name="close"/> <span class="sr">{t!(language, "staff.queue.every_country")}</span> })}
            </a>
        }
    });
    view! {
        <nav class="filters" aria-label=t!(language, "staff.queue.filters")>
            {whose.collect_view()} {states.collect_view()} {countries.collect_view()}
        </nav>
    }
    .into_any()
}

/// The range of the shown cases, and links to the pages before and after.
#[component]
fn Pages(wanted: QueueQuery, held: RwSignal<QueueData>) -> impl IntoView {
    let language = use_language();
    move || {
        held.with(|held| {
            let paging = held.paging;
            view! {
                <div class="pages">
                    <p>{shown(language, paging)}</p>
                    <nav class="row" aria-label=t!(language, "staff.queue.pages")>
                        {paging
                            .before()
                            .map(|page| {
                                let to = wanted.with_page(page).address();
                                view! { <a class="button" href=to rel="prev">{t!(language, "staff.queue.before")}</a> }
                            })}
                        {paging
                            .after()
                            .map(|page| {
                                let to = wanted.with_page(page).address();
                                view! {
                                    <a class="button" href=to rel="next">
                                        {t!(language, "staff.queue.after")} " " <Icon name="chevron"/>
                                    </a>
                                }
                            })}
                    </nav>
                </div>
            }
        })
    }
}

/// `Casos 51 a 100 de 1234`; empty when there are none.
fn shown(language: Language, paging: Paging) -> String {
    let Some((first, last)) = paging.span() else { return String::new() };
    t!(language, "staff.queue.shown", first = first, last = last, total = paging.total)
}

/// The page of an empty queue, with the next step.
#[component]
fn Empty(wanted: QueueQuery, order: Memo<page_data::Order>) -> impl IntoView {
    let language = use_language();
    let (title, hint) = if wanted.with_page(1) == QueueQuery::ALL {
        ("staff.queue.empty", "staff.queue.empty_hint")
    } else {
        ("staff.queue.none", "staff.queue.none_hint")
    };
    let (to, name) = if wanted.with_page(1) == QueueQuery::ALL {
        ("/desk/intake", "staff.nav.intake")
    } else {
        ("/desk", "staff.queue.show_all")
    };
    // Breached cases stand below, in their band.
    let all_broken = move || order.with(|order| !order.band.is_empty());
    let heading = move || t!(language, if all_broken() { "staff.queue.all_broken" } else { title });
    view! {
        <div class="empty">
            <Icon name="met"/>
            <h2>{heading}</h2>
            <p hidden=all_broken>{t!(language, hint)}</p>
            <a class="button" href=to>{t!(language, name)}</a>
        </div>
    }
    .into_any()
}

/// The placeholder while the queue is read for the first time.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="card queue">
            <table class="table" aria-busy="true">
                <Head/>
                <tbody>
                    {(0..8).map(|_| view! { <tr><td colspan="5"><span class="bone"></span></td></tr> }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
