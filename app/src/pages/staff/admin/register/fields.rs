//! The inputs of an entry's form.

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::pages::PostReply;

/// What is typed into a field.
#[derive(Debug, Clone)]
pub(super) enum Input {
    /// A line of text.
    Text,
    /// A line of text with suggestions.
    Suggested(Vec<String>),
    /// A day.
    Day,
    /// One of these, by value and words.
    Choice(Vec<(String, String)>),
    /// A mail address.
    Mail,
    /// A telephone.
    Phone,
}

/// Whether a form may be sent without a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// A field with its label, what stands in it, what is stored if that differs, and what is wrong.
pub(super) fn field(
    name: &'static str,
    input: Input,
    need: Need,
    stored: String,
    hint: Option<&'static str>,
    reply: &PostReply,
) -> AnyView {
    let language = use_language();
    let is_back = !reply.typed.is_empty();
    let value = if is_back { reply.text(name) } else { stored.clone() };
    let problem = reply.problem(name);
    let is_wrong = problem.is_some();
    let stored = (is_back && !stored.is_empty() && stored != value)
        .then(|| t!(language, "register.stored", value = stored));
    let notes: Vec<String> =
        hint.map(|hint| t!(language, hint).into_owned()).into_iter().chain(stored).collect();
    let notes = (!notes.is_empty()).then(|| notes.join(" "));
    let described =
        [notes.is_some().then(|| format!("{name}-hint")), is_wrong.then(|| format!("{name}-error"))];
    let described: Vec<String> = described.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let label = t!(language, &format!("register.field.{name}")).into_owned();
    let optional = (need == Need::Optional)
        .then(|| view! { <span class="quiet">" (" {t!(language, "register.optional")} ")"</span> });
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{label} {optional}</label>
            <div class="field__box">{control(name, input, need, value, is_wrong, described)}</div>
            {notes.map(|words| view! { <p class="field__hint" id=format!("{name}-hint")>{words}</p> })}
            {problem.map(|words| view! { <p class="field__error" role="alert" id=format!("{name}-error")>{words}</p> })}
        </div>
    }
    .into_any()
}

fn control(
    name: &'static str,
    input: Input,
    need: Need,
    value: String,
    is_wrong: bool,
    described: Option<String>,
) -> AnyView {
    let invalid = is_wrong.then_some("true");
    let required = need == Need::Required;
    let (kind, suggested) = match input {
        Input::Choice(choices) => {
            let options = choices.into_iter().map(|(of, words)| {
                let is_chosen = of == value;
                view! { <option value=of selected=is_chosen>{words}</option> }
            });
            return view! {
                <select class="field__input" id=name name=name aria-invalid=invalid aria-describedby=described>
                    {options.collect_view()}
                </select>
            }
            .into_any();
        }
        Input::Text => ("text", Vec::new()),
        Input::Suggested(all) => ("text", all),
        Input::Day => ("date", Vec::new()),
        Input::Mail => ("email", Vec::new()),
        Input::Phone => ("tel", Vec::new()),
    };
    let list = (!suggested.is_empty()).then(|| format!("{name}-list"));
    let options = suggested.into_iter().map(|value| view! { <option value=value></option> }).collect_view();
    view! {
        <input class="field__input" id=name name=name type=kind value=value autocomplete="off" maxlength="254"
            required=required list=list.clone() aria-invalid=invalid aria-describedby=described/>
        {list.map(|id| view! { <datalist id=id>{options}</datalist> })}
    }
    .into_any()
}
