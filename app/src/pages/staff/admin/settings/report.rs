//! What a change would mean, before it is saved; or what is wrong with it.

use desk::settings::{FieldChange, FileProblem, Preview, SettingsReport, Subject};
use domain::calendar::{DurationStyle, duration};
use domain::i18n::Language;
use domain::sla_plan::PlanStatus;
use domain::t;
use leptos::prelude::*;

use super::labels::{label, reason, value, words_of};
use super::retirement::{STATUS, retired, status_key};
use super::{ACTION, Access, EFFECTIVE_FROM, Form, PREVIEWED};
use crate::language::use_language;
use crate::ui::{Icon, Notice, Tone};

/// Above the form: what came back to it.
pub(super) fn reply(form: &Form) -> AnyView {
    let language = use_language();
    let Some(reply) = &form.reply else { return ().into_any() };
    match &reply.outcome {
        Err(words) => {
            let words = words.clone();
            view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }.into_any()
        }
        Ok(report) if !report.problems.is_empty() => problems(language, report),
        Ok(report) if report.changes.is_empty() => {
            view! { <Notice tone=Tone::Calm icon="info"><p>{t!(language, "settings.same")}</p></Notice> }
                .into_any()
        }
        Ok(report) => preview(language, report, reply.previewed),
    }
}

fn problems(language: Language, report: &SettingsReport) -> AnyView {
    let count = report.problems.len();
    let line = |problem: &FileProblem| {
        let field = problem.field();
        let words = reason(language, &field, &problem.reason);
        let (href, label) = (format!("#{}", field.replace('.', "-")), label(language, &field));
        view! { <li><a href=href>{label}</a> ": " {words}</li> }.into_any()
    };
    let lines: Vec<AnyView> = report.problems.iter().map(line).collect();
    view! {
        <Notice tone=Tone::Bad icon="alert">
            <p>{t!(language, "settings.page.wrong", count = count)}</p>
            <ul>{lines}</ul>
        </Notice>
    }
    .into_any()
}

/// The differences, what they would mean for open cases, and the button that saves them.
fn preview(language: Language, report: &SettingsReport, previewed: u64) -> AnyView {
    let change = report.changes.first();
    let fields = change.and_then(|change| change.fields.clone()).unwrap_or_default();
    let is_new = change.is_some_and(|change| change.fields.is_none());
    let supersedes = change.is_some_and(|change| change.supersedes);
    let is_of_cases =
        change.is_some_and(|change| matches!(change.subject, Subject::Calendars | Subject::Plans));
    let is_empty = fields.is_empty();
    let rows = fields.into_iter().map(|field| row(language, field)).collect_view();
    view! {
        <section class="card stack preview" aria-labelledby="h-preview">
            <h2 id="h-preview">{t!(language, "settings.page.preview")}</h2>
            {is_new.then(|| view! { <p>{t!(language, "settings.page.is_new")}</p> })}
            {(!is_empty).then(|| view! {
                <div class="tablewrap">
                    <table class="table">
                        <caption class="sr">{t!(language, "settings.page.differences")}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{t!(language, "settings.page.what")}</th>
                                <th scope="col">{t!(language, "settings.page.before")}</th>
                                <th scope="col">{t!(language, "settings.page.after")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            })}
            {retired(language, &report.retired)}
            {is_of_cases.then(|| figures(language, report.preview))}
            {supersedes.then(|| view! {
                <p class="note"><Icon name="alert"/> " " {t!(language, "settings.supersedes")}</p>
            })}
            <input type="hidden" name=PREVIEWED value=previewed.to_string()/>
            <div class="row">
                <button class="button button--main" type="submit" name=ACTION value="save">
                    {t!(language, "settings.page.save")}
                </button>
            </div>
        </section>
    }
    .into_any()
}

fn row(language: Language, FieldChange { key, from, to }: FieldChange) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{label(language, &key)}</th>
            <td>{shown(language, &key, from)}</td>
            <td><b>{shown(language, &key, to)}</b></td>
        </tr>
    }
}

/// A value of a key as people see it: a logo as its picture, a colour beside a patch of it.
pub(super) fn shown(language: Language, key: &str, of: Option<String>) -> AnyView {
    let plain = of.as_ref().map(|value| value.replace('"', ""));
    let words = value(language, of);
    match (key, plain) {
        (STATUS, Some(code)) => {
            let status = PlanStatus::from_code(&code);
            status.map_or(words, |status| t!(language, status_key(status)).into_owned()).into_any()
        }
        ("logo", Some(hash)) => {
            view! { <img class="plate" src=format!("/brand/{hash}.png") alt=t!(language, "settings.field.logo")/> }
                .into_any()
        }
        ("accent", Some(colour)) => view! { <Patch colour/> " " {words} }.into_any(),
        _ => words.into_any(),
    }
}

/// A patch of a colour. Drawn as a picture, because pages have no styles of their own.
#[component]
pub(super) fn Patch(
    /// The colour, as `#005356`.
    colour: String,
) -> impl IntoView {
    view! {
        <svg class="patch" viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" fill=colour></rect></svg>
    }
}

/// Open cases that a change is about, and what would become of their due times.
fn figures(language: Language, preview: Preview) -> AnyView {
    let Preview { reached, sooner, sooner_most_s, later, later_most_s, breached } = preview;
    let long = |seconds| duration(language, seconds, DurationStyle::Words);
    let most = |count: usize, seconds: i64| {
        (count > 0).then(|| t!(language, "settings.page.at_most", length = long(seconds)))
    };
    let figure = |state: &'static str, key: &'static str, count: usize, note: Option<String>| {
        view! {
            <div class="figure" data-state=(count > 0).then_some(state)>
                <dt>{t!(language, key)}</dt>
                <dd><b>{count}</b> {note.map(|note| view! { <span class="quiet">" " {note}</span> })}</dd>
            </div>
        }
    };
    view! {
        <dl class="figures">
            {figure("", "settings.page.reached", reached, None)}
            {figure("risk", "settings.page.sooner", sooner, most(sooner, sooner_most_s))}
            {figure("met", "settings.page.later", later, most(later, later_most_s))}
            {figure("breached", "settings.page.breached", breached, None)}
        </dl>
        <p class="note">{t!(language, "settings.page.keep")}</p>
    }
    .into_any()
}

/// Below the form: from when a change counts, and the button that shows what it would mean.
pub(super) fn send(form: &Form) -> AnyView {
    let language = use_language();
    if form.access == Access::Read {
        return view! { <p class="note">{t!(language, "settings.page.read_only")}</p> }.into_any();
    }
    let hint = words_of(form.subject).effective_hint;
    let day = form.reply.as_ref().map(|reply| reply.effective_from.clone()).unwrap_or_default();
    view! {
        <div class="card stack">
            <div class="field">
                <label class="field__label" for=EFFECTIVE_FROM>{t!(language, "settings.page.effective_from")}</label>
                <div class="field__box field__box--short">
                    <input class="field__input" id=EFFECTIVE_FROM name=EFFECTIVE_FROM type="date" value=day
                        aria-describedby="effective-hint"/>
                </div>
                <p class="field__hint" id="effective-hint">{t!(language, hint)}</p>
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACTION value="preview">
                    {t!(language, "settings.page.show")}
                </button>
            </div>
        </div>
    }
    .into_any()
}
