//! The reader's place in the queue: coming back from a case leads to the same filter, page and row.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};

use crate::drafts::{Lasts, Slot};
use crate::effect::effect;

/// A place in the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    address: String,
    scrolled: f64,
}

fn slot() -> Slot {
    Slot::of_browser(Lasts::Tab, "queue")
}

/// The last view of the queue.
pub(super) fn last_queue() -> Option<String> {
    slot().load::<Place>().map(|place| place.address)
}

/// Scrolls to the last place in this view of the queue, and stores the next one.
pub(super) fn keep_place(address: String) {
    effect(move |_| {
        let address = address.clone();
        let last = slot().load::<Place>().filter(|place| place.address == address);
        let scrolled = Rc::new(Cell::new(last.map_or(0.0, |place| place.scrolled)));
        if scrolled.get() > 0.0 {
            let (to, here) = (scrolled.get(), address.clone());
            // Once the rows are in the page, after the router's own scrolling. The page may be gone by then.
            request_animation_frame(move || {
                request_animation_frame(move || {
                    if is_at(&here) {
                        window().scroll_to_with_x_and_y(0.0, to);
                    }
                });
            });
        }
        let seen = Rc::clone(&scrolled);
        let moved = window_event_listener_untyped("scroll", move |_| {
            seen.set(window().scroll_y().unwrap_or_default());
        });
        slot().store(&Place { address: address.clone(), scrolled: scrolled.get() });
        let left = SendWrapper::new(scrolled);
        on_cleanup(move || {
            moved.remove();
            slot().store(&Place { address, scrolled: left.get() });
        });
    });
}

/// Whether the browser shows this address.
fn is_at(address: &str) -> bool {
    let at = window().location();
    let (path, query) = (at.pathname().unwrap_or_default(), at.search().unwrap_or_default());
    address == format!("{path}{query}")
}
