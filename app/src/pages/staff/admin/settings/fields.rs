//! The inputs of a form of settings.

use domain::t;
use leptos::prelude::*;

use super::labels::label;
use super::{Access, Form};
use crate::language::use_language;

/// The looks of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As wide as its place.
    Full,
    /// In a cell of a table, whose heads name it.
    Cell,
}

/// What an input of a field is given.
pub(super) struct Input {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) is_readonly: bool,
    /// `true` for a wrong value.
    pub(super) invalid: Option<&'static str>,
    /// Ids of the texts about it.
    pub(super) described: Option<String>,
}

/// A line of text with its label, what is expected, and what is wrong with it.
pub(super) fn text(
    form: &Form,
    key: &str,
    kind: &'static str,
    hint: Option<&'static str>,
    width: Width,
) -> AnyView {
    field(form, key, hint, width, |input| {
        let Input { id, name, value, is_readonly, invalid, described } = input;
        view! {
            <input class="field__input" id=id name=name type=kind value=value autocomplete="off"
                readonly=is_readonly aria-invalid=invalid aria-describedby=described/>
        }
        .into_any()
    })
}

/// An input of a key with its label, what is expected, and what is wrong with it.
pub(super) fn field(
    form: &Form,
    key: &str,
    hint: Option<&'static str>,
    width: Width,
    draw: impl FnOnce(Input) -> AnyView,
) -> AnyView {
    let language = use_language();
    let id = key.replace('.', "-");
    let words = label(language, key);
    let problem = form.reply.as_ref().and_then(|reply| reply.problem(key, language));
    let is_wrong = problem.is_some();
    let described = [hint.map(|_| format!("{id}-hint")), is_wrong.then(|| format!("{id}-error"))];
    let described: Vec<String> = described.into_iter().flatten().collect();
    let input = Input {
        id: id.clone(),
        name: key.to_owned(),
        value: form.fields.get(key).cloned().unwrap_or_default(),
        is_readonly: form.access == Access::Read,
        invalid: is_wrong.then_some("true"),
        described: (!described.is_empty()).then(|| described.join(" ")),
    };
    let label_class = if width == Width::Cell { "sr" } else { "field__label" };
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class=label_class for=id.clone()>{words}</label>
            <div class="field__box">{draw(input)}</div>
            {hint.map(|hint| view! { <p class="field__hint" id=format!("{id}-hint")>{t!(language, hint)}</p> })}
            {problem.map(|words| view! { <p class="field__error" id=format!("{id}-error")>{words}</p> })}
        </div>
    }
    .into_any()
}

/// A choice from a list, by value and word; the value that stands in the form is chosen.
pub(super) fn choice(
    form: &Form,
    key: &str,
    (id, words): (String, String),
    chosen: &str,
    options: Vec<(String, String)>,
    width: Width,
) -> AnyView {
    let language = use_language();
    let problem = form.reply.as_ref().and_then(|reply| reply.problem(key, language));
    let is_wrong = problem.is_some();
    let options = options.into_iter().map(|(value, words)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let label_class = if width == Width::Cell { "sr" } else { "field__label" };
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class=label_class for=id.clone()>{words}</label>
            <div class="field__box">
                <select class="field__input" id=id.clone() name=key.to_owned() disabled=form.access == Access::Read
                    aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then(|| format!("{id}-error"))>
                    {options.collect_view()}
                </select>
            </div>
            {problem.map(|words| view! { <p class="field__error" id=format!("{id}-error")>{words}</p> })}
        </div>
    }
    .into_any()
}

/// The fields that a form carries without showing them.
pub(super) fn carried(form: &Form) -> AnyView {
    let carried = form.fields.get("version").cloned();
    carried.map(|version| view! { <input type="hidden" name="version" value=version/> }).into_any()
}
