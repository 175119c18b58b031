//! The alerts of a monitoring system: the contact of their cases, how severe they are, and which equipment their hosts are.
//! Below it stands what became of each.

use desk::monitoring::{
    AlertSettings, AlertSettingsError, AlertView, alert_settings, change_alert_settings, list_alerts,
};
use domain::actor::IntegrationId;
use domain::calendar::zone::Zone;
use domain::case::Author;
use domain::i18n::Language;
use domain::monitoring::{
    AlertContact, ContactProblem, HostSerials, LineProblem, SeverityTable, TABLE_CHARS_MAX,
};
use domain::page::{Page, Paging};
use domain::t;
use domain::text::legible;
use domain::time::{Instant, Span};
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::super::choices::SelectField;
use super::super::{AdminFrame, Section};
use super::ADDRESS;
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::inputs::area_text;
use crate::ui::{FieldKind, Icon, Notice, Pager, TextField, Tone, relative_time};

/// The names of the fields.
const NAME: &str = "contact_name";
const PHONE: &str = "contact_phone";
const MAIL: &str = "contact_mail";
const LANGUAGE: &str = "language";
const SEVERITIES: &str = "severities";
const HOSTS: &str = "hosts";
/// The field with the number of changes that the form has seen.
const REVISION: &str = "revision";

/// Sets the contact and the tables of an integration.
pub async fn post_alert_settings(asked: &RequestContext, id: &str, mut typed: Typed) -> Posted {
    let Ok(id) = id.parse().map(IntegrationId) else { return Posted::Failed(AppError::NotFound) };
    let new = match parsed(asked.language, &typed) {
        Ok(new) => new,
        Err(problems) => return Posted::not_taken(typed, &AppError::Wrong(problems), asked.language),
    };
    match change_alert_settings(&asked.desk, &asked.actor, id, new).await {
        Ok(()) => Posted::Done(format!("{ADDRESS}/{}?done=save", id.0)),
        Err(AlertSettingsError::Changed) => {
            typed.remove(REVISION);
            let failure = Some(t!(asked.language, "monitoring.wrong.changed").into_owned());
            Posted::Again(StatusCode::CONFLICT, PostReply { typed, problems: Vec::new(), failure })
        }
        Err(AlertSettingsError::Desk(error)) => Posted::Failed(error.into()),
    }
}

/// What was typed, or every field that is wrong.
fn parsed(language: Language, typed: &Typed) -> Result<AlertSettings, Vec<(String, String)>> {
    // Control characters in a pasted table would be no text to the database.
    let text = |name: &str| typed.get(name).map(|text| legible(text).trim().to_owned()).unwrap_or_default();
    let contact = AlertContact { name: text(NAME), phone: text(PHONE), mail: text(MAIL) };
    let of_contact = contact.problems().into_iter().map(|problem| match problem {
        ContactProblem::Name => (NAME, t!(language, "monitoring.wrong.name").into_owned()),
        ContactProblem::Phone => (PHONE, t!(language, "monitoring.wrong.phone").into_owned()),
        ContactProblem::Mail => (MAIL, t!(language, "monitoring.wrong.mail").into_owned()),
    });
    let mut problems: Vec<(&str, String)> = of_contact.collect();
    let spoken = Language::from_code(&text(LANGUAGE));
    if spoken.is_none() {
        problems.push((LANGUAGE, t!(language, "monitoring.wrong.language").into_owned()));
    }
    let (severities, hosts) = (text(SEVERITIES), text(HOSTS));
    if let Err(problem) = SeverityTable::parse(&severities) {
        problems.push((SEVERITIES, line_words(language, problem)));
    }
    if let Err(problem) = HostSerials::parse(&hosts) {
        problems.push((HOSTS, line_words(language, problem)));
    }
    match spoken {
        Some(language) if problems.is_empty() => {
            // A form without the field saw no change.
            let revision = typed.get(REVISION).and_then(|seen| seen.parse().ok()).unwrap_or_default();
            Ok(AlertSettings { contact, language, severities, hosts, changed: None, revision })
        }
        _ => Err(problems.into_iter().map(|(name, words)| (name.to_owned(), words)).collect()),
    }
}

fn line_words(language: Language, problem: LineProblem) -> String {
    match problem {
        LineProblem::Line(nth) => t!(language, "monitoring.wrong.line", nth = nth),
        LineProblem::TooLong => t!(language, "monitoring.wrong.long", most = TABLE_CHARS_MAX),
    }
}

/// What the page shows.
struct Shown {
    id: IntegrationId,
    settings: AlertSettings,
    alerts: Page<AlertView>,
    zone: Zone,
    now: Instant,
}

impl Shown {
    /// A time as people say it.
    fn local(&self, language: Language, at: Instant) -> String {
        relative_time(language, &self.zone.view(Span::new(at, at.plus(1))), at, self.now)
    }
}

async fn read(id: Option<IntegrationId>, page: u32) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let id = id.ok_or(AppError::NotFound)?;
    let settings = alert_settings(&asked.desk, &asked.actor, id).await?;
    let alerts = list_alerts(&asked.desk, &asked.actor, id, page).await?;
    Ok(Shown { id, settings, alerts, zone: asked.desk.brand().provider.zone, now: asked.desk.now() })
}

/// The page of the alerts of an integration: `/desk/admin/integrations/ID`.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let id = use_params_map().with_untracked(|params| params.get("id")?.parse().ok().map(IntegrationId));
    let query = use_query_map();
    let page = query.with_untracked(|query| query.get("page")?.parse().ok()).unwrap_or(1);
    let is_saved = query.with_untracked(|query| query.get("done")).as_deref() == Some("save");
    view! {
        <AdminFrame title="monitoring.title" section=Section::Integrations>
            {is_saved.then(|| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, "monitoring.saved")}</p></Notice>
            })}
            <p><a href=ADDRESS rel="external">{t!(language, "monitoring.back")}</a></p>
            <p class="note">{t!(language, "monitoring.lead")}</p>
            {Suspend::new(async move {
                match read(id, page).await {
                    Ok(shown) => {
                        let form = form(language, &shown, &reply);
                        let table = table(language, &shown);
                        view! { {form} {table} }.into_any()
                    }
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The values of the form: those that were refused, else those in force.
fn values(shown: &Shown, reply: &PostReply) -> impl Fn(&str) -> String {
    let AlertSettings { contact, language, severities, hosts, .. } = shown.settings.clone();
    let reply = reply.clone();
    move |name: &str| {
        if !reply.typed.is_empty() {
            return reply.text(name);
        }
        match name {
            NAME => contact.name.clone(),
            PHONE => contact.phone.clone(),
            MAIL => contact.mail.clone(),
            LANGUAGE => language.code().to_owned(),
            SEVERITIES => severities.clone(),
            _ => hosts.clone(),
        }
    }
}

fn form(language: Language, shown: &Shown, reply: &PostReply) -> AnyView {
    let value = values(shown, reply);
    // A form that is wrong or comes late still knows what it knew. One that was told of a change knows of it.
    let known = reply.typed.get(REVISION).cloned();
    let revision = known.unwrap_or_else(|| shown.settings.revision.to_string());
    let failure = reply.failure.clone();
    let languages = Language::ALL.map(|of| (of.code().to_owned(), of.own_name().to_owned()));
    let changed = shown.settings.changed.as_ref().map(|(at, by)| {
        let by = match by {
            Author::Staff { name, .. } => format!(" · {name}"),
            _ => String::new(),
        };
        format!("{}: {}{by}", t!(language, "monitoring.changed"), shown.local(language, *at))
    });
    view! {
        <form class="card stack" method="post" action=format!("{ADDRESS}/{}", shown.id.0) aria-labelledby="h-settings"
            novalidate>
            <h2 id="h-settings">{t!(language, "monitoring.settings")}</h2>
            {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            {changed.map(|words| view! { <p class="quiet">{words}</p> })}
            <input type="hidden" name=REVISION value=revision/>
            <div class="pairs">
                <TextField name=NAME kind=FieldKind::Text label=t!(language, "monitoring.contact_name") value=value(NAME)
                    problem=reply.problem(NAME)/>
                <TextField name=PHONE kind=FieldKind::Text label=t!(language, "monitoring.contact_phone")
                    value=value(PHONE) problem=reply.problem(PHONE) hint=t!(language, "monitoring.contact_phone_hint")/>
                <TextField name=MAIL kind=FieldKind::Mail label=t!(language, "monitoring.contact_mail") value=value(MAIL)
                    problem=reply.problem(MAIL)/>
                <SelectField name=LANGUAGE label=t!(language, "monitoring.language") options=languages.into()
                    chosen=value(LANGUAGE) problem=reply.problem(LANGUAGE)/>
            </div>
            {area(
                (SEVERITIES, &value(SEVERITIES), reply.problem(SEVERITIES)),
                (t!(language, "monitoring.severities").into_owned(), t!(language, "monitoring.severities_hint").into_owned()),
            )}
            {area(
                (HOSTS, &value(HOSTS), reply.problem(HOSTS)),
                (t!(language, "monitoring.hosts").into_owned(), t!(language, "monitoring.hosts_hint").into_owned()),
            )}
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "monitoring.save")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// A table of a line for each entry: its name, value and problem, with its label and hint.
fn area(
    (name, value, problem): (&'static str, &str, Option<String>),
    (label, hint): (String, String),
) -> AnyView {
    let is_wrong = problem.is_some();
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described = if is_wrong { format!("{hint_id} {error_id}") } else { hint_id.clone() };
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=name>{label}</label>
            <div class="field__box">
                <textarea class="field__input" id=name name=name rows="10" spellcheck="false"
                    aria-invalid=is_wrong.then_some("true") aria-describedby=described inner_html=area_text(value)></textarea>
            </div>
            <p class="field__hint" id=hint_id>{hint}</p>
            {problem.map(|words| view! { <p class="field__error" role="alert" id=error_id>{words}</p> })}
        </div>
    }
    .into_any()
}

fn table(language: Language, shown: &Shown) -> AnyView {
    let Page { rows, paging } = &shown.alerts;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "monitoring.none")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.iter().map(|alert| row(language, alert, shown)).collect();
    let heads = [
        "monitoring.alert",
        "monitoring.host",
        "monitoring.serial",
        "monitoring.stands",
        "monitoring.case",
        "monitoring.seen",
        "monitoring.times",
    ]
    .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let (id, paging) = (shown.id.0, *paging);
    let Paging { pages, .. } = paging;
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "monitoring.title")>
            <table class="table">
                <caption class="sr">{t!(language, "monitoring.title")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(pages > 1).then(|| view! { <Pager paging to=move |page| format!("{ADDRESS}/{id}?page={page}")/> })}
    }
    .into_any()
}

fn row(language: Language, alert: &AlertView, shown: &Shown) -> AnyView {
    let state = t!(language, alert.state.name_key()).into_owned();
    let (look, icon, words) = match alert.problem {
        Some(problem) => ("warning", "warning", format!("{state} · {}", t!(language, problem.name_key()))),
        None => ("met", "check", state),
    };
    let case = alert.case.map(|number| {
        let page = format!("/desk/cases/{}", number.as_compact());
        view! { <a class="number" href=page rel="external">{number.to_string()}</a> }
    });
    view! {
        <tr>
            <th scope="row">{alert.title.clone()}</th>
            <td data-label=t!(language, "monitoring.host")>{alert.host.clone()}</td>
            <td data-label=t!(language, "monitoring.serial")><span class="number">{alert.serial.clone()}</span></td>
            <td data-label=t!(language, "monitoring.stands")>
                <span class="state" data-state=look><Icon name=icon/> " " {words}</span>
            </td>
            <td data-label=t!(language, "monitoring.case")>{case}</td>
            <td data-label=t!(language, "monitoring.seen")>{shown.local(language, alert.seen_at)}</td>
            <td data-label=t!(language, "monitoring.times")>{alert.times}</td>
        </tr>
    }
    .into_any()
}
