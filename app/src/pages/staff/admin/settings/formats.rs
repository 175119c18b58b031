//! The form of the number formats: what contracts are numbered like, and a value to try them on before they are saved.

use desk::settings::{self, CONTRACT_FORMATS_MAX, FORMATS_ID, Subject};
use domain::check_digits::Scheme;
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, choice, text};
use super::labels::label;
use super::lists::planned;
use super::trial::{self, Words};
use super::{Access, Address, Form, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// Rows for further formats.
const EMPTY_ROWS: usize = 2;

/// What the formats say of a number.
pub(super) fn told(language: Language, tried: Option<settings::Tried>) -> (Tone, String) {
    match tried {
        None => (Tone::Care, t!(language, "settings.page.formats_try_first").into_owned()),
        Some(Err(problem)) => (Tone::Bad, problem.message(language)),
        Some(Ok((number, country))) => {
            let country = country.map_or("settings.page.all_countries", Country::name_key);
            let country = t!(language, country);
            let number = number.as_str();
            (Tone::Good, t!(language, "settings.page.formats_fits", number = number, country = country))
        }
    }
}

/// The page of the number formats: `/desk/admin/formats`.
#[component]
pub fn FormatsPage() -> impl IntoView {
    let language = use_language();
    let address = Address { id: FORMATS_ID.to_string(), ..Address::of_page() };
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! {
            <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.page.formats_saved")}</p></Notice>
        }
    });
    view! {
        <AdminFrame title="settings.page.formats" section=Section::Formats>
            {saved}
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, from)) => view! { {planned(language, from)} <FormatsForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The formats, and from when a change counts that is planned.
async fn read(address: Address) -> Result<(Form, Option<Instant>), AppError> {
    let asked = staff_context()?;
    let planned = settings::planned(&asked.desk, &asked.actor, Subject::Formats).await?;
    Ok((form(&asked, Subject::Formats, address).await?, planned))
}

#[component]
fn FormatsForm(form: Form) -> impl IntoView {
    let language = use_language();
    let prefix =
        |country: Country| text(&form, &format!("cases.{}", country.code()), "text", None, Width::Full);
    let prefixes = Country::ALL.map(prefix);
    let words = Words { title: "settings.page.formats_try", hint: "settings.page.formats_try_hint" };
    view! {
        <form class="stack stack--wide settings" method="post" action="/desk/admin/formats" novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" id="contracts" aria-labelledby="h-contracts">
                <h2 id="h-contracts">{t!(language, "settings.page.formats_contracts")}</h2>
                <p class="note">{t!(language, "settings.page.formats_hint")}</p>
                {contracts(&form)}
            </section>
            <section class="card stack" aria-labelledby="h-cases">
                <h2 id="h-cases">{t!(language, "settings.page.formats_cases")}</h2>
                <p class="note">{t!(language, "settings.page.formats_cases_hint")}</p>
                <div class="pairs">{prefixes.collect_view()}</div>
            </section>
            {report::send(&form)}
            {trial::trial(&form, words)}
        </form>
    }
    .into_any()
}

/// A row for each format, and some for further ones.
fn contracts(form: &Form) -> AnyView {
    let language = use_language();
    let place = |key: &String| key.strip_prefix("contracts.")?.split('.').next()?.parse::<usize>().ok();
    let filled = form.fields.keys().filter_map(place).max().map_or(0, |last| last + 1);
    let count = if form.access == Access::Change { filled + EMPTY_ROWS } else { filled };
    let rows: Vec<_> =
        (0..count.min(CONTRACT_FORMATS_MAX + EMPTY_ROWS)).map(|row| contract(form, row)).collect();
    let heads = ["country", "mask", "check"].map(|part| {
        view! { <th scope="col">{t!(language, &format!("settings.field.format_{part}"))}</th> }
    });
    let problem = form.reply.as_ref().and_then(|reply| reply.problem_of_list("contracts", language));
    view! {
        <table class="table grid">
            <caption class="sr">{t!(language, "settings.page.formats_contracts")}</caption>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {problem.map(|words| view! { <p class="field__error">{words}</p> })}
    }
    .into_any()
}

fn contract(form: &Form, row: usize) -> AnyView {
    let language = use_language();
    let key = |part: &str| format!("contracts.{row}.{part}");
    let select = |part: &str, none: &'static str, options: Vec<(String, String)>| {
        let key = key(part);
        let chosen = form.fields.get(&key).cloned().unwrap_or_default();
        let none = (String::new(), t!(language, none).into_owned());
        let name = (key.replace('.', "-"), label(language, &key));
        choice(form, &key, name, &chosen, std::iter::once(none).chain(options).collect(), Width::Cell)
    };
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let checks = Scheme::ALL.map(|(name, _)| (name.to_owned(), name.to_owned()));
    view! {
        <tr>
            <td>{select("country", "settings.page.all_countries", countries.to_vec())}</td>
            <td>{text(form, &key("mask"), "text", None, Width::Cell)}</td>
            <td>{select("check", "settings.page.no_check", checks.to_vec())}</td>
        </tr>
    }
    .into_any()
}
