//! Elements that only work with a script.

use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use crate::effect::effect;

/// Draws its children in the browser alone: pages are sent without what does not work yet.
#[cfg(not(feature = "ssr"))]
#[component]
pub fn RequiresScript(children: ChildrenFn) -> impl IntoView {
    let runs = RwSignal::new(false);
    effect(move || runs.set(true));
    view! { <Show when=move || runs.get()>{children()}</Show> }.into_any()
}

/// On the server it draws what `Show` draws of nothing, and holds nothing that could be disposed of before the page is drawn.
#[cfg(feature = "ssr")]
#[component]
pub fn RequiresScript(children: ChildrenFn) -> impl IntoView {
    drop(children);
    (move || leptos::either::Either::<AnyView, AnyView>::Right(().into_any())).into_any()
}
