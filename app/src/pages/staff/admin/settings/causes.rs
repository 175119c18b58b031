//! The form of causes of faults: categories, and the causes of each.

use desk::settings::{CAUSES_ID, Subject, planned as planned_change};
use domain::causes::{CATEGORIES_MAX, CAUSES_MAX, CauseState};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, choice, text};
use super::labels::label;
use super::lists::planned;
use super::rows::{PLACE, count, place};
use super::{Access, Address, Form, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// Rows for further causes of a category.
const EMPTY_ROWS: usize = 2;

/// The page of causes: `/desk/admin/causes`.
#[component]
pub fn CausesPage() -> impl IntoView {
    let language = use_language();
    let address = Address { id: CAUSES_ID.to_string(), ..Address::of_page() };
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.page.causes_saved")}</p></Notice> }
    });
    view! {
        <AdminFrame title="settings.page.causes" section=Section::Causes>
            {saved}
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, from)) => view! { {planned(language, from)} <CausesForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The causes, and from when a change counts that is planned.
async fn read(address: Address) -> Result<(Form, Option<Instant>), AppError> {
    let asked = staff_context()?;
    let planned = planned_change(&asked.desk, &asked.actor, Subject::Causes).await?;
    Ok((form(&asked, Subject::Causes, address).await?, planned))
}

#[component]
fn CausesForm(form: Form) -> impl IntoView {
    let language = use_language();
    let categories = Categories::of(&form, language);
    let sections: Vec<_> =
        categories.0.iter().map(|(code, name)| section(&form, &categories, code, name)).collect();
    let strays = categories.strays(&form);
    let strays = (!strays.is_empty()).then(|| {
        let words = t!(language, "settings.page.causes_stray").into_owned();
        causes(&form, &categories, ("stray", words), strays, "")
    });
    view! {
        <form class="stack stack--wide settings" method="post" action="/desk/admin/causes" novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-categories">
                <h2 id="h-categories">{t!(language, "settings.field.categories")}</h2>
                <p class="note">{t!(language, "settings.page.causes_hint")}</p>
                {is_required(&form)}
                {category_rows(&form)}
            </section>
            {sections}
            {strays}
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// Whether a cause must be chosen.
fn is_required(form: &Form) -> AnyView {
    let language = use_language();
    let chosen = form.fields.get("choice").cloned().unwrap_or_default();
    let option =
        |code: &str| (code.to_owned(), t!(language, &format!("settings.page.choice_{code}")).into_owned());
    let options = ["optional", "required"].map(option).to_vec();
    choice(form, "choice", ("choice".to_owned(), label(language, "choice")), &chosen, options, Width::Full)
}

/// The categories of a form, as code and name, in order.
struct Categories(Vec<(String, String)>);

impl Categories {
    fn of(form: &Form, language: Language) -> Self {
        let value = |row: usize, part: &str| form.fields.get(&format!("categories.{row}.{part}")).cloned();
        let rows = (0..count(form, "categories").min(CATEGORIES_MAX + 1)).filter_map(|row| {
            let code = value(row, "code").filter(|code| !code.is_empty())?;
            let name = value(row, language.code()).filter(|name| !name.is_empty());
            Some((code.clone(), name.unwrap_or(code)))
        });
        Self(rows.collect())
    }

    /// The rows of causes whose category is not there.
    fn strays(&self, form: &Form) -> Vec<usize> {
        let is_known = |of: &str| self.0.iter().any(|(code, _)| code == of);
        cause_rows(form).filter(|row| !is_known(&category_of(form, *row))).collect()
    }
}

fn cause_rows(form: &Form) -> std::ops::Range<usize> {
    0..count(form, "causes").min(CAUSES_MAX + 1)
}

fn category_of(form: &Form, row: usize) -> String {
    form.fields.get(&format!("causes.{row}.category")).cloned().unwrap_or_default()
}

/// A row for each category, and one for a further one.
fn category_rows(form: &Form) -> AnyView {
    let filled = count(form, "categories");
    let all = if form.access == Access::Change { filled + 1 } else { filled };
    let lines = (0..all.min(CATEGORIES_MAX + 1)).map(|row| {
        let number = (row < filled).then_some(row + 1);
        view! { <tr>{cells(form, &format!("categories.{row}"), number)}</tr> }
    });
    let caption = t!(use_language(), "settings.field.categories").into_owned();
    table(form, "categories", caption, Vec::new(), lines.collect_view().into_any())
}

/// The causes of a category.
fn section(form: &Form, categories: &Categories, code: &str, name: &str) -> AnyView {
    let mut own: Vec<usize> = cause_rows(form).filter(|row| category_of(form, *row) == code).collect();
    if form.access == Access::Change {
        // Rows that are empty have places of their own, behind all others.
        let at = categories.0.iter().position(|(other, _)| other == code).unwrap_or_default();
        let first = count(form, "causes") + at * EMPTY_ROWS;
        own.extend(first..first + EMPTY_ROWS);
    }
    causes(form, categories, (code, name.to_owned()), own, code)
}

fn causes(
    form: &Form,
    categories: &Categories,
    (id, name): (&str, String),
    own: Vec<usize>,
    code: &str,
) -> AnyView {
    let language = use_language();
    let filled = count(form, "causes");
    let lines = own.into_iter().enumerate().map(|(at, row)| {
        let key = format!("causes.{row}.category");
        let chosen = if row < filled { category_of(form, row) } else { code.to_owned() };
        let name = (key.replace('.', "-"), label(language, &key));
        let category = choice(form, &key, name, &chosen, categories.0.clone(), Width::Cell);
        let number = (row < filled).then_some(at + 1);
        view! { <tr>{cells(form, &format!("causes.{row}"), number)} <td>{category}</td></tr> }
    });
    let heading = format!("h-causes-{id}");
    let lines = lines.collect_view().into_any();
    view! {
        <section class="card stack" aria-labelledby=heading>
            <h2 id=heading.clone()>{name.clone()}</h2>
            {table(form, "causes", name, vec!["category"], lines)}
        </section>
    }
    .into_any()
}

/// The cells that categories and causes have both: place, code, names and state.
pub(super) fn cells(form: &Form, row: &str, number: Option<usize>) -> AnyView {
    let language = use_language();
    let key = |part: &str| format!("{row}.{part}");
    let chosen = form.fields.get(&key("state")).cloned().unwrap_or_default();
    let states =
        CauseState::ALL.map(|state| (state.code().to_owned(), t!(language, state.name_key()).into_owned()));
    let name = (key("state").replace('.', "-"), label(language, &key("state")));
    let names = Language::ALL
        .map(|of| view! { <td>{text(form, &key(of.code()), "text", None, Width::Cell)}</td> })
        .collect_view();
    view! {
        <td>{place(form, row, number)}</td>
        <td>{text(form, &key("code"), "text", None, Width::Cell)}</td>
        {names}
        <td>{choice(form, &key("state"), name, &chosen, states.to_vec(), Width::Cell)}</td>
    }
    .into_any()
}

/// A table of rows, with what is wrong with the list as a whole.
pub(super) fn table(
    form: &Form,
    list: &str,
    caption: String,
    further: Vec<&'static str>,
    lines: AnyView,
) -> AnyView {
    let language = use_language();
    let word = |part: &str| t!(language, &format!("settings.field.row_{part}")).into_owned();
    let names = Language::ALL.map(|of| of.own_name().to_owned());
    let heads = [vec![word(PLACE), word("code")], names.to_vec(), vec![word("state")]].concat();
    let heads = heads.into_iter().chain(further.into_iter().map(word));
    let heads = heads.map(|words| view! { <th scope="col">{words}</th> }).collect_view();
    let problem = form.reply.as_ref().and_then(|reply| reply.problem_of_list(list, language));
    view! {
        <table class="table grid grid--rows">
            <caption class="sr">{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{lines}</tbody>
        </table>
        {problem.map(|words| view! { <p class="field__error">{words}</p> })}
    }
    .into_any()
}
