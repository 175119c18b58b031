//! The form of the provider: name and look, telephone lines, what mails say.

use desk::DeskError;
use desk::settings::{FileProblem, PROVIDER_ID, Reason, Subject, planned as planned_change, store_logo};
use domain::actor::{Action, Subject as Of, may};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::i18n::Language;
use domain::provider::{Accent, HOTLINES_MAX, SIGNATURE_LINES_MAX};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Input, Width, carried, choice, field, text};
use super::lists::planned;
use super::report::Patch;
use super::{Access, Address, Form, SettingsPosted, Typed, answer, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::inputs::area_text;
use crate::ui::{Notice, Tone};

/// The name of the field with the picture of a new logo.
pub const LOGO_FILE: &str = "logo_file";
/// The name of the box that removes the logo.
const LOGO_REMOVE: &str = "logo_remove";
/// Rows for further telephone lines.
const EMPTY_ROWS: usize = 2;

/// Takes the form of the provider, with the picture of a new logo if one was chosen. The picture is stored at once, so that
/// the preview shows it and the form names it by its hash.
pub async fn post_provider(
    asked: &RequestContext,
    pairs: Vec<(String, String)>,
    picture: Option<Vec<u8>>,
) -> SettingsPosted {
    if let Err(refused) = may(&asked.actor, Action::ChangeSettings, Of::Desk) {
        return SettingsPosted::Failed(DeskError::from(refused).into());
    }
    let mut typed = Typed::of(pairs);
    let is_removed = typed.fields.remove(LOGO_REMOVE).is_some();
    let mut wrong = None;
    match picture {
        Some(bytes) => match store_logo(&asked.desk, &asked.actor, bytes).await {
            Ok(Ok(hash)) => drop(typed.fields.insert("logo".to_owned(), hash.into())),
            Ok(Err(problem)) => {
                let reason = Reason::Provider(problem.into());
                wrong =
                    Some(FileProblem { subject: Subject::Provider, line: 1, key: "logo".to_owned(), reason });
            }
            Err(error) => return SettingsPosted::Failed(error.into()),
        },
        None if is_removed => drop(typed.fields.insert("logo".to_owned(), String::new())),
        None => {}
    }
    answer(asked, Subject::Provider, typed, wrong).await
}

/// The page of the provider: `/desk/admin/provider`.
#[component]
pub fn ProviderPage() -> impl IntoView {
    let language = use_language();
    let address = Address { id: PROVIDER_ID.to_string(), ..Address::of_page() };
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! {
            <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.page.provider_saved")}</p></Notice>
        }
    });
    view! {
        <AdminFrame title="settings.page.provider" section=Section::Provider>
            {saved}
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, from)) => view! { {planned(language, from)} <ProviderForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The provider, and from when a change counts that is planned.
async fn read(address: Address) -> Result<(Form, Option<Instant>), AppError> {
    let asked = staff_context()?;
    let planned = planned_change(&asked.desk, &asked.actor, Subject::Provider).await?;
    Ok((form(&asked, Subject::Provider, address).await?, planned))
}

#[component]
fn ProviderForm(form: Form) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="stack stack--wide settings" method="post" action="/desk/admin/provider"
            enctype="multipart/form-data" novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-look">
                <h2 id="h-look">{t!(language, "settings.page.look")}</h2>
                <div class="pairs">
                    {text(&form, "name", "text", None, Width::Full)}
                    {zone(&form)}
                </div>
                <div class="pairs">{logo(&form)} {accent(&form)}</div>
            </section>
            <section class="card stack" id="hotlines" aria-labelledby="h-hotlines">
                <h2 id="h-hotlines">{t!(language, "settings.field.hotlines")}</h2>
                <p class="note">{t!(language, "settings.page.hotlines_hint")}</p>
                {hotlines(&form)}
            </section>
            <section class="card stack" aria-labelledby="h-link-days">
                <h2 id="h-link-days">{t!(language, "settings.page.links")}</h2>
                <p class="note">{t!(language, "settings.page.links_hint")}</p>
                {text(&form, "link_days", "number", Some("settings.hint.link_days"), Width::Full)}
            </section>
            <section class="card stack" aria-labelledby="h-mails">
                <h2 id="h-mails">{t!(language, "settings.page.mails")}</h2>
                <p class="note">{t!(language, "settings.page.mails_hint")}</p>
                <div class="pairs">
                    {text(&form, "mail.from_name", "text", None, Width::Full)}
                    {text(&form, "mail.reply_to", "email", None, Width::Full)}
                </div>
                {signature(&form)}
            </section>
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// The time zone, by its IANA name; browsers offer those that begin with what is typed.
fn zone(form: &Form) -> AnyView {
    let names = Zone::names().map(|name| view! { <option value=name></option> }).collect_view();
    field(form, "time_zone", Some("settings.hint.time_zone"), Width::Full, |input| {
        let Input { id, name, value, is_readonly, invalid, described } = input;
        view! {
            <input class="field__input" id=id name=name type="text" value=value autocomplete="off" list="zones"
                readonly=is_readonly aria-invalid=invalid aria-describedby=described/>
            <datalist id="zones">{names}</datalist>
        }
        .into_any()
    })
}

/// The present logo, and the field for another one. The form carries the hash of the present one.
fn logo(form: &Form) -> AnyView {
    let language = use_language();
    let hash = form.fields.get("logo").cloned().unwrap_or_default();
    let is_changed = form.access == Access::Change;
    let present = if hash.is_empty() {
        view! { <p class="note">{t!(language, "settings.page.logo_none")}</p> }.into_any()
    } else {
        let address = format!("/brand/{hash}.png");
        view! { <img class="plate" src=address alt=t!(language, "settings.page.logo_now")/> }.into_any()
    };
    let remove = (is_changed && !hash.is_empty()).then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name=LOGO_REMOVE value="yes"/>
                <span>{t!(language, "settings.page.logo_remove")}</span>
            </label>
        }
    });
    let chooser = |input: Input| {
        let Input { id, invalid, described, .. } = input;
        let file = is_changed.then(|| {
            view! {
                <input class="files__choose" id=id name=LOGO_FILE type="file" accept="image/png,image/jpeg,image/webp"
                    aria-invalid=invalid aria-describedby=described/>
            }
        });
        view! { <input type="hidden" name="logo" value=hash/> {file} }.into_any()
    };
    let chosen = field(form, "logo", Some("settings.hint.logo"), Width::Full, chooser);
    view! { <div class="stack stack--tight">{chosen} {present} {remove}</div> }.into_any()
}

/// The accent, and how it looks by day and by night.
fn accent(form: &Form) -> AnyView {
    let language = use_language();
    let typed = form.fields.get("accent").cloned().unwrap_or_default();
    let patches = Accent::parse(&typed).ok().map(|accent| {
        let (contrast, _) = accent.worst_by_day();
        let day = t!(language, "settings.page.accent_day", contrast = ratio(language, contrast));
        view! {
            <p class="note"><Patch colour=accent.by_day().to_string()/> " " {day}</p>
            <p class="note">
                <Patch colour=accent.by_night().to_string()/> " " {t!(language, "settings.page.accent_night")}
            </p>
        }
    });
    let field = text(form, "accent", "text", Some("settings.hint.accent"), Width::Full);
    view! { <div class="stack stack--tight">{field} {patches}</div> }.into_any()
}

/// A contrast as people write it, such as `8,21:1`.
fn ratio(language: Language, contrast: f64) -> String {
    let text = format!("{:.2}:1", (contrast * 100.0).floor() / 100.0);
    if language == Language::En { text } else { text.replace('.', ",") }
}

/// A row for each telephone line, and some for further ones.
fn hotlines(form: &Form) -> AnyView {
    let language = use_language();
    let place = |key: &String| key.strip_prefix("hotlines.")?.split('.').next()?.parse::<usize>().ok();
    let filled = form.fields.keys().filter_map(place).max().map_or(0, |last| last + 1);
    let count = if form.access == Access::Change { filled + EMPTY_ROWS } else { filled };
    let rows: Vec<_> = (0..count.min(HOTLINES_MAX + EMPTY_ROWS)).map(|row| hotline(form, row)).collect();
    let heads = ["country", "words", "digits"].map(|part| {
        view! { <th scope="col">{t!(language, &format!("settings.field.hotline_{part}"))}</th> }
    });
    let problem = form.reply.as_ref().and_then(|reply| reply.problem_of_list("hotlines", language));
    view! {
        <table class="table grid">
            <caption class="sr">{t!(language, "settings.field.hotlines")}</caption>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {problem.map(|words| view! { <p class="field__error">{words}</p> })}
    }
    .into_any()
}

fn hotline(form: &Form, row: usize) -> AnyView {
    let language = use_language();
    let key = |part: &str| format!("hotlines.{row}.{part}");
    let country = key("country");
    let chosen = form.fields.get(&country).cloned().unwrap_or_default();
    let none = (String::new(), "–".to_owned());
    let countries = Country::ALL
        .map(|country| (country.code().to_owned(), t!(language, country.name_key()).into_owned()));
    let options = std::iter::once(none).chain(countries).collect();
    let name = (format!("hotlines-{row}-country"), super::labels::label(language, &country));
    view! {
        <tr>
            <td>{choice(form, &country, name, &chosen, options, Width::Cell)}</td>
            <td>{text(form, &key("words"), "text", None, Width::Cell)}</td>
            <td>{text(form, &key("digits"), "text", None, Width::Cell)}</td>
        </tr>
    }
    .into_any()
}

/// The signature over several lines.
fn signature(form: &Form) -> AnyView {
    field(form, "mail.signature", Some("settings.hint.signature"), Width::Full, |input| {
        let Input { id, name, value, is_readonly, invalid, described } = input;
        view! {
            <textarea class="field__input" id=id name=name rows=SIGNATURE_LINES_MAX.to_string()
                readonly=is_readonly aria-invalid=invalid aria-describedby=described inner_html=area_text(&value)></textarea>
        }
        .into_any()
    })
}
