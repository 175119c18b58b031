//! The form of the formats of serials: the provider's own, the standing ones that do not count, and a serial to try them on.

use desk::settings::{self, SERIAL_FORMATS_ID, Subject, TriedSerial};
use domain::check_digits::Scheme;
use domain::i18n::Language;
use domain::priority::Platform;
use domain::serial::{MONTHS, SERIAL_FORMATS_MAX, SerialFormat, SerialProblem, standing_formats};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, choice, text};
use super::labels::label;
use super::lists::planned;
use super::trial::{self, Words};
use super::{Access, Address, Form, form, report, rows};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// Rows for further formats.
const EMPTY_ROWS: usize = 1;

/// What the formats say of a serial.
pub(super) fn told(
    language: Language,
    tried: Option<Result<TriedSerial, SerialProblem>>,
) -> Vec<(Tone, String)> {
    let TriedSerial { recognition, reasons } = match tried {
        None => return vec![(Tone::Care, t!(language, "settings.page.formats_try_first").into_owned())],
        Some(Err(problem)) => return vec![(Tone::Bad, problem.message(language))],
        Some(Ok(tried)) => tried,
    };
    let fits = recognition.matches.iter().map(|decoded| {
        let mut parts = vec![decoded.summary(language)];
        // Customers are not told what plants and markets are called; who sets the format is.
        parts.extend(decoded.fields.iter().map(|(key, value)| format!("{}: {value}", key.label(language))));
        let words = parts.join(" · ");
        (Tone::Good, t!(language, "settings.page.serials_fits", format = decoded.format, words = words))
    });
    let offers = recognition
        .suggestion
        .iter()
        .flatten()
        .map(|offer| (Tone::Care, t!(language, "settings.page.serials_look_alike", serial = offer)));
    let reasons = reasons
        .into_iter()
        .map(|(maker, reason)| (Tone::Care, format!("{maker}: {}", reason.message(language))));
    let unknown = recognition
        .flagged_unknown
        .then(|| (Tone::Bad, t!(language, "settings.page.serials_unknown").into_owned()));
    fits.chain(unknown).chain(offers).chain(reasons).collect()
}

/// The page of the formats of serials: `/desk/admin/serial-formats`.
#[component]
pub fn SerialFormatsPage() -> impl IntoView {
    let language = use_language();
    let address = Address { id: SERIAL_FORMATS_ID.to_string(), ..Address::of_page() };
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! {
            <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.page.serials_saved")}</p></Notice>
        }
    });
    view! {
        <AdminFrame title="settings.page.serials" section=Section::SerialFormats>
            {saved}
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, from)) => view! { {planned(language, from)} <SerialFormatsForm form/> }.into_any(),
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
    let planned = settings::planned(&asked.desk, &asked.actor, Subject::SerialFormats).await?;
    Ok((form(&asked, Subject::SerialFormats, address).await?, planned))
}

#[component]
fn SerialFormatsForm(form: Form) -> impl IntoView {
    let language = use_language();
    let filled = rows::count(&form, "formats");
    let count = if form.access == Access::Change { filled + EMPTY_ROWS } else { filled };
    let own: Vec<_> = (0..count.min(SERIAL_FORMATS_MAX + EMPTY_ROWS)).map(|row| own(&form, row)).collect();
    let problem = form.reply.as_ref().and_then(|reply| reply.problem_of_list("formats", language));
    let words = Words { title: "settings.page.serials_try", hint: "settings.page.formats_try_hint" };
    view! {
        <form class="stack stack--wide settings" method="post" action="/desk/admin/serial-formats" novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" id="formats" aria-labelledby="h-own">
                <h2 id="h-own">{t!(language, "settings.page.serials_own")}</h2>
                <p class="note">{t!(language, "settings.page.serials_hint")}</p>
                <p class="note">{t!(language, "settings.page.serials_parts")}</p>
                {own}
                {problem.map(|words| view! { <p class="field__error">{words}</p> })}
            </section>
            {standing(&form)}
            {report::send(&form)}
            {trial::trial(&form, words)}
        </form>
    }
    .into_any()
}

/// The fields of one format.
fn own(form: &Form, row: usize) -> AnyView {
    let language = use_language();
    let key = |part: &str| format!("formats.{row}.{part}");
    let line = |part: &str| text(form, &key(part), "text", None, Width::Full);
    let select = |part: &str, none: &'static str, options: Vec<(String, String)>| {
        let key = key(part);
        let chosen = form.fields.get(&key).cloned().unwrap_or_default();
        let none = (String::new(), t!(language, none).into_owned());
        let name = (key.replace('.', "-"), label(language, &key));
        choice(form, &key, name, &chosen, std::iter::once(none).chain(options).collect(), Width::Full)
    };
    let same = |name: &str| (name.to_owned(), name.to_owned());
    let checks = Scheme::ALL.map(|(name, _)| same(name));
    let platforms = Platform::ALL.map(|of| (of.code().to_owned(), t!(language, of.name_key()).into_owned()));
    view! {
        <fieldset class="stack stack--tight">
            <legend>{t!(language, "settings.field.format", row = row + 1)}</legend>
            <div class="pairs">{line("code")} {line("manufacturer")}</div>
            {line("mask")}
            <div class="pairs">
                {select("check", "settings.page.no_check", checks.to_vec())}
                {select("platform", "settings.page.serials_no_platform", platforms.to_vec())}
            </div>
            <div class="pairs">
                {text(form, &key("year_from"), "text", Some("settings.hint.year_from"), Width::Full)}
                {select("months", "settings.page.serials_no_months", MONTHS.map(same).to_vec())}
            </div>
        </fieldset>
    }
    .into_any()
}

/// The standing formats, each with a box that takes it out of use.
fn standing(form: &Form) -> AnyView {
    let language = use_language();
    let off = form.fields.get("off").map_or("", String::as_str);
    let off: Vec<&str> = off.split(',').map(str::trim).collect();
    let problem = form.reply.as_ref().and_then(|reply| reply.problem("off", language));
    let is_wrong = problem.is_some();
    let row = |format: &SerialFormat| {
        let code = format.code().to_owned();
        let words =
            t!(language, "settings.page.serials_off", code = code, manufacturer = format.manufacturer());
        let is_checked = off.contains(&format.code());
        view! {
            <tr>
                <td>
                    <label class="check">
                        <input type="checkbox" name="off" value=code.clone() checked=is_checked
                            disabled=form.access == Access::Read/>
                        <span class="sr">{words}</span>
                    </label>
                </td>
                <th scope="row">{format.manufacturer().to_owned()}</th>
                <td>{code}</td>
                <td><code>{format.written().mask.clone()}</code></td>
            </tr>
        }
    };
    let rows: Vec<_> = standing_formats().iter().map(row).collect();
    let heads = ["off", "format_manufacturer", "format_code", "format_mask"]
        .map(|part| view! { <th scope="col">{t!(language, &format!("settings.field.{part}"))}</th> });
    view! {
        <section class="card stack" id="off" data-look=is_wrong.then_some("error") aria-labelledby="h-standing">
            <h2 id="h-standing">{t!(language, "settings.page.serials_standing")}</h2>
            <p class="note">{t!(language, "settings.page.serials_standing_hint")}</p>
            <div class="tablewrap" tabindex="0" role="region" aria-labelledby="h-standing">
                <table class="table">
                    <caption class="sr">{t!(language, "settings.page.serials_standing")}</caption>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {problem.map(|words| view! { <p class="field__error">{words}</p> })}
        </section>
    }
    .into_any()
}
