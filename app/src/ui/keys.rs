//! Keys in forms. Enter goes on to the next field, as barcode scanners and users of the keyboard expect. A form is sent by
//! its button, or by Ctrl+Enter.

use gloo_timers::future::TimeoutFuture;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// The effect of a key in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Go on to the next field.
    Next,
    /// Send the form.
    Send,
    /// None.
    Nothing,
}

/// Elements that Enter steps to, in the order of the page: not files, which are not typed.
const STEPS: &str =
    "input:not([type=hidden]):not([type=file]), select, textarea, button[type=submit], button.button--main";

/// Handles a key in a form; `send` sends the form.
pub fn on_form_key(event: &KeyboardEvent, send: impl FnOnce()) {
    let asked = asked(event);
    if asked != Asked::Nothing {
        event.prevent_default();
    }
    match asked {
        Asked::Next => go_on(event),
        Asked::Send => send(),
        Asked::Nothing => {}
    }
}

fn asked(event: &KeyboardEvent) -> Asked {
    // While an input method composes a word, Enter belongs to it.
    if event.key() != "Enter" || event.is_composing() || event.alt_key() || event.shift_key() {
        return Asked::Nothing;
    }
    if event.ctrl_key() || event.meta_key() {
        // A key that is held down repeats.
        return if event.repeat() { Asked::Nothing } else { Asked::Send };
    }
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    match input {
        Some(input) if !matches!(input.type_().as_str(), "file" | "button" | "submit") => Asked::Next,
        _ => Asked::Nothing,
    }
}

/// Focuses the next field after an event's input. Of the choices of one question, the next is another answer and no other
/// field.
fn go_on(event: &KeyboardEvent) {
    let Some(here) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(form) = here.closest("form").ok().flatten() else { return };
    let Ok(steps) = form.query_selector_all(STEPS) else { return };
    let name = here.get_attribute("name");
    let all = (0..steps.length()).filter_map(|at| steps.item(at)?.dyn_into::<HtmlElement>().ok());
    let next = all
        .skip_while(|step| !step.is_same_node(Some(&here)))
        .skip(1)
        .find(|step| can_be_stepped_to(step) && (name.is_none() || step.get_attribute("name") != name));
    if let Some(next) = next {
        let _ = next.focus();
    }
}

fn can_be_stepped_to(step: &HtmlElement) -> bool {
    let is_closed = step.has_attribute("disabled") || step.get_attribute("tabindex").as_deref() == Some("-1");
    // An element without a box is not drawn.
    !is_closed && step.get_client_rects().length() > 0
}

/// Moves the focus to the first of `next` when the focused element has disappeared.
pub async fn refocus(next: &str) {
    TimeoutFuture::new(0).await;
    let is_lost = document().active_element().is_none_or(|at| at.tag_name() == "BODY");
    let next = document().query_selector(next).ok().flatten();
    if let (true, Some(next)) = (is_lost, next.and_then(|next| next.dyn_into::<HtmlElement>().ok())) {
        let _ = next.focus();
    }
}

/// Stands first in a form, so that Enter in a field sends nothing, with or without a script. On Enter, a browser presses the
/// form's first button, and this one is disabled.
#[component]
pub fn NoSendByEnter() -> impl IntoView {
    view! { <button type="submit" disabled=true hidden=true aria-hidden="true" tabindex="-1"></button> }
}
