//! A clock on one line, and a priority: the parts of a case in lists.

use domain::case::ClockState;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use leptos::prelude::*;

use super::Icon;
use crate::live::SsrMemo;

/// A clock on one line: shape, figures, and the word for screen readers.
#[component]
pub fn SlaChip(
    /// The reader's language: a list of hundreds need not look it up for each.
    language: Language,
    /// The state, shown by shape and colour, and the figures.
    figures: SsrMemo<(ClockState, String)>,
    /// The target; `None` where targets alternate.
    #[prop(optional)]
    kind: Option<SlaMetric>,
    /// Classes beside `mini`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let state = figures.part(|(state, _)| *state);
    view! {
        <span class=format!("mini {class}") data-state=state.show(|state| state.code())>
            {state.show(|state| view! { <Icon name=state.code()/> })}
            <span class="sr">{state.show(move |state| t!(language, kind.map_or(state.name_key(), |kind| state.name_key_of(kind))))}</span>
            <time translate="no">{figures.show(|(_, digits)| digits.clone())}</time>
        </span>
    }
    .into_any()
}

/// A priority, shown by weight and not by colour.
#[component]
pub fn PriorityTag(
    /// The priority that the tag shows.
    #[prop(into)]
    priority: SsrMemo<Priority>,
) -> impl IntoView {
    view! {
        <span class="prio" translate="no" data-priority=priority.show(|priority| (priority.index() + 1).to_string())>
            {priority.show(|priority| priority.code())}
        </span>
    }
    .into_any()
}
