//! Pictures from the sprite `public/icons.svg`.

use leptos::prelude::*;

/// A picture beside words of the same meaning: hidden from screen readers.
#[component]
pub fn Icon(
    /// Its name in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use_ href=format!("/icons.svg#{name}")></use_>
        </svg>
    }
    .into_any()
}
