//! The form's inputs. They are not bound to signals: hydration would overwrite what was typed before it.

use domain::intake::IntakeForm;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement};

use crate::ui::inputs::{self, Input};

pub(super) use crate::ui::inputs::{event_name, typed};

/// Name and value of an event's input.
pub(super) fn event_value(event: &web_sys::Event) -> Option<(String, String)> {
    let target = event.target()?;
    let input = Input::of(target.dyn_ref::<Element>()?)?;
    Some((event_name(event)?, input.value().unwrap_or_default()))
}

/// Whether the browser shows a page again: by going back or forward, or by reloading it.
pub(super) fn is_shown_again() -> bool {
    let entries = window().performance().map(|performance| performance.get_entries_by_type("navigation"));
    let kind = entries.and_then(|entries| js_sys::Reflect::get(&entries.get(0), &"type".into()).ok());
    kind.and_then(|kind| kind.as_string()).is_some_and(|kind| kind == "back_forward" || kind == "reload")
}

/// Sets the inputs to the form's values. An input that shows its value already is left alone, with its cursor.
pub(super) fn show(form: &HtmlFormElement, typed: &IntakeForm) {
    inputs::show(form, |name| typed.typed(name));
}

/// Focuses an input.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // An element that cannot take the focus is ignored.
        let _ = element.focus();
    }
}
