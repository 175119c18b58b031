//! Questionnaires of surveys: the list, and the form of one with its questions.

use desk::settings::{self, QuestionnaireSummary, Subject};
use domain::i18n::Language;
use domain::survey::QUESTIONS_MAX;
use domain::t;
use leptos::prelude::*;

use super::fields::{Width, carried, choice, text};
use super::labels::label;
use super::lists::{Saved, new, planned};
use super::rows::{PLACE, count, place};
use super::{Access, Address, Form, NEW, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;

/// Rows for further questions.
const EMPTY_ROWS: usize = 2;

/// The list of questionnaires: `/desk/admin/questionnaires`.
#[component]
pub fn QuestionnairesPage() -> impl IntoView {
    view! {
        <AdminFrame title="settings.page.questionnaires" section=Section::Questionnaires>
            <Saved/>
            {Suspend::new(async move {
                match read_all().await {
                    Ok((all, access)) => view! { <Questionnaires all access/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read_all() -> Result<(Vec<QuestionnaireSummary>, Access), AppError> {
    let asked = staff_context()?;
    Ok((settings::questionnaires(&asked.desk, &asked.actor).await?, Access::of(&asked.actor)))
}

#[component]
fn Questionnaires(all: Vec<QuestionnaireSummary>, access: Access) -> impl IntoView {
    let language = use_language();
    let caption = t!(language, "settings.page.questionnaires").into_owned();
    let is_empty = all.is_empty();
    let rows = all.into_iter().map(|one| row(language, one)).collect_view();
    let [name, questions, plans] = ["settings.field.name", "settings.field.questions", "settings.page.plans"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    view! {
        {new(language, access, "/desk/admin/questionnaires/new", "settings.page.new_questionnaire")}
        <p class="note">{t!(language, "settings.page.questionnaires_hint")}</p>
        {(!is_empty).then(|| view! {
            <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=caption.clone()>
                <table class="table">
                    <caption class="sr">{caption.clone()}</caption>
                    <thead><tr>{name} {questions} {plans}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
    }
    .into_any()
}

fn row(language: Language, one: QuestionnaireSummary) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/questionnaires/{}", one.id)>{one.name}</a>
                " " {planned(language, one.planned)}
            </th>
            <td data-label=t!(language, "settings.field.questions")>{one.questions}</td>
            <td data-label=t!(language, "settings.page.plans")>{one.plans.join(", ")}</td>
        </tr>
    }
}

/// The page of a questionnaire: `/desk/admin/questionnaires/{id}`, or `new`, which begins with the standing questions.
#[component]
pub fn QuestionnairePage() -> impl IntoView {
    let address = Address::of_page();
    view! {
        <AdminFrame title="settings.page.questionnaire" section=Section::Questionnaires>
            {Suspend::new(async move {
                match read(address).await {
                    Ok(form) => view! { <QuestionnaireForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read(address: Address) -> Result<Form, AppError> {
    let asked = staff_context()?;
    let mut form = form(&asked, Subject::Questionnaires, address).await?;
    if form.id == NEW && form.reply.is_none() {
        form.fields = settings::standing_questions(&asked.actor)?;
    }
    Ok(form)
}

#[component]
fn QuestionnaireForm(form: Form) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="stack stack--wide settings" method="post" action=format!("/desk/admin/questionnaires/{}", form.id)
            novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-questionnaire">
                <h2 id="h-questionnaire">{t!(language, "settings.page.questionnaire")}</h2>
                <div class="pairs">{text(&form, "name", "text", None, Width::Full)}</div>
            </section>
            <section class="card stack" id="questions" aria-labelledby="h-questions">
                <h2 id="h-questions">{t!(language, "settings.field.questions")}</h2>
                <p class="note">{t!(language, "settings.page.questions_hint")}</p>
                {questions(&form)}
            </section>
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// A row for each question, and some for further ones.
fn questions(form: &Form) -> AnyView {
    let language = use_language();
    let filled = count(form, "questions");
    let all = if form.access == Access::Change { filled + EMPTY_ROWS } else { filled };
    let rows: Vec<_> =
        (0..all.min(QUESTIONS_MAX + EMPTY_ROWS)).map(|row| question(form, row, filled)).collect();
    let word = |part: &str| t!(language, &format!("settings.field.row_{part}")).into_owned();
    let heads = [PLACE, "key", "kind", "need"].map(word).into_iter();
    let heads = heads.chain(Language::ALL.map(|of| of.own_name().to_owned()));
    let heads = heads.map(|words| view! { <th scope="col">{words}</th> }).collect_view();
    let problem = form.reply.as_ref().and_then(|reply| reply.problem_of_list("questions", language));
    view! {
        <table class="table grid grid--rows">
            <caption class="sr">{t!(language, "settings.field.questions")}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {problem.map(|words| view! { <p class="field__error">{words}</p> })}
    }
    .into_any()
}

fn question(form: &Form, row: usize, filled: usize) -> AnyView {
    let language = use_language();
    let key = |part: &str| format!("questions.{row}.{part}");
    let select = |part: &'static str, codes: &[&str]| {
        let of = key(part);
        let chosen = form.fields.get(&of).cloned().unwrap_or_default();
        let word =
            |code: &&str| ((*code).to_owned(), t!(language, &format!("settings.{part}.{code}")).into_owned());
        let name = (of.replace('.', "-"), label(language, &of));
        choice(form, &of, name, &chosen, codes.iter().map(word).collect(), Width::Cell)
    };
    let number = (row < filled).then_some(row + 1);
    let texts = Language::ALL
        .map(|of| view! { <td>{text(form, &key(of.code()), "text", None, Width::Cell)}</td> })
        .collect_view();
    view! {
        <tr>
            <td>{place(form, &format!("questions.{row}"), number)}</td>
            <td>{text(form, &key("key"), "text", None, Width::Cell)}</td>
            <td>{select("kind", &["scale", "nps", "yes_no", "text"])}</td>
            <td>{select("need", &["required", "optional"])}</td>
            {texts}
        </tr>
    }
    .into_any()
}
