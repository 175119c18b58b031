//! A case as a line of the queue, its clocks ticking.

use domain::calendar::format::MomentStyle;
use domain::case::{Clock, ClockState, Reading, Run, Status};
use domain::case_number::CaseNumber;
use domain::entitlement::{Coverage, Hours};
use domain::t;
use domain::terms::ClockKind;
use domain::time::Instant;
use domain::view::CaseRow;
use domain::words::Language;
use leptos::prelude::*;

use super::held::{Held, Line};
use crate::language::use_language;
use crate::live::use_time;
use crate::pages::staff::frame::case_address;
use crate::ui::{Icon, Mini, PriorityTag, place, shown_digits};

/// One case. Its line keeps its last shape while it leaves the page.
#[component]
pub(super) fn Row(number: CaseNumber, first: Line, held: RwSignal<Held>) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let line = Memo::new(move |before: Option<&Line>| {
        let now = held.with(|held| held.line(number).cloned());
        now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let pressing = Memo::new(move |_| line.with(|line| line.pressing(time.now())));
    let state = Memo::new(move |_| match pressing.get() {
        Some((_, reading)) => reading.state,
        None => line.with(|line| at_rest(line.row.status)),
    });
    let kinds = Memo::new(move |_| line.with(|line| shown(&line.row)));
    let row =
        move |text: fn(Language, &CaseRow) -> String| move || line.with(|line| text(language, &line.row));
    view! {
        <tr data-state=move || state.get().code()>
            <td class="c-left">
                {move || pressing.with(Option::is_some).then(|| view! { <Left pressing state/> })}
                <span class="two">{move || due_of(language, pressing.get(), line, time.now())}</span>
            </td>
            <th class="c-case" scope="row">
                <span class="two">
                    <a class="cover number" href=case_address(number)>{number.grouped()}</a>
                    " "
                    <PriorityTag priority=Signal::derive(move || line.with(|line| line.row.priority))/>
                </span>
                <span class="two clip">{row(|language, row| t!(language, row.platform.name_key()).into_owned())}</span>
            </th>
            <td class="c-who">
                <span class="two clip">{row(customer)}</span>
                <span class="two clip">{row(|_, row| format!("{} · {}", row.equipment, place(&row.hours.zone)))}</span>
            </td>
            <td class="c-state">
                <span class="two">
                    {row(|language, row| t!(language, row.status.name_key()).into_owned())}
                    <Waiting line/>
                </span>
                <span class="two">{move || line.with(|line| beside(language, line))}</span>
            </td>
            <td class="c-clocks">
                <dl>{move || kinds.get().into_iter().map(|kind| view! { <Promised kind line/> }).collect_view()}</dl>
            </td>
        </tr>
    }
    .into_any()
}

/// The promise that presses most.
#[component]
fn Left(pressing: Memo<Option<(Clock, Reading)>>, state: Memo<ClockState>) -> impl IntoView {
    let language = use_language();
    let digits = move || {
        pressing.get().map(|(clock, reading)| shown_digits(language, &clock, &reading)).unwrap_or_default()
    };
    view! { <Mini class="left" state digits=Signal::derive(digits)/> }.into_any()
}

/// One of the promises, by name.
#[component]
fn Promised(kind: ClockKind, line: Memo<Line>) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let read = Memo::new(move |_| line.with(|line| line.promise(kind, time.now())));
    let state = move || read.get().map_or(ClockState::Met, |(_, reading)| reading.state);
    let digits = move || {
        read.get().map(|(clock, reading)| shown_digits(language, &clock, &reading)).unwrap_or_default()
    };
    view! {
        <dt>{t!(language, short_name_key(kind))}</dt>
        <dd><Mini state=Signal::derive(state) digits=Signal::derive(digits)/></dd>
    }
    .into_any()
}

/// The promises with a figure of their own: once the customer was reached, news stand in the place of the first contact.
fn shown(row: &CaseRow) -> Vec<ClockKind> {
    let has = |kind: ClockKind| row.clocks.iter().any(|clock| clock.kind == kind && !clock.run.is_over());
    let news = [ClockKind::Committed, ClockKind::Update].into_iter().find(|kind| has(*kind));
    let rest = row.clocks.iter().map(|clock| clock.kind);
    let is_news = |kind: &ClockKind| matches!(kind, ClockKind::Committed | ClockKind::Update);
    let rest = rest.filter(|kind| !is_news(kind) && (news.is_none() || *kind != ClockKind::Attention));
    news.into_iter().chain(rest).collect()
}

/// How a case shows in which no promise presses: a withdrawn one kept none of what was left.
const fn at_rest(status: Status) -> ClockState {
    match status {
        Status::Cancelled | Status::Duplicate => ClockState::Void,
        Status::New | Status::InProgress | Status::OnHold | Status::Resolved | Status::Closed => {
            ClockState::Met
        }
    }
}

/// That the customer waits for an answer.
#[component]
fn Waiting(line: Memo<Line>) -> impl IntoView {
    let language = use_language();
    let waits = Memo::new(move |_| line.with(|line| line.mark.unanswered.is_some()));
    move || {
        waits.get().then(|| {
            view! { " " <Icon name="mail"/> <span class="sr">{t!(language, "staff.queue.unanswered")}</span> }
        })
    }
}

/// Who is on the case, or that nobody is; and whether the contract is yet to be validated.
fn beside(language: Language, line: &Line) -> String {
    let holder = line
        .mark
        .holder
        .as_ref()
        .map_or_else(|| t!(language, "staff.queue.nobodys").into_owned(), |holder| holder.name.clone());
    let doubt = doubt(language, &line.row);
    if doubt.is_empty() { holder } else { format!("{holder} · {doubt}") }
}

/// The key of a promise's name where room is scarce.
const fn short_name_key(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::Attention => "staff.clock.attention",
        ClockKind::Update => "staff.clock.update",
        ClockKind::Committed => "staff.clock.committed",
        ClockKind::OnSite => "staff.clock.on_site",
        ClockKind::Resolution => "staff.clock.resolution",
    }
}

fn customer(language: Language, row: &CaseRow) -> String {
    if row.customer.is_empty() {
        t!(language, "staff.queue.no_customer").into_owned()
    } else {
        row.customer.clone()
    }
}

fn doubt(language: Language, row: &CaseRow) -> String {
    match row.coverage {
        Coverage::Covered => String::new(),
        Coverage::ToValidate(_) => t!(language, "staff.to_validate").into_owned(),
    }
}

fn due_of(language: Language, pressing: Option<(Clock, Reading)>, line: Memo<Line>, now: Instant) -> String {
    line.with(|line| match pressing {
        Some((clock, reading)) => due(language, &clock, &reading, &line.hours, now),
        None if !line.row.is_open() => t!(language, line.row.status.name_key()).into_owned(),
        None => String::new(),
    })
}

/// Which promise presses, and when it is due or was: at the site's clock.
fn due(language: Language, clock: &Clock, reading: &Reading, hours: &Hours, now: Instant) -> String {
    let moment = |at: Instant| {
        let (then, today) = (hours.zone.local(at), hours.zone.local(now));
        let same_day = (then.year, then.month, then.day) == (today.year, today.month, today.day);
        then.format(language, if same_day { MomentStyle::Time } else { MomentStyle::Short })
    };
    let name = t!(language, short_name_key(clock.kind));
    // A broken promise was due when it broke, whatever the plan says since.
    match (clock.run, clock.breach.map(|breach| breach.at).or(reading.due)) {
        (Run::Paused { until }, _) if until > now => {
            t!(language, "staff.queue.paused", name = name, at = moment(until))
        }
        (_, Some(at)) => t!(language, "staff.queue.due", name = name, at = moment(at)),
        (_, None) => name.into_owned(),
    }
}
