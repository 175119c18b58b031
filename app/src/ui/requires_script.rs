//! What only a script can use.

use leptos::prelude::*;

use crate::effect::effect;

/// Draws its children in the browser alone, once it runs: pages are sent without what nobody could use before.
#[component]
pub fn RequiresScript(children: ChildrenFn) -> impl IntoView {
    let runs = RwSignal::new(false);
    effect(move || runs.set(true));
    view! { <Show when=move || runs.get()>{children()}</Show> }.into_any()
}
