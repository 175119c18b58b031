//! Inputs of plain forms. They are not bound to signals: hydration would overwrite what was typed before it.

use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use crate::effect::effect;

/// A text as the `inner_html` of a `<textarea>`: Leptos does not escape its children.
pub(crate) fn area_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The form of an event's target.
pub(crate) fn form_of(event: &web_sys::Event) -> Option<HtmlFormElement> {
    event.target()?.dyn_ref::<Element>()?.closest("form").ok()??.dyn_into().ok()
}

/// The name of an event's input.
pub(crate) fn event_name(event: &web_sys::Event) -> Option<String> {
    event.target()?.dyn_ref::<Element>()?.get_attribute("name")
}

/// The values of a form's inputs that are not empty.
pub(crate) fn typed(form: &HtmlFormElement) -> Vec<(String, String)> {
    let named = |element: Element| {
        let name = element.get_attribute("name")?;
        let value = Input::of(&element)?.value().filter(|value| !value.is_empty())?;
        Some((name, value))
    };
    inputs(form).filter_map(named).collect()
}

/// Sets the inputs to the values of `value` by their names. An input that shows its value already is left alone, with its
/// cursor.
pub(crate) fn show<'a>(form: &HtmlFormElement, value: impl Fn(&str) -> Option<&'a str>) {
    for element in inputs(form) {
        let name = element.get_attribute("name").unwrap_or_default();
        if let (Some(input), Some(value)) = (Input::of(&element), value(&name)) {
            input.show(value);
        }
    }
}

/// A field that shows a text, for its `node_ref`. Input events are the field's own. What was typed before hydration goes into
/// the text first.
pub(crate) fn shows<E>(text: RwSignal<String>) -> NodeRef<E>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    shows_part(move || text.get(), move |typed| text.set(typed))
}

/// The same for a part of a value.
pub(crate) fn shows_part<E>(
    text: impl Fn() -> String + 'static,
    take: impl Fn(String) + 'static,
) -> NodeRef<E>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    let field = NodeRef::<E>::new();
    effect(move |was_there: Option<bool>| {
        let (text, Some(field)) = (text(), field.get()) else { return false };
        let Some(input) = field.dyn_ref::<Element>().and_then(Input::of) else { return false };
        match input.value() {
            Some(typed) if was_there != Some(true) && input.drawn() != Some(typed.clone()) => take(typed),
            _ => input.show(&text),
        }
        true
    });
    field
}

fn inputs(form: &HtmlFormElement) -> impl Iterator<Item = Element> + use<> {
    let found = form.query_selector_all("[name]").ok();
    let count = found.as_ref().map_or(0, web_sys::NodeList::length);
    (0..count).filter_map(move |at| found.as_ref()?.item(at)?.dyn_into().ok())
}

/// An input of any kind.
pub(crate) enum Input<'a> {
    Text(&'a HtmlInputElement),
    Box(&'a HtmlInputElement),
    Area(&'a HtmlTextAreaElement),
    Select(&'a HtmlSelectElement),
}

impl<'a> Input<'a> {
    pub(crate) fn of(element: &'a Element) -> Option<Self> {
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            return Some(match input.type_().as_str() {
                "radio" | "checkbox" => Self::Box(input),
                _ => Self::Text(input),
            });
        }
        let area = element.dyn_ref().map(Self::Area);
        area.or_else(|| element.dyn_ref().map(Self::Select))
    }

    /// The value of the input; `None` for a radio or box that is not chosen.
    pub(crate) fn value(&self) -> Option<String> {
        match self {
            Self::Text(input) => Some(input.value()),
            Self::Box(input) => input.checked().then(|| input.value()),
            Self::Area(area) => Some(area.value()),
            Self::Select(select) => Some(select.value()),
        }
    }

    /// Its value as drawn; `None` for radios, boxes and lists.
    fn drawn(&self) -> Option<String> {
        match self {
            Self::Text(input) => Some(input.default_value()),
            Self::Area(area) => area.default_value().ok(),
            Self::Box(_) | Self::Select(_) => None,
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

#[cfg(test)]
mod tests {
    use super::area_text;

    #[test]
    fn text_cannot_leave_its_area() {
        let content = area_text("</textarea><script>&lt;");
        assert!(!content.contains('<'), "{content}");
        assert!(content.ends_with("&amp;lt;"), "what looks escaped is text as well: {content}");
    }
}
