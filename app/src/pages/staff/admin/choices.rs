//! Choices in forms of the administration: a list of options, a box for each code, and the part of the desk that something is
//! about. Forms of integrations, webhooks and displays share them.

use domain::actor::Scope;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use crate::language::use_language;

/// A list of options. Its name is its id.
#[component]
pub(super) fn SelectField(
    /// Name and id.
    name: &'static str,
    /// The label, in the reader's language.
    #[prop(into)]
    label: String,
    /// Values and their words.
    options: Vec<(String, String)>,
    /// The value that is chosen.
    chosen: String,
    /// What is wrong with that.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// What to know before one chooses.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let options = options.into_iter().map(|(value, words)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{words}</option> }
    });
    let is_wrong = problem.is_some();
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described: Vec<String> =
        [hint.is_some().then(|| hint_id.clone()), is_wrong.then(|| error_id.clone())]
            .into_iter()
            .flatten()
            .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{label}</label>
            <div class="field__box">
                <select class="field__input" id=name name=name aria-invalid=is_wrong.then_some("true")
                    aria-describedby=described>
                    {options.collect_view()}
                </select>
            </div>
            {hint.map(|words| view! { <p class="field__hint" id=hint_id>{words}</p> })}
            {problem.map(|words| view! { <p class="field__error" id=error_id>{words}</p> })}
        </div>
    }
    .into_any()
}

/// The part of the desk that something is about: one country, or all.
#[component]
pub(super) fn ScopeChoice(
    /// Name and id.
    name: &'static str,
    /// The label, in the reader's language.
    #[prop(into)]
    label: String,
    /// The chosen country's code; empty for all.
    chosen: String,
    /// What is wrong with that.
    #[prop(optional_no_strip)]
    problem: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let all = (String::new(), t!(language, "pair.all").into_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let options = std::iter::once(all).chain(countries).collect();
    view! { <SelectField name label options chosen problem/> }.into_any()
}

/// The scope of a value of [`ScopeChoice`]; `None` for a country that is not served.
pub(super) fn scope_of(value: &str) -> Option<Scope> {
    match value {
        "" => Some(Scope { country: None }),
        code => Country::from_code(code).map(|country| Scope { country: Some(country) }),
    }
}

/// A scope in words.
pub(super) fn scope_words(language: Language, scope: Scope) -> String {
    let key = scope.country.map_or("pair.all", Country::name_key);
    t!(language, key).into_owned()
}

/// A box of [`Boxes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckBox {
    /// The name of its field. A checked one is sent as `yes`.
    pub(super) name: String,
    /// Its words, in the reader's language.
    pub(super) words: String,
    /// Whether it is checked.
    pub(super) is_checked: bool,
}

/// A box for each choice, of which several may be checked.
#[component]
pub(super) fn Boxes(
    /// The id of the group, and the name that its problem has.
    id: &'static str,
    /// The legend, in the reader's language.
    #[prop(into)]
    legend: String,
    /// The boxes, in their order.
    boxes: Vec<CheckBox>,
    /// What is wrong with them.
    #[prop(optional_no_strip)]
    problem: Option<String>,
) -> impl IntoView {
    let boxes = boxes.into_iter().map(|CheckBox { name, words, is_checked }| {
        view! {
            <label class="check">
                <input type="checkbox" name=name value="yes" checked=is_checked/>
                <span>{words}</span>
            </label>
        }
    });
    let error_id = format!("{id}-error");
    let look = problem.is_some().then_some("error");
    let described = problem.is_some().then(|| error_id.clone());
    view! {
        <fieldset class="field" id=id data-look=look aria-describedby=described>
            <legend class="field__label">{legend}</legend>
            {boxes.collect_view()}
            {problem.map(|words| view! { <p class="field__error" role="alert" id=error_id>{words}</p> })}
        </fieldset>
    }
    .into_any()
}
