//! A promise on one line and a priority: what rows of a list show of a case.

use domain::case::ClockState;
use domain::t;
use domain::weight::Priority;
use leptos::prelude::*;

use super::Icon;
use crate::language::use_language;

/// A promise on one line: shape, figures, and the word for those who do not see the shape.
#[component]
pub fn Mini(
    /// The state that gives it shape and colour.
    #[prop(into)]
    state: Signal<ClockState>,
    /// The figures.
    #[prop(into)]
    digits: Signal<String>,
    /// Classes beside `mini`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let language = use_language();
    let state = Memo::new(move |_| state.get());
    view! {
        <span class=format!("mini {class}") data-state=move || state.get().code()>
            {move || view! { <Icon name=state.get().code()/> }}
            <span class="sr">{move || t!(language, state.get().name_key())}</span>
            <time>{digits}</time>
        </span>
    }
    .into_any()
}

/// A priority: speaks through weight, not colour.
#[component]
pub fn PriorityTag(
    /// Which.
    #[prop(into)]
    priority: Signal<Priority>,
) -> impl IntoView {
    view! {
        <span class="prio" data-priority=move || (priority.get().index() + 1).to_string()>
            {move || priority.get().code()}
        </span>
    }
    .into_any()
}
