//! The reader's place in the queue: coming back from a case leads to the same filter, page and row.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::drafts::{Lasts, Slot};
use crate::effect::effect;

/// A place in the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    address: String,
    /// How far the page's main part has left the window at its top, in CSS pixels; `None` at the top of the page. It is
    /// counted from the main part, because the header above it may have more lines at another time.
    scrolled: Option<f64>,
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
        let scrolled = Rc::new(Cell::new(last.and_then(|place| place.scrolled)));
        if let Some(to) = scrolled.get() {
            let here = address.clone();
            // Once the rows are in the page, after the router's own scrolling. The page may be gone by then.
            request_animation_frame(move || {
                request_animation_frame(move || {
                    if is_at(&here)
                        && let Some(top) = main_top()
                    {
                        window().scroll_to_with_x_and_y(0.0, top + to);
                    }
                });
            });
        }
        let seen = Rc::clone(&scrolled);
        let moved = window_event_listener_untyped("scroll", move |_| {
            let at = scroll_y();
            seen.set(main_top().filter(|_| at > 0.0).map(|top| at - top));
        });
        slot().store(&Place { address: address.clone(), scrolled: scrolled.get() });
        let left = SendWrapper::new(scrolled);
        on_cleanup(move || {
            moved.remove();
            slot().store(&Place { address, scrolled: left.get() });
        });
    });
}

fn scroll_y() -> f64 {
    window().scroll_y().unwrap_or_default()
}

/// Where the page's main part begins, in CSS pixels below the page's top.
fn main_top() -> Option<f64> {
    let main = document().get_element_by_id("main")?.dyn_into::<HtmlElement>().ok()?;
    Some(f64::from(main.offset_top()))
}

/// Whether the browser shows this address.
fn is_at(address: &str) -> bool {
    let at = window().location();
    let (path, query) = (at.pathname().unwrap_or_default(), at.search().unwrap_or_default());
    address == format!("{path}{query}")
}
