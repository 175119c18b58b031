//! Hydration of a page that the server rendered.
//!
//! Hydration goes over the HTML element by element. A translator or an extension may have changed the elements before: then
//! the page is drawn again, with what was typed meanwhile (docs/decisions/0022).

use gloo_timers::future::TimeoutFuture;
use leptos::mount::{hydrate_from, mount_to_renderer};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
};

/// Interval in which fields are looked for that appear late, and the number of tries.
const LOOK_EVERY_MS: u32 = 50;
const LOOKS: usize = 200;

/// Hydrates the view of `draw` in `place`, and presses the button again that was pressed before it could answer.
pub(crate) fn take_over<N: IntoView + 'static>(place: HtmlElement, draw: impl FnOnce() -> N + 'static) {
    let pressed = ask_shell("vigiaPressed").and_then(|button| button.dyn_into::<HtmlElement>().ok());
    if is_changed() {
        redraw(&place, draw);
    } else {
        hydrate_from(place, draw).forget();
    }
    if let Some(button) = pressed {
        spawn_local(async move {
            // After the first effects of the page have run. A page that was drawn again has other buttons.
            TimeoutFuture::new(0).await;
            if button.is_connected() {
                button.click();
            }
        });
    }
    if let Some(page) = document().document_element() {
        // The age of figures is hidden: from now on they tick.
        let _ = page.set_attribute("data-live", "");
    }
}

/// Whether a translator or an extension has changed the page since the server wrote it.
fn is_changed() -> bool {
    ask_shell("vigiaChanged").is_some_and(|told| told.is_truthy())
}

/// What the script of the shell has watched until now (`WATCH` in `shell.rs`).
fn ask_shell(name: &str) -> Option<JsValue> {
    let ask = js_sys::Reflect::get(&window(), &JsValue::from_str(name)).ok()?;
    ask.dyn_into::<js_sys::Function>().ok()?.call0(&JsValue::UNDEFINED).ok()
}

fn redraw<N: IntoView + 'static>(place: &HtmlElement, draw: impl FnOnce() -> N + 'static) {
    let mut typed = Typed::all(place);
    // The page's data for the script is not drawn again.
    if let (Ok(carriers), Some(head)) =
        (place.query_selector_all("script[type='application/json'][id]"), document().head())
    {
        for carrier in (0..carriers.length()).filter_map(|at| carriers.item(at)) {
            let _ = head.append_child(&carrier);
        }
    }
    place.set_inner_html("");
    mount_to_renderer(place, move || draw().into_view()).forget();
    spawn_local(async move {
        for _ in 0..LOOKS {
            // After the first effects of the page have run.
            TimeoutFuture::new(LOOK_EVERY_MS).await;
            typed.retain(|field| !field.put_back());
            if typed.is_empty() {
                return;
            }
        }
    });
}

/// An input of the reader before hydration.
enum Typed {
    /// A text or a choice from a list, by the field's id.
    Text { id: String, value: String },
    /// A box that was marked or unmarked, by its name and value.
    Mark { name: String, value: String, checked: bool },
    /// The field with the cursor.
    Cursor { id: String },
}

impl Typed {
    fn all(place: &Element) -> Vec<Self> {
        let Ok(fields) = place.query_selector_all("input, select, textarea") else { return Vec::new() };
        let fields = (0..fields.length()).filter_map(|at| fields.item(at)?.dyn_into::<Element>().ok());
        let cursor = document().active_element().map(|at| at.id()).filter(|id| !id.is_empty());
        fields.filter_map(|field| Self::of(&field)).chain(cursor.map(|id| Self::Cursor { id })).collect()
    }

    fn of(field: &Element) -> Option<Self> {
        let text =
            |value: String, before: String| (value != before).then(|| Self::Text { id: field.id(), value });
        if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            if !matches!(input.type_().as_str(), "checkbox" | "radio") {
                return text(input.value(), input.default_value());
            }
            let (name, value, checked) = (input.name(), input.value(), input.checked());
            return (checked != input.default_checked()).then_some(Self::Mark { name, value, checked });
        }
        if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
            return text(area.value(), area.default_value().unwrap_or_default());
        }
        text(field.dyn_ref::<HtmlSelectElement>()?.value(), String::new())
    }

    /// Repeats the input; whether its field exists.
    fn put_back(&self) -> bool {
        match self {
            Self::Text { id, value } => {
                let Some(field) = document().get_element_by_id(id) else { return false };
                let _ = js_sys::Reflect::set(&field, &"value".into(), &value.into());
                tell(&field);
                true
            }
            Self::Mark { name, value, checked } => {
                let boxes = document().query_selector_all("input[type=checkbox], input[type=radio]").ok();
                let count = boxes.as_ref().map_or(0, web_sys::NodeList::length);
                let found = (0..count)
                    .filter_map(|at| boxes.as_ref()?.item(at)?.dyn_into::<HtmlInputElement>().ok())
                    .find(|one| one.name() == *name && one.value() == *value);
                let Some(found) = found else { return false };
                if found.checked() != *checked {
                    found.set_checked(*checked);
                    tell(&found);
                }
                true
            }
            Self::Cursor { id } => {
                let field =
                    document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlElement>().ok());
                field.map(|field| field.focus()).is_some()
            }
        }
    }
}

/// Fires the events of an input in a field.
fn tell(field: &Element) {
    let how = EventInit::new();
    how.set_bubbles(true);
    for kind in ["input", "change"] {
        if let Ok(event) = Event::new_with_event_init_dict(kind, &how) {
            let _ = field.dispatch_event(&event);
        }
    }
}
