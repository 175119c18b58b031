//! Whether the button of the pointer is down.
//!
//! A browser tells of a click only where press and release meet one element. Content that arrives in between moves what
//! stands below it, and the click is lost. A page that changes by itself therefore waits for the release.

use std::cell::Cell;

use gloo_timers::future::TimeoutFuture;

/// Pause between two looks at the button.
const LOOK_EVERY_MS: u32 = 20;
/// Looks until a release counts as missed: two seconds.
const LOOKS: u32 = 100;

thread_local! {
    static IS_DOWN: Cell<bool> = const { Cell::new(false) };
}

/// Waits until no button is down and the click was told. Returns at once where none is.
pub(crate) async fn released() {
    if !IS_DOWN.get() {
        return;
    }
    for _ in 0..LOOKS {
        TimeoutFuture::new(LOOK_EVERY_MS).await;
        if !IS_DOWN.get() {
            // Of a finger, the release comes before the click.
            TimeoutFuture::new(LOOK_EVERY_MS).await;
            return;
        }
    }
}

/// Listens for press and release, for as long as the document is open.
#[cfg(feature = "hydrate")]
pub(crate) fn watch() {
    use leptos::ev;
    use leptos::prelude::window_event_listener;

    // Dropping the handles does not end the listeners.
    drop(window_event_listener(ev::pointerdown, |event| {
        if event.is_primary() && event.button() == 0 {
            IS_DOWN.set(true);
        }
    }));
    drop(window_event_listener(ev::pointerup, |_| IS_DOWN.set(false)));
    // A finger that scrolls, or a mouse that drags.
    drop(window_event_listener(ev::pointercancel, |_| IS_DOWN.set(false)));
}
