//! The wall: every open case with its remaining time, for a display that runs unattended for months.
//!
//! [`state`] holds the server's data, [`picture`] computes what shows in a second; both are pure. The components here follow
//! the server, and change only what changed.

pub mod picture;
pub mod room;
pub mod row;
#[cfg(test)]
pub(crate) mod sample;
mod screen;
pub mod state;
mod words;

use domain::calendar::ZoneView;
use domain::case::ClockState;
use domain::case_number::CaseNumber;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use crate::effect::effect;
use crate::language::{provide_language, use_language};
use crate::live::{Link, Message, Time, follow_afresh, provide_time};
use crate::ui::{Icon, Logo};
use picture::{BAND_COLUMNS, Picture};
use room::Room;
use row::{BrokenCard, CaseRow};
use state::{Counts, WallState};

/// The most pages that are drawn as dots; more are counted in words.
const DOTS: usize = 12;

const QUARTER_S: i64 = 900;

/// The data of the wall's components.
#[derive(Debug, Clone, Copy)]
struct View {
    board: RwSignal<WallState>,
    time: Time,
    link: ReadSignal<Link>,
    zone: Memo<ZoneView>,
    picture: Memo<Picture>,
    room: ReadSignal<Room>,
}

/// The whole wall, drawn in the browser only.
#[component]
pub fn Wall() -> impl IntoView {
    provide_language();
    let language = use_language();
    // Unknown until the server sends it: the display's own clock may be wrong.
    let time = provide_time(Instant(0));
    let board = RwSignal::new(WallState::default());
    let link = keep_current(board, time);
    screen::keep_awake();
    screen::fill_screen_by_key();
    let room = screen::room();
    // Offsets of zones change on quarters of an hour.
    let quarter = Memo::new(move |_| time.now().0.div_euclid(QUARTER_S));
    let own_zone = Memo::new(move |_| screen::own_zone(Instant(quarter.get() * QUARTER_S)));
    let zone = Memo::new(move |_| board.with(|board| own_zone.with(|own| zone_of(board, own))));
    let picture = Memo::new(move |_| {
        let rows = room.with(|room| room.rows);
        board.with(|board| zone.with(|zone| Picture::paint(language, board, zone, rows, time.now())))
    });
    let view = View { board, time, link, zone, picture, room };
    view! {
        <Head view/>
        <main data-link=move || link_code(link.get())>
            <Cases view/>
        </main>
        <Foot view/>
    }
    .into_any()
}

/// Follows the server: a snapshot, then changes, and a fresh snapshot when the data grows old.
fn keep_current(board: RwSignal<WallState>, time: Time) -> ReadSignal<Link> {
    let (afresh, set_afresh) = signal(());
    effect(move || {
        let now = time.now();
        if board.with_untracked(|board| board.wants_snapshot(now)) {
            board.update_untracked(|board| board.snapshot_requested(now));
            set_afresh.set(());
        }
    });
    follow_afresh("/events/board?page=wall".to_owned(), afresh, move |message| take_in(board, time, &message))
}

/// A message that cannot be parsed is dropped: the next snapshot brings its content.
fn take_in(board: RwSignal<WallState>, time: Time, message: &Message) {
    match message.kind {
        "snapshot" => {
            if let Ok(snapshot) = serde_json::from_str::<domain::view::Snapshot>(&message.data) {
                time.at_least(snapshot.now);
                board.update(|board| board.apply_snapshot(snapshot));
            }
        }
        "change" => {
            if let Ok(change) = serde_json::from_str(&message.data) {
                board.update(|board| board.apply_change(change));
            }
        }
        // The display was revoked, or the session is over: nothing of the wall stays on the screen.
        "ended" => drop(window().location().set_href(&message.data)),
        _ => {}
    }
}

/// The zone of the wall's clock: the one that all cases share, else the display's own.
fn zone_of(board: &WallState, own: &ZoneView) -> ZoneView {
    board.zone(&own.name).unwrap_or(own).clone()
}

const fn link_code(link: Link) -> &'static str {
    match link {
        Link::Connecting => "connecting",
        Link::Live => "live",
        Link::Cut(_) => "cut",
    }
}

/// One of the counts.
type Counted = fn(Counts) -> usize;

#[component]
fn Head(view: View) -> impl IntoView {
    let language = use_language();
    let counts = Memo::new(move |_| view.picture.with(|picture| picture.counts));
    let counted: [(ClockState, Counted); 4] = [
        (ClockState::Warning, |counts| counts.warning),
        (ClockState::Running, |counts| counts.running),
        (ClockState::Paused, |counts| counts.paused),
        (ClockState::Breached, |counts| counts.breached),
    ];
    let is_known = Memo::new(move |_| view.board.with(WallState::is_ready));
    let clock =
        move || is_known.get().then(|| view.zone.with(|zone| words::clock_time(zone, view.time.now())));
    let day = Memo::new(move |_| {
        let line = |zone: &ZoneView| words::day_line(language, zone, &zone.city(language), view.time.now());
        is_known.get().then(|| view.zone.with(line))
    });
    view! {
        <header class="wall__head">
            <span class="site__logo"><Logo/></span>
            <h1>{t!(language, "wall.heading")}</h1>
            <ul class="wall__counts">
                {counted
                    .map(|(state, of)| {
                        let count = move || of(counts.get());
                        view! {
                            <li data-state=state.code()>
                                <Icon name=state.code()/>
                                <b>{move || count().to_string()}</b>
                                " "
                                {move || t!(language, count_key(state, count()))}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <p class="wall__clock">
                <time>{clock}</time>
                <span>{day}</span>
            </p>
        </header>
    }
    .into_any()
}

const fn count_key(state: ClockState, count: usize) -> &'static str {
    match (state, count) {
        (ClockState::Breached, 1) => "wall.count.breached.one",
        (ClockState::Breached, _) => "wall.count.breached.many",
        (ClockState::Warning, 1) => "wall.count.warning.one",
        (ClockState::Warning, _) => "wall.count.warning.many",
        (ClockState::Paused, 1) => "wall.count.paused.one",
        (ClockState::Paused, _) => "wall.count.paused.many",
        (ClockState::Running | ClockState::Met | ClockState::Void, 1) => "wall.count.running.one",
        (ClockState::Running | ClockState::Met | ClockState::Void, _) => "wall.count.running.many",
    }
}

/// The content of the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Middle {
    Connecting,
    Empty,
    Cases,
}

#[component]
fn Cases(view: View) -> impl IntoView {
    let language = use_language();
    let middle = Memo::new(move |_| {
        match (view.board.with(WallState::is_ready), view.picture.with(Picture::is_empty)) {
            (false, _) => Middle::Connecting,
            (true, true) => Middle::Empty,
            (true, false) => Middle::Cases,
        }
    });
    move || match middle.get() {
        Middle::Connecting => {
            view! { <div class="wall__empty"><b>{t!(language, "wall.connecting")}</b></div> }.into_any()
        }
        Middle::Empty => view! {
            <div class="wall__empty">
                <Icon name=ClockState::Met.code()/>
                <b>{t!(language, "wall.empty.title")}</b>
                <span>{t!(language, "wall.empty.text")}</span>
            </div>
        }
        .into_any(),
        Middle::Cases => {
            let picture = view.picture;
            let rows = move || picture.with(|picture| picture.slots.to_string());
            let band = move || picture.with(|picture| picture.band_slots.to_string());
            let scale = move || format!("{:.3}", view.room.with(|room| room.scale));
            view! {
                <div class="wall__middle" style=("--rows", rows) style=("--band", band) style=("--scale", scale)>
                    <Table picture/>
                    <Band picture/>
                </div>
            }
            .into_any()
        }
    }
}

#[component]
fn Table(picture: Memo<Picture>) -> impl IntoView {
    let language = use_language();
    let numbers = Memo::new(move |_| {
        picture.with(|picture| picture.rows.iter().map(|row| row.number).collect::<Vec<CaseNumber>>())
    });
    let row = move |number: CaseNumber| {
        let first = picture.with_untracked(|picture| picture.row(number).cloned());
        first.map(|first| view! { <CaseRow number picture first/> })
    };
    view! {
        <table class="wall__cases">
            <thead>
                <tr>
                    <th scope="col"><span class="sr">{t!(language, "wall.column.state")}</span></th>
                    <th scope="col">{t!(language, "wall.column.priority")}</th>
                    <th scope="col">{t!(language, "wall.column.case")}</th>
                    <th scope="col">{t!(language, "wall.column.customer")}</th>
                    <th scope="col">{t!(language, "wall.column.holder")}</th>
                    <th scope="col">{t!(language, SlaMetric::FirstResponse.name_key())}</th>
                    <th scope="col">{t!(language, SlaMetric::Resolution.name_key())}</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || numbers.get() key=|number| *number children=row/>
            </tbody>
        </table>
    }
    .into_any()
}

/// Cases with a breached target, apart: how many, and the newest of them.
#[component]
fn Band(picture: Memo<Picture>) -> impl IntoView {
    let language = use_language();
    let numbers = Memo::new(move |_| {
        picture.with(|picture| picture.broken.iter().map(|broken| broken.number).collect::<Vec<CaseNumber>>())
    });
    let count = Memo::new(move |_| picture.with(|picture| picture.counts.breached));
    let is_there = Memo::new(move |_| numbers.with(|numbers| !numbers.is_empty()));
    let card = move |number: CaseNumber| {
        let first = picture.with_untracked(|picture| picture.broken(number).cloned());
        first.map(|first| view! { <BrokenCard number picture first/> })
    };
    move || {
        is_there.get().then(|| view! {
            <section class="wall__band" data-state=ClockState::Breached.code() aria-labelledby="wall-band">
                <h2 id="wall-band">
                    <Icon name=ClockState::Breached.code()/>
                    <b>{move || count.get().to_string()}</b>
                    <span>{move || t!(language, count_key(ClockState::Breached, count.get()))}</span>
                </h2>
                <ul style=("--columns", BAND_COLUMNS.to_string())>
                    <For each=move || numbers.get() key=|number| *number children=card/>
                </ul>
            </section>
        })
    }
}

#[component]
fn Foot(view: View) -> impl IntoView {
    let language = use_language();
    let link = Memo::new(move |_| view.link.get());
    let link_words = Memo::new(move |_| match link.get() {
        Link::Connecting => t!(language, "wall.connecting").into_owned(),
        Link::Live => t!(language, "wall.live").into_owned(),
        Link::Cut(_) if !view.board.with(WallState::is_ready) => t!(language, "wall.cut_off").into_owned(),
        Link::Cut(since) => view.zone.with(|zone| words::cut_line(language, zone, since, view.time.now())),
    });
    let link_icon = move || if matches!(link.get(), Link::Cut(_)) { "offline" } else { "online" };
    let countries = Memo::new(move |_| {
        match view.picture.with(|picture| words::countries(language, &picture.countries)) {
            none if none.is_empty() => t!(language, "frame.centre").into_owned(),
            countries => countries,
        }
    });
    view! {
        <footer class="wall__foot">
            <p class="wall__link" data-link=move || link_code(link.get()) role="status">
                <svg class="icon" aria-hidden="true">
                    <use_ href=move || format!("/icons.svg#{}", link_icon())></use_>
                </svg>
                " "
                {link_words}
            </p>
            <p>{countries}</p>
            <Pages picture=view.picture/>
        </footer>
    }
    .into_any()
}

#[component]
fn Pages(picture: Memo<Picture>) -> impl IntoView {
    let language = use_language();
    let pages = Memo::new(move |_| picture.with(|picture| picture.pages));
    let page = Memo::new(move |_| picture.with(|picture| picture.page));
    let words = Memo::new(move |_| {
        picture.with(|picture| {
            let (first, last) = picture.range();
            let (page, pages, total) = (picture.page + 1, picture.pages, picture.total);
            t!(language, "wall.pages", page = page, pages = pages, first = first, last = last, total = total)
        })
    });
    let dots = move || {
        let shown = if pages.get() > DOTS { 0 } else { pages.get() };
        (0..shown)
            .map(|dot| view! { <i data-here=move || (page.get() == dot).then_some("")></i> })
            .collect_view()
    };
    move || (pages.get() > 1).then(|| view! { <p class="wall__pages">{dots} " " {words}</p> })
}
