//! The questions of a survey as fields of a plain form, the same for customers and for agents during a call.

use std::collections::BTreeMap;

use domain::i18n::Language;
use domain::survey::{HIGHEST_NPS, HIGHEST_SCALE, Kind, Need, Question, Questionnaire, YesNo};
use domain::t;
use leptos::prelude::*;

use super::inputs::area_text;
use crate::language::use_language;

/// The fields of a questionnaire, by the questions' keys.
#[component]
pub fn Questions(
    /// The questionnaire.
    questionnaire: Questionnaire,
    /// The values that were typed before.
    typed: BTreeMap<String, String>,
    /// What is wrong with them, by the question's key.
    problems: Vec<(String, String)>,
) -> impl IntoView {
    let language = use_language();
    let fields = questionnaire.questions().iter().map(|question| {
        let key = question.key.as_str();
        let before = typed.get(key).cloned().unwrap_or_default();
        let problem = problems.iter().find(|(of, _)| of == key).map(|(_, words)| words.clone());
        field(language, question, before, problem)
    });
    view! { <div class="stack stack--wide">{fields.collect_view()}</div> }.into_any()
}

fn field(language: Language, question: &Question, before: String, problem: Option<String>) -> AnyView {
    let key = question.key.as_str().to_owned();
    let required = question.need == Need::Required;
    let words = question.texts.of(language).to_owned();
    let optional = (!required).then(|| {
        view! { " " <span class="quiet">{t!(language, "survey.optional")}</span> }
    });
    let choices = match question.kind {
        Kind::Scale => marks(1, HIGHEST_SCALE),
        Kind::Nps => marks(0, HIGHEST_NPS),
        Kind::YesNo => YesNo::ALL
            .map(|choice| (choice.code().to_owned(), t!(language, choice.name_key()).into_owned()))
            .into(),
        Kind::Text => return text(key, words, optional, before, problem, required),
    };
    let ends = match question.kind {
        Kind::Scale => Some(("1", "survey.lowest_scale", "5", "survey.highest_scale")),
        Kind::Nps => Some(("0", "survey.lowest_nps", "10", "survey.highest_nps")),
        Kind::YesNo | Kind::Text => None,
    };
    let ends = ends.map(|(lowest, low, highest, high)| {
        let words = format!("{lowest}: {}. {highest}: {}.", t!(language, low), t!(language, high));
        view! { <small>{words}</small> }
    });
    let class = match question.kind {
        Kind::Scale => "choices choices--chips choices--five",
        Kind::Nps => "choices choices--chips choices--eleven",
        Kind::YesNo | Kind::Text => "choices choices--chips",
    };
    let name = key.clone();
    let look = problem.is_some().then_some("error");
    let chips = choices.into_iter().map(move |(value, shown)| {
        let checked = value == before;
        view! {
            <label class="choice">
                <input type="radio" name=name.clone() value=value checked=checked required=required/>
                <span class="choice__card">{shown}</span>
            </label>
        }
    });
    view! {
        <fieldset class="question question--small" data-look=look>
            <legend class="question__title">{words} {optional} {ends}</legend>
            <Problem key problem/>
            <div class=class>{chips.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

fn marks(lowest: u8, highest: u8) -> Vec<(String, String)> {
    (lowest..=highest).map(|mark| (mark.to_string(), mark.to_string())).collect()
}

fn text(
    key: String,
    words: String,
    optional: Option<impl IntoView + 'static>,
    before: String,
    problem: Option<String>,
    required: bool,
) -> AnyView {
    let id = format!("answer-{key}");
    let wrong = problem.is_some().then_some("true");
    let described = problem.is_some().then(|| format!("answer-{key}-error"));
    let (look, labelled, name) = (problem.is_some().then_some("error"), id.clone(), key.clone());
    view! {
        <div class="field" data-look=look>
            <label class="field__label" for=labelled>{words} {optional}</label>
            <div class="field__box">
                <textarea class="field__input field__input--short" id=id name=name rows="3" maxlength="4000"
                    required=required aria-invalid=wrong aria-describedby=described inner_html=area_text(&before)></textarea>
            </div>
            <Problem key problem/>
        </div>
    }
    .into_any()
}

#[component]
fn Problem(key: String, problem: Option<String>) -> impl IntoView {
    problem.map(|words| {
        view! { <p class="field__error" role="alert" id=format!("answer-{key}-error")>{words}</p> }
    })
}
