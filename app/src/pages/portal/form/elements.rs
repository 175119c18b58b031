//! Between the form's signals and its elements. The inputs are never bound: what was typed before the page came alive
//! would be overwritten.

use domain::intake::IntakeForm;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
};

/// The name of the input that an event is about.
pub(super) fn event_name(event: &web_sys::Event) -> Option<String> {
    event.target()?.dyn_ref::<Element>()?.get_attribute("name")
}

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

/// What stands in the inputs of a form, where something does.
pub(super) fn typed(form: &HtmlFormElement) -> Vec<(String, String)> {
    let named = |element: Element| {
        let name = element.get_attribute("name")?;
        let value = Input::of(&element)?.value().filter(|value| !value.is_empty())?;
        Some((name, value))
    };
    inputs(form).filter_map(named).collect()
}

/// Makes the inputs show what the form holds; leaves alone those that do, and with them the cursor.
pub(super) fn show(form: &HtmlFormElement, typed: &IntakeForm) {
    for element in inputs(form) {
        let name = element.get_attribute("name").unwrap_or_default();
        if let (Some(input), Some(value)) = (Input::of(&element), typed.typed(&name)) {
            input.show(value);
        }
    }
}

/// Puts the cursor into an input.
pub(super) fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

fn inputs(form: &HtmlFormElement) -> impl Iterator<Item = Element> + use<> {
    let found = form.query_selector_all("[name]").ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| found.as_ref()?.item(at)?.dyn_into().ok())
}

/// An input of any kind.
enum Input<'a> {
    Text(&'a HtmlInputElement),
    Box(&'a HtmlInputElement),
    Area(&'a HtmlTextAreaElement),
    Select(&'a HtmlSelectElement),
}

impl<'a> Input<'a> {
    fn of(element: &'a Element) -> Option<Self> {
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            return Some(match input.type_().as_str() {
                "radio" | "checkbox" => Self::Box(input),
                _ => Self::Text(input),
            });
        }
        let area = element.dyn_ref().map(Self::Area);
        area.or_else(|| element.dyn_ref().map(Self::Select))
    }

    /// What the input says; `None` for a radio or box that is not chosen.
    fn value(&self) -> Option<String> {
        match self {
            Self::Text(input) => Some(input.value()),
            Self::Box(input) => input.checked().then(|| input.value()),
            Self::Area(area) => Some(area.value()),
            Self::Select(select) => Some(select.value()),
        }
    }

    fn show(&self, value: &str) {
        match self {
            Self::Box(input) => input.set_checked(input.value() == value),
            Self::Text(input) if input.value() != value => input.set_value(value),
            Self::Area(area) if area.value() != value => area.set_value(value),
            Self::Select(select) if select.value() != value => select.set_value(value),
            Self::Text(_) | Self::Area(_) | Self::Select(_) => {}
        }
    }
}
