//! A row of the wall. A tick changes the text of its clocks and nothing else.

use domain::case::ClockState;
use domain::case_number::CaseNumber;
use domain::t;
use leptos::prelude::*;

use super::picture::{Broken, Picture, Pressing, Row, Shown};
use crate::language::use_language;
use crate::ui::{Icon, PriorityTag};

/// The row of a case, while the case shows.
#[component]
pub fn CaseRow(
    /// Number of the case.
    number: CaseNumber,
    /// The picture of this second.
    picture: Memo<Picture>,
    /// The row's first content.
    first: Row,
) -> impl IntoView {
    let language = use_language();
    // A row that is about to go keeps its last content.
    let row = Memo::new(move |before: Option<&Row>| {
        picture.with(|picture| picture.row(number).or(before).cloned()).unwrap_or_else(|| first.clone())
    });
    let state = Memo::new(move |_| row.with(|row| row.state));
    let attention = Signal::derive(move || row.with(|row| row.attention.clone()));
    let resolution = Signal::derive(move || row.with(|row| row.resolution.clone()));
    let other = Signal::derive(move || row.with(|row| row.other.clone()));
    let no_other = Signal::stored(None);
    let assignee = Signal::derive(move || row.with(|row| (row.assignee.clone(), row.unanswered)));
    view! {
        <tr data-state=move || state.get().code()>
            <td class="wall__shape">
                <svg class="icon" role="img" aria-label=move || t!(language, state.get().name_key())>
                    <use_ href=move || format!("/icons.svg#{}", state.get().code())></use_>
                </svg>
            </td>
            <td class="wall__prio"><PriorityTag priority=Signal::derive(move || row.with(|row| row.priority))/></td>
            <th scope="row" class="wall__number">
                <span class="number">{number.grouped()}</span>
                <span>{move || t!(language, row.with(|row| row.country.name_key()))}</span>
            </th>
            <td class="wall__who">
                <b>{move || row.with(|row| row.customer.clone())}</b>
                <span>{move || row.with(|row| row.what.clone())}</span>
            </td>
            <td class="wall__holder"><Hands assignee/></td>
            <Left class="wall__left" shown=attention other/>
            <Left class="wall__left wall__left--second" shown=resolution other=no_other/>
        </tr>
    }
    .into_any()
}

/// The card of a case with a breached target.
#[component]
pub fn BrokenCard(
    /// Number of the case.
    number: CaseNumber,
    /// The picture of this second.
    picture: Memo<Picture>,
    /// The card's first content.
    first: Broken,
) -> impl IntoView {
    let card = Memo::new(move |before: Option<&Broken>| {
        picture.with(|picture| picture.broken(number).or(before).cloned()).unwrap_or_else(|| first.clone())
    });
    let assignee = Signal::derive(move || card.with(|card| (card.assignee.clone(), card.unanswered)));
    view! {
        <li>
            <p class="wall__brokenhead">
                <span class="number">{number.grouped()}</span>
                " "
                <PriorityTag priority=Signal::derive(move || card.with(|card| card.priority))/>
                " "
                <b>{move || card.with(|card| card.customer.clone())}</b>
            </p>
            <p class="wall__since">{move || card.with(|card| card.since.clone())}</p>
            <p class="wall__holder"><Hands assignee/></p>
        </li>
    }
    .into_any()
}

/// The assignee of a case, and whether its customer waits for an answer.
#[component]
fn Hands(assignee: Signal<(String, bool)>) -> impl IntoView {
    let language = use_language();
    let waits = Memo::new(move |_| assignee.with(|(_, waits)| *waits));
    view! {
        <span>{move || assignee.with(|(name, _)| name.clone())}</span>
        {move || {
            waits.get().then(|| view! {
                " " <span class="wall__waits"><Icon name="mail"/> " " {t!(language, "wall.unanswered")}</span>
            })
        }}
    }
    .into_any()
}

/// A clock of a row: the time left, or the shape of its result; empty for a case without that target.
#[component]
fn Left(
    class: &'static str,
    shown: Signal<Option<Shown>>,
    /// The most urgent clock beside it, by name.
    other: Signal<Option<Pressing>>,
) -> impl IntoView {
    let language = use_language();
    let shown = Memo::new(move |_| shown.get());
    let state = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.state)));
    let is_over =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.figure.is_none())));
    let part = move |of: fn(&(String, String)) -> &String| {
        shown.with(|shown| {
            let figure = shown.as_ref().and_then(|shown| shown.figure.as_ref());
            figure.map(|figure| of(figure).clone()).unwrap_or_default()
        })
    };
    let caption =
        move || shown.with(|shown| shown.as_ref().map(|shown| shown.caption.clone()).unwrap_or_default());
    view! {
        <td class=class data-state=move || state.get().map(ClockState::code)>
            {move || match (state.get(), is_over.get()) {
                (Some(state), true) => view! {
                    <svg class="icon wall__tick" role="img" aria-label=t!(language, state.name_key())>
                        <use_ href=format!("/icons.svg#{}", state.code())></use_>
                    </svg>
                }
                .into_any(),
                _ => view! {
                    <time class="digits">
                        {move || part(|(digits, _)| digits)}
                        " "
                        <small>{move || part(|(_, unit)| unit)}</small>
                    </time>
                }
                .into_any(),
            }}
            <span>{caption}</span>
            {move || {
                other.get().map(|Pressing { state, name, left }| view! {
                    <span class="wall__other" data-state=state.code()><b>{name}</b> " " <time>{left}</time></span>
                })
            }}
        </td>
    }
    .into_any()
}
