//! Between the form's signals and its elements. The inputs are never bound: what was typed before the page came alive
//! would be overwritten.

use domain::intake::IntakeForm;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement};

use crate::ui::inputs::{self, Input};

pub(super) use crate::ui::inputs::{event_name, typed};

/// Name and value of the input that an event is about.
pub(super) fn event_value(event: &web_sys::Event) -> Option<(String, String)> {
    let target = event.target()?;
    let input = Input::of(target.dyn_ref::<Element>()?)?;
    Some((event_name(event)?, input.value().unwrap_or_default()))
}

/// Whether the browser shows a page that it showed before: by going back or forward, or by reloading it.
pub(super) fn is_shown_again() -> bool {
    let entries = window().performance().map(|performance| performance.get_entries_by_type("navigation"));
    let kind = entries.and_then(|entries| js_sys::Reflect::get(&entries.get(0), &"type".into()).ok());
    kind.and_then(|kind| kind.as_string()).is_some_and(|kind| kind == "back_forward" || kind == "reload")
}

/// Makes the inputs show what the form holds; leaves alone those that do, and with them the cursor.
pub(super) fn show(form: &HtmlFormElement, typed: &IntakeForm) {
    inputs::show(form, |name| typed.typed(name));
}

/// Puts the cursor into an input.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}
