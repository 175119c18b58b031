//! A row of the wall. A tick changes the text of its clocks and nothing else.

use domain::case_number::CaseNumber;
use domain::t;
use leptos::prelude::*;

use super::picture::{Picture, Row, Shown};
use crate::language::use_language;
use crate::ui::PriorityTag;

/// The row of a case, for as long as the case shows.
#[component]
pub fn CaseRow(
    /// Which case.
    number: CaseNumber,
    /// What the wall shows now.
    picture: Memo<Picture>,
    /// The case as it shows when the row is made.
    first: Row,
) -> impl IntoView {
    let language = use_language();
    // A row that is about to go keeps what it showed.
    let row = Memo::new(move |before: Option<&Row>| {
        picture.with(|picture| picture.row(number).or(before).cloned()).unwrap_or_else(|| first.clone())
    });
    let state = Memo::new(move |_| row.with(|row| row.state));
    let attention = Signal::derive(move || row.with(|row| row.attention.clone()));
    let resolution = Signal::derive(move || row.with(|row| row.resolution.clone()));
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
            <Left class="wall__left" shown=attention/>
            <Left class="wall__left wall__left--second" shown=resolution/>
        </tr>
    }
    .into_any()
}

/// A clock of a row; empty for a case without that promise.
#[component]
fn Left(class: &'static str, shown: Signal<Option<Shown>>) -> impl IntoView {
    let shown = Memo::new(move |_| shown.get());
    let text = move |part: fn(&Shown) -> &String| {
        shown.with(|shown| shown.as_ref().map(|shown| part(shown).clone()).unwrap_or_default())
    };
    view! {
        <td class=class data-state=move || shown.with(|shown| shown.as_ref().map(|shown| shown.state.code()))>
            <time class="digits">{move || text(|shown| &shown.digits)}</time>
            <span>{move || text(|shown| &shown.caption)}</span>
        </td>
    }
    .into_any()
}
